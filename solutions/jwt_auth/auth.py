"""Kata: an authentication flow with JWTs over HTTP (Flask).

POST /login    {"username", "password"}  -> access token (short-lived) + refresh token (long-lived)
GET  /me       Authorization: Bearer <access token>
GET  /admin    the same, and the user needs the role "admin"
POST /refresh  {"refresh_token"}         -> a NEW pair; the old refresh token is spent
POST /logout   {"refresh_token"}         -> 204, the session (token family) is over

The app wiring is given, at the end of the file; you write the pieces.
"""

from __future__ import annotations

import functools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from flask import Blueprint, Flask, current_app, g, jsonify, request
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.security import check_password_hash, generate_password_hash


@dataclass
class User:  # given
    id: str
    name: str
    password_hash: str
    roles: tuple[str, ...] = ()


# --- Task 1: passwords --------------------------------------------------------


class UserStore:
    """Users in memory. Only password HASHES are kept."""

    def __init__(self, method: str = "scrypt") -> None:  # given
        self.method = method  # for generate_password_hash; the tests use a fast one
        self.users: dict[str, User] = {}  # by id
        self._dummy_hash = generate_password_hash("dummy", method=method)

    def add(self, name: str, password: str, roles: tuple[str, ...] = ()) -> User:
        """Store and return a new user with a fresh uuid4 id and a salted hash (generate_password_hash)."""
        user = User(str(uuid.uuid4()), name, generate_password_hash(password, method=self.method), roles)
        self.users[user.id] = user
        return user

    def authenticate(self, name: str, password: str) -> User | None:
        """Return the user when name and password are right, else None.

        Call check_password_hash exactly once in EVERY case: for an unknown name check against
        self._dummy_hash, so that the response time does not tell which names exist.
        """
        user = next((user for user in self.users.values() if user.name == name), None)
        right = check_password_hash(user.password_hash if user else self._dummy_hash, password)
        return user if user and right else None


# --- Task 2: tokens -----------------------------------------------------------


class AuthError(Exception):
    """The request is not authenticated. `code` is None when no credentials were sent at all."""

    def __init__(self, code: str | None = None) -> None:
        super().__init__(code)
        self.code = code


REQUIRED = ["sub", "iat", "exp", "jti", "token_use", "family"]


def make_token(kind: str, user_id: str, family: str) -> str:
    """Return an HS256 JWT signed with config JWT_KEY.

    Claims: sub, iat, exp, jti (unique), token_use (= kind, "access" or "refresh") and family
    (the login session). Lifetime: config ACCESS_TTL or REFRESH_TTL seconds.
    """
    now = int(time.time())
    claims = {
        "sub": user_id,
        "iat": now,
        "exp": now + current_app.config[f"{kind.upper()}_TTL"],
        "jti": str(uuid.uuid4()),
        "token_use": kind,
        "family": family,
    }
    return jwt.encode(claims, current_app.config["JWT_KEY"], algorithm="HS256")


def read_token(token: str, kind: str) -> dict[str, Any]:
    """Return the claims of a valid token of that kind; raise AuthError("invalid_token") otherwise.

    An access token is not a refresh token and vice versa (RFC 8725 section 3.12).
    """
    key = current_app.config["JWT_KEY"]
    try:
        claims = jwt.decode(token, key, algorithms=["HS256"], options={"require": REQUIRED})
    except jwt.InvalidTokenError as error:  # not PyJWTError: a key that is none is our bug, and stays a 500
        raise AuthError("invalid_token") from error
    if claims["token_use"] != kind:
        raise AuthError("invalid_token")
    return claims


# --- Task 3: the Authorization header -----------------------------------------


def bearer_token(header: str | None) -> str:
    """Return the token of an `Authorization: Bearer <token>` header value.

    The scheme is case-insensitive (RFC 9110 section 11.1). No header or another scheme raises
    AuthError() without a code; an empty token, or one with spaces in it, AuthError("invalid_request").
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer":
        raise AuthError
    if not token or " " in token:
        raise AuthError("invalid_request")
    return token


def auth_error_response(error: AuthError):
    """Return the response for an AuthError: 401, and JSON {"error": code or "unauthorized"}.

    With the header `WWW-Authenticate: Bearer`, and in it `error="<code>"` only when there is a code
    (RFC 6750 section 3).
    """
    challenge = f'Bearer error="{error.code}"' if error.code else "Bearer"
    return {"error": error.code or "unauthorized"}, 401, {"WWW-Authenticate": challenge}


# --- Task 4: log in -----------------------------------------------------------

bp = Blueprint("auth", __name__)


def json_fields(*names: str) -> list[str]:
    """Return the named string fields of the JSON body; BadRequest (400) when one is missing or not a string.

    A body that is not JSON is Flask's business (415 or 400).
    """
    body = request.get_json()
    fields = [body.get(name) for name in names] if isinstance(body, dict) else [None]
    if not all(isinstance(field, str) for field in fields):
        raise BadRequest(f"The body is a JSON object with text in {' and '.join(names)}.")
    return fields


def token_pair(user_id: str, family: str):
    """Return the 200 response with access_token, refresh_token, token_type "Bearer" and expires_in.

    Tokens must not be stored by caches: `Cache-Control: no-store` (RFC 6749 section 5.1).
    """
    response = jsonify(
        access_token=make_token("access", user_id, family),
        refresh_token=make_token("refresh", user_id, family),
        token_type="Bearer",
        expires_in=current_app.config["ACCESS_TTL"],
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/login")
def login():
    """200 with a token_pair in a NEW family, or AuthError("invalid_grant").

    The same for a wrong password and an unknown name.
    """
    name, password = json_fields("username", "password")
    user = current_app.extensions["users"].authenticate(name, password)
    if user is None:
        raise AuthError("invalid_grant")
    return token_pair(user.id, family=str(uuid.uuid4()))


# --- Task 5: protected endpoints ----------------------------------------------


def login_required(view: Callable) -> Callable:
    """Decorate a view: check the access token of the Authorization header, put the User in g.user.

    A token of a user that no longer exists is AuthError("invalid_token"). Keep the view's name.
    """

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        claims = read_token(bearer_token(request.headers.get("Authorization")), "access")
        g.user = current_app.extensions["users"].users.get(claims["sub"])
        if g.user is None:
            raise AuthError("invalid_token")
        return view(*args, **kwargs)

    return guarded


def role_required(role: str) -> Callable[[Callable], Callable]:
    """Decorator factory: login_required first (401), then Forbidden (403) when g.user lacks the role.

    Ask the user store, not the token: roles may have changed since the token was issued.
    """

    def decorate(view: Callable) -> Callable:
        @login_required
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if role not in g.user.roles:
                raise Forbidden(f"Only for those with the role {role}.")
            return view(*args, **kwargs)

        return guarded

    return decorate


# --- Task 6: refresh with rotation --------------------------------------------


@bp.post("/refresh")
def refresh():
    """Swap a refresh token for a new token_pair of the SAME family; the old token is spent.

    Sessions live in current_app.extensions["sessions"]: `spent` (set of jti) and `ended` (set of
    family). A spent token that comes back has been stolen: end its family, AuthError("invalid_token").
    Tokens of an ended family, and of users that no longer exist, are AuthError("invalid_token") too.
    """
    claims = read_token(*json_fields("refresh_token"), "refresh")
    sessions = current_app.extensions["sessions"]
    if claims["jti"] in sessions.spent:  # the owner and a thief both had it, and nobody knows who came first
        sessions.ended.add(claims["family"])
    if claims["family"] in sessions.ended or claims["sub"] not in current_app.extensions["users"].users:
        raise AuthError("invalid_token")
    sessions.spent.add(claims["jti"])
    return token_pair(claims["sub"], claims["family"])


# --- Task 7: log out ----------------------------------------------------------


@bp.post("/logout")
def logout():
    """End the family of the refresh token: 204 with an empty body. Doing it twice is fine."""
    claims = read_token(*json_fields("refresh_token"), "refresh")
    current_app.extensions["sessions"].ended.add(claims["family"])
    return "", 204


# --- Wiring (given) -----------------------------------------------------------


class Sessions:  # given
    """What the server remembers about refresh tokens."""

    def __init__(self) -> None:
        self.spent: set[str] = set()
        self.ended: set[str] = set()


def create_app(users: UserStore, *, key: str, access_ttl: int = 900, refresh_ttl: int = 86400) -> Flask:  # given
    app = Flask(__name__)
    app.config.update(TESTING=True, JWT_KEY=key, ACCESS_TTL=access_ttl, REFRESH_TTL=refresh_ttl)
    app.extensions["users"] = users
    app.extensions["sessions"] = Sessions()
    app.register_blueprint(bp)
    app.register_error_handler(AuthError, auth_error_response)

    # Guarded when they are asked, and not before: so there is an app while task 5 is not written yet.
    @app.get("/me", endpoint="me")
    def guarded_me():
        return login_required(me)()

    @app.get("/admin", endpoint="admin")
    def guarded_admin():
        return role_required("admin")(me)()

    return app


def me():  # given
    return {"id": g.user.id, "name": g.user.name}

"""Kata: an authentication flow with JWTs over HTTP (Flask).

Another right answer, step by step: loops, early exits, tuples as responses. It is strict where the contract leaves it
open (one blank before the token, all claims required, no logout with a spent token), has a challenge with every 401,
and also asks on each request whether the session has ended: its access tokens do not survive a logout.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import jwt
from flask import Blueprint, Flask, current_app, g, make_response, request
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
        while True:
            user_id = str(uuid.uuid4())
            if user_id not in self.users:
                break
        self.users[user_id] = User(
            id=user_id,
            name=name,
            password_hash=generate_password_hash(password, method=self.method, salt_length=24),
            roles=roles,
        )
        return self.users[user_id]

    def authenticate(self, name: str, password: str) -> User | None:
        """Return the user when name and password are right, else None.

        Call check_password_hash exactly once in EVERY case: for an unknown name check against
        self._dummy_hash, so that the response time does not tell which names exist.
        """
        found = None
        for user in self.users.values():
            if user.name == name:
                found = user
        if found is None:
            check_password_hash(self._dummy_hash, password)
            return None
        if check_password_hash(found.password_hash, password):
            return found
        return None


# --- Task 2: tokens -----------------------------------------------------------


class AuthError(Exception):
    """The request is not authenticated. `code` is None when no credentials were sent at all."""

    def __init__(self, code: str | None = None) -> None:
        self.code = code


def make_token(kind: str, user_id: str, family: str) -> str:
    """Return an HS256 JWT signed with config JWT_KEY.

    Claims: sub, iat, exp, jti (unique), token_use (= kind, "access" or "refresh") and family
    (the login session). Lifetime: config ACCESS_TTL or REFRESH_TTL seconds.
    """
    lifetime = current_app.config["ACCESS_TTL"] if kind == "access" else current_app.config["REFRESH_TTL"]
    now = time.time()
    return jwt.encode(
        {
            "sub": user_id,
            "iat": now,
            "exp": now + lifetime,
            "jti": f"{kind}-{uuid.uuid4()}",
            "token_use": kind,
            "family": family,
        },
        key=current_app.config["JWT_KEY"],
        algorithm="HS256",
        headers={"typ": "at+jwt" if kind == "access" else "JWT"},
    )


def read_token(token: str, kind: str) -> dict[str, Any]:
    """Return the claims of a valid token of that kind; raise AuthError("invalid_token") otherwise.

    An access token is not a refresh token and vice versa (RFC 8725 section 3.12).
    """
    try:
        claims = jwt.decode(
            token,
            key=current_app.config["JWT_KEY"],
            algorithms=("HS256",),
            options={"require": ["sub", "iat", "exp", "jti", "token_use", "family"]},
        )
    except jwt.InvalidTokenError:
        raise AuthError("invalid_token") from None
    if claims["token_use"] == kind:
        return claims
    raise AuthError("invalid_token")


# --- Task 3: the Authorization header -----------------------------------------


def bearer_token(header: str | None) -> str:
    """Return the token of an `Authorization: Bearer <token>` header value.

    The scheme is case-insensitive (RFC 9110 section 11.1). No header or another scheme raises
    AuthError() without a code; an empty token, or one with spaces in it, AuthError("invalid_request").
    """
    if header is None:
        raise AuthError
    words = header.split(" ")
    if words[0].casefold() != "bearer":
        raise AuthError
    if len(words) != 2 or words[1] == "":
        raise AuthError("invalid_request")
    return words[1]


def auth_error_response(error: AuthError):
    """Return the response for an AuthError: 401, and JSON {"error": code or "unauthorized"}.

    With the header `WWW-Authenticate: Bearer`, and in it `error="<code>"` only when there is a code
    (RFC 6750 section 3).
    """
    if error.code is None:
        return {"error": "unauthorized"}, 401, [("WWW-Authenticate", "Bearer")]
    return {"error": error.code}, 401, [("WWW-Authenticate", f'Bearer realm="users", error="{error.code}"')]


# --- Task 4: log in -----------------------------------------------------------

bp = Blueprint("auth", __name__)


def json_fields(*names: str) -> list[str]:
    """Return the named string fields of the JSON body; BadRequest (400) when one is missing or not a string.

    A body that is not JSON is Flask's business (415 or 400).
    """
    body = request.get_json()
    if type(body) is not dict:
        raise BadRequest
    fields = []
    for name in names:
        if name not in body or type(body[name]) is not str:
            raise BadRequest
        fields.append(body[name])
    return fields


def token_pair(user_id: str, family: str):
    """Return the 200 response with access_token, refresh_token, token_type "Bearer" and expires_in.

    Tokens must not be stored by caches: `Cache-Control: no-store` (RFC 6749 section 5.1).
    """
    access, refresh = (make_token(kind, user_id, family) for kind in ("access", "refresh"))
    body = {
        "access_token": access,
        "refresh_token": refresh,
        "token_type": "Bearer",
        "expires_in": current_app.config["ACCESS_TTL"],
        "scope": "everything",
    }
    return body, 200, {"Cache-Control": "no-store, private", "Pragma": "no-cache"}


@bp.post("/login")
def login():
    """200 with a token_pair in a NEW family, or AuthError("invalid_grant").

    The same for a wrong password and an unknown name.
    """
    fields = json_fields("username", "password")
    user = current_app.extensions["users"].authenticate(name=fields[0], password=fields[1])
    if user is None:
        raise AuthError("invalid_grant")
    return make_response(token_pair(user.id, f"family-{uuid.uuid4().hex}"))


# --- Task 5: protected endpoints ----------------------------------------------


def login_required(view: Callable) -> Callable:
    """Decorate a view: check the access token of the Authorization header, put the User in g.user.

    A token of a user that no longer exists is AuthError("invalid_token"). Keep the view's name.
    """

    @wraps(view)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        claims = read_token(bearer_token(request.headers.get("Authorization")), "access")
        if claims["family"] in current_app.extensions["sessions"].ended:
            raise AuthError("invalid_token")
        user = current_app.extensions["users"].users.get(claims["sub"])
        if user is None:
            raise AuthError("invalid_token")
        g.user = user
        return view(*args, **kwargs)

    return decorated


def role_required(role: str) -> Callable[[Callable], Callable]:
    """Decorator factory: login_required first (401), then Forbidden (403) when g.user lacks the role.

    Ask the user store, not the token: roles may have changed since the token was issued.
    """

    def decorator(view: Callable) -> Callable:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if role in g.user.roles:
                return view(*args, **kwargs)
            raise Forbidden

        return login_required(checked)

    return decorator


# --- Task 6: refresh with rotation --------------------------------------------


@bp.post("/refresh")
def refresh():
    """Swap a refresh token for a new token_pair of the SAME family; the old token is spent.

    Sessions live in current_app.extensions["sessions"]: `spent` (set of jti) and `ended` (set of
    family). A spent token that comes back has been stolen: end its family, AuthError("invalid_token").
    Tokens of an ended family, and of users that no longer exist, are AuthError("invalid_token") too.
    """
    fields = json_fields("refresh_token")
    claims = read_token(fields[0], "refresh")
    user_id, family, token_id = claims["sub"], claims["family"], claims["jti"]
    sessions = current_app.extensions["sessions"]
    if token_id in sessions.spent:
        sessions.ended.add(family)
        raise AuthError("invalid_token")
    if family in sessions.ended:
        raise AuthError("invalid_token")
    if user_id not in current_app.extensions["users"].users:
        raise AuthError("invalid_token")
    sessions.spent.add(token_id)
    return token_pair(user_id, family)


# --- Task 7: log out ----------------------------------------------------------


@bp.post("/logout")
def logout():
    """End the family of the refresh token: 204 with an empty body. Doing it twice is fine."""
    fields = json_fields("refresh_token")
    claims = read_token(fields[0], "refresh")
    sessions = current_app.extensions["sessions"]
    sessions.ended.add(claims["family"])
    if claims["jti"] in sessions.spent:
        raise AuthError("invalid_token")
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

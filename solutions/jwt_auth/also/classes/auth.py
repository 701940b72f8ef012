"""Kata: an authentication flow with JWTs over HTTP (Flask).

Another right answer: datetimes for times, werkzeug's own parsers for the headers, and responses that are objects. It is
generous where the contract leaves it open: several blanks before the token, a realm in the challenge, 204 for a logout
with whatever. And strict: no user twice, no empty password, no empty field.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
from flask import Blueprint, Flask, Response, abort, current_app, g, json, request
from werkzeug.datastructures import Authorization, WWWAuthenticate
from werkzeug.exceptions import BadRequest
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
        if not password or any(user.name == name for user in self.users.values()):
            raise ValueError("a new name and a password, please")
        user = User(uuid4().hex, name, generate_password_hash(password, self.method), roles=tuple(roles))
        return self.users.setdefault(user.id, user)

    def authenticate(self, name: str, password: str) -> User | None:
        """Return the user when name and password are right, else None.

        Call check_password_hash exactly once in EVERY case: for an unknown name check against
        self._dummy_hash, so that the response time does not tell which names exist.
        """
        by_name = {user.name: user for user in self.users.values()}
        nobody = User("", name, self._dummy_hash)
        user = by_name.get(name, nobody)
        return user if check_password_hash(user.password_hash, password) and user is not nobody else None


# --- Task 2: tokens -----------------------------------------------------------


class AuthError(Exception):
    """The request is not authenticated. `code` is None when no credentials were sent at all."""

    def __init__(self, code: str | None = None) -> None:
        super().__init__(code)
        self.code = code


def make_token(kind: str, user_id: str, family: str) -> str:
    """Return an HS256 JWT signed with config JWT_KEY.

    Claims: sub, iat, exp, jti (unique), token_use (= kind, "access" or "refresh") and family
    (the login session). Lifetime: config ACCESS_TTL or REFRESH_TTL seconds.
    """
    config = current_app.config
    lifetime = {"access": config["ACCESS_TTL"], "refresh": config["REFRESH_TTL"]}[kind]
    now = datetime.now(UTC)
    claims = {"iat": now, "exp": now + timedelta(seconds=lifetime), "jti": uuid4().hex}
    claims |= {"sub": user_id, "family": family, "token_use": kind, "iss": "auth"}
    return jwt.encode(claims, config["JWT_KEY"])


def read_token(token: str, kind: str) -> dict[str, Any]:
    """Return the claims of a valid token of that kind; raise AuthError("invalid_token") otherwise.

    An access token is not a refresh token and vice versa (RFC 8725 section 3.12).
    """
    try:
        options = {"require": ["exp"], "verify_iat": False, "verify_sub": False}
        claims = jwt.decode(token, current_app.config["JWT_KEY"], ["HS256"], options=options)
        if claims.get("token_use") != kind:
            raise jwt.InvalidTokenError(kind)
    except jwt.PyJWTError as error:
        raise AuthError("invalid_token") from error
    else:
        return claims


# --- Task 3: the Authorization header -----------------------------------------


def bearer_token(header: str | None) -> str:
    """Return the token of an `Authorization: Bearer <token>` header value.

    The scheme is case-insensitive (RFC 9110 section 11.1). No header or another scheme raises
    AuthError() without a code; an empty token, or one with spaces in it, AuthError("invalid_request").
    """
    given = Authorization.from_header(header)
    if given is None or given.type != "bearer":
        raise AuthError
    match (given.token or "").split(" "):
        case [token] if token:
            return token
        case _:
            raise AuthError("invalid_request")


def auth_error_response(error: AuthError):
    """Return the response for an AuthError: 401, and JSON {"error": code or "unauthorized"}.

    With the header `WWW-Authenticate: Bearer`, and in it `error="<code>"` only when there is a code
    (RFC 6750 section 3).
    """
    response = Response(json.dumps({"error": error.code or "unauthorized"}), 401, mimetype="application/json")
    if error.code != "invalid_grant":
        challenge = {"realm": "users"} | ({"error": error.code} if error.code else {})
        response.www_authenticate = WWWAuthenticate("bearer", challenge)
    return response


# --- Task 4: log in -----------------------------------------------------------

bp = Blueprint("auth", __name__)


def json_fields(*names: str) -> list[str]:
    """Return the named string fields of the JSON body; BadRequest (400) when one is missing or not a string.

    A body that is not JSON is Flask's business (415 or 400).
    """
    match request.get_json():
        case {} as body if all(isinstance(body.get(name), str) and body[name] for name in names):
            return [body[name] for name in names]
        case _:
            raise BadRequest


def token_pair(user_id: str, family: str):
    """Return the 200 response with access_token, refresh_token, token_type "Bearer" and expires_in.

    Tokens must not be stored by caches: `Cache-Control: no-store` (RFC 6749 section 5.1).
    """
    body = {f"{kind}_token": make_token(kind, user_id, family) for kind in ("access", "refresh")}
    body |= {"token_type": "Bearer", "expires_in": current_app.config["ACCESS_TTL"]}
    response = Response(json.dumps(body), mimetype="application/json")
    response.cache_control.no_store = True
    return response


@bp.post("/login")
def login():
    """200 with a token_pair in a NEW family, or AuthError("invalid_grant").

    The same for a wrong password and an unknown name.
    """
    user = current_app.extensions["users"].authenticate(*json_fields("username", "password"))
    if not user:
        raise AuthError("invalid_grant")
    return token_pair(user.id, uuid4().hex)


# --- Task 5: protected endpoints ----------------------------------------------


def login_required(view: Callable) -> Callable:
    """Decorate a view: check the access token of the Authorization header, put the User in g.user.

    A token of a user that no longer exists is AuthError("invalid_token"). Keep the view's name.
    """

    @functools.wraps(view)
    def wrapper(**arguments: Any) -> Any:
        g.user = _user_of_the_request()
        return view(**arguments)

    return wrapper


def _user_of_the_request() -> User:
    claims = read_token(bearer_token(request.headers.get("Authorization")), "access")
    try:
        return current_app.extensions["users"].users[claims["sub"]]
    except KeyError:
        raise AuthError("invalid_token") from None


def role_required(role: str) -> Callable[[Callable], Callable]:
    """Decorator factory: login_required first (401), then Forbidden (403) when g.user lacks the role.

    Ask the user store, not the token: roles may have changed since the token was issued.
    """

    def decorate(view: Callable) -> Callable:
        @functools.wraps(view)
        def wrapper(**arguments: Any) -> Any:
            g.user = _user_of_the_request()
            return view(**arguments) if role in g.user.roles else abort(403)

        return wrapper

    return decorate


# --- Task 6: refresh with rotation --------------------------------------------


@bp.post("/refresh")
def refresh():
    """Swap a refresh token for a new token_pair of the SAME family; the old token is spent.

    Sessions live in current_app.extensions["sessions"]: `spent` (set of jti) and `ended` (set of
    family). A spent token that comes back has been stolen: end its family, AuthError("invalid_token").
    Tokens of an ended family, and of users that no longer exist, are AuthError("invalid_token") too.
    """
    (token,) = json_fields("refresh_token")
    claims = read_token(token, "refresh")
    sessions = current_app.extensions["sessions"]
    family = claims["family"]
    if claims["sub"] not in current_app.extensions["users"].users or family in sessions.ended:
        raise AuthError("invalid_token")
    if claims["jti"] in sessions.spent:
        sessions.ended |= {family}
        raise AuthError("invalid_token")
    sessions.spent |= {claims["jti"]}
    return token_pair(claims["sub"], family)


# --- Task 7: log out ----------------------------------------------------------


@bp.post("/logout")
def logout():
    """End the family of the refresh token: 204 with an empty body. Doing it twice is fine."""
    (token,) = json_fields("refresh_token")
    try:
        family = read_token(token, "refresh")["family"]
    except AuthError:
        pass  # whoever cannot be recognised has nothing to be logged out of
    else:
        current_app.extensions["sessions"].ended.add(family)
    return Response(status=204)


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

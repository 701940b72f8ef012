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
        raise NotImplementedError

    def authenticate(self, name: str, password: str) -> User | None:
        """Return the user when name and password are right, else None.

        Call check_password_hash exactly once in EVERY case: for an unknown name check against
        self._dummy_hash, so that the response time does not tell which names exist.
        """
        raise NotImplementedError


# --- Task 2: tokens -----------------------------------------------------------


class AuthError(Exception):
    """The request is not authenticated. `code` is None when no credentials were sent at all."""

    def __init__(self, code: str | None = None) -> None:
        raise NotImplementedError


def make_token(kind: str, user_id: str, family: str) -> str:
    """Return an HS256 JWT signed with config JWT_KEY.

    Claims: sub, iat, exp, jti (unique), token_use (= kind, "access" or "refresh") and family
    (the login session). Lifetime: config ACCESS_TTL or REFRESH_TTL seconds.
    """
    raise NotImplementedError


def read_token(token: str, kind: str) -> dict[str, Any]:
    """Return the claims of a valid token of that kind; raise AuthError("invalid_token") otherwise.

    An access token is not a refresh token and vice versa (RFC 8725 section 3.12).
    """
    raise NotImplementedError


# --- Task 3: the Authorization header -----------------------------------------


def bearer_token(header: str | None) -> str:
    """Return the token of an `Authorization: Bearer <token>` header value.

    The scheme is case-insensitive (RFC 9110 section 11.1). No header or another scheme raises
    AuthError() without a code; an empty token, or one with spaces in it, AuthError("invalid_request").
    """
    raise NotImplementedError


def auth_error_response(error: AuthError):
    """Return the response for an AuthError: 401, and JSON {"error": code or "unauthorized"}.

    With the header `WWW-Authenticate: Bearer`, and in it `error="<code>"` only when there is a code
    (RFC 6750 section 3).
    """
    raise NotImplementedError


# --- Task 4: log in -----------------------------------------------------------

bp = Blueprint("auth", __name__)


def json_fields(*names: str) -> list[str]:
    """Return the named string fields of the JSON body; BadRequest (400) when one is missing or not a string.

    A body that is not JSON is Flask's business (415 or 400).
    """
    raise NotImplementedError


def token_pair(user_id: str, family: str):
    """Return the 200 response with access_token, refresh_token, token_type "Bearer" and expires_in.

    Tokens must not be stored by caches: `Cache-Control: no-store` (RFC 6749 section 5.1).
    """
    raise NotImplementedError


@bp.post("/login")
def login():
    """200 with a token_pair in a NEW family, or AuthError("invalid_grant").

    The same for a wrong password and an unknown name.
    """
    raise NotImplementedError


# --- Task 5: protected endpoints ----------------------------------------------


def login_required(view: Callable) -> Callable:
    """Decorate a view: check the access token of the Authorization header, put the User in g.user.

    A token of a user that no longer exists is AuthError("invalid_token"). Keep the view's name.
    """
    raise NotImplementedError


def role_required(role: str) -> Callable[[Callable], Callable]:
    """Decorator factory: login_required first (401), then Forbidden (403) when g.user lacks the role.

    Ask the user store, not the token: roles may have changed since the token was issued.
    """
    raise NotImplementedError


# --- Task 6: refresh with rotation --------------------------------------------


@bp.post("/refresh")
def refresh():
    """Swap a refresh token for a new token_pair of the SAME family; the old token is spent.

    Sessions live in current_app.extensions["sessions"]: `spent` (set of jti) and `ended` (set of
    family). A spent token that comes back has been stolen: end its family, AuthError("invalid_token").
    Tokens of an ended family, and of users that no longer exist, are AuthError("invalid_token") too.
    """
    raise NotImplementedError


# --- Task 7: log out ----------------------------------------------------------


@bp.post("/logout")
def logout():
    """End the family of the refresh token: 204 with an empty body. Doing it twice is fine."""
    raise NotImplementedError


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

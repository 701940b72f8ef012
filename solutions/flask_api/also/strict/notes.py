"""Kata: a small JSON API in Flask, for people who know Express.

Another right answer, which is strict where the contract leaves it open: no limit of 05, no parameter twice, no null
and no empty text among the tags. One handler for all errors, dictionaries as responses, and a middleware that is a
closure.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, current_app, g, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, NotFound

bp = Blueprint("notes", __name__)


class NoteStore:
    """Notes in memory (given): dicts with id, text and tags."""

    def __init__(self) -> None:  # given
        self.notes: dict[int, dict[str, Any]] = {}
        self.last_id = 0

    def add(self, text: str, tags: list[str]) -> dict[str, Any]:  # given
        self.last_id += 1
        self.notes[self.last_id] = {"id": self.last_id, "text": text, "tags": tags}
        return self.notes[self.last_id]


# --- Task 1: the application factory ------------------------------------------


def create_app(config: dict[str, Any] | None = None) -> Flask:
    """Return a NEW Flask app with the blueprint `bp` under /api and its own NoteStore in app.extensions["notes"].

    Its config has PAGE_SIZE 20 and API_KEY "" unless `config` says otherwise.
    """
    app = Flask(__name__, static_folder=None)
    app.config |= {"PAGE_SIZE": 20, "API_KEY": ""} | dict(config or ())
    app.extensions["notes"] = NoteStore()
    app.register_blueprint(bp, url_prefix="/api")
    return app


@bp.get("/health")
def health() -> dict[str, str]:
    """GET /health: {"status": "ok"}. The route is given here; the next ones you write yourself."""
    return {"status": "ok"}


# --- Task 2: read -------------------------------------------------------------


def _once(name: str) -> str | None:
    """Return a query parameter that may be given once."""
    match request.args.getlist(name):
        case []:
            return None
        case [value]:
            return value
        case _:
            raise BadRequest(f"{name} was given more than once")


@bp.route("/notes", methods=["GET"])
def list_notes() -> dict[str, list[Any]]:
    """GET /notes: {"notes": [...]} in order of id.

    ?tag=x keeps the notes with that tag. ?limit=n (1..100) keeps the first n; without it config
    PAGE_SIZE; anything that is not a whole number in the range is 400.
    """
    tag, limit = _once("tag"), _once("limit")
    if limit is None:
        size = current_app.config["PAGE_SIZE"]
    elif limit in map(str, range(1, 101)):
        size = int(limit)
    else:
        raise BadRequest("limit is a number from 1 to 100")
    found = []
    for _, note in sorted(current_app.extensions["notes"].notes.items()):
        if tag is None or tag in note["tags"]:
            found.append(note)
    return {"notes": found[0:size]}


@bp.route("/notes/<int:note_id>", methods=["GET"])
def get_note(note_id: int) -> dict[str, Any]:
    """GET /notes/<int:note_id>: the note, or 404. (/notes/abc does not match the route: 404 too.)"""
    note = current_app.extensions["notes"].notes.get(note_id)
    if note is None:
        raise NotFound
    return note


# --- Task 3: write ------------------------------------------------------------

_FIELDS: dict[str, Callable[[Any], bool]] = {
    "text": lambda text: isinstance(text, str) and text.strip() != "",
    "tags": lambda tags: isinstance(tags, list) and all(isinstance(tag, str) and tag for tag in tags),
}


@bp.route("/notes", methods=["POST"])
def create_note() -> tuple[dict[str, Any], HTTPStatus, dict[str, str]]:
    """POST /notes with {"text": text with more than white space in it, "tags": optional list of text}.

    201, the new note, and its URL in the Location header. 400 for a body that breaks the rules or has
    other fields. What is not JSON is Flask's business: 415 (wrong Content-Type) or 400 (bad syntax).
    """
    body = request.get_json()
    if type(body) is not dict or "text" not in body:
        raise BadRequest("no text")
    for field, value in body.items():
        if field not in _FIELDS or not _FIELDS[field](value):
            raise BadRequest(f"{field!r} is not as it should be")
    note = current_app.extensions["notes"].add(**{"tags": [], **body})
    return note, HTTPStatus.CREATED, {"location": f"{request.path}/{note['id']}"}


@bp.route("/notes/<int:note_id>", methods=["DELETE"])
def delete_note(note_id: int) -> tuple[str, HTTPStatus]:
    """DELETE /notes/<int:note_id>: 204 with an empty body, or 404."""
    try:
        del current_app.extensions["notes"].notes[note_id]
    except KeyError:
        raise NotFound from None
    return "", HTTPStatus.NO_CONTENT


# --- Task 4: errors are JSON too ----------------------------------------------


def json_errors(app: Flask) -> None:
    """Register error handlers on the app: every error is JSON {"error": name, "message": text}, with the right status.

    An HTTPException keeps its status and its headers (a 405 must keep Allow); the message is its
    description. Any other exception is a 500 whose message says nothing about the cause.
    """

    @app.errorhandler(Exception)
    def tell(error: Exception) -> tuple[str, int | None, Headers]:
        shown = error if isinstance(error, HTTPException) else InternalServerError("Sorry.")
        headers = Headers(shown.get_headers())
        headers["Content-Type"] = "application/json; charset=utf-8"
        return json.dumps({"message": shown.description, "error": shown.name}), shown.code, headers


# --- Task 5: around every request ---------------------------------------------


def request_ids(app: Flask) -> None:
    """Give every request an id: g.request_id, and the header X-Request-ID of EVERY response, errors too.

    A client may send X-Request-ID itself (1-64 ASCII letters, digits, "-", "_"): use it. Otherwise, and
    for anything else, a new uuid4 in hex.
    """

    @app.before_request
    def take_or_make() -> None:
        theirs = request.environ.get("HTTP_X_REQUEST_ID", "")
        bare = theirs.replace("-", "x").replace("_", "x")
        usable = bare.isascii() and bare.isalnum() and len(theirs) <= 64
        g.request_id = theirs if usable else uuid4().hex

    @app.after_request
    def show(response: Any) -> Any:
        response.headers.pop("X-Request-ID", None)
        response.headers.add("X-Request-ID", g.request_id)
        return response


# --- Task 6: around some views ------------------------------------------------


def require_api_key(view: Callable) -> Callable:
    """Decorate a view: 401 unless the header X-API-Key equals config API_KEY of the current app.

    Read the config per request. An empty API_KEY means that nobody gets in. Compare in constant time
    (hmac.compare_digest, on bytes). Keep the view's name, arguments and return value.
    """

    @wraps(view)
    def locked(**arguments: Any) -> Any:
        theirs = request.headers.get("X-API-Key", "").encode("latin-1")
        ours = current_app.config.get("API_KEY", "").encode()
        if ours and secrets.compare_digest(theirs, ours):
            return view(**arguments)
        return {"error": "Unauthorized"}, HTTPStatus.UNAUTHORIZED

    return locked


# --- Task 7: below Flask: WSGI ------------------------------------------------


class AddHeader:
    """WSGI middleware: wrap any WSGI app and set one response header (replacing the app's own).

    Usage: app.wsgi_app = AddHeader(app.wsgi_app, "X-Frame-Options", "DENY")
    """

    def __init__(self, app: Callable, name: str, value: str) -> None:
        def call(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *more: Any, **named: Any) -> Callable:
                kept = []
                for key, text in headers:
                    if key.casefold() != name.casefold():
                        kept.append((key, text))
                kept.append((name, value))
                return start_response(status, kept, *more, **named)

            return app(environ, start)

        self.call = call

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        return self.call(environ, start_response)

"""Kata: a small JSON API in Flask, for people who know Express.

Express                              Flask
const app = express()                app = Flask(__name__), made by an application factory
express.Router()                     Blueprint
app.get('/notes/:id', (req, res))    @bp.get("/notes/<int:note_id>") on a function that RETURNS the response
req.params / req.query / req.body    function arguments / request.args / request.get_json()
res.status(201).json(x)              return x, 201
app.use((req, res, next) => ...)     before_request / after_request, a decorator, or WSGI middleware
app.use((err, req, res, next) => ..) @app.errorhandler(...)
supertest(app).get('/')              app.test_client().get("/")
"""

from __future__ import annotations

import functools
import hmac
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Flask, abort, current_app, g, jsonify, request, url_for
from werkzeug.exceptions import HTTPException

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
    raise NotImplementedError


@bp.get("/health")
def health():
    """GET /health: {"status": "ok"}. The route is given here; the next ones you write yourself."""
    raise NotImplementedError


# --- Task 2: read -------------------------------------------------------------
# From here on, each route is yours to write, as above health: @bp.get(...), @bp.post(...), @bp.delete(...)


def list_notes():
    """GET /notes: {"notes": [...]} in order of id.

    ?tag=x keeps the notes with that tag. ?limit=n (1..100) keeps the first n; without it config
    PAGE_SIZE; anything that is not a whole number in the range is 400.
    """
    raise NotImplementedError


def get_note(note_id: int):
    """GET /notes/<int:note_id>: the note, or 404. (/notes/abc does not match the route: 404 too.)"""
    raise NotImplementedError


# --- Task 3: write ------------------------------------------------------------


def create_note():
    """POST /notes with {"text": text with more than white space in it, "tags": optional list of text}.

    201, the new note, and its URL in the Location header. 400 for a body that breaks the rules or has
    other fields. What is not JSON is Flask's business: 415 (wrong Content-Type) or 400 (bad syntax).
    """
    raise NotImplementedError


def delete_note(note_id: int):
    """DELETE /notes/<int:note_id>: 204 with an empty body, or 404."""
    raise NotImplementedError


# --- Task 4: errors are JSON too ----------------------------------------------


def json_errors(app: Flask) -> None:
    """Register error handlers on the app: every error is JSON {"error": name, "message": text}, with the right status.

    An HTTPException keeps its status and its headers (a 405 must keep Allow); the message is its
    description. Any other exception is a 500 whose message says nothing about the cause.
    """
    raise NotImplementedError


# --- Task 5: around every request ---------------------------------------------


def request_ids(app: Flask) -> None:
    """Give every request an id: g.request_id, and the header X-Request-ID of EVERY response, errors too.

    A client may send X-Request-ID itself (1-64 ASCII letters, digits, "-", "_"): use it. Otherwise, and
    for anything else, a new uuid4 in hex.
    """
    raise NotImplementedError


# --- Task 6: around some views ------------------------------------------------


def require_api_key(view: Callable) -> Callable:
    """Decorate a view: 401 unless the header X-API-Key equals config API_KEY of the current app.

    Read the config per request. An empty API_KEY means that nobody gets in. Compare in constant time
    (hmac.compare_digest, on bytes). Keep the view's name, arguments and return value.
    """
    raise NotImplementedError


# --- Task 7: below Flask: WSGI ------------------------------------------------


class AddHeader:
    """WSGI middleware: wrap any WSGI app and set one response header (replacing the app's own).

    Usage: app.wsgi_app = AddHeader(app.wsgi_app, "X-Frame-Options", "DENY")
    """

    def __init__(self, app: Callable, name: str, value: str) -> None:
        raise NotImplementedError

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        raise NotImplementedError

"""Kata: a small JSON API in Flask, for people who know Express.

Another right answer: responses are objects, the factory installs errors and ids by itself, what guards a view is an
object, and a 500 is told from its original exception. It is generous where the contract leaves it open: a limit of 05,
tags that are null or there twice, blanks around a text, an absolute Location, a challenge with the 401.
"""

from __future__ import annotations

import hmac
import string
import uuid
from collections.abc import Callable, Iterable
from functools import partial, update_wrapper
from typing import Any
from wsgiref.headers import Headers

from flask import Blueprint, Flask, Response, abort, current_app, g, jsonify, make_response, request, url_for
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, InternalServerError, Unauthorized

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


class _Defaults:
    PAGE_SIZE = 20
    API_KEY = ""


def create_app(config: dict[str, Any] | None = None) -> Flask:
    """Return a NEW Flask app with the blueprint `bp` under /api and its own NoteStore in app.extensions["notes"].

    Its config has PAGE_SIZE 20 and API_KEY "" unless `config` says otherwise.
    """
    app = Flask("notes")
    app.config.from_object(_Defaults)
    app.config.update(config or {})
    app.extensions = {**app.extensions, "notes": NoteStore()}
    json_errors(app)
    request_ids(app)
    app.register_blueprint(bp, url_prefix="/api")
    return app


@bp.get("/health")
def health() -> Response:
    """GET /health: {"status": "ok"}. The route is given here; the next ones you write yourself."""
    return jsonify(status="ok")


# --- Task 2: read -------------------------------------------------------------


def list_notes() -> Response:
    """GET /notes: {"notes": [...]} in order of id.

    ?tag=x keeps the notes with that tag. ?limit=n (1..100) keeps the first n; without it config
    PAGE_SIZE; anything that is not a whole number in the range is 400.
    """
    size = current_app.config["PAGE_SIZE"]
    if "limit" in request.args:
        size = request.args.get("limit", type=int, default=0)
        if size not in range(1, 101):
            abort(400)
    tags = request.args.getlist("tag")
    store = current_app.extensions["notes"].notes
    notes = (store[key] for key in sorted(store) if set(tags) <= set(store[key]["tags"]))
    return jsonify(notes=[note for note, _ in zip(notes, range(size), strict=False)])


def get_note(note_id: int) -> Response:
    """GET /notes/<int:note_id>: the note, or 404. (/notes/abc does not match the route: 404 too.)"""
    try:
        return jsonify(current_app.extensions["notes"].notes[note_id])
    except KeyError:
        abort(404)


# --- Task 3: write ------------------------------------------------------------


def create_note() -> Response:
    """POST /notes with {"text": text with more than white space in it, "tags": optional list of text}.

    201, the new note, and its URL in the Location header. 400 for a body that breaks the rules or has
    other fields. What is not JSON is Flask's business: 415 (wrong Content-Type) or 400 (bad syntax).
    """
    match request.get_json():
        case {"text": str() as text, "tags": [*tags], **other}:
            pass
        case {"text": str() as text, "tags": None, **other} | {"text": str() as text, **other} if "tags" not in other:
            tags = []
        case _:
            abort(400)
    if other or text.isspace() or not text or any(type(tag) is not str for tag in tags):
        abort(400)
    note = current_app.extensions["notes"].add(text.strip(), list(dict.fromkeys(tags)))
    response = make_response(jsonify(note), 201)
    response.location = url_for(".get_note", note_id=note["id"], _external=True)
    return response


def delete_note(note_id: int) -> Response:
    """DELETE /notes/<int:note_id>: 204 with an empty body, or 404."""
    if current_app.extensions["notes"].notes.pop(note_id, None) is None:
        abort(404)
    return Response(status=204)


bp.add_url_rule("/notes", view_func=list_notes)
bp.add_url_rule("/notes", view_func=create_note, methods=["POST"])
bp.add_url_rule("/notes/<int:note_id>", view_func=get_note)
bp.add_url_rule("/notes/<int:note_id>", view_func=delete_note, methods=["DELETE"])


# --- Task 4: errors are JSON too ----------------------------------------------


def json_errors(app: Flask) -> None:
    """Register error handlers on the app: every error is JSON {"error": name, "message": text}, with the right status.

    An HTTPException keeps its status and its headers (a 405 must keep Allow); the message is its
    description. Any other exception is a 500 whose message says nothing about the cause.
    """

    def as_json(error: HTTPException) -> Response:
        body = jsonify(error=error.name, message=error.description)
        kept = [(name, value) for name, value in error.get_headers() if name.lower() != "content-type"]
        body.headers.extend(kept)
        body.status_code = error.code
        return body

    def crashed(error: InternalServerError) -> Response:
        return as_json(InternalServerError() if error.original_exception else error)

    app.register_error_handler(HTTPException, as_json)
    app.register_error_handler(500, crashed)


# --- Task 5: around every request ---------------------------------------------

_LETTERS = frozenset(string.ascii_letters + string.digits + "-_")


def request_ids(app: Flask) -> None:
    """Give every request an id: g.request_id, and the header X-Request-ID of EVERY response, errors too.

    A client may send X-Request-ID itself (1-64 ASCII letters, digits, "-", "_"): use it. Otherwise, and
    for anything else, a new uuid4 in hex.
    """

    def choose() -> None:
        given = request.headers.get("X-Request-ID")
        fine = given and len(given) < 65 and _LETTERS.issuperset(given)
        g.request_id = given if fine else f"{uuid.uuid4().int:032x}"

    def stamp(response: Response) -> Response:
        response.headers.set("X-Request-ID", g.get("request_id"))
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, choose)
    app.after_request(stamp)


# --- Task 6: around some views ------------------------------------------------


class _Guarded:
    """A view behind a lock: 401 unless the header X-API-Key equals config API_KEY of the current app."""

    def __init__(self, view: Callable) -> None:
        self.view = view
        update_wrapper(self, view)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        key = current_app.config["API_KEY"]
        given = request.headers.get("X-API-Key") or ""
        if not (key and _same(key, given)):
            raise Unauthorized(www_authenticate=WWWAuthenticate("ApiKey", {"realm": "notes"}))
        return self.view(*args, **kwargs)


require_api_key = _Guarded


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(bytes(one, "utf-8"), bytes(other, "utf-8"))


# --- Task 7: below Flask: WSGI ------------------------------------------------


class AddHeader:
    """WSGI middleware: wrap any WSGI app and set one response header (replacing the app's own).

    Usage: app.wsgi_app = AddHeader(app.wsgi_app, "X-Frame-Options", "DENY")
    """

    def __init__(self, app: Callable, name: str, value: str) -> None:
        self._app = app
        self._header = name, value

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        return self._app(environ, partial(self._start, start_response))

    def _start(self, start_response: Callable, status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable:
        changed = Headers(list(headers))
        changed[self._header[0]] = self._header[1]
        return start_response(status, changed.items(), *exc_info)

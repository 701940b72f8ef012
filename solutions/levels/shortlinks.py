"""Kata: unit, integration, end-to-end. A URL shortener in five layers, each to be tested at a level of its own.

    main  ->  make_app  ->  Shortener  ->  LinkStore   (a file)
   (process)   (HTTP)        (rules)  ->  encode, decode   (arithmetic)

Standard library only.
"""

from __future__ import annotations

import argparse
import sqlite3
import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, urlsplit
from wsgiref.simple_server import WSGIServer, make_server

ALPHABET = string.digits + string.ascii_lowercase + string.ascii_uppercase


class Store(Protocol):
    """Where links are kept. This is all that a Shortener knows of it."""

    def add(self, url: str) -> int:
        """Keep a URL and return its id: 1 for the first, and always the same for the same URL."""

    def get(self, link_id: int) -> str | None:
        """Return the URL with this id, or None."""


# --- Task 1: pure functions ---------------------------------------------------


def encode(number: int) -> str:
    """Return the number in base 62; the digits are 0-9 a-z A-Z, in this order.

    Raises ValueError if it is negative.

    >>> encode(61), encode(62)
    ('Z', '10')
    """
    if number < 0:
        raise ValueError(f"{number} is negative and has no code")
    digits = ""
    while True:
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
        if number == 0:
            return digits


def decode(code: str) -> int:
    """Return the number that a code stands for.

    Raises ValueError for '' and for a code with any other character in it.
    """
    if not code:
        raise ValueError("a code has at least one character")
    number = 0
    for digit in code:
        # index raises ValueError for a character that is no digit; find would say -1.
        number = number * len(ALPHABET) + ALPHABET.index(digit)
    return number


# --- Task 2: rules with a fake store ------------------------------------------


class Shortener:
    """The rules: what is shortened, and how a code leads back. Does no I/O itself."""

    def __init__(self, store: Store) -> None:
        """Take the store that is handed in; make and open nothing."""
        self._store = store

    def shorten(self, url: str) -> str:
        """Store the URL and return the code of its id.

        Raises ValueError, and stores nothing, unless it is http or https with a host.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"{url!r} is no web address")
        return encode(self._store.add(url))

    def resolve(self, code: str) -> str | None:
        """Return the URL behind a code; None for one that is unknown or no code at all."""
        try:
            link_id = decode(code)
        except ValueError:
            return None
        return self._store.get(link_id)


# --- Task 3: one contract, two stores -----------------------------------------


class LinkStore:
    """A Store in an SQLite file."""

    def __init__(self, path: str) -> None:
        """Use the file at this path; make it if there is none."""
        self._path = path
        with self._transaction() as database:
            database.execute("CREATE TABLE IF NOT EXISTS link (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE)")

    def add(self, url: str) -> int:
        """Keep a URL and return its id: 1 for the first, and always the same for the same URL."""
        with self._transaction() as database:
            # Two at once may both find nothing; UNIQUE lets one of them in.
            database.execute("INSERT OR IGNORE INTO link (url) VALUES (?)", (url,))
            (link_id,) = database.execute("SELECT id FROM link WHERE url = ?", (url,)).fetchone()
        return link_id

    def get(self, link_id: int) -> str | None:
        """Return the URL with this id, or None."""
        try:
            with self._transaction() as database:
                row = database.execute("SELECT url FROM link WHERE id = ?", (link_id,)).fetchone()
        except OverflowError:  # from 2**63 on there is no id
            return None
        return row[0] if row else None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        # A connection belongs to the thread that opened it, so each call has its own.
        with closing(sqlite3.connect(self._path)) as database, database:
            yield database


# --- Task 4: HTTP without a network -------------------------------------------


def make_app(shortener: Shortener) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """Return the WSGI application: a function of (environ, start_response).

    POST / with a form field url   201, Location: /CODE, body CODE; or 400
    GET /CODE                      302, Location: URL, body "→ URL"; or 404
    anything else                  405
    """

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        def answer(status: HTTPStatus, text: str = "", **headers: str) -> list[bytes]:
            body = text.encode()
            start_response(
                f"{status.value} {status.phrase}",
                [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), *headers.items()],
            )
            return [body]

        match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
            case "POST", "/":
                try:
                    code = shortener.shorten(_form(environ).get("url", ""))
                except ValueError as error:
                    return answer(HTTPStatus.BAD_REQUEST, str(error))
                return answer(HTTPStatus.CREATED, code, Location=f"/{code}")
            case "GET", path:
                url = shortener.resolve(path.removeprefix("/"))
                if url is None:
                    return answer(HTTPStatus.NOT_FOUND)
                # A header is ASCII; what is not goes percent-encoded, as browsers do it.
                return answer(HTTPStatus.FOUND, f"\u2192 {url}", Location=quote(url, safe=string.punctuation))
            case _:
                return answer(HTTPStatus.METHOD_NOT_ALLOWED)

    return app


def _form(environ: dict[str, Any]) -> dict[str, str]:
    # The input is the connection, which does not end where the request does.
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return dict(parse_qsl(environ["wsgi.input"].read(length).decode()))


# --- Task 5: a real process ---------------------------------------------------


class Server(ThreadingMixIn, WSGIServer):
    """A server with a thread for each request; none of them keeps the process alive."""

    daemon_threads = True


def main(argv: Sequence[str] | None = None) -> None:
    """Serve on 127.0.0.1 until terminated: --db PATH (required), --port N (0: any free one).

    The first line of standard output is the port it listens on. Each request has a thread of its own.
    """
    parser = argparse.ArgumentParser(description="Make long links short.")
    parser.add_argument("--db", required=True, metavar="PATH", help="the SQLite file with the links")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="where to listen; 0 is any free port")
    options = parser.parse_args(argv)
    app = make_app(Shortener(LinkStore(options.db)))
    with make_server("127.0.0.1", options.port, app, server_class=Server) as server:
        print(server.server_port, flush=True)  # noqa: T201 - this is its interface
        server.serve_forever()


if __name__ == "__main__":
    main()

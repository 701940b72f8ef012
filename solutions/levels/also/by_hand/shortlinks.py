"""Kata: unit, integration, end-to-end. A URL shortener in five layers, each to be tested at a level of its own.

    main  ->  make_app  ->  Shortener  ->  LinkStore   (a file)
   (process)   (HTTP)        (rules)  ->  encode, decode   (arithmetic)

Standard library only.

Another right answer, with less from the library: a connection for each thread, and WSGI on a plain HTTP server.
"""

from __future__ import annotations

import argparse
import http.server
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import unquote_plus, urlparse
from wsgiref.handlers import SimpleHandler

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VALUES = {digit: value for value, digit in enumerate("0123456789" + LETTERS + LETTERS.upper())}


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
    assert_not_negative(number)
    digits = []
    while number or not digits:
        digits.append(list(VALUES)[number % 62])
        number //= 62
    return "".join(reversed(digits))


def assert_not_negative(number: int) -> None:
    """Raise ValueError for a number below zero."""
    if number < 0:
        raise ValueError("there is no code below zero")


def decode(code: str) -> int:
    """Return the number that a code stands for.

    Raises ValueError for '' and for a code with any other character in it.
    """
    try:
        number = VALUES[code[0]]
        for digit in code[1:]:
            number = number * 62 + VALUES[digit]
    except LookupError:
        raise ValueError(f"no code: {code}") from None
    return number


# --- Task 2: rules with a fake store ------------------------------------------


class Shortener:
    """The rules: what is shortened, and how a code leads back. Does no I/O itself."""

    def __init__(self, store: Store) -> None:
        """Take the store that is handed in; make and open nothing."""
        self.links = store

    def shorten(self, url: str) -> str:
        """Store the URL and return the code of its id.

        Raises ValueError, and stores nothing, unless it is http or https with a host.
        """
        address = urlparse(url.strip())
        # What cannot be printed could end the line of a header.
        if address.scheme in {"http", "https"} and address.hostname and url.strip().isprintable():
            return encode(self.links.add(url.strip()))
        raise ValueError("http or https, and a host")

    def resolve(self, code: str) -> str | None:
        """Return the URL behind a code; None for one that is unknown or no code at all."""
        if not code or any(digit not in VALUES for digit in code):
            return None
        return self.links.get(decode(code))


# --- Task 3: one contract, two stores -----------------------------------------


class LinkStore:
    """A Store in an SQLite file: a connection for each thread, which lives as long as the thread."""

    def __init__(self, path: str) -> None:
        """Use the file at this path; make it if there is none."""
        # Whoever changes the working folder later still means this file.
        self._path = os.path.abspath(path)
        self._mine = threading.local()

    def add(self, url: str) -> int:
        """Keep a URL and return its id: 1 for the first, and always the same for the same URL."""
        with self._database() as database:
            for (link_id,) in database.execute("SELECT id FROM urls WHERE url = :url", {"url": url}):
                return link_id
            return database.execute("INSERT INTO urls (url) VALUES (:url)", {"url": url}).lastrowid or 0

    def get(self, link_id: int) -> str | None:
        """Return the URL with this id, or None."""
        for (url,) in self._database().execute("SELECT url FROM urls WHERE id = :id", {"id": link_id}):
            return url
        return None

    def _database(self) -> sqlite3.Connection:
        if not hasattr(self._mine, "database"):
            self._mine.database = sqlite3.connect(self._path)
            self._mine.database.execute(
                "CREATE TABLE IF NOT EXISTS urls (id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT)"
            )
        return self._mine.database


# --- Task 4: HTTP without a network -------------------------------------------


def make_app(shortener: Shortener) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """Return the WSGI application: a function of (environ, start_response).

    POST / with a form field url   201, Location: /CODE, body CODE; or 400
    GET /CODE                      302, Location: URL, body "→ URL"; or 404
    anything else                  405
    """

    def created(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH")
        body = environ["wsgi.input"].read(int(length)) if length else b""
        url = ""
        try:
            for field in body.decode().split("&"):
                name, _, value = field.partition("=")
                if name == "url":
                    url = unquote_plus(value)
            code = shortener.shorten(url)
        except ValueError:
            start_response("400 No Web Address", [("Content-Length", "0")])
            return ()
        write = start_response("201 Created", [("Content-Length", str(len(code))), ("Location", "/" + code)])
        write(code.encode("ascii"))
        return ()

    def found(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        url = shortener.resolve(environ["PATH_INFO"][1:])
        if url:
            # The bytes of UTF-8, as they are.
            start_response("302 Found", [("Location", url.encode().decode("latin-1"))])
            return iter([f"\u2192 {url}".encode()])
        start_response("404 Not Found", [])
        return iter([b"nothing here"])

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"] != "/":
            return found(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/":
            return created(environ, start_response)
        start_response("405 Method Not Allowed", [("Allow", "GET, POST")])
        return [b""]

    return app


# --- Task 5: a real process ---------------------------------------------------


def main(argv: Sequence[str] | None = None) -> None:
    """Serve on 127.0.0.1 until terminated: --db PATH (required), --port N (0: any free one).

    The first line of standard output is the port it listens on. Each request has a thread of its own.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--db", required=True)
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args(argv)
    app = make_app(Shortener(LinkStore(options.db)))

    class Handler(http.server.BaseHTTPRequestHandler):
        """HTTP on one side, WSGI on the other."""

        def do(self) -> None:
            path, _, query = self.path.partition("?")
            environ = {"REQUEST_METHOD": self.command, "PATH_INFO": path, "QUERY_STRING": query}
            environ["SERVER_PROTOCOL"] = self.request_version
            if length := self.headers.get("Content-Length"):
                environ["CONTENT_LENGTH"] = length
            SimpleHandler(self.rfile, self.wfile, sys.stderr, environ).run(app)

        do_GET = do_POST = do_PUT = do_DELETE = do  # noqa: N815 - names of http.server

    with http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler) as server:
        print(server.socket.getsockname()[1], flush=True)  # noqa: T201
        server.serve_forever()


if __name__ == "__main__":
    main()

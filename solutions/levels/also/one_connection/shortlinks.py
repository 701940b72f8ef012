"""Kata: unit, integration, end-to-end. A URL shortener in five layers, each to be tested at a level of its own.

    main  ->  make_app  ->  Shortener  ->  LinkStore   (a file)
   (process)   (HTTP)        (rules)  ->  encode, decode   (arithmetic)

Standard library only.

Another right answer: one connection with a lock, a class for the application; refuses what the contract leaves open.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from socketserver import ThreadingMixIn
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

DIGITS = [*map(chr, (*range(48, 58), *range(97, 123), *range(65, 91)))]
WEB_ADDRESS = re.compile(r"https?://[^/?#\s]+[^\s]*", re.IGNORECASE)


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
        raise ValueError("negative")
    length = next(length for length in count(1) if number < 62**length)
    return "".join(DIGITS[number // 62**place % 62] for place in reversed(range(length)))


def decode(code: str) -> int:
    """Return the number that a code stands for.

    Raises ValueError for '' and for a code with any other character in it.
    """
    # One way to write each number: a zero in front is refused.
    if not re.fullmatch(r"0|[1-9a-zA-Z][0-9a-zA-Z]*", code, re.ASCII):
        raise ValueError("no code")
    return sum(DIGITS.index(digit) * 62**place for place, digit in enumerate(reversed(code)))


# --- Task 2: rules with a fake store ------------------------------------------


class Shortener:
    """The rules: what is shortened, and how a code leads back. Does no I/O itself."""

    def __init__(self, store: Store) -> None:
        """Take the store that is handed in; make and open nothing."""
        self.add, self.get = store.add, store.get

    def shorten(self, url: str) -> str:
        """Store the URL and return the code of its id.

        Raises ValueError, and stores nothing, unless it is http or https with a host.
        """
        if not WEB_ADDRESS.fullmatch(url):
            raise ValueError(url)
        return encode(self.add(url))

    def resolve(self, code: str) -> str | None:
        """Return the URL behind a code; None for one that is unknown or no code at all."""
        try:
            return self.get(decode(code))
        except (ValueError, OverflowError):
            return None


# --- Task 3: one contract, two stores -----------------------------------------


class LinkStore:
    """A Store in an SQLite file: one connection for all threads, and a lock around it."""

    def __init__(self, path: str) -> None:
        """Use the file at this path; make it if there is none."""
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._one("CREATE TABLE IF NOT EXISTS links (url TEXT UNIQUE NOT NULL)")

    def add(self, url: str) -> int:
        """Keep a URL and return its id: 1 for the first, and always the same for the same URL."""
        (link_id,) = self._one(
            "INSERT INTO links (url) VALUES (?) ON CONFLICT (url) DO UPDATE SET url = excluded.url RETURNING rowid", url
        )
        return link_id

    def get(self, link_id: int) -> str | None:
        """Return the URL with this id, or None."""
        return self._one("SELECT url FROM links WHERE rowid = ?", link_id)[0]

    def _one(self, statement: str, *values: object) -> Any:
        with self._lock:
            rows = self._connection.execute(statement, values).fetchall()
        return rows[0] if rows else (None,)


# --- Task 4: HTTP without a network -------------------------------------------


def make_app(shortener: Shortener) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """Return the WSGI application: a function of (environ, start_response).

    POST / with a form field url   201, Location: /CODE, body CODE; or 400
    GET /CODE                      302, Location: URL, body "→ URL"; or 404
    anything else                  405
    """
    return Application(shortener)


class Application:
    """A WSGI application as an object with a method for each method of HTTP."""

    def __init__(self, shortener: Shortener) -> None:
        self._shortener = shortener

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        serve = getattr(self, f"do_{environ['REQUEST_METHOD'].lower()}", self.refuse)
        status, headers, body = serve(environ, environ.get("PATH_INFO", "").strip("/"))
        start_response(status, headers)
        yield from body

    def do_post(self, environ: dict[str, Any], path: str) -> tuple[str, list[tuple[str, str]], list[bytes]]:
        if path:
            return self.refuse(environ, path)
        # An input without a length is none: read(0).
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH", "") or "0"))
        fields = parse_qs(sent.decode("ascii", "replace"), keep_blank_values=True)
        try:
            [url] = fields["url"]
            code = self._shortener.shorten(url.strip())
        except (KeyError, ValueError):
            return "400 Bad Request", [("Content-Type", "application/json")], [b'{"error": "one url, please"}']
        return "201 Created", [("Location", f"/{code}"), ("Content-Type", "text/plain")], [code.encode()]

    def do_get(self, _environ: dict[str, Any], path: str) -> tuple[str, list[tuple[str, str]], list[bytes]]:
        if (url := self._shortener.resolve(path)) is None:
            return "404 Not Found", [], []
        # Not a browser's way, but an ASCII one.
        place = urlsplit(url).geturl().encode("ascii", "xmlcharrefreplace").decode()
        return "302 Found", [("location", place)], ["\u2192 ".encode(), url.encode()]

    # What may be asked for may be asked about.
    do_head = do_get

    def refuse(self, _environ: dict[str, Any], path: str) -> tuple[str, list[tuple[str, str]], list[bytes]]:
        return "405 Method Not Allowed", [("Allow", "GET, HEAD" if path else "POST")], []


# --- Task 5: a real process ---------------------------------------------------


def main(argv: Sequence[str] | None = None) -> None:
    """Serve on 127.0.0.1 until terminated: --db PATH (required), --port N (0: any free one).

    The first line of standard output is the port it listens on. Each request has a thread of its own.
    """
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--db", required=True)
    arguments = vars(parser.parse_args(argv))
    server = Server(("127.0.0.1", arguments["port"]), Quiet)
    server.set_app(make_app(Shortener(LinkStore(arguments["db"]))))
    _, port = server.server_address
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    print("serving; Ctrl-C ends it")  # noqa: T201
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        server.server_close()


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingMixIn, WSGIServer):
    """Waits for nobody at its end."""

    daemon_threads = True
    block_on_close = False


if __name__ == "__main__":
    main()

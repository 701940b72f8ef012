"""Kata: unit, integration, end-to-end. A URL shortener in five layers, each to be tested at a level of its own.

    main  ->  make_app  ->  Shortener  ->  LinkStore   (a file)
   (process)   (HTTP)        (rules)  ->  encode, decode   (arithmetic)

Standard library only.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from socketserver import ThreadingMixIn
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, urlsplit
from wsgiref.simple_server import WSGIServer, make_server


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
    raise NotImplementedError


def decode(code: str) -> int:
    """Return the number that a code stands for.

    Raises ValueError for '' and for a code with any other character in it.
    """
    raise NotImplementedError


# --- Task 2: rules with a fake store ------------------------------------------


class Shortener:
    """The rules: what is shortened, and how a code leads back. Does no I/O itself."""

    def __init__(self, store: Store) -> None:
        """Take the store that is handed in; make and open nothing."""
        raise NotImplementedError

    def shorten(self, url: str) -> str:
        """Store the URL and return the code of its id.

        Raises ValueError, and stores nothing, unless it is http or https with a host.
        """
        raise NotImplementedError

    def resolve(self, code: str) -> str | None:
        """Return the URL behind a code; None for one that is unknown or no code at all."""
        raise NotImplementedError


# --- Task 3: one contract, two stores -----------------------------------------


class LinkStore:
    """A Store in an SQLite file."""

    def __init__(self, path: str) -> None:
        """Use the file at this path; make it if there is none."""
        raise NotImplementedError

    def add(self, url: str) -> int:
        """Keep a URL and return its id: 1 for the first, and always the same for the same URL."""
        raise NotImplementedError

    def get(self, link_id: int) -> str | None:
        """Return the URL with this id, or None."""
        raise NotImplementedError


# --- Task 4: HTTP without a network -------------------------------------------


def make_app(shortener: Shortener) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """Return the WSGI application: a function of (environ, start_response).

    POST / with a form field url   201, Location: /CODE, body CODE; or 400
    GET /CODE                      302, Location: URL, body "→ URL"; or 404
    anything else                  405
    """
    raise NotImplementedError


# --- Task 5: a real process ---------------------------------------------------


def main(argv: Sequence[str] | None = None) -> None:
    """Serve on 127.0.0.1 until terminated: --db PATH (required), --port N (0: any free one).

    The first line of standard output is the port it listens on. Each request has a thread of its own.
    """
    raise NotImplementedError


if __name__ == "__main__":
    main()

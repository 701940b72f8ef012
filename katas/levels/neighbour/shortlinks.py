"""A whole shortener, by the neighbours, and right as it stands. Task 7 puts one slip at a time into it.

It keeps the contract you keep, so it gives away how one can: read it after task 5, not before.
"""

import argparse
import contextlib
import sqlite3
import string
from socketserver import ThreadingMixIn
from urllib.parse import parse_qs, quote, urlsplit
from wsgiref.simple_server import WSGIServer, make_server

ALPHABET = string.digits + string.ascii_lowercase + string.ascii_uppercase


def encode(number):
    if number < 0:
        raise ValueError("no code for a number below zero")
    code = ALPHABET[number % 62]
    while number := number // 62:
        code = ALPHABET[number % 62] + code
    return code


def decode(code):
    if not code:
        raise ValueError("a code has at least one character")
    number = 0
    for character in code:
        number = 62 * number + ALPHABET.index(character)
    return number


class Shortener:
    def __init__(self, store):
        self.store = store

    def shorten(self, url):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"no web address: {url!r}")
        return encode(self.store.add(url))

    def resolve(self, code):
        try:
            return self.store.get(decode(code))
        except ValueError:
            return None


class LinkStore:
    def __init__(self, path):
        self._session = lambda: contextlib.closing(sqlite3.connect(path))
        with self._session() as session:
            session.execute("CREATE TABLE IF NOT EXISTS links (id INTEGER PRIMARY KEY, url TEXT)")

    def add(self, url):
        with self._session() as session:
            row = session.execute("SELECT id FROM links WHERE url = ?", [url]).fetchone()
            if row is None:
                row = session.execute("INSERT INTO links (url) VALUES (?) RETURNING id", [url]).fetchone()
            session.commit()
        return row[0]

    def get(self, link_id):
        with self._session() as session:
            row = session.execute("SELECT url FROM links WHERE id = ?", [link_id]).fetchone()
        return row[0] if row else None


def make_app(shortener):
    def app(environ, start_response):
        def answer(status, text="", location=None):
            body = text.encode()
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
            if location:
                headers.append(("Location", location))
            start_response(status, headers)
            return [body]

        match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
            case "POST", "/":
                sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode(errors="replace")
                form = parse_qs(sent)
                try:
                    code = shortener.shorten(form.get("url", [""])[0])
                except ValueError:
                    return answer("400 Bad Request")
                return answer("201 Created", code, f"/{code}")
            case "GET", path:
                url = shortener.resolve(path.removeprefix("/"))
                if url is None:
                    return answer("404 Not Found")
                return answer("302 Found", f"\N{RIGHTWARDS ARROW} {url}", quote(url, safe=string.punctuation))
        return answer("405 Method Not Allowed")

    return app


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--db", required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(argv)
    app = make_app(Shortener(LinkStore(options.db)))
    server = make_server("127.0.0.1", options.port, app, Server)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()

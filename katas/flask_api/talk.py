"""How the tests talk to an app, and how a failing one shows it: the request as a `curl` line, and the response.

Nothing to write here.
"""

import json
import shlex
from pprint import pformat
from textwrap import wrap
from typing import Any

import flask
import pytest

#: For a status, a body or a header that is not looked at.
ANY: Any = object()

#: The headers that a failing test shows, where a response has them.
SHOWN = {"Allow", "Location", "Retry-After", "WWW-Authenticate", "X-Request-ID"}


class Site:
    """An app and the last that was said to it: at first, how it was made."""

    def __init__(self, app: object, said: str = "app") -> None:
        __tracebackhide__ = True
        self._said = said
        if not isinstance(app, flask.Flask):
            self.fail("a Flask app", repr(app))
        self.app = app
        self.client = app.test_client()

    def ask(self, method: str, path: str, **named: Any) -> Any:
        """Send a request, return the response; what the app raises is told with the request."""
        __tracebackhide__ = True
        self._said = curl(method, path, **named)
        try:
            response = self.client.open(path, method=method, **named)
        except Exception as error:
            error.add_note(f"{self._said}\n  -> no response, the app raised {type(error).__name__}")
            raise
        self._said += f"\n  -> {_told(response)}"
        return response

    def answers(self, status: int, body: object, method: str, path: str, **named: Any) -> Any:
        """Send a request; anything but this status and this JSON fails. Return the response."""
        __tracebackhide__ = True
        response = self.ask(method, path, **named)
        if response.status_code != status:
            self.fail(f"status {status}", f"status {response.status_code}")
        if body is not ANY:
            if not response.is_json:
                self.fail(laid_out("JSON", body), f"Content-Type {response.content_type}")
            self.has("JSON", body, response.get_json(silent=True))
        return response

    def has(self, what: str, expected: object, actual: object) -> None:
        """Fail unless something about the last response is as expected."""
        __tracebackhide__ = True
        if actual != expected:
            self.fail(laid_out(what, expected), laid_out(what, actual))

    def fail(self, expected: str, actual: str) -> None:
        """Tell the request, what was expected, and what came."""
        __tracebackhide__ = True
        pytest.fail(f"{self._said}\n  expected: {expected}\n  actual:   {actual}")


def curl(method: str, path: str, **named: Any) -> str:
    """Write the command that sends this request to an app on port 5000."""
    words = ["curl"]
    if method != "GET":
        words.append(f"-X {method}")
    headers = dict(named.get("headers") or {})
    body = named.get("data")
    if "json" in named:
        headers["Content-Type"] = "application/json"
        body = json.dumps(named["json"])
    elif named.get("content_type"):
        headers["Content-Type"] = named["content_type"]
    for key, value in named.get("environ_overrides", {}).items():
        headers[key.removeprefix("HTTP_").replace("_", "-").title()] = value
    words += ["-H " + shlex.quote(f"{name}: {value}") for name, value in headers.items()]
    if isinstance(body, dict):
        words += ["-d " + shlex.quote(f"{name}={value}") for name, value in body.items()]
    elif body is not None:
        words.append("-d " + shlex.quote(str(body)))
    words.append(shlex.quote(f"http://localhost:5000{path}"))
    line = " ".join(words)
    return line if len(line) <= 76 else " \\\n    ".join(words)


def laid_out(what: str, value: object) -> str:
    """Write what something is, on as many lines as it needs, the next ones under the first."""
    indent = 13 + len(what)
    text = pformat(value, width=78 - indent, sort_dicts=False) if isinstance(value, dict | list) else repr(value)
    return f"{what} {text}".replace("\n", "\n" + indent * " ")


def _told(response: Any) -> str:
    body = response.get_data(as_text=True)
    lines = [response.status]
    lines += [f"{name}: {value}" for name, value in response.headers if name in SHOWN]
    lines += wrap(body if len(body) <= 200 else body[:200] + "...", 70)
    return "\n     ".join(lines)

"""How the tests talk to an app, and how a failing one shows it: the request as a `curl` line, and the response.

Nothing to write here.
"""

import json
import re
import shlex
from contextlib import suppress
from pathlib import Path
from pprint import pformat
from textwrap import wrap
from types import TracebackType
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
        self.client = app.test_client(use_cookies=False)  # a cookie is a header as any other here

    def ask(self, method: str, path: str, **named: Any) -> Any:
        """Send a request, return the response; what the app raises is told with the request."""
        __tracebackhide__ = True
        self._said = curl(method, path, **named)
        try:
            response = self.client.open(path, method=method, **named)
        except Exception as error:
            error.add_note(f"{self._said}\n  -> no response, the app raised {type(error).__name__}")
            drop_framework(error)
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
    """Write the command that sends this request to an app on port 5000, a line for each header and the body."""
    words = ["curl"] if method == "GET" else [f"curl -X {method}"]
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
    """Write what something is, on as many lines as it needs, the next ones under the first; a set in order."""
    indent = 13 + len(what)
    if isinstance(value, set):
        text = f"{{{', '.join(sorted(map(repr, value)))}}}" if value else "an empty set"
    elif isinstance(value, dict | list):
        text = pformat(value, width=78 - indent, sort_dicts=False)
    else:
        text = repr(value)
    return f"{what} {text}".replace("\n", "\n" + indent * " ")


def _told(response: Any) -> str:
    lines = [response.status]
    lines += [f"{name}: {value}" for name, value in response.headers if name in SHOWN]
    lines += in_short(response, response.get_data(as_text=True), 200)
    return "\n     ".join(lines)


def in_short(response: Any, body: str, longest: int) -> list[str]:
    """Write the body of a response: lines that end with a comma if they can; of a web page only the title."""
    title = re.search("<title>(.*?)</title>", body, re.DOTALL)
    if response.mimetype == "text/html" and title:
        return [f"(a page in HTML: {title[1].strip()})"]
    with suppress(ValueError):
        body = json.dumps(json.loads(body), ensure_ascii=False) if response.is_json else body
    body = body if len(body) <= longest else body[:longest] + "..."
    lines = [""]
    for piece in re.findall("[^,]+,*", body):
        if lines[-1] and len(lines[-1] + piece.rstrip()) > 70:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [row for line in lines for row in wrap(line, 70, break_on_hyphens=False)]


def drop_framework(error: BaseException) -> None:
    """Leave of the traceback of an exception, and of those that led to it, what is in this folder: no Flask."""
    here = Path(__file__).parent
    chain: list[BaseException] = []
    each: BaseException | None = error
    while each and each not in chain:
        chain.append(each)
        frames = []
        step = each.__traceback__
        while step:
            path = Path(step.tb_frame.f_code.co_filename)
            if path.parent == here and path.name != Path(__file__).name:
                frames.append(step)
            step = step.tb_next
        kept = None
        for frame in reversed(frames):
            kept = TracebackType(kept, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
        each.__traceback__ = kept
        each = each.__cause__ or each.__context__

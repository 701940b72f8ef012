"""How the tests talk to an app, and how a failing one shows it: the request as a `curl` line, and the response.

Tokens are shown as <access-token-1>, <refresh-token-2>, numbered in the order in which they were met.
Nothing to write here.
"""

import json
import re
import shlex
from binascii import a2b_base64
from contextlib import suppress
from pathlib import Path
from pprint import pformat
from textwrap import wrap
from types import TracebackType
from typing import Any

import flask
import pytest

#: For a JSON body that is not looked at.
ANY: Any = object()

#: The headers that a failing test shows, where a response has them.
SHOWN = {"Cache-Control", "WWW-Authenticate"}

TOKEN = re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]*")


class Site:
    """An app and what was said to it."""

    def __init__(self, app: flask.Flask) -> None:
        self.app = app
        self.client = app.test_client(use_cookies=False)  # a cookie is a header as any other here
        self._before: list[str] = []
        self._said = ""
        self._names: dict[str, str] = {}

    def ask(self, method: str, path: str, **named: Any) -> Any:
        """Send a request, return the response; what the app raises is told with the request."""
        __tracebackhide__ = True
        asked = self._named(curl(method, path, **named))
        self._said = f"{self._story()}{asked}"
        try:
            response = self.client.open(path, method=method, **named)
        except Exception as error:
            error.add_note(f"{self._said}\n  -> no response, the app raised {type(error).__name__}")
            drop_framework(error)
            raise
        self._said += f"\n  -> {self._told(response)}"
        self._before.append(f"{method} {path.partition('?')[0]} {response.status_code}")
        return response

    def answers(self, status: int, body: object, method: str, path: str, **named: Any) -> Any:
        """Send a request; anything but this status and this JSON fails. Return the response."""
        __tracebackhide__ = True
        response = self.ask(method, path, **named)
        self.has("status", status, response.status_code)
        if body is not ANY:
            self.has("JSON", body, response.get_json(silent=True))
        return response

    def refuses(self, code: str | None, method: str, path: str, **named: Any) -> Any:
        """Send a request; anything but a 401 with this error fails. Return the response."""
        __tracebackhide__ = True
        response = self.answers(401, ANY, method, path, **named)
        body = response.get_json(silent=True)
        self.has("error", code or "unauthorized", body.get("error") if isinstance(body, dict) else body)
        return response

    def has(self, what: str, expected: object, actual: object) -> None:
        """Fail unless something about the last response is as expected."""
        __tracebackhide__ = True
        if actual != expected:
            said = f"  expected: {laid_out(what, expected)}\n  actual:   {laid_out(what, actual)}"
            pytest.fail(f"{self._said}\n{self._named(said)}")

    def _story(self) -> str:
        return "\n".join([*wrap(f"after {', '.join(self._before)}:", 72), ""]) if self._before else ""

    def _told(self, response: Any) -> str:
        lines = [response.status]
        lines += [f"{name}: {value}" for name, value in response.headers if name in SHOWN]
        lines += in_short(response, self._named(response.get_data(as_text=True)), 250)
        return "\n     ".join(lines)

    def _named(self, text: str) -> str:
        return TOKEN.sub(self._name, text)

    def _name(self, match: re.Match[str]) -> str:
        claims = contents(match[0])
        kind = claims.get("token_use", "other") if claims else "broken"
        number = 1 + sum(name.startswith(f"<{kind}-") for name in self._names.values())
        return self._names.setdefault(match[0], f"<{kind}-token-{number}>")


def contents(token: object) -> dict[str, Any] | None:
    """Read the claims of a token without PyJWT and without a key; None if it is not one."""
    try:
        _, payload, _ = str(token).split(".")
        claims = json.loads(a2b_base64(payload.translate(str.maketrans("-_", "+/")) + "=="))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


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

"""What the tests put on the wire, and how a failing one shows what went over it.

Nothing to write here. A request is shown as the `curl` line that would send it, with the answer below.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pprint import pformat
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import requests
import responses

MOST_REQUESTS = 10
MOST_TOLD = 3  # of requests without an end


class Answer(NamedTuple):
    """What the fake server says to one request; a dict or a list is sent as JSON."""

    status: int
    body: object = ""
    headers: Mapping[str, str] = MappingProxyType({})


class EndlessError(BaseException):
    """The client does not stop asking; no `except Exception` on the way keeps this one."""


class Wire:
    """A fake server, the waits of its client, and the words for both.

    `waits` are the seconds a client asked to sleep; `calls` what the server saw.
    """

    def __init__(self, rsps: responses.RequestsMock) -> None:
        self.rsps = rsps
        self.waits: list[float] = []
        self._asked = ""
        self._taught: list[str] = []
        self._endless = False

    # ---- tasks 1 to 3: the learner's fake answers, the test asks ----

    def teach(self, fake: Callable[..., object], *arguments: object, **named: object) -> None:
        """Call a function that teaches the mock something."""
        __tracebackhide__ = True
        self.ask(fake, self.rsps, *arguments, **named)
        self._taught.append(self._asked)

    def answers(self, status: int, body: object, method: str, url: str, **named: Any) -> None:
        """Send a request; anything but this status and this JSON fails."""
        __tracebackhide__ = True
        expected = f"{status} {json.dumps(body)}"
        response = self.send(method, url, **named)
        if isinstance(response, Exception):
            self.fail(expected, f"no answer, {type(response).__name__}")
        kind = response.headers.get("Content-Type", "")
        if (response.status_code, _json_of(response)) != (status, body):
            self.fail(expected, _answer(response))
        if not kind.startswith("application/json"):
            self.fail("the answer has the Content-Type application/json", f"it has {kind!r}")

    def refuses(self, method: str, url: str, **named: Any) -> None:
        """Send a request that no fake should expect; any answer at all fails."""
        __tracebackhide__ = True
        response = self.send(method, url, **named)
        if type(response) is not requests.ConnectionError:
            self.fail("no answer, ConnectionError: this is not the request the fake is for", _answer(response))

    def send(self, method: str, url: str, **named: Any) -> requests.Response | Exception:
        """Send a request to the mock; return the response, or the exception it raised."""
        __tracebackhide__ = True
        self.rsps.calls.reset()
        last = repr(urlsplit(url).path.rpartition("/")[2])  # of several fakes, the one for this URL
        self._asked = "\n".join([each for each in self._taught if last in each] or self._taught)
        request = requests.Request(method, url, **named).prepare()
        try:
            with requests.Session() as session:
                return session.send(request, timeout=1)
        except (requests.RequestException, OSError) as error:
            return error

    # ---- tasks 4 to 7: the test answers, the learner's client asks ----

    def script(self, *answers: object) -> None:
        """Begin anew; answer one request after the other, whatever it is. The last answer stays, but not for ever.

        An answer is a status, an exception to raise, JSON for a 200, or an `Answer`.
        """
        left = list(answers)
        self._reply_with(lambda _: left.pop(0) if len(left) > 1 else left[0])

    def pages(self, pages: dict[str, object]) -> None:
        """Begin anew; answer each of these URLs with its page, and every other one with 404."""
        self._reply_with(lambda url: pages.get(url, 404))

    def ask(self, function: Callable[..., Any], *arguments: object, **named: object) -> Any:
        """Call the code under test; what it raises is told with the call."""
        __tracebackhide__ = True
        self._asked = _call(function, arguments, named)
        result = None
        try:
            result = function(*arguments, **named)
        except EndlessError:
            pass  # is told below, without the traceback through requests
        except Exception as error:
            if not self._endless:
                what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"
                error.add_note(f"{self._asked}\n  actual:   {what}{self._story()}")
                raise
        if self._endless:
            self.fail("the client stops asking", f"more than {MOST_REQUESTS} requests")
        return result

    def returns(self, expected: object, function: Callable[..., Any], *arguments: object, **named: object) -> None:
        """Call the code under test; anything but the expected value fails."""
        __tracebackhide__ = True
        actual = self.ask(function, *arguments, **named)
        if actual != expected:
            self.fail(_laid_out(expected, 12), f"{_laid_out(actual, 12)}{_types(expected, actual)}")

    def raises(
        self,
        error: type[Exception],
        function: Callable[..., Any],
        *arguments: object,
        secret: str = "",
        **named: object,
    ) -> Any:
        """Call the code under test; anything but this kind of exception fails. Return it.

        :param secret: what its message must not have in it.
        """
        __tracebackhide__ = True
        try:
            actual = self.ask(function, *arguments, **named)
        except error as raised:
            if secret and any(secret in text for text in (str(raised), repr(raised))):
                self.fail("a message without the token", f"{type(raised).__name__}: {raised}")
            return raised
        return self.fail(f"raises {error.__name__}", f"returned {actual!r}")

    def sees(self, *expected: str) -> None:
        """Fail unless these requests, no more and no fewer, arrived in this order: "GET https://..."."""
        __tracebackhide__ = True
        actual = [f"{call.request.method} {call.request.url}" for call in self.rsps.calls]
        if actual != list(expected):
            self.fail(_requests(expected), _requests(actual))

    def has(self, what: str, expected: object, actual: object) -> None:
        """Fail unless something about the call is as expected."""
        __tracebackhide__ = True
        if actual != expected:
            told = [f"{what} {_laid_out(each, 13 + len(what))}" for each in (expected, actual)]
            self.fail(told[0], f"{told[1]}{_types(expected, actual)}")

    def fail(self, expected: str, actual: str) -> Any:
        """Tell the call, what was expected, what came, and what went over the wire."""
        __tracebackhide__ = True
        told = f"{self._asked}\n  expected: {expected}\n  actual:   {actual}{self._story()}"
        pytest.fail(told.replace(": \n", ":\n"))

    def _reply_with(self, choose: Callable[[str], object]) -> None:
        self.rsps.reset()
        self.waits.clear()
        self._endless = False

        def reply(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
            if len(self.rsps.calls) >= MOST_REQUESTS:
                self._endless = True
                raise EndlessError
            return _reply(choose(request.url or ""))

        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
            self.rsps.add_callback(method, re.compile(".*", re.DOTALL), reply, content_type=None)

    def _story(self) -> str:
        calls = [(curl(call.request), _answer(call.response)) for call in self.rsps.calls]
        if self._endless:
            calls = calls[:MOST_TOLD]
        story, before = "", ""
        for (line, answer), same in groupby(calls):
            times = len(list(same))
            story += f"\n    {line}" * (line != before) + f"\n      -> {answer}"
            story += f"\n         ({times} times)" * (times > 1)
            before = line
        story += "\n    ... and so on" * self._endless
        return f"\n  on the wire:{story}" if story else ""


def curl(request: requests.PreparedRequest) -> str:
    """Write the command that sends this request."""
    words = ["curl"]
    if request.method != "GET":
        words.append(f"-X {request.method}")
    for name, value in request.headers.items():
        if name not in {"User-Agent", "Accept-Encoding", "Connection", "Content-Length"} and (name, value) != (
            "Accept",
            "*/*",
        ):
            words.append("-H " + shlex.quote(f"{name}: {value}"))
    if request.body:
        body = request.body if isinstance(request.body, str) else bytes(request.body).decode(errors="replace")
        words.append("-d " + shlex.quote(body))
    words.append(shlex.quote(request.url or ""))
    line = " ".join(words)
    return line if len(line) <= 76 else " \\\n      ".join(words)


def _call(function: Callable[..., object], arguments: tuple[object, ...], named: dict[str, object]) -> str:
    name = getattr(function, "__name__", repr(function))
    shown = [("", value) for value in arguments] + [(f"{key}=", value) for key, value in named.items()]
    line = f"{name}({', '.join(key + _word(value) for key, value in shown)})"
    if len(line) <= 78:
        return line
    return "\n    ".join([f"{name}(", *(f"{key}{_word(value, 4 + len(key))}," for key, value in shown)]) + "\n)"


def _word(value: object, indent: int = 0) -> str:
    if isinstance(value, responses.RequestsMock):
        return "rsps"
    if isinstance(value, Iterator):
        return "users"  # a walk that has begun
    return _laid_out(value, indent) if indent else _short(repr(value))


def _short(text: str) -> str:
    return text if len(text) <= 1000 else f"{text[:20]}...{text[-20:]}"


def _laid_out(value: object, indent: int) -> str:
    if isinstance(value, str) or len(repr(value)) <= 78 - indent:
        return _short(repr(value))
    return pformat(value, width=78 - indent, sort_dicts=False).replace("\n", "\n" + indent * " ")


def _reply(answer: object) -> tuple[int, dict[str, str], str]:
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, int):
        answer = Answer(answer)
    elif not isinstance(answer, Answer):
        answer = Answer(200, answer)
    if isinstance(answer.body, str):
        return answer.status, dict(answer.headers), answer.body
    return answer.status, {"Content-Type": "application/json", **answer.headers}, json.dumps(answer.body)


def _answer(response: object) -> str:
    if not isinstance(response, requests.Response):
        return f"no answer, {type(response).__name__}"
    body = response.text if len(response.text) <= 60 else f"{response.text[:60]}..."
    notes = [f" {name}: {response.headers[name]}" for name in ("Retry-After", "Link") if name in response.headers]
    return " ".join([str(response.status_code), body]).rstrip() + "".join(f"\n         {note}" for note in notes)


def _json_of(response: requests.Response) -> object:
    try:
        return response.json()
    except requests.JSONDecodeError:
        return response.content


def _requests(lines: Iterable[str]) -> str:
    return "".join(f"\n    {line}" for line in lines) or "no request"


def _types(expected: object, actual: object) -> str:
    """Say so where the type alone may be what is wrong."""
    if type(expected) is type(actual) or {type(expected), type(actual)} <= {int, float}:
        return ""
    return f"\n  the type is wrong: expected {type(expected).__name__}, got {type(actual).__name__}"

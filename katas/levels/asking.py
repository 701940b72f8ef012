"""Ways to ask the code under test; whatever goes wrong shows the call, what was expected and what came."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

#: What is longer is shown by its two ends.
LONGEST = 200

# --- Functions ----------------------------------------------------------------


def assert_returns(expected: object, function: Callable[..., object], *arguments: object) -> None:
    """Call the function; anything but the expected value fails with the call and both values."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments)}\n  expected: {_shown(expected)}"
    actual = _ask(function, arguments, asked)
    if not isinstance(actual, type(expected)) or isinstance(actual, bool):
        kinds = f"expected {type(expected).__name__}, got {type(actual).__name__}"
        pytest.fail(f"{asked}\n  actual:   {_shown(actual)}\n  the type is wrong: {kinds}")
    if actual != expected:
        pytest.fail(f"{asked}\n  actual:   {_shown(actual)}")


def assert_raises(error: type[Exception], function: Callable[..., object], *arguments: object) -> None:
    """Call the function; anything but this kind of exception fails with the call and what came instead."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments)}\n  expected: raises {error.__name__}"
    try:
        actual = _ask(function, arguments, asked)
    except error:
        return
    pytest.fail(f"{asked}\n  actual:   returned {actual!r}")


def _call(function: Callable[..., object], arguments: tuple[object, ...]) -> str:
    name = getattr(function, "__qualname__", None) or repr(function)
    return f"{name}({', '.join(map(_shown, arguments))})"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:20]}...{text[-20:]} ({len(text)} characters)"


def _ask(function: Callable[..., object], arguments: tuple[object, ...], asked: str) -> Any:
    __tracebackhide__ = True
    try:
        return function(*arguments)
    except Exception as error:
        first = error.__traceback__ and error.__traceback__.tb_next
        if first and isinstance(error, RecursionError):
            # The other thousand calls say the same.
            first.tb_next = None
        error.add_note(f"{asked}\n  actual:   {happened(error)}")
        raise


def happened(error: Exception) -> str:
    """Say in a word or two what came instead of an answer."""
    return "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"


# --- HTTP ---------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """What a client sends. Its text is the command that sends the same by hand."""

    method: str
    path: str
    body: bytes | None = None
    base: str = "http://127.0.0.1:8000"

    def __str__(self) -> str:
        method = "" if self.method == ("GET" if self.body is None else "POST") else f"-X {self.method} "
        data = "" if self.body is None else f"--data-raw '{self.body.decode(errors='backslashreplace')}' "
        return f"curl -i {method}{data}{self.base}{self.path}"


@dataclass(frozen=True)
class Answer:
    """What came back, as far as the kata promises it."""

    status: int
    location: str | None
    body: bytes

    def shown(self, *names: str) -> str:
        """Write down the status, and the other things that are named."""
        place = [f"Location: {self.location}"] if "location" in names else []
        return ", ".join([str(self.status), *place, *([f"body {self.body!r}"] if "body" in names else [])])


def assert_answer(
    answer: Answer,
    request: Request,
    status: int,
    *,
    location: str | None = None,
    body: bytes | None = None,
    more: str = "",
) -> None:
    """Compare the status, and the Location and the body where they are given.

    :param more: what else the reader of a failure should know.
    """
    __tracebackhide__ = True
    names = [name for name, value in (("location", location), ("body", body)) if value is not None]
    wanted = Answer(status, location, body or b"")
    if any(getattr(answer, name) != getattr(wanted, name) for name in ["status", *names]):
        shown = names or ["body"]
        pytest.fail(f"{request}\n  expected: {wanted.shown(*names)}\n  actual:   {answer.shown(*shown)}{more}")

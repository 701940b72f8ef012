"""Ways to ask the code under test; whatever goes wrong shows the call, what was expected and what came."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from textwrap import fill
from typing import Any

import pytest

# --- Functions ----------------------------------------------------------------


def assert_returns(expected: object, function: Callable[..., object], *arguments: object, **changes: object) -> None:
    """Call the function; anything but the expected value fails with the call, both values and where they part."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments, changes)}\n  expected: {shown(expected)}"
    assert_equal(expected, _ask(function, arguments, changes, asked), asked)


def assert_raises(
    error: type[Exception], function: Callable[..., object], *arguments: object, **changes: object
) -> Exception:
    """Call the function and return what it raises; anything but this kind of exception fails with the call."""
    __tracebackhide__ = True
    kind = "an exception" if error is Exception else error.__name__
    asked = f"{_call(function, arguments, changes)}\n  expected: raises {kind}"
    try:
        actual = _ask(function, arguments, changes, asked)
    except NotImplementedError:
        # It is a RuntimeError to Python, and an unwritten function to us.
        raise
    except error as raised:
        return raised
    pytest.fail(f"{asked}\n  actual:   returned {shown(actual)}")


def ask(function: Callable[..., Any], *arguments: object, **changes: object) -> Any:
    """Call the function and return what it returns; whatever it raises says which call it was."""
    __tracebackhide__ = True
    return _ask(function, arguments, changes, f"{_call(function, arguments, changes)}\n  expected: no exception")


def assert_equal(expected: object, actual: object, asked: str) -> None:
    """Fail with what was asked, and what came of it, unless the two are equal."""
    __tracebackhide__ = True
    if actual != expected:
        pytest.fail(f"{asked}\n  actual:   {shown(actual)}{_difference(expected, actual)}")


def shown(value: object) -> str:
    """Write a value so that it fits into 80 columns; a list of rows has a line, or two, for each."""
    if isinstance(value, list) and len(repr(value)) > 60:
        return "".join(f"\n    {_folded(repr(row))}" for row in value)
    text = repr(value)
    return text if len(text) < 60 else f"\n    {_folded(text)}"


def _folded(text: str) -> str:
    return fill(text, 72, subsequent_indent=" " * 5, break_long_words=False, break_on_hyphens=False)


def _call(function: Callable[..., object], arguments: Sequence[object], changes: dict[str, Any]) -> str:
    words = ["conn" if isinstance(one, sqlite3.Connection) else repr(one) for one in arguments]
    # What is no name in Python has to be written with two stars.
    names = [
        f"{name}={value!r}" if name.isidentifier() else f"**{ ({name: value}) }" for name, value in changes.items()
    ]
    return f"{getattr(function, '__name__', function)}({', '.join([*words, *names])})"


#: What is in the tables is the work of the last call.
_last_call = [""]


def _ask(function: Callable[..., object], arguments: Sequence[object], changes: dict[str, Any], asked: str) -> Any:
    __tracebackhide__ = True
    _last_call[0] = _call(function, arguments, changes)
    try:
        return function(*arguments, **changes)
    except Exception as error:
        what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"
        error.add_note(f"{asked}\n  actual:   {what}")
        raise


def _difference(expected: object, actual: object) -> str:
    """Say what is wrong with a row, or with the type."""
    if type(expected) is not type(actual):
        return f"\n  the type is wrong: expected {type(expected).__name__}, got {type(actual).__name__}"
    if isinstance(expected, dict) and isinstance(actual, dict):
        names = [name for name in {**expected, **actual} if expected.get(name, ...) != actual.get(name, ...)]
        return f"\n  the difference is in: {', '.join(map(str, names))}"
    return ""


# --- SQLite -------------------------------------------------------------------


def rows(connection: sqlite3.Connection, select: str) -> list[tuple[Any, ...]]:
    """Return what a SELECT finds, as tuples."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(select).fetchall()


def assert_stored(expected: list[tuple[Any, ...]], other: sqlite3.Connection, select: str) -> None:
    """Ask on the other connection, which sees only what is committed, and can write only where nobody waits."""
    __tracebackhide__ = True
    after = fill(f"after {_last_call[0]}", 76, subsequent_indent=" " * 6, break_long_words=False)
    asked = fill(f"  committed: {select}", 76, subsequent_indent=" " * 13, break_long_words=False)
    assert_equal(expected, rows(other, select), f"{after}\n{asked}\n  expected: {shown(expected)}")
    if (error := _refusal(other)) is not None:
        pytest.fail(f"{after}\n  expected: no transaction is left open on conn\n  actual:   {error} for the other one")


def _refusal(connection: sqlite3.Connection) -> sqlite3.OperationalError | None:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return error
    connection.rollback()
    return None


def meanwhile(
    conn: sqlite3.Connection, other: sqlite3.Connection, words: tuple[str, ...], *statements: str
) -> list[bool]:
    """Let a rival write on ``other`` when ``conn`` starts its first statement that has one of these words in it.

    SQLite tells of a statement before it takes a lock for it. So this is the last moment between reading and writing,
    in every run. A rival who finds the database locked goes away.

    :return: is filled in while the function under test runs: True for a rival who has written.
    """
    came: list[bool] = []

    def trace(statement: str) -> None:
        if not came and any(word in statement.upper() for word in words):
            came.append(False)
            with suppress(sqlite3.OperationalError), other:
                for rival in statements:
                    other.execute(rival)
                other.commit()
                came[0] = True

    conn.set_trace_callback(trace)
    return came

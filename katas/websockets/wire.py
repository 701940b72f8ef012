"""How the tests ask the code under test, and how a failing one tells it: bytes are written in hex.

Nothing to write here.
"""

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import pytest

#: Longer bytes and texts are shown by their beginning and their length.
LONGEST = 16


def returns(expected: object, function: Callable[..., Any], *arguments: object, **named: object) -> None:
    """Call the function; anything but the expected value fails with the call, both values and where they part."""
    __tracebackhide__ = True
    asked = f"{call(function, arguments, named)}\n  expected: {indented(told(expected))}"
    actual = ask(asked, function, arguments, named)
    if actual != expected:
        pytest.fail(f"{asked}\n  actual:   {indented(told(actual, expected))}{_parting(expected, actual)}")


def raises(error: type[Exception], function: Callable[..., Any], *arguments: object, **named: Any) -> None:
    """Call the function; anything but this kind of exception fails. ``code``, if named, is what it carries, or may."""
    __tracebackhide__ = True
    code = named.pop("code", None)
    codes = code if isinstance(code, tuple) else (code,)
    wanted = " or ".join(map(str, codes))
    asked = f"{call(function, arguments, named)}\n  expected: raises {_kind(error, wanted if code else None)}"
    try:
        actual = ask(asked, function, arguments, named)
    except error as raised:
        if code and getattr(raised, "code", None) not in codes:
            pytest.fail(f"{asked}\n  actual:   raised {_kind(type(raised), getattr(raised, 'code', 'none'))}")
        return
    pytest.fail(f"{asked}\n  actual:   returned {indented(told(actual))}")


def ask(asked: str, function: Callable[..., Any], arguments: tuple[object, ...], named: dict[str, object]) -> Any:
    """Call the function; what it raises is told with the call."""
    __tracebackhide__ = True
    try:
        return function(*arguments, **named)
    except Exception as error:
        code = getattr(error, "code", None)
        what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {_kind(type(error), code)}"
        error.add_note(f"{asked}\n  actual:   {what}")
        raise


def call(function: Callable[..., Any], arguments: tuple[object, ...], named: dict[str, object]) -> str:
    """Write the call as it would be typed, on more lines where one is too long."""
    name = getattr(function, "__name__", repr(function))
    words = [*map(told, arguments), *(f"{key}={told(value)}" for key, value in named.items())]
    line = f"{name}({', '.join(words)})"
    if len(line) <= 72 and "\n" not in line:
        return line
    return "\n".join([f"{name}(", *("    " + word.replace("\n", "\n    ") + "," for word in words), ")"])


def indented(text: str) -> str:
    """Let the further lines begin below the first one, which follows "  expected: "."""
    return text.replace("\n", "\n" + " " * 12)


def told(value: object, expected: object = None) -> str:
    """Write a value for a reader: bytes in hex, but as text where it is text, or where one is expected."""
    match value:
        case bytes() | bytearray() if not value:
            return "b''"
        case bytes() | bytearray() if isinstance(expected, str) and len(value) <= LONGEST * 2:
            return repr(value)
        case bytes() | bytearray() if len(value) > LONGEST:
            return f"{value[: LONGEST // 2].hex(' ')} ... ({len(value)} bytes)"
        case bytes() | bytearray():
            return f"bytes.fromhex('{value.hex(' ')}')"
        case str() if len(value) > 3 * LONGEST:
            return f"{value[:LONGEST]!r} ... ({len(value)} letters)"
        case dict():
            return _in_lines("{", [f"{told(key)}: {told(item)}" for key, item in value.items()], "}")
        case tuple() | list():
            beside = expected if isinstance(expected, tuple | list) else ()
            pairs = itertools.zip_longest(value, beside[: len(value)])
            items = [told(item, other) for item, other in pairs]
            if isinstance(value, list):
                return _in_lines("[", items, "]")
            return _in_lines("(", items, ",)" if len(items) == 1 else ")")
    if dataclasses.is_dataclass(value) and hasattr(value, "opcode"):
        opcode = OPCODES.get(value.opcode, repr(value.opcode))
        is_text = value.opcode != 0x8 and len(value.payload) <= 2 * LONGEST and len(repr(value.payload)) <= 3 * LONGEST
        payload = repr(value.payload) if is_text else told(value.payload)
        return f"Frame({opcode}, {payload}{'' if value.fin is True else f', fin={value.fin!r}'})"
    return repr(value)


def _in_lines(begin: str, items: list[str], end: str) -> str:
    line = f"{begin}{', '.join(items)}{end}"
    if len(line) <= 60 and "\n" not in line:
        return line
    return "\n".join([begin, *("    " + item.replace("\n", "\n    ") + "," for item in items), end[-1]])


OPCODES = {0x0: "CONTINUATION", 0x1: "TEXT", 0x2: "BINARY", 0x8: "CLOSE", 0x9: "PING", 0xA: "PONG"}


def _kind(error: type[BaseException], code: object) -> str:
    return error.__name__ if code is None else f"{error.__name__} with code {code}"


def _parting(expected: object, actual: object, where: str = "") -> str:
    """Say where two values part: the byte, the field of a frame, the item of a list."""
    if isinstance(expected, bytes | str) and type(expected) is not type(actual):
        return f"\n  the type{where} is wrong: expected {type(expected).__name__}, got {type(actual).__name__}"
    if isinstance(expected, bytes | str):
        offset = next((at for at, (one, other) in enumerate(zip(expected, actual, strict=False)) if one != other), None)
        if offset is None:
            return f"\n  the length{where} is wrong: expected {len(expected)}, got {len(actual)}"
        wanted, got = (
            f"{text[offset]:02x}" if isinstance(text, bytes) else repr(text[offset]) for text in (expected, actual)
        )
        unit = "byte" if isinstance(expected, bytes) else "letter"
        return f"\n  the first wrong {unit}{where} is at offset {offset}: expected {wanted}, got {got}"
    if isinstance(expected, tuple | list) and isinstance(actual, tuple | list) and len(expected) == len(actual):
        for number, (one, other) in enumerate(zip(expected, actual, strict=True)):
            if one != other:
                return _parting(one, other, f"{where} in item {number}")
    if dataclasses.is_dataclass(expected) and type(expected) is type(actual):
        for field in dataclasses.fields(expected):
            one, other = getattr(expected, field.name), getattr(actual, field.name)
            if one != other and isinstance(one, bytes | str):
                return _parting(one, other, f" of {field.name}{where}")
            if one != other:
                return f"\n  {field.name}{where} is wrong: expected {one!r}, got {other!r}"
    return ""

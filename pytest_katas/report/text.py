"""Lines of text with a style: what the summary writes and tests read without a terminal."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from textwrap import wrap
from typing import NamedTuple

#: Columns that a line of ours may take.
WIDTH = 79

#: Names of styles: the three lights, and how loud a text is. Colour is never the only difference.
STYLES = frozenset({"green", "red", "amber", "dim", "bold", ""})

# What is written instead where the terminal's encoding lacks a character.
_ASCII = str.maketrans({"·": "-", "…": "...", "—": "-", "–": "-", "’": "'", "“": '"', "”": '"', "→": "->"})


class Span(NamedTuple):
    """A piece of a line."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


def line(*parts: str | tuple[str, str]) -> Line:
    """Make a line of plain texts and ``(text, style)`` pairs."""
    return tuple(Span(part) if isinstance(part, str) else Span(*part) for part in parts)


def flowed(*parts: str | tuple[str, str], indent: str = "") -> list[Line]:
    """Break one line into as many as it takes; a piece with a style stays whole, so that it can be copied.

    :param indent: what every line but the first begins with.
    """
    words: list[list[Span]] = [[]]
    for span in line(*parts):
        for number, text in enumerate([span.text] if span.style else re.split(" +", span.text)):
            if number:
                words.append([])
            words[-1].append(Span(text, span.style))
    rows: list[list[Span]] = []
    room = 0
    for word in words:
        length = sum(len(span.text) for span in word)
        if not rows:
            rows.append(word)
            room = WIDTH - length
        elif length < room:
            rows[-1] += [Span(" "), *word]
            room -= length + 1
        else:
            rows.append([Span(indent), *word])
            room = WIDTH - len(indent) - length
    return [tuple(span for span in row if span.text) for row in rows]


def plain(lines: Iterable[Line]) -> str:
    """Return lines without their styles, each ended by a line feed."""
    return "".join("".join(span.text for span in each).rstrip() + "\n" for each in lines)


def encodable(text: str, encoding: str) -> str:
    """Return ``text`` as the terminal can show it: our own signs in ASCII, anything else as an escape."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def printable(text: str) -> str:
    """Return ``text`` without control characters: a name or a message must not move the cursor."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def wrapped(text: str, *, indent: str = "", first: str = "") -> list[str]:
    """Break a text into lines of at most :data:`WIDTH` columns, the first one after ``first``."""
    rows = wrap(
        text,
        WIDTH,
        initial_indent=first or indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return rows or [first]


def bar(done: int, of: int, width: int) -> str:
    """Draw how much is done; full only when all is, and not empty when something is."""
    filled = width * done // of if of else 0
    if done:
        filled = max(1, filled)
    return f"[{'#' * filled}{'-' * (width - filled)}]"


def plural(count: int, noun: str) -> str:
    """Return the count with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def duration(span: timedelta | None) -> str:
    """Return a time span in its largest unit that is not zero: ``40 s``, ``12 min``, ``3 h``, ``5 d``."""
    if span is None:
        return "-"
    seconds = int(span.total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def since(then: datetime | None, now: datetime) -> str:
    """Return how long ago something was, as far as a person cares."""
    if then is None:
        return "-"
    return "just now" if now - then < timedelta(minutes=1) else duration(now - then)


def shortened(text: str, width: int) -> str:
    """Return the end of ``text`` that fits, the newest being last."""
    return text if len(text) <= width else ".." + text[-(width - 2) :]

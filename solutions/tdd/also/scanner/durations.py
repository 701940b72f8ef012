"""Kata: TDD. Lengths of time as people write them, "1h30m", as a number of seconds.

Write as little here as the first red test asks for; the next one opens when it is green.

Another right answer: one character after the other, and no regular expression.
"""

UNITS = "dhms"
SIZES = (24 * 60 * 60, 60 * 60, 60, 1)


def parse_duration(text: str) -> int:
    """Read the text once, from left to right; blanks are spaces and nothing else, and a unit ends a part."""
    if not isinstance(text, str):
        raise TypeError("a duration is a text")
    total, digits, next_unit, parts = 0, "", 0, 0
    for character in text:
        if character in "0123456789":
            digits += character
        elif character == " ":
            if digits:
                raise ValueError(f"a blank inside a part of {text!r}")
        else:
            place = UNITS.find(character)
            if place < 0:
                raise ValueError(f"unknown unit: {character}")
            if not digits:
                raise ValueError(f"no number before {character!r}")
            if place < next_unit:
                raise ValueError(f"{character!r} comes too late in {text!r}")
            total += int(digits) * SIZES[place]
            digits, next_unit, parts = "", place + 1, parts + 1
    if digits or not parts:
        raise ValueError(f"{text!r} ends before its unit")
    return total

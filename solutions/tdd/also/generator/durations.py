"""Kata: TDD. Lengths of time as people write them, "1h30m", as a number of seconds.

Write as little here as the first red test asks for; the next one opens when it is green.

Another right answer: a generator of parts, and a function that adds them up.
"""

from collections.abc import Iterator
from itertools import pairwise
from string import ascii_letters, digits

SECONDS_OF = {"s": 1}
SECONDS_OF["m"] = 60 * SECONDS_OF["s"]
SECONDS_OF["h"] = 60 * SECONDS_OF["m"]
SECONDS_OF["d"] = 24 * SECONDS_OF["h"]


def parts_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield the number and the size of each part."""
    text = text.strip(" \t\n")
    while text:
        unit = text.lstrip(digits)
        number = text[: len(text) - len(unit)]
        if not number or unit[:1] not in tuple(ascii_letters):
            raise ValueError(f"no number and unit in {text!r}")
        try:
            yield int(number), SECONDS_OF[unit[0]]
        except KeyError as error:
            raise ValueError(f"{text!r}: {error} is not one of {', '.join(SECONDS_OF)}") from None
        text = unit[1:].lstrip(" \t\n")


def parse_duration(text: str) -> int:
    """Add up the parts; each is to be smaller than the one before it."""
    parts = list(parts_of(text))
    sizes = [size for _, size in parts]
    if not parts or any(one <= other for one, other in pairwise(sizes)):
        raise ValueError("there are no parts" if not parts else f"{text!r} is not in order")
    return sum(number * size for number, size in parts)

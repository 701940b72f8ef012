"""Kata: TDD. Lengths of time as people write them, "1h30m", as a number of seconds.

Write as little here as the first red test asks for; the next one opens when it is green.
"""

import re

#: The largest first: in this order the parts of a text may come.
SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}

#: [0-9] and not \d, which knows the digits of all alphabets.
PART = re.compile(r"([0-9]+)([^0-9\s]) *")


def parse_duration(text: str) -> int:
    """Return the number of seconds that a text such as "1h30m" stands for.

    Its parts are a number and its unit (d, h, m, s), each unit once at most, the largest first; blanks may stand around
    the parts. Raises ValueError for every other text.
    """
    rest = text.strip()
    if not rest:
        raise ValueError("an empty text is no duration")
    allowed = list(SECONDS)
    total = 0
    while rest:
        part = PART.match(rest)
        if part is None:
            raise ValueError(f"a number and its unit were expected at {rest!r}, in {text!r}")
        number, unit = part.groups()
        if unit not in allowed:
            raise ValueError(f"the unit {unit!r} is unknown, repeated, or after a smaller one, in {text!r}")
        total += int(number) * SECONDS[unit]
        # What may follow is smaller.
        del allowed[: allowed.index(unit) + 1]
        rest = rest[part.end() :]
    return total

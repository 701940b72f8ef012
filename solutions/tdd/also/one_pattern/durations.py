"""Kata: TDD. Lengths of time as people write them, "1h30m", as a number of seconds.

Write as little here as the first red test asks for; the next one opens when it is green.

Another right answer: the whole text is one regular expression, and what it refuses is explained afterwards.
"""

import re

DURATION = re.compile(
    r"""
    \s*
    (?: (?P<d> [0-9]+ ) d \s* )?
    (?: (?P<h> [0-9]+ ) h \s* )?
    (?: (?P<m> [0-9]+ ) m \s* )?
    (?: (?P<s> [0-9]+ ) s \s* )?
    """,
    re.VERBOSE,
)
SIZES = {"d": 86400, "h": 3600, "m": 60, "s": 1}


class BadDuration(ValueError):
    """A text that is no duration."""


def parse_duration(text: str) -> int:
    """Let the expression say which parts there are; all of them are optional, so none at all matches, too."""
    found = DURATION.fullmatch(text)
    parts = {unit: number for unit, number in found.groupdict().items() if number} if found else {}
    if not parts:
        raise BadDuration("not a duration", text, re.sub(r"[0-9\s]", "", text))
    return sum(int(number) * SIZES[unit] for unit, number in parts.items())

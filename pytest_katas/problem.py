"""What an author has to mend."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """A rule that a kata does not keep.

    :ivar kata: its slug.
    :ivar rule: the number of the rule; 0: the kata's files and their format.
    """

    kata: str
    rule: int
    expected: str
    happened: str

    def __str__(self) -> str:
        which = f"rule {self.rule}" if self.rule else "files"
        return f"{self.kata}, {which}: expected {self.expected}; {self.happened}"

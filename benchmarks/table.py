"""The table of the budgets, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

_HEAD = ("what", "bare and peers", "ours", "budget", "met")


class Row(NamedTuple):
    """One budget, and what was measured.

    :ivar what: what is measured, and how.
    :ivar peers: what others cost, by name, in the unit of ``ours``.
    :ivar unit: a format for a number, such as ``{:.2f}x``.
    """

    what: str
    peers: Mapping[str, float]
    ours: float
    budget: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the budget is kept."""
        return self.ours <= self.budget

    def cells(self) -> tuple[str, ...]:
        """Return the row as texts."""
        peers = ", ".join(f"{name} {self.unit.format(cost)}" for name, cost in self.peers.items())
        ours, budget = self.unit.format(self.ours), self.unit.format(self.budget)
        return self.what, peers or "-", ours, f"<= {budget}", "yes" if self.met else "no"


def head() -> str:
    """Return the first lines of the table."""
    return f"{_line(_HEAD)}\n{_line('---' for _ in _HEAD)}"


def line(row: Row) -> str:
    """Return one line of the table."""
    return _line(row.cells())


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

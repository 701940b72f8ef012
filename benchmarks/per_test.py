"""What the plugin costs each further test of a kata: a large kata less a small one."""

from __future__ import annotations

from collections.abc import Iterator

from cost import turnwise
from environment import BARE, OURS
from lab import Lab
from project import track
from table import Row

FEW = 20


def rows(lab: Lab) -> Iterator[Row]:
    """Measure one test among many."""
    many = 120 if lab.quick else 520
    small = lab.runs(lambda folder: track(folder, katas=1, tests=FEW), "katas")
    large = lab.runs(lambda folder: track(folder, katas=1, tests=many), "katas")
    # In one measurement, so that by seconds both sizes are of the same turn.
    costs = lab.processor(small | {f"large {name}": run for name, run in large.items()})

    def against_bare(name: str) -> float:
        taken = (costs[key] for each in (name, BARE.name) for key in (f"large {each}", each))
        return turnwise(taken, lambda much, little, bare_much, bare_little: (much - little) / (bare_much - bare_little))

    peers = {name: against_bare(name) for name in lab.peers}
    yield Row(f"per test, recorded; {lab.by}", peers, against_bare(OURS.name), 1.04, "{:.3f}x")

"""What the plugin costs a run of 280 tests in 14 katas, by the clock on the wall."""

from __future__ import annotations

from collections.abc import Iterator

from environment import OURS
from lab import Lab
from project import track
from table import Row

KATAS, TESTS = 14, 20


def rows(lab: Lab) -> Iterator[Row]:
    """Measure the run of all katas."""
    runs = lab.runs(lambda folder: track(folder, KATAS, TESTS))
    ours = runs[OURS.name]
    runs[OURS.name] = ours._replace(command=(*ours.command, "--kata-all"))
    peers, katas = lab.ratios(lab.seconds(runs))
    yield Row(f"{KATAS * TESTS} tests in {KATAS} katas, `--kata-all`; wall", peers, katas, 1.05, "{:.3f}x")

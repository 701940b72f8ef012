"""What the plugin keeps in memory over a run of many tests."""

from __future__ import annotations

from collections.abc import Iterator

from cost import peak
from environment import BARE, OURS
from lab import Lab
from project import track
from table import Row


def rows(lab: Lab) -> Iterator[Row]:
    """Measure the largest resident memory of a kata of 10,000 tests."""
    tests = 1000 if lab.quick else 10_000
    runs = lab.runs(lambda folder: track(folder, katas=1, tests=tests), "katas")
    # The smallest of two: what the first run compiles is no memory of the plugin's.
    peaks = {name: min(peak(run), peak(run)) for name, run in runs.items()}
    peers = {name: peaks[name] - peaks[BARE.name] for name in lab.peers}
    yield Row(f"memory at {tests:,} tests", peers, peaks[OURS.name] - peaks[BARE.name], 4.0, "{:+.1f} MiB")

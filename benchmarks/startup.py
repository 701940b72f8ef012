"""What the plugin costs a run of one test: where there is no kata, and in a kata."""

from __future__ import annotations

from collections.abc import Iterator

from lab import Lab
from project import plain, track
from table import Row


def rows(lab: Lab) -> Iterator[Row]:
    """Measure both."""
    peers, ours = lab.ratios(lab.processor(lab.runs(lambda folder: plain(folder, tests=1))))
    yield Row(f"start-up, one test, no kata; {lab.by}", peers, ours, 1.02, "{:.3f}x")
    runs = lab.runs(lambda folder: track(folder, katas=1, tests=1), "katas")
    peers, ours = lab.ratios(lab.processor(runs))
    yield Row(f"start-up, a kata of one test, recorded; {lab.by}", peers, ours, 1.05, "{:.3f}x")

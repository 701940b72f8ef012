"""What it takes to show the progress in a whole track, out of a short and a very long record."""

from __future__ import annotations

from collections.abc import Iterator

from cost import Run, ratio, turnwise
from environment import BARE, OURS
from lab import Lab
from project import plain, track
from table import Row
from whole_track import KATAS, TESTS


def rows(lab: Lab) -> Iterator[Row]:
    """Measure ``--kata-progress``, with 10^4 and with 10^6 outcomes in the record."""
    short, long = (_reading(lab, attempts) for attempts in (10**4 // TESTS, 10**6 // TESTS))
    runs = {BARE.name: lab.runs(lambda folder: plain(folder, tests=1))[BARE.name], OURS.name: short}
    against_a_run = ratio(lab.processor(runs), OURS.name, BARE.name)
    yield Row(
        f"`--kata-progress`, 10^4 outcomes, against a run of one test; {lab.by}", {}, against_a_run, 1.0, "{:.2f}x"
    )
    costs = lab.seconds(runs | {"long": long})
    more = turnwise((costs["long"], costs[OURS.name]), lambda much, little: much - little)
    yield Row("`--kata-progress`, 10^6 outcomes, over 10^4; wall", {}, more, 1.0, "{:.2f} s")


def _reading(lab: Lab, attempts: int) -> Run:
    folder = track(lab.folder / f"reading-{attempts}", KATAS, TESTS)
    lab.probe("fill", str(folder), str(attempts))
    return Run(lab.ours.pytest("--kata-progress"), folder)

"""What a process costs: instructions, seconds, memory.

Instructions, counted by valgrind, are the same on every count and whatever else the machine does. Without valgrind,
and where children and the disk matter, seconds are taken, of all that is compared in turn, and only what was measured
in the same turn is compared: then a busy machine slows both.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from typing import NamedTuple

from environment import variables

#: Turns of a comparison by seconds.
TURNS = 15

_CALLGRIND = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}")
_COUNTED = re.compile(rb"Collected : (\d+)")

#: By name of what is compared, its cost in each turn.
Costs = Mapping[str, Sequence[float]]


class Run(NamedTuple):
    """A command, and the folder that it runs in."""

    command: tuple[str, ...]
    folder: Path


def has_valgrind() -> bool:
    """Say whether instructions can be counted here."""
    return shutil.which(_CALLGRIND[0]) is not None


def processor(runs: Mapping[str, Run], turns: int) -> Costs:
    """Measure what each run asks of the processor: instructions, or seconds where they cannot be counted."""
    if not has_valgrind():
        return seconds(runs, turns)
    return {name: [_instructions(run)] for name, run in runs.items()}


def seconds(runs: Mapping[str, Run], turns: int) -> Costs:
    """Measure how long each run takes, all of them in each turn."""
    for run in runs.values():
        _finished(run)
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(turns):
        # There and back, so that nothing is always measured after the same neighbour.
        for name, run in sorted(runs.items(), reverse=bool(turn % 2)):
            began = time.perf_counter()
            _finished(run)
            taken[name].append(time.perf_counter() - began)
    return taken


def peak(run: Run) -> float:
    """Measure the largest resident memory of a run, in MiB; not on Windows."""
    with TemporaryFile() as output:
        process = subprocess.Popen(run.command, cwd=run.folder, env=variables(), stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(run.command)} ended with {process.returncode}")
    # Linux counts in KiB, macOS in bytes.
    return usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def turnwise(costs: Iterable[Sequence[float]], formula: Callable[..., float]) -> float:
    """Apply a formula to the costs of each turn, and return the median."""
    return median(formula(*turn) for turn in zip(*costs, strict=True))


def ratio(costs: Costs, name: str, to: str) -> float:
    """Return how many times dearer one run is than another."""
    return turnwise((costs[name], costs[to]), lambda one, other: one / other)


def _instructions(run: Run) -> int:
    # The first run writes what Python and the plugins keep: byte code, caches, reports.
    _finished(run)
    found = _COUNTED.search(_finished(run._replace(command=(*_CALLGRIND, *run.command))).stderr)
    if not found:
        raise SystemExit(f"valgrind counted nothing of {' '.join(run.command)}")
    return int(found[1])


def output(run: Run) -> str:
    """Return what a run prints; one that fails ends the benchmarks."""
    return _finished(run).stdout.decode()


def _finished(run: Run) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(run.command, cwd=run.folder, env=variables(), capture_output=True, check=False)
    if done.returncode:
        printed = (done.stdout + done.stderr).decode(errors="replace")
        raise SystemExit(f"{' '.join(run.command)} ended with {done.returncode}\n{printed}")
    return done

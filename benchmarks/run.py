"""Measure the budgets, and print them as a Markdown table beside what others cost.

python benchmarks/run.py [--quick] [--cache DIR] [startup] [per_test] [whole_track] [record] [reading] [memory]
"""

from __future__ import annotations

import argparse
import platform
import tempfile
from pathlib import Path

import memory
import per_test
import reading
import record
import startup
import table
import whole_track
from environment import OURS, PEERS, environments
from lab import Lab

MEASUREMENTS = {each.__name__: each for each in (startup, per_test, whole_track, record, reading, memory)}


def main() -> None:
    """Measure what was asked for, line by line, and end with 1 where a budget is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"what to measure: {', '.join(MEASUREMENTS)}")
    parser.add_argument("--quick", action="store_true", help="bare pytest only, fewer turns, smaller projects")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep the virtual environments here")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(MEASUREMENTS):
        parser.error(f"there is no {' or '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    plugins = (OURS,) if asked.quick else (*PEERS, OURS)
    with tempfile.TemporaryDirectory(prefix="katas-benchmarks-") as draft:
        folder = Path(draft)
        made = environments((asked.cache or folder / "environments").absolute(), plugins)
        lab = Lab(made, folder / "projects", quick=asked.quick)
        print(table.head())
        met = True
        for name in asked.names or MEASUREMENTS:
            for row in MEASUREMENTS[name].rows(lab):
                print(table.line(row), flush=True)
                met = met and row.met
        versions = {name: version for each in made.values() for name, version in each.versions().items()}
    shown = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()) if name.startswith("pytest"))
    print(f"\nPython {platform.python_version()}, {shown}")
    raise SystemExit(not met)


if __name__ == "__main__":
    main()

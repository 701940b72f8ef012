"""Bring attempts to the disk in turn: by the store, by SQLite, and as a bare line; print the medians as JSON.

Runs in the plugin's environment: append.py FOLDER TURNS
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

from attempt import FIELDS, SLUG, STARTED

from pytest_katas.store import Store

LEARNER = "ada"


def by_store(folder: Path) -> None:
    """Do what a run of one kata does; each run is a process of its own and knows nothing of the log yet."""
    store = Store(folder / ".katas")
    store.keep(LEARNER, Path(__file__))
    store.append(LEARNER, SLUG, "started", sync=False, **STARTED)
    store.append(LEARNER, SLUG, "attempt", **FIELDS)


def by_sqlite(folder: Path) -> None:
    """Write a row a test in one transaction, as a plugin with a database would."""
    with closing(sqlite3.connect(folder / "record.db")) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS outcome (run TEXT, test TEXT, task TEXT, outcome TEXT)")
        results = [(test, task, word) for task, tests in FIELDS["tests"].items() for test, word in tests.items()]
        database.executemany("INSERT INTO outcome VALUES (?, ?, ?, ?)", [(FIELDS["run"], *each) for each in results])


def by_line(folder: Path) -> None:
    """Write a line of the same length: what the disk takes."""
    with (folder / "lines").open("ab", buffering=0) as file:
        file.write(json.dumps(FIELDS).encode() + b"\n")
        os.fsync(file.fileno())


def milliseconds(write: Callable[[Path], None], folder: Path) -> float:
    """Return how long it takes to write once."""
    began = time.perf_counter()
    write(folder)
    return (time.perf_counter() - began) * 1000


def main(folder: Path, turns: int) -> None:
    """Take turns."""
    folder.mkdir(parents=True)
    ways = {"katas": by_store, "SQLite": by_sqlite, "bare fsync": by_line}
    taken = [{name: milliseconds(way, folder) for name, way in ways.items()} for _ in range(turns)]
    print(json.dumps({name: median(turn[name] for turn in taken) for name in ways}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

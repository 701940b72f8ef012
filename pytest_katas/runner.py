"""Runs tests over any set of files in a clean process, and tells the truth about what came of it.

Files in, :class:`Run` out; nothing here knows a kata, or pytest. The half that does is ``witness``; it works in the
child, and what it sees it writes down test by test, so that a process that dies has said all it knew.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pytest_katas.crew import Crew, Spawner, Zygote
from pytest_katas.gaps import Gaps
from pytest_katas.outcomes import Light, Outcome, Result, light_of
from pytest_katas.sandbox import Sandbox, content_of, files_of
from pytest_katas.witness import Finding, judge, warm
from pytest_katas.zygote import End

#: Seconds for a whole run; a kata has two of them.
DEADLINE = 10.0

_LONGEST_OUTPUT = 4000
_SIGNALS = {one.value: one.name for one in signal.Signals}
#: What the one who runs us has asked of *his* pytest.
_FOREIGN = ("PYTEST_", "KATA_", "PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What came of one run.

    :ivar tests: the finding of every test that came to its end, by its key, in the order they ran.
    :ivar problems: what could not be collected, and faults of pytest itself.
    :ivar exit: pytest's exit code; None if its process ended first.
    :ivar died: how the process ended first; empty if it did not.
    :ivar seconds: of pytest's whole session; until its death, if it died.
    :ivar trespasses: what the run did to the world outside its folders.
    :ivar output: the end of what was printed.
    :ivar gaps: of the file to be covered, what was never run.
    """

    tests: Mapping[str, Finding]
    problems: tuple[str, ...] = ()
    exit: int | None = 0
    died: str = ""
    seconds: float = 0.0
    trespasses: tuple[str, ...] = ()
    output: str = ""
    gaps: Gaps | None = None

    def light(self, expected: Mapping[int, int]) -> Light:
        """Return the light of this run, as of an attempt with these expected tests."""
        results = (Result(finding.outcome, finding.task) for finding in self.tests.values())
        return light_of(results, expected, broken=bool(self.problems or self.died))


class Runner:
    """Runs tests in clean processes; may be used by any number of threads; as many runs go on at a time as it is told.

    :param size: how many runs may go on at a time.
    :param fork: fork the process of a run from a warm one; without it each run starts an interpreter.
    :param preload: modules that runs will import, to be imported once; those that cannot be are left to the runs.
    :param arguments: more arguments for pytest.
    """

    def __init__(
        self,
        size: int = 1,
        *,
        fork: bool = hasattr(os, "fork"),
        preload: Sequence[str] = (),
        arguments: Sequence[str] = (),
    ) -> None:
        self.size = size
        self._fork = fork
        self._preload = tuple(preload)
        self._arguments = tuple(arguments)
        self._idle: queue.SimpleQueue[tuple[Sandbox, Crew]] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        # Resolved, or a folder behind a link looks like two.
        self._root = Path(tempfile.mkdtemp(prefix="kata-")).resolve()
        for number in range(self.size):
            folder = self._root / str(number)
            self._idle.put((Sandbox(folder), self._crew(folder / "log")))
        return self

    def __exit__(self, *_: object) -> None:
        for _number in range(self.size):
            # Waits for the runs of other threads, each of which has its deadline.
            self._idle.get()[1].close()
        shutil.rmtree(self._root, ignore_errors=True)

    def run(
        self,
        files: Mapping[str, bytes] | Path,
        *,
        folder: str = "katas/kata",
        reverse: bool = False,
        until: int | None = None,
        deadline: float = DEADLINE,
        ignore: Sequence[str] = (),
        suite: str = "",
        cover: str = "",
        first: bool = False,
    ) -> Run:
        """Run the tests among these files, in the order of their tasks.

        :param files: contents by relative path, or the folder that has them.
        :param folder: where the files find themselves, below the root directory of the run; it names their modules.
        :param reverse: the last test first.
        :param until: the number of a task: its tests come first, and when one of them is red the run is over.
        :param deadline: seconds until everything that runs is killed.
        :param ignore: files that look like tests and are not to be collected.
        :param suite: the only file to collect; like a script's, its folder is a place to import from.
        :param cover: the file whose lines and branches are watched.
        :param first: the run is over with the first red test.
        """
        sandbox, crew = place = self._idle.get()
        try:
            sandbox.lay(folder, files_of(files) if isinstance(files, Path) else files)
            job: dict[str, Any] = {
                "folder": str(sandbox.home),
                "output": str(sandbox.output),
                "findings": str(sandbox.findings),
                "prefix": f"{folder}/",
                "folders": [str(sandbox.basetemp), str(sandbox.temporary)],
                "arguments": [f"--basetemp={sandbox.basetemp}", f"-c{sandbox.desk / 'pytest.ini'}", *self._arguments],
                "reverse": reverse,
                "until": until,
                "suite": suite,
                "cover": str(sandbox.home / cover) if cover else "",
            }
            job["arguments"] += [f"--ignore={sandbox.home / path}" for path in ignore]
            job["arguments"] += ["--maxfail=1"] if first else []
            # The learner's own markers are their own.
            job["arguments"] += ["-oaddopts=--import-mode=importlib"] if suite else []
            began = time.perf_counter()
            end = crew.run(job, deadline)
            run = _read(sandbox, end, time.perf_counter() - began, deadline)
            if run.died or run.trespasses:
                sandbox.clear()
            return run
        finally:
            self._idle.put(place)

    def _crew(self, log: Path) -> Crew:
        work = f"{judge.__module__}:{judge.__name__}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        # Of this run's plugins none comes in by itself; and a kata's own child processes leave no compiled files.
        environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        if not self._fork:
            return Spawner(work, environment)
        return Zygote(work, (f"{warm.__module__}:{warm.__name__}", *self._preload), environment, log)


def _read(sandbox: Sandbox, end: End, seconds: float, deadline: float) -> Run:
    """Put together what the job has written down, what became of its process, and what is left of its files."""
    tests: dict[str, Finding] = {}
    problems: list[str] = []
    trespasses: dict[str, None] = {}
    last: dict[str, Any] = {}
    running = ""
    # The last line has no end only if its writer had one.
    *lines, _torn = content_of(sandbox.findings).split(b"\n")
    for line in lines:
        try:
            note = json.loads(line)
        except ValueError:
            problems.append(f"something else has written among its findings: {line[:80]!r}")
            continue
        if "starts" in note:
            running = note["starts"]
        elif "test" in note:
            running = ""
            key = note.pop("test")
            tests[key] = Finding(**{**note, "outcome": Outcome(note["outcome"])})
        elif "problem" in note:
            problems.append(note["problem"])
        else:
            last = note
            trespasses = dict.fromkeys(note["trespasses"])
    told = " ".join(trespasses)
    trespasses |= {f"it wrote {name}": None for name in sandbox.strays() if f"wrote {name} " not in told}
    if end.left:
        trespasses["it left a process running"] = None
    if last and end.status is None:
        trespasses["its process did not end after the tests"] = None
    return Run(
        tests=tests,
        problems=tuple(problems),
        exit=last.get("exit"),
        died="" if last else _death(end, deadline, running or ("" if tests else "the import of the tests")),
        seconds=last.get("seconds", seconds),
        trespasses=tuple(trespasses),
        output=content_of(sandbox.output)[-_LONGEST_OUTPUT:].decode(errors="replace"),
        gaps=Gaps.of(last["gaps"]) if last.get("gaps") else None,
    )


def _death(end: End, deadline: float, where: str) -> str:
    if end.lost:
        how = f"the process that forks died with it: {end.lost}"
    elif end.status is None:
        how = f"it was not done after {deadline:g} s"
    elif end.status < 0:
        how = f"it was killed by {_SIGNALS.get(-end.status, f'signal {-end.status}')}"
    else:
        how = f"its process ended with status {end.status} before pytest did"
    return f"{how}, in {where}" if where else how

"""Runs tests over any set of files in a clean process, and tells the truth about what came of it.

Files in, :class:`Run` out; nothing here knows a kata but for the marker that says to which task a test belongs. The
half that uses pytest, :func:`judge`, works in the child; what it sees it writes down test by test, so that a process
that dies has said all it knew.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import queue
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pytest

from pytest_katas.crew import Crew, Spawner, Zygote
from pytest_katas.gaps import Gaps
from pytest_katas.outcomes import REDS, Light, Outcome, Result, light_of, outcome_of, worse
from pytest_katas.sandbox import Sandbox, content_of, files_of
from pytest_katas.trespass import Watch
from pytest_katas.zygote import End

if TYPE_CHECKING:
    from coverage import Coverage

#: Seconds for a whole run; a kata has two of them.
DEADLINE = 10.0

_ARGUMENTS = ("-q", "--tb=no", "--no-header", "--no-summary", "-pno:cacheprovider")
_LONGEST_MESSAGE = 600
_LONGEST_OUTPUT = 4000
_SIGNALS = {one.value: one.name for one in signal.Signals}
#: What the one who runs us has asked of *his* pytest.
_FOREIGN = ("PYTEST_", "KATA_", "PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


class Finding(NamedTuple):
    """How one test ended.

    :ivar task: the number in its marker; 0 without one.
    :ivar guard: it may be green when its task opens.
    :ivar phase: setup, call or teardown: the one that decided.
    :ivar message: the exception in short; empty if there was none.
    :ivar line: of the test's own file, where the exception came from, or else the test begins; 0 without one.
    """

    outcome: Outcome
    task: int = 0
    guard: bool = False
    phase: str = "call"
    message: str = ""
    line: int = 0

    @property
    def red(self) -> bool:
        """The test itself said no: it was neither broken around it, nor skipped, nor passed."""
        return self.outcome in REDS


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
        work = f"{__name__}:{judge.__name__}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        # Of this run's plugins none comes in by itself; and a kata's own child processes leave no compiled files.
        environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        if not self._fork:
            return Spawner(work, environment)
        return Zygote(work, (f"{__name__}:{warm.__name__}", *self._preload), environment, log)


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


# ---- in the child --------------------------------------------------------------------------------------------------


def warm(*modules: str) -> None:
    """Do what every run begins with once, so that the children forked from here have it."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        # A failing assertion brings in what only failing assertions need.
        Path(folder, "test_warm.py").write_text(
            "def test_warm():\n    one = 1\n    assert one == 2\n", encoding="utf-8"
        )
        Path(folder, "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        pytest.main([*_ARGUMENTS, folder, f"-c{folder}/pytest.ini", "--import-mode=importlib"])
    sys.modules.pop("test_warm", None)
    for module in modules:
        # Whoever needs it will fail to import it, and is the one to be told.
        with contextlib.suppress(Exception):
            importlib.import_module(module)


def judge(job: Mapping[str, Any], *, _clock: Callable[[], float] = time.perf_counter) -> int:
    """Run pytest in this process over the files of a job, and write down what is seen as it is seen."""
    base, temporary = map(Path, job["folders"])
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)))
    tempfile.tempdir = None
    # The desk's compiled files serve again; see Sandbox.
    sys.dont_write_bytecode = False
    watch = Watch((base, temporary), Path(job["folder"]))
    witness = _Witness(job["findings"], job["prefix"], watch, job["reverse"], job["until"])
    coverage = _coverage_of(job["cover"]) if job["cover"] else None
    if job["suite"]:
        sys.path.insert(0, job["folder"])
    watch.start()
    began = _clock()
    tests = str(Path(job["folder"], job["suite"]))
    with contextlib.ExitStack() as measured:
        if coverage:
            measured.callback(coverage.stop)
            coverage.start()
        status = int(pytest.main([*_ARGUMENTS, *job["arguments"], tests], plugins=[witness]))
    seconds = _clock() - began
    trespasses = [str(trespass) for trespass in watch.finish()]
    gaps = _gaps(coverage, job["cover"], base) if coverage else None
    witness.write(exit=status, seconds=seconds, trespasses=trespasses, gaps=gaps)
    return status


def _coverage_of(path: str) -> Coverage:
    """Return what watches the lines and branches of a file."""
    from coverage import Coverage

    coverage = Coverage(data_file=None, config_file=False, branch=True, include=[path], messages=False)
    # A file that is never run has gaps from end to end, and that is for the reader to say.
    coverage.set_option("run:disable_warnings", ["no-data-collected"])
    return coverage


def _gaps(coverage: Coverage, path: str, folder: Path) -> Mapping[str, Any]:
    """Return what coverage's JSON report says of the file: its ``missing_lines`` and ``missing_branches``."""
    report = folder / "coverage.json"
    folder.mkdir(exist_ok=True)
    coverage.json_report([path], outfile=str(report))
    (found,) = json.loads(report.read_bytes())["files"].values()
    return {key: found[key] for key in ("missing_lines", "missing_branches")}


class _Witness:
    """The pytest plugin that writes down how each test ended.

    Nothing it calls may be what a test has replaced, frozen or closed; hence the default arguments.
    """

    def __init__(self, findings: str, prefix: str, watch: Watch, reverse: bool, until: int | None) -> None:
        self._findings = findings
        self._prefix = prefix
        self._watch = watch
        self._reverse = reverse
        self._until = until
        self._process = os.getpid()
        self._said: Outcome | None = None
        self._finding: Finding | None = None

    def write(
        self,
        *,
        _getpid: Callable[[], int] = os.getpid,
        _open: Callable[..., int] = os.open,
        _write: Callable[[int, bytes], int] = os.write,
        _close: Callable[[int], None] = os.close,
        _dumps: Callable[..., str] = json.dumps,
        **note: object,
    ) -> None:
        """Add a line to the findings."""
        # A test that forks and forgets to leave would say everything twice.
        if _getpid() == self._process:
            # Opened each time: a test may close every descriptor there is.
            findings = _open(self._findings, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            _write(findings, _dumps(note).encode() + b"\n")
            _close(findings)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Fires once all is collected: put the tests in the order of their tasks."""
        items.sort(key=lambda item: _marked(item)[0])
        if self._reverse:
            items.reverse()
        items.sort(key=lambda item: _marked(item)[0] != self._until)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Fires for each file and class that was collected."""
        if report.failed:
            self.write(problem=f"{self._key(report.nodeid)} could not be collected: {_gist(report.longreprtext)}")

    def pytest_internalerror(self, excrepr: object) -> None:
        """Fires when pytest itself, or a conftest, has failed."""
        self.write(problem=f"pytest broke off: {_gist(str(excrepr))}")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Fires before a test: should it end the process, this is what is known of it."""
        self._watch.test = self._key(nodeid)
        self.write(starts=self._watch.test)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fires after each phase of a test."""
        report = yield
        said = outcome_of(report.when, report.outcome, xfail=hasattr(report, "wasxfail"))
        if said and worse(self._said, said) is said:
            self._said = said
            error = call.excinfo
            task, guard = _marked(item)
            self._finding = Finding(
                outcome=Outcome.UNWRITTEN if said is Outcome.FAILED and error and _is_unwritten(error.value) else said,
                task=task,
                guard=guard,
                phase=report.when,
                message=error.exconly(tryshort=True)[:_LONGEST_MESSAGE] if error else "",
                line=_line_in(item, error) if error else 0,
            )
            if self._finding.red and task == self._until:
                item.session.shouldfail = f"a test of task {task} is red"
        return report

    def pytest_runtest_logfinish(self) -> None:
        """Fires after a test, with everything it has replaced put back."""
        if self._finding:
            self.write(test=self._watch.test, **self._finding._asdict())
        self._watch.test = ""
        self._said = self._finding = None

    def _key(self, nodeid: str) -> str:
        return nodeid.removeprefix(self._prefix)


def _line_in(item: pytest.Item, error: pytest.ExceptionInfo[BaseException]) -> int:
    lines = (entry.lineno + 1 for entry in reversed(error.traceback) if entry.path == item.path)
    return next(lines, (item.location[1] or 0) + 1)


def _marked(item: pytest.Item) -> tuple[int, bool]:
    marker = item.get_closest_marker("task")
    task = marker.kwargs.get("taskno") if marker else None
    return (task if isinstance(task, int) else 0), bool(marker and marker.kwargs.get("guard"))


def _is_unwritten(error: BaseException | None) -> bool:
    # A library may answer the learner's NotImplementedError with an exception of its own.
    seen: list[BaseException] = []
    while error and error not in seen:
        if isinstance(error, NotImplementedError):
            return True
        seen.append(error)
        error = error.__context__
    return False


def _gist(text: str) -> str:
    """Return the line of a traceback that says what it was."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    said = [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]
    return (said or lines)[-1][:_LONGEST_MESSAGE]

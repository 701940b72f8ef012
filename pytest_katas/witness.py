"""What a run of tests looks like from inside: pytest in the child, and each test's end written down as it is seen.

Nothing here knows a kata but for the marker that says to which task a test belongs.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pytest_katas.outcomes import REDS, Outcome, outcome_of, worse
from pytest_katas.trespass import Watch

if TYPE_CHECKING:
    from coverage import Coverage

_ARGUMENTS = ("-q", "--tb=no", "--no-header", "--no-summary", "-pno:cacheprovider")
_LONGEST_MESSAGE = 600


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

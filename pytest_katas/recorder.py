"""The hook object that collects what tests say, makes an attempt of it and appends it to the record.

It lives in one process a run: in pytest itself, or in the controller of pytest-xdist. A fault in recording is kept as
one sentence for the summary and never reaches the learner's run.
"""

import hashlib
import os
import platform
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pytest_katas import __version__
from pytest_katas.attempt import LiveAttempt, Note, Roster, Run, Seat, lines_changed
from pytest_katas.catalogue import Catalogue, Kata
from pytest_katas.learner import learner_of
from pytest_katas.outcomes import Outcome, Result, outcome_of, worse
from pytest_katas.rounds import DIED
from pytest_katas.settings import Settings
from pytest_katas.store import Event, Kept, Store, StoreError, fits

_DIED = Note(what=DIED, why=DIED)
_NOTED = {"locked": Outcome.LOCKED, "unwritten": Outcome.UNWRITTEN}


class KataWarning(pytest.PytestWarning):
    """Something could not be recorded; the run itself is not affected."""


class _Page(NamedTuple):
    """Where in the record an attempt is written, and what was there when it began.

    :ivar files: what became of each learner's file.
    :ivar began: on the recorder's clock, in seconds.
    """

    store: Store
    files: dict[str, Kept]
    started: Event
    began: float


class Recorder:
    """Collects the outcomes of this run, kata by kata.

    :param run: what is known so far; shared with the proctor and the summary.
    :param roster: the seat of each test; filled by the proctor, or by its copies in worker processes.
    :param root: the folder that node ids are relative to.
    :param flags: the flags of this run that leave tests out, for the reason in the record.
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        run: Run,
        roster: Roster,
        root: Path,
        flags: str,
        # Bound here: a test that forgets to stop freezegun replaces the module's own clock.
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._settings = settings
        self._run = run
        self._pages: dict[str, _Page] = {}
        self._catalogue = catalogue
        self._roster = roster
        self._root = root
        self._flags = flags
        self._clock = clock
        self._outcomes: dict[str, Outcome] = {}
        self._died: list[str] = []
        self._crashed = False

    def meet(self, kata: Kata) -> None:
        """Take in a kata before any of its files is imported: a process that dies there has started an attempt."""
        if not self._settings.enabled:
            return
        attempt = self._run.attempts[str(kata.path)]
        store = Store(self._settings.store or kata.record)
        began = self._clock()
        try:
            learner = attempt.learner = learner_of(self._settings.learner, store)
            files = {stub: store.keep(learner, kata.path / stub) for stub in kata.stubs}
            log = attempt.log = store.read(learner, kata.slug, *kata.formerly)
            started = store.append(
                learner,
                kata.slug,
                "started",
                formerly=kata.formerly,
                sync=False,
                pid=os.getpid(),
                python=platform.python_version(),
                plugin=__version__,
            )
        except StoreError as error:
            self._failed(error)
        else:
            log.events.append(started)
            attempt.recorded = True
            self._pages[str(kata.path)] = _Page(store, files, started, began)

    # What tests say -------------------------------------------------------------------------------------------------

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Fires for each file that was collected; on the controller of xdist only for those that failed."""
        if report.failed and (attempt := self._attempt_at(report.nodeid, getattr(report, "kata", None))):
            note = getattr(report, "kata", None) or Note(what=str(report.longrepr).strip().rpartition("\n")[2])
            # Every worker of xdist meets the same trouble.
            if note not in attempt.trouble:
                attempt.trouble.append(note)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Fires for each phase of each test, three times a test: only what decides something goes further."""
        if report.when == "setup":
            # A test that is run again (rerunfailures, repeat) begins anew.
            self._outcomes.pop(report.nodeid, None)
        if report.outcome == "passed" and report.when != "call":
            return
        outcome = outcome_of(report.when or "", report.outcome, xfail=hasattr(report, "wasxfail"))
        if outcome is None:
            return
        note: Note | None = getattr(report, "kata", None)
        if note:
            for word, noted in _NOTED.items():
                if note.get(word) and outcome is not Outcome.ERROR:
                    outcome = noted
            if report.failed:
                self._run.attempts[note["folder"]].failed(note)
        elif str(report.when) == "???":
            # xdist's word for a test whose worker died.
            self._died.append(report.nodeid)
        self._outcomes[report.nodeid] = worse(self._outcomes.get(report.nodeid), outcome)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Fires when a worker of xdist has ended: only it knows which task a test belongs to."""
        self._crashed = self._crashed or error is not None
        roster = getattr(node, "workeroutput", {}).get("kata_roster", {})
        self._roster.update((nodeid, Seat(*seat)) for nodeid, seat in roster.items())

    # The attempt ----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Fires before anything is summed up: what is reported is on the disk."""
        for nodeid, outcome in self._outcomes.items():
            if seat := self._roster.get(nodeid):
                self._run.attempts[seat.folder].results[seat.test] = Result(outcome, seat.task)
        for nodeid in self._died:
            # Where the root folder is elsewhere, an id does not lead to its file; another worker may know the test.
            seat = self._roster.get(nodeid)
            if attempt := self._run.attempts[seat.folder] if seat else self._attempt_at(nodeid):
                attempt.trouble.append(_DIED)
        for attempt in self._run.attempts.values():
            # A worker that dies while it imports reports nothing, not even of which kata.
            if self._crashed and not attempt.results and not attempt.trouble:
                attempt.trouble.append(_DIED)
        for folder, page in self._pages.items():
            if page.started["pid"] != os.getpid():
                # A fork of the learner's that went on: the run is recorded once, where it began.
                continue
            attempt = self._run.attempts[folder]
            try:
                attempt.log.events.append(self._append(attempt, page))
            except StoreError as error:
                self._failed(error)
        if self._run.fault:
            # -W error makes an exception of this warning, and an exception here would end the run.
            with suppress(KataWarning):
                warnings.warn(KataWarning(self._run.fault), stacklevel=1)

    def _append(self, attempt: LiveAttempt, page: _Page) -> Event:
        kata = attempt.kata
        added, removed = _changed(attempt, page)
        return page.store.append(
            attempt.learner,
            kata.slug,
            "attempt",
            formerly=kata.formerly,
            run=page.started["id"],
            python=page.started["python"],
            seconds=round(self._clock() - page.began, 3),
            light=attempt.light,
            complete=attempt.complete,
            why=attempt.why_incomplete(self._flags),
            tests=_by_task(attempt),
            kata=_tests_hash(kata),
            files=page.files,
            added=added,
            removed=removed,
            prediction=None,
            missing=[task.number for task in kata.tasks if task.missing],
        )

    def _attempt_at(self, nodeid: str, note: Note | None = None) -> LiveAttempt | None:
        """Return the attempt that a report without a seat belongs to: by its note, else by the path in its id."""
        if note:
            return self._run.attempts.get(note["folder"])
        kata = self._catalogue.kata_of(Path(os.path.normpath(self._root / nodeid.split("::", maxsplit=1)[0])))
        return self._run.attempts.get(str(kata.path)) if kata else None

    def _failed(self, error: StoreError) -> None:
        self._run.fault = self._run.fault or f"this run is not recorded: {error}"


def _by_task(attempt: LiveAttempt) -> dict[str, dict[str, str]]:
    """Return the outcome of each test by task; texts alone, for a list a test would make reading twice as slow."""
    tests: dict[str, dict[str, str]] = {}
    for test, result in sorted(attempt.results.items(), key=lambda item: item[1].task):
        tests.setdefault(str(result.task), {})[test] = result.outcome
    return tests


def _changed(attempt: LiveAttempt, page: _Page) -> tuple[int | None, int | None]:
    """Count the lines added and removed since the kata's last attempt; None where there was none."""
    before = next(
        (event["files"] for event in reversed(attempt.log.events) if event["event"] == "attempt" and fits(event)), None
    )
    if before is None:
        return None, None
    added = removed = 0
    for stub, kept in page.files.items():
        was = before.get(stub)
        if was != kept:
            more, less = lines_changed(*(_content(page.store, attempt.learner, each) for each in (was, kept)))
            added, removed = added + more, removed + less
    return added, removed


def _content(store: Store, learner: str, kept: Kept | None) -> bytes:
    sha256 = (kept or {}).get("sha256")
    return (store.content(learner, str(sha256)) if sha256 else None) or b""


def _tests_hash(kata: Kata) -> str:
    """Hash the kata's test files, so that a later change of them can be told; line endings do not count."""
    digest = hashlib.sha256()
    for path in kata.test_files():
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(b"%s\0%d\0%s" % (path.relative_to(kata.path).as_posix().encode(), len(content), content))
    return digest.hexdigest()

"""The hook object of every process that runs tests of a kata.

It puts the tests in the order of their tasks, opens one task after the other, ends endless loops, and notes on a
report what only this process can know: the test's kata and task, and where in the learner's file it went wrong. It
writes nothing; the recorder, which may be in another process, reads the notes.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from traceback import format_exception_only
from types import CodeType

import pytest

from pytest_katas.attempt import Note, Roster, Run, Seat
from pytest_katas.catalogue import Catalogue, Kata
from pytest_katas.focus import in_order
from pytest_katas.watchdog import DeadlineExceeded, Watchdog


class Proctor:
    """Opens the tasks, keeps the time, and notes what happened.

    :ivar roster: by node id, the seat of every test of a kata that was collected in this process.
    :param run: what is known so far; here only what is open is read.
    :param watchdog: ends endless loops, or None where something else does.
    """

    def __init__(self, catalogue: Catalogue, run: Run, watchdog: Watchdog | None = None) -> None:
        self.roster: Roster = {}
        self._catalogue = catalogue
        self._run = run
        self._watchdog = watchdog
        self._locked: set[str] = set()
        if watchdog:
            watchdog.start()

    def meet(self, kata: Kata) -> None:
        """Take in a kata whose tests this process will run."""
        if self._watchdog:
            self._watchdog.folders.append(str(kata.path) + os.sep)

    def close(self) -> None:
        """Stop watching the time."""
        if self._watchdog:
            self._watchdog.stop()
            self._watchdog = None

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Fires before a path is collected: a learner's own tests are judged, in other processes, and not run."""
        kata = self._catalogue.kata_of(collection_path)
        if kata and kata.suites and collection_path in {kata.path / suite for suite in kata.suites}:
            return True
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Fires when a test file is imported: an exit at import becomes an ordinary collection error."""
        if self._watchdog:
            self._watchdog.begin()
        try:
            return (yield)
        except SystemExit as error:
            # pytest lets SystemExit through, and one stub could end the session of all katas, green.
            kata = self._catalogue.kata_of(collector.path)
            if kata is None:
                raise
            note = _import_note(kata, error)
            report = pytest.CollectReport(collector.nodeid, "failed", f"{note['where']}: {note['what']}", [])
            report.kata = note  # type: ignore[attr-defined]  # ours
            return report

    @pytest.hookimpl(trylast=True)
    def pytest_exception_interact(
        self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object], report: pytest.CollectReport
    ) -> None:
        """Fires after something failed: note where an import broke."""
        if isinstance(node, pytest.Collector) and call.excinfo and (kata := self._catalogue.kata_of(node.path)):
            report.kata = _import_note(kata, call.excinfo.value)  # type: ignore[attr-defined]  # ours
            if unreadable := next((link for link in _chain(call.excinfo.value) if isinstance(link, SyntaxError)), None):
                # pytest would show its own frames above it, and none of the learner's: nothing of theirs has run.
                *lines, what = format_exception_only(unreadable)
                report.longrepr = "".join((what, *lines)).rstrip()
        if self._watchdog:
            # pytest itself has just cancelled the timer of the second stage.
            self._watchdog.postpone()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None]:
        """Fires once all is collected: sort by task, after every plugin that shuffles."""
        result = yield
        for path, tests in groupby(items, lambda item: item.path):
            if kata := self._catalogue.kata_of(path):
                folder, file = str(kata.path), path.relative_to(kata.path).as_posix()
                guards = self._run.attempts[folder].guards if kata.unlock == "test" else None
                for item in tests:
                    # The same whatever the root folder of the run is.
                    _, mark, rest = item.nodeid.partition("::")
                    self.roster[item.nodeid] = Seat(folder, f"{file}{mark}{rest}", _task_of(item))
                    if guards is not None and _is_guard(item):
                        guards.add(self.roster[item.nodeid].test)
        seats = self.roster
        items[:] = in_order(
            items,
            lambda item: seats[item.nodeid].folder if item.nodeid in seats else None,
            self._place_of,
        )
        return result

    def _place_of(self, item: pytest.Item) -> tuple[int, int]:
        """Return what the tests of a kata are sorted by: the task; where they open one by one, also the line."""
        seat = self.roster[item.nodeid]
        by_test = self._run.attempts[seat.folder].kata.unlock == "test"
        return seat.task, (item.location[1] or 0) if by_test else 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Fires before each test: skip it while its task is locked, or needs what is not here."""
        if self._watchdog:
            self._watchdog.begin()
        seat = self.roster.get(item.nodeid)
        if seat is None:
            return
        attempt = self._run.attempts[seat.folder]
        if reason := attempt.focus.locked(seat.task):
            self._locked.add(item.nodeid)
        else:
            reason = attempt.missing.get(seat.task, "")
        if reason:
            # A marker rather than an exception of ours: reports then point at the test, not at this plugin.
            item.add_marker(pytest.mark.skip(reason=reason))

    @pytest.hookimpl
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
        """Fires after each phase of each test: note what went wrong; a phase that went well needs no note.

        Neither first, because pytest's own first one puts in place what unittest raised; nor a wrapper, whose price
        every phase of every test would pay.
        """
        if call.excinfo is None or (seat := self.roster.get(item.nodeid)) is None:
            return None
        attempt = self._run.attempts[seat.folder]
        note = Note(folder=seat.folder, test=seat.test, task=seat.task)
        if item.nodeid in self._locked:
            note["locked"] = True
        else:
            note |= _what_happened(attempt.kata, call.excinfo.value)
        if isinstance(call.excinfo.value, DeadlineExceeded):
            attempt.focus.hung(seat.test)
        report = pytest.TestReport.from_item_and_call(item, call)
        report.kata = note  # type: ignore[attr-defined]  # ours
        return report

    def pytest_enter_pdb(self) -> None:
        """Fires when a debugger opens: a person thinks longer than a deadline."""
        self.close()

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fires at the end: a worker of xdist sends its roster, since the controller collects nothing."""
        output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["kata_roster"] = {nodeid: tuple(seat) for nodeid, seat in self.roster.items()}


def _task_of(item: pytest.Item) -> int:
    marker = item.get_closest_marker("task")
    taskno = marker.kwargs.get("taskno") if marker else 0
    return taskno if isinstance(taskno, int) else 0


def _is_guard(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("task")
    return bool(marker and marker.kwargs.get("guard"))


def _import_note(kata: Kata, error: BaseException) -> Note:
    return Note(folder=str(kata.path)) | _what_happened(kata, error)


def _what_happened(kata: Kata, error: BaseException) -> Note:
    """Say in plain values where an exception came from and what it was, as the learner would ask for it."""
    chain = list(_chain(error))
    unwritten = next((link for link in chain if isinstance(link, NotImplementedError)), None)
    # Test runners wrap what went wrong; the innermost error that names a place in the learner's file is the cause.
    for link in (unwritten, *chain) if unwritten else chain:
        # The judge of a suite says it, for nothing of the learner's runs in this process.
        if place := getattr(link, "kata_place", None) or _place(kata, link):
            where, name = place
            return Note(unwritten=unwritten is not None, where=where, name=name, what=_one_line(link))
    return Note(unwritten=unwritten is not None, where="", name="", what=_one_line(chain[-1]))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that led to it; asyncio puts several into one."""
    seen: set[int] = set()
    links: list[BaseException | None] = [error]
    for link in links:
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            yield link
            links += [link.__cause__, link.__context__]
            links += link.exceptions if isinstance(link, BaseExceptionGroup) else ()


def _place(kata: Kata, error: BaseException) -> tuple[str, str] | None:
    """Return ``file:line`` and the function's name, deepest first: in a stub, else in the kata."""
    stubs = {str(kata.path / stub) for stub in kata.stubs}
    inside = None
    # Code of the learner's may have made it, and put anything into it.
    if isinstance(error, SyntaxError) and str(error.filename).startswith(str(kata.path) + os.sep):
        return f"{error.filename}:{error.lineno}", ""
    traceback = error.__traceback__
    found = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if traceback.tb_frame.f_locals.get("__tracebackhide__"):
            # A helper of the tests, which pytest does not show either.
            pass
        elif code.co_filename in stubs:
            found = f"{code.co_filename}:{traceback.tb_lineno}", _name_of(code)
        elif code.co_filename.startswith(str(kata.path) + os.sep):
            inside = f"{code.co_filename}:{traceback.tb_lineno}", _name_of(code)
        traceback = traceback.tb_next
    return found or inside


def _name_of(code: CodeType) -> str:
    """Return a function's name, with that of its class; what is inside a function has its own name alone."""
    return code.co_qualname.rpartition("<locals>.")[2]


def _one_line(error: BaseException) -> str:
    text = ""
    # An exception of the learner's own may be broken as well.
    with suppress(Exception):
        text = str(error.msg) if isinstance(error, SyntaxError) else str(error)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__

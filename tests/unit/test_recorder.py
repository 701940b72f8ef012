"""The recorder on reports made by hand; what whole runs leave in the record is in ``tests/plugin``."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_katas.attempt import LiveAttempt, Run, Seat
from pytest_katas.catalogue import Catalogue, read_kata
from pytest_katas.focus import Focus
from pytest_katas.outcomes import Outcome
from pytest_katas.recorder import KataWarning, Recorder
from pytest_katas.rounds import DIED
from pytest_katas.settings import decide

FILE = "katas/sums/test_sums.py"


@pytest.fixture
def run() -> Run:
    return Run()


@pytest.fixture
def recorder(desk, run) -> Recorder:
    """A recorder that has met the kata of the desk."""
    kata = read_kata(desk.kata)
    run.attempts[str(kata.path)] = LiveAttempt(kata, Focus())
    roster = {f"{FILE}::{name}": Seat(str(kata.path), f"test_sums.py::{name}", 1) for name in ("test_a", "test_b")}
    settings = decide({"kata_learner": "ada"}, {}, {}, Path.cwd())
    clock = itertools.count(1.0, 2.5)
    recorder = Recorder(settings, Catalogue(), run, roster, desk.path, "-k", clock=clock.__next__)
    recorder.meet(kata)
    return recorder


def report(name: str, when: Any, outcome: Any, file: str = FILE, **more) -> pytest.TestReport:
    """A report of one phase of a test."""
    return pytest.TestReport(f"{file}::{name}", (file, 1, name), {}, outcome, None, when, **more)


def broken(nodeid: str, longrepr: str, *, failed: bool = True, **more) -> pytest.CollectReport:
    """A report of a file that could not be collected."""
    return pytest.CollectReport(nodeid, "failed" if failed else "passed", longrepr, [], **more)


def note(desk, **more) -> dict:
    return {"folder": str(desk.kata), "test": "test_sums.py::test_a", "task": 1, **more}


def outcomes(desk) -> dict[str, str]:
    return {test: outcome for tests in desk.log()[-1]["tests"].values() for test, outcome in tests.items()}


class TestATest:
    @pytest.mark.parametrize(
        ("phases", "outcome"),
        [
            (["passed", "passed", "passed"], "passed"),
            (["passed", "failed", "passed"], "failed"),
            (["passed", "passed", "failed"], "error"),
            (["passed", "failed", "failed"], "error"),
            (["failed", None, "passed"], "error"),
            (["skipped", None, "passed"], "skipped"),
            (["passed", "skipped", "passed"], "skipped"),
        ],
    )
    def test_ends_as_its_gravest_phase(self, phases, outcome, desk, recorder):
        for when, said in zip(("setup", "call", "teardown"), phases, strict=True):
            if said:
                recorder.pytest_runtest_logreport(report("test_a", when, said))
        recorder.pytest_sessionfinish()
        assert outcomes(desk) == {"test_sums.py::test_a": outcome}

    def test_that_begins_anew_forgets_how_it_ended(self, desk, recorder):
        for said in ("failed", "passed"):
            recorder.pytest_runtest_logreport(report("test_a", "setup", "passed"))
            recorder.pytest_runtest_logreport(report("test_a", "call", said))
        recorder.pytest_sessionfinish()
        assert outcomes(desk) == {"test_sums.py::test_a": "passed"}

    @pytest.mark.parametrize(
        ("said", "word", "outcome"),
        [("failed", "unwritten", "unwritten"), ("skipped", "locked", "locked"), ("failed", "", "failed")],
    )
    def test_is_what_the_note_on_its_report_says(self, said, word, outcome, desk, recorder):
        noted = note(desk, **({word: True} if word else {}))
        when = "setup" if word == "locked" else "call"
        recorder.pytest_runtest_logreport(report("test_a", when, said, kata=noted))
        recorder.pytest_sessionfinish()
        assert outcomes(desk) == {"test_sums.py::test_a": outcome}

    def test_that_is_unwritten_in_a_fixture_is_an_error(self, desk, recorder):
        recorder.pytest_runtest_logreport(report("test_a", "setup", "failed", kata=note(desk, unwritten=True)))
        recorder.pytest_sessionfinish()
        assert outcomes(desk) == {"test_sums.py::test_a": "error"}

    def test_of_no_kata_is_not_recorded(self, desk, recorder):
        recorder.pytest_runtest_logreport(report("test_c", "call", "passed"))
        recorder.pytest_sessionfinish()
        assert outcomes(desk) == {}


class TestAWorker:
    def test_brings_its_roster(self, desk, recorder):
        seat = (str(desk.kata), "test_sums.py::test_c", 2)
        recorder.pytest_testnodedown(SimpleNamespace(workeroutput={"kata_roster": {f"{FILE}::test_c": seat}}), None)
        recorder.pytest_runtest_logreport(report("test_c", "call", "passed"))
        recorder.pytest_sessionfinish()
        assert desk.log()[-1]["tests"] == {"2": {"test_sums.py::test_c": "passed"}}
        assert desk.log()[-1]["light"] == "-"

    def test_that_dies_before_any_test_makes_the_attempt_amber(self, desk, recorder):
        recorder.pytest_testnodedown(SimpleNamespace(), "Not properly terminated")
        recorder.pytest_sessionfinish()
        assert desk.log()[-1]["light"] == "amber"

    def test_that_dies_while_another_one_does_the_work_does_not(self, desk, recorder):
        recorder.pytest_testnodedown(SimpleNamespace(), "Not properly terminated")
        recorder.pytest_runtest_logreport(report("test_a", "call", "passed"))
        recorder.pytest_sessionfinish()
        assert desk.log()[-1]["light"] == "-"

    def test_that_dies_in_a_test_makes_it_amber(self, desk, recorder, run):
        recorder.pytest_runtest_logreport(report("test_a", "???", "failed"))
        recorder.pytest_sessionfinish()
        assert desk.log()[-1]["light"] == "amber"
        assert run.attempts[str(desk.kata)].trouble == [{"what": DIED, "why": DIED}]
        assert desk.log()[-1]["why"] == DIED

    def test_that_dies_in_a_test_that_no_other_one_knows_makes_it_amber(self, desk, recorder):
        recorder.pytest_runtest_logreport(report("test_c", "???", "failed"))
        recorder.pytest_sessionfinish()
        assert desk.log()[-1]["light"] == "amber"

    def test_that_dies_in_a_test_of_no_kata_does_not_concern_us(self, desk, recorder, run):
        recorder.pytest_runtest_logreport(report("test_it", "???", "failed", file="test_plain.py"))
        recorder.pytest_sessionfinish()
        assert run.attempts[str(desk.kata)].trouble == []


class TestATestThatIsRunAgain:
    def test_says_nothing_until_it_is_done(self, desk, recorder):
        recorder.pytest_runtest_logreport(report("test_a", "call", "rerun"))
        recorder.pytest_sessionfinish()
        assert desk.log()[-1]["tests"] == {}


class TestAFileThatCouldNotBeCollected:
    def test_is_told_once(self, desk, recorder, run):
        for _ in range(2):
            recorder.pytest_collectreport(broken(FILE, "", kata=note(desk, what="KeyError")))
        assert run.attempts[str(desk.kata)].trouble == [note(desk, what="KeyError")]

    def test_without_a_note_is_told_by_its_last_line(self, desk, recorder, run):
        recorder.pytest_collectreport(broken(FILE, "one\ntwo\n"))
        assert run.attempts[str(desk.kata)].trouble == [{"what": "two"}]

    @pytest.mark.parametrize(("nodeid", "failed"), [("test_plain.py", True), (FILE, False), ("", True)])
    def test_else_nothing_is_told(self, nodeid, failed, desk, recorder, run):
        recorder.pytest_collectreport(broken(nodeid, "no", failed=failed))
        assert run.attempts[str(desk.kata)].trouble == []


class TestTheAttempt:
    def test_takes_as_long_as_its_own_clock_says(self, desk, recorder):
        recorder.pytest_sessionfinish()
        assert desk.log()[-1]["seconds"] == 2.5

    def test_is_on_the_disk_once_it_is_recorded_and_its_start_need_not_be(self, desk, recorder, monkeypatch):
        synced = []
        monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
        recorder.meet(read_kata(desk.kata))
        assert synced == []
        recorder.pytest_sessionfinish()
        assert synced == [desk.logs()["ada"].stat().st_ino]

    def test_names_the_flags_that_left_tests_out(self, desk, recorder):
        recorder.pytest_sessionfinish()
        assert desk.log()[-1]["why"] == "-k"

    def test_is_not_recorded_by_a_fork(self, desk, recorder, monkeypatch):
        pid = os.getpid()
        monkeypatch.setattr(os, "getpid", lambda: pid + 1)
        recorder.pytest_sessionfinish()
        assert [event["event"] for event in desk.log()] == ["started"]

    def test_that_cannot_be_written_is_one_warning_and_one_sentence(self, desk, recorder, run):
        log = desk.logs()["ada"]
        log.unlink()
        log.mkdir()
        with pytest.warns(KataWarning, match="this run is not recorded: ") as caught:
            recorder.pytest_sessionfinish()
        assert len(caught) == 1
        assert run.fault == str(caught[0].message)

    @pytest.mark.filterwarnings("error")
    def test_that_cannot_be_written_is_no_exception_under_w_error(self, desk, recorder, run):
        log = desk.logs()["ada"]
        log.unlink()
        log.mkdir()
        recorder.pytest_sessionfinish()
        assert run.fault.startswith("this run is not recorded: ")

    def test_of_a_kata_that_is_not_recorded_is_nowhere(self, desk, run):
        kata = read_kata(desk.kata)
        run.attempts[str(kata.path)] = LiveAttempt(kata, Focus())
        settings = decide({"kata_no_record": True}, {}, {}, Path.cwd())
        recorder = Recorder(settings, Catalogue(), run, {}, desk.path, "")
        recorder.meet(kata)
        recorder.pytest_sessionfinish()
        assert not (desk.path / ".katas").exists()
        assert not run.attempts[str(kata.path)].recorded
        assert run.attempts[str(kata.path)].count(Outcome.PASSED) == 0

"""One kata while a run goes on: a letter a test, a space between tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_katas.attempt import LiveAttempt, Note, Run, lines_changed
from pytest_katas.catalogue import Kata, Task
from pytest_katas.focus import Focus
from pytest_katas.outcomes import Light, Outcome, Result

OUTCOMES = {"p": "passed", "f": "failed", "e": "error", "l": "locked", "u": "unwritten", "s": "skipped"}
UNREADABLE = Note(folder="katas/jwt", where="katas/jwt/anatomy.py:3", name="", what="SyntaxError: invalid syntax")


@pytest.fixture(autouse=True)
def needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_katas.attempt.NEEDS", {"a program nobody has": "write it"})


def make_attempt(letters: str = "", *, trouble: bool = False) -> LiveAttempt:
    """Make an attempt at a kata with two tests in task 1 and one in task 2; a third task cannot run here."""
    tasks = (
        Task(1, "one", 2, ("one",), "stub", (), ()),
        Task(2, "two", 1, ("two",), "stub", (), ()),
        Task(3, "three", 1, ("three",), "stub", ("a program nobody has",), ()),
    )
    kata = Kata(Path("katas/jwt"), "jwt", "?", "", (), 1, 1, (), (), ("anatomy.py",), "task", (), tasks)
    attempt = LiveAttempt(kata, Focus())
    attempt.results.update(
        (f"test_jwt.py::test_{task}_{number}", Result(Outcome(OUTCOMES[letter]), task))
        for task, word in enumerate(letters.split(" "), start=1)
        for number, letter in enumerate(word)
    )
    if trouble:
        attempt.trouble.append(UNREADABLE)
    return attempt


def red(task: int, name: str) -> Note:
    return Note(folder="katas/jwt", test=f"test_jwt.py::{name}", task=task)


class TestBeginning:
    """What is known before the first test."""

    def test_nothing_has_happened_yet(self) -> None:
        attempt = make_attempt()

        assert (attempt.results, attempt.trouble, attempt.first) == ({}, [], None)
        assert (attempt.learner, attempt.log, attempt.recorded) == ("", ([], 0), False)
        assert (attempt.light, attempt.complete) == (Light.NONE, False)

    def test_attempts_and_runs_share_nothing(self) -> None:
        one, other = make_attempt("p"), make_attempt()
        one.trouble.append(UNREADABLE)
        one.log.events.append({})
        assert (other.results, other.trouble, other.log.events) == ({}, [], [])

        run = Run()
        run.attempts["katas/jwt"] = one
        assert (Run().attempts, Run().fault) == ({}, "")


class TestFirstRed:
    """The red test that the learner works on."""

    def test_it_is_the_first_one_that_came(self) -> None:
        attempt = make_attempt()

        attempt.failed(red(2, "test_two"))
        attempt.failed(red(1, "test_one"))

        assert attempt.first == red(2, "test_two")

    def test_it_decides_what_is_open(self) -> None:
        attempt = make_attempt()
        assert attempt.focus.locked(2) == ""

        attempt.failed(red(1, "test_one"))

        assert attempt.focus.locked(1) == ""
        assert attempt.focus.locked(2) == "locked: opens when task 1 is green"

    @pytest.mark.parametrize("task", [0, 3, 4])
    def test_a_test_of_no_expected_task_is_none(self, task: int) -> None:
        attempt = make_attempt()

        attempt.failed(red(task, "test_other"))

        assert attempt.first is None
        assert attempt.focus.locked(4) == ""


class TestLight:
    """What the attempt says so far."""

    @pytest.mark.parametrize(
        ("letters", "light"),
        [("", "-"), ("p", "-"), ("pp p", "green"), ("pp p f", "green"), ("pu l", "red"), ("pf e", "amber")],
    )
    def test_it_is_that_of_the_results_so_far(self, letters: str, light: str) -> None:
        assert make_attempt(letters).light == light

    @pytest.mark.parametrize("letters", ["", "pp p", "pu l"])
    def test_trouble_makes_it_amber(self, letters: str) -> None:
        assert make_attempt(letters, trouble=True).light is Light.AMBER


class TestComplete:
    """Whether every expected test has run, and why not."""

    @pytest.mark.parametrize("letters", ["pp p", "fe u", "ss p", "pp p l"])
    @pytest.mark.parametrize("trouble", [False, True])
    def test_with_an_outcome_of_each_there_is_no_reason(self, letters: str, trouble: bool) -> None:
        attempt = make_attempt(letters, trouble=trouble)

        assert attempt.complete is True
        assert attempt.why_incomplete("-k") is None

    @pytest.mark.parametrize(
        ("letters", "trouble", "flags", "why"),
        [
            ("pf l", True, "-k", "a test file could not be collected"),
            ("pf l", False, "-k", "later tasks are locked"),
            ("pf", False, "-x or --maxfail", "-x or --maxfail"),
            ("pf", False, "", "the run ended early"),
            ("", False, "", "the run ended early"),
        ],
    )
    def test_without_one_the_strongest_reason_is_given(self, letters: str, trouble: bool, flags: str, why: str) -> None:
        attempt = make_attempt(letters, trouble=trouble)

        assert attempt.complete is False
        assert attempt.why_incomplete(flags) == why


class TestCount:
    """How many tests ended so."""

    @pytest.mark.parametrize(
        ("outcomes", "task", "number"),
        [
            ("p", None, 3),
            ("p", 1, 2),
            ("p", 2, 1),
            ("p", 3, 0),
            ("fu", None, 3),
            ("fu", 1, 1),
            ("fu", 2, 2),
            ("l", None, 0),
            ("", None, 0),
        ],
    )
    def test_in_the_kata_or_in_a_task(self, outcomes: str, task: int | None, number: int) -> None:
        attempt = make_attempt("ppf pufe lp")

        assert attempt.count(*(Outcome(OUTCOMES[letter]) for letter in outcomes), task=task) == number

    @pytest.mark.parametrize(("task", "number"), [(1, 1), (2, 2), (3, 0), (4, 0)])
    def test_red_is_what_failed_or_is_not_written(self, task: int, number: int) -> None:
        assert make_attempt("ppfl pufes f").red_in(task) == number


class TestLines:
    """What changed in a file, in lines."""

    @pytest.mark.parametrize(
        ("before", "after", "changed"),
        [
            (b"", b"", (0, 0)),
            (b"a\nb\n", b"a\nb\n", (0, 0)),
            (b"", b"a\nb\n", (2, 0)),
            (b"a\nb\n", b"", (0, 2)),
            (b"a\nc\n", b"a\nb\nc\n", (1, 0)),
            (b"a\nb\nc\n", b"a\nc\n", (0, 1)),
            (b"a\nb\nc\n", b"a\nx\ny\nc\n", (2, 1)),
            (b"a\nb\n", b"b\na\n", (1, 1)),
            (b"a\nb\nc\n", b"x\nb\ny\nz\n", (3, 2)),
        ],
    )
    def test_added_and_removed_are_counted_apart(self, before: bytes, after: bytes, changed: tuple[int, int]) -> None:
        assert lines_changed(before, after) == changed

    def test_line_endings_are_no_change(self) -> None:
        assert lines_changed(b"a\r\nb\r\n", b"a\nb") == (0, 0)

    def test_any_bytes_are_lines(self) -> None:
        assert lines_changed(b"\xff\n\x85\n", b"\xfe\n\x85\n") == (1, 1)

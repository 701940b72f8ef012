"""What a learner reads around a run, case by case; whole sessions are in tests/transcripts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from pytest_katas.attempt import LiveAttempt, Note
from pytest_katas.catalogue import Kata, Task
from pytest_katas.focus import Focus
from pytest_katas.outcomes import Outcome, Result
from pytest_katas.progress import fold
from pytest_katas.report.after import after_run, kata_line
from pytest_katas.report.text import WIDTH, plain
from pytest_katas.store import Log

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STUB = "def double(n):\n    return n\n\n\ndef halve(n):\n    return n\n\n\ndef negate(n): ...\n"


@pytest.fixture
def attempt(tmp_path):
    """An attempt at a kata of two tasks, the first of two names."""
    folder = tmp_path / "katas/sums"
    folder.mkdir(parents=True)
    (folder / "sums.py").write_text(STUB, encoding="utf-8")
    hints = ("a", "b", "c")
    tasks = (
        Task(1, "twice and half", 2, ("double", "halve"), "stub", (), hints),
        Task(2, "negate", 1, ("negate",), "stub", (), hints),
    )
    kata = Kata(folder, "Sums", "What is a sum?", "", (), 1, 1, (), (), ("sums.py",), "task", (), tasks)
    return LiveAttempt(kata, Focus(), learner="ada")


def say(attempt, here: Path | None = None, **keys) -> str:
    progress = fold(attempt.kata, attempt.log, now=NOW, alive=lambda _: True)
    here = here or attempt.kata.path.parent.parent
    return plain(after_run(attempt, progress, here, show_all=keys.get("show_all", False)))


def red(attempt: LiveAttempt, *, task: int = 1, outcome: Outcome = Outcome.FAILED, **note: object) -> LiveAttempt:
    """Let the first test of a task fail."""
    attempt.results["t::a"] = Result(outcome, task)
    attempt.failed(cast(Note, {"folder": str(attempt.kata.path), "test": "t::a", "task": task, **note}))
    return attempt


def next_line(told: str) -> str:
    """The line that says what is next, in one piece."""
    return " ".join(told[told.index("next: ") : told.index("help: ")].split())


class TestNext:
    def test_code_that_is_not_written_is_named_with_its_place(self, attempt):
        red(attempt, unwritten=True, where=f"{attempt.kata.path}/sums.py:2", name="double", what="NotImplementedError")
        assert next_line(say(attempt)) == "next: katas/sums/sums.py:2 double is not written yet"

    def test_what_a_test_itself_calls_unwritten_is_what_its_task_writes(self, attempt):
        red(attempt, unwritten=True, where=f"{attempt.kata.path}/test_sums.py:9", name="t", what="NotImplementedError")
        assert next_line(say(attempt)) == "next: katas/sums/sums.py double or halve is not written yet"

    def test_a_place_is_as_it_would_be_typed_here(self, attempt):
        red(attempt, unwritten=True, where=f"{attempt.kata.path}/sums.py:2", name="double")
        assert next_line(say(attempt, attempt.kata.path)) == "next: sums.py:2 double is not written yet"
        assert "help: pytest --kata-hint .\n" in say(attempt, attempt.kata.path)

    def test_an_exception_in_the_learners_code_is_told_with_its_name(self, attempt):
        red(attempt, where=f"{attempt.kata.path}/sums.py:6", name="halve", what="TypeError: no")
        assert next_line(say(attempt)) == "next: katas/sums/sums.py:6 halve raises TypeError: no"

    def test_code_that_took_too_long_is_asked_for_its_loop(self, attempt):
        what = "DeadlineExceeded: took longer than 10 s; is there a loop that never ends?"
        red(attempt, where=f"{attempt.kata.path}/sums.py:6", name="halve", what=what)
        assert next_line(say(attempt)) == (
            "next: katas/sums/sums.py:6 halve took longer than 10 s; is there a loop that never ends?"
        )

    @pytest.mark.parametrize("what", ["AssertionError: halve(4) is 4", "Failed: halve(4)\n", "AssertionError: halve"])
    def test_a_wrong_answer_leads_to_the_function_that_gave_it(self, attempt, what):
        red(attempt, where=f"{attempt.kata.path}/test_sums.py:9", name="test_a", what=what.strip())
        assert next_line(say(attempt)) == "next: katas/sums/sums.py:5 halve is not right yet"

    def test_where_it_may_be_either_both_are_named(self, attempt):
        red(attempt, where=f"{attempt.kata.path}/test_sums.py:9", name="test_a", what="AssertionError: assert 3 == 4")
        assert next_line(say(attempt)) == "next: katas/sums/sums.py double or halve is not right yet"

    def test_a_word_that_only_contains_the_name_is_not_it(self, attempt):
        red(attempt, where=f"{attempt.kata.path}/test_sums.py:9", name="t", what="AssertionError: doubled, halved")
        assert "double or halve is not right yet" in say(attempt)

    def test_another_exception_in_the_test_is_worth_repeating(self, attempt):
        what = "TypeError: double() takes 0 positional arguments"
        red(attempt, where=f"{attempt.kata.path}/test_sums.py:9", name="test_a", what=what)
        assert next_line(say(attempt)) == f"next: katas/sums/sums.py:1 double is not right yet: {what}"

    @pytest.mark.parametrize("what", ["AssertionError", "KeyboardInterrupt", ""])
    def test_an_exception_without_a_message_is_not_repeated(self, attempt, what):
        red(attempt, task=2, where="", what=what)
        assert next_line(say(attempt)) == "next: katas/sums/sums.py:9 negate is not right yet"

    def test_a_broken_fixture_is_no_fault_of_the_learners(self, attempt):
        red(attempt, outcome=Outcome.ERROR, where=f"{attempt.kata.path}/conftest.py:3", name="f", what="OSError: full")
        assert next_line(say(attempt)) == "next: katas/sums/conftest.py:3 OSError: full"
        assert "· amber" in say(attempt)

    def test_in_a_file_that_is_gone_or_broken_the_file_is_named(self, attempt):
        (attempt.kata.path / "sums.py").write_text("def", encoding="utf-8")
        red(attempt, where="", what="AssertionError: double")
        assert next_line(say(attempt)) == "next: katas/sums/sums.py double is not right yet"

    def test_a_task_that_names_nothing_has_a_file_all_the_same(self, attempt):
        tasks = (Task(1, "look", 2, (), "stub", (), ("a", "b", "c")),)
        attempt.kata = attempt.kata._replace(tasks=tasks)
        red(attempt, where="", what="AssertionError")
        assert next_line(say(attempt)) == "next: katas/sums/sums.py it is not right yet"

    def test_a_kata_without_a_file_to_write_leads_to_its_folder(self, attempt):
        attempt.kata = attempt.kata._replace(stubs=())
        red(attempt, where="", what="AssertionError: double")
        assert next_line(say(attempt)) == "next: katas/sums double is not right yet"

    def test_a_message_does_not_move_the_cursor(self, attempt):
        red(attempt, where=f"{attempt.kata.path}/sums.py:2", name="double", what="ValueError: \x1b[2J")
        assert "\x1b" not in say(attempt)


class TestCounts:
    def test_the_rest_is_counted(self, attempt):
        red(attempt)
        attempt.results |= {"t::b": Result(Outcome.FAILED, 1), "t::c": Result(Outcome.LOCKED, 2)}
        assert "1 more red in this task (-v shows all); 1 test locked until task 1 is green\n" in say(attempt)
        assert "1 more red in this task; 1 test locked until task 1 is green\n" in say(attempt, show_all=True)

    def test_test_by_test_it_is_the_test_that_must_turn_green(self, attempt):
        attempt.focus = Focus(by_test=True)
        red(attempt)
        attempt.results |= {"t::b": Result(Outcome.LOCKED, 1), "t::c": Result(Outcome.LOCKED, 2)}
        assert "\n2 tests locked until this test is green\n" in say(attempt)

    def test_alone_there_is_nothing_to_count(self, attempt):
        assert say(red(attempt)).splitlines()[:2] == [
            "task 1 of 2: twice and half",
            "next: katas/sums/sums.py double or halve is not right yet",
        ]

    def test_a_test_of_no_task_is_nothing_to_work_on(self, attempt):
        attempt.results["t::x"] = Result(Outcome.FAILED, 0)
        attempt.failed(Note(folder=str(attempt.kata.path), test="t::x", task=0))
        assert "next:" not in say(attempt)
        assert "no light: not every test has passed\n" in say(attempt)


class TestTrouble:
    def trouble(self, attempt, *notes):
        attempt.trouble += notes
        return say(attempt).partition("\n\n")[0]

    @pytest.mark.parametrize("kind", ["SyntaxError", "IndentationError", "TabError"])
    def test_what_python_cannot_read_is_said_in_plain_words(self, attempt, kind):
        note = Note(where=f"{attempt.kata.path}/sums.py:4", what=f"{kind}: expected ':'")
        assert self.trouble(attempt, note) == (
            "the tests could not run\nnext: katas/sums/sums.py:4 Python cannot read this line: expected ':'"
        )

    def test_a_name_that_is_gone_is_missed_in_the_learners_file(self, attempt):
        path = attempt.kata.path / "sums.py"
        what = f"ImportError: cannot import name 'double' from 'katas.sums.sums' ({path})"
        note = Note(where=f"{attempt.kata.path}/test_sums.py:3", what=what)
        assert self.trouble(attempt, note) == (
            "the tests could not run\nnext: katas/sums/sums.py has no double, which the tests import"
        )

    def test_a_name_that_a_library_does_not_have_is_told_as_python_does(self, attempt):
        what = "ImportError: cannot import name 'x' from 'json' (unknown location)"
        note = Note(where=f"{attempt.kata.path}/sums.py:1", what=what)
        assert f"next: katas/sums/sums.py:1 {what}" in " ".join(self.trouble(attempt, note).split())

    def test_the_same_thing_is_said_once(self, attempt):
        note = Note(where=f"{attempt.kata.path}/sums.py:1", what="ZeroDivisionError: division by zero")
        assert self.trouble(attempt, note, Note(**note)).count("next:") == 1

    def test_what_has_no_place_is_a_sentence(self, attempt):
        attempt.results["t::b"] = Result(Outcome.PASSED, 1)
        assert self.trouble(attempt, Note(what="the process ended before its tests did")) == (
            "some tests could not run: the process ended before its tests did"
        )

    def test_there_is_no_hint_for_what_python_says_itself(self, attempt):
        assert "help:" not in self.trouble(attempt, Note(where=f"{attempt.kata.path}/sums.py:1", what="NameError: x"))


class TestStanding:
    def standing(self, attempt, slug="sums", strip=""):
        attempt.kata = attempt.kata._replace(path=attempt.kata.path.with_name(slug))
        events = [event(number, light) for number, light in enumerate(strip)]
        attempt.log = Log(events, 0)
        return say(attempt).splitlines()[-1]

    def test_it_says_where_the_kata_stands(self, attempt):
        attempt.results |= {"t::a": Result(Outcome.PASSED, 1), "t::b": Result(Outcome.PASSED, 1)}
        red(attempt, task=2)
        assert self.standing(attempt, strip="rr") == (
            "sums  [#####-----------]  1/3 tests · 0/2 tasks · red    attempts: rr"
        )

    @pytest.mark.parametrize("slug", ["jwt", "sql_returning", "a_rather_long_name"])
    @pytest.mark.parametrize("strip", ["", "r", "r" * 50 + "g"])
    def test_it_fits_into_a_line_whose_bar_keeps_its_length(self, attempt, slug, strip):
        told = self.standing(attempt, slug, strip)
        assert len(told) <= WIDTH
        assert told.index("]") == self.standing(attempt, slug, "").index("]")
        assert told.endswith(strip[-5:])


def event(number: int, letter: str) -> dict[str, object]:
    lights = {"r": "red", "g": "green", "a": "amber", "-": "-"}
    return {
        "v": 1,
        "event": "attempt",
        "id": f"{number:032x}",
        "at": f"2026-11-22T10:{number:02}:00.000000Z",
        "round": 1,
        "run": "",
        "python": "3.13.0",
        "seconds": 1.0,
        "light": lights[letter],
        "complete": letter != "-",
        "why": "-k" if letter == "-" else None,
        "tests": {},
        "kata": "",
        "files": {},
        "added": None,
        "removed": None,
        "prediction": None,
        "missing": [],
    }


class TestGreen:
    def green(self, attempt, strip):
        attempt.results = {str(n): Result(Outcome.PASSED, task) for n, task in enumerate((1, 1, 2))}
        attempt.log = Log([event(number, letter) for number, letter in enumerate(strip)], 0)
        return say(attempt).splitlines()

    def test_the_first_green_says_how_it_was_reached(self, attempt):
        assert self.green(attempt, "rrag")[:4] == [
            "sums is green after 4 attempts and 3 min",
            "commit it, then make it simpler while it stays green",
            "debrief:   pytest --kata-solution katas/sums",
            "next kata: pytest --kata-next",
        ]

    def test_at_the_first_attempt_there_is_nothing_to_count(self, attempt):
        assert self.green(attempt, "g")[0] == "sums is green at the first attempt"

    @pytest.mark.parametrize("strip", ["rgg", "rgrg", ""])
    def test_later_ones_and_those_that_are_not_recorded_say_less(self, attempt, strip):
        assert self.green(attempt, strip)[:2] == ["sums is green", "debrief:   pytest --kata-solution katas/sums"]


class TestNone:
    def test_a_part_has_no_light_and_the_reason_is_given(self, attempt):
        attempt.results["t::a"] = Result(Outcome.PASSED, 1)
        attempt.log = Log([event(0, "-")], 0)
        assert say(attempt).startswith("no light: not every test has passed (-k)\n")

    def test_what_was_skipped_is_counted(self, attempt):
        attempt.results = {
            "a": Result(Outcome.SKIPPED, 1),
            "b": Result(Outcome.XFAILED, 1),
            "c": Result(Outcome.XPASSED, 2),
        }
        assert say(attempt).startswith(
            "3 tests skipped or expected to fail: what does not run cannot turn green\nno light: "
        )

    def test_after_green_it_is_no_regress(self, attempt):
        attempt.log = Log([event(0, "g"), event(1, "-")], 0)
        assert "was green before" not in say(attempt)
        attempt.log = Log([event(0, "g"), event(1, "r")], 0)
        assert say(red(attempt)).startswith("sums was green before; what did you change since?\n")


class TestKataLine:
    def told(self, attempt, *letters):
        attempt.log = Log([event(number, letter) for number, letter in enumerate(letters)], 0)
        return plain(kata_line(attempt, fold(attempt.kata, attempt.log, now=NOW, alive=lambda _: False)))

    def test_the_first_attempt_comes_with_the_question(self, attempt):
        attempt.recorded = True
        assert self.told(attempt) == 'sums - Sums · attempt 1 · learner ada\n"What is a sum?"\n'

    def test_later_ones_do_not_repeat_it(self, attempt):
        attempt.recorded = True
        assert self.told(attempt, "r", "-") == "sums - Sums · attempt 3 · learner ada\n"

    def test_without_a_record_there_is_no_number(self, attempt):
        assert self.told(attempt) == 'sums - Sums\n"What is a sum?"\n'

    def test_a_name_does_not_move_the_cursor(self, attempt):
        attempt.recorded, attempt.learner = True, "\x1b[31meve"
        assert "\x1b" not in self.told(attempt)

    def test_long_ones_are_broken(self, attempt):
        attempt.recorded = True
        attempt.kata = attempt.kata._replace(title="word " * 20, question="why " * 40)
        assert max(map(len, self.told(attempt).splitlines())) <= WIDTH

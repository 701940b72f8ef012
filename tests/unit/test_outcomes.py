"""Outcomes of tests and lights of attempts, against tables written by hand: a letter a test."""

from __future__ import annotations

from itertools import product

import pytest

from pytest_katas.outcomes import Light, Outcome, Result, is_complete, light_of, outcome_of, worse

LETTERS = {
    "p": Outcome.PASSED,
    "f": Outcome.FAILED,
    "e": Outcome.ERROR,
    "s": Outcome.SKIPPED,
    "x": Outcome.XFAILED,
    "X": Outcome.XPASSED,
    "l": Outcome.LOCKED,
    "u": Outcome.UNWRITTEN,
}
#: Two tests in task 1, one in task 2; a third task is not expected here.
EXPECTED = {1: 2, 2: 1}
#: From the best to the gravest.
GRAVITY = ["passed", "xfailed", "xpassed", "skipped", "locked", "unwritten", "failed", "error"]


def results(letters: str) -> list[Result]:
    """Make the results of an attempt: a letter a test, a space between tasks."""
    return [Result(LETTERS[letter], task) for task, word in enumerate(letters.split(" "), start=1) for letter in word]


class TestOutcome:
    """What one phase of one test says."""

    @pytest.mark.parametrize(
        ("when", "said", "outcome", "expected_to_fail"),
        [
            ("setup", "passed", None, None),
            ("setup", "failed", "error", "error"),
            ("setup", "skipped", "skipped", "xfailed"),
            ("call", "passed", "passed", "xpassed"),
            ("call", "failed", "failed", "failed"),
            ("call", "skipped", "skipped", "xfailed"),
            ("teardown", "passed", None, None),
            ("teardown", "failed", "error", "error"),
            ("teardown", "skipped", "skipped", "xfailed"),
            ("???", "failed", "error", "error"),
            ("", "failed", "error", "error"),
            ("call", "rerun", None, None),
            ("setup", "rerun", None, None),
        ],
    )
    def test_the_phase_and_what_it_said_decide(
        self, when: str, said: str, outcome: str | None, expected_to_fail: str | None
    ) -> None:
        assert outcome_of(when, said) == outcome
        assert outcome_of(when, said, xfail=True) == expected_to_fail

    def test_every_outcome_has_its_place_among_the_others(self) -> None:
        assert set(Outcome) == set(GRAVITY)

    @pytest.mark.parametrize(("one", "other"), list(product(GRAVITY, repeat=2)))
    def test_of_two_phases_the_graver_counts_whichever_came_first(self, one: str, other: str) -> None:
        assert worse(Outcome(one), Outcome(other)) == max(one, other, key=GRAVITY.index)

    @pytest.mark.parametrize("outcome", Outcome)
    def test_the_first_phase_that_decides_counts(self, outcome: Outcome) -> None:
        assert worse(None, outcome) is outcome


class TestComplete:
    """Whether every expected test has run."""

    @pytest.mark.parametrize(
        ("letters", "complete"),
        [
            ("", False),
            ("pp", False),
            ("p p", False),
            ("pp p", True),
            ("fe u", True),
            ("sx X", True),
            ("pp l", False),
            ("pl p", False),
            ("ppl p", True),
            ("pp pp", True),
            ("pp p l", True),
            ("pp  p", False),
        ],
    )
    def test_every_expected_test_has_an_outcome_other_than_locked(self, letters: str, complete: bool) -> None:
        assert is_complete(results(letters), EXPECTED) is complete

    def test_where_nothing_is_expected_nothing_is_complete(self) -> None:
        assert is_complete(results("pp p"), {}) is False

    def test_results_may_come_one_by_one(self) -> None:
        assert is_complete(iter(results("pp p")), EXPECTED) is True


class TestLight:
    """Amber, red, green, or none."""

    @pytest.mark.parametrize(
        ("letters", "light"),
        [
            ("", "-"),
            ("p", "-"),
            ("pp", "-"),
            ("p p", "-"),
            ("pp l", "-"),
            ("pp p", "green"),
            ("ppp pp", "green"),
            ("pp f", "red"),
            ("pp u", "red"),
            ("f", "red"),
            ("uu l", "red"),
            ("pf l", "red"),
            ("sx f", "red"),
            ("pp e", "amber"),
            ("e", "amber"),
            ("fe u", "amber"),
            ("ee e", "amber"),
        ],
    )
    def test_error_is_amber_then_a_failure_red_then_everything_passed_green(self, letters: str, light: str) -> None:
        assert light_of(results(letters), EXPECTED) == light
        assert light_of(reversed(results(letters)), EXPECTED) == light

    @pytest.mark.parametrize("letters", ["pp s", "pp x", "pp X", "ss s", "xx x", "XX X", "ppp s", "ppl p"])
    def test_what_has_shown_nothing_is_not_green(self, letters: str) -> None:
        assert light_of(results(letters), EXPECTED) is Light.NONE

    @pytest.mark.parametrize("letters", ["", "p", "pp p", "pf l", "uu u", "pp e"])
    def test_a_broken_file_is_amber_whatever_the_others_say(self, letters: str) -> None:
        assert light_of(results(letters), EXPECTED, broken=True) is Light.AMBER

    @pytest.mark.parametrize("letter", LETTERS)
    def test_a_test_of_no_expected_task_does_not_count(self, letter: str) -> None:
        stray = [Result(LETTERS[letter], 0), Result(LETTERS[letter], 3)]

        assert light_of(results("pp p") + stray, EXPECTED) is Light.GREEN
        assert light_of(results("pf") + stray, EXPECTED) is Light.RED
        assert light_of(stray, EXPECTED) is Light.NONE

    def test_where_nothing_is_expected_nothing_is_green(self) -> None:
        assert light_of(results("pp p"), {}) is Light.NONE

    def test_a_strip_of_lights_reads_without_colour(self) -> None:
        assert {light.value: light.letter for light in Light} == {"green": "g", "red": "r", "amber": "a", "-": "-"}

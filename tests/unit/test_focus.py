"""One thing at a time: the order of tests, and what is open."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_katas.focus import Focus, in_order, opens


def ordered(items: str) -> str:
    """Put items in order: a letter for the kata (``-``: none), a digit for the task, a letter for the test."""
    return " ".join(
        in_order(
            items.split(),
            group=lambda item: None if item[0] == "-" else item[0],
            task=lambda item: int(item[1]),
        )
    )


class TestOrder:
    """The tests of a kata in the order of its tasks."""

    @pytest.mark.parametrize(
        ("collected", "run"),
        [
            ("", ""),
            ("a1x a2x a3x", "a1x a2x a3x"),
            ("a3x a2x a1x", "a1x a2x a3x"),
            ("a1x a0x", "a0x a1x"),
            ("a2x a1y a2w a1x", "a1y a1x a2x a2w"),
            ("b2x b1x a2x a1x", "b1x b2x a1x a2x"),
            ("a2x b2x a1x b1x", "a1x b1x a2x b2x"),
            ("-9x a2x -1x a1x -5x", "-9x a1x -1x a2x -5x"),
            ("-9x -1x", "-9x -1x"),
        ],
    )
    def test_only_the_places_of_its_own_tests_are_used(self, collected: str, run: str) -> None:
        assert ordered(collected) == run

    def test_what_was_collected_stays_as_it_is(self) -> None:
        collected = ("a2x", "a1x")

        assert in_order(collected, group=lambda _: "a", task=lambda item: int(item[1])) == ["a1x", "a2x"]
        assert collected == ("a2x", "a1x")


class TestLocked:
    """Which tests are open."""

    @pytest.mark.parametrize("task", [0, 1, 2])
    @pytest.mark.parametrize("by_test", [False, True])
    def test_nothing_is_while_nothing_has_failed(self, task: int, by_test: bool) -> None:
        assert Focus(by_test=by_test).locked(task) == ""

    @pytest.mark.parametrize(
        ("task", "reason"),
        [
            (0, ""),
            (1, ""),
            (2, ""),
            (3, "locked: opens when task 2 is green"),
            (4, "locked: opens when task 2 is green"),
        ],
    )
    def test_later_tasks_are_once_a_test_has_failed(self, task: int, reason: str) -> None:
        focus = Focus()
        focus.failed(2, "test_jwt.py::test_two")

        assert focus.locked(task) == reason

    def test_the_first_failure_counts(self) -> None:
        focus = Focus()
        focus.failed(2, "test_jwt.py::test_two")
        focus.failed(1, "test_jwt.py::test_one")

        assert focus.locked(2) == ""
        assert focus.locked(3) == "locked: opens when task 2 is green"

    def test_a_failure_in_no_task_locks_nothing(self) -> None:
        focus = Focus()
        focus.failed(0, "test_jwt.py::test_helper")
        assert focus.locked(1) == ""

        focus.failed(1, "test_jwt.py::test_one")
        assert focus.locked(2) == "locked: opens when task 1 is green"

    @pytest.mark.parametrize(("task", "locked"), [(0, False), (1, True), (2, True), (3, True)])
    def test_test_by_test_every_other_test_of_a_task_is(self, task: int, locked: bool) -> None:
        focus = Focus(by_test=True)
        focus.failed(2, "test_tdd.py::test_two")

        assert focus.locked(task) == ("locked: opens when test_tdd.py::test_two is green" if locked else "")

    @pytest.mark.parametrize("by_test", [False, True])
    def test_where_it_is_off_nothing_is(self, by_test: bool) -> None:
        focus = Focus(by_test=by_test, off=True)
        focus.failed(1, "test_jwt.py::test_one")

        assert focus.locked(2) == ""

    @pytest.mark.parametrize("focus", [Focus(), Focus(by_test=True), Focus(off=True)], ids=["task", "test", "off"])
    @pytest.mark.parametrize("task", [0, 1, 2])
    def test_after_an_endless_loop_everything_is(self, focus: Focus, task: int) -> None:
        focus.failed(1, "test_jwt.py::test_one")
        focus.hung("test_jwt.py::test_two")

        assert focus.locked(task) == "locked: opens when test_jwt.py::test_two comes to an end"


class TestOpens:
    """Whether tasks open one after the other in a run."""

    @pytest.mark.parametrize(
        ("options", "args", "show_all", "one_after_the_other"),
        [
            ({}, [], False, True),
            ({"keyword": "", "markexpr": "", "lf": True, "maxfail": 1}, ["katas/jwt"], False, True),
            ({}, ["katas/jwt"], True, False),
            ({"keyword": "sum"}, ["katas/jwt"], False, False),
            ({"markexpr": "task"}, ["katas/jwt"], False, False),
            ({}, ["katas/ci", "katas/jwt/test_jwt.py::test_one"], False, False),
        ],
    )
    def test_whoever_names_a_test_means_exactly_that(
        self, options: Mapping[str, object], args: list[str], show_all: bool, one_after_the_other: bool
    ) -> None:
        assert opens(options, args, show_all=show_all) is one_after_the_other

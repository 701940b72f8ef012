"""The fold over a kata's events, on logs made by hand: a letter a test, a minute an event."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pytest_katas.catalogue import Kata, Task
from pytest_katas.outcomes import Light, Outcome, Result
from pytest_katas.progress import KataProgress, Predictions, Status, fold, next_kata
from pytest_katas.rounds import DIED, Attempt, Round
from pytest_katas.store import Event, Log

NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)
OUTCOMES = {"p": "passed", "f": "failed", "e": "error", "l": "locked", "u": "unwritten", "s": "skipped"}
#: A run of all tests, by its light: two tests in task 1, one in task 2.
RUNS = {"red": "pf l", "amber": "", "green": "pp p", "-": "p"}


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def at(minute: float) -> str:
    return (NOON + minutes(minute)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def make_kata(slug: str = "jwt", *, requires: tuple[str, ...] = (), tests: tuple[int, ...] = (2, 1)) -> Kata:
    tasks = (Task(number, f"task {number}", count, (), "stub", (), ()) for number, count in enumerate(tests, start=1))
    return Kata(Path("katas", slug), slug, "?", "", (), 1, 1, requires, (), (), "task", (), tuple(tasks))


def outcomes(letters: str) -> dict[str, dict[str, str]]:
    """Make the tests of an attempt: a letter a test, a space between tasks."""
    return {
        str(task): {f"test_jwt.py::test_{task}_{number}": OUTCOMES[letter] for number, letter in enumerate(word)}
        for task, word in enumerate(letters.split(" "), start=1)
        if word
    }


class Past:
    """What a learner did, one event a minute."""

    def __init__(self, *lights: str) -> None:
        self.events: list[Event] = []
        self.round = 1
        for light in lights:
            self.attempt(light)

    def add(self, kind: str, **keys: object) -> Event:
        minute = len(self.events)
        event = {"v": 1, "event": kind, "id": f"{minute:032x}", "at": at(minute), "round": self.round, **keys}
        self.events.append(event)
        return event

    def started(self, **keys: object) -> Event:
        return self.add("started", **{"pid": 4321, "python": "3.13.0", "plugin": "0.1.0", **keys})

    def attempt(self, light: str, letters: str | None = None, **keys: object) -> Event:
        facts = {
            "run": "no run",
            "python": "3.13.0",
            "seconds": 0.5,
            "light": light,
            "complete": light == "green",
            "why": None,
            "tests": outcomes(RUNS[light] if letters is None else letters),
            "kata": "c" * 64,
            "files": {},
            "added": None,
            "removed": None,
            "prediction": None,
            "missing": [],
        }
        return self.add("attempt", **{**facts, **keys})

    def run(self, light: str, letters: str | None = None, **keys: object) -> Event:
        return self.attempt(light, letters, run=self.started()["id"], **keys)

    def reset(self) -> None:
        self.round += 1
        self.add("reset")

    def fold(
        self, kata: Kata | None = None, *, minute: float | None = None, running: tuple[int, ...] = ()
    ) -> KataProgress:
        now = NOON + minutes(len(self.events) if minute is None else minute)
        return fold(kata or make_kata(), Log(self.events, 0), now=now, alive=running.__contains__)


class TestStatus:
    """Not-started, in-progress, solved, regressed."""

    def test_without_an_event_a_kata_is_not_started(self) -> None:
        progress = Past().fold()

        assert progress.status is Status.NOT_STARTED
        assert (progress.attempts, progress.rounds) == ((), (Round(1),))
        assert (progress.light, progress.last_at, progress.time_to_green) == (None, None, None)
        assert (progress.strip, progress.cycles, progress.time_in_red) == ("", 0, timedelta())
        assert (progress.tests_passed, progress.tests_expected) == (0, 3)
        assert (progress.tasks_green, progress.tasks_expected, progress.first_red_task) == (0, 2, 1)
        assert (progress.hints, progress.pythons, progress.spoiled, progress.unreadable) == ({}, {}, False, 0)

    @pytest.mark.parametrize(
        ("lights", "status"),
        [
            (["red"], "in-progress"),
            (["amber"], "in-progress"),
            (["-"], "in-progress"),
            (["green"], "solved"),
            (["red", "amber", "green"], "solved"),
            (["green", "-"], "solved"),
            (["green", "red"], "regressed"),
            (["green", "amber", "-"], "regressed"),
            (["green", "red", "green"], "solved"),
        ],
    )
    def test_the_newest_light_and_whether_there_was_a_green_one_decide(self, lights: list[str], status: str) -> None:
        assert Past(*lights).fold().status == status

    def test_a_broken_first_task_is_a_regress_although_later_tasks_are_locked(self) -> None:
        past = Past("green")
        past.attempt("red", "fp l", complete=False, why="later tasks are locked")

        assert past.fold().status is Status.REGRESSED

    def test_asking_for_a_hint_is_no_beginning(self) -> None:
        past = Past()
        past.add("hint", task=1, number=1)

        progress = past.fold()

        assert progress.status is Status.NOT_STARTED
        assert progress.last_at == NOON

    def test_a_reset_asks_for_the_kata_again(self) -> None:
        past = Past("green")
        past.reset()

        progress = past.fold()

        assert progress.status is Status.IN_PROGRESS
        assert progress.solved_once
        past.attempt("red")
        assert past.fold().status is Status.IN_PROGRESS
        past.attempt("green")
        assert past.fold().status is Status.SOLVED


class TestAttempts:
    """One run, one attempt."""

    def test_an_attempt_says_what_was_recorded(self) -> None:
        past = Past()
        event = past.attempt(
            "red",
            "pf l",
            why="later tasks are locked",
            seconds=1.5,
            added=3,
            removed=1,
            prediction="green",
            python="3.12.1",
        )

        assert past.fold().attempts == (
            Attempt(
                number=1,
                at=NOON,
                round=1,
                light=Light.RED,
                complete=False,
                why="later tasks are locked",
                seconds=1.5,
                python="3.12.1",
                tests=outcomes("pf l"),
                added=3,
                removed=1,
                prediction=Light.GREEN,
                event=event,
            ),
        )
        attempt = past.fold().attempts[0]
        assert (attempt.passed, attempt.died) == (1, False)
        assert next(attempt.results()) == ("test_jwt.py::test_1_0", Result(Outcome.PASSED, 1))

    def test_an_event_fresh_from_the_recorder_is_read_like_one_from_disk(self) -> None:
        past = Past()
        past.attempt(Light.GREEN, tests={"1": {"test_jwt.py::test_1_0": Outcome.PASSED}}, prediction=Light.RED)

        attempt = past.fold().attempts[0]

        assert (attempt.light, attempt.passed, attempt.prediction) == (Light.GREEN, 1, Light.RED)

    def test_every_light_is_in_the_strip(self) -> None:
        assert Past("red", "amber", "-", "green").fold().strip == "ra-g"

    def test_a_run_that_reported_is_one_attempt(self) -> None:
        past = Past()
        past.run("red")
        past.run("green")

        assert past.fold().strip == "rg"

    def test_a_run_whose_process_is_gone_is_an_amber_attempt(self) -> None:
        past = Past("red")
        past.started(python="3.12.1")

        attempt = past.fold().attempts[1]

        assert (attempt.light, attempt.complete, attempt.why) == (Light.AMBER, False, DIED)
        assert (attempt.died, attempt.event, attempt.passed, attempt.seconds) == (True, None, 0, 0)
        assert (attempt.number, attempt.at, attempt.python) == (2, NOON + minutes(1), "3.12.1")

    def test_a_run_in_flight_is_no_attempt_yet(self) -> None:
        past = Past("green")
        past.started()

        progress = past.fold(running=(4321,))

        assert (progress.strip, progress.status) == ("g", Status.SOLVED)

    @pytest.mark.parametrize(("minute", "strip"), [(60, ""), (60.001, "a"), (-1, "")])
    def test_after_an_hour_another_process_has_that_id(self, minute: float, strip: str) -> None:
        past = Past()
        past.started()

        assert past.fold(minute=minute, running=(4321,)).strip == strip

    def test_only_runs_that_have_not_reported_are_looked_for(self) -> None:
        past = Past()
        past.run("red")

        def alive(_: int) -> bool:
            pytest.fail("this run has reported")

        assert fold(make_kata(), Log(past.events, 0), now=NOON, alive=alive).strip == "r"

    def test_the_running_processes_are_those_of_this_machine(self) -> None:
        past = Past()
        past.started(pid=os.getpid())

        assert fold(make_kata(), Log(past.events, 0), now=NOON).strip == ""
        past.events[0]["pid"] = 0
        assert fold(make_kata(), Log(past.events, 0), now=NOON).strip == "a"

    def test_what_a_newer_version_says_otherwise_is_counted_and_left_out(self) -> None:
        past = Past("red")
        past.attempt("ultraviolet", "pp p", v=2)
        past.attempt("red", v=2, run=["no", "text"])
        past.attempt("green", v=2, mood="good")
        past.add("streak", v=2, days=3)

        progress = fold(make_kata(), Log(past.events, 5), now=NOON)

        assert (progress.strip, progress.unreadable) == ("rg", 7)
        assert progress.last_at == NOON + minutes(4)

    @pytest.mark.parametrize("word", [5, "vanished", [], ["passed"], None, {}])
    def test_a_test_that_is_worded_otherwise_has_no_result(self, word: object) -> None:
        past = Past()
        past.attempt("green", tests={"1": {"test_jwt.py::test_1_0": "passed", "test_jwt.py::test_new": word}})

        assert [test for test, _ in past.fold().attempts[0].results()] == ["test_jwt.py::test_1_0"]

    @pytest.mark.parametrize(("task", "tests"), [("one", {"test_new": "passed"}), ("\u0663", {}), ("2", ["test_new"])])
    def test_a_task_that_is_worded_otherwise_has_no_results(self, task: str, tests: object) -> None:
        past = Past()
        past.attempt("green", tests={**outcomes("p"), task: tests})

        assert [test for test, _ in past.fold().attempts[0].results()] == ["test_jwt.py::test_1_0"]


class TestCycles:
    """Red or amber, later green."""

    @pytest.mark.parametrize(
        ("lights", "cycles"),
        [
            (["red"], 0),
            (["green"], 0),
            (["red", "green"], 1),
            (["amber", "green"], 1),
            (["red", "amber", "red", "green"], 1),
            (["red", "green", "green"], 1),
            (["red", "green", "red"], 1),
            (["red", "green", "amber", "green"], 2),
            (["red", "-", "green", "-", "red", "-"], 1),
            (["-", "green"], 0),
        ],
    )
    def test_lights_make_cycles(self, lights: list[str], cycles: int) -> None:
        assert Past(*lights).fold().cycles == cycles

    @pytest.mark.parametrize(
        ("lights", "spent"),
        [
            ([], 0),
            (["green", "green"], 0),
            (["red"], 0),
            (["red", "red", "-"], 2),
            (["-", "red", "amber", "green", "green"], 2),
            (["red", "green", "green", "amber", "green"], 2),
            (["green", "red", "-", "-"], 2),
        ],
    )
    def test_time_in_red_is_the_time_without_green(self, lights: list[str], spent: int) -> None:
        assert Past(*lights).fold().time_in_red == minutes(spent)

    def test_time_to_green_begins_with_the_first_run(self) -> None:
        past = Past()
        past.add("hint", task=1, number=1)
        past.run("red")
        past.run("green")
        past.run("green")

        assert past.fold().time_to_green == minutes(3)

    def test_a_run_that_died_began_too(self) -> None:
        past = Past()
        past.started()
        past.run("green")

        assert past.fold().time_to_green == minutes(2)

    @pytest.mark.parametrize(
        ("seconds", "took"), [(30, minutes(0.5)), (1e300, timedelta()), (float("inf"), timedelta())]
    )
    def test_where_the_beginning_is_lost_the_duration_tells_it(self, seconds: float, took: timedelta) -> None:
        past = Past()
        past.attempt("green", seconds=seconds)

        assert past.fold().time_to_green == took

    @pytest.mark.parametrize("lights", [[], ["red", "amber", "-"]])
    def test_without_green_there_is_no_time_to_it(self, lights: list[str]) -> None:
        assert Past(*lights).fold().time_to_green is None


class TestRounds:
    """A kata is practised again."""

    def test_each_round_is_told_by_itself_and_the_newest_is_meant(self) -> None:
        past = Past("amber", "green", "red")
        past.add("hint", task=1, number=3)
        past.add("spoil")
        past.reset()
        past.run("red")
        past.run("green")

        progress = past.fold()

        assert [turn.number for turn in progress.rounds] == [1, 2]
        assert [turn.strip for turn in progress.rounds] == ["agr", "rg"]
        assert [turn.spoiled for turn in progress.rounds] == [True, False]
        assert [turn.time_to_green for turn in progress.rounds] == [minutes(1) + timedelta(seconds=0.5), minutes(3)]
        assert (progress.strip, progress.cycles, progress.spoiled, progress.hints) == ("rg", 1, False, {})
        assert [(one.number, one.round) for one in progress.attempts] == [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2)]

    def test_red_before_a_reset_and_green_after_it_is_no_cycle(self) -> None:
        past = Past("red")
        past.reset()
        past.attempt("green")

        assert past.fold().cycles == 0
        assert past.fold().time_in_red == timedelta()

    def test_nothing_of_the_last_round_shows_in_a_new_one(self) -> None:
        past = Past("green")
        past.reset()

        progress = past.fold()

        assert (progress.light, progress.tests_passed, progress.tasks_green, progress.first_red_task) == (None, 0, 0, 1)
        assert (progress.pythons, progress.time_to_green) == ({}, None)

    def test_rounds_that_a_merge_has_mixed_are_sorted_out(self) -> None:
        past = Past("red")
        past.reset()
        past.attempt("red")
        past.attempt("green", round=1)

        progress = past.fold()

        assert [turn.strip for turn in progress.rounds] == ["rg", "r"]
        assert progress.status is Status.IN_PROGRESS
        assert [one.number for one in progress.attempts] == [1, 2, 3]

    def test_hints_are_counted_by_task_and_doubled_ones_once(self) -> None:
        past = Past()
        for task, number in ((1, 1), (1, 2), (2, 1), (1, 2), (1, 1)):
            past.add("hint", task=task, number=number)

        assert past.fold().hints == {1: 2, 2: 1}

    def test_asking_for_the_solution_is_remembered(self) -> None:
        past = Past("red")
        past.add("spoil")

        assert past.fold().spoiled


class TestPythons:
    """The same kata on several Pythons."""

    def test_each_python_has_its_newest_light(self) -> None:
        past = Past()
        for light, python in (
            ("red", "3.11.7"),
            ("green", "3.11.9"),
            ("green", "3.12.1"),
            ("red", "3.12.1"),
            ("-", "3.12.1"),
            ("-", "3.13.0"),
        ):
            past.attempt(light, python=python)

        assert past.fold().pythons == {"3.11": Light.GREEN, "3.12": Light.RED}

    def test_a_process_that_died_is_amber_on_its_python(self) -> None:
        past = Past("green")
        past.started(python="3.14.0rc1")

        assert past.fold().pythons == {"3.13": Light.GREEN, "3.14": Light.AMBER}


class TestTests:
    """What is known of each test and each task."""

    @pytest.mark.parametrize(
        ("runs", "passed", "lights", "first_red"),
        [
            (["uu l"], 0, "r-", 1),
            (["pf l"], 1, "r-", 1),
            (["pp f"], 2, "gr", 2),
            (["pp p"], 3, "gg", None),
            (["pe l"], 1, "a-", 1),
            (["ps p"], 2, "-g", 1),
            # A run of a few tests says nothing of the others.
            (["pp f", "p"], 2, "gr", 2),
            (["pp f", "f"], 1, "rr", 1),
            (["pf l", " p"], 2, "rg", 1),
            (["pf l", "p", " p"], 2, "rg", 1),
            # What an older run showed is forgotten once a newer one speaks of every test.
            (["pp p", "pf l", "p"], 1, "r-", 1),
            (["pp p", "fl l"], 0, "r-", 1),
        ],
    )
    def test_the_newest_result_of_each_test_counts(
        self, runs: list[str], passed: int, lights: str, first_red: int | None
    ) -> None:
        past = Past()
        for letters in runs:
            past.attempt("red", letters)

        progress = past.fold()

        assert progress.tests_passed == passed
        assert "".join(light.letter for light in progress.task_lights.values()) == lights
        assert progress.tasks_green == lights.count("g")
        assert progress.first_red_task == first_red

    def test_a_slip_that_stops_the_file_from_loading_says_nothing_of_any_test(self) -> None:
        past = Past()
        past.attempt("red", "pp f")
        past.attempt("amber", "")
        past.started()

        progress = past.fold()

        assert (progress.light, progress.tests_passed, progress.tasks_green) == (Light.AMBER, 2, 1)
        assert progress.first_red_task == 2

    def test_a_broken_fixture_takes_back_what_its_test_showed_before(self) -> None:
        past = Past("green")
        past.attempt("amber", "e")

        assert (past.fold().tests_passed, past.fold().first_red_task) == (2, 1)

    def test_results_of_other_tests_do_not_count(self) -> None:
        past = Past("green")
        past.attempt("red", "f", kata="d" * 64)
        past.attempt("-", "p", kata="d" * 64)

        assert past.fold().tests_passed == 1

    def test_only_expected_tests_count_and_none_twice(self) -> None:
        past = Past()
        past.attempt("green", "ppp p ppp")
        past.events[0]["tests"]["0"] = {"test_jwt.py::test_of_no_task": "passed"}

        progress = past.fold()

        assert (progress.tests_passed, progress.tests_expected) == (3, 3)
        assert (progress.tasks_green, progress.tasks_expected) == (2, 2)

    def test_a_kata_that_grew_is_no_longer_full(self) -> None:
        progress = Past("green").fold(make_kata(tests=(2, 2, 1)))

        assert (progress.tests_passed, progress.tests_expected) == (3, 5)
        assert (progress.tasks_green, progress.first_red_task) == (1, 2)


class TestPredictions:
    """Say it before you see it."""

    def test_what_was_said_is_held_against_what_was_seen(self) -> None:
        past = Past("red")
        for light, prediction in (
            ("red", "red"),
            ("amber", "red"),
            ("-", "green"),
            ("green", "green"),
            ("red", "ultraviolet"),
        ):
            past.attempt(light, prediction=prediction)
        past.reset()
        past.attempt("red", prediction="green")

        assert past.fold().predictions == Predictions(made=4, right=2)


class TestNextKata:
    """The one kata to do next."""

    @staticmethod
    def track(
        lights: Mapping[str, list[str]], requires: Mapping[str, tuple[str, ...]] | None = None
    ) -> list[KataProgress]:
        """Make the progress of katas in track order; each event is a minute later than all before it."""
        progresses = []
        minute = 0
        for slug, shown in lights.items():
            past = Past()
            for light in shown:
                past.attempt(light, at=at(minute))
                minute += 1
            progresses.append(past.fold(make_kata(slug, requires=(requires or {}).get(slug, ()))))
        return progresses

    @pytest.mark.parametrize(
        ("lights", "expected"),
        [
            ({"a": [], "b": []}, "a"),
            ({"a": ["green"], "b": [], "c": []}, "b"),
            ({"a": [], "b": ["red"], "c": []}, "b"),
            ({"a": ["red"], "b": ["amber"], "c": []}, "b"),
            ({"a": [], "b": ["green", "red"], "c": ["green"]}, "b"),
            ({"a": ["green"], "b": ["green"]}, None),
            ({}, None),
        ],
    )
    def test_what_was_begun_comes_before_what_was_not(self, lights: dict[str, list[str]], expected: str | None) -> None:
        following = next_kata(self.track(lights))

        assert (following and following.kata.slug) == expected

    def test_the_one_touched_last_comes_first(self) -> None:
        older, newer = self.track({"a": ["red"], "b": ["red"]})

        assert next_kata([newer, older]) is newer
        assert next_kata([older, newer]) is newer

    def test_a_hint_is_a_touch(self) -> None:
        first, second = Past("red"), Past("red", "red")
        first.add("hint", task=1, number=1, at=at(30))

        progresses = [first.fold(make_kata("a")), second.fold(make_kata("b"))]

        assert next_kata(progresses) is progresses[0]

    def test_a_kata_waits_for_those_it_requires(self) -> None:
        progresses = self.track({"a": [], "b": [], "c": []}, {"a": ("b",), "b": ("c",)})

        following = next_kata(progresses)

        assert following is progresses[2]

    def test_what_was_solved_once_opens_what_requires_it(self) -> None:
        solved = Past("green")
        solved.reset()
        solved.attempt("green")
        progresses = [solved.fold(make_kata("a")), *self.track({"b": [], "c": []}, {"b": ("a",)})]

        assert next_kata(progresses) is progresses[1]

    def test_a_required_kata_of_another_track_holds_nothing_up(self) -> None:
        progresses = self.track({"a": []}, {"a": ("elsewhere",)})

        assert next_kata(progresses) is progresses[0]

    def test_where_all_wait_for_each_other_the_first_is_done(self) -> None:
        progresses = self.track({"a": [], "b": []}, {"a": ("b",), "b": ("a",)})

        assert next_kata(progresses) is progresses[0]

    def test_progress_made_without_a_time_is_no_trap(self) -> None:
        progress = KataProgress(make_kata(), (Round(2),))

        assert next_kata([progress]) is progress

"""What the record of a kata says: attempts, rounds, cycles, status, and the kata to do next.

A fold: events go in, values come out. Nothing here reads a file or a clock; the one thing asked of the machine is
whether the process of a run that never reported is still there, and a caller may answer that instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from pytest_katas import process
from pytest_katas.catalogue import Kata
from pytest_katas.outcomes import Light, Outcome, Result, light_of
from pytest_katas.rounds import Attempt, Round, rounds_of
from pytest_katas.store import Log

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Status(StrEnum):
    """Where a learner stands with a kata."""

    NOT_STARTED = "not-started"
    IN_PROGRESS = "in-progress"
    SOLVED = "solved"
    REGRESSED = "regressed"


class Predictions(NamedTuple):
    """How many lights were said before they were seen, and how many of those were right."""

    made: int
    right: int


class KataProgress:
    """How one learner fares with one kata. Where nothing else is said, the newest round is meant."""

    def __init__(
        self, kata: Kata, rounds: Sequence[Round], last_at: datetime | None = None, unreadable: int = 0
    ) -> None:
        self.kata = kata
        self.rounds = rounds
        #: When the kata was last touched, if only for a hint.
        self.last_at = last_at
        #: Lines of the record that said nothing readable.
        self.unreadable = unreadable

    @cached_property
    def expected(self) -> Mapping[int, int]:
        """Number of expected tests by task number; what the machine has is looked up once."""
        return self.kata.expected

    @property
    def round(self) -> Round:
        """The newest round."""
        return self.rounds[-1]

    @cached_property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt of every round, in the order of their numbers."""
        return tuple(sorted((one for turn in self.rounds for one in turn.attempts), key=lambda one: one.number))

    @cached_property
    def status(self) -> Status:
        """Solved is what was green and shows nothing worse since; a reset asks for it again."""
        if self.round.first_green:
            return Status.SOLVED if self.round.light is Light.GREEN else Status.REGRESSED
        return Status.IN_PROGRESS if self.round.attempts or self.round.number > 1 else Status.NOT_STARTED

    @cached_property
    def solved_once(self) -> bool:
        """Any round reached green: other katas that require this one are open."""
        return any(turn.first_green for turn in self.rounds)

    @property
    def light(self) -> Light | None:
        """The newest light, or None before the first."""
        return self.round.light

    @cached_property
    def results(self) -> Mapping[str, Result]:
        """What is known of each test: its newest result."""
        return _known(self.round.attempts, self.expected)

    @cached_property
    def task_lights(self) -> Mapping[int, Light]:
        """The light of each expected task, by number."""
        return _task_lights(self.results, self.expected)

    @property
    def tests_expected(self) -> int:
        """How many tests the kata expects here."""
        return sum(self.expected.values())

    @property
    def tests_passed(self) -> int:
        """How many of the expected tests are known to pass."""
        return sum(map(self.tests_passed_in, self.expected))

    def tests_passed_in(self, task: int) -> int:
        """How many tests of one expected task are known to pass."""
        return min(self.expected[task], self._passed[task])

    @cached_property
    def _passed(self) -> Counter[int]:
        return Counter(result.task for result in self.results.values() if result.outcome is Outcome.PASSED)

    @property
    def tasks_expected(self) -> int:
        """How many tasks the kata expects here."""
        return len(self.expected)

    @property
    def tasks_green(self) -> int:
        """How many of the expected tasks are known to be green."""
        return sum(light is Light.GREEN for light in self.task_lights.values())

    @cached_property
    def first_red_task(self) -> int | None:
        """The number of the task to work on: the first that is not green, or None where all are."""
        return next((task for task, light in sorted(self.task_lights.items()) if light is not Light.GREEN), None)

    @cached_property
    def predictions(self) -> Predictions:
        """How often the learner said the light before seeing it, in all rounds."""
        made = [one for one in self.attempts if one.prediction and one.light is not Light.NONE]
        return Predictions(len(made), sum(one.prediction is one.light for one in made))

    @property
    def strip(self) -> str:
        """One letter an attempt, oldest first."""
        return self.round.strip

    @property
    def cycles(self) -> int:
        """How often red or amber was followed, sooner or later, by green."""
        return self.round.cycles

    @property
    def time_to_green(self) -> timedelta | None:
        """From the beginning of the first attempt to the first green one, or None."""
        return self.round.time_to_green

    @property
    def time_in_red(self) -> timedelta:
        """How long the kata was not green: from each first red or amber to the green after it, else to the newest."""
        return self.round.time_in_red

    @property
    def pythons(self) -> Mapping[str, Light]:
        """The newest light on each Python, such as ``3.13``."""
        return self.round.pythons

    @property
    def hints(self) -> Mapping[int, int]:
        """How many hints of a task were shown, by task number."""
        return self.round.hints

    @property
    def spoiled(self) -> bool:
        """The solution was asked for before green."""
        return self.round.spoiled


def fold(kata: Kata, log: Log, *, now: datetime, alive: Callable[[int], bool] = process.alive) -> KataProgress:
    """Read the progress of one kata out of its events.

    :param now: the present time, aware.
    :param alive: whether a process with this id runs on this machine; asked only of runs that have not reported.
    """
    rounds, strange = rounds_of(log.events, now, alive)
    return KataProgress(
        kata=kata,
        rounds=rounds or (Round(1),),
        last_at=datetime.fromisoformat(log.events[-1]["at"]) if log.events else None,
        unreadable=log.unreadable + strange,
    )


def next_kata(progresses: Iterable[KataProgress]) -> KataProgress | None:
    """Return the kata to do next, or None when all are solved.

    What was begun comes first, the last one touched before others; then the first in track order whose required katas
    are solved; then the first that is left.
    """
    track = list(progresses)
    begun = [one for one in track if one.status in {Status.IN_PROGRESS, Status.REGRESSED}]
    if begun:
        return max(begun, key=lambda one: one.last_at or _LONG_AGO)
    left = [one for one in track if one.status is not Status.SOLVED]
    shut = {one.kata.slug for one in left}
    return next((one for one in left if shut.isdisjoint(one.kata.requires)), next(iter(left), None))


def _known(attempts: Iterable[Attempt], expected: Mapping[int, int]) -> Mapping[str, Result]:
    """Collect the newest result of each test, back to an attempt that speaks of all of them.

    A run of a few tests says nothing of the others, so those keep what they showed before; a slip that stops the file
    from loading says nothing of any. Other tests of the same names end the search.
    """
    known: dict[str, Result] = {}
    newest = None
    for attempt in reversed([attempt for attempt in attempts if attempt.tests]):
        if newest and attempt.event and attempt.event["kata"] != newest:
            break
        newest = attempt.event and attempt.event["kata"]
        results = dict(attempt.results())
        known = results | known
        spoken = Counter(result.task for result in results.values())
        if all(spoken[task] >= tests for task, tests in expected.items()):
            break
    return known


def _task_lights(results: Mapping[str, Result], expected: Mapping[int, int]) -> Mapping[int, Light]:
    return {task: light_of(results.values(), {task: tests}) for task, tests in expected.items()}

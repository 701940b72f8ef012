"""Attempts and rounds, read out of the events of a kata.

A fold: events go in, values come out; nothing here reads a file or a clock.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from pytest_katas.outcomes import Light, Outcome, Result
from pytest_katas.store import FORMAT, Event, fits

#: How long a run may take until its process counts as gone: ids of processes are used again, and another machine's
#: mean nothing here.
LONGEST_RUN = timedelta(hours=1)
#: Why the attempt of a run is not complete that began and never reported.
DIED = "the process ended before its tests did"


_LIGHTS: Mapping[object, Light] = {light.value: light for light in Light}
_OUTCOMES: Mapping[object, Outcome] = {outcome.value: outcome for outcome in Outcome}


class Attempt(NamedTuple):
    """The result of one run for one kata."""

    number: int
    at: datetime
    round: int
    light: Light
    complete: bool
    why: str | None
    #: 0 where the process died: nobody was there to measure it.
    seconds: float
    python: str
    #: As recorded: by task number, an outcome by test.
    tests: Mapping[str, Any]
    added: int | None
    removed: int | None
    prediction: Light | None
    #: The event it was read from; None where the process died before it could record one.
    event: Event | None

    @property
    def died(self) -> bool:
        """The process ended before its tests did: only its beginning is recorded."""
        return self.event is None

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return sum(result.outcome is Outcome.PASSED for _, result in self.results())

    def results(self) -> Iterator[tuple[str, Result]]:
        """Yield each test and its result, but for those that a newer version words otherwise."""
        for task, tests in self.tests.items():
            if task.isascii() and task.isdigit() and isinstance(tests, dict):
                for test, word in tests.items():
                    if isinstance(word, str) and (outcome := _OUTCOMES.get(word)):
                        yield test, Result(outcome, int(task))


class Round(NamedTuple):
    """One practice of a kata, from stub to green."""

    number: int
    attempts: Sequence[Attempt] = ()
    #: When the first attempt began.
    began: datetime | None = None
    #: How many hints of a task were shown, by task number.
    hints: Mapping[int, int] = MappingProxyType({})
    spoiled: bool = False

    @property
    def strip(self) -> str:
        """One letter an attempt, oldest first."""
        return "".join(attempt.light.letter for attempt in self.attempts)

    @property
    def light(self) -> Light | None:
        """The newest light; a run that shows none changes nothing."""
        return next((attempt.light for attempt in reversed(self.attempts) if attempt.light is not Light.NONE), None)

    @property
    def pythons(self) -> Mapping[str, Light]:
        """The newest light on each Python, such as ``3.13``."""
        lit = (attempt for attempt in self.attempts if attempt.light is not Light.NONE)
        return {".".join(attempt.python.split(".")[:2]): attempt.light for attempt in lit}

    @property
    def first_green(self) -> Attempt | None:
        """The attempt that solved the kata, or None."""
        return next((attempt for attempt in self.attempts if attempt.light is Light.GREEN), None)

    @property
    def time_to_green(self) -> timedelta | None:
        """From the beginning of the first attempt to the first green one, or None."""
        return self.first_green.at - self.began if self.first_green and self.began else None

    @property
    def cycles(self) -> int:
        """How often red or amber was followed, sooner or later, by green."""
        return sum(closed for _, _, closed in self._stretches)

    @property
    def time_in_red(self) -> timedelta:
        """How long the kata was not green: from each first red or amber to the green after it, else to the newest."""
        return sum((end - start for start, end, _ in self._stretches), timedelta())

    @property
    def _stretches(self) -> list[tuple[datetime, datetime, bool]]:
        """From when to when the kata was red or amber, and whether green ended it."""
        found = []
        start = None
        for attempt in self.attempts:
            if attempt.light is Light.GREEN:
                if start:
                    found.append((start, attempt.at, True))
                start = None
            elif attempt.light is not Light.NONE:
                start = start or attempt.at
        if start:
            found.append((start, self.attempts[-1].at, False))
        return found


def rounds_of(events: Sequence[Event], now: datetime, alive: Callable[[int], bool]) -> tuple[tuple[Round, ...], int]:
    """Sort the events into rounds, and count those of a newer format that cannot be read."""
    began: dict[str, str] = {}
    reported = {str(event.get("run")) for event in events if event["event"] == "attempt"}
    drafts: dict[int, _Draft] = {}
    number = strange = 0
    for event in events:
        if event["v"] > FORMAT and not fits(event):
            strange += 1
            continue
        kind = event["event"]
        draft = drafts.get(event["round"]) or drafts.setdefault(event["round"], _Draft())
        if kind == "attempt":
            number += 1
            draft.add(_attempt(number, event), began.get(event["run"]))
        elif kind == "started":
            began[event["id"]] = event["at"]
            if event["id"] not in reported and _is_gone(event, now, alive):
                number += 1
                draft.add(_death(number, event), event["at"])
        elif kind == "hint":
            # The same hint may have been asked for on two machines: its number says how many were shown.
            draft.hints[event["task"]] = max(draft.hints.get(event["task"], 0), event["number"])
        elif kind == "spoil":
            draft.spoiled = True
    return tuple(draft.round(turn) for turn, draft in sorted(drafts.items())), strange


class _Draft:
    """A round while it is being read."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.began: datetime | None = None
        self.hints: dict[int, int] = {}
        self.spoiled = False

    def add(self, attempt: Attempt, began: str | None) -> None:
        if not self.attempts:
            self.began = datetime.fromisoformat(began) if began else _before(attempt.at, attempt.seconds)
        self.attempts.append(attempt)

    def round(self, number: int) -> Round:
        return Round(number, tuple(self.attempts), self.began, self.hints, self.spoiled)


def _attempt(number: int, event: Event) -> Attempt:
    return Attempt(
        number=number,
        at=datetime.fromisoformat(event["at"]),
        round=event["round"],
        light=_LIGHTS[event["light"]],
        complete=event["complete"],
        why=event["why"],
        seconds=event["seconds"],
        python=event["python"],
        tests=event["tests"],
        added=event["added"],
        removed=event["removed"],
        prediction=_LIGHTS.get(event["prediction"]),
        event=event,
    )


def _death(number: int, started: Event) -> Attempt:
    return Attempt(
        number=number,
        at=datetime.fromisoformat(started["at"]),
        round=started["round"],
        light=Light.AMBER,
        complete=False,
        why=DIED,
        seconds=0.0,
        python=started["python"],
        tests={},
        added=None,
        removed=None,
        prediction=None,
        event=None,
    )


def _is_gone(started: Event, now: datetime, alive: Callable[[int], bool]) -> bool:
    return now - datetime.fromisoformat(started["at"]) > LONGEST_RUN or not alive(started["pid"])


def _before(at: datetime, seconds: float) -> datetime:
    try:
        return at - timedelta(seconds=seconds)
    except OverflowError:
        return at

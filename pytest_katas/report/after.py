"""What a learner reads around a run: which kata it is, where it stands, and what to do next."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_katas.catalogue import NEEDS, Kata, Task
from pytest_katas.outcomes import Light, Outcome
from pytest_katas.progress import KataProgress, Status
from pytest_katas.report.source import find
from pytest_katas.report.text import (
    WIDTH,
    Line,
    bar,
    duration,
    flowed,
    line,
    plural,
    printable,
    shortened,
    wrapped,
)
from pytest_katas.steps import steps_told

if TYPE_CHECKING:
    from pytest_katas.attempt import LiveAttempt, Note

#: Columns that the bar takes where there is room, and those that are always left for the strip of attempts.
BAR, STRIP = 16, 8

_UNREADABLE = r"(?:Syntax|Indentation|Tab)Error: (.*)"
_UNKNOWN = r"ImportError: cannot import name '([^']+)' from '[^']+' \((.+?)\)"
# What a failing assertion says is shown in full above; of anything else the first line is worth repeating.
_ASSERTED = ("AssertionError", "Failed")
_LATE = "DeadlineExceeded: "


def kata_line(attempt: LiveAttempt, progress: KataProgress) -> list[Line]:
    """Return what is said before the first test: which kata, which attempt, whose; at first also its question."""
    kata = attempt.kata
    parts = [f"{kata.slug} - {kata.title}"]
    if attempt.recorded:
        if progress.round.number > 1:
            parts.append(f"round {progress.round.number}")
        # The run that has just started is the last one of the record.
        parts += [f"attempt {len(progress.attempts) + 1}", f"learner {printable(attempt.learner)}"]
    lines = flowed(" · ".join(parts))
    if not progress.attempts:
        lines += map(line, wrapped(f'"{kata.question}"'))
    elif progress.attempts[-1].died:
        lines.append(line(f"attempt {progress.attempts[-1].number} ended before its tests did, and counts as amber"))
    return lines


def after_run(attempt: LiveAttempt, progress: KataProgress, here: Path, *, show_all: bool) -> list[Line]:
    """Return the lines of one kata after a run.

    :param progress: the kata's progress with this run in it, or without any event where recording is off.
    :param here: the folder pytest was called in; paths are shown as they would be typed there.
    """
    kata = os.path.relpath(attempt.kata.path, here)
    lines = []
    if progress.status is Status.REGRESSED:
        lines.append(line(f"{attempt.kata.slug} was green before; what did you change since?"))
    if not attempt.focus.off:
        for told in steps_told(attempt.kata, progress.round.attempts, attempt.guards):
            lines += flowed(told, indent="  ")
    lines += [*_trouble(attempt, here), *_first_red(attempt, here, kata, show_all=show_all), *_left_out(attempt)]
    if attempt.light is Light.GREEN:
        lines += _green(attempt, progress, kata)
    elif attempt.light is Light.NONE:
        why = progress.attempts[-1].why if progress.attempts else None
        lines.append(line(f"no light: not every test has passed{f' ({why})' if why else ''}"))
    return [*lines, line(""), _standing(attempt, progress)]


def missing_lines(kata: Kata) -> list[Line]:
    """Return what the kata needs and this machine does not have, and how to get it."""
    return [
        row
        for task in kata.tasks
        for need in task.missing
        for row in flowed(f"task {task.number} needs {need}, which is not here: {NEEDS[need]}", indent="  ")
    ]


def _standing(attempt: LiveAttempt, progress: KataProgress) -> Line:
    kata = attempt.kata
    expected = sum(attempt.expected.values())
    passed = attempt.count(Outcome.PASSED)
    tasks = sum(attempt.count(Outcome.PASSED, task=task) >= tests for task, tests in attempt.expected.items())
    if attempt.light is Light.NONE and progress.attempts:
        # Only a part ran, and what is known of the rest is not lost.
        passed, tasks = progress.tests_passed, progress.tasks_green
    counts = f"{plural(expected, 'test')} · {tasks}/{plural(len(attempt.expected), 'task')} · "
    light = attempt.light
    said = "    attempts: "
    # The longest words of all attempts: from one to the next the bar is to keep its length.
    room = WIDTH - len(f"{kata.slug}  []  {expected}/{counts}amber{said}")
    width = max(8, min(BAR, room - STRIP))
    return line(
        (f"{kata.slug}  ", "bold"),
        f"{bar(passed, expected, width)}  {passed}/{counts}",
        (light.value, "" if light is Light.NONE else light.value),
        f"{said}{shortened(progress.strip, max(STRIP, room - width))}" if progress.strip else "",
    )


def _first_red(attempt: LiveAttempt, here: Path, kata: str, *, show_all: bool) -> list[Line]:
    note = attempt.first
    if note is None:
        return []
    task = attempt.kata.tasks[note["task"] - 1]
    lines = [line((f"task {task.number} of {len(attempt.kata.tasks)}: {task.title}", "bold"))]
    more = attempt.red_in(task.number) - 1
    locked = attempt.count(Outcome.LOCKED)
    counts = []
    if more > 0:
        counts.append(f"{more} more red in this task" + ("" if show_all else " (-v shows all)"))
    if locked:
        goal = "this test is green" if attempt.focus.by_test else f"task {task.number} is green"
        if note.get("what", "").startswith(_LATE):
            goal = "this test comes to an end"
        counts.append(f"{plural(locked, 'test')} locked until {goal}")
    if counts:
        lines.append(line("; ".join(counts)))
    place, what = _to_do(attempt, task, note, here)
    return [
        *lines,
        *flowed("next: ", (place, "bold"), f" {what}", indent="      "),
        line("help: ", (f"pytest --kata-hint {kata}", "bold")),
    ]


def _to_do(attempt: LiveAttempt, task: Task, note: Note, here: Path) -> tuple[str, str]:
    """Return where the learner goes on, and with what."""
    place, what = _shown(note.get("where", ""), here) or note["test"], printable(note.get("what", ""))
    name = note.get("name", "").strip("<>")
    if note.get("unwritten"):
        if _is_in_stub(attempt.kata, note.get("where", "")):
            return place, f"{name} is not written yet".lstrip()
        # A test may say so of what is no function: a file, a constant.
        place, said = _written_at(attempt.kata, list(task.writes), here)
        return place, f"{said} not written yet"
    result = attempt.results.get(note["test"])
    if result and result.outcome is Outcome.ERROR:
        return place, what
    if what.startswith(_LATE):
        return place, f"{name} {what.removeprefix(_LATE)}".lstrip()
    if task.kind == "suite":
        if not _is_in_stub(attempt.kata, note.get("where", "")):
            place = os.path.relpath(attempt.kata.path / task.writes[0], here)
        return place, what.partition(": ")[2] or what
    if _is_in_stub(attempt.kata, note.get("where", "")):
        return place, f"{name} raises {what}"
    # It went wrong in the test, that is with what the learner's code gave it: the place to go to is that code.
    names = [name for name in task.writes if re.search(rf"\b{re.escape(name.rpartition('.')[2])}\b", what)]
    place, said = _written_at(attempt.kata, names or list(task.writes), here)
    kind, _, message = what.partition(": ")
    return place, f"{said} not right yet{'' if kind in _ASSERTED or not message else f': {what}'}"


def _is_in_stub(kata: Kata, where: str) -> bool:
    return Path(where.rpartition(":")[0]) in {kata.path / stub for stub in kata.stubs}


def _written_at(kata: Kata, names: list[str], here: Path) -> tuple[str, str]:
    """Return where the names are written, and a sentence's beginning with them."""
    said = f"{', '.join(names[:-1])} or {names[-1]} is" if len(names) > 1 else f"{''.join(names) or 'it'} is"
    found = find(kata.path, kata.stubs, names[0]) if names else None
    if found is None:
        return os.path.relpath(kata.path / next(iter(kata.stubs), ""), here), said
    place = os.path.relpath(kata.path / found.file, here)
    return place if len(names) > 1 else f"{place}:{found.line}", said


def _trouble(attempt: LiveAttempt, here: Path) -> list[Line]:
    lines = []
    could_not = f"{'some' if attempt.results else 'the'} tests could not run"
    for where, what in dict.fromkeys((note.get("where", ""), note.get("what", "")) for note in attempt.trouble):
        if not where:
            lines += flowed(f"{could_not}: {printable(what)}", indent="  ")
            continue
        place = _shown(where, here)
        told = printable(what)
        if unreadable := re.match(_UNREADABLE, told):
            told = f"Python cannot read this line: {unreadable[1]}"
        elif (unknown := re.match(_UNKNOWN, what)) and _is_in_stub(attempt.kata, f"{unknown[2]}:"):
            place, told = os.path.relpath(unknown[2], here), f"has no {unknown[1]}, which the tests import"
        lines += [line(could_not), *flowed("next: ", (place, "bold"), f" {told}", indent="      ")]
    return lines


def _left_out(attempt: LiveAttempt) -> list[Line]:
    lines = missing_lines(attempt.kata)
    skipped = attempt.count(Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED)
    if skipped:
        lines.append(
            line(f"{plural(skipped, 'test')} skipped or expected to fail: what does not run cannot turn green")
        )
    return lines


def _green(attempt: LiveAttempt, progress: KataProgress, kata: str) -> list[Line]:
    slug = attempt.kata.slug
    lines = [line((f"{slug} is green", "green"))]
    if progress.strip.count("g") == 1:
        attempts, span = len(progress.strip), duration(progress.time_to_green)
        took = f"after {attempts} attempts and {span}" if attempts > 1 else "at the first attempt"
        lines = [
            line((f"{slug} is green {took}", "green")),
            line("commit it, then make it simpler while it stays green"),
        ]
    return [
        *lines,
        line("debrief:   ", (f"pytest --kata-solution {kata}", "bold")),
        line("next kata: ", ("pytest --kata-next", "bold")),
    ]


def _shown(where: str, here: Path) -> str:
    """Return ``file:line`` with the file as it would be typed here."""
    path, _, number = where.rpartition(":")
    if not path:
        return where
    # Line 0 is the whole file.
    return os.path.relpath(path, here) + (f":{number}" if number != "0" else "")

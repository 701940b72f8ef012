"""What a learner reads after a run: where it stands, and what to do next."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_katas.attempt import LiveAttempt, Note
from pytest_katas.catalogue import NEEDS
from pytest_katas.outcomes import Light, Outcome
from pytest_katas.progress import KataProgress
from pytest_katas.report.text import Line, bar, duration, line, plural, printable, shortened, wrapped

BAR = 24


def kata_line(attempt: LiveAttempt, progress: KataProgress) -> list[Line]:
    """Return what is said before the first test: which kata, which attempt, whose."""
    kata = attempt.kata
    parts = [f"{kata.slug} - {kata.title}"]
    if attempt.recorded:
        # The run that has just started is the last one of the record.
        parts += [f"attempt {len(progress.attempts) + 1}", f"learner {printable(attempt.learner)}"]
    lines = [line(" · ".join(parts)), *map(line, wrapped(f'"{kata.question}"'))]
    if progress.attempts and progress.attempts[-1].died:
        lines.append(line(f"attempt {progress.attempts[-1].number} ended before its tests did, and counts as amber"))
    return lines


def after_run(attempt: LiveAttempt, progress: KataProgress, here: Path, *, show_all: bool) -> list[Line]:
    """Return the lines of one kata after a run.

    :param progress: the kata's progress with this run in it, or without any event where recording is off.
    :param here: the folder pytest was called in; paths are shown as they would be typed there.
    """
    kata = os.path.relpath(attempt.kata.path, here)
    lines = [*_trouble(attempt, here), *_first_red(attempt, here, show_all=show_all), *_left_out(attempt)]
    light = attempt.light
    if light is Light.GREEN:
        lines += _green(attempt, progress, kata)
    elif light in {Light.RED, Light.AMBER}:
        if progress.status == "regressed":
            lines.append(line(f"{attempt.kata.slug} was green before; what did you change since?"))
        lines.append(line("help: ", (f"pytest --kata-hint {kata}", "bold")))
    return [*lines, line(""), _standing(attempt, progress)]


def _standing(attempt: LiveAttempt, progress: KataProgress) -> Line:
    expected = sum(attempt.kata.expected.values())
    passed = attempt.count(Outcome.PASSED)
    tasks = sum(attempt.count(Outcome.PASSED, task=task) >= tests for task, tests in attempt.kata.expected.items())
    light = attempt.light
    word = "no light" if light is Light.NONE else light.value
    strip = f"    attempts: {shortened(progress.strip, 20)}" if progress.strip else ""
    return line(
        (f"{attempt.kata.slug}  ", "bold"),
        f"{bar(passed, expected, BAR)}  {passed}/{plural(expected, 'test')} · "
        f"{tasks}/{plural(len(attempt.kata.expected), 'task')} · ",
        (word, "" if light is Light.NONE else light.value),
        strip,
    )


def _first_red(attempt: LiveAttempt, here: Path, *, show_all: bool) -> list[Line]:
    note = attempt.first
    if note is None or not note.get("task"):
        return []
    task = attempt.kata.tasks[note["task"] - 1]
    lines = [line((f"task {task.number} of {len(attempt.kata.tasks)}: {task.title}", "bold"))]
    more = attempt.red_in(task.number) - 1
    locked = attempt.count(Outcome.LOCKED)
    counts = []
    if more > 0:
        counts.append(f"{more} more red in this task" + ("" if show_all else " (all: -v)"))
    if locked:
        goal = "this test" if attempt.focus.by_test else f"task {task.number}"
        counts.append(f"{plural(locked, 'test')} locked until {goal} is green")
    if counts:
        lines.append(line("; ".join(counts)))
    return [*lines, _next(note, here)]


def _next(note: Note, here: Path) -> Line:
    where = _shown(note.get("where", ""), here) or note["test"]
    if note.get("unwritten"):
        what = f"{note['name']} is not written yet" if note.get("name") else "is not written yet"
    else:
        what = printable(note.get("what", ""))
    return line("next: ", (where, "bold"), f" {what}")


def _trouble(attempt: LiveAttempt, here: Path) -> list[Line]:
    lines = []
    for note in attempt.trouble:
        where, what = _shown(note.get("where", ""), here), printable(note.get("what", ""))
        if what.startswith("SyntaxError: ") or what.startswith(("IndentationError: ", "TabError: ")):
            name, _, number = where.rpartition(":")
            lines.append(line("Python cannot read ", (where, "bold"), f": line {number}: {what.partition(': ')[2]}"))
            lines.append(line(f"next: mend that line of {name}, then run again"))
        else:
            lines.append(line("the tests could not run: ", (where, "bold"), f" {what}".rstrip()))
    return lines


def _left_out(attempt: LiveAttempt) -> list[Line]:
    lines = []
    for task in attempt.kata.tasks:
        lines += [line(f"task {task.number} needs {need}, which is not here: {NEEDS[need]}") for need in task.missing]
    skipped = attempt.count(Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED)
    if skipped:
        lines.append(
            line(f"{plural(skipped, 'test')} skipped or expected to fail: what does not run cannot turn green")
        )
    return lines


def _green(attempt: LiveAttempt, progress: KataProgress, kata: str) -> list[Line]:
    took = ""
    if progress.time_to_green is not None and progress.strip.count("g") == 1:
        took = f" in {plural(len(progress.strip), 'attempt')} and {duration(progress.time_to_green)}"
    return [
        line(
            (f"{attempt.kata.slug} is green{took}.", "green"), " Commit it, then make it simpler while it stays green."
        ),
        line("debrief: ", (f"pytest --kata-solution {kata}", "bold")),
        line("next kata: ", ("pytest --kata-next", "bold")),
    ]


def _shown(where: str, here: Path) -> str:
    """Return ``file:line`` with the file as it would be typed here."""
    path, _, number = where.rpartition(":")
    return f"{os.path.relpath(path, here)}:{number}" if path else where

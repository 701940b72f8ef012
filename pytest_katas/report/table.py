"""The track at a glance, and one kata in detail, in 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pytest_katas.catalogue import Task
from pytest_katas.outcomes import Light
from pytest_katas.progress import KataProgress, Status, next_kata
from pytest_katas.report.after import missing_lines
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
    since,
    wrapped,
)

#: Columns that the bar may take where there is room, and those of the strip of attempts.
BAR, STRIP = 16, 10


def track_lines(
    learner: str, progresses: Sequence[KataProgress], now: datetime, shown: Callable[[KataProgress], str]
) -> list[Line]:
    """Return one row a kata, in track order, and what to do next.

    :param shown: a kata's folder as it would be typed where the reader stands.
    """
    width = max(4, *(len(one.kata.slug) for one in progresses))
    solved = sum(one.status is Status.SOLVED for one in progresses)
    columns = _columns("tasks", "attempts", "cycles", "to green", "last run")
    room = max(6, min(BAR, WIDTH - width - len(columns) - 14))
    heading = f"{'kata':{width}}  {'light':9} {'':{room + 2}}{columns}"
    return [
        line((f"learner {printable(learner)}", "bold"), f" · {solved} of {plural(len(progresses), 'kata')} green"),
        line(""),
        line((heading.rstrip(), "dim")),
        *(_row(one, width, room, now) for one in progresses),
        line(""),
        *_unreadable(progresses),
        *_next(progresses, shown),
    ]


def kata_lines(learner: str, progress: KataProgress, now: datetime, shown: str) -> list[Line]:
    """Return everything that the record says of one kata.

    :param shown: the kata's folder as it would be typed where the reader stands.
    """
    kata = progress.kata
    width = max(len(task.title) for task in kata.tasks)
    lines = [
        *flowed((kata.slug, "bold"), f" - {kata.title} · learner {printable(learner)}"),
        *map(line, wrapped(f'"{kata.question}"')),
        line(""),
        *(_task_row(progress, task, width) for task in kata.tasks),
        line(""),
        *missing_lines(kata),
        _fact(
            "status", f"{progress.status}, {progress.tests_passed} of {plural(progress.tests_expected, 'test')} green"
        ),
        *_history(progress, now),
    ]
    if progress.pythons:
        # 3.9 before 3.10; and whatever a log may call a version.
        versions = sorted(progress.pythons.items(), key=lambda item: [(len(part), part) for part in item[0].split(".")])
        lines.append(_fact("pythons", ", ".join(f"{version} {light}" for version, light in versions)))
    if progress.spoiled:
        lines.append(_fact("solution", "seen before green"))
    lines += [line(""), *_unreadable([progress])]
    if progress.status is Status.SOLVED:
        return [*lines, line("debrief: ", (f"pytest --kata-solution {shown}", "bold"))]
    return [
        *lines,
        line("next: ", (f"pytest {shown}", "bold")),
        line("help: ", (f"pytest --kata-hint {shown}", "bold")),
    ]


def _row(progress: KataProgress, width: int, room: int, now: datetime) -> Line:
    word, style = _word(progress)
    last = progress.attempts[-1].at if progress.attempts else None
    columns = _columns(
        f"{progress.tasks_green}/{progress.tasks_expected}",
        shortened(progress.strip, STRIP),
        str(progress.cycles) if progress.round.attempts else "-",
        duration(progress.time_to_green),
        since(last, now),
    )
    return line(
        f"{progress.kata.slug:{width}}  ",
        (f"{word:9}", style),
        f" {bar(progress.tests_passed, progress.tests_expected, room)}{columns}",
    )


def _columns(tasks: str, attempts: str, cycles: str, to_green: str, last_run: str) -> str:
    return f"  {tasks:>5}  {attempts:{STRIP}} {cycles:>6}  {to_green:>8}  {last_run:>8}"


def _word(progress: KataProgress) -> tuple[str, str]:
    if progress.status is Status.REGRESSED:
        return "regressed", "red" if progress.light is Light.RED else "amber"
    if progress.light is None:
        return "-", ""
    return progress.light.value, progress.light.value


def _task_row(progress: KataProgress, task: Task, width: int) -> Line:
    name = f"  task {task.number}  {task.title:{width}}  "
    if task.missing:
        return line(name, (f"needs {', '.join(task.missing)}", "dim"))
    light = progress.task_lights[task.number]
    passed = progress.tests_passed_in(task.number)
    hints = progress.hints.get(task.number, 0)
    told = f"   {plural(min(hints, len(task.hints)), 'hint')}" if hints else ""
    return line(
        name, (f"{light.value:5}", "" if light is Light.NONE else light.value), f"  {passed:>3}/{task.tests}{told}"
    )


def _history(progress: KataProgress, now: datetime) -> list[Line]:
    """Return what the attempts of this round say together."""
    taken = progress.round.attempts
    lines = []
    if len(progress.rounds) > 1:
        lines.append(_fact("round", f"{progress.round.number}"))
    if not taken:
        return [*lines, _fact("attempts", "none yet")]
    lines += [
        _fact("attempts", f"{len(taken)}   {shortened(progress.strip, 50)}"),
        _fact("cycles", f"{progress.cycles} (red or amber, later green)"),
        _fact("time in red", duration(progress.time_in_red)),
        _fact("time to green", duration(progress.time_to_green)),
    ]
    steps = [(one.added or 0) + (one.removed or 0) for one in taken if one.added is not None]
    if steps:
        lines.append(_fact("step size", f"{sum(steps) / len(steps):.1f} lines changed from one attempt to the next"))
    why = f"; not complete: {taken[-1].why}" if taken[-1].why else ""
    return [*lines, _fact("last run", f"{_when(taken[-1].at, now)}{why}")]


def _when(then: datetime, now: datetime) -> str:
    said = since(then, now)
    return said if said == "just now" else f"{said} ago"


def _fact(name: str, text: str) -> Line:
    return line(f"  {name:15}{text}")


def _unreadable(progresses: Sequence[KataProgress]) -> list[Line]:
    count = sum(one.unreadable for one in progresses)
    if not count:
        return []
    kept = "it is kept as it is" if count == 1 else "they are kept as they are"
    return [line((f"{plural(count, 'line')} of the record could not be read; {kept}", "dim"))]


def _next(progresses: Sequence[KataProgress], shown: Callable[[KataProgress], str]) -> list[Line]:
    following = next_kata(progresses)
    if following is None:
        return [line(("every kata is green", "green"))]
    at = following.first_red_task if following.attempts else None
    goal = f"   task {at}: {following.kata.tasks[at - 1].title}" if at else f"   {following.kata.title}"
    return [line("next: ", (f"pytest {shown(following)}", "bold"), goal)]

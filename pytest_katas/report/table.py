"""The track at a glance, and one kata in detail, in 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pytest_katas.catalogue import NEEDS, Task
from pytest_katas.outcomes import Light
from pytest_katas.progress import KataProgress, Status, next_kata
from pytest_katas.report.text import Line, ago, bar, duration, line, plural, printable, shortened, wrapped

BAR = 16
STRIP = 12


def track_lines(
    learner: str, progresses: Sequence[KataProgress], now: datetime, shown: Callable[[KataProgress], str]
) -> list[Line]:
    """Return one row a kata, in track order, and what to do next.

    :param shown: a kata's folder as it would be typed where the reader stands.
    """
    width = max(4, *(len(one.kata.slug) for one in progresses))
    solved = sum(one.status is Status.SOLVED for one in progresses)
    heading = f"{'kata':{width}}  {'light':9} {'':{BAR + 2}} {'tests':>7}  {'tasks':>5}  {'attempts':{STRIP}} {'last run':>10}"
    return [
        line((f"learner {printable(learner)}", "bold"), f" · {solved} of {plural(len(progresses), 'kata')} green"),
        line(""),
        line((heading.rstrip(), "dim")),
        *(_row(one, width, now) for one in progresses),
        line(""),
        *_unreadable(progresses),
        _next(progresses, shown),
    ]


def kata_lines(learner: str, progress: KataProgress, now: datetime, shown: str) -> list[Line]:
    """Return everything that the record says of one kata.

    :param shown: the kata's folder as it would be typed where the reader stands.
    """
    kata = progress.kata
    taken = progress.round.attempts
    width = max(len(task.title) for task in kata.tasks)
    lines = [
        line((f"{kata.slug} - {kata.title}", "bold"), f" · learner {printable(learner)}"),
        *map(line, wrapped(kata.question)),
        line(""),
        *(_task_row(progress, task, width) for task in kata.tasks),
        line(""),
        _fact(
            "status", f"{progress.status}, {progress.tests_passed} of {plural(progress.tests_expected, 'test')} green"
        ),
        _fact("attempts", f"{len(taken)}   {shortened(progress.strip, 60)}"),
    ]
    if len(progress.rounds) > 1:
        lines.append(_fact("round", f"{progress.round.number}"))
    if taken:
        lines.append(_fact("cycles", f"{progress.cycles} (red or amber, later green)"))
        lines.append(_fact("time in red", duration(progress.time_in_red)))
        lines.append(_fact("time to green", duration(progress.time_to_green)))
        steps = [(one.added or 0) + (one.removed or 0) for one in taken if one.added is not None]
        if steps:
            lines.append(
                _fact("step size", f"{sum(steps) / len(steps):.1f} lines changed from one attempt to the next")
            )
        lines.append(_fact("last run", f"{ago(taken[-1].at, now)}{_why(progress)}"))
    if progress.pythons:
        versions = sorted(progress.pythons.items(), key=lambda item: [int(part) for part in item[0].split(".")])
        lines.append(_fact("pythons", ", ".join(f"{version} {light}" for version, light in versions)))
    if progress.spoiled:
        lines.append(_fact("solution", "seen before green"))
    if progress.status is Status.SOLVED:
        following = line("debrief: ", (f"pytest --kata-solution {shown}", "bold"))
    else:
        following = line("next: ", (f"pytest {shown}", "bold"), "   help: ", (f"pytest --kata-hint {shown}", "bold"))
    return [*lines, *_unreadable([progress]), line(""), following]


def _row(progress: KataProgress, width: int, now: datetime) -> Line:
    tests = f"{progress.tests_passed}/{progress.tests_expected}"
    tasks = f"{progress.tasks_green}/{progress.tasks_expected}"
    word, style = _word(progress)
    last = progress.attempts[-1].at if progress.attempts else None
    return line(
        f"{progress.kata.slug:{width}}  ",
        (f"{word:9}", style),
        f" {bar(progress.tests_passed, progress.tests_expected, BAR)} {tests:>7}  {tasks:>5}  "
        f"{shortened(progress.strip, STRIP):{STRIP}} {ago(last, now):>10}",
    )


def _word(progress: KataProgress) -> tuple[str, str]:
    if progress.status is Status.REGRESSED:
        return "regressed", "red" if progress.light is Light.RED else "amber"
    if progress.light is None:
        return "-", ""
    return progress.light.value, progress.light.value


def _task_row(progress: KataProgress, task: Task, width: int) -> Line:
    name = f"  task {task.number}  {task.title:{width}}  "
    if task.missing:
        return line(name, (f"needs {task.missing[0]}: {NEEDS[task.missing[0]]}", "dim"))
    light = progress.task_lights[task.number]
    passed = progress.tests_passed_in(task.number)
    hints = progress.hints.get(task.number, 0)
    told = f"   hints {min(hints, len(task.hints))}/{len(task.hints)}" if hints else ""
    return line(
        name, (f"{light.value:5}", "" if light is Light.NONE else light.value), f"  {passed:>3}/{task.tests}{told}"
    )


def _fact(name: str, text: str) -> Line:
    return line(f"  {name:14}{text}")


def _why(progress: KataProgress) -> str:
    newest = progress.attempts[-1]
    return f" ({newest.why})" if newest.why else ""


def _unreadable(progresses: Sequence[KataProgress]) -> list[Line]:
    count = sum(one.unreadable for one in progresses)
    return (
        [line((f"{plural(count, 'line')} of the record could not be read; they are kept as they are", "dim"))]
        if count
        else []
    )


def _next(progresses: Sequence[KataProgress], shown: Callable[[KataProgress], str]) -> Line:
    following = next_kata(progresses)
    if following is None:
        return line(("every kata is green", "green"))
    at = following.first_red_task if following.attempts else None
    goal = f"   task {at}: {following.kata.tasks[at - 1].title}" if at else f"   {following.kata.title}"
    return line("next: ", (f"pytest {shown(following)}", "bold"), goal)

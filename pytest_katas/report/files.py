"""Progress as a file: JSON for programs, Markdown for people, CSV for spreadsheets.

The JSON is described by ``schemas/report-1.json``; times are UTC in ISO 8601, spans are seconds.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pytest_katas import __version__
from pytest_katas.catalogue import Task
from pytest_katas.errors import KataError
from pytest_katas.outcomes import Light
from pytest_katas.progress import KataProgress, Status, next_kata
from pytest_katas.report.text import bar, duration, plural
from pytest_katas.rounds import Attempt

FORMAT = 1

#: The progress of some katas, in track order, by learner.
Cohort = Mapping[str, Sequence[KataProgress]]

_COLUMNS = (
    "learner",
    "kata",
    "status",
    "light",
    "tests_passed",
    "tests_expected",
    "tasks_green",
    "tasks_expected",
    "round",
    "attempts",
    "strip",
    "cycles",
    "time_in_red",
    "time_to_green",
    "hints",
    "spoiled",
    "last_at",
)


class ReportError(KataError):
    """A report that cannot be made as asked."""


def render(suffix: str, cohort: Cohort, now: datetime) -> str:
    """Return the report that a file with this suffix holds.

    :param suffix: ``.json``, ``.md`` or ``.csv``.
    :raises ReportError: there is no such report.
    """
    if suffix not in _FORMATS:
        raise ReportError(f"there is no report for a file that ends in {suffix!r}; name one in {', '.join(_FORMATS)}")
    return _FORMATS[suffix](cohort, now)


def as_data(cohort: Cohort, now: datetime) -> dict[str, Any]:
    """Return the report as ``schemas/report-1.json`` describes it."""
    return {
        "format": FORMAT,
        "plugin": __version__,
        "made_at": _time(now),
        "learners": [
            {"learner": learner, "next": _slug(next_kata(katas)), "katas": [_kata(one) for one in katas]}
            for learner, katas in cohort.items()
        ],
    }


def _json(cohort: Cohort, now: datetime) -> str:
    return json.dumps(as_data(cohort, now), indent=2, ensure_ascii=False) + "\n"


def _csv(cohort: Cohort, _now: datetime) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for learner, katas in cohort.items():
        for one in katas:
            row = {
                "learner": learner,
                **_kata(one),
                "attempts": len(one.round.attempts),
                "hints": sum(one.hints.values()),
            }
            writer.writerow(_cell(row[column]) for column in _COLUMNS)
    return file.getvalue()


def _markdown(cohort: Cohort, now: datetime) -> str:
    parts = ["# Katas", ""]
    made = now.astimezone().strftime("%Y-%m-%d %H:%M")
    for learner, katas in cohort.items():
        solved = sum(one.status is Status.SOLVED for one in katas)
        parts += [
            f"## {_escaped(learner)}",
            "",
            f"{bar(solved, len(katas), 20)} {solved} of {plural(len(katas), 'kata')} green · {made}",
            "",
            "| kata | status | tests | tasks | attempts | cycles | time to green |",
            "|---|---|---:|---:|---|---:|---:|",
            *(_markdown_row(one) for one in katas),
            "",
        ]
        if following := next_kata(katas):
            parts += [f"Next: **{_escaped(following.kata.slug)}**, {_escaped(following.kata.title)}", ""]
    return "\n".join(parts)


def _markdown_row(one: KataProgress) -> str:
    sign = {Status.SOLVED: "✔ ", Status.REGRESSED: "✘ "}.get(one.status, "")
    cells = (
        _escaped(one.kata.slug),
        f"{sign}{one.status}",
        f"{one.tests_passed}/{one.tests_expected}",
        f"{one.tasks_green}/{one.tasks_expected}",
        f"`{one.strip}`" if one.strip else "",
        str(one.cycles),
        duration(one.time_to_green),
    )
    return f"| {' | '.join(cells)} |"


_FORMATS: Mapping[str, Callable[[Cohort, datetime], str]] = {".json": _json, ".md": _markdown, ".csv": _csv}


def _kata(one: KataProgress) -> dict[str, Any]:
    return {
        "kata": one.kata.slug,
        "title": one.kata.title,
        "status": one.status.value,
        "light": _light(one.light),
        "tests_passed": one.tests_passed,
        "tests_expected": one.tests_expected,
        "tasks_green": one.tasks_green,
        "tasks_expected": one.tasks_expected,
        "round": one.round.number,
        "strip": one.strip,
        "cycles": one.cycles,
        "time_in_red": _seconds(one.time_in_red),
        "time_to_green": _seconds(one.time_to_green),
        "pythons": {version: light.value for version, light in one.pythons.items()},
        "hints": {str(task): shown for task, shown in one.hints.items()},
        "spoiled": one.spoiled,
        "last_at": _time(one.last_at),
        "unreadable": one.unreadable,
        "tasks": [_task(one, task) for task in one.kata.tasks],
        "attempts": [_attempt(attempt) for attempt in one.attempts],
    }


def _task(one: KataProgress, task: Task) -> dict[str, Any]:
    expected = task.number in one.kata.expected
    return {
        "task": task.number,
        "title": task.title,
        "expected": expected,
        "light": one.task_lights[task.number].value if expected else Light.NONE.value,
        "tests_passed": one.tests_passed_in(task.number) if expected else 0,
        "tests": task.tests,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "round": attempt.round,
        "at": _time(attempt.at),
        "light": attempt.light.value,
        "complete": attempt.complete,
        "why": attempt.why,
        "seconds": attempt.seconds,
        "python": attempt.python,
        "passed": attempt.passed,
        "added": attempt.added,
        "removed": attempt.removed,
    }


def _slug(one: KataProgress | None) -> str | None:
    return one.kata.slug if one else None


def _light(light: Light | None) -> str | None:
    return light.value if light else None


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 3)


def _cell(value: object) -> object:
    """Return a cell that a spreadsheet takes for text, not for a formula: a learner chooses their own name."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} and value != Light.NONE:
        return f"'{value}"
    return value


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is: no markup, no HTML, no end of the table cell."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>()#+!|~&" else char for char in text.replace("\n", " "))

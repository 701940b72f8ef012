"""What an author reads after the katas were checked."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_katas.problem import Problem
from pytest_katas.report.text import Line, line, plural, wrapped


def check_lines(problems: Sequence[Problem], katas: int, trials: int, seconds: float) -> list[Line]:
    """Return each problem with its kata, its rule, what was expected and what happened; then the count."""
    lines: list[Line] = []
    for problem in problems:
        rule = f"rule {problem.rule}" if problem.rule else "files"
        lines += [
            line((problem.kata, "bold"), f", {rule}"),
            *map(line, wrapped(problem.expected, indent="    ", first="  expected: ")),
            *map(line, wrapped(problem.happened, indent="    ", first="  happened: ")),
            line(""),
        ]
    took = f"{plural(katas, 'kata')}, {plural(trials, 'run')}, {seconds:.1f} s"
    if problems:
        return [
            *lines,
            line((plural(len(problems), "problem"), "red"), f" in {took}; the rules are in CONTRIBUTING.md"),
        ]
    return [line(("every rule is kept", "green"), f": {took}")]

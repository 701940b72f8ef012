"""What a learner reads who asks for a hint."""

from __future__ import annotations

from pytest_katas.catalogue import Kata, Task
from pytest_katas.report.text import Line, flowed, line, wrapped


def hint_lines(kata: Kata, task: Task, number: int, shown: str) -> list[Line]:
    """Return the hints of a task up to the newest one, and how to get more.

    :param number: how many hints are shown, the last one new.
    :param shown: the kata's folder as it would be typed where the reader stands.
    """
    lines = [line((f"{kata.slug}, task {task.number} of {len(kata.tasks)}: {task.title}", "bold")), line("")]
    for position, hint in enumerate(task.hints[:number], start=1):
        style = "" if position == number else "dim"
        lines += [line((row, style)) for row in wrapped(hint, indent="     ", first=f"  {position}. ")]
    said = f"that was hint {number} of {len(task.hints)}; "
    if number < len(task.hints):
        return [*lines, line(""), *flowed(said + "the next one: ", (f"pytest --kata-hint {shown}", "bold"))]
    command = f"pytest --kata-spoil {shown}"
    return [*lines, line(""), *flowed(said + "to see the solution: ", (command, "bold"))]

"""The learner's code beside the reference, name by name, and the debrief."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pytest_katas.catalogue import Kata
from pytest_katas.report.source import Definition, find
from pytest_katas.report.text import Line, line, plural, printable, wrapped


def solution_lines(kata: Kata, solution: Path, shown: str) -> list[Line]:
    """Return, for each name the learner writes, their code and the reference; then the debrief.

    :param solution: the folder with the reference files and ``DEBRIEF.md``.
    :param shown: the same folder as it would be typed where the reader stands.
    """
    lines: list[Line] = []
    shown_before: set[str] = set()
    for task in kata.tasks:
        lines += [line((f"task {task.number} of {len(kata.tasks)}: {task.title}", "bold")), line("")]
        for name in task.writes:
            if name in shown_before:
                continue
            shown_before.add(name)
            yours, reference = (find(folder, kata.stubs, name) for folder in (kata.path, solution))
            if yours and reference and yours.text == reference.text:
                lines += [line(("yours, the same as the reference", "green")), *_code(yours), line("")]
            else:
                lines += [line(("yours", "amber")), *_code(yours), line("")]
                lines += [line(("reference", "green")), *_code(reference), line("")]
    debrief = solution / "DEBRIEF.md"
    if debrief.is_file():
        lines += [line(("debrief", "bold")), line(""), *_prose(debrief.read_text("utf-8")), line("")]
    what = "the whole reference" if len(kata.stubs) == 1 else f"the whole reference, {plural(len(kata.stubs), 'file')}"
    return [*lines, line(f"{what}: ", (", ".join(f"{shown}/{stub}" for stub in kata.stubs), "bold"))]


def _code(definition: Definition | None) -> Iterator[Line]:
    for each in (definition.text if definition else "(not there)").splitlines():
        yield line("    " + printable(each.expandtabs()))


def _prose(markdown: str) -> Iterator[Line]:
    """Break the lines of a Markdown text where a terminal would, but for code and tables."""
    fenced = False
    for each in markdown.splitlines():
        text = printable(each.expandtabs())
        mark = re.match(r" *(?:[-*+] |\d+\. |> )?", text)
        fenced ^= text.lstrip().startswith("```")
        if fenced or text.startswith(("    ", "|")) or mark is None:
            yield line(text)
        else:
            indent = "> " if mark[0].endswith("> ") else " " * mark.end()
            yield from map(line, wrapped(text[mark.end() :], indent=indent, first=mark[0]))

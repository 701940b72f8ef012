"""The learner's code beside the reference, name by name, and the debrief."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from pytest_katas.catalogue import Kata
from pytest_katas.report.text import Line, line, printable


def solution_lines(kata: Kata, solution: Path) -> list[Line]:
    """Return, for each name the learner writes, their code and the reference; then the debrief.

    A name that cannot be found in the learner's file, as while it does not parse, is shown from the reference alone.

    :param solution: the folder with the reference files and ``DEBRIEF.md``.
    """
    lines: list[Line] = []
    for task in kata.tasks:
        lines += [line((f"task {task.number}: {task.title}", "bold")), line("")]
        for name in task.writes:
            yours, reference = (_find(folder, kata.stubs, name) for folder in (kata.path, solution))
            if yours == reference:
                lines += [line(("yours, and the reference to the letter", "green")), *_code(reference), line("")]
            else:
                lines += [
                    line(("yours", "amber")),
                    *_code(yours),
                    line(""),
                    line(("reference", "green")),
                    *_code(reference),
                    line(""),
                ]
    debrief = solution / "DEBRIEF.md"
    if debrief.is_file():
        lines += [line(("debrief", "bold")), line(""), *map(line, debrief.read_text("utf-8").splitlines()), line("")]
    files = ", ".join(str(solution / stub) for stub in kata.stubs)
    return [*lines, line(f"the whole reference: {files}")]


def _code(text: str | None) -> Iterator[Line]:
    for each in (text or "(not there)").splitlines():
        yield line("    " + printable(each.expandtabs()))


def _find(folder: Path, stubs: tuple[str, ...], name: str) -> str | None:
    """Return the source of ``name``, a function, a class or ``Class.method``; or a whole file that is called so."""
    for stub in stubs:
        path = folder / stub
        if not path.is_file():
            continue
        source = path.read_bytes().decode(errors="replace")
        if name == stub:
            return source
        if path.suffix == ".py" and (found := _definition(source, name)):
            return found
    return None


def _definition(source: str, name: str) -> str | None:
    try:
        scope: ast.AST | None = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    for part in name.split("."):
        scope = (
            next((node for node in ast.iter_child_nodes(scope) if getattr(node, "name", None) == part), None)
            if scope
            else None
        )
    return ast.get_source_segment(source, scope) if scope else None

"""What was never run of a file, in words: the lines and the ways between them that coverage.py found missing.

Pure. A learner who writes tests does not see the code they are judged on, so a number of a line alone says nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple


class Gaps(NamedTuple):
    """The gaps that coverage.py's JSON report has for one file.

    :ivar lines: numbers of the lines that were never run.
    :ivar branches: ways from one line to another that were never taken; below zero is the way out of a function.
    """

    lines: tuple[int, ...]
    branches: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, found: Mapping[str, Sequence[Any]]) -> Gaps:
        """Read ``missing_lines`` and ``missing_branches``."""
        return cls(tuple(found["missing_lines"]), tuple((here, there) for here, there in found["missing_branches"]))


def lines_told(source: str, gaps: Gaps) -> list[str]:
    """Return a sentence for each line that was never run, with what stands there."""
    lines = source.splitlines()
    return [f"line {number} was never run: {lines[number - 1].strip()}" for number in gaps.lines]


def branches_told(source: str, gaps: Gaps) -> list[str]:
    """Return a sentence for each way that was never taken from a line that was run."""
    forks = {node.lineno: node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)}
    cases = {node.pattern.lineno: node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.match_case)}
    return [
        f"line {here} -> {there if there > 0 else 'the end'} never happened: {why}"
        for here, there in gaps.branches
        if here not in gaps.lines
        for why in _why(cases.get(here, forks.get(here)), there)
    ]


def _why(fork: ast.AST | None, there: int) -> Iterator[str]:
    match fork:
        case ast.If(test=test, body=body) | ast.While(test=test, body=body):
            yield f"{ast.unparse(test)} was always {'false' if body[0].lineno == there else 'true'}"
        case ast.For(iter=several, body=body):
            first = body[0].lineno == there
            yield f"the loop over {ast.unparse(several)} {'had nothing to do' if first else 'never came to its end'}"
        case ast.match_case(pattern=pattern, body=body):
            yield f"case {ast.unparse(pattern)} {'never' if body[0].lineno == there else 'always'} matched"
        case _:
            yield "it always went another way"

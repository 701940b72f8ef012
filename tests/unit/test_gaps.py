"""What was never run, in words."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from pytest_katas.gaps import Gaps, branches_told, lines_told


def test_gaps_are_read_from_the_report_of_coverage():
    found: dict[str, list[Any]] = {"missing_lines": [3, 4], "missing_branches": [[2, 3], [5, -1]]}
    assert Gaps.of(found) == Gaps((3, 4), ((2, 3), (5, -1)))


def test_a_line_is_told_with_what_stands_there():
    assert lines_told("a = 1\n    raise ValueError\n", Gaps((2,), ())) == ["line 2 was never run: raise ValueError"]


SOURCE = dedent("""\
    def f(items, many):
        if many and items:
            one()
        while items:
            items.pop()
        for each in items:
            each()
        match many:
            case [1, *_]:
                two()
            case _:
                three()
        with many:
            four()
    """)


@pytest.mark.parametrize(
    ("here", "there", "why"),
    [
        (2, 3, "many and items was always false"),
        (2, 4, "many and items was always true"),
        (4, 5, "items was always false"),
        (4, 6, "items was always true"),
        (6, 7, "the loop over items had nothing to do"),
        (6, 8, "the loop over items never came to its end"),
        (9, 10, "case [1, *_] never matched"),
        (9, 11, "case [1, *_] always matched"),
        (13, 14, "it always went another way"),
    ],
)
def test_a_way_is_told_with_its_reason(here: int, there: int, why: str):
    assert branches_told(SOURCE, Gaps((), ((here, there),))) == [f"line {here} -> {there} never happened: {why}"]


def test_the_way_out_of_a_function_is_its_end():
    assert branches_told(SOURCE, Gaps((), ((6, -1),))) == [
        "line 6 -> the end never happened: the loop over items never came to its end"
    ]


def test_a_line_that_never_ran_has_no_ways_to_tell():
    assert branches_told(SOURCE, Gaps((2,), ((2, 3), (2, 4)))) == []

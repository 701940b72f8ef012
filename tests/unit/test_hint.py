"""The words around a hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_katas.catalogue import Kata, Task
from pytest_katas.report.hint import hint_lines
from pytest_katas.report.text import WIDTH, plain

HINTS = ("Think of a number.", "It is an even number, and " + "it is a very large one, " * 6 + "too.", "It is two.")
TASK = Task(2, "guess", 1, ("guess",), "stub", (), HINTS)
KATA = Kata(Path("katas/sums"), "Sums", "?", "", (), 1, 1, (), (), ("s.py",), "task", (), (TASK, TASK, TASK))


def test_the_first_one_stands_alone():
    assert plain(hint_lines(KATA, TASK, 1, "katas/sums")) == (
        "sums, task 2 of 3: guess\n\n"
        "  1. Think of a number.\n\n"
        "that was hint 1 of 3; the next one: pytest --kata-hint katas/sums\n"
    )


def test_the_newest_is_bright_and_those_before_it_are_dim():
    styles = {
        row[0].text[:5]: row[0].style for row in hint_lines(KATA, TASK, 2, "katas/sums") if row[0].text[:2] == "  "
    }
    assert styles == {"  1. ": "dim", "  2. ": "", "     ": ""}


def test_after_the_last_one_there_is_the_solution():
    told = plain(hint_lines(KATA, TASK, 3, "katas/sums"))
    assert told.endswith("\nthat was hint 3 of 3; to see the solution: pytest --kata-spoil katas/sums\n")


@pytest.mark.parametrize("shown", ["katas/sums", "../../somewhere/else/in/a/deep/folder/katas/sums"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_no_line_is_too_long(number, shown):
    assert max(map(len, plain(hint_lines(KATA, TASK, number, shown)).splitlines())) <= WIDTH

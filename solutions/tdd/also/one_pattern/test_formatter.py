"""Kata: TDD, task 4. Your tests: one function for each item of the list in formatter.py.

Another right answer: tables. A function with parameters is one item, green when all of its rows are.
"""

from typing import NamedTuple

import formatter
import pytest


class Row(NamedTuple):
    seconds: int
    text: str


def table(*rows):
    return pytest.mark.parametrize("row", [Row(*row) for row in rows], ids=str)


def check(row):
    assert formatter.format_duration(row.seconds) == row.text


@table((1, "1s"), (10, "10s"), (59, "59s"))
def test_1_seconds(row):
    check(row)


@table((62, "1m2s"), (3599, "59m59s"))
def test_2_minutes(row):
    check(row)


@table((3661, "1h1m1s"), (359999, "99h59m59s"))
def test_3_hours(row):
    check(row)


@table((60, "1m"), (3600, "1h"), (3605, "1h5s"), (3660, "1h1m"))
def test_4_gaps(row):
    check(row)


@pytest.mark.parametrize("seconds", [-1, -60, -3661])
def test_5_negative(seconds):
    with pytest.raises(ValueError):  # noqa: PT011  messages are not in the contract
        formatter.format_duration(seconds)


@pytest.mark.parametrize("odd", [False, 0.5])
def test_6_types(odd):
    with pytest.raises(TypeError):
        formatter.format_duration(odd)

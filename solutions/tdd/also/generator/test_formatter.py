"""Kata: TDD, task 4. Your tests: one function for each item of the list in formatter.py.

Another right answer: plain functions, and a helper that says which exception came.
"""

from formatter import format_duration as shown


def raised_by(value):
    """Return the type of what was raised, None if nothing was."""
    try:
        shown(value)
    except (TypeError, ValueError) as error:
        return type(error)
    return None


def test_1_():
    got = [shown(seconds) for seconds in (2, 30)]
    assert got == ["2s", "30s"]


def test_2_minutes_come_first():
    assert shown(119) == "1m59s"


def test_3_more_than_a_day():
    assert shown(24 * 3600 + 2 * 60 + 2) == "24h2m2s"


def test_4_blank_where_zero():
    expected = {0: "0s", 60: "1m", 3602: "1h2s"}
    assert {seconds: shown(seconds) for seconds in expected} == expected


def test_5_below_zero():
    assert raised_by(-1) is ValueError


def test_6_bool_and_float():
    assert raised_by(True) is raised_by(1.5) is TypeError


def test_9_something_of_your_own():
    assert shown(86_400) == "24h"

"""Kata: TDD, task 4. Your tests: one function for each item of the list in formatter.py.

The name of each begins with test_1_, test_2_ and so on to test_6_, and goes on as you like.
"""

import pytest
from formatter import format_duration


def test_1_seconds():
    assert format_duration(45) == "45s"


def test_2_minutes_and_seconds():
    assert format_duration(90) == "1m30s"


def test_3_hours_are_not_bounded():
    assert format_duration(3_723) == "1h2m3s"
    assert format_duration(90_061) == "25h1m1s"


def test_4_no_part_is_zero():
    assert format_duration(3_600) == "1h"
    assert format_duration(3_660) == "1h1m"
    assert format_duration(0) == "0s"


def test_5_no_length_is_negative():
    with pytest.raises(ValueError):  # noqa: PT011  messages are not in the contract
        format_duration(-1)


@pytest.mark.parametrize("value", [True, 1.0, "5", None])
def test_6_only_an_int_is_a_number_of_seconds(value):
    with pytest.raises(TypeError):
        format_duration(value)

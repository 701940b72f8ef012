"""Kata: what to test. Your tests of quote; parcel.py has the specification.

Another right answer: one price list for all classes and zones, a fixture for express, and a class for what is refused.
"""

from itertools import product

import pytest
from parcel import quote

ZONES = ("domestic", "EU", "world")

#: By total weight and zone: the price, and the price by express, worked out with pencil and paper.
TABLE = {
    (500, "domestic"): (390, 488),
    (500, "EU"): (585, 731),
    (500, "world"): (936, 1170),
    (2000, "domestic"): (590, 738),
    (2000, "EU"): (885, 1106),
    (2000, "world"): (1416, 1770),
    (10000, "domestic"): (990, 1238),
    (10000, "EU"): (1485, 1856),
    (10000, "world"): (2376, 2970),
    (30000, "domestic"): (1690, 2113),
    (30000, "EU"): (2535, 3169),
    (30000, "world"): (4056, 5070),
}


def items(total):
    """Make a parcel of this weight, in which no item is heavy."""
    return [1000] * (total // 1000) + [total % 1000] * (total % 1000 > 0)


@pytest.fixture(params=[False, True], ids=["standard", "express"])
def express(request):
    return request.param


def test_every_class_at_its_upper_end(express):
    quoted = {(total, zone): quote(items(total), zone, express=express) for total, zone in TABLE}
    assert quoted == {key: prices[express] for key, prices in TABLE.items()}
    assert {type(price) for price in quoted.values()} == {int}


def test_every_class_at_its_lower_end(express):
    below = {1: 500, 501: 2000, 2001: 10000, 10001: 30000}
    for (total, upper), zone in product(below.items(), ZONES):
        assert quote(items(total), zone, express=express) == TABLE[upper, zone][express]


@pytest.mark.parametrize("heavy", range(4))
def test_heavy_items(heavy, express):
    weights = [5000, *[5001] * heavy]
    upper = 30000 if heavy else 10000
    assert quote(weights, "EU", express=express) == TABLE[upper, "EU"][express] + 200 * heavy


class TestRefused:
    @pytest.mark.parametrize("odd", [True, False, 2.0], ids=repr)
    def test_types(self, odd):
        with pytest.raises(TypeError):
            quote([odd], "eu")

    @pytest.mark.parametrize("weights", [[], [0], [-7], [8, 0], [8, -7], items(30001)], ids=len)
    def test_values(self, weights):
        with pytest.raises(ValueError):  # noqa: PT011  the text is open
            quote(weights, "eu")

    def test_zones(self):
        with pytest.raises(ValueError):  # noqa: PT011  the text is open
            quote([1], "eur")


def test_no_trace_is_left():
    weights = [30, 20, 40]
    for express in (True, False, True):
        assert quote(weights, "domestic", express=express) == TABLE[500, "domestic"][express]
        assert weights == [30, 20, 40]

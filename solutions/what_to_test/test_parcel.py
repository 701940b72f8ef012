"""Kata: what to test. Your tests of quote; parcel.py has the specification.

A table for each sentence of it, compared at once: a red test shows every row that is wrong. The prices were computed by
hand.
"""

import pytest
from parcel import quote


def test_the_total_decides_the_base_price():
    table = [
        ([1], 390),
        ([500], 390),
        ([501], 590),
        ([2_000], 590),
        ([2_001], 990),
        ([2_500] * 4, 990),
        ([2_500] * 4 + [1], 1_690),
        ([2_500] * 12, 1_690),
    ]
    assert [(weights, quote(weights, "domestic")) for weights, _ in table] == table


def test_a_price_is_a_whole_number_of_cents():
    assert type(quote([100], "domestic")) is int


def test_the_zone_has_its_share_however_it_is_written():
    table = {"eu": 585, "world": 936, "EU": 585}
    assert {zone: quote([100], zone) for zone in table} == table


def test_express_adds_a_quarter_and_half_a_cent_is_rounded_up():
    table = [
        ([100], "domestic", 488),
        ([2_500] * 5, "domestic", 2_113),
        ([100], "eu", 731),
    ]
    assert [(weights, zone, quote(weights, zone, express=True)) for weights, zone, _ in table] == table


def test_each_heavy_item_adds_200_in_the_end():
    table = [
        ([5_000], False, 990),
        ([5_001], False, 1_190),
        ([5_001, 5_001], False, 2_090),
        ([5_001], True, 1_438),
    ]
    assert [(weights, fast, quote(weights, "domestic", express=fast)) for weights, fast, _ in table] == table


@pytest.mark.parametrize("weight", [True, 1.0])
def test_a_weight_is_an_int(weight):
    with pytest.raises(TypeError):
        quote([100, weight], "domestic")


@pytest.mark.parametrize(
    ("weights", "zone"),
    [
        pytest.param([], "domestic", id="no-items"),
        pytest.param([0], "domestic", id="zero"),
        pytest.param([100, -1], "domestic", id="a-negative-one-among-others"),
        pytest.param([2_500] * 12 + [1], "domestic", id="too-heavy"),
        pytest.param([100], "moon", id="no-such-zone"),
    ],
)
def test_what_no_parcel_is(weights, zone):
    with pytest.raises(ValueError):  # noqa: PT011  messages are not in the contract
        quote(weights, zone)


def test_the_list_is_left_as_it_was():
    weights = [300, 100, 200]
    quote(weights, "domestic")
    assert weights == [300, 100, 200]


def test_one_call_knows_nothing_of_another():
    prices = [quote([100], "domestic", express=express) for express in (False, True, False)]
    assert prices == [390, 488, 390]

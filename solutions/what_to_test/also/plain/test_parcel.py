"""Kata: what to test. Your tests of quote; parcel.py has the specification.

Another right answer: plain functions, and one example after the other.
"""

from parcel import quote


def error_of(weights, zone="domestic"):
    try:
        quote(weights, zone)
    except (TypeError, ValueError) as error:
        return type(error)
    return None


def test_small():
    assert repr(quote([1], "domestic")) == "390"
    assert quote([250, 250], "domestic") == 390
    assert quote([250, 251], "domestic") == 590


def test_middle():
    assert quote([1000, 1000], "domestic") == 590
    assert quote([1000, 1001], "domestic") == 990
    assert quote([5000, 5000], "domestic") == 990
    assert quote([5000, 4000, 1001], "domestic") == 1690


def test_large():
    assert quote([3000] * 10, "domestic") == 1690
    assert error_of([3000] * 10 + [1]) is ValueError


def test_heavy():
    assert quote([5001], "domestic") == 1190
    assert quote([5000], "domestic") == 990
    assert quote([5001, 4999], "domestic") == 1190
    assert quote([5001, 5001], "world") == 4056 + 400


def test_zones():
    assert (quote([9], "eu"), quote([9], "EU")) == (585, 585)
    assert (quote([9], "world"), quote([9], "WORLD")) == (936, 936)
    assert error_of([9], "mars") is ValueError


def test_express():
    assert quote([9], "domestic", express=True) == 488
    assert quote([5001], "eu", express=True) == 1856 + 200
    assert quote([5000] * 4, "domestic", express=True) == 2113


def test_weights():
    assert error_of([]) is ValueError
    assert error_of([0]) is ValueError
    assert error_of([7, -2]) is ValueError
    assert error_of([2.5]) is TypeError
    assert error_of([True]) is TypeError


def test_again():
    parcel = [3, 2, 1]
    first = quote(parcel, "eu", express=True)
    assert parcel == [3, 2, 1]
    assert quote(parcel, "eu") == 585
    assert quote(parcel, "eu", express=True) == first == 731

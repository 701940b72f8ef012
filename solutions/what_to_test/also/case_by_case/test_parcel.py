"""Kata: what to test. Your tests of quote; parcel.py has the specification.

Another right answer: TestCases of unittest, one for each rule.
"""

# ruff: noqa: PT009, PT027  this is how unittest says it

import unittest

import parcel


class Quoted(unittest.TestCase):
    zone = "domestic"
    express = False

    def costs(self, price, *weights, **options):
        asked = {"zone": self.zone, "express": self.express, **options}
        quoted = parcel.quote(list(weights), **asked)
        self.assertIsInstance(quoted, int)
        self.assertEqual(quoted, price, (weights, asked))

    def refused(self, error, *weights, zone="domestic"):
        with self.assertRaises(error):
            parcel.quote(list(weights), zone)


class Domestic(Quoted):
    def test_limits(self):
        for limit, price, above in ((500, 390, 590), (2_000, 590, 990)):
            with self.subTest(limit=limit):
                self.costs(price, limit)
                self.costs(above, limit + 1)

    def test_limits_of_many(self):
        self.costs(990, *[4_000, 4_000, 2_000])
        self.costs(1_690, *[4_000, 4_000, 2_001])
        self.costs(1_690, *[3_000] * 10)

    def test_heavy_items(self):
        self.costs(990, 5_000)
        self.costs(1_190, 5_001)
        self.costs(1_690 + 5 * 200, *[6_000] * 5)


class Abroad(Quoted):
    def test_eu(self):
        self.costs(585, 1, zone="eu")
        self.costs(885, 501, zone="Eu")

    def test_world(self):
        self.costs(936, 1, zone="world")
        self.costs(2_376 + 200, 9_000, zone="WORLD")


class Express(Quoted):
    express = True

    def test_rounding(self):
        self.costs(488, 1)
        self.costs(2_113, *[5_000] * 5)
        self.costs(731, 1, zone="eu")

    def test_surcharge_comes_last(self):
        self.costs(2_113 + 600, *[6_000] * 3)

    def test_no_longer_than_asked_for(self):
        self.costs(738, 1_000)
        self.costs(590, 1_000, express=False)
        self.costs(738, 1_000)


class Refused(Quoted):
    def test_types(self):
        self.refused(TypeError, False)
        self.refused(TypeError, 10, True)
        self.refused(TypeError, 10.0)

    def test_weights(self):
        self.refused(ValueError)
        self.refused(ValueError, 0)
        self.refused(ValueError, 5, 5, -5)

    def test_total(self):
        self.refused(ValueError, 30_001)
        self.refused(ValueError, *[3_000] * 10, 1)

    def test_zone(self):
        self.refused(ValueError, 1, zone="eu-west")


class Harmless(Quoted):
    def setUp(self):
        self.weights = [9, 1, 5]

    def test_list(self):
        parcel.quote(self.weights, "eu")
        self.assertEqual(self.weights, [9, 1, 5])

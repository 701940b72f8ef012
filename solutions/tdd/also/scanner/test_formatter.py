"""Kata: TDD, task 4. Your tests: one function for each item of the list in formatter.py.

Another right answer: a TestCase of unittest.
"""

# ruff: noqa: PT009, PT027  this is how unittest says it

import unittest

from formatter import format_duration


class TheListOfTests(unittest.TestCase):
    def shows(self, seconds, text):
        self.assertEqual(format_duration(seconds), text)

    def test_1_below_a_minute(self):
        self.shows(1, "1s")
        self.shows(59, "59s")

    def test_2_minutes(self):
        self.shows(61, "1m1s")
        self.shows(59 * 60 + 59, "59m59s")

    def test_3_hours(self):
        for hours in (1, 23, 24, 100):
            with self.subTest(hours=hours):
                self.shows(hours * 3600 + 61, f"{hours}h1m1s")

    def test_4_zero_is_silent(self):
        self.shows(60, "1m")
        self.shows(7_200, "2h")
        self.shows(3_601, "1h1s")

    def test_5_negative(self):
        self.assertRaises(ValueError, format_duration, -5)

    def test_6_type(self):
        with self.assertRaisesRegex(TypeError, ""):
            format_duration(True)

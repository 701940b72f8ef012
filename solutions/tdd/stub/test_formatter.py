"""Kata: TDD, task 4. Your tests: one function for each item of the list in formatter.py.

The name of each begins with test_1_, test_2_ and so on to test_6_, and goes on as you like.
"""

import pytest
from formatter import format_duration

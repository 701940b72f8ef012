"""Kata: what to test. Your tests of quote; parcel.py has the specification."""

import pytest
from parcel import quote

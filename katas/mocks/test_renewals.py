"""Your tests of `renewals.py`. Its docstrings say what it promises; README.md says what is asked of you, task by task.

Run them with `pytest katas/mocks`: they meet every implementation there is, the right ones and the wrong ones.
"""

from __future__ import annotations

from datetime import date
from unittest.mock import create_autospec

import pytest
import renewals
from doubles import FakeSubscriptions
from ports import Clock, Gateway, Mailer, Subscription

# --- Task 2: the happy path ---------------------------------------------------

# --- Task 3: when it goes wrong -----------------------------------------------

# --- Task 4: what must not happen ---------------------------------------------

# --- Task 5: time and surprises -----------------------------------------------

# --- Task 6: patch where it is looked up --------------------------------------

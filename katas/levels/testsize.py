"""Kata: unit, integration, end-to-end. How big is a test? A question of its resources, not of its scope."""

from __future__ import annotations

import os
from typing import Any, Literal

#: One event of sys.addaudithook: its name and its arguments.
Event = tuple[str, tuple[Any, ...]]


# --- Task 6: size is not scope ------------------------------------------------


def size_of(events: list[Event]) -> Literal["small", "medium", "large"]:
    """Return the size of a test from what it was seen to do.

    large: it reached, or looked up, a host that is not this machine.
    medium: a socket on this machine, a process, sleep, a database or a file that is written.
    small: nothing of that.
    """
    raise NotImplementedError

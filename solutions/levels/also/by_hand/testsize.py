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
    size: Literal["small", "medium"] = "small"
    for name, arguments in events:
        if name in ("socket.connect", "socket.getaddrinfo"):
            target = arguments[1] if name == "socket.connect" else arguments
            if isinstance(target, tuple) and target[0] not in {"localhost", "::1"} and target[0][:4] != "127.":
                return "large"
            size = "medium"
        elif name in ("socket.bind", "subprocess.Popen", "time.sleep"):
            size = "medium"
        elif name == "sqlite3.connect":
            if str(arguments[0]) != ":memory:":
                size = "medium"
        elif name == "open":
            _, mode, flags = arguments
            if flags & os.O_ACCMODE if mode is None else any(letter in mode for letter in "wax+"):
                size = "medium"
    return size

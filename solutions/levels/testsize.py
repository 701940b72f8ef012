"""Kata: unit, integration, end-to-end. How big is a test? A question of its resources, not of its scope."""

from __future__ import annotations

import os
from typing import Any, Literal

#: One event of sys.addaudithook: its name and its arguments.
Event = tuple[str, tuple[Any, ...]]

Size = Literal["small", "medium", "large"]

SIZES: tuple[Size, ...] = ("small", "medium", "large")

WRITING = os.O_WRONLY | os.O_RDWR


# --- Task 6: size is not scope ------------------------------------------------


def size_of(events: list[Event]) -> Size:
    """Return the size of a test from what it was seen to do.

    large: it reached, or looked up, a host that is not this machine.
    medium: a socket on this machine, a process, sleep, a database or a file that is written.
    small: nothing of that.
    """
    return max(map(_size_of, events), key=SIZES.index, default="small")


def _size_of(event: Event) -> Size:
    match event:
        case ("socket.connect", (_, (host, *_))) | ("socket.getaddrinfo", (host, *_)):
            return "medium" if _is_this_machine(host) else "large"
        # The address of a Unix socket is a path.
        case ("socket.connect" | "socket.bind" | "subprocess.Popen" | "time.sleep", _):
            return "medium"
        case ("sqlite3.connect", (database, *_)) if database != ":memory:":
            return "medium"
        case ("open", (_, None, flags)) if flags & WRITING:
            return "medium"
        case ("open", (_, str(mode), _)) if set(mode) & set("wax+"):
            return "medium"
    return "small"


def _is_this_machine(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")

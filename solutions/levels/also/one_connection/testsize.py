"""Kata: unit, integration, end-to-end. How big is a test? A question of its resources, not of its scope."""

from __future__ import annotations

import enum
import ipaddress
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
    return max((_judge(name, arguments) for name, arguments in events), key=[*Size].index, default=Size.SMALL)


class Size(enum.StrEnum):
    """The smallest first."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


def _judge(name: str, arguments: tuple[Any, ...]) -> Size:
    if name in ("socket.connect", "socket.getaddrinfo"):
        host = arguments[0] if name == "socket.getaddrinfo" else arguments[1]
        return Size.MEDIUM if _near(host) else Size.LARGE
    medium = {
        "subprocess.Popen": lambda *_: True,
        "socket.bind": lambda *_: True,
        "time.sleep": lambda *_: True,
        "sqlite3.connect": lambda path, *_: path != ":memory:",
        # The flags say it for every mode, too.
        "open": lambda _path, _mode, flags: bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND)),
    }
    return Size.MEDIUM if medium.get(name, lambda *_: False)(*arguments) else Size.SMALL


def _near(address: Any) -> bool:
    if isinstance(address, tuple):
        address = address[0]
    elif address is None or not isinstance(address, str) or "/" in address:
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"

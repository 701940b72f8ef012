"""What code does to the world around it, as Python's audit events tell (PEP 578)."""

import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

Ear = Callable[[str, tuple[Any, ...]], None]

_WRITING = os.O_WRONLY | os.O_RDWR
_ears: list[tuple[int, Ear]] = []


@contextmanager
def listening(ear: Ear) -> Iterator[None]:
    """Call ``ear`` with the name and the arguments of each event in this thread, as long as the block lasts."""
    _install()
    entry = (threading.get_ident(), ear)
    _ears.append(entry)
    try:
        yield
    finally:
        _ears.remove(entry)


class Guard:
    """Fails a unit test at the moment it reaches for something outside.

    :ivar caught: what it did; should the code swallow the failure, it is here.
    """

    def __init__(self) -> None:
        self.caught = ""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        __tracebackhide__ = True
        if said := _reaching_out(event, arguments):
            self.caught = f"this is not a unit test: it did {said}"
            pytest.fail(self.caught)


@functools.cache
def _install() -> None:
    # There is no way to take a hook away again: one for all, and only once somebody listens.
    sys.addaudithook(_hear)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    __tracebackhide__ = True
    for thread, ear in tuple(_ears):
        if thread == threading.get_ident():
            ear(event, arguments)


def _reaching_out(event: str, arguments: tuple[Any, ...]) -> str:
    match event, arguments:
        case "sqlite3.connect", (database, *_) if database != ":memory:":
            return f"sqlite3.connect({database!r})"
        case "socket.connect", (_, address):
            return f"socket.connect({address!r})"
        case "subprocess.Popen", (program, *_):
            return f"subprocess.Popen({program!r})"
        case "os.system" | "os.posix_spawn" | "os.exec", (program, *_):
            return f"{event}({program!r})"
        case "os.fork" | "os.forkpty", _:
            return f"{event}()"
        # Reading is no matter: every import does. Nor is what an import leaves behind, wherever that is.
        case "open", (path, mode, int(flags)) if flags & _WRITING and ".pyc" not in str(path):
            return f"open({path!r}, {mode or 'for writing'!r})"
    return ""

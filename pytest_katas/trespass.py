"""What a run of tests does to the world outside the folders it was given.

A kata promises to write under ``tmp_path`` only, to open no socket beyond this machine, and to leave no thread and no
change of the environment behind. Python's audit events tell; nothing is forbidden here, only written down.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

#: How long a thread that is about to end may take.
_GRACE = 0.25
#: Nobody reads more of them, and an endless loop may commit one a microsecond.
_MOST = 50
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
#: pytest's captures, and our own notes, are not the kata's doing.
_OURS = frozenset({"_pytest", "pluggy", "pytest", "pytest_katas"})
#: Set by pytest around each phase.
_PYTESTS = frozenset({"PYTEST_CURRENT_TEST", "PYTEST_VERSION"})
#: By event: where in its arguments a path stands, and the descriptor of the folder the path starts from.
_PATHS: Mapping[str, Sequence[tuple[int, int | None]]] = {
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.link": ((1, 3),),
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "os.utime": ((0, 3),),
}
_OF_ENTRIES = frozenset({"os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"})
_ADDRESSES = frozenset({"socket.bind", "socket.connect", "socket.sendmsg", "socket.sendto"})
_NAMES = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_EVENTS = frozenset({"open", "sqlite3.connect", *_PATHS, *_ADDRESSES, *_NAMES})


class Trespass(NamedTuple):
    """Something that a kata's run must not do, and the test in which it was done (empty: between the tests)."""

    what: str
    test: str

    def __str__(self) -> str:
        return f"{self.test} {self.what}" if self.test else f"it {self.what}"


class Watch:
    """Listens from :meth:`start` to :meth:`finish`.

    :ivar test: the test that runs now; set from outside.
    :param allowed: folders in which anything may be done.
    :param home: the folder of the kata's copy; paths in it are told relative to it.
    """

    def __init__(self, allowed: Iterable[Path], home: Path) -> None:
        self.test = ""
        self._allowed = tuple(os.path.realpath(folder) + os.sep for folder in allowed)
        self._home = os.path.realpath(home) + os.sep
        self._seen: dict[str, Trespass] = {}
        self._listening = False

    def start(self) -> None:
        """Remember how things are, and listen from here on."""
        self._surroundings = _surroundings()
        self._threads = set(threading.enumerate())
        self._listening = True
        sys.addaudithook(self._hear)

    def finish(self) -> list[Trespass]:
        """Stop listening; compare how things are with how they were."""
        self._listening = False
        self.test = ""
        now = _surroundings()
        for name in sorted({*now, *self._surroundings}):
            if now.get(name) != self._surroundings.get(name):
                self._note(f"left {name} changed")
        until = time.monotonic() + _GRACE
        for thread in threading.enumerate():
            if thread not in self._threads:
                thread.join(max(0.0, until - time.monotonic()))
                if thread.is_alive():
                    self._note(f"left the thread {thread.name} running")
        return list(self._seen.values())

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        # A hook cannot be taken away again, and what it raises would be raised in the code that is watched.
        if self._listening and event in _EVENTS:
            with contextlib.suppress(Exception):
                for what in (*self._outside(event, arguments), *reached(event, arguments)):
                    if not _is_ours():
                        self._note(f"{what} ({event})")

    def _outside(self, event: str, arguments: Sequence[Any]) -> Iterator[str]:
        for path in written(event, arguments):
            if not (path + os.sep).startswith(self._allowed) and "__pycache__" not in path.split(os.sep):
                yield f"wrote {path.removeprefix(self._home)}"

    def _note(self, what: str) -> None:
        if len(self._seen) < _MOST:
            self._seen.setdefault(what, Trespass(what, self.test))


def written(event: str, arguments: Sequence[Any]) -> Iterator[str]:
    """Return the real paths that an audit event makes, changes or removes."""
    places: Sequence[tuple[Any, int]]
    if event == "open":
        path, _, flags = arguments
        places = ((path, -1),) if flags & _WRITING and path != os.devnull else ()
    elif event == "sqlite3.connect":
        # SQLite opens its files itself, where Python does not hear of it.
        name, _, options = os.fsdecode(arguments[0]).removeprefix("file:").partition("?")
        nowhere = name in ("", ":memory:") or {"mode=memory", "mode=ro"} & set(options.split("&"))
        places = () if nowhere else ((name, -1),)
    else:
        places = [
            (arguments[path], -1 if folder is None else arguments[folder]) for path, folder in _PATHS.get(event, ())
        ]
    for path, folder in places:
        # A descriptor was told of when it was opened.
        if not isinstance(path, int):
            yield _real(os.fsdecode(path), folder, follow=event not in _OF_ENTRIES)


def reached(event: str, arguments: Sequence[Any]) -> Iterator[str]:
    """Say which hosts other than this machine an audit event has to do with."""
    if event in _ADDRESSES:
        address = arguments[1]
        # Addresses that are no tuples of a host and a port belong to sockets that do not leave the machine.
        if isinstance(address, tuple) and isinstance(address[0], str) and not is_loopback(address[0]):
            yield f"used the address {address[0] or '*'}:{address[1]}"
    elif event in _NAMES:
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0]
        # A number is looked up nowhere, and no name at all is this machine.
        if host and not is_loopback(host) and not _is_number(host):
            yield f"looked up {host}"


def is_loopback(host: str) -> bool:
    """Say whether a host's name or number means this machine and no other can come in by it.

    >>> is_loopback("127.0.0.2"), is_loopback("0.0.0.0"), is_loopback("localhost")
    (True, False, True)
    """
    if host.lower().rstrip(".").rpartition(".")[2] == "localhost":
        return True
    if not _is_number(host):
        return False
    number = ipaddress.ip_address(host.partition("%")[0])
    return (getattr(number, "ipv4_mapped", None) or number).is_loopback


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_ours() -> bool:
    """Say whether the first caller outside the standard library is pytest or this package."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - inspect.currentframe, without importing inspect
    # The hook itself stands at the top of the stack.
    while frame and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    while frame:
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        if package not in sys.stdlib_module_names:
            return package in _OURS
        frame = frame.f_back
    return False


def _real(path: str, folder: int, *, follow: bool) -> str:
    if folder != -1:
        path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)
    if follow:
        return os.path.realpath(path)
    # What is renamed or removed is the link itself.
    parent, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(parent), name)


def _surroundings() -> dict[str, str]:
    try:
        folder = os.getcwd()
    except OSError:
        folder = "a folder that is gone"
    variables = {
        f"the environment variable {name}": value for name, value in os.environ.items() if name not in _PYTESTS
    }
    return {**variables, "the working folder": folder}

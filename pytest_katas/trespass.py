"""What a run of tests does to the world outside the folders it was given.

A kata promises to write under ``tmp_path`` only, to open no socket beyond this machine, and to leave no thread and no
change of the environment behind. Python's audit events tell; nothing is forbidden here, only written down.
"""

from __future__ import annotations

import ipaddress
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
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
            try:
                for what in _EVENTS[event](self, *arguments):
                    if not _is_ours():
                        self._note(f"{what} ({event})")
            except Exception:  # noqa: BLE001, S110
                pass

    def _note(self, what: str) -> None:
        if len(self._seen) < _MOST:
            self._seen.setdefault(what, Trespass(what, self.test))

    def _opened(self, path: object, mode: object, flags: int) -> Iterator[str]:
        if flags & _WRITING and path != os.devnull:
            yield from self._wrote(path)

    def _connected_database(self, path: str | bytes) -> Iterator[str]:
        # SQLite opens its files where no audit event tells of it.
        name = os.fsdecode(path).removeprefix("file:")
        if name and ":memory:" not in name and not {"mode=memory", "mode=ro"} & set(re.split("[?&]", name)):
            yield from self._wrote(name.partition("?")[0])

    def _wrote(self, path: object, folder: object = -1, *, follow: bool = True) -> Iterator[str]:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return  # a descriptor: told when it was opened
        name = os.fsdecode(path)
        if isinstance(folder, int) and folder != -1:
            name = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), name)
        real = os.path.realpath(name)
        if not follow:
            # What is renamed or removed is the link, not what it points to.
            name = os.path.abspath(name)
            real = os.path.join(os.path.realpath(os.path.dirname(name)), os.path.basename(name))
        if not (real + os.sep).startswith(self._allowed) and "__pycache__" not in real.split(os.sep):
            yield f"wrote {real.removeprefix(self._home)}"

    def _reached(self, _socket: object, address: object) -> Iterator[str]:
        # Addresses that are no tuples belong to sockets that do not leave the machine.
        if isinstance(address, tuple) and isinstance(address[0], str) and not is_loopback(address[0]):
            yield f"used the address {address[0] or '0.0.0.0'}:{address[1]}"

    def _looked_up(self, host: object, *_: object) -> Iterator[str]:
        name = host.decode() if isinstance(host, bytes) else host
        # A number is not looked up anywhere, and no name at all means this machine.
        if isinstance(name, str) and name and not is_loopback(name) and not _is_number(name):
            yield f"looked up {name}"


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
    frame: FrameType | None = sys._getframe(1)
    # The hook itself stands at the top of the stack.
    while frame and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    while frame:
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        if package not in sys.stdlib_module_names:
            return package in _OURS
        frame = frame.f_back
    return False


def _surroundings() -> dict[str, str]:
    try:
        folder = os.getcwd()
    except OSError:
        folder = "a folder that is gone"
    variables = {
        f"the environment variable {name}": value for name, value in os.environ.items() if name not in _PYTESTS
    }
    return {**variables, "the working folder": folder}


def _paths(*places: tuple[int, int | None], follow: bool = False) -> Callable[..., Iterator[str]]:
    """Make the reader of an event that carries paths.

    :param places: where in the event's arguments a path stands, and the descriptor of the folder it starts from.
    """

    def read(watch: Watch, *arguments: Any) -> Iterator[str]:
        for path, folder in places:
            yield from watch._wrote(arguments[path], -1 if folder is None else arguments[folder], follow=follow)

    return read


_EVENTS: Mapping[str, Callable[..., Iterator[str]]] = {
    "open": Watch._opened,
    "os.chmod": _paths((0, 2), follow=True),
    "os.chown": _paths((0, 3), follow=True),
    "os.link": _paths((1, 3)),
    "os.mkdir": _paths((0, 2)),
    "os.remove": _paths((0, 1)),
    "os.rename": _paths((0, 2), (1, 3)),
    "os.rmdir": _paths((0, 1)),
    "os.symlink": _paths((1, 2)),
    "os.truncate": _paths((0, None), follow=True),
    "os.utime": _paths((0, 3), follow=True),
    "socket.bind": Watch._reached,
    "socket.connect": Watch._reached,
    "socket.getaddrinfo": Watch._looked_up,
    "socket.gethostbyname": Watch._looked_up,
    "socket.sendmsg": Watch._reached,
    "socket.sendto": Watch._reached,
    "sqlite3.connect": Watch._connected_database,
}

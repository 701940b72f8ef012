"""One writer of a file at a time, among all processes of a machine."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

# Another process holds a log for well under a millisecond; one that was stopped meanwhile must not stop this one.
_TRIES, _PAUSE = 2000, 0.001


@contextmanager
def alone(descriptor: int) -> Generator[None, None, None]:
    """Keep other writers of a log out: they would see the same newest event, or half of this one."""
    locked = _locked(descriptor)
    try:
        yield
    finally:
        # Closing the file is not enough: a process forked meanwhile would go on holding it.
        if locked:
            _unlock(descriptor)


def _locked(descriptor: int) -> bool:
    for _ in range(_TRIES):
        try:
            _lock(descriptor)
        except (BlockingIOError, PermissionError):
            time.sleep(_PAUSE)
        except OSError:
            break
        else:
            return True
    # A drive without locks, or a holder that was stopped: a line written in one piece is whole all the same.
    return False


if sys.platform == "win32":  # pragma: no cover - the hosted CI runs it
    import msvcrt

    # Windows keeps readers out of a locked range too: the byte lies where no log has one.
    _FAR = (1 << 31) - 2

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

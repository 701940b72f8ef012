"""Whether another process is still there."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":  # pragma: no cover - the hosted CI runs it
    import ctypes

    _QUERY_LIMITED_INFORMATION = 0x1000

    def alive(pid: int) -> bool:
        """Say whether a process with this id runs on this machine."""
        # Not os.kill(pid, 0): on Windows that sends the process a Ctrl-C.
        handle = ctypes.windll.kernel32.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)

else:

    def alive(pid: int) -> bool:
        """Say whether a process with this id runs on this machine."""
        if pid <= 0:
            # To the system these mean groups of processes, and this one is in one of them.
            return False
        try:
            os.kill(pid, 0)
        except PermissionError:
            return True
        except (ProcessLookupError, OverflowError):
            return False
        return True

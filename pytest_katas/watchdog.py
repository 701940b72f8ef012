"""The end of an endless loop: a test of a kata may take ``kata_deadline`` seconds.

Two stages. After the deadline a timer signal raises :class:`DeadlineExceeded` in the learner's code, again at every
tick, so the test fails and the run goes on. Code that cannot be interrupted (a loop in C such as ``sum(repeat(0))``
never looks, an ``except BaseException`` swallows what is raised) is ended with its process at twice the time, by
:mod:`faulthandler`, which prints where it hung; the record then shows a run that never reported.

Neither stage costs anything a test: the watchdog only notes when the test began, and a tick compares.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

#: Seconds between two looks at the clock; a short deadline is watched more closely.
TICK = 1.0


class DeadlineExceeded(BaseException):
    """A test took longer than ``kata_deadline``; not an Exception, which learners' code may catch."""


class Watchdog:
    """Ends code of the learner that runs longer than a deadline.

    :param deadline: seconds.
    :param folders: only code with a frame in a file below one of these folders is interrupted; the list may grow.
    :param stderr: file descriptor for the last words of a process that must be ended.
    """

    def __init__(
        self,
        deadline: float,
        folders: list[str],
        stderr: int,
        # Bound here, because a test that forgets to stop freezegun replaces the module's own clock.
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.deadline = deadline
        self.folders = folders
        self._stderr = stderr
        self._clock = clock
        self._began = clock()
        self._previous: object = None

    @staticmethod
    def supported() -> bool:
        """Say whether this process can be interrupted: timer signals, and the main thread."""
        return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def begin(self) -> None:
        """Note that a test (or the import of a test file) begins now."""
        self._began = self._clock()

    def start(self) -> None:
        """Begin to watch; the caller calls :meth:`stop`, whatever happens."""
        self._began = self._clock()
        self._previous = signal.signal(signal.SIGALRM, self._tick)
        tick = min(TICK, self.deadline / 10)
        signal.setitimer(signal.ITIMER_REAL, tick, tick)
        self.postpone()

    def stop(self) -> None:
        """Stop watching and leave the process as it was; a second call does nothing."""
        if self._previous is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._previous)  # type: ignore[arg-type]  # what signal() returned
            self._previous = None
            faulthandler.cancel_dump_traceback_later()
            os.close(self._stderr)

    def postpone(self) -> None:
        """Set the second stage to twice the deadline after the test began; also after pytest has cancelled it."""
        left = self._began + 2 * self.deadline - self._clock()
        faulthandler.dump_traceback_later(max(left, self.deadline), exit=True, file=self._stderr)

    def _tick(self, _signal: int, frame: FrameType | None) -> None:
        __tracebackhide__ = True
        if self._clock() - self._began < self.deadline or not self._is_learners(frame):
            # This tick proves that the interpreter can be interrupted, so the end of the process can wait.
            self.postpone()
        else:
            raise DeadlineExceeded(f"took longer than {self.deadline:g} s; is there a loop that never ends?")

    def _is_learners(self, frame: FrameType | None) -> bool:
        # Raising inside pytest itself would end the whole run.
        while frame is not None:
            if frame.f_code.co_filename.startswith(tuple(self.folders)):
                return True
            frame = frame.f_back
        return False

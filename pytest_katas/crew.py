"""Those who have jobs done in clean processes, and wait for them no longer than they should.

A job's process is forked from a warm one (``zygote``), or is an interpreter of its own where there is no fork.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pytest_katas import zygote
from pytest_katas.zygote import PATIENCE, End, kill, left, line, sweep

#: How long the dear imports may take on a busy machine.
_LONGEST_START = 60.0

_BOOTSTRAP = "import sys; sys.path.append(sys.argv[1]); from pytest_katas.zygote import main; main(*sys.argv[2:])"


class Crew(Protocol):
    """Somebody who does jobs in clean processes, one at a time."""

    def run(self, job: Mapping[str, Any], deadline: float) -> End:
        """Do one job; ``job`` has the keys ``folder`` and ``output``, and whatever else the work wants.

        :param deadline: seconds until the job's whole process group is killed.
        """

    def close(self) -> None:
        """Let every process go."""


class Zygote:
    """Does jobs in children forked from one warm process, which is started when needed: again, if a job has killed it.

    :param work: dotted name of the function that does a job.
    :param warm: dotted name of the function that does the dear imports, and the texts it is called with.
    :param log: the file for what the process itself says; only a fault of ours or its death makes it speak.
    """

    def __init__(self, work: str, warm: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._work = work
        self._command = _command("serve", work, *warm)
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | _Branch | None = None

    def run(self, job: Mapping[str, Any], deadline: float) -> End:
        """Do one job in a forked child."""
        process = self._process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        child = None
        try:
            process.stdin.write(line({**job, "deadline": deadline}))
            process.stdin.flush()
            # The zygote says the child's number first: should the zygote die, there is still somebody to end the child.
            child = json.loads(self._answer(process, _LONGEST_START))["child"]
            return End(**json.loads(self._answer(process, deadline + PATIENCE)))
        except (OSError, ValueError):
            if child is not None:
                kill(-child, child)
            self.close()
            said = self._log.read_bytes() if self._log.is_file() else b""
            return End(
                status=process.returncode, lost=said[-2000:].decode(errors="replace").strip() or "without a word"
            )

    def close(self) -> None:
        """Hang up; the zygote ends its child and itself."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        assert process.stdout
        with contextlib.suppress(OSError):
            process.stdin.close()
        process.stdout.close()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes] | _Branch:
        if zygote.is_child():
            return _Branch(*zygote.branch(self._work, self._environment, self._log))
        with self._log.open("wb") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=dict(self._environment),
                bufsize=0,
                # Ctrl-C is for the one who waits; the zygote hears of it when the pipe closes.
                start_new_session=True,
            )

    @staticmethod
    def _answer(process: subprocess.Popen[bytes] | _Branch, seconds: float) -> bytes:
        assert process.stdout
        # An answer is one short line, written at once and not buffered here: what select announces is whole.
        if not select.select([process.stdout], [], [], seconds)[0]:
            raise TimeoutError
        return process.stdout.readline()


class _Branch:
    """What is used of ``Popen``, for a zygote that was forked from this process."""

    def __init__(self, pid: int, ask: int, hear: int) -> None:
        self.pid = pid
        self.stdin: BinaryIO = os.fdopen(ask, "wb", buffering=0)
        self.stdout: BinaryIO = os.fdopen(hear, "rb", buffering=0)
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> None:
        """Wait for its end, which comes when its input is closed.

        :raises subprocess.TimeoutExpired: it did not come in this many seconds.
        """
        until = time.monotonic() + (timeout or 0.0)
        while not (done := os.waitpid(self.pid, os.WNOHANG if timeout else 0))[0]:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(0.001)
        self.returncode = os.waitstatus_to_exitcode(done[1])

    def kill(self) -> None:
        """End it at once."""
        kill(self.pid)


class Spawner:
    """Does each job in an interpreter of its own: slower, and works where there is no fork."""

    def __init__(self, work: str, environment: Mapping[str, str]) -> None:
        self._command = _command("once", work)
        self._environment = environment

    def run(self, job: Mapping[str, Any], deadline: float) -> End:
        """Do one job in a new interpreter."""
        with Path(job["output"]).open("wb") as output:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=dict(self._environment),
                start_new_session=True,
            )
        try:
            process.communicate(line(job), timeout=deadline)
        except subprocess.TimeoutExpired:
            kill(*left(process.pid, list))
            process.kill()
            process.wait()
            return End(status=None)
        return End(status=process.returncode, left=sweep(process.pid))

    def close(self) -> None:
        """Nothing is kept between two jobs."""


def _command(*arguments: str) -> list[str]:
    # -P: the folder somebody stands in is no place to import from, and a kata's name may be a library's.
    return [sys.executable, "-P", "-c", _BOOTSTRAP, str(Path(__file__).parent.parent), *arguments]

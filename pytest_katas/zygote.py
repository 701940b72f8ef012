"""The process that has the dear imports done and forks one child a job; those who ask it are in ``crew``.

Knows neither pytest nor katas: a job is a folder to stand in, a file for the output and a mapping for the function
that does the work. What a job *found* it writes to files; what became of its *process* is told here, by the parent,
and so it is true whatever the child did: ``os._exit(0)``, an endless loop, a segmentation fault, a closed descriptor.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import json
import os
import pkgutil
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

_state = {"child": False}

#: Does one job, in the child; what it returns is the exit status.
Work = Callable[[dict[str, Any]], int]

#: How long what is being ended may take to go.
PATIENCE = 5.0
#: How long a process that is being torn down may still be seen in its group.
_GRACE = 0.25
#: No file a job writes may grow beyond this, so that a flood of output ends in an error and not on a full disk.
_LARGEST_FILE = 64 * 2**20
_LARGEST_MEMORY = 2 * 2**30


class End(NamedTuple):
    """What became of the process of one job."""

    #: As in ``Popen.returncode``: a negative number is the signal that killed it; None: past its deadline.
    status: int | None
    #: The job left processes behind; they are gone now.
    left: bool = False
    #: The last words of the zygote, when it died with the job.
    lost: str = ""


def main(how: str, work: str, warm: str = "", *names: str) -> None:
    """Be the other end: ``serve`` forks a child for every job that comes in, ``once`` does one job itself."""
    # The job must find nothing of ours in its standard input, and nobody may talk into our answers.
    requests, answers = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    do: Work = pkgutil.resolve_name(work)
    if how == "once":
        with os.fdopen(requests, "rb") as lines:
            job = json.loads(lines.readline())
        os.close(answers)
        _do(do, job)
    pkgutil.resolve_name(warm)(*names)
    # What is there now is shared with every child; a collection in a child would only copy it.
    gc.collect()
    gc.freeze()
    serve(do, requests, answers)


def serve(work: Work, requests: int, answers: int) -> None:
    """Fork a child for each job that comes in, one at a time, until the other side hangs up.

    :param requests: the descriptor from which jobs are read, one a line.
    :param answers: the descriptor to which is written, a line each, the child's number and then its end.
    """
    _adopt_orphans()
    wake, alarm = os.pipe()
    os.set_blocking(alarm, False)
    signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with os.fdopen(requests, "rb", buffering=0, closefd=False) as lines:
        while request := lines.readline():
            job = json.loads(request)
            child = os.fork() or _be_child(work, job, strip=(wake, alarm, requests, answers))
            with contextlib.suppress(OSError):
                # The child does the same: whoever is first, the group is there before anybody signals it.
                os.setpgid(child, child)
            os.write(answers, line({"child": child}))
            os.write(answers, line(_await(child, job["deadline"], requests, wake)._asdict()))


def branch(work: str, environment: Mapping[str, str], log: Path) -> tuple[int, int, int]:
    """Fork a zygote from a child of one, which is as warm; return its number, and the ends for jobs and answers.

    For a job that has jobs of its own done.
    """
    requests, ask = os.pipe()
    hear, answers = os.pipe()
    process = os.fork() or _be_zygote(work, environment, log, requests, answers, strip=(ask, hear))
    os.close(requests)
    os.close(answers)
    return process, ask, hear


def _be_zygote(
    work: str, environment: Mapping[str, str], log: Path, requests: int, answers: int, strip: Iterable[int]
) -> NoReturn:
    """Have the surroundings of a new process, and serve until whoever asked hangs up."""
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(environment)
        said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for descriptor in (1, 2):
            os.dup2(said, descriptor)
        for descriptor in (said, *strip):
            os.close(descriptor)
        # Not those of the job, which may capture what is written.
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        serve(pkgutil.resolve_name(work), requests, answers)
    finally:
        os._exit(0)


def is_child() -> bool:
    """Say whether this process was forked from a zygote, to do a job."""
    return _state["child"]


def _be_child(work: Work, job: dict[str, Any], strip: Iterable[int]) -> NoReturn:
    """Be a group of its own, hold nothing of the zygote's, do the job."""
    _state["child"] = True
    os.setpgid(0, 0)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    for descriptor in (output, *strip):
        os.close(descriptor)
    _do(work, job)


def _do(work: Work, job: dict[str, Any]) -> NoReturn:
    """Do the job and leave at once: nothing after it may change how it ended."""
    status = 70
    try:
        _limit()
        os.chdir(job["folder"])
        status = work(job)
        # What would stop a server or remove a folder at a normal exit must do so here, too.
        atexit._run_exitfuncs()  # noqa: SLF001 - os._exit, below, would leave it out
    except BaseException:  # noqa: BLE001 - whatever it is, nothing may unwind into the zygote
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _await(child: int, deadline: float, requests: int, wake: int) -> End:
    """Wait for the child, the deadline or the end of the one we work for, whichever is first."""
    until = time.monotonic() + deadline
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return End(status=os.waitstatus_to_exitcode(status), left=sweep(child, _orphans))
        rest = until - time.monotonic()
        if rest <= 0:
            _end(child)
            return End(status=None)
        ready, _, _ = select.select([requests, wake], [], [], rest)
        if wake in ready:
            os.read(wake, 4096)
        if requests in ready:
            # Nobody sends a second job before the first is answered: the other side is gone.
            _end(child)
            sys.exit()


def _end(child: int) -> None:
    kill(-child, child)
    os.waitpid(child, 0)
    sweep(child, _orphans)


def sweep(group: int, orphans: Callable[[], list[int]] = list) -> bool:
    """End what a finished job left behind; say whether it stayed for longer than a process takes to go."""
    until = time.monotonic() + _GRACE
    while there := left(group, orphans):
        if time.monotonic() > until:
            break
        time.sleep(0.002)
    # What is killed here leaves its own children to us, one round later.
    while (those := left(group, orphans)) and time.monotonic() < until + PATIENCE:
        kill(*those)
        time.sleep(0.002)
    return bool(there)


def left(group: int, orphans: Callable[[], list[int]]) -> list[int]:
    """Return what there is to kill; as for ``os.kill``, a number below zero is a group."""
    if not hasattr(os, "killpg"):
        return []
    others = orphans()
    try:
        os.killpg(group, 0)
    except OSError:
        return others
    return [-group, *others]


def _orphans() -> list[int]:
    """Bury the dead children of this process, and return the living ones."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return []
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _parent(entry) == os.getpid()]


def _parent(entry: Path) -> int:
    try:
        # The name of the program, in brackets, may hold anything; the parent is the second word after it.
        return int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
    except OSError:
        return 0  # it has gone since


def kill(*processes: int) -> None:
    """End processes at once, and groups by a number below zero; those that are gone are no trouble."""
    for process in processes:
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


def _adopt_orphans() -> None:
    """Let what children leave behind become children of this process, so that a daemon cannot slip away."""
    pr_set_child_subreaper = 36
    # Only Linux has it; elsewhere who leaves his group gets away.
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def _limit() -> None:
    """Bound what one process of a job may take."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_FSIZE, _LARGEST_FILE), (resource.RLIMIT_DATA, _LARGEST_MEMORY)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def line(value: Mapping[str, Any]) -> bytes:
    """Return a message as it goes through a pipe: one line of JSON."""
    return json.dumps(value).encode() + b"\n"

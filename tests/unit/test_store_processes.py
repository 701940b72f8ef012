"""The record under many processes, under kill -9 and on a disk that is full."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_katas.store import Store, StoreError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and mounts are those of POSIX")

#: A process that appends attempts, and says which one each time the store has taken it.
WRITER = """
import sys
from pathlib import Path
from pytest_katas.store import Store

store, learner, times = Store(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
tests = {f"test_jwt.py::test_{number}": ["failed", 1] for number in range(int(sys.argv[4]))}
print("ready", flush=True)
sys.stdin.readline()
for _ in range(times):
    event = store.append(
        learner, "jwt", "attempt", run="0" * 32, python="3.13.0", seconds=0.1, light="red", complete=True, why=None,
        tests=tests, kata="c" * 64, files={}, added=None, removed=None, prediction=None, missing=[],
    )
    print(event["id"], flush=True)
"""


def writer(root: Path, *, times: int, tests: int = 20) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(root), "ada", str(times), str(tests)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def test_32_processes_at_once_tear_and_lose_nothing(tmp_path: Path) -> None:
    processes = [writer(tmp_path, times=10) for _ in range(32)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        begin(process)
    with ThreadPoolExecutor(len(processes)) as readers:
        said = list(readers.map(lambda process: process.communicate(timeout=120)[0].split(), processes))

    log = Store(tmp_path).read("ada", "jwt")
    assert [process.returncode for process in processes] == [0] * 32
    assert log.unreadable == 0
    assert sorted(one["id"] for one in log.events) == sorted(identity for one in said for identity in one)
    assert len(log.events) == 320
    # One at a time, so the lines lie in the order of their times, no two of them equal.
    lines = (tmp_path / "ada" / "jwt.jsonl").read_bytes().splitlines()
    times = [json.loads(line)["at"] for line in lines]
    assert times == sorted(set(times))


def test_kill_9_at_any_moment_loses_at_most_the_attempt_in_flight(tmp_path: Path) -> None:
    """200 processes are killed in the middle of their appends, each at another moment, two of them always at work."""
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    acknowledged: list[str] = []
    begun = 0
    killed: list[int] = []
    # A long line, so that there is a middle of it to be killed in.
    waiting = [writer(tmp_path, times=100_000, tests=400) for _ in range(2)]
    for number in range(200):
        victim = waiting.pop(0)
        assert victim.stdout
        assert victim.stdout.readline() == "ready\n"
        begin(victim)
        if number < 198:
            waiting.append(writer(tmp_path, times=100_000, tests=400))
        # Every one gets past its first attempt, so that there is something to lose.
        acknowledged.append(victim.stdout.readline().strip())
        time.sleep(moments.uniform(0, 0.004))
        victim.send_signal(signal.SIGKILL)
        said = victim.communicate(timeout=60)[0]
        killed.append(victim.returncode)
        # An acknowledgement may be torn itself, an event is acknowledged once all of its id is.
        acknowledged += [identity for identity in said.split() if len(identity) == 32]
        begun += 1

        # Whoever comes next is not harmed by what the killed one left.
        acknowledged.append(Store(tmp_path).append("ada", "jwt", "spoil")["id"])

    log = Store(tmp_path).read("ada", "jwt")
    assert killed == [-signal.SIGKILL] * 200
    assert len(acknowledged) > 2 * 200
    missing = set(acknowledged) - {one["id"] for one in log.events}
    assert not missing, f"seed {seed}"
    assert log.unreadable <= begun
    # What was written and not acknowledged is one attempt a victim at most.
    assert len(log.events) - len(set(acknowledged)) <= begun


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 64 KiB, for whoever may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_fills_up_keeps_what_it_took_and_goes_on_once_there_is_room(small_disk: Path) -> None:
    store = Store(small_disk / ".katas")
    taken = [store.append("ada", "jwt", "spoil", text="x" * 900)]
    with pytest.raises(StoreError, match="No space left on device"):
        for _ in range(100):
            taken.append(store.append("ada", "jwt", "spoil", text="x" * 900))
    (small_disk / "anatomy.py").touch()

    assert len(taken) > 40
    assert store.read("ada", "jwt").events == taken
    subprocess.run(["mount", "-o", "remount,size=128k", str(small_disk)], check=True)
    taken.append(store.append("ada", "jwt", "spoil"))
    assert store.read("ada", "jwt").events == taken


def test_a_disk_mounted_read_only_is_read_and_not_written(small_disk: Path) -> None:
    store = Store(small_disk / ".katas")
    first = store.append("ada", "jwt", "spoil")
    (small_disk / "anatomy.py").write_text("code")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    with pytest.raises(StoreError, match="Read-only file system"):
        store.append("ada", "jwt", "spoil")
    with pytest.raises(StoreError, match="Read-only file system"):
        store.keep("ada", small_disk / "anatomy.py")
    assert store.read("ada", "jwt") == ([first], 0)


def test_a_record_of_another_owner_is_one_sentence(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="Permission denied"):
            Store(tmp_path / ".katas").append("ada", "jwt", "spoil")
    finally:
        tmp_path.chmod(0o700)

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
from typing import NoReturn

import pytest

from pytest_katas.store import Store, StoreError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and mounts are those of POSIX")

#: A process that appends events, and says which one each time the store has taken it.
WRITER = """
import sys
from pathlib import Path
from pytest_katas.store import Store

store = Store(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    print(store.append("ada", "jwt", "spoil", text="x" * 2000)["id"], flush=True)
"""

#: Long enough to be killed in the middle of writing it.
LONG = "x" * 60_000


def writer(root: Path, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(root), str(times)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_32_processes_at_once_tear_and_lose_nothing(tmp_path: Path) -> None:
    processes = [writer(tmp_path, times=10) for _ in range(32)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    with ThreadPoolExecutor(len(processes)) as starters:
        said = list(starters.map(lambda process: process.communicate("go\n", timeout=120)[0].split(), processes))

    log = Store(tmp_path).read("ada", "jwt")
    assert [process.returncode for process in processes] == [0] * 32
    assert log.unreadable == 0
    assert sorted(one["id"] for one in log.events) == sorted(identity for one in said for identity in one)
    assert len(log.events) == 320
    # One at a time, so the lines lie in the order of their times, no two of them equal.
    lines = (tmp_path / "ada" / "jwt.jsonl").read_bytes().splitlines()
    times = [json.loads(line)["at"] for line in lines]
    assert times == sorted(set(times))


def append_until_killed(root: Path, slug: str, said: int) -> NoReturn:
    """Append in a loop, in a process forked for it, and say each id once the store has taken it."""
    try:
        store = Store(root)
        while True:
            identity = store.append("ada", slug, "spoil", text=LONG)["id"]
            os.write(said, f"{identity}\n".encode())
    finally:
        # Only reached if the store fails: the forked copy of pytest must not go on.
        os._exit(1)


def test_kill_9_at_any_moment_loses_at_most_the_attempt_in_flight(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    acknowledged: list[str] = []
    # Not one log: it would take longer to look through at each of the kills than to write.
    slugs = [f"kata_{number % 20}" for number in range(200)]
    for slug in slugs:
        reading, said = os.pipe()
        victim = os.fork() or append_until_killed(tmp_path, slug, said)
        os.close(said)
        with os.fdopen(reading) as heard:
            # Every one gets past an append or two, so that there is something to lose.
            acknowledged += [heard.readline().strip() for _ in range(moments.randint(1, 2))]
            time.sleep(moments.uniform(0, 0.003))
            os.kill(victim, signal.SIGKILL)
            acknowledged += heard.read().split()
        assert os.waitstatus_to_exitcode(os.waitpid(victim, 0)[1]) == -signal.SIGKILL
        # Whoever comes next is not harmed by what the killed one left.
        acknowledged.append(Store(tmp_path).append("ada", slug, "spoil")["id"])

    log = Store(tmp_path).read("ada", *dict.fromkeys(slugs))
    recorded = {one["id"] for one in log.events}
    assert not set(acknowledged) - recorded, f"lost with seed {seed}"
    # Half of the line in flight, or all of it: it was not acknowledged, and it is one a victim at most.
    assert log.unreadable + len(recorded - set(acknowledged)) <= 200


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
    refused = None
    while refused is None and len(taken) < 100:
        try:
            taken.append(store.append("ada", "jwt", "spoil", text="x" * 900))
        except StoreError as error:
            refused = error

    assert "No space left on device" in str(refused)
    assert len(taken) > 40
    assert store.read("ada", "jwt").events == taken
    subprocess.run(["mount", "-o", "remount,size=128k", str(small_disk)], check=True)
    taken.append(store.append("ada", "jwt", "spoil"))
    log = store.read("ada", "jwt")
    assert log.events == taken
    assert log.unreadable <= 1


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

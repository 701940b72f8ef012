from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_katas import zygote
from pytest_katas.crew import Spawner, Zygote, _Branch
from pytest_katas.zygote import End

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")

# The functions of the jobs; the process that does them finds them by name.
WORK = """
import os, time
from pathlib import Path

def warm(*names):
    with Path(__file__).with_name("warm.txt").open("a") as file:
        print(*names, file=file)

def broken(*names):
    raise RuntimeError("cold")

def rude(*names):
    Path(__file__).with_name("log").unlink()
    os._exit(4)

def status(job):
    return job["status"]

def fails(job):
    raise SystemExit("on no account")

def sleeps(job):
    Path("pid.txt").write_text(str(os.getpid()))
    time.sleep(60)
"""


class Bench:
    """A folder with the functions of the jobs, and the file names a job has."""

    def __init__(self, folder: Path) -> None:
        (folder / "jobs.py").write_text(WORK, encoding="utf-8")
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(folder)}
        self.zygotes: list[Zygote] = []
        self.job = {"folder": str(folder), "output": str(folder / "output"), "status": 3}

    def zygote(self, work: str, warm: str = "warm") -> Zygote:
        made = Zygote(f"jobs:{work}", (f"jobs:{warm}", "a", "b"), self.environment, self.folder / "log")
        self.zygotes.append(made)
        return made

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    for made in bench.zygotes:
        made.close()


def eventually(happens: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not happens() and time.monotonic() < until:
        time.sleep(0.01)
    return happens()


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_zygote_warms_up_once_and_forks_for_each_job(bench: Bench):
    crew = bench.zygote("status")
    assert [crew.run({**bench.job, "status": status}, 10) for status in (0, 3)] == [End(0), End(3)]
    assert bench.text("warm.txt") == "a b\n"


def test_a_closed_zygote_may_be_closed_again_and_starts_anew_when_asked(bench: Bench):
    crew = bench.zygote("status")
    crew.run(bench.job, 10)
    crew.close()
    crew.close()
    assert crew.run(bench.job, 10) == End(3)
    assert bench.text("warm.txt") == "a b\na b\n"


def test_a_spawner_does_the_same(bench: Bench):
    crew = Spawner("jobs:status", bench.environment)
    assert [crew.run({**bench.job, "status": status}, 10) for status in (0, 3)] == [End(0), End(3)]
    crew.close()


def test_a_job_that_raises_ends_with_a_status_of_its_own_and_says_why(bench: Bench):
    crew = bench.zygote("fails")
    assert crew.run(bench.job, 10) == End(70)
    assert "SystemExit: on no account" in bench.text("output")


def test_a_zygote_that_cannot_start_says_why(bench: Bench):
    crew = bench.zygote("status", warm="broken")
    end = crew.run(bench.job, 10)
    assert end.status == 1
    assert end.lost.endswith("RuntimeError: cold")
    assert bench.zygote("status").run(bench.job, 10) == End(3)


def test_a_job_past_its_deadline_is_gone(bench: Bench):
    crew = bench.zygote("sleeps")
    assert crew.run(bench.job, 0.5) == End(None)
    assert is_gone(int(bench.text("pid.txt")))


def test_a_zygote_whose_log_is_gone_died_without_a_word(bench: Bench):
    crew = bench.zygote("status", warm="rude")
    assert crew.run(bench.job, 10) == End(4, lost="without a word")


def test_who_hangs_up_leaves_no_job_behind(bench: Bench):
    crew = bench.zygote("sleeps")
    ends: list[End] = []
    thread = threading.Thread(target=lambda: ends.append(crew.run(bench.job, 60)))
    thread.start()
    assert eventually(lambda: (bench.folder / "pid.txt").is_file() and bool(bench.text("pid.txt")))
    process = crew._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    thread.join(20)
    assert eventually(lambda: is_gone(int(bench.text("pid.txt"))))
    assert [end.status for end in ends] == [0]
    assert ends[0].lost


def test_without_groups_there_is_nothing_left_to_find(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(os, "killpg")
    assert zygote.left(os.getpid(), list) == []


def test_a_process_that_has_gone_has_no_parent(tmp_path: Path):
    assert zygote._parent(tmp_path) == 0
    (tmp_path / "stat").write_bytes(b"7 (sh) 1 (x y\xff) S 42 7 7 0")
    assert zygote._parent(tmp_path) == 42


def test_without_the_means_nothing_is_bounded(monkeypatch: pytest.MonkeyPatch):
    import resource

    def refuse(*_: object) -> None:
        pytest.fail("not to be called")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    monkeypatch.setitem(sys.modules, "resource", None)
    zygote._limit()


def test_a_branch_that_does_not_end_is_ended():
    requests, ask = os.pipe()
    hear, answers = os.pipe()
    child = os.fork()
    if not child:
        time.sleep(60)
        os._exit(0)
    os.close(requests)
    os.close(answers)
    branch = _Branch(child, ask, hear)
    with pytest.raises(subprocess.TimeoutExpired):
        branch.wait(0.01)
    branch.kill()
    branch.wait()
    assert branch.returncode == -signal.SIGKILL
    branch.stdin.close()
    branch.stdout.close()

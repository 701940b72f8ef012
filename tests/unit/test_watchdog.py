"""The end of endless loops: by signals and a clock of our own in this process, and for real in another one."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_katas.watchdog import DeadlineExceeded, Watchdog

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timer signals here")


class Machine:
    """A watchdog with a deadline of 10 seconds in a process whose time a test sets.

    :ivar now: seconds on the clock.
    :ivar ends: when :mod:`faulthandler` would end the process, as often as it was told so; None where it was told off.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.ends: list[float | None] = []
        self.folder = folder
        self.stderr = os.dup(2)
        monkeypatch.setattr(faulthandler, "dump_traceback_later", self._dump_later)
        monkeypatch.setattr(faulthandler, "cancel_dump_traceback_later", lambda: self.ends.append(None))
        self.watchdog = Watchdog(10.0, [f"{folder}{os.sep}"], self.stderr, clock=lambda: self.now)

    def _dump_later(self, timeout: float, *, exit: bool, file: int) -> None:  # noqa: A002  # faulthandler's own word
        assert (exit, file) == (True, self.stderr)
        self.ends.append(self.now + timeout)

    def start(self) -> None:
        self.watchdog.start()
        # A tick comes when a test says so.
        signal.setitimer(signal.ITIMER_REAL, 0)

    def tick(self, path: str = "jwt/anatomy.py", after: float = 0.0) -> None:
        """Let time go by in code of a file, until a tick finds it there."""
        self.now += after
        code = compile("def wait(): tick()\n\nwait()", str(self.folder / path), "exec")
        exec(code, {"tick": lambda: signal.raise_signal(signal.SIGALRM)})


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    before = signal.getsignal(signal.SIGALRM)
    machine = Machine(tmp_path / "katas", monkeypatch)
    yield machine
    machine.watchdog.stop()
    signal.signal(signal.SIGALRM, before)


class TestDeadline:
    """The first stage: an exception in the learner's code."""

    def test_code_of_the_learner_is_interrupted_when_it_is_over(self, machine: Machine) -> None:
        machine.start()
        machine.tick(after=9.9)

        with pytest.raises(DeadlineExceeded) as caught:
            machine.tick(after=0.1)
        assert str(caught.value) == "took longer than 10 s; is there a loop that never ends?"

    def test_it_is_interrupted_again_and_again(self, machine: Machine) -> None:
        machine.start()

        for _ in range(3):
            with pytest.raises(DeadlineExceeded):
                machine.tick(after=10.0)

    def test_each_test_has_the_whole_of_it(self, machine: Machine) -> None:
        machine.start()

        for _ in range(3):
            machine.watchdog.begin()
            machine.tick(after=9.9)

        with pytest.raises(DeadlineExceeded):
            machine.tick(after=9.9)

    def test_time_before_it_was_started_does_not_count(self, machine: Machine) -> None:
        machine.now += 60
        machine.start()

        machine.tick(after=9.9)
        assert machine.ends[0] == 180.0

    @pytest.mark.parametrize("path", ["../pytest/runner.py", "../katas_too/anatomy.py", "../katas"])
    def test_code_outside_the_folders_is_not_interrupted(self, machine: Machine, path: str) -> None:
        machine.start()

        machine.tick(path.replace("../", f"{machine.folder.parent}{os.sep}"), after=60.0)

    def test_code_called_by_the_learner_s_is(self, machine: Machine) -> None:
        machine.start()
        machine.now += 60.0
        caller = compile("call()", str(machine.folder / "jwt/anatomy.py"), "exec")

        with pytest.raises(DeadlineExceeded):
            exec(caller, {"call": lambda: machine.tick(str(machine.folder.parent / "json/decoder.py"))})

    def test_the_folders_may_grow(self, machine: Machine, tmp_path: Path) -> None:
        machine.start()
        later = str(tmp_path / "advanced/tdd/steps.py")
        machine.tick(later, after=60.0)

        machine.watchdog.folders.append(f"{tmp_path / 'advanced'}{os.sep}")

        with pytest.raises(DeadlineExceeded):
            machine.tick(later)

    def test_without_a_folder_nothing_is_interrupted(self, machine: Machine) -> None:
        machine.watchdog.folders.clear()
        machine.start()

        machine.tick(after=60.0)

    def test_what_is_raised_is_no_exception_that_learners_catch(self) -> None:
        assert not issubclass(DeadlineExceeded, Exception)


class TestEnd:
    """The second stage: the end of the process, at twice the time."""

    def test_it_comes_at_twice_the_time(self, machine: Machine) -> None:
        machine.start()

        assert machine.ends == [120.0]

    def test_a_tick_in_time_leaves_it_where_it_is(self, machine: Machine) -> None:
        machine.start()
        machine.tick(after=4.0)

        assert machine.ends == [120.0, 120.0]

    def test_it_is_reckoned_from_the_beginning_of_the_test(self, machine: Machine) -> None:
        machine.start()
        machine.now += 3.0
        machine.watchdog.begin()
        machine.tick(after=4.0)

        assert machine.ends == [120.0, 123.0]

    def test_it_waits_while_ticks_come_through_in_code_that_is_not_the_learner_s(self, machine: Machine) -> None:
        machine.start()
        machine.tick(f"{machine.folder.parent}/pytest/runner.py", after=60.0)

        assert machine.ends == [120.0, 170.0]

    def test_it_does_not_wait_for_a_learner_s_code_that_catches_everything(self, machine: Machine) -> None:
        machine.start()
        machine.tick(after=9.0)
        for _ in range(5):
            with pytest.raises(DeadlineExceeded):
                machine.tick(after=2.0)

        assert machine.ends == [120.0, 120.0]

    def test_what_cancelled_it_can_set_it_again(self, machine: Machine) -> None:
        machine.start()
        machine.now += 5.0
        machine.watchdog.postpone()

        assert machine.ends == [120.0, 120.0]


class TestStop:
    """The process as it was before."""

    def test_everything_is_put_back(self, machine: Machine) -> None:
        def mine(*_: object) -> None:
            raise AssertionError

        signal.signal(signal.SIGALRM, mine)
        machine.watchdog.start()
        assert signal.getsignal(signal.SIGALRM) != mine

        machine.watchdog.stop()

        assert signal.getsignal(signal.SIGALRM) == mine
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert machine.ends == [120.0, None]
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(machine.stderr)

    def test_a_second_time_it_does_nothing(self, machine: Machine) -> None:
        machine.start()
        machine.watchdog.stop()
        # Somebody else's now, under the number that has become free.
        other = os.dup2(2, machine.stderr)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)

        machine.watchdog.stop()

        os.close(other)
        assert signal.getsignal(signal.SIGALRM) == signal.SIG_IGN
        assert machine.ends == [120.0, None]

    def test_it_can_be_told_before_it_was_started(self, machine: Machine) -> None:
        machine.watchdog.stop()

        os.close(machine.stderr)
        assert machine.ends == []


class TestTick:
    """How often the clock is looked at."""

    @pytest.mark.parametrize(("deadline", "seconds"), [(60.0, 1.0), (10.0, 1.0), (5.0, 0.5)])
    def test_a_short_deadline_is_watched_more_closely(self, machine: Machine, deadline: float, seconds: float) -> None:
        machine.watchdog.deadline = deadline
        machine.watchdog.start()

        left, interval = signal.getitimer(signal.ITIMER_REAL)

        assert interval == pytest.approx(seconds, abs=1e-5)
        assert 0 < left <= seconds + 1e-5


class TestSupported:
    """Whether a process can be interrupted."""

    def test_the_main_thread_can(self) -> None:
        assert Watchdog.supported() is True

    def test_another_thread_cannot(self) -> None:
        said: list[bool] = []
        thread = threading.Thread(target=lambda: said.append(Watchdog.supported()))
        thread.start()
        thread.join()

        assert said == [False]

    def test_where_there_are_no_timer_signals_nothing_can(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(signal, "setitimer")

        assert Watchdog.supported() is False


class TestProcess:
    """Both stages in a process of their own, in real time."""

    @pytest.fixture
    def run(self, tmp_path: Path) -> Callable[[str, float], subprocess.CompletedProcess[str]]:
        """Run a learner's code under a watchdog."""
        main = tmp_path / "main.py"
        main.write_text(
            dedent(
                f"""
                import os, sys, time
                from pytest_katas.watchdog import DeadlineExceeded, Watchdog

                sys.path.insert(0, {str(tmp_path / "katas")!r})
                deadline = float(sys.argv[1])
                watchdog = Watchdog(deadline, [{str(tmp_path / "katas") + os.sep!r}], os.dup(2))
                watchdog.start()
                try:
                    import learner
                except DeadlineExceeded as error:
                    print(error)
                # Longer than twice the deadline, in code of nobody.
                until = time.monotonic() + 3 * deadline
                while time.monotonic() < until:
                    pass
                watchdog.stop()
                print("went on")
                """
            )
        )
        (tmp_path / "katas").mkdir()

        def run(code: str, deadline: float) -> subprocess.CompletedProcess[str]:
            (tmp_path / "katas/learner.py").write_text(dedent(code))
            return subprocess.run(
                [sys.executable, str(main), str(deadline)], capture_output=True, text=True, timeout=60, check=False
            )

        return run

    def test_an_endless_loop_is_interrupted_and_the_process_goes_on(
        self, run: Callable[[str, float], subprocess.CompletedProcess[str]]
    ) -> None:
        done = run("while True: pass", 0.5)

        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "took longer than 0.5 s; is there a loop that never ends?\nwent on\n"

    @pytest.mark.parametrize(
        "code",
        [
            """\
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
            """,
            """\
            from itertools import repeat
            # A loop in C never looks for a signal.
            sum(repeat(0))
            """,
        ],
        ids=["catches everything", "in C"],
    )
    def test_what_cannot_be_interrupted_is_ended_at_twice_the_time_and_says_where_it_hung(
        self, run: Callable[[str, float], subprocess.CompletedProcess[str]], code: str
    ) -> None:
        began = time.monotonic()
        done = run(code, 0.2)

        assert time.monotonic() - began >= 0.4
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("Timeout (")
        assert 'katas/learner.py", line ' in done.stderr

"""Code that ends, leaves or breaks the process it runs in: the record is never green, and never lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

BOTH = pytest.mark.parametrize("mode", ["plain", "xdist"])
HARD_EXIT = "import os\nos._exit(0)\n"


def start(*, new_session: bool = False) -> subprocess.Popen[bytes]:
    """Begin a run in a process of its own, and do not wait for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "katas/sums"],
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONSAFEPATH": "1"},
        start_new_session=new_session,
    )


def eventually(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 30
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


class TestTheProcessEnds:
    @pytest.mark.parametrize("where", ["import", "function"])
    def test_at_an_exit_that_nothing_can_catch(self, where, desk):
        """The shell reads 0, for pytest is not asked; the record says what happened."""
        (desk.write(HARD_EXIT) if where == "import" else desk.solve(negate=HARD_EXIT)).run(apart=True)
        assert [event["event"] for event in desk.log()] == ["started"]
        progress = desk.progress()
        assert (progress.strip, progress.light) == ("a", "amber")
        assert progress.attempts[0].died
        assert progress.attempts[0].why == "the process ended before its tests did"

    def test_the_next_run_says_so_and_goes_on(self, desk):
        desk.solve(negate=HARD_EXIT).run(apart=True)
        ran = desk.solve().run()
        assert "attempt 1 ended before its tests did, and counts as amber" in ran.out
        assert "attempt 2" in ran.out
        assert "attempts: ag" in ran.out
        assert desk.progress().strip == "ag"

    @pytest.mark.parametrize("where", ["import", "function"])
    def test_in_a_worker(self, where, desk):
        desk.args = ("-n", "2", "--max-worker-restart=0")
        ran = (desk.write(HARD_EXIT) if where == "import" else desk.solve(negate=HARD_EXIT)).run(apart=True)
        assert ran.ret != 0
        assert desk.progress().strip == "a"
        assert ran.light == "amber"

    @pytest.mark.parametrize("root", [".", "elsewhere"])
    def test_in_a_worker_that_another_one_replaces(self, root, desk):
        desk.args = ("-n", "2", f"--rootdir={root}")
        ran = desk.file("elsewhere/note.txt", "").solve(negate=HARD_EXIT).run(apart=True)
        assert (ran.ret, ran.light) == (1, "amber")
        assert ran.outcomes["TestHalve::test_odd"] == "passed"
        assert "the process ended before its tests did" in " ".join(ran.out.split())

    def test_by_kill_while_it_runs(self, desk):
        desk.solve(negate="import pathlib, time\npathlib.Path('here').touch()\ntime.sleep(60)")
        process = start()
        try:
            assert eventually((desk.path / "here").exists)
            assert desk.progress().attempts == (), "while it lives, it is no attempt yet"
        finally:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            process.wait()
        assert desk.progress().strip == "a"
        assert desk.solve().run().light == "green"
        assert desk.progress().strip == "ag"


class TestTheRunEndsEarly:
    @BOTH
    @pytest.mark.parametrize(
        "body",
        [
            "import pytest\npytest.exit('done', returncode=0)",
            "raise KeyboardInterrupt",
        ],
        ids=["pytest.exit", "interrupt"],
    )
    def test_in_a_function(self, body, desk):
        ran = desk.solve(halve=body).run(apart=True)
        assert desk.progress().light != "green"
        assert ran.attempt["complete"] is False
        assert ran.light in {"-", "amber"}

    @pytest.mark.parametrize(
        "text", ["import pytest\npytest.exit('done', returncode=0)\n", "raise KeyboardInterrupt\n"]
    )
    def test_at_import(self, text, desk):
        ran = desk.write(text).run(apart=True)
        assert ran.light in {"-", "amber"}
        assert ran.outcomes == {}

    @pytest.mark.parametrize("root", [".", "elsewhere"])
    def test_at_an_exit_while_a_test_file_of_no_kata_is_imported(self, root, desk):
        """That stays pytest's own affair, and the kata's part of the run is not called green."""
        desk.file("elsewhere/test_plain.py", "raise SystemExit(3)\n").solve()
        ran = desk.call("katas/sums", "elsewhere/test_plain.py", f"--rootdir={root}", apart=True)
        assert ran.ret == 3
        assert desk.progress().light != "green"

    def test_what_ran_before_is_recorded(self, desk):
        ran = desk.solve(negate="raise KeyboardInterrupt").run(apart=True)
        assert list(ran.outcomes.values()) == ["passed"] * 4
        assert ran.attempt["why"] == "the run ended early"

    def test_red_before_the_end_stays_red(self, desk):
        ran = desk.solve(double="return 2", negate="raise KeyboardInterrupt").run("--kata-all", apart=True)
        assert ran.light == "red"

    def test_a_signal_ends_it_as_usual(self, desk):
        ran = desk.solve(negate="import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nreturn -n").run(apart=True)
        assert ran.ret == pytest.ExitCode.INTERRUPTED
        assert ran.light == "-"


class TestTheProcessIsSpoiled:
    @pytest.mark.parametrize(
        "body",
        [
            "import os\nos.chdir('/')",
            "import os\nos.environ.clear()",
            "import sys\nsys.modules.pop('json')\nsys.path.clear()",
            "import time\ntime.time = time.perf_counter = time.monotonic = lambda: 0.0",
            "import builtins\nbuiltins.open = None",
            "import sys\nsys.stdout = sys.stderr = None",
            "import gc\ngc.disable()",
            "import warnings\nwarnings.simplefilter('error')",
            "import os\nos.umask(0o777)",
            "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nsignal.setitimer(signal.ITIMER_REAL, 0)",
            "import threading\nthreading.Thread(target=lambda: None, daemon=True).start()",
            "import sys\nsys.setrecursionlimit(80)",
            "print('\\ud800')" if sys.platform == "win32" else "print('x' * 10**6)",
        ],
    )
    def test_what_a_function_leaves_behind_does_not_reach_the_record(self, body, desk):
        ran = desk.solve(double=f"{body}\nreturn n * 2").run(apart=True)
        assert "INTERNALERROR" not in ran.out + ran.err
        assert ran.kinds == ["started", "attempt"]
        assert desk.solve().run(apart=True).light == "green"

    @pytest.mark.parametrize(
        "body",
        [
            "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\nraise Odd",
            "class Odd(Exception):\n    def __str__(self):\n        return 7\nraise Odd",
            "raise SyntaxError",
            "raise SyntaxError('odd', (5, 1, 1, 'text'))",
            "raise SyntaxError('odd', (b'a', 1, 1, 'text'))",
            "compile('(', 'nowhere', 'exec')",
            "error = ValueError()\nerror.__context__ = error.__cause__ = error\nraise error",
            "raise ExceptionGroup('many', [ValueError(1), ExceptionGroup('more', [KeyError(2)])])",
            "raise Exception('\\ud800 \\0 \\x1b[31m')",
            "raise Exception('x' * 10**6)",
        ],
    )
    def test_an_exception_that_is_odd_itself(self, body, desk):
        ran = desk.solve(negate=body).run()
        assert "INTERNALERROR" not in ran.out
        assert (ran.ret, ran.light) == (1, "red")
        assert "next: katas/sums/" in ran.out

    def test_a_frozen_clock(self, desk):
        pytest.importorskip("freezegun")
        desk.solve(double="import freezegun\nfreezegun.freeze_time('2001-02-03').start()\nreturn n * 2")
        began = time.time()
        ran = desk.run(apart=True)
        assert ran.light == "green"
        [at] = {event["at"][:4] for event in ran.events}
        assert at == time.strftime("%Y", time.gmtime(began))
        assert 0 <= ran.attempt["seconds"] < time.time() - began
        assert desk.progress().strip == "g"

    def test_the_learners_file_is_taken_away(self, desk):
        ran = desk.solve(double="import os\nif os.path.exists(__file__): os.unlink(__file__)\nreturn n * 2").run()
        assert ran.light == "green"
        assert "sha256" in ran.attempt["files"]["sums.py"], "it was kept before it ran"

    def test_the_tests_are_taken_away(self, desk):
        body = "import pathlib\npathlib.Path(__file__).with_name('test_sums.py').unlink(missing_ok=True)\nreturn n * 2"
        ran = desk.solve(double=body).run()
        assert "INTERNALERROR" not in ran.out
        assert ran.light == "green"

    def test_the_kata_is_taken_away(self, desk):
        body = "import pathlib, shutil\nshutil.rmtree(pathlib.Path(__file__).parent, ignore_errors=True)\nreturn n * 2"
        ran = desk.solve(double=body).run()
        assert "INTERNALERROR" not in ran.out
        assert ran.kinds == ["started", "attempt"]

    def test_a_folder_with_the_name_of_a_test_file(self, desk):
        desk.file("katas/sums/test_data.py/note.txt", "not a test").solve()
        ran = desk.run()
        assert "INTERNALERROR" not in ran.out
        assert ran.light == "green"

    def test_a_fork_that_forgets_to_exit_records_nothing(self, desk):
        desk.solve(negate="import os\nif not os.fork():\n    open('forked', 'w').close()\nreturn -n")
        process = start(new_session=True)
        try:
            assert process.wait(30) == 0
            assert eventually((desk.path / "forked").exists)
            time.sleep(0.3)
        finally:
            # What went on in the fork hangs at its end, in faulthandler, whose thread was not forked.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        assert [event["event"] for event in desk.log()] == ["started", "attempt"]

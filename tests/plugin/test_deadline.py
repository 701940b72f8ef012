"""The end of endless loops: a test of a kata may take ``kata_deadline`` seconds, and nothing else may take less."""

from __future__ import annotations

import faulthandler
import re
import signal
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timer signals here")

LOOP = "while True:\n    pass"
STUBBORN = "while True:\n    try:\n        while True:\n            pass\n    except:\n        pass"
#: Runs in C for ever, and never gives the interpreter a chance to look at a signal.
DEAF = "import itertools\nall(itertools.repeat(True))"


@pytest.fixture
def desk(desk):
    return desk.ini("kata_deadline = 0.4\n")


class TestTheTestEnds:
    def test_and_the_run_goes_on(self, desk):
        began = time.monotonic()
        ran = desk.solve(negate=LOOP).run()
        assert time.monotonic() - began < 5
        assert (ran.ret, ran.light) == (1, "red")
        assert ran.outcomes["test_negate"] == "failed"
        assert "took longer than 0.4 s; is there a loop that never ends?" in " ".join(ran.out.split())
        assert "next: katas/sums/sums.py:" in ran.out
        assert list(ran.outcomes.values()) == ["passed"] * 4 + ["failed"]

    def test_in_a_worker_too(self, desk):
        ran = desk.solve(negate=LOOP).run("-n", "2")
        assert (ran.light, ran.outcomes["test_negate"]) == ("red", "failed")

    def test_and_the_others_of_the_kata_do_not_wait_as_long(self, desk):
        ran = desk.solve(double=LOOP).run("--kata-all")
        assert list(ran.outcomes.values()) == ["failed"] + ["locked"] * 4
        assert desk.solve().run().light == "green"

    def test_no_frame_of_the_plugin_is_shown(self, desk):
        ran = desk.solve(double=LOOP).run("-v")
        assert "watchdog.py" not in ran.out
        assert "katas/sums/sums.py:2: DeadlineExceeded" in ran.out

    def test_an_except_exception_does_not_catch_it(self, desk):
        body = "while True:\n    try:\n        while True:\n            pass\n    except Exception:\n        pass"
        assert desk.solve(negate=body).run().outcomes["test_negate"] == "failed"

    @pytest.mark.parametrize(
        "body", ["import time\ntime.sleep(60)", "import re\nre.match('(a|a)*b', 'a' * 40)"], ids=["sleep", "expression"]
    )
    def test_so_does_what_waits_or_works_outside_python(self, body, desk):
        began = time.monotonic()
        ran = desk.solve(negate=body).run()
        assert time.monotonic() - began < 5
        assert ran.light == "red"

    def test_each_test_has_its_own_time(self, desk):
        """Together they take longer than one may."""
        wait = "import time\ntime.sleep(0.25)\nreturn {}"
        ran = desk.write(double=wait.format("n * 2"), halve=wait.format("n / 2"), negate="return -n").run()
        assert ran.light == "green"

    def test_at_import_it_is_amber(self, desk):
        began = time.monotonic()
        ran = desk.write(LOOP + "\n").run()
        assert time.monotonic() - began < 5
        assert ran.light == "amber"
        assert "DeadlineExceeded: took longer than 0.4 s" in " ".join(ran.out.split())

    def test_in_a_fixture_it_is_amber(self, desk):
        desk.tests("def test_negate():", "@pytest.mark.usefixtures('endless')\ndef test_negate():").solve()
        desk.file("katas/sums/conftest.py", "import pytest\n\n@pytest.fixture\ndef endless():\n    while True: pass\n")
        ran = desk.run()
        assert (ran.light, ran.outcomes["test_negate"]) == ("amber", "error")


class TestTheProcessEnds:
    @pytest.mark.parametrize("body", [STUBBORN, DEAF], ids=["bare except", "loop in C"])
    def test_at_twice_the_time_where_nothing_else_helps(self, body, desk):
        began = time.monotonic()
        ran = desk.solve(negate=body).run(apart=True)
        assert time.monotonic() - began < 10
        assert ran.ret != 0
        assert "Timeout (0:00:00" in ran.err
        assert 'sums.py", line' in ran.err, "its last words say where it hung"
        assert ran.kinds == ["started"]
        assert desk.progress().strip == "a"
        assert "attempt 1 ended before its tests did" in desk.solve().run().out

    def test_in_a_worker_only_the_worker(self, desk):
        ran = desk.solve(negate=DEAF).run("-n", "2", apart=True)
        assert (ran.ret, ran.light) == (1, "amber")
        assert ran.outcomes["test_double[1]"] == "passed"

    def test_a_failing_test_before_does_not_disarm_it(self, desk):
        """pytest cancels faulthandler's timer whenever a test fails."""
        ran = desk.write(double="return 0", negate=DEAF).run("--kata-all", apart=True)
        assert ran.kinds == ["started"]


class TestItStepsAside:
    """A test that takes twice the deadline passes where somebody else keeps the time, or nobody is to."""

    SLOW = "import time\ntime.sleep(0.6)\nreturn -n"

    @pytest.mark.parametrize(
        "ini", ["kata_deadline = 0\n", "kata_deadline = 30\n", "", "kata_deadline = 0.4\nfaulthandler_timeout = 30\n"]
    )
    def test_as_the_ini_file_says(self, ini, desk):
        assert desk.ini(ini).solve(negate=self.SLOW).run().light == "green"

    def test_for_a_debugger(self, desk):
        assert desk.solve(negate=self.SLOW).run("--pdb").light == "green"

    def test_once_a_debugger_is_open(self, desk):
        desk.file(
            "conftest.py",
            "import pytest\n\n@pytest.fixture(autouse=True)\ndef opened(request):\n"
            "    request.config.hook.pytest_enter_pdb(config=request.config, pdb=None)\n",
        )
        assert desk.solve(negate=self.SLOW).run().light == "green"

    @pytest.mark.parametrize("value", ["soon", "-1", "inf", "nan"])
    def test_a_deadline_that_is_no_time_is_refused(self, value, desk):
        ran = desk.ini(f'kata_deadline = "{value}"\n').run()
        assert ran.ret == pytest.ExitCode.USAGE_ERROR
        assert f"kata_deadline is '{value}' in the ini file; write seconds" in ran.err
        assert ran.events == []

    @pytest.mark.parametrize("when", ["test", "import"])
    def test_for_tests_of_no_kata(self, when, desk):
        wait = "import time\n{}time.sleep(0.6)\n"
        desk.file("test_plain.py", wait.format("def test_slow():\n    " if when == "test" else "")).solve()
        ran = desk.call("katas/sums", "test_plain.py", "-q")
        assert ran.light == "green"
        assert "failed" not in ran.out
        assert "error" not in ran.out

    def test_for_a_test_of_no_kata_even_where_nothing_could_interrupt_it(self, desk):
        """The process must not end for a slow test of somebody else's: ticks put its end off."""
        desk.file("test_plain.py", "import time\ndef test_slow():\n    time.sleep(1.2)\n").solve()
        ran = desk.call("katas/sums", "test_plain.py", "-q", apart=True)
        assert ran.ret == 0
        assert ran.kinds == ["started", "attempt"]


class TestNothingIsLeftBehind:
    def test_after_a_session(self, desk, monkeypatch):
        calls = []
        monkeypatch.setattr(faulthandler, "cancel_dump_traceback_later", lambda: calls.append("cancelled"))
        monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda *_, **__: calls.append("set"))

        def mine(*_):
            pass

        before = signal.signal(signal.SIGALRM, mine)
        try:
            descriptors = len(list(Path("/dev/fd").iterdir()))
            desk.solve(negate=LOOP).run()
            assert signal.getsignal(signal.SIGALRM) is mine
            assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
            assert calls[0] == "set"
            assert calls[-1] == "cancelled"
            assert len(list(Path("/dev/fd").iterdir())) == descriptors
        finally:
            signal.signal(signal.SIGALRM, before)

    def test_after_a_session_that_could_not_begin(self, desk):
        desk.file("katas/sums/kata.toml", "format = 1\n")
        assert desk.run().ret == pytest.ExitCode.USAGE_ERROR
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)

    def test_no_plugin_stays_registered(self, desk):
        desk.file(
            "conftest.py",
            "import pytest\n\n@pytest.hookimpl(trylast=True)\ndef pytest_unconfigure(config):\n"
            "    names = [name for name, plugin in config.pluginmanager.list_name_plugin() if plugin]\n"
            "    print('left:', *[name for name in names if name.startswith('kata-')])\n",
        )
        assert re.search(r"^left:$", desk.run("-s").out, flags=re.MULTILINE)


def test_without_a_deadline_a_failure_is_noted_all_the_same(desk):
    ran = desk.ini("kata_deadline = 0\n").solve(double="return 0").run()
    assert ran.light == "red"
    assert "double is not right yet" in ran.out

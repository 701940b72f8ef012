from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_katas.outcomes import Light, Outcome
from pytest_katas.runner import Run, Runner
from pytest_katas.witness import Finding

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to whom they belong")

STUB = "def double(number):\n    return 2 * number\n"


@pytest.fixture(scope="module", params=[pytest.param(True, id="fork", marks=forks), pytest.param(False, id="spawn")])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    """Everything must be true of both ways to start a clean process."""
    with Runner(fork=request.param) as runner:
        yield runner


@pytest.fixture(scope="module")
def forking() -> Iterator[Runner]:
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    with Runner() as runner:
        yield runner


def suite(body: str, **others: str) -> Mapping[str, bytes]:
    """Make files of a kata: its test file, and others by name, where __ stands for a dot."""
    files = {"test_it.py": "import pytest\n" + dedent(body), **others}
    return {name.replace("__", "."): dedent(text).encode() for name, text in files.items()}


def outcomes(run: Run) -> dict[str, str]:
    return {key.removeprefix("test_it.py::"): str(finding.outcome) for key, finding in run.tests.items()}


def test_each_test_is_told_with_its_task_and_its_outcome(runner: Runner):
    run = runner.run(
        suite(
            """
            from .stub import double

            @pytest.mark.task(taskno=1)
            @pytest.mark.parametrize("number", [1, 3])
            def test_double(number):
                assert double(number) == 2

            @pytest.mark.task(taskno=2, guard=True)
            class TestClass:
                def test_guard(self):
                    pass
            """,
            stub__py=STUB,
        )
    )
    assert run.tests == {
        "test_it.py::test_double[1]": Finding(Outcome.PASSED, task=1),
        "test_it.py::test_double[3]": Finding(
            Outcome.FAILED, task=1, message="assert 6 == 2\n +  where 6 = double(3)", line=8
        ),
        "test_it.py::TestClass::test_guard": Finding(Outcome.PASSED, task=2, guard=True),
    }
    assert (run.exit, run.died, run.problems, run.trespasses) == (1, "", (), ())
    assert 0 < run.seconds < 10
    assert "1 failed, 2 passed" in run.output


def test_every_kind_of_outcome(forking: Runner):
    run = forking.run(
        suite(
            """
            @pytest.fixture
            def breaks():
                raise OSError("no")

            @pytest.fixture
            def spoils():
                yield
                raise OSError("late")

            def test_passed(): pass
            def test_failed(): assert False
            def test_unwritten(): raise NotImplementedError
            def test_hidden():
                try:
                    raise NotImplementedError
                except NotImplementedError:
                    raise AssertionError("said by a library")
            def test_setup(breaks): pass
            def test_teardown(spoils): pass
            def test_both(spoils): raise NotImplementedError
            def test_skipped(): pytest.skip("later")
            @pytest.mark.xfail
            def test_xfailed(): assert False
            @pytest.mark.xfail
            def test_xpassed(): pass
            """
        )
    )
    assert outcomes(run) == {
        "test_passed": "passed",
        "test_failed": "failed",
        "test_unwritten": "unwritten",
        "test_hidden": "unwritten",
        "test_setup": "error",
        "test_teardown": "error",
        "test_both": "error",
        "test_skipped": "skipped",
        "test_xfailed": "xfailed",
        "test_xpassed": "xpassed",
    }
    phases = [run.tests[f"test_it.py::test_{name}"].phase for name in ("failed", "setup", "teardown", "both")]
    assert phases == ["call", "setup", "teardown", "teardown"]
    assert [finding.red for finding in run.tests.values()].count(True) == 3


def test_a_chain_of_exceptions_may_be_a_circle(forking: Runner):
    run = forking.run(
        suite(
            """
            def test_circle():
                one, other = ValueError("one"), ValueError("other")
                one.__context__, other.__context__ = other, one
                raise one
            """
        ),
        deadline=5,
    )
    assert outcomes(run) == {"test_circle": "failed"}


def test_tests_run_in_the_order_of_their_tasks_and_backwards_when_asked(runner: Runner):
    files = suite(
        """
        @pytest.mark.task(taskno=2)
        def test_c(): pass
        @pytest.mark.task(taskno=1)
        def test_a(): pass
        @pytest.mark.task(taskno=1)
        def test_b(): pass
        """
    )
    assert list(outcomes(runner.run(files))) == ["test_a", "test_b", "test_c"]
    assert list(outcomes(runner.run(files, reverse=True))) == ["test_c", "test_b", "test_a"]


def test_a_run_may_be_over_at_the_first_red_of_one_task(forking: Runner):
    files = suite(
        """
        @pytest.mark.task(taskno=1)
        def test_first(): assert False
        @pytest.mark.task(taskno=2)
        def test_green(): pass
        @pytest.mark.task(taskno=2)
        def test_red(): assert False
        @pytest.mark.task(taskno=2)
        def test_more(): assert False
        """
    )
    run = forking.run(files, until=2)
    assert outcomes(run) == {"test_green": "passed", "test_red": "failed"}
    assert run.exit == 1
    assert list(outcomes(forking.run(files, until=3))) == ["test_first", "test_green", "test_red", "test_more"]


def test_the_light_of_a_run_is_that_of_an_attempt(forking: Runner):
    def light(body: str) -> Light:
        return forking.run(suite(f"@pytest.mark.task(taskno=1)\ndef test_it(): {body}\n")).light({1: 1})

    assert [light("pass"), light("assert False"), light("import os; os._exit(0)")] == ["green", "red", "amber"]
    assert forking.run({"test_it.py": b"syntax error"}).light({1: 1}) is Light.AMBER


def test_a_test_file_that_cannot_be_imported_is_a_problem(runner: Runner):
    run = runner.run(suite("from .stub import double", stub__py="import no_such_module"))
    assert run.problems == ("test_it.py could not be collected: ModuleNotFoundError: No module named 'no_such_module'",)
    assert run.tests == {}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"test_it.py": b"def test_x(:"}, "SyntaxError: invalid syntax"),
        ({"test_it.py": b"raise SystemExit(0)"}, "SystemExit: 0"),
        ({"test_it.py": b"def test_x(): pass", "conftest.py": b"1 / 0"}, "ZeroDivisionError: division by zero"),
        ({"test_it.py": b"import pytest\n@pytest.mark.tsak(taskno=1)\ndef test_x(): pass"}, "'tsak' not found"),
    ],
    ids=["syntax", "exit", "conftest", "marker"],
)
def test_whatever_keeps_tests_from_running_is_said(forking: Runner, files: Mapping[str, bytes], said: str):
    run = forking.run(files)
    assert said in "\n".join((*run.problems, run.output))
    assert run.exit not in {0, 1, None}
    assert run.tests == {}


def test_files_may_come_as_a_folder(forking: Runner, tmp_path: Path):
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n", encoding="utf-8")
    assert outcomes(forking.run(tmp_path)) == {"test_it": "passed"}


def test_a_kata_named_like_a_library_does_not_hide_it(forking: Runner):
    body = """
        import json
        from . import stub
        def test_it():
            assert json.loads("1") == 1
            assert __name__ == "katas.json.test_it"
            assert stub.__name__ == "katas.json.stub"
        """
    run = forking.run(suite(body, stub__py=""), folder="katas/json")
    assert outcomes(run) == {"test_it": "passed"}


def test_one_run_knows_nothing_of_another(runner: Runner):
    body = """
        import os, sys
        from . import stub
        def test_it():
            assert not hasattr(sys, "kata_was_here")
            sys.kata_was_here = True
            assert stub.ANSWER == {answer}
        """
    for answer in (1, 2, 3):
        run = runner.run(suite(body.format(answer=answer), stub__py=f"ANSWER = {answer}"))
        assert outcomes(run) == {"test_it": "passed"}


def test_the_pytest_of_the_one_who_asks_has_no_say(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    monkeypatch.setenv("KATA_LEARNER", "ada")
    body = """
        import os
        def test_it(pytestconfig):
            assert [name for name in os.environ if name.startswith(("KATA_", "PYTEST_ADD", "PYTEST_PLUG"))] == []
            assert not pytestconfig.pluginmanager.hasplugin("katas")
        """
    with Runner() as runner:
        assert outcomes(runner.run(suite(body))) == {"test_it": "passed"}


def test_more_arguments_for_pytest_and_modules_to_have_at_hand():
    body = """
        import sys
        def test_it(pytestconfig): assert pytestconfig.getoption("runxfail")
        """
    with Runner(preload=["colorsys", "no_such_module"], arguments=["--runxfail"]) as runner:
        assert outcomes(runner.run(suite(body))) == {"test_it": "passed"}


@forks
def test_a_module_at_hand_is_imported_once_for_all_runs():
    body = """
        import sys
        def test_it(): assert "colorsys" in sys.modules
        """
    with Runner(preload=["colorsys"]) as runner:
        assert outcomes(runner.run(suite(body))) == {"test_it": "passed"}


def test_a_test_that_is_not_carried_out_has_no_finding():
    with Runner(arguments=["--setup-only"]) as runner:
        run = runner.run(suite("def test_it(): pass"))
    assert (run.tests, run.exit, run.died) == ({}, 0, "")


def test_threads_may_share_a_runner():
    body = """
        import time
        from . import stub
        def test_it():
            time.sleep(0.01)
            assert stub.ANSWER == {answer}
        """
    runs: dict[int, Run] = {}
    with Runner(2) as runner:

        def work(answer: int) -> None:
            runs[answer] = runner.run(suite(body.format(answer=answer), stub__py=f"ANSWER = {answer}"))

        threads = [threading.Thread(target=work, args=(answer,)) for answer in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {answer: outcomes(run) for answer, run in runs.items()} == {
        answer: {"test_it": "passed"} for answer in range(6)
    }


def test_nothing_stays_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Runner() as runner:
        runner.run(suite("def test_it(): pass"))
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


# ---- the hostile ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "died"),
    [
        ("os._exit(0)", "its process ended with status 0 before pytest did, in test_it.py::test_hostile"),
        ("os._exit(7)", "its process ended with status 7 before pytest did, in test_it.py::test_hostile"),
        pytest.param(
            "os.kill(os.getpid(), signal.SIGKILL)",
            "it was killed by SIGKILL, in test_it.py::test_hostile",
            marks=posix,
        ),
        pytest.param(
            "os.kill(os.getpid(), signal.SIGRTMIN + 3)",
            f"it was killed by signal {getattr(signal, 'SIGRTMIN', 0) + 3}, in test_it.py::test_hostile",
            marks=linux,
        ),
        pytest.param("ctypes.string_at(0)", "it was killed by SIGSEGV, in test_it.py::test_hostile", marks=posix),
        ("loop()", "it was not done after 3 s, in test_it.py::test_hostile"),
    ],
    ids=["exit", "exit-7", "kill", "realtime-signal", "segfault", "loop"],
)
def test_a_process_that_does_not_live_to_the_end_is_told_as_it_died(runner: Runner, body: str, died: str):
    run = runner.run(
        suite(
            f"""
            import ctypes, os, signal
            def loop():
                if hasattr(signal, "pthread_sigmask"):
                    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
                while True:
                    pass
            def test_before(): pass
            def test_hostile(): {body}
            def test_after(): pass
            """
        ),
        deadline=3,
    )
    assert (run.died, run.exit) == (died, None)
    # What was known before is not lost, and nothing is made up.
    assert outcomes(run) == {"test_before": "passed"}
    assert run.seconds > 0
    assert outcomes(runner.run(suite("def test_next(): pass"))) == {"test_next": "passed"}


def test_a_death_at_import_is_no_test_s(runner: Runner):
    run = runner.run({"test_it.py": b"import os\nos._exit(0)"})
    assert run.died == "its process ended with status 0 before pytest did, in the import of the tests"


def test_a_death_between_two_tests_is_no_test_s(forking: Runner):
    run = forking.run(
        suite(
            """
            def test_it(): pass
            """,
            conftest__py="import os\ndef pytest_sessionfinish(): os._exit(0)",
        )
    )
    assert run.died == "its process ended with status 0 before pytest did"
    assert outcomes(run) == {"test_it": "passed"}


@forks
def test_who_kills_the_process_that_forks_kills_his_own_run_only():
    with Runner() as runner:
        run = runner.run(
            suite("import os, signal, time\ndef test_it(): os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)")
        )
        assert run.died.startswith("the process that forks died with it")
        assert run.exit is None
        assert outcomes(runner.run(suite("def test_next(): pass"))) == {"test_next": "passed"}


@forks
def test_who_stops_the_process_that_forks_gains_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pytest_katas.crew.PATIENCE", 0.2)
    with Runner() as runner:
        began = time.monotonic()
        run = runner.run(
            suite("import os, signal, time\ndef test_it(): os.kill(os.getppid(), signal.SIGSTOP); time.sleep(60)"),
            deadline=2,
        )
        assert run.died.startswith("the process that forks died with it")
        assert time.monotonic() - began < 10


def test_a_flood_of_output_ends_and_fills_neither_memory_nor_disk(forking: Runner):
    run = forking.run(
        suite(
            """
            import os
            def test_flood():
                while True:
                    os.write(1, b"flood " * 10_000)
            def test_after(): pass
            """
        )
    )
    assert outcomes(run)["test_after"] == "passed"
    assert outcomes(run)["test_flood"] == "failed"
    assert len(run.output) < 10_000


def test_printed_beside_pytests_capture_the_end_is_kept(runner: Runner):
    run = runner.run(suite("def test_it(capfd):\n    with capfd.disabled(): print('x' * 100_000 + 'the end')"))
    assert "the end" in run.output
    assert len(run.output) < 10_000


@posix
def test_memory_without_bound_ends_in_an_error(forking: Runner):
    run = forking.run(suite("def test_it(): bytearray(3 * 2**30)"))
    assert outcomes(run) == {"test_it": "failed"}
    assert run.tests["test_it.py::test_it"].message == "MemoryError"


@pytest.mark.parametrize("first", [0, 3])
def test_closed_descriptors_silence_nobody(runner: Runner, first: int):
    run = runner.run(
        suite(
            f"""
            import os
            def test_before(): pass
            def test_closes(): os.closerange({first}, 1000)
            """
        )
    )
    assert outcomes(run)["test_before"] == "passed"
    # Without its descriptors pytest may go down, but it may not go down unseen.
    assert run.died or run.problems or run.exit == 0 or outcomes(run).get("test_closes") == "error"


def test_a_test_may_replace_what_findings_are_written_with(forking: Runner):
    run = forking.run(
        suite(
            """
            import json, os, time
            def nothing(*_, **__): raise AssertionError
            def test_replaces():
                os.open = os.write = os.getpid = json.dumps = time.perf_counter = nothing
            def test_after(): assert 1 == 2
            """
        )
    )
    assert outcomes(run) == {"test_replaces": "passed", "test_after": "failed"}


@forks
def test_who_removes_everything_around_him_harms_his_own_run_only(runner: Runner):
    body = """
        import shutil
        from pathlib import Path
        def test_it(): shutil.rmtree(Path(__file__).parents[{number}])
        """
    for number in range(4):
        run = runner.run(suite(body.format(number=number)))
        assert run.died or run.trespasses
        assert outcomes(runner.run(suite("def test_next(): pass"))) == {"test_next": "passed"}


def test_what_others_write_among_the_findings_is_not_believed(forking: Runner):
    body = """
        from pathlib import Path
        def test_it():
            with Path(__file__).parents[3].joinpath("findings").open("a") as file:
                file.write("green!\\n")
            import os
            os._exit(0)
        """
    run = forking.run(suite(body))
    assert run.problems == ("something else has written among its findings: b'green!'",)
    assert run.died


def test_a_child_that_forgets_to_leave_says_nothing_twice(forking: Runner):
    run = forking.run(
        suite(
            """
            import os
            def test_forks():
                if os.fork(): os.wait()
            def test_after(): pass
            """
        )
    )
    assert outcomes(run) == {"test_forks": "passed", "test_after": "passed"}
    assert (run.died, run.trespasses) == ("", ())


@forks
def test_a_child_has_nothing_of_the_process_that_forks(forking: Runner):
    run = forking.run(
        suite(
            """
            import os, stat, sys
            def test_it():
                assert os.getpgrp() == os.getpid()
                assert os.read(0, 1) == b""
                pipes = [fd for fd in range(3, 100) if is_pipe(fd)]
                assert pipes == []
            def is_pipe(fd):
                try:
                    return stat.S_ISFIFO(os.fstat(fd).st_mode)
                except OSError:
                    return False
            """
        )
    )
    assert outcomes(run) == {"test_it": "passed"}


# ---- trespasses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "trespass"),
    [
        ("Path('leak.txt').write_text('')", "test_it.py::test_it wrote leak.txt (open)"),
        (
            "subprocess.run([sys.executable, '-c', 'open(\"leak.txt\", \"w\")'], check=True)",
            "it wrote leak.txt",
        ),
        ("Path('test_it.py').write_text('')", "test_it.py::test_it wrote test_it.py (open)"),
        ("os.environ['PORT'] = '80'", "it left the environment variable PORT changed"),
        (
            "threading.Thread(target=time.sleep, args=(60,), name='clock').start()",
            "it left the thread clock running",
        ),
        pytest.param(
            "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
            "it left a process running",
            marks=posix,
        ),
        (
            "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(('', 0))",
            "test_it.py::test_it used the address *:0 (socket.bind)",
        ),
    ],
    ids=["file", "file-of-a-child", "own-file", "environment", "thread", "process", "socket"],
)
def test_a_trespass_is_told_and_does_not_reach_the_next_run(runner: Runner, body: str, trespass: str):
    files = suite(
        f"""
        import os, socket, subprocess, sys, threading, time
        from pathlib import Path
        def test_it(): {body}
        """
    )
    run = runner.run(files)
    assert (outcomes(run), run.trespasses) == ({"test_it": "passed"}, (trespass,))
    assert runner.run(suite("def test_it(): pass")).trespasses == ()


def test_a_process_that_hangs_after_its_tests_is_told(forking: Runner):
    run = forking.run(suite("import atexit, time\ndef test_it(): atexit.register(time.sleep, 60)"), deadline=2)
    assert (outcomes(run), run.died) == ({"test_it": "passed"}, "")
    assert run.trespasses == ("its process did not end after the tests",)


def test_a_temporary_file_that_stays_is_a_trespass_and_one_that_goes_is_none(forking: Runner):
    body = """
        import tempfile
        def test_it(tmp_path, capfd):
            (tmp_path / "mine").touch()
            with tempfile.TemporaryDirectory() as folder:
                open(folder + "/file", "w").close()
        """
    assert forking.run(suite(body)).trespasses == ()
    (trespass,) = forking.run(suite("import tempfile\ndef test_it(): tempfile.mkdtemp(prefix='left')")).trespasses
    assert trespass.startswith("it wrote ")
    assert "left" in trespass


@linux
@forks
def test_a_daemon_cannot_slip_away(forking: Runner, tmp_path: Path):
    note = tmp_path / "pid"
    body = f"""
        import os, time
        def test_it():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    with open({str(note)!r}, "w") as file: file.write(str(os.getpid()))
                    time.sleep(60)
                os._exit(0)
            os.wait()
            while not os.path.exists({str(note)!r}): time.sleep(0.01)
        """
    run = forking.run(suite(body))
    assert run.trespasses == ("it left a process running",)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text(encoding="utf-8")), 0)


def test_what_would_happen_at_a_normal_exit_happens(runner: Runner):
    body = """
        import atexit, tempfile, shutil
        def test_it(): atexit.register(shutil.rmtree, tempfile.mkdtemp())
        """
    run = runner.run(suite(body))
    assert (outcomes(run), run.trespasses) == ({"test_it": "passed"}, ())

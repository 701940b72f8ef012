"""A learner's suite and its judge: right and wrong implementations, and suites that mean no good."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_katas.runner import Runner
from pytest_katas.suite import Coverage, Suite

posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the memory of a process")

LOOP = """\
def share(total, people):
    parts = [total // people] * people
    parts[0] += total % people
    return parts
"""
OTHER = """\
def share(total, people):
    whole, rest = divmod(total, people)
    return [whole + rest] + [whole] * (people - 1)
"""
WRONG = """\
format = 1

[[wrong]]
name = "loses_the_rest"
why = "Dividing whole numbers forgets what is left over, and money is lost."
idea = "What if it cannot be shared evenly?"
task = 2
find = "    parts[0] += total % people\\n"
replace = ""

[[wrong]]
name = "one_person_too_many"
why = "A list of one part more than there are people."
idea = "How many parts are there?"
task = 3
find = "] * people"
replace = "] * (people + 1)"
"""
GOOD = """\
from share import share

def test_evenly():
    assert share(10, 2) == [5, 5]

def test_the_rest_goes_to_the_first():
    assert share(10, 3) == [4, 3, 3]
"""


@pytest.fixture
def kata(tmp_path: Path) -> Path:
    """Make the folder of a kata whose learner writes test_share.py."""
    files = {
        "kata.toml": "",
        "README.md": "",
        "conftest.py": "raise RuntimeError('the conftest is for the tests of the kata')\n",
        "test_kata.py": "raise RuntimeError('the tests of the kata are not for the judge')\n",
        "share.py": "def share(total, people):\n    raise NotImplementedError\n",
        "judged/wrong.toml": WRONG,
        "judged/correct/loop/share.py": LOOP,
        "judged/correct/once/share.py": OTHER,
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner(2) as runner:
        yield runner


@pytest.fixture
def judge(kata: Path, runner: Runner) -> Iterator[Callable[..., Suite]]:
    """Return a function that takes the source of a learner's suite."""
    made: list[Suite] = []

    def judge(source: str, deadline: float = 5.0, runner: Runner | None = runner) -> Suite:
        (kata / "test_share.py").write_text(dedent(source), encoding="utf-8")
        made.append(Suite(kata / "test_kata.py", "test_share.py", deadline=deadline, runner=runner))
        return made[-1]

    yield judge
    for suite in made:
        suite.close()


def said(verdict: Callable[[str], object], of: str) -> str:
    with pytest.raises(pytest.fail.Exception) as caught:
        verdict(of)
    return str(caught.value)


# -- suites in good faith ----------------------------------------------------------------------------------------------


def test_a_good_suite_is_accepted_and_catches_everything(judge):
    suite = judge(GOOD)
    assert suite.correct == ("loop", "once")
    for name in suite.correct:
        suite.accepts(name)
    for number in ("01", "02"):
        suite.catches(number)


def test_there_is_a_parameter_for_each_wrong_implementation_and_it_says_the_task(judge):
    assert [(each.values, each.id, each.marks[0].kwargs["taskno"]) for each in judge(GOOD).wrong()] == [
        (("01",), "01", 2),
        (("02",), "02", 3),
    ]


def test_what_gets_by_is_told_as_an_idea_and_not_as_the_slip(judge):
    suite = judge("from share import share\n\ndef test_evenly():\n    assert share(10, 2) == [5, 5]\n")
    assert said(suite.catches, "01") == dedent("""\
        no test is red on wrong implementation 01: What if it cannot be shared evenly?
          expected: at least one test of test_share.py is red
          actual:   1 of 1 pass""")
    suite.catches("02")


def test_a_test_that_is_wrong_itself_is_shown_with_its_line(judge):
    suite = judge("from share import share\n\ndef test_evenly():\n    assert share(10, 2) == [6, 4]\n")
    with pytest.raises(pytest.fail.Exception) as caught:
        suite.accepts("loop")
    what, expected, actual, *_ = str(caught.value).splitlines()
    assert what == "test_evenly is red on the correct implementation loop"
    assert expected == "  expected: every test of test_share.py passes"
    assert actual == "  actual:   assert [5, 5] == [6, 4]"
    assert vars(caught.value)["kata_place"] == (f"{Path(suite._folder, 'test_share.py')}:4", "")


def test_a_suite_that_is_red_on_a_right_implementation_catches_nothing(judge):
    suite = judge("from share import share\n\ndef test_evenly():\n    assert share(10, 3) == [3, 3, 4]\n")
    assert "on the correct implementation loop" in said(suite.catches, "01")


def test_tests_that_need_each_other_are_found_out_by_the_reversed_order(judge):
    suite = judge("""
        from share import share

        seen = []

        def test_first():
            seen.append(share(10, 2))

        def test_second():
            assert seen == [[5, 5]]
    """)
    assert "in reversed order" in said(suite.accepts, "loop")


@pytest.mark.parametrize("source", ["", '"""My tests."""\n\nfrom share import share\n\nHELPER = 1\n'])
def test_a_suite_without_tests_is_not_written_yet(judge, kata, source):
    suite = judge(source)
    for verdict, of in ((suite.accepts, "loop"), (suite.catches, "01"), (suite.coverage, "loop")):
        with pytest.raises(NotImplementedError) as caught:
            verdict(of)
        assert vars(caught.value)["kata_place"] == (f"{kata / 'test_share.py'}:1", "its first test")


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("x = 1\n\ndef test_it(:\n", 3, "invalid syntax"),
        ("def test_it():\nassert 1\n", 2, "expected an indented block"),
    ],
)
def test_a_suite_that_python_cannot_read_is_told_with_its_line(judge, kata, source, line, why):
    suite = judge(source)
    for verdict, of in ((suite.accepts, "loop"), (suite.catches, "01"), (suite.coverage, "loop")):
        with pytest.raises(pytest.fail.Exception, match=f"^Python cannot read line {line}: {why}") as caught:
            verdict(of)
        assert vars(caught.value)["kata_place"] == (f"{kata / 'test_share.py'}:{line}", "")


def test_a_suite_with_a_null_byte_is_told(judge):
    assert "Python cannot read" in said(judge("def test_it():\n    assert '\0'\n").accepts, "loop")


def test_a_skipped_test_is_told_with_its_line(judge):
    suite = judge("import pytest\n\n\n@pytest.mark.skip\ndef test_it():\n    assert 1\n")
    expected = r"^test_it is skipped on the correct implementation loop"
    with pytest.raises(pytest.fail.Exception, match=expected) as caught:
        suite.accepts("loop")
    assert vars(caught.value)["kata_place"][0].endswith("test_share.py:4")


def test_a_suite_that_is_gone_is_not_written_yet(judge, kata):
    suite = judge(GOOD)
    (kata / "test_share.py").unlink()
    with pytest.raises(NotImplementedError):
        suite.accepts("loop")


def test_the_suite_is_judged_as_it_stands_now(judge, kata):
    suite = judge("def test_nothing():\n    assert True\n")
    said(suite.catches, "01")
    (kata / "test_share.py").write_text(GOOD)
    suite.catches("01")


def test_other_files_of_the_learner_are_there_and_the_answers_are_not(judge, kata):
    (kata / "helper.py").write_text("HALF = [5, 5]\n")
    judge("""
        from pathlib import Path

        from helper import HALF
        from share import share

        def test_evenly():
            assert share(10, 2) == HALF

        def test_what_is_here():
            names = {path.name for path in Path(__file__).parent.iterdir()} - {"__pycache__"}
            assert names == {"share.py", "test_share.py", "helper.py"}
    """).accepts("loop")


def test_markers_of_ones_own_are_no_fault(judge):
    judge(GOOD.replace("def test_evenly", "import pytest\n@pytest.mark.slow\ndef test_evenly")).accepts("loop")


def test_classes_of_unittest_are_a_suite_as_well(judge):
    suite = judge("""
        import unittest
        from share import share

        class ShareTest(unittest.TestCase):
            def test_rest(self):
                self.assertEqual(share(10, 3), [4, 3, 3])
    """)
    assert suite.tests() == ("ShareTest::test_rest",)
    suite.catches("01")


def test_a_broken_fixture_says_no_to_an_implementation_as_well(judge):
    judge("""
        import pytest
        from share import share

        @pytest.fixture
        def parts():
            parts = share(10, 3)
            assert sum(parts) == 10
            return parts

        def test_the_first_has_most(parts):
            assert parts[0] == max(parts)
    """).catches("01")


def test_slips_are_those_of_the_tests_and_know_the_files_beside_them(judge, kata):
    (kata / "helper.py").write_text("def check(parts):\n    assert parts\n")
    suite = judge(
        "from helper import check\n\ndef test_a(m):\n    check(m)\n    m.assert_called\n\ndef test_b():\n    1\n"
    )
    assert [slip.line for slip in suite.slips()] == [5, 7]


def test_coverage_is_told_in_words(judge, kata):
    (kata / "judged/correct/loop/share.py").write_text(
        "def share(total, people):\n"
        "    if people < 1:\n"
        "        raise ValueError('nobody')\n"
        "    parts = [total // people] * people\n"
        "    if total % people:\n"
        "        parts[0] += total % people\n"
        "    return parts\n"
    )
    (kata / "judged/wrong.toml").write_text("format = 1\n")
    suite = judge("from share import share\n\ndef test_rest():\n    assert share(10, 3) == [4, 3, 3]\n")
    found = suite.coverage("loop")
    assert found.lines == ("line 3 was never run: raise ValueError('nobody')",)
    assert found.branches == (
        "line 2 -> 3 never happened: people < 1 was always false",
        "line 5 -> 7 never happened: total % people was always true",
    )


def test_coverage_of_everything_is_empty(judge):
    assert judge(GOOD).coverage("loop") == Coverage((), ())


# -- suites that mean no good ------------------------------------------------------------------------------------------

HOSTILE = {
    "endless loop": "def test_it():\n    while True:\n        pass\n",
    "endless loop that catches everything": """
        def test_it():
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
    """,
    "endless loop at import": "while True:\n    pass\n\ndef test_it():\n    assert True\n",
    "exit at import": "import sys\nsys.exit(0)\n\ndef test_it():\n    assert True\n",
    "hard exit at import": "import os\nos._exit(0)\n\ndef test_it():\n    assert True\n",
    "exit in a test": "import sys\n\ndef test_it():\n    sys.exit(0)\n",
    "hard exit in a test": "import os\n\ndef test_it():\n    os._exit(0)\n",
    "pytest.exit": "import pytest\n\ndef test_it():\n    pytest.exit('done', returncode=0)\n",
    "skip": "import pytest\n\ndef test_it():\n    pytest.skip('later')\n",
    "skip of the module": """
        import pytest
        pytest.skip('later', allow_module_level=True)

        def test_it():
            assert True
    """,
    "xfail": "import pytest\n\n@pytest.mark.xfail\ndef test_it():\n    assert False\n",
    "expected failure that passes": "import pytest\n\n@pytest.mark.xfail\ndef test_it():\n    assert True\n",
    "not Python": "def test_it(:\n",
    "import of what is not there": "from share import deal\n\ndef test_it():\n    assert deal\n",
    "environment": "import os\n\ndef test_it():\n    os.environ['LEFT'] = 'behind'\n",
    "thread": """
        import threading, time

        def test_it():
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    """,
    "network": """
        import socket

        def test_it():
            try:
                socket.create_connection(("192.0.2.1", 80), timeout=0.01)
            except OSError:
                pass
    """,
    "a file beside the tests": """
        from pathlib import Path

        def test_it():
            Path(__file__).with_name('left').touch()
    """,
    "another implementation": """
        from pathlib import Path
        import share

        def test_it():
            Path(share.__file__).write_text('def share(*_): return [5, 5]')
    """,
    "no test after all": "def test_it():\n    assert True\n\ndel test_it\n",
}
HOSTILE_ON_POSIX = {
    "segmentation fault": "import ctypes\n\ndef test_it():\n    ctypes.string_at(0)\n",
    "killed": "import os, signal\n\ndef test_it():\n    os.kill(os.getpid(), signal.SIGKILL)\n",
    "kills its group": "import os, signal\n\ndef test_it():\n    os.killpg(0, signal.SIGKILL)\n",
    "process left running": "import subprocess\n\ndef test_it():\n    subprocess.Popen(['sleep', '60'])\n",
    "a regular expression without an end": """
        import re

        def test_it():
            re.match(r"(a+)+$", "a" * 60 + "b")
    """,
    "a fork that goes on": "import os\n\ndef test_it():\n    os.fork()\n    assert os.getpid() % 1\n",
}


def rejected(suite: Suite, within: float) -> str:
    """Return what is said of a suite, which is neither accepted nor catches, in bounded time."""
    began = time.monotonic()
    message = said(suite.accepts, "loop")
    assert said(suite.catches, "01")
    assert time.monotonic() - began < within
    return message


@pytest.mark.parametrize("name", HOSTILE)
def test_no_hostile_suite_is_accepted_or_catches(judge, name):
    rejected(judge(HOSTILE[name], deadline=1.0), within=15)


@posix
@pytest.mark.parametrize("name", HOSTILE_ON_POSIX)
def test_no_hostile_suite_on_posix_is_accepted_or_catches(judge, name):
    rejected(judge(HOSTILE_ON_POSIX[name], deadline=1.0), within=15)


@linux
def test_three_gigabytes_are_refused(judge):
    message = rejected(judge("def test_it():\n    assert len(bytearray(3 * 2**30))\n"), within=30)
    assert "MemoryError" in message


def test_an_exit_on_wrong_implementations_alone_is_no_catch(judge):
    suite = judge("import os\nfrom share import share\n\ndef test_it():\n    sum(share(10, 3)) == 10 or os._exit(1)\n")
    suite.accepts("loop")
    assert "do not come to their end" in said(suite.catches, "01")


@pytest.mark.parametrize("word", ["skip", "xfail", "exit"])
def test_saying_nothing_of_a_wrong_implementation_is_no_catch(judge, word):
    suite = judge(f"""
        import pytest
        from share import share

        def test_it():
            if sum(share(10, 3)) != 10:
                pytest.{word}("no")
    """)
    suite.accepts("loop")
    said(suite.catches, "01")


def test_another_working_folder_is_put_back_by_pytest(judge):
    suite = judge(GOOD + "\ndef test_wandering():\n    import os\n    os.chdir('/')\n")
    suite.accepts("loop")
    suite.catches("01")


def test_a_flood_of_output_changes_nothing(judge):
    judge(GOOD + "\ndef test_loud():\n    print('x' * 50_000_000)\n").accepts("loop")


def test_closed_descriptors_change_nothing(judge):
    suite = judge(GOOD + "\ndef test_closing():\n    import os\n    os.closerange(3, 100)\n", deadline=2.0)
    began = time.monotonic()
    try:
        suite.accepts("loop")
    except pytest.fail.Exception:
        assert "do not come to their end" in said(suite.catches, "01")
    else:
        suite.catches("01")
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("builtin", ["open", "len", "print", "isinstance", "__import__"])
def test_a_builtin_that_stays_replaced_is_the_suites_own_trouble(judge, builtin):
    """It ends with the process; the verdict is one or the other, never a crash here."""
    suite = judge(GOOD + f"\ndef test_patch():\n    import builtins\n    builtins.{builtin} = None\n", deadline=2.0)
    try:
        suite.accepts("loop")
    except pytest.fail.Exception:
        said(suite.catches, "01")
    else:
        suite.catches("01")
    assert len([open, len, print, isinstance]) == 4


def test_nothing_is_left_when_it_is_closed(judge):
    suite = judge(GOOD, runner=None)
    before = threading.active_count()
    suite.accepts("loop")
    assert suite._crew is not None
    runner = suite._crew[0]
    suite.close()
    assert not runner._root.exists()
    assert threading.active_count() == before
    suite.close()
    suite.accepts("loop")


def test_a_runner_that_was_lent_is_left_at_work(judge, runner):
    suite = judge(GOOD)
    suite.accepts("loop")
    suite.close()
    assert runner._root.exists()
    judge(GOOD).accepts("loop")


def test_a_verdict_of_the_katas_own_names_the_learners_file(judge, kata):
    with pytest.raises(pytest.fail.Exception, match="three tests, please") as caught:
        judge(GOOD).refuse("three tests, please", 4)
    assert vars(caught.value)["kata_place"] == (f"{kata / 'test_share.py'}:4", "")


def test_an_implementation_that_is_none_of_the_correct_ones(judge):
    suite = judge(GOOD)
    suite.accepts("another", {"share.py": OTHER.encode()})
    assert "on the correct implementation another" in said(
        lambda name: suite.accepts(name, {"share.py": LOOP.replace("%", "*").encode()}), "another"
    )


# -- a judge inside a run that is judged itself, as in --kata-check ----------------------------------------------------

KATA = """\
import os

import pytest

from pytest_katas.runner import Runner
from pytest_katas.suite import Suite

SUITE = Suite(__file__, "test_share.py")

@pytest.fixture(scope="module", autouse=True)
def closed():
    yield
    SUITE.close()

@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("name", SUITE.correct)
def test_accepts(name):
    print("to standard output")
    os.write(1, b"and to its descriptor")
    SUITE.accepts(name)

@pytest.mark.parametrize("number", SUITE.wrong())
def test_catches(number):
    SUITE.catches(number)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("fork", [True, False])
@pytest.mark.parametrize(
    ("source", "outcomes"),
    [
        (GOOD, ["passed"] * 4),
        (GOOD.replace("4, 3, 3", "3, 3, 4"), ["failed"] * 4),
        (GOOD.partition("def test_the_rest")[0], ["passed", "passed", "failed", "passed"]),
        ("import os\nos._exit(0)\n\ndef test_it():\n    assert True\n", ["failed"] * 4),
        ("", ["unwritten"] * 4),
    ],
)
def test_a_judge_may_be_judged_and_leaves_no_process_behind(kata, fork, source, outcomes):
    (kata / "test_share.py").write_text(source)
    (kata / "test_kata.py").write_text(KATA)
    (kata / "conftest.py").unlink()
    with Runner(fork=fork) as runner:
        for _ in range(2):
            run = runner.run(kata, folder="katas/share", ignore=["test_share.py"])
            assert [str(finding.outcome) for finding in run.tests.values()] == outcomes
            assert (run.problems, run.died, run.trespasses) == ((), "", ())

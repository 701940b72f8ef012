"""A kata in which the learner writes the tests: what a session does with their file, and what it says."""

from __future__ import annotations

import pytest

BOTH = pytest.mark.parametrize("mode", ["plain", "xdist"])

KATA = """
format = 1
title = "Fair shares"
question = "Who gets the rest?"
summary = "Test a function you do not write."
concepts = ["tests"]
difficulty = 1
minutes = 1
stubs = ["test_share.py"]

[[task]]
title = "right ones"
kind = "suite"
tests = 2
writes = ["test_share.py"]
hints = ["one", "two", "three"]

[[task]]
title = "wrong ones"
kind = "suite"
tests = 1
writes = ["test_share.py"]
hints = ["one", "two", "three"]
"""
JUDGE = """
import pytest

from pytest_katas.suite import Suite

SUITE = Suite(__file__, "test_share.py")


@pytest.fixture(scope="module", autouse=True)
def closed():
    yield
    SUITE.close()


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("name", SUITE.correct)
def test_accepts(name):
    SUITE.accepts(name)


@pytest.mark.parametrize("number", SUITE.wrong())
def test_catches(number):
    SUITE.catches(number)
"""
WRONG = """
format = 1

[[wrong]]
name = "loses_the_rest"
why = "Whole numbers forget what is left over."
idea = "What if it cannot be shared evenly?"
task = 2
find = "    parts[0] += total % people\\n"
replace = ""
"""
RIGHT = """
def share(total, people):
    parts = [total // people] * people
    parts[0] += total % people
    return parts
"""
OTHER = """
def share(total, people):
    return [total // people + total % people] + [total // people] * (people - 1)
"""
EVEN = "from share import share\n\n\ndef test_even():\n    assert share(10, 2) == [5, 5]\n"
REST = EVEN + "\n\ndef test_rest():\n    assert share(10, 3) == [4, 3, 3]\n"


@pytest.fixture
def suite(desk):
    """Put the kata ``sums`` aside for one with a suite; return what writes the learner's tests and runs pytest."""
    desk.add_kata(toml=KATA, tests=JUDGE)
    desk.file("katas/sums/share.py", "def share(total, people):\n    raise NotImplementedError\n")
    desk.file("katas/sums/judged/wrong.toml", WRONG)
    desk.file("katas/sums/judged/correct/a/share.py", RIGHT)
    desk.file("katas/sums/judged/correct/b/share.py", OTHER)

    def run(text, *args):
        desk.write(text, path="katas/sums/test_share.py")
        return desk.run(*args)

    return run


@BOTH
def test_from_nothing_to_green(suite):
    empty = suite('"""My tests."""\n', "--kata-all")
    assert empty.outcomes == {
        "test_accepts[a]": "unwritten",
        "test_accepts[b]": "unwritten",
        "test_catches[01]": "unwritten",
    }
    assert suite(EVEN).outcomes == {
        "test_accepts[a]": "passed",
        "test_accepts[b]": "passed",
        "test_catches[01]": "failed",
    }
    done = suite(REST)
    assert (done.ret, done.light) == (0, "green")


def test_what_to_do_next_is_in_the_learners_file(suite):
    where = "next: katas/sums/test_share.py:"
    assert f"{where}1 its first test is not written yet" in suite('"""My tests."""\n').out
    assert f"{where}5 test_even is red on the correct implementation" in suite(EVEN.replace("5, 5", "5, 6")).out
    missing = suite(EVEN).out
    assert f"{where[:-1]} no test is red on wrong implementation 01: What" in missing
    assert "no test is red on wrong implementation 01: What if it cannot be shared evenly?" in missing
    assert "Whole numbers forget" not in missing


def test_what_the_kata_says_of_a_suite_itself_leads_to_the_suite(suite, desk):
    desk.add_kata(toml=KATA, tests=JUDGE.replace("    SUITE.accepts(name)", "    pytest.fail('three tests, please')"))
    assert "next: katas/sums/test_share.py three tests, please" in suite(EVEN).out


@BOTH
@pytest.mark.parametrize(
    "text",
    ["raise SystemExit(0)\n", "import os\nos._exit(0)\n", "def test_it(:\n", "import pytest\npytest.exit('x')\n"],
)
def test_a_suite_that_ends_its_process_ends_no_session(text, suite):
    ran = suite(f"{text}\n\ndef test_it():\n    assert True\n", "--kata-all")
    assert (ran.ret, ran.light) == (1, "red")
    assert set(ran.outcomes.values()) == {"failed"}


@BOTH
@pytest.mark.parametrize("arg", ["katas/sums/test_share.py", "katas/sums/test_share.py::test_even"])
def test_the_suite_is_not_run_by_name(arg, suite, desk):
    suite(EVEN)
    ran = desk.call(arg)
    assert ran.ret == 4
    assert (
        "test_share.py is not run by itself but judged, on right and on wrong implementations; run: pytest katas/sums"
        in ran.err
    )
    assert ran.events == []


def test_a_file_of_tests_that_is_no_suite_is_run_by_name(desk):
    ran = desk.solve().run("katas/sums/test_sums.py")
    assert (ran.ret, ran.light) == (0, "green")


def test_the_solution_of_a_suite_is_shown_once(suite, desk):
    suite(REST)
    desk.file("solutions/sums/test_share.py", REST + "\n# the reference\n")
    desk.file("solutions/sums/DEBRIEF.md", "Who gets it?\n")
    shown = desk.run("--kata-solution").out
    assert shown.count("# the reference") == 1
    assert shown.index("task 1 of 2") < shown.index("# the reference") < shown.index("task 2 of 2")

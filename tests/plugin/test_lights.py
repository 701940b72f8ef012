"""Red, amber, green and none, as sessions say it: on the terminal and in the record."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

NAME = "test_sums.py::test_negate"
MARKER = "@pytest.mark.task(taskno=3)\n"
NEGATE = MARKER + "def test_negate():\n"
FIXTURE = "@pytest.fixture\ndef broken():\n{}\n\n\n" + MARKER + "def test_negate(broken):\n"


@dataclass(frozen=True)
class Case:
    """A state of a kata, and the light that every run of all its tests must show.

    :ivar file: the whole of the learner's file, or None for the solution with ``bodies`` in it.
    :ivar tests: what replaces the head of the test of task 3.
    :ivar negate: the outcome of that test, or None where it has none.
    """

    light: str
    negate: str | None
    file: str | None = None
    body: str = "return -n"
    tests: str = NEGATE
    ret: int = 1


CASES = {
    "solved": Case("green", "passed", ret=0),
    "unwritten": Case("red", "unwritten", body="raise NotImplementedError"),
    "wrong": Case("red", "failed", body="return n"),
    "raises": Case("red", "failed", body="return n.nothing"),
    "system_exit": Case("red", "failed", body="raise SystemExit(0)"),
    "skip_mark": Case("-", "skipped", tests="@pytest.mark.skip\n" + NEGATE, ret=0),
    "skipif_mark": Case("-", "skipped", tests="@pytest.mark.skipif(True, reason='not today')\n" + NEGATE, ret=0),
    "skipped": Case("-", "skipped", body="import pytest\npytest.skip()", ret=0),
    "unittest_skip": Case("-", "skipped", body="import unittest\nraise unittest.SkipTest", ret=0),
    "importorskip": Case("-", "skipped", body="import pytest\npytest.importorskip('no_such_module')", ret=0),
    "xfail_called": Case("-", "xfailed", body="import pytest\npytest.xfail()", ret=0),
    "xfailed": Case("-", "xfailed", body="return n", tests="@pytest.mark.xfail\n" + NEGATE, ret=0),
    "xpassed": Case("-", "xpassed", tests="@pytest.mark.xfail\n" + NEGATE, ret=0),
    "strict_xpass": Case("red", "failed", tests="@pytest.mark.xfail(strict=True)\n" + NEGATE),
    "no_such_test": Case("-", None, tests=MARKER + "def negate_is_no_test_any_more():\n", ret=0),
    "other_task": Case("-", "passed", tests=NEGATE.replace("3", "2"), ret=0),
    "no_task": Case("-", "passed", tests="def test_negate():\n", ret=0),
    "odd_task": Case("-", "passed", tests=NEGATE.replace("3", "'three'"), ret=0),
    "one_more": Case("green", "passed", tests="def test_of_no_task():\n    assert False\n\n\n" + NEGATE),
    "fixture": Case("amber", "error", tests=FIXTURE.format("    1 / 0")),
    "fixture_after": Case("amber", "error", tests=FIXTURE.format("    yield\n    1 / 0")),
    "unwritten_fixture": Case("amber", "error", tests=FIXTURE.format("    raise NotImplementedError")),
    "no_fixture": Case("amber", "error", tests=MARKER + "def test_negate(no_such_fixture):\n"),
    "emptied": Case("amber", None, file=""),
    "syntax": Case("amber", None, file="def double(n)\n"),
    "tabs": Case("amber", None, file="def double(n):\n        return n\n\treturn n\n"),
    "null": Case("amber", None, file="\0"),
    "no_module": Case("amber", None, file="import no_such_module\n"),
    "error": Case("amber", None, file="1 / 0\n"),
    "unwritten_file": Case("amber", None, file="raise NotImplementedError\n"),
    "exits": Case("amber", None, file="raise SystemExit(0)\n"),
    "exits_sys": Case("amber", None, file="import sys\nsys.exit()\n"),
    "skips_all": Case("-", None, file="import pytest\npytest.skip(allow_module_level=True)\n", ret=5),
}


def lay(desk, case: Case) -> None:
    desk.tests(NEGATE, case.tests)
    if case.file is None:
        desk.solve(negate=case.body)
    else:
        desk.write(case.file)


@pytest.mark.parametrize("name", CASES)
def test_the_light_of(name, desk):
    case = CASES[name]
    lay(desk, case)
    ran = desk.run()
    assert (ran.light, ran.ret) == (case.light, case.ret)
    assert ran.outcomes.get("test_negate") == case.negate
    assert ("sums is green" in ran.out) == (case.light == "green")
    assert "INTERNALERROR" not in ran.out


@pytest.mark.parametrize("mode", ["plain", "xdist"])
def test_the_lights_of_many_katas_in_one_run(desk):
    """No kata's trouble reaches another one, and workers tell as much as a single process does."""
    for name, case in CASES.items():
        lay(desk, case)
        desk.kata.rename(desk.path / "katas" / name)
        desk.add_kata()
    for name in CASES:
        desk.file(f"katas/{name}/kata.toml", (desk.kata / "kata.toml").read_text(encoding="utf-8"))
    desk.add_kata().solve()
    ran = desk.run("katas", "--kata-all")
    assert ran.light == "green"
    attempts = {name: desk.log(slug=name)[-1] for name in CASES}
    assert {name: attempt["light"] for name, attempt in attempts.items()} == {
        name: case.light for name, case in CASES.items()
    }
    outcomes = {
        name: next((tests[NAME] for tests in attempt["tests"].values() if NAME in tests), None)
        for name, attempt in attempts.items()
    }
    assert outcomes == {name: case.negate for name, case in CASES.items()}


def test_a_syntax_error_names_file_and_line_in_plain_words(desk):
    ran = desk.write("def double(n):\n    return n * 2\n\ndef halve(n)\n    return n\n").run()
    assert "next: katas/sums/sums.py:4 Python cannot read this line: expected ':'" in ran.out
    assert ran.attempt["why"] == "a test file could not be collected"


@pytest.mark.parametrize("mode", ["xdist"])
def test_two_workers_do_not_say_it_twice(desk):
    ran = desk.write("1 / 0\n").run()
    assert ran.out.count("the tests could not run") == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "katas/sums/sums.py has no double, which the tests import"),
        ("import no_such_module\n", "katas/sums/sums.py:1 ModuleNotFoundError: No module named 'no_such_module'"),
        ("def double(n): ...\n\n1 / 0\n", "katas/sums/sums.py:3 ZeroDivisionError: division by zero"),
        ("raise SystemExit(0)\n", "katas/sums/sums.py:1 SystemExit: 0"),
        ("raise SystemExit\n", "katas/sums/sums.py:1 SystemExit"),
    ],
)
def test_a_file_that_cannot_be_imported_is_told_where_it_broke(desk, text, says):
    assert f"the tests could not run next: {says}" in " ".join(desk.write(text).run().out.split())


def test_a_missing_file_is_amber(desk):
    desk.stub.unlink()
    ran = desk.run()
    assert ran.light == "amber"
    assert ran.attempt["files"] == {"sums.py": {"missing": True}}
    assert desk.write().run("--kata-all").light == "red"


def test_bytes_that_are_no_text_are_amber_and_kept(desk):
    desk.stub.write_bytes(b"# \xff\n")
    ran = desk.run()
    assert ran.light == "amber"
    kept = desk.path / ".katas/ada/files" / ran.attempt["files"]["sums.py"]["sha256"]
    assert kept.read_bytes() == b"# \xff\n"


@pytest.mark.parametrize("mode", ["plain", "xdist"])
def test_a_broken_conftest_of_the_kata_is_amber(desk):
    desk.file("katas/sums/conftest.py", "1 / 0\n").solve()
    ran = desk.run("katas")
    assert (ran.ret, ran.light) == (1, "amber")
    assert "the tests could not run\nnext: katas/sums/conftest.py:1 ZeroDivisionError: division by zero" in ran.out


@pytest.mark.parametrize(
    ("args", "bodies", "light", "why"),
    [
        (["-k", "double"], {}, "-", "-k"),
        (["-m", "task"], {}, "green", None),
        (["-k", "double"], {"double": "return n"}, "red", "-k"),
        (["-k", "no_such_test"], {}, "-", "-k"),
        (["katas/sums/test_sums.py::test_negate"], {}, "-", "a test was named"),
        (["katas/sums/test_sums.py::test_negate"], {"negate": "return n"}, "red", "a test was named"),
        (["katas/sums/test_sums.py"], {}, "green", None),
        (["--deselect", "katas/sums/test_sums.py::test_negate"], {}, "-", "--deselect"),
        (["-x"], {"double": "return n"}, "red", "-x or --maxfail"),
        (["-x"], {}, "green", None),
        ([], {"double": "return n"}, "red", "later tasks are locked"),
        ([], {"negate": "return n"}, "red", None),
        (["--kata-all"], {"double": "return n"}, "red", None),
    ],
)
def test_a_part_of_the_tests_is_never_green_and_the_record_says_why(desk, args, bodies, light, why):
    ran = desk.solve(**bodies).run(*args)
    assert (ran.light, ran.attempt["why"]) == (light, why)
    assert ran.attempt["complete"] is (why is None)


def test_all_tests_named_one_by_one_are_complete(desk):
    ran = desk.solve().run(
        *(f"katas/sums/test_sums.py::{name}" for name in ("test_double", "TestHalve", "test_negate"))
    )
    assert (ran.light, ran.attempt["why"]) == ("green", None)


@pytest.mark.parametrize("mode", ["plain", "xdist"])
def test_from_red_through_amber_to_green(desk):
    assert desk.run("--kata-all").light == "red"
    assert desk.write("oops(").run().light == "amber"
    assert desk.solve("double").run("--kata-all").light == "red"
    ran = desk.solve().run()
    assert "attempts: rarg" in ran.out
    progress = desk.progress()
    assert (progress.strip, progress.status, progress.cycles) == ("rarg", "solved", 1)


def test_green_once_and_red_again_is_regressed(desk):
    desk.solve().run()
    ran = desk.solve("double").run()
    assert ran.light == "red"
    assert "sums was green before" in ran.out
    assert desk.progress().status == "regressed"
    ran = desk.solve().run()
    assert "was green before" not in ran.out
    assert desk.progress().status == "solved"


def test_a_part_that_passes_says_nothing_about_the_whole(desk):
    desk.solve("double").run()
    desk.run("-k", "double")
    assert desk.progress().light == "red"
    desk.solve().run()
    desk.run("-k", "double")
    progress = desk.progress()
    assert (progress.status, progress.light) == ("solved", "green")


def test_the_last_failed_alone_turn_nothing_green(desk):
    desk.solve("double", "halve").run()
    ran = desk.solve().run("--lf")
    assert (ran.ret, ran.light, ran.attempt["why"]) == (0, "-", "--lf")
    assert desk.run("--lf").light == "green", "nothing failed last, so all of it ran"

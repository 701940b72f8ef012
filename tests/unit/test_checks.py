from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_katas.catalogue import Kata, read_kata
from pytest_katas.checks import check, check_all, plan, pristine
from pytest_katas.problem import Problem
from pytest_katas.runner import Run, Runner

STUB = '''\
"""Sums."""


def double(number):
    raise NotImplementedError


def halve(number):
    raise NotImplementedError
'''
SOLUTION = '''\
"""Sums."""


def double(number):
    return 2 * number


def halve(number):
    return number // 2
'''
TESTS = """\
import pytest

from . import sums


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("number", [0, 3])
def test_double(number):
    assert sums.double(number) == number * 2


@pytest.mark.task(taskno=2)
def test_halve():
    assert sums.halve(7) == 3
"""
KATA = """\
format = 1
title = "Sums"
question = "What is a sum?"
summary = "Double and halve."
concepts = ["sums"]
difficulty = 1
minutes = 5
stubs = ["sums.py"]

[[task]]
title = "double"
tests = 2
writes = ["double"]
hints = ["one", "two", "three"]

[[task]]
title = "halve"
tests = 1
writes = ["halve"]
hints = ["one", "two", "three"]
"""
WRONG = """\
format = 1

[[wrong]]
name = "squared"
why = "Takes twice for squared."
task = 1
find = "2 * number"
replace = "number * number"

[[wrong]]
name = "fraction"
why = "Takes / for //."
task = 2
find = "number // 2"
replace = "number / 2"
"""


class Track:
    """A track of one tiny kata that keeps every rule, to be spoilt."""

    def __init__(self, root: Path, slug: str = "sums") -> None:
        self.solutions = root / "solutions"
        self.desk = root / "katas" / slug
        self.book = self.solutions / slug
        for path, text in {
            self.desk / "kata.toml": KATA,
            self.desk / "README.md": "# Sums\n\n## Task 1: Double\n\n## 2. halve\n",
            self.desk / "sums.py": STUB,
            self.desk / "test_sums.py": TESTS,
            self.book / "sums.py": SOLUTION,
            self.book / "stub" / "sums.py": STUB,
            self.book / "also" / "shift" / "sums.py": SOLUTION.replace("number // 2", "number >> 1"),
            self.book / "wrong.toml": WRONG,
            self.book / "DEBRIEF.md": "# Sums\n",
        }.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    @property
    def kata(self) -> Kata:
        return read_kata(self.desk)

    def change(self, path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def add_test(self, *lines: str, task: str = "taskno=2", counted: bool = True) -> None:
        body = "\n    ".join(lines)
        with (self.desk / "test_sums.py").open("a", encoding="utf-8") as file:
            file.write(f"\n\n@pytest.mark.task({task})\ndef test_added(tmp_path):\n    {body}\n")
        if counted:
            self.change(self.desk / "kata.toml", "tests = 1", "tests = 2")


@pytest.fixture
def track(tmp_path: Path) -> Track:
    return Track(tmp_path)


@pytest.fixture(autouse=True)
def few_wrong(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pytest_katas.checks.FEWEST_WRONG", 2)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner(2) as runner:
        yield runner


@pytest.fixture
def proven(track: Track, runner: Runner) -> Callable[[], list[tuple[int, str, str]]]:
    def prove() -> list[tuple[int, str, str]]:
        return [
            (problem.rule, problem.expected, problem.happened) for problem in check(track.kata, track.solutions, runner)
        ]

    return prove


def planned(track: Track) -> list[tuple[int, str, str]]:
    """Return the problems that are plain without a run."""
    return [
        (problem.rule, problem.expected, problem.happened) for problem in plan(track.kata, track.solutions).problems
    ]


Proven = Callable[[], list[tuple[int, str, str]]]


def test_a_kata_that_keeps_every_rule_has_no_problem(proven: Proven):
    assert proven() == []


def test_what_a_learner_has_written_makes_no_difference(track: Track, proven: Proven):
    (track.desk / "sums.py").write_text("half done", encoding="utf-8")
    assert proven() == []


def test_every_trial_is_reported_as_it_is_done(track: Track, runner: Runner):
    told: list[tuple[int, int, str]] = []
    check(track.kata, track.solutions, runner, lambda *progress: told.append(progress))
    assert [(done, of) for done, of, _ in told] == [(number, 7) for number in range(1, 8)]
    assert {name for _, _, name in told} == {
        "sums: stub",
        "sums: solution",
        "sums: solution, reversed",
        "sums: also/shift",
        "sums: wrong: squared",
        "sums: wrong: fraction",
        "sums: tasks up to 1",
    }


def test_the_same_files_are_tried_once(track: Track, runner: Runner):
    """Where a task writes only what the one before has begun, half a solution is the whole of it."""
    track.change(track.desk / "kata.toml", 'writes = ["halve"]', 'writes = ["double"]')
    seen: list[str] = []
    check(track.kata, track.solutions, runner, progress=lambda _done, _of, name: seen.append(name))
    trials = plan(track.kata, track.solutions).trials
    assert {trial.name for trial in trials} - {name.removeprefix("sums: ") for name in seen} == {"tasks up to 1"}


def test_the_problems_of_many_katas_come_in_their_order(tmp_path: Path):
    tracks = [Track(tmp_path, slug) for slug in ("zebra", "ant")]
    for track in tracks:
        (track.book / "DEBRIEF.md").unlink()
        track.change(track.book / "sums.py", "number // 2", "number // 3")
    told: list[str] = []
    problems = check_all(
        [track.kata for track in tracks],
        tracks[0].solutions,
        jobs=2,
        progress=lambda *progress: told.append(progress[2]),
    )
    assert [(problem.kata, problem.rule) for problem in problems] == [
        (slug, rule) for slug in ("zebra", "ant") for rule in (0, 2, 2, 3)
    ]
    assert len(told) == 12


def test_a_check_that_is_broken_off_begins_nothing_more(track: Track, runner: Runner):
    told: list[str] = []

    def interrupt(_done: int, _of: int, name: str) -> None:
        told.append(name)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(track.kata, track.solutions, runner, interrupt)
    assert len(told) == 1


# ---- rules 1, 2, 4, 6, 7: what runs show -----------------------------------------------------------------------------


def test_rule_1_a_test_that_is_green_on_the_stub(track: Track, proven: Proven):
    track.add_test("assert sums")
    assert proven() == [
        (1, "test_sums.py::test_added to be red on the stub, in its call", "it was passed"),
        (
            7,
            "test_sums.py::test_added, of task 2, to be red with the tasks up to 1 solved and no other",
            "it was passed",
        ),
    ]


def test_rule_1_a_fixture_that_calls_the_stub(track: Track, proven: Proven):
    track.change(track.desk / "test_sums.py", "def test_halve():", "def test_halve(half):")
    track.change(track.desk / "test_sums.py", "sums.halve(7) == 3", "half == 3")
    with (track.desk / "test_sums.py").open("a", encoding="utf-8") as file:
        file.write("\n\n@pytest.fixture\ndef half():\n    return sums.halve(7)\n")
    problems = proven()
    assert problems[0] == (
        1,
        "test_sums.py::test_halve to be red on the stub, in its call",
        "it was error in its setup: NotImplementedError",
    )
    # The wrong solution's number is no error of the fixture, so rule 3 holds; the chain does not.
    assert [rule for rule, _, _ in problems] == [1, 7]


def test_rule_1_a_stub_that_does_not_import(track: Track, proven: Proven):
    (track.book / "stub" / "sums.py").write_text("import no_such_module\n" + STUB, encoding="utf-8")
    (rule, expected, happened), *others = proven()
    assert (rule, expected) == (1, "the stub to import and its tests to run")
    assert "No module named 'no_such_module'" in happened
    assert [rule for rule, _, _ in others] == [7]


def test_rule_2_a_solution_that_is_not_green(track: Track, proven: Proven):
    track.add_test("assert sums.halve(9) == 5")
    assert [(rule, expected) for rule, expected, _ in proven()] == [
        (2, "test_sums.py::test_added to pass on the solution"),
        (2, "test_sums.py::test_added to pass on the solution, in reversed order"),
        (4, "test_sums.py::test_added to pass on also/shift"),
    ]


def test_rule_2_tests_that_lean_on_the_ones_before_them(track: Track, proven: Proven):
    track.change(track.desk / "test_sums.py", "    assert sums.double", "    SEEN.append(1)\n    assert sums.double")
    track.change(track.desk / "test_sums.py", "sums.halve(7) == 3", "sums.halve(len(SEEN) + 5) == 3")
    track.change(track.desk / "test_sums.py", "import sums\n", "import sums\n\nSEEN = []\n")
    (problem,) = proven()
    assert problem[:2] == (2, "test_sums.py::test_halve to pass on the solution, in reversed order")


def test_rule_4_a_test_that_rejects_another_right_solution(track: Track, proven: Proven):
    track.add_test("import inspect", "sums.halve(1)", "assert '//' in inspect.getsource(sums.halve)")
    (problem,) = proven()
    assert problem[:2] == (4, "test_sums.py::test_added to pass on also/shift")


def test_rule_6_a_test_that_writes_beside_tmp_path(track: Track, proven: Proven):
    track.add_test("sums.halve(1)", "(tmp_path / 'a').touch()", "open('a', 'w').close()")
    (problem,) = proven()
    assert (problem[0], problem[2]) == (6, "test_sums.py::test_added wrote a (open)")


def test_rule_6_a_test_that_takes_long(proven: Proven, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pytest_katas.rules.LONGEST_RUN", 0.0)
    (problem,) = proven()
    assert problem[:2] == (6, "a run of less than 0 s")


def test_rule_6_a_run_that_was_slow_beside_others_is_timed_once_more(track: Track, runner: Runner):
    class Hurried:
        size = 1
        runs = 0

        def run(self, files: Mapping[str, bytes], **options: Any) -> Run:
            """Take an hour for each of the first runs, as many as the check asks for at once."""
            self.runs += 1
            run = runner.run(files, **options)
            return run if self.runs > trials else replace(run, seconds=3600.0)

    trials = len(plan(track.kata, track.solutions).trials)
    hurried = Hurried()
    assert check(track.kata, track.solutions, hurried) == []  # type: ignore[arg-type]  # what is used of a Runner
    assert hurried.runs == trials + 2


def test_rule_7_a_task_that_the_one_before_makes_green(track: Track, proven: Proven):
    for book in (track.book, track.book / "also" / "shift"):
        track.change(book / "sums.py", "def halve", "def _unused(): ...\n\n\ndef halve")
    track.change(track.desk / "test_sums.py", "assert sums.halve(7) == 3", "assert sums.double(sums.double(1)) == 4")
    track.change(
        track.book / "wrong.toml", 'number // 2"\nreplace = "number / 2"', '2 * number"\nreplace = "2 + number"'
    )
    (problem,) = proven()
    assert problem == (
        7,
        "test_sums.py::test_halve, of task 2, to be red with the tasks up to 1 solved and no other",
        "it was passed",
    )


def test_rule_7_a_task_that_needs_a_later_one(track: Track, proven: Proven):
    for book in (track.book, track.book / "also" / "shift"):
        track.change(book / "sums.py", "return 2 * number", "return 2 * halve(2 * number)")
    problems = proven()
    assert {(rule, happened) for rule, _, happened in problems} == {(7, "it was unwritten: NotImplementedError")}


def test_rule_7_a_guard_may_be_green_as_its_task_opens(track: Track, proven: Proven):
    track.add_test("assert sums.double(sums.double(1)) == 4", task="taskno=2, guard=True")
    assert proven() == []


# ---- rule 3 ---------------------------------------------------------------------------------------------------------


def test_rule_3_a_wrong_solution_that_survives(track: Track, proven: Proven):
    track.change(track.book / "wrong.toml", 'replace = "number / 2"', 'replace = "(number - number % 2) // 2"')
    assert proven() == [(3, "a test of task 2 to catch the wrong solution fraction", "no test does")]


def test_rule_3_a_wrong_solution_that_another_task_catches(track: Track, proven: Proven):
    track.change(track.book / "wrong.toml", "task = 1", "task = 2")
    assert proven() == [(3, "a test of task 2 to catch the wrong solution squared", "only tests of task 1 do")]


def test_rule_3_a_wrong_solution_that_does_not_import(track: Track, proven: Proven):
    track.change(track.book / "wrong.toml", 'replace = "number / 2"', 'replace = "("')
    ((rule, expected, happened),) = proven()
    assert (rule, expected) == (3, "a test of task 2 to catch the wrong solution fraction")
    assert happened.startswith("test_sums.py could not be collected: SyntaxError")


@pytest.mark.parametrize(
    ("old", "new", "expected", "happened"),
    [
        ("number // 2", "number", "ONCE sums.py has once", "the text to find is there 4 times"),
        ("number // 2", "nowhere", "ONCE sums.py has once", "the text to find is there 0 times"),
        ("task = 2", 'task = 2\nfile = "b.py"', "ONCE b.py has once", "the text to find is there 0 times"),
        ("task = 2", "task = 3", "the wrong solution fraction to belong to a task", "there is no task 3"),
        ("fraction", "squared", "the wrong solution squared to have a name of its own", "another has it too"),
        (
            "number / 2",
            "number // 2",
            "the wrong solution fraction to differ from every other",
            "it is the same as the solution",
        ),
        (
            "fraction",
            "Fraction",
            "a wrong.toml as its JSON Schema says",
            "wrong[1].name: 'Fraction' does not match '^[a-z][a-z0-9]*(_[a-z0-9]+)*$'",
        ),
        (
            "why",
            "way",
            "a wrong.toml that can be used",
            "TOML, wrong solution 1: unknown key 'way'; did you mean 'why'? If not, take it out",
        ),
    ],
    ids=["many", "none", "file", "task", "name", "same", "schema", "key"],
)
def test_rule_3_a_wrong_toml_that_is_wrong_itself(track: Track, old: str, new: str, expected: str, happened: str):
    toml = track.book / "wrong.toml"
    track.change(toml, old, new)
    expected = expected.replace("ONCE", "the wrong solution fraction to replace a text that")
    assert planned(track) == [(3, expected, happened.replace("TOML", str(toml)))]


def test_rule_3_two_of_the_same_content(track: Track):
    with (track.book / "wrong.toml").open("a", encoding="utf-8") as file:
        file.write(
            WRONG.partition("[[wrong]]")[2]
            .partition("[[wrong]]")[0]
            .join(("\n[[wrong]]", ""))
            .replace("squared", "again")
        )
    assert planned(track) == [(3, "the wrong solution again to differ from every other", "it is the same as squared")]


def test_rule_3_too_few(track: Track, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    assert planned(track) == [(3, "at least 12 wrong solutions in wrong.toml", "it has 2")]


# ---- what is plain without a run ------------------------------------------------------------------------------------


def test_rule_4_no_other_right_solution(track: Track):
    (track.book / "also" / "shift" / "sums.py").unlink()
    (track.book / "also" / "shift").rmdir()
    assert planned(track) == [(4, "another right solution in solutions/sums/also/<name>", "there is none")]


def test_rule_4_another_that_is_the_same(track: Track):
    (track.book / "also" / "shift" / "sums.py").write_text(SOLUTION + "\n# mine\n", encoding="utf-8")
    assert planned(track) == [(4, "also/shift to be written in another way", "it is the solution's code")]


def test_rule_4_another_that_is_not_python(track: Track):
    (track.book / "also" / "shift" / "sums.py").write_text("def", encoding="utf-8")
    ((rule, expected, happened),) = planned(track)
    assert (rule, expected) == (4, "also/shift to be Python")
    assert happened.startswith("it is not Python: invalid syntax")


@pytest.mark.parametrize(
    "text", ["# Sums\n## double\n", "# Double\n```\n# halve\n```\n", "# Double\nhalve\n====\n"[:-5]]
)
def test_rule_5_a_task_without_a_heading(track: Track, text: str):
    (track.desk / "README.md").write_text(text, encoding="utf-8")
    assert planned(track) == [(5, "a heading in README.md with the title 'halve'", "there is none")]


def test_rule_5_no_readme(track: Track):
    (track.desk / "README.md").unlink()
    assert planned(track) == [
        (5, f"a heading in README.md with the title {title!r}", "there is none") for title in ("double", "halve")
    ]


def test_rule_5_not_three_hints(track: Track):
    track.change(
        track.desk / "kata.toml",
        'writes = ["halve"]\nhints = ["one", "two", "three"]',
        'writes = ["halve"]\nhints = ["one"]',
    )
    assert planned(track) == [(5, "a kata.toml as its JSON Schema says", "task[1].hints: ['one'] is too short")]


def test_rule_5_another_number_of_tests(track: Track, proven: Proven):
    track.add_test("assert sums.halve(1) == 0", counted=False)
    assert proven() == [(5, "1 tests in task 2, as kata.toml says", "2 ran")]


def test_rule_5_a_test_of_no_task(track: Track, proven: Proven):
    track.add_test("assert sums.halve(1) == 0", task="taskno=7", counted=False)
    assert proven() == [
        (5, "test_sums.py::test_added to belong to a task by @pytest.mark.task(taskno=N)", "its marker names task 7")
    ]


def test_rule_7_a_name_that_the_solution_does_not_have(track: Track):
    track.change(track.desk / "kata.toml", 'writes = ["halve"]', 'writes = ["halve", "third"]')
    assert planned(track) == [(7, "the solution to define third, as task 2 says", "it does not")]


def test_rule_7_a_solution_that_is_not_python(track: Track):
    (track.book / "stub" / "sums.py").write_text("def", encoding="utf-8")
    ((rule, expected, _),) = planned(track)
    assert (rule, expected) == (7, "the stub and the solution to be Python")


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("DEBRIEF.md", "a file solutions/sums/DEBRIEF.md"),
        ("stub/sums.py", "a file solutions/sums/stub/sums.py"),
        ("sums.py", "a file solutions/sums/sums.py"),
    ],
)
def test_a_book_with_a_file_missing(track: Track, missing: str, expected: str):
    (track.book / missing).unlink()
    assert planned(track) == [(0, expected, "there is none")]


def test_without_a_solution_there_is_nothing_to_try(track: Track, proven: Proven):
    (track.book / "sums.py").unlink()
    assert plan(track.kata, track.solutions).trials == ()
    assert [rule for rule, _, _ in proven()] == [0]


def test_a_kata_without_tests(track: Track):
    (track.desk / "test_sums.py").unlink()
    assert planned(track) == [(0, "test files, test_*.py, beside kata.toml", "there is none")]


def test_a_package_file_in_a_kata(track: Track):
    (track.desk / "deep").mkdir()
    (track.desk / "deep" / "__init__.py").touch()
    ((rule, expected, _),) = planned(track)
    assert (rule, expected) == (0, "no deep/__init__.py")


def test_a_kata_that_requires_one_that_is_not_there(track: Track):
    track.change(track.desk / "kata.toml", "minutes = 5", 'minutes = 5\nrequires = ["tdd", "sums"]')
    assert planned(track) == [(0, "requires to name katas of this track", "there is no kata 'tdd'")]


def test_a_kata_toml_beyond_what_a_run_checks(track: Track):
    track.change(track.desk / "kata.toml", "difficulty = 1", "difficulty = 11")
    assert planned(track) == [
        (0, "a kata.toml as its JSON Schema says", "difficulty: 11 is greater than the maximum of 10")
    ]


def test_a_task_that_cannot_run_here_is_not_tried(track: Track, proven: Proven, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pytest_katas.catalogue._has", lambda _need: False)
    track.change(track.desk / "kata.toml", 'writes = ["halve"]', 'writes = ["halve"]\nneeds = ["bash"]')
    track.change(
        track.desk / "test_sums.py", "    assert sums.halve", "    pytest.skip('no bash')\n    assert sums.halve"
    )
    assert proven() == []
    names = [trial.name for trial in plan(track.kata, track.solutions).trials]
    assert names == ["stub", "solution", "solution, reversed", "also/shift", "wrong: squared"]


def test_upstream_the_desk_is_as_shipped(track: Track):
    assert pristine(track.kata, track.solutions) == []
    (track.desk / "sums.py").write_text(SOLUTION, encoding="utf-8")
    expected = [Problem("sums", 0, "sums.py to be as in solutions/sums/stub", "it differs")]
    assert pristine(track.kata, track.solutions) == expected
    (track.desk / "sums.py").unlink()
    assert pristine(track.kata, track.solutions) == expected


@pytest.mark.parametrize("name", ["kata-1.json", "wrong-1.json"])
def test_a_schema_is_one_itself(name: str):
    schema = json.loads((files("pytest_katas") / "schemas" / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    text = {"kata-1.json": KATA, "wrong-1.json": WRONG}[name]
    jsonschema.validate(tomllib.loads(text), schema)
    with pytest.raises(jsonschema.ValidationError, match="Additional properties"):
        jsonschema.validate({**tomllib.loads(text), "extra": 1}, schema)


# -- katas in which the learner writes the tests ---------------------------------------------------------------------


@pytest.fixture
def judged(track: Track) -> Path:
    """Make a suite of the kata's stub; return the folder of the implementations it is judged on."""
    toml = track.desk / "kata.toml"
    text = toml.read_text(encoding="utf-8").replace('writes = ["halve"]', 'writes = ["sums.py"]\nkind = "suite"')
    toml.write_text(text, encoding="utf-8")
    judged = track.desk / "judged"
    for name in ("one", "other"):
        (judged / "correct" / name).mkdir(parents=True)
        (judged / "correct" / name / "it.py").write_text("X = 1\n", encoding="utf-8")
    wrong = '[[wrong]]\nname = "a"\nwhy = "b"\nidea = "c"\ntask = 2\nfind = "1"\nreplace = "2"\n'
    (judged / "wrong.toml").write_text(f"format = 1\n\n{wrong}", encoding="utf-8")
    return judged


@pytest.mark.usefixtures("judged")
def test_implementations_that_are_as_they_should_be(track: Track):
    assert planned(track) == []


def test_rule_4_a_single_right_implementation(track: Track, judged: Path):
    (judged / "correct/other/it.py").unlink()
    (judged / "correct/other").rmdir()
    assert planned(track) == [(4, "at least 2 right implementations in judged/correct", "there is 1")]


def test_a_suite_may_be_judged_in_another_way(track: Track, judged: Path):
    for name in ("one", "other"):
        (judged / "correct" / name / "it.py").unlink()
        (judged / "correct" / name).rmdir()
    (judged / "wrong.toml").unlink()
    assert planned(track) == []


def test_rule_3_wrong_implementations_that_nobody_can_read(track: Track, judged: Path):
    (judged / "wrong.toml").unlink()
    ((rule, expected, happened),) = planned(track)
    assert (rule, expected) == (3, "a judged/wrong.toml that can be used")
    assert "there is no" in happened


def test_rule_5_a_wrong_implementation_without_an_idea(track: Track, judged: Path):
    wrong = judged / "wrong.toml"
    wrong.write_text(wrong.read_text(encoding="utf-8").replace('idea = "c"\n', ""), encoding="utf-8")
    assert planned(track) == [(5, "an idea for a, for the learner whose tests let it pass", "there is none")]


def test_a_suite_is_not_collected(track: Track, runner: Runner):
    """It would be imported, and so might end the process of the kata's tests."""
    text = (track.desk / "kata.toml").read_text(encoding="utf-8")
    text = text.replace('stubs = ["sums.py"]', 'stubs = ["sums.py", "test_own.py"]')
    text = text.replace('writes = ["halve"]', 'writes = ["halve", "test_own.py"]\nkind = "suite"')
    (track.desk / "kata.toml").write_text(text, encoding="utf-8")
    for folder in (track.desk, track.book, track.book / "stub"):
        (folder / "test_own.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    assert check(track.kata, track.book.parent, runner) == []

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pytest_katas.catalogue import Kata, Task
from pytest_katas.outcomes import Outcome
from pytest_katas.problem import Problem
from pytest_katas.rules import caught, counted, green, grows, harmless, next_is_red, quick, red_stub
from pytest_katas.runner import Run
from pytest_katas.witness import Finding
from pytest_katas.wrong import Wrong

PASSED, FAILED, UNWRITTEN = Outcome.PASSED, Outcome.FAILED, Outcome.UNWRITTEN
WRONG = Wrong(name="off_by_one", why="Counts from one.", task=2, find="0", replace="1")


def task(number: int, *writes: str, needs: tuple[str, ...] = ()) -> Task:
    return Task(number=number, title=f"task {number}", tests=1, writes=writes, kind="stub", needs=needs, hints=())


@pytest.fixture
def kata() -> Kata:
    """Two tasks of one test each, a third that grows the second, and a fourth that cannot run here."""
    return Kata(
        path=Path("katas/sums"),
        title="",
        question="",
        summary="",
        concepts=(),
        difficulty=1,
        minutes=1,
        requires=(),
        formerly=(),
        stubs=("sums.py",),
        unlock="task",
        sources=(),
        tasks=(task(1, "f"), task(2, "g"), task(3, "g"), task(4, "h", needs=("postgres",))),
    )


@pytest.fixture(autouse=True)
def poor_machine(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pytest_katas.catalogue._has", lambda _need: False)


def run(*outcomes: Outcome, guards: Iterable[int] = (), **facts: Any) -> Run:
    """Make a run with one test a task, in order."""
    tests = {
        f"test_{number}": Finding(outcome, task=number, guard=number in guards)
        for number, outcome in enumerate(outcomes, start=1)
    }
    return Run(**{"tests": tests, "exit": 1, **facts})


def short(problems: Iterable[Problem]) -> list[tuple[int, str, str]]:
    return [(problem.rule, problem.expected, problem.happened) for problem in problems]


DEATHS = [
    ({"died": "it was killed by SIGKILL", "exit": None}, "it was killed by SIGKILL"),
    ({"problems": ("a could not be collected: b",), "exit": 2}, "a could not be collected: b"),
    ({"problems": ("a: b",), "died": "it left", "exit": None}, "it left; a: b"),
    ({"exit": 4, "output": "usage:\n  no such  option"}, "pytest ended with exit code 4: usage: no such option"),
]


def test_a_problem_reads_as_a_sentence():
    assert str(Problem("jwt", 3, "a", "b")) == "jwt, rule 3: expected a; b"
    assert str(Problem("jwt", 0, "a", "b")) == "jwt, files: expected a; b"


def test_a_stub_is_red_whether_written_or_not(kata: Kata):
    assert short(red_stub(kata, run(UNWRITTEN, FAILED, UNWRITTEN, PASSED))) == []


@pytest.mark.parametrize(
    ("finding", "happened"),
    [
        (Finding(PASSED, task=1), "it was passed"),
        (Finding(PASSED, task=1, guard=True), "it was passed"),
        (Finding(PASSED), "it was passed"),
        (Finding(Outcome.SKIPPED, task=2, message="later"), "it was skipped: later"),
        (Finding(Outcome.ERROR, task=2, phase="setup", message="no"), "it was error in its setup: no"),
        (Finding(Outcome.XFAILED, task=2), "it was xfailed"),
    ],
)
def test_rule_1_any_other_test_on_the_stub_is_a_problem(kata: Kata, finding: Finding, happened: str):
    seen = Run(tests={"test_x": finding}, exit=1)
    assert short(red_stub(kata, seen)) == [(1, "test_x to be red on the stub, in its call", happened)]


@pytest.mark.parametrize(("facts", "happened"), DEATHS)
def test_whatever_keeps_tests_from_running_breaks_every_rule(kata: Kata, facts: dict[str, Any], happened: str):
    seen = run(**facts)
    assert short(red_stub(kata, seen)) == [(1, "the stub to import and its tests to run", happened)]
    assert short(green(kata, 2, "the solution", seen)) == [(2, "the tests to run on the solution", happened)]
    assert short(caught(kata, WRONG, seen)) == [
        (3, "a test of task 2 to catch the wrong solution off_by_one", happened)
    ]
    state = "with the tasks up to 1 solved and no other"
    assert short(next_is_red(kata, 1, 2, seen)) == [(7, f"the tests to run {state}", happened)]


def test_a_solution_is_green_where_a_task_cannot_run(kata: Kata):
    assert short(green(kata, 2, "the solution", run(PASSED, PASSED, PASSED, Outcome.SKIPPED, exit=0))) == []
    assert short(green(kata, 2, "the solution", run(PASSED, PASSED, PASSED, exit=0))) == []


@pytest.mark.parametrize("outcome", [FAILED, Outcome.SKIPPED, Outcome.XPASSED])
def test_rules_2_and_4_a_test_that_does_not_pass_is_a_problem(kata: Kata, outcome: Outcome):
    seen = run(PASSED, outcome, PASSED)
    assert short(green(kata, 4, "also/loop", seen)) == [(4, "test_2 to pass on also/loop", f"it was {outcome}")]


def test_rules_2_and_4_a_test_that_is_not_there_is_a_problem(kata: Kata):
    assert short(green(kata, 4, "also/loop", run(PASSED, PASSED, exit=0))) == [
        (4, "3 tests to run on also/loop", "2 did")
    ]


def test_rule_3_a_red_test_of_its_task_catches_a_wrong_solution(kata: Kata):
    assert short(caught(kata, WRONG, run(PASSED, FAILED))) == []
    # Caught is caught, whatever came of the run afterwards.
    assert short(caught(kata, WRONG, run(PASSED, UNWRITTEN, died="it was not done after 10 s"))) == []


@pytest.mark.parametrize(
    ("seen", "happened"),
    [
        (run(PASSED, PASSED), "no test does"),
        (run(PASSED, Outcome.ERROR), "no test does"),
        (run(FAILED, Outcome.SKIPPED, FAILED), "only tests of task 1, 3 do"),
    ],
)
def test_rule_3_nothing_else_catches_it(kata: Kata, seen: Run, happened: str):
    assert short(caught(kata, WRONG, seen)) == [
        (3, "a test of task 2 to catch the wrong solution off_by_one", happened)
    ]


def test_rule_5_every_test_belongs_to_a_task_and_is_counted(kata: Kata):
    assert short(counted(kata, run(PASSED, PASSED, PASSED, PASSED))) == []
    tests = {"test_1": Finding(PASSED, task=1), "test_2": Finding(PASSED), "test_5": Finding(PASSED, task=5)}
    expected = "to belong to a task by @pytest.mark.task(taskno=N)"
    assert short(counted(kata, Run(tests=tests))) == [
        (5, f"test_2 {expected}", "it has no such marker"),
        (5, f"test_5 {expected}", "its marker names task 5"),
        (5, "1 tests in task 2, as kata.toml says", "0 ran"),
        (5, "1 tests in task 3, as kata.toml says", "0 ran"),
    ]


def test_rule_6_each_trespass_is_a_problem(kata: Kata):
    assert short(harmless(kata, run(PASSED))) == []
    told = ["it left a process running", "test_1 wrote leak.txt (open)"]
    assert [problem.happened for problem in harmless(kata, run(PASSED, trespasses=tuple(told)))] == told


def test_rule_6_the_fastest_run_counts(kata: Kata):
    assert short(quick(kata, [run(seconds=2.0), run(seconds=1.9)])) == []
    assert short(quick(kata, [run(seconds=2.0), run(seconds=7.0)])) == [(6, "a run of less than 2 s", "it took 2.0 s")]


def test_rule_6_a_suite_is_run_many_times(kata: Kata):
    judged = kata._replace(stubs=("a.py", "test_own.py"), tasks=(task(1, "test_own.py")._replace(kind="suite"),))
    assert short(quick(judged, [run(seconds=9.9)])) == []
    assert short(quick(judged, [run(seconds=10.0)])) == [(6, "a run of less than 10 s", "it took 10.0 s")]


STATE = "with the tasks up to 1 solved and no other"


@pytest.mark.parametrize(
    "seen",
    [
        run(PASSED, UNWRITTEN, UNWRITTEN),
        run(PASSED, FAILED, PASSED),
        run(PASSED, FAILED, Outcome.ERROR, Outcome.ERROR),
    ],
)
def test_rule_7_holds_if_the_next_task_is_red(kata: Kata, seen: Run):
    assert short(next_is_red(kata, 1, 2, seen)) == []


def test_rule_7_what_is_done_must_be_green(kata: Kata):
    assert short(next_is_red(kata, 1, 2, run(UNWRITTEN, UNWRITTEN))) == [
        (7, f"test_1, of task 1, to pass {STATE}", "it was unwritten")
    ]


@pytest.mark.parametrize("outcome", [PASSED, Outcome.ERROR, Outcome.SKIPPED])
def test_rule_7_what_opens_must_be_red(kata: Kata, outcome: Outcome):
    assert short(next_is_red(kata, 1, 2, run(PASSED, outcome))) == [
        (7, f"test_2, of task 2, to be red {STATE}", f"it was {outcome}")
    ]


def test_rule_7_a_guard_may_be_green_but_does_not_make_a_task_red(kata: Kata):
    mixed = {"a": Finding(FAILED, task=2), "b": Finding(PASSED, task=2, guard=True)}
    assert short(next_is_red(kata, 1, 2, Run(tests={"test_1": Finding(PASSED, task=1), **mixed}, exit=1))) == []
    assert short(next_is_red(kata, 1, 2, run(PASSED, FAILED, guards=[2]))) == []
    assert short(next_is_red(kata, 1, 2, run(PASSED, PASSED, guards=[2]))) == [
        (7, f"task 2 to be red {STATE}", "it has guards only, and they passed")
    ]
    assert short(next_is_red(kata, 1, 2, run(PASSED, Outcome.ERROR, guards=[2]))) == [
        (7, f"test_2, of task 2, to be red {STATE}", "it was error"),
    ]


def test_rule_7_says_nothing_of_a_task_that_grows_what_is_done(kata: Kata):
    assert [grows(kata, number) for number in (1, 2, 3, 4)] == [False, False, True, False]
    assert short(next_is_red(kata, 2, 3, run(PASSED, PASSED, PASSED))) == []

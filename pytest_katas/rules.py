"""The rules that every kata keeps, as far as a run of its tests shows it: runs in, problems out.

The numbers are those of CONTRIBUTING.md. Tests of a task that is not expected on this machine are not judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pytest_katas.catalogue import Kata
from pytest_katas.outcomes import Light, Outcome
from pytest_katas.problem import Problem
from pytest_katas.runner import Run
from pytest_katas.witness import Finding
from pytest_katas.wrong import Wrong

#: Seconds a kata's run may take: a learner runs it after every thought.
LONGEST_RUN = 2.0
#: The same where a suite is judged, which is run some thirty times; here on one processor, a learner's has them all.
LONGEST_JUDGEMENT = 10.0

# pytest's exit codes for tests that passed, and for tests that failed; all others mean that not all of them ran.
_USUAL = (0, 1)
_LONGEST_SAYING = 300


def red_stub(kata: Kata, run: Run) -> Iterator[Problem]:
    """Rule 1: the stub imports, and every test on it is red for the right reason."""
    if fault := broken(run):
        yield Problem(kata.slug, 1, "the stub to import and its tests to run", fault)
    for key, finding in _judged(kata, run):
        if not finding.red:
            yield Problem(kata.slug, 1, f"{key} to be red on the stub, in its call", _said(finding))


def green(kata: Kata, rule: int, who: str, run: Run) -> Iterator[Problem]:
    """Rules 2 and 4: every expected test ran and passed.

    :param who: what was tried: the solution, or one of the others.
    """
    seen = False
    if fault := broken(run):
        seen = True
        yield Problem(kata.slug, rule, f"the tests to run on {who}", fault)
    for key, finding in _judged(kata, run):
        if finding.outcome is not Outcome.PASSED:
            seen = True
            yield Problem(kata.slug, rule, f"{key} to pass on {who}", _said(finding))
    if not seen and run.light(kata.expected) is not Light.GREEN:
        wanted = sum(kata.expected.values())
        yield Problem(kata.slug, rule, f"{wanted} tests to run on {who}", f"{len(list(_judged(kata, run)))} did")


def caught(kata: Kata, wrong: Wrong, run: Run) -> Iterator[Problem]:
    """Rule 3: a wrong solution makes a test of its task red."""
    reds = {finding.task for finding in run.tests.values() if finding.red}
    if wrong.task not in reds:
        others = ", ".join(map(str, sorted(reds)))
        happened = broken(run) or (f"only tests of task {others} do" if reds else "no test does")
        yield Problem(kata.slug, 3, f"a test of task {wrong.task} to catch the wrong solution {wrong.name}", happened)


def counted(kata: Kata, run: Run) -> Iterator[Problem]:
    """Rule 5: every test belongs to a task, and each task has as many as it says."""
    numbers = {task.number for task in kata.tasks}
    for key, finding in run.tests.items():
        if finding.task not in numbers:
            marker = f"its marker names task {finding.task}" if finding.task else "it has no such marker"
            yield Problem(kata.slug, 5, f"{key} to belong to a task by @pytest.mark.task(taskno=N)", marker)
    there = Counter(finding.task for finding in run.tests.values())
    for number, tests in kata.expected.items():
        if there[number] != tests:
            yield Problem(kata.slug, 5, f"{tests} tests in task {number}, as kata.toml says", f"{there[number]} ran")


def harmless(kata: Kata, run: Run) -> Iterator[Problem]:
    """Rule 6: the run leaves the world as it was."""
    for trespass in run.trespasses:
        yield Problem(
            kata.slug,
            6,
            "a run that writes under tmp_path only, stays on this machine, and leaves nothing running or changed",
            trespass,
        )


def quick(kata: Kata, runs: Sequence[Run]) -> Iterator[Problem]:
    """Rule 6: a run takes little time; the fastest counts, for this machine may be doing other things."""
    seconds, most = min(run.seconds for run in runs), LONGEST_JUDGEMENT if kata.suites else LONGEST_RUN
    if seconds >= most:
        yield Problem(kata.slug, 6, f"a run of less than {most:g} s", f"it took {seconds:.1f} s")


def next_is_red(kata: Kata, done: int, opens: int, run: Run) -> Iterator[Problem]:
    """Rule 7: with the tasks up to ``done`` solved and nothing else, they are green, and task ``opens`` is red."""
    state = f"with the tasks up to {done} solved and no other"
    if fault := broken(run):
        yield Problem(kata.slug, 7, f"the tests to run {state}", fault)
        return
    for key, finding in _judged(kata, run):
        if finding.task <= done and finding.outcome is not Outcome.PASSED:
            yield Problem(kata.slug, 7, f"{key}, of task {finding.task}, to pass {state}", _said(finding))
    if grows(kata, opens):
        return
    arriving = [(key, finding) for key, finding in _judged(kata, run) if finding.task == opens]
    for key, finding in arriving:
        if not finding.red and not (finding.guard and finding.outcome is Outcome.PASSED):
            yield Problem(kata.slug, 7, f"{key}, of task {opens}, to be red {state}", _said(finding))
    if arriving and all(finding.guard and finding.outcome is Outcome.PASSED for _, finding in arriving):
        yield Problem(kata.slug, 7, f"task {opens} to be red {state}", "it has guards only, and they passed")


def grows(kata: Kata, number: int) -> bool:
    """Say whether a task writes only what earlier ones have begun; then no stub of it can be put back."""
    before = {name for task in kata.tasks if task.number < number for name in task.writes}
    return before.issuperset(kata.tasks[number - 1].writes)


def _judged(kata: Kata, run: Run) -> Iterator[tuple[str, Finding]]:
    missing = {task.number for task in kata.tasks} - kata.expected.keys()
    return ((key, finding) for key, finding in run.tests.items() if finding.task not in missing)


def broken(run: Run) -> str:
    """Say what kept tests from running; empty if nothing did."""
    if run.died or run.problems:
        return "; ".join(filter(None, (run.died, *run.problems)))
    if run.exit not in _USUAL:
        return f"pytest ended with exit code {run.exit}: {_line(run.output)}"
    return ""


def _said(finding: Finding) -> str:
    where = "" if finding.phase == "call" else f" in its {finding.phase}"
    return ": ".join(filter(None, (f"it was {finding.outcome}{where}", _line(finding.message))))


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_SAYING]

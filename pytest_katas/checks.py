"""What an author must know of a kata before a learner meets it: ``pytest --kata-check``.

The rules are those of CONTRIBUTING.md. Each kata becomes a set of trials, runs of its tests over some files; what a run
says is judged here, so that a rule can be read, and tested, without one. The pristine stub is the author's own copy:
a learner's half-done file proves nothing about the kata.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files as resources
from itertools import pairwise
from pathlib import Path

import jsonschema

from pytest_katas.catalogue import Kata
from pytest_katas.folders import KATA_FILE
from pytest_katas.overlay import Files, OverlayError, chained, imported, layer, names_in, replaced, same_code
from pytest_katas.problem import Problem
from pytest_katas.rules import caught, counted, green, harmless, next_is_red, quick, red_stub
from pytest_katas.runner import DEADLINE, Run, Runner
from pytest_katas.sandbox import files_of
from pytest_katas.suite import JUDGED
from pytest_katas.wrong import WRONG_FILE, WrongError, read_wrong

#: A single right implementation would be taken for the only way to write it.
FEWEST_RIGHT = 2
#: Fewer wrong solutions than this show little of what the tests are worth.
FEWEST_WRONG = 12
README_FILE = "README.md"
DEBRIEF_FILE = "DEBRIEF.md"

#: Called with the number of trials done, of all trials, and the name of the one just done.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Trial:
    """One run of a kata's tests over some files, and the rules it must show."""

    name: str
    files: Files
    judge: Callable[[Run], Iterable[Problem]]
    reverse: bool = False
    timed: bool = False
    until: int | None = None


@dataclass(frozen=True)
class Plan:
    """All that is to be tried on one kata, and the problems that are plain without a run."""

    kata: Kata
    problems: Sequence[Problem]
    trials: Sequence[Trial]


def check(kata: Kata, solutions: Path, runner: Runner, progress: Progress | None = None) -> list[Problem]:
    """Prove that one kata keeps the rules; return where it does not.

    :param solutions: the folder that has the author's book of each kata, by slug.
    """
    return _prove([plan(kata, solutions)], runner, progress)


def check_all(
    katas: Sequence[Kata], solutions: Path, *, jobs: int | None = None, progress: Progress | None = None
) -> list[Problem]:
    """Prove katas, several runs at a time; return the problems in the order of the katas and their rules.

    :param jobs: how many runs at a time; None: as many as this machine has processors.
    """
    plans = [plan(kata, solutions) for kata in katas]
    sources = {
        content
        for made in plans
        for trial in made.trials
        for path, content in trial.files.items()
        # A wrong solution imports what the right one does.
        if path.endswith(".py") and trial.until is None
    }
    with Runner(jobs or os.cpu_count() or 1, preload=sorted(set().union(*map(imported, sources)))) as runner:
        return _prove(plans, runner, progress)


def pristine(kata: Kata, solutions: Path) -> list[Problem]:
    """Say where a stub on the desk is not as shipped; for upstream only, since a fork's are being solved."""
    shipped = layer(solutions / kata.slug / "stub", kata.stubs)
    desk = layer(kata.path, kata.stubs)
    return [
        Problem(kata.slug, 0, f"{stub} to be as in {solutions.name}/{kata.slug}/stub", "it differs")
        for stub in kata.stubs
        if desk.get(stub) != shipped.get(stub)
    ]


def plan(kata: Kata, solutions: Path) -> Plan:
    """Read a kata and its author's book, and lay out every trial that can be held."""
    book = solutions / kata.slug
    problems = [*_tidy(kata, book), *_described(kata)]
    stub, solution = layer(book / "stub", kata.stubs), layer(book, kata.stubs)
    for name, files in (("stub/", stub), ("", solution)):
        problems += [
            Problem(kata.slug, 0, f"a file {solutions.name}/{kata.slug}/{name}{path}", "there is none")
            for path in kata.stubs
            if path not in files
        ]
    if len(stub) < len(kata.stubs) or len(solution) < len(kata.stubs):
        return Plan(kata, problems, ())
    base = {path: content for path, content in files_of(kata.path).items() if path not in kata.stubs}
    trials: list[Trial] = []
    for held in (
        _trials_of_stub_and_solution(kata, stub, solution),
        _trials_of_others(kata, book, solution),
        _trials_of_wrong(kata, book, solution),
        _trials_of_chain(kata, solution, stub),
    ):
        for one in held:
            if isinstance(one, Problem):
                problems.append(one)
            else:
                trials.append(replace(one, files={**base, **one.files}))
    return Plan(kata, problems, trials)


def _prove(plans: Sequence[Plan], runner: Runner, progress: Progress | None) -> list[Problem]:
    trials = [(made.kata, trial) for made in plans for trial in made.trials]
    pool = ThreadPoolExecutor(runner.size)
    try:
        # Where a task writes only what the one before has begun, half a solution is the whole of it: once is enough.
        begun: dict[tuple[object, ...], Future[Run]] = {}
        names: dict[Future[Run], str] = {}
        futures = []
        for kata, trial in trials:
            key = (kata.slug, trial.reverse, trial.until, *sorted(trial.files.items()))
            if key not in begun:
                begun[key] = pool.submit(_run, runner, kata, trial)
                names[begun[key]] = f"{kata.slug}: {trial.name}"
            futures.append(begun[key])
        for done, future in enumerate(as_completed(names), start=1):
            future.result()
            if progress:
                progress(done, len(names), names[future])
    finally:
        # After Ctrl-C nobody waits for what has not begun.
        pool.shutdown(cancel_futures=True)
    runs = iter([future.result() for future in futures])
    judged = [(made, [next(runs) for _ in made.trials]) for made in plans]
    return [problem for made, mine in judged for problem in _judged(made, _unhurried(made, mine, runner))]


def _unhurried(made: Plan, runs: Sequence[Run], runner: Runner) -> list[Run]:
    """Take the time of a run that took too long once more: beside the others it may have had half a processor."""
    timed = [place for place, trial in enumerate(made.trials) if trial.timed]
    again = list(runs)
    if timed and any(quick(made.kata, [runs[place] for place in timed])):
        for place in timed:
            again[place] = _run(runner, made.kata, made.trials[place])
    return again


def _run(runner: Runner, kata: Kata, trial: Trial) -> Run:
    return runner.run(
        trial.files,
        folder=f"katas/{kata.slug}",
        reverse=trial.reverse,
        until=trial.until,
        ignore=kata.suites,
        # A judge has deadlines of its own, one for each of its runs.
        deadline=DEADLINE * (3 if kata.suites else 1),
    )


def _judged(made: Plan, runs: Sequence[Run]) -> list[Problem]:
    problems = [*made.problems]
    for trial, run in zip(made.trials, runs, strict=True):
        problems += trial.judge(run)
    if timed := [run for trial, run in zip(made.trials, runs, strict=True) if trial.timed]:
        problems += quick(made.kata, timed)
    # Two trials may show the same; sorted is stable, so tests stay in the order they ran.
    return sorted(dict.fromkeys(problems), key=lambda problem: problem.rule)


# ---- without a run -------------------------------------------------------------------------------------------------


def _tidy(kata: Kata, book: Path) -> Iterator[Problem]:
    """The files and their format, as far as no rule with a number says it."""
    yield from _of_schema(kata, 0, kata.path / KATA_FILE, "kata-1.json")
    for path in sorted(kata.path.rglob("__init__.py")):
        happened = "it would make `import ...` find the kata instead of a library of that name"
        yield Problem(kata.slug, 0, f"no {path.relative_to(kata.path).as_posix()}", happened)
    for slug in kata.requires:
        if not (kata.path.parent / slug / KATA_FILE).is_file():
            yield Problem(kata.slug, 0, "requires to name katas of this track", f"there is no kata {slug!r}")
    if not kata.test_files():
        yield Problem(kata.slug, 0, "test files, test_*.py, beside kata.toml", "there is none")
    if kata.suites:
        yield from _judged_on(kata)
    if not (book / DEBRIEF_FILE).is_file():
        yield Problem(kata.slug, 0, f"a file {book.parent.name}/{kata.slug}/{DEBRIEF_FILE}", "there is none")


def _judged_on(kata: Kata) -> Iterator[Problem]:
    """What a kata with a suite needs for its verdicts, where it has implementations to judge on."""
    judged = kata.path / JUDGED
    right = [path for path in (judged / "correct").glob("*") if path.is_dir()]
    if not right:
        return
    if len(right) < FEWEST_RIGHT:
        expected = f"at least {FEWEST_RIGHT} right implementations in {JUDGED}/correct"
        yield Problem(kata.slug, 4, expected, f"there is {len(right)}")
    try:
        wrongs = read_wrong(judged)
    except WrongError as error:
        yield Problem(kata.slug, 3, f"a {JUDGED}/{WRONG_FILE} that can be used", str(error))
        return
    yield from _of_schema(kata, 3, judged / WRONG_FILE, "wrong-1.json")
    for wrong in wrongs:
        if not wrong.idea:
            expected = f"an idea for {wrong.name}, for the learner whose tests let it pass"
            yield Problem(kata.slug, 5, expected, "there is none")


def _of_schema(kata: Kata, rule: int, path: Path, name: str) -> Iterator[Problem]:
    schema = json.loads((resources("pytest_katas") / "schemas" / name).read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for error in sorted(validator.iter_errors(tomllib.loads(path.read_text(encoding="utf-8"))), key=str):
        number = 5 if "hints" in error.absolute_path else rule
        happened = f"{error.json_path.removeprefix('$.')}: {error.message}"
        yield Problem(kata.slug, number, f"a {path.name} as its JSON Schema says", happened)


def _described(kata: Kata) -> Iterator[Problem]:
    """Rule 5, as far as it is about words; the schema counts the hints."""
    readme = kata.path / README_FILE
    headings = _headings(readme.read_text(encoding="utf-8")) if readme.is_file() else []
    for task in kata.tasks:
        if not any(task.title.casefold() in heading.casefold() for heading in headings):
            yield Problem(kata.slug, 5, f"a heading in {README_FILE} with the title {task.title!r}", "there is none")


def _headings(markdown: str) -> list[str]:
    # What stands between fences is code, where # begins a comment.
    prose = re.sub(r"^(```+|~~~+).*?^\1", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ +(.+)$", prose, flags=re.MULTILINE)


# ---- trials --------------------------------------------------------------------------------------------------------


def _trials_of_stub_and_solution(kata: Kata, stub: Files, solution: Files) -> Iterator[Trial]:
    def on_stub(run: Run) -> Iterator[Problem]:
        yield from red_stub(kata, run)
        yield from harmless(kata, run)

    def forward(run: Run) -> Iterator[Problem]:
        yield from green(kata, 2, "the solution", run)
        yield from counted(kata, run)
        yield from harmless(kata, run)

    def backward(run: Run) -> Iterator[Problem]:
        yield from green(kata, 2, "the solution, in reversed order", run)
        yield from harmless(kata, run)

    yield Trial("stub", stub, on_stub)
    yield Trial("solution", solution, forward, timed=True)
    yield Trial("solution, reversed", solution, backward, reverse=True, timed=True)


def _trials_of_others(kata: Kata, book: Path, solution: Files) -> Iterator[Trial | Problem]:
    """Rule 4: no test rejects another right solution."""
    folders = sorted(path for path in (book / "also").glob("*") if path.is_dir())
    if not folders:
        yield Problem(
            kata.slug, 4, f"another right solution in {book.parent.name}/{kata.slug}/also/<name>", "there is none"
        )
    for folder in folders:
        who = f"also/{folder.name}"
        files = {**solution, **layer(folder, kata.stubs)}
        try:
            if same_code(files, solution):
                yield Problem(kata.slug, 4, f"{who} to be written in another way", "it is the solution's code")
                continue
        except OverlayError as error:
            yield Problem(kata.slug, 4, f"{who} to be Python", str(error))
            continue

        def judge(run: Run, who: str = who) -> Iterator[Problem]:
            yield from green(kata, 4, who, run)
            yield from harmless(kata, run)

        yield Trial(who, files, judge)


def _trials_of_wrong(kata: Kata, book: Path, solution: Files) -> Iterator[Trial | Problem]:
    """Rule 3: every wrong solution is caught."""
    try:
        wrongs = read_wrong(book)
    except WrongError as error:
        yield Problem(kata.slug, 3, f"a {WRONG_FILE} that can be used", str(error))
        return
    yield from _of_schema(kata, 3, book / WRONG_FILE, "wrong-1.json")
    if len(wrongs) < FEWEST_WRONG:
        yield Problem(kata.slug, 3, f"at least {FEWEST_WRONG} wrong solutions in {WRONG_FILE}", f"it has {len(wrongs)}")
    names: set[str] = set()
    contents = dict.fromkeys(solution.items(), "the solution")
    for wrong in wrongs:
        this = f"the wrong solution {wrong.name} "
        path = wrong.file or kata.stubs[0]
        try:
            changed = path, replaced(solution.get(path, b""), wrong.find, wrong.replace)
        except OverlayError as error:
            yield Problem(kata.slug, 3, f"{this}to replace a text that {path} has once", str(error))
            continue
        if wrong.task > len(kata.tasks):
            yield Problem(kata.slug, 3, f"{this}to belong to a task", f"there is no task {wrong.task}")
        elif wrong.name in names:
            yield Problem(kata.slug, 3, f"{this}to have a name of its own", "another has it too")
        elif changed in contents:
            yield Problem(kata.slug, 3, f"{this}to differ from every other", f"it is the same as {contents[changed]}")
        elif wrong.task in kata.expected:
            files = {**solution, path: changed[1]}
            yield Trial(f"wrong: {wrong.name}", files, partial(caught, kata, wrong), until=wrong.task)
        names.add(wrong.name)
        contents.setdefault(changed, wrong.name)


def _trials_of_chain(kata: Kata, solution: Files, stub: Files) -> Iterator[Trial | Problem]:
    """Rule 7: each task is red until what it asks for is written."""
    try:
        defined = {*solution, *(name for path, content in solution.items() for name in names_in(path, content))}
        for task in kata.tasks:
            for name in task.writes:
                if name not in defined:
                    yield Problem(
                        kata.slug, 7, f"the solution to define {name}, as task {task.number} says", "it does not"
                    )
        for done, opens in pairwise(sorted(kata.expected)):
            files = chained(kata, solution, stub, done)
            yield Trial(f"tasks up to {done}", files, partial(next_is_red, kata, done, opens))
    except OverlayError as error:
        yield Problem(kata.slug, 7, "the stub and the solution to be Python", str(error))

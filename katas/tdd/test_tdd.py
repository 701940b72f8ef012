"""Kata: TDD. Twenty steps, one test each, in the order of the file; then the ladder, where you write the tests."""

import ast
import random
import re
from pathlib import Path

import pytest

from pytest_katas.outcomes import Outcome
from pytest_katas.rules import broken
from pytest_katas.runner import Run
from pytest_katas.suite import Suite
from pytest_katas.witness import Finding

from .durations import parse_duration
from .ladder import RUNGS, drawn, verdict

HERE = Path(__file__).parent

SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def assert_seconds(expected: int, text: str) -> None:
    """Parse the text; anything but this number fails with the call and both values."""
    __tracebackhide__ = True
    asked = f"parse_duration({text!r})\n  expected: {expected!r}"
    actual = _ask(text, asked)
    if actual != expected or not isinstance(actual, int):
        pytest.fail(f"{asked}\n  actual:   {actual!r}")


def assert_refused(text: str) -> ValueError:
    """Parse the text and return the ValueError; anything else fails with the call and what came instead."""
    __tracebackhide__ = True
    asked = f"parse_duration({text!r})\n  expected: raises ValueError"
    try:
        actual = _ask(text, asked)
    except ValueError as error:
        return error
    pytest.fail(f"{asked}\n  actual:   returned {actual!r}")


def _ask(text: str, asked: str) -> object:
    __tracebackhide__ = True
    try:
        return parse_duration(text)
    except Exception as error:
        what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"
        error.add_note(f"{asked}\n  actual:   {what}")
        raise


# --- Task 1: one part ---------------------------------------------------------


@pytest.mark.task(taskno=1)
def test_01_forty_five_seconds():
    """What is the least code that makes this green?"""
    assert_seconds(45, "45s")


@pytest.mark.task(taskno=1)
def test_02_seven_seconds():
    """A second example that disagrees with the first: now something must vary."""
    assert_seconds(7, "7s")


@pytest.mark.task(taskno=1)
def test_03_minutes():
    """Another unit."""
    assert_seconds(120, "2m")


@pytest.mark.task(taskno=1)
def test_04_hours():
    """And another. Green first, by whatever means; then look at what you have written."""
    assert_seconds(10_800, "3h")


@pytest.mark.task(taskno=1, guard=True)
def test_05_tidy_up_one_branch_for_all_units():
    """Refactor: the same answers, written once. At most one branch may mention the letter of a unit."""
    assert_seconds(45, "45s")
    assert_seconds(120, "2m")
    assert_seconds(10_800, "3h")
    assert_one_branch_at_most()


def assert_one_branch_at_most() -> None:
    """Read durations.py; fail with the lines of its branches if several mention the letter of a unit."""
    __tracebackhide__ = True
    branches = branches_that_mention_a_unit((HERE / "durations.py").read_text(encoding="utf-8"))
    if len(branches) > 1:
        lines = ", ".join(map(str, branches))
        # It fails in durations.py, where you go on.
        Suite(__file__, "durations.py").refuse(
            f"one branch per unit is duplication, in lines {lines}\n"
            "What differs is a letter and a number.\n"
            "  expected: at most one branch of durations.py that mentions s, m, h or d\n"
            f"  actual:   {len(branches)}",
            branches[0],
        )


def branches_that_mention_a_unit(source: str) -> list[int]:
    """Return the line of every if, elif, conditional expression and case with the letters of units in its condition."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.If(test=condition) | ast.IfExp(test=condition):
                parts = [condition]
            case ast.match_case(pattern=pattern, guard=guard):
                parts = [pattern, guard or pattern]
            case _:
                continue
        texts = [each.value for part in parts for each in ast.walk(part) if isinstance(each, ast.Constant)]
        if any(isinstance(text, str) and text and set(text) <= set("smhd") for text in texts):
            lines.append(parts[0].lineno)
    return sorted(lines)


# --- Task 2: many parts -------------------------------------------------------


@pytest.mark.task(taskno=2)
def test_06_two_parts():
    """What you had for one part, again for the next."""
    assert_seconds(90, "1m30s")


@pytest.mark.task(taskno=2, guard=True)
def test_07_three_parts():
    """Was that two parts, or any number of them?"""
    assert_seconds(3_723, "1h2m3s")


@pytest.mark.task(taskno=2)
def test_08_days():
    """A new unit should cost one entry."""
    assert_seconds(216_000, "2d12h")


@pytest.mark.task(taskno=2)
def test_09_nothing_at_all():
    """No part is no duration; it is not zero seconds either."""
    assert_refused("")
    assert_refused("   ")


@pytest.mark.task(taskno=2)
def test_10_a_number_without_a_unit():
    """Ninety what?"""
    assert_refused("90")
    assert_refused("1m30")


@pytest.mark.task(taskno=2, guard=True)
def test_11_a_unit_without_a_number():
    """How many?"""
    assert_refused("s")
    assert_refused("5mh")


@pytest.mark.task(taskno=2, guard=True)
def test_12_an_unknown_unit_is_named():
    """ValueError, and not KeyError; its message has the unit in it, so that a person can find the slip."""
    for text, unit in (("5x", "x"), ("1h5y", "y")):
        error = assert_refused(text)
        # Alone, not as a letter of some word.
        if not re.search(rf"(?<![^\W\d_]){unit}(?![^\W\d_])", str(error)):
            pytest.fail(
                f"parse_duration({text!r})\n"
                f"  expected: a ValueError whose message names the unit {unit!r}\n"
                f"  actual:   {error!r}"
            )


# --- Task 3: what strangers type ----------------------------------------------


@pytest.mark.task(taskno=3, guard=True)
def test_13_the_wrong_order():
    """Large units come first, and each is smaller than the one before it."""
    assert_refused("30s1m")
    assert_refused("1h1s1m")


@pytest.mark.task(taskno=3, guard=True)
def test_14_a_unit_twice():
    """Once is enough."""
    assert_refused("1m1m")


@pytest.mark.task(taskno=3)
def test_15_blanks_around_the_parts():
    """Before, between and after."""
    assert_seconds(5_400, " 1h 30m ")


@pytest.mark.task(taskno=3, guard=True)
def test_16_blanks_inside_a_part():
    """Not within a number, and not between a number and its unit."""
    assert_refused("1 0s")
    assert_refused("1 h")


@pytest.mark.task(taskno=3, guard=True)
def test_17_signs_and_fractions():
    """A number is made of digits."""
    assert_refused("-5m")
    assert_refused("+5m")
    assert_refused("1h-5m")
    assert_refused("1.5h")


@pytest.mark.task(taskno=3, guard=True)
def test_18_bug_report_an_underscore():
    """Somebody typed 1_000s and it was taken: int("1_000") is 1000."""
    assert_refused("1_000s")


@pytest.mark.task(taskno=3, guard=True)
def test_19_bug_report_digits_of_other_alphabets():
    """int() reads an Arabic three, and "\u00b2".isdigit() is true: digits are 0 to 9 here."""
    assert_refused("\u0663s")
    assert_refused("\u00b2s")


@pytest.mark.task(taskno=3, guard=True)
def test_20_two_hundred_that_you_have_not_seen():
    """Held-out examples: was it the rule that you wrote, or the nineteen examples?"""
    assert_seconds(0, "0s")
    assert_seconds(9_000, "1h90m")
    assert_refused("1h30m!")
    dice = random.Random(20)  # noqa: S311  no secret is made of it
    for _ in range(100):
        numbers = numbers_of(dice)
        total = sum(number * SECONDS[unit] for unit, number in numbers.items())
        assert_seconds(total, joined(dice, [f"{number}{unit}" for unit, number in numbers.items()]))
        assert_refused(joined(dice, spoilt(dice, numbers_of(dice))))


def numbers_of(dice: random.Random) -> dict[str, int]:
    """Draw some of the units, the largest first, with a number of up to twenty digits each."""
    units = [unit for unit in SECONDS if dice.random() < 0.6] or ["s"]
    return {unit: dice.randrange(10 ** dice.choice((1, 2, 4, 20))) for unit in units}


def joined(dice: random.Random, parts: list[str]) -> str:
    """Write the parts one after the other, with a space after some of them."""
    return "".join(part + dice.choice(("", "", " ")) for part in parts)


def spoilt(dice: random.Random, numbers: dict[str, int]) -> list[str]:
    """Write the parts with one mistake in them."""
    parts = [f"{number}{unit}" for unit, number in numbers.items()]
    which = dice.randrange(len(parts))
    unit, number = [*numbers.items()][which]
    mistakes = [
        [unit],
        [f"{number}{dice.choice('abcxyz')}"],
        [f"{number} {unit}"],
        [f"1 {number}{unit}"],
        [f"{dice.choice('+-')}{number}{unit}"],
        [f"{number}.5{unit}"],
        [f"1_{number}{unit}"],
        [f"{number}\u0663{unit}"],
        [f"{number}{unit}{dice.choice('!,;')}"],
        [parts[which], parts[which]],
    ]
    several = [[*parts[:which], *mistake, *parts[which + 1 :]] for mistake in mistakes]
    several.append([*parts[:-1], str(numbers[[*numbers][-1]])])
    if len(parts) > 1:
        several.append([*parts[:-2], parts[-1], parts[-2]])
    return dice.choice(several)


# --- Task 4: the ladder -------------------------------------------------------

SUITE = Suite(__file__, "test_formatter.py")

LADDER = [f"L{rung}" for rung in range(RUNGS)]

#: No rungs: what other code says than the finished one, and which tests do not notice.
BESIDE = {
    "same": (
        'it hardly looks at the answer\nCode that says "0h0m0s" to everything passes it. Compare with the exact text.'
    ),
    "more": (
        "it is content with more than the list says\n"
        "Code that says one thing too much, and mixes the two errors up, passes it.\n"
        "Compare with the exact text, and name the exact exception."
    ),
}

ITEMS = {
    1: "seconds, below a minute",
    2: "minutes and seconds",
    3: "hours, as many as there are",
    4: "no parts that are zero, but 0s",
    5: "a negative number: ValueError",
    6: "not an int: TypeError",
}


@pytest.fixture(scope="module", autouse=True)
def stopped():
    """End the processes that ran your tests."""
    yield
    SUITE.close()


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("item", [pytest.param(item, id=f"item{item}") for item in ITEMS])
def test_your_test_climbs_the_ladder(item):
    """On L0 nothing is written, on Lk items 1 to k are done: test k is red below Lk, and green from Lk on."""
    assert_climbs(item)


@pytest.mark.task(taskno=4, guard=True)
def test_your_whole_file_is_green_on_the_finished_code():
    """In the order of the file, and the other way round."""
    assert_finished()


def assert_climbs(item: int) -> None:
    """Run your file on every rung; fail with the row of this test, and what it means."""
    __tracebackhide__ = True
    name = name_of_test(item)
    runs = list(map(run_on, LADDER))
    row = "".join("P" if is_green(run, item) else "." for run in runs)
    said = verdict(item, row)
    if not said:
        said = next((why for beside, why in BESIDE.items() if is_green(run_on(beside), item)), "")
    if said:
        what, _, advice = said.partition("\n")
        told = f"{name}: {what}\n{drawn(item, row)}\n{advice}{first_message(runs, item, row)}"
        SUITE.refuse(told, lines_of(item)[0])


def assert_finished() -> None:
    """Run your file on L6, in both orders; fail with what the first test said that did not pass."""
    __tracebackhide__ = True
    for item in ITEMS:
        name_of_test(item)
    SUITE.accepts("L6", code_of("L6"))


def run_on(rung: str) -> Run:
    """Run your file with the code of a rung in the place of formatter.py."""
    __tracebackhide__ = True
    run = SUITE.run(code_of(rung))
    if why := broken(run):
        SUITE.refuse(f"{SUITE.path} could not run on {rung}: {why}")
    return run


def code_of(rung: str) -> dict[str, bytes]:
    """Return the code of a rung, as what lies in the place of formatter.py."""
    return {"formatter.py": (HERE / "judged" / "ladder" / f"{rung}.py").read_bytes()}


def name_of_test(item: int) -> str:
    """Return the name of the one test for an item of the list."""
    __tracebackhide__ = True
    names = [name for name in SUITE.tests() if item_of(name) == item]
    if not names:
        # A file that cannot be read, or has no test yet, has no names: then this says so.
        run_on(LADDER[0])
        end = len((HERE / SUITE.path).read_text(encoding="utf-8").splitlines())
        SUITE.refuse(f"there is no test_{item}_... yet, for item {item}: {ITEMS[item]}", end)
    if len(names) > 1:
        SUITE.refuse(
            f"there are {len(names)} functions for item {item}: {ITEMS[item]}\n"
            f"  expected: one function\n  actual:   {', '.join(names)}",
            lines_of(item)[1],
        )
    return names[0]


def item_of(test: str) -> int:
    """Return the number in the name of a test, which may have its file, its class and parameters around it."""
    found = re.match(r"test_([0-9]+)_", test.partition("[")[0].rpartition("::")[2])
    return int(found[1]) if found else 0


def lines_of(item: int) -> list[int]:
    """Return the lines of your file in which a test for an item begins."""
    tree = ast.parse((HERE / SUITE.path).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return sorted(node.lineno for node in functions if item_of(node.name) == item)


def findings_of(run: Run, item: int) -> list[Finding]:
    """Return what came of a test: more than one finding if it has parameters."""
    return [finding for key, finding in run.tests.items() if item_of(key) == item]


def is_green(run: Run, item: int) -> bool:
    """Say whether a test ran and passed, with all its parameters."""
    return {finding.outcome for finding in findings_of(run, item)} == {Outcome.PASSED}


def first_message(runs: list[Run], item: int, row: str) -> str:
    """Return what the test said on the lowest rung where it should have been green."""
    for rung in range(item, RUNGS):
        for finding in findings_of(runs[rung], item):
            if finding.outcome is not Outcome.PASSED and row[rung] == ".":
                return f"\nOn L{rung}: {finding.message or finding.outcome}"
    return ""

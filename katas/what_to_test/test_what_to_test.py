"""Kata: what to test. You write the tests; what is here says what they see, and what they let pass."""

from pathlib import Path

import pytest

from pytest_katas.suite import Suite

SUITE = Suite(__file__, "test_parcel.py")

#: The right implementation whose lines and branches are watched, and of which the wrong ones are made.
WATCHED = "by_hand"
WATCHED_FILE = f"judged/correct/{WATCHED}/parcel.py"


@pytest.fixture(scope="module", autouse=True)
def stopped():
    """End the processes that ran your tests."""
    yield
    SUITE.close()


# --- Task 1: valid tests ------------------------------------------------------


@pytest.mark.task(taskno=1)
def test_there_are_at_least_three_tests():
    """Each row of parameters counts."""
    assert_several(3)


def assert_several(wanted: int) -> None:
    """Pass if so many tests ran; if they are red or cannot run, it says that first."""
    __tracebackhide__ = True
    SUITE.accepts(WATCHED)
    ran = len(SUITE.run({"parcel.py": (Path(__file__).parent / WATCHED_FILE).read_bytes()}).tests)
    if ran < wanted:
        SUITE.refuse(
            f"{SUITE.path} has {ran} of the {wanted} tests that it needs at least\n"
            f"  expected: {wanted} tests or more, each row of parameters is one\n"
            f"  actual:   {ran}"
        )


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("name", SUITE.correct)
def test_accepts(name):
    """A right implementation passes, whatever it looks like inside; also when the last test runs first."""
    SUITE.accepts(name)


# --- Tasks 2 and 3: what was run ----------------------------------------------


@pytest.mark.task(taskno=2)
def test_every_line_is_run():
    """Statement coverage: which lines your tests never reach."""
    assert_none(SUITE.coverage(WATCHED).lines, "line", "lines", "run")


@pytest.mark.task(taskno=3)
def test_every_branch_is_taken():
    """Branch coverage: every condition has been true once, and false once."""
    assert_none(SUITE.coverage(WATCHED).branches, "branch", "branches", "taken")


def assert_none(gaps: tuple[str, ...], one: str, several: str, done: str) -> None:
    """Pass if there are no gaps; else name them all."""
    __tracebackhide__ = True
    if gaps:
        count, verb = (f"1 {one}", "is") if len(gaps) == 1 else (f"{len(gaps)} {several}", "are")
        listed = "\n    ".join(gaps)
        SUITE.refuse(
            f"{count} of a right implementation {verb} never {done}\n"
            f"  expected: none, in {WATCHED_FILE}\n"
            f"  actual:   {len(gaps)}\n    {listed}"
        )


# --- Tasks 4 to 8: what is noticed --------------------------------------------


@pytest.mark.parametrize("number", SUITE.wrong())
def test_catches(number):
    """One implementation that is wrong in one place: does a test of yours say so?"""
    SUITE.catches(number)

"""What one test said, and what the tests of one kata say together.

Pure: nothing here knows pytest, a file or a clock. The words are those of the documentation: an *outcome* belongs to
one test, a *light* to one attempt at one kata.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """How one test ended: pytest's six words, and two of ours."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    LOCKED = "locked"
    UNWRITTEN = "unwritten"


class Light(StrEnum):
    """What one attempt says of its kata; ``NONE`` is never a transition."""

    GREEN = "green"
    RED = "red"
    AMBER = "amber"
    NONE = "-"

    @property
    def letter(self) -> str:
        """One ASCII letter, so that a strip of attempts reads without colour."""
        return self.value[0]


#: A failing test is red whether the learner's code is wrong or not written yet.
REDS = frozenset({Outcome.FAILED, Outcome.UNWRITTEN})

# A later phase of the same test overrules an earlier one only when it is worse.
_SEVERITY = {
    outcome: rank
    for rank, outcome in enumerate(
        ("passed", "xfailed", "xpassed", "skipped", "locked", "unwritten", "failed", "error")
    )
}


class Result(NamedTuple):
    """One test's outcome and the number of its task (0: the test belongs to no task)."""

    outcome: Outcome
    task: int


def outcome_of(when: str, said: str, *, xfail: bool = False) -> Outcome | None:
    """Read one phase of one test.

    :param when: pytest's phase: ``setup``, ``call`` or ``teardown``; anything else is a test whose process died.
    :param said: ``report.outcome``: ``passed``, ``failed`` or ``skipped``.
    :param xfail: the report carries ``wasxfail``.
    :returns: the outcome, or None where the phase decides nothing (a set-up or tear-down that went well,
        a rerun that will be followed by another report).
    """
    if said == "failed":
        return Outcome.FAILED if when == "call" else Outcome.ERROR
    if said == "skipped":
        return Outcome.XFAILED if xfail else Outcome.SKIPPED
    if said == "passed" and when == "call":
        return Outcome.XPASSED if xfail else Outcome.PASSED
    return None


def worse(one: Outcome | None, other: Outcome) -> Outcome:
    """Return the graver of two phases of one test: a failing tear-down spoils a call that passed."""
    if one is None or _SEVERITY[other] >= _SEVERITY[one]:
        return other
    return one


def is_complete(results: Iterable[Result], expected: Mapping[int, int]) -> bool:
    """Say whether every expected test has an outcome other than locked.

    :param expected: number of expected tests by task number, from ``kata.toml``.
    """
    ran = Counter(result.task for result in results if result.outcome is not Outcome.LOCKED)
    return bool(expected) and all(ran[task] >= tests for task, tests in expected.items())


def light_of(results: Iterable[Result], expected: Mapping[int, int], *, broken: bool = False) -> Light:
    """Return the light of one attempt.

    Amber if an expected test could not run; else red if one failed; else green if every expected test passed;
    else none: a part of the kata was run, and nothing in it failed.

    :param results: one result a test of the kata, in any order; tests of no expected task do not count.
    :param expected: number of expected tests by task number, from ``kata.toml``.
    :param broken: a test file of the kata could not be collected, or the process died.
    """
    mine = [result for result in results if result.task in expected]
    outcomes = {result.outcome for result in mine}
    if broken or Outcome.ERROR in outcomes:
        return Light.AMBER
    if outcomes & REDS:
        return Light.RED
    # A skipped or expected failure has run, but it has shown nothing: never green.
    if outcomes == {Outcome.PASSED} and is_complete(mine, expected):
        return Light.GREEN
    return Light.NONE

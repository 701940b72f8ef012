"""One test at a time: what the record says of the last step, in a kata whose tests open one after the other.

Pure. Nothing said here is a failure: a red that nobody has seen proves nothing, and that is all there is to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pytest_katas.catalogue import Kata
from pytest_katas.outcomes import REDS, Outcome
from pytest_katas.rounds import Attempt

_WRONG = REDS | {Outcome.ERROR}
#: More than these of them are counted.
_NAMED = 2


def steps_told(kata: Kata, attempts: Sequence[Attempt], guards: Collection[str]) -> list[str]:
    """Return what the newest of a round's attempts says of how it was come by, a sentence each.

    :param guards: the tests that may be green when they open.
    """
    if kata.unlock != "test" or not attempts:
        return []
    known: dict[str, Outcome] = {}
    for attempt in attempts[:-1]:
        known |= {test: result.outcome for test, result in attempt.results() if result.outcome is not Outcome.LOCKED}
    newest = {test: result for test, result in attempts[-1].results() if result.task in kata.expected}
    broken = [test for test, result in newest.items() if result.outcome in _WRONG and known.get(test) is Outcome.PASSED]
    unseen: dict[str, list[str]] = {}
    for test, result in newest.items():
        if result.outcome is Outcome.PASSED and test not in known and test not in guards:
            unseen.setdefault(kata.tasks[result.task - 1].kind, []).append(test)
    return [*_broken(broken), *_unseen(unseen)]


def _broken(tests: Sequence[str]) -> Iterator[str]:
    if tests:
        yield f"{_names(tests)} {_was(tests)} green before: you broke {'it' if len(tests) == 1 else 'them'}"


def _unseen(by_kind: dict[str, list[str]]) -> Iterator[str]:
    for kind, tests in by_kind.items():
        so = "one item of the list at a time" if kind == "suite" else "you wrote more than the last test asked for"
        it = "it" if len(tests) == 1 else "them"
        yield f"{_names(tests)} {_was(tests)} green before you had seen {it} red: {so}"


def _names(tests: Sequence[str]) -> str:
    names = [test.partition("::")[2] for test in tests[:_NAMED]]
    if more := len(tests) - len(names):
        names.append(f"{more} more")
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _was(tests: Sequence[str]) -> str:
    return "was" if len(tests) == 1 else "were"

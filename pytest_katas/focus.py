"""One thing at a time: which tests are open, in which order, and which red test is shown.

Pure, and on plain values, so that the rules can be read and tested without a run of pytest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def in_order(items: Sequence[T], group: Callable[[T], object], task: Callable[[T], Any]) -> list[T]:
    """Return ``items`` with those of each kata in the order of their tasks.

    Only the places of a kata's own items are used, so katas stay where they were and everything else is not moved;
    items of one task keep the order they came in.

    :param group: the kata of an item, or None for an item of no kata.
    :param task: the item's task number, or whatever else its place is known by.
    """
    places: dict[object, list[int]] = {}
    for place, item in enumerate(items):
        if (key := group(item)) is not None:
            places.setdefault(key, []).append(place)
    ordered = list(items)
    for mine in places.values():
        for place, item in zip(mine, sorted((items[place] for place in mine), key=task), strict=True):
            ordered[place] = item
    return ordered


class Focus:
    """What is open in one kata during one run.

    :ivar by_test: open test by test (``unlock = "test"``) instead of task by task.
    :ivar off: nothing is ever locked: a test was named, ``-k``, ``--kata-all`` or several processes.
    """

    def __init__(self, *, by_test: bool = False, off: bool = False) -> None:
        self.by_test = by_test
        self.off = off
        self._first: tuple[int, str] | None = None
        self._hung = ""

    def failed(self, task: int, test: str) -> None:
        """Note a red or broken test; the first one is what the learner works on."""
        if self._first is None and task:
            self._first = (task, test)

    def hung(self, test: str) -> None:
        """Note a test that had to be ended: the others would wait as long, one after the other."""
        self._hung = test

    def locked(self, task: int) -> str:
        """Return why a test of ``task`` may not run yet, or an empty text."""
        if self._hung:
            return f"locked: opens when {self._hung} comes to an end"
        if self.off or self._first is None or not task:
            return ""
        first_task, first_test = self._first
        if self.by_test:
            return f"locked: opens when {first_test} is green"
        return f"locked: opens when task {first_task} is green" if task > first_task else ""


def opens(options: Mapping[str, object], args: Iterable[str], *, show_all: bool) -> bool:
    """Say whether tasks open one after the other in this run.

    A person who names a test, selects by ``-k`` or ``-m``, or asks for everything means exactly that.

    :param options: pytest's option values by name.
    :param args: pytest's ordinary arguments.
    """
    return not (show_all or options.get("keyword") or options.get("markexpr") or any("::" in arg for arg in args))

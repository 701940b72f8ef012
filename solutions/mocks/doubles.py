"""Your fake: subscriptions in memory, with the manners of the real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ports import Subscription


class FakeSubscriptions:
    """What `SqliteSubscriptions` does, without a database. `FakeSubscriptions()` is empty."""

    def __init__(self, *subs: Subscription) -> None:
        self._kept: dict[str, Subscription] = {}
        for sub in subs:
            self.add(sub)

    def add(self, sub: Subscription) -> None:
        """Keep a new subscription."""
        self._kept[sub.id] = replace(sub)

    def get(self, sub_id: str) -> Subscription:
        """Return the subscription with this id. Raises KeyError if there is none."""
        return replace(self._kept[sub_id])

    def due(self, on: date) -> list[Subscription]:
        """Return the active subscriptions that are due on that day or were before, by due date, then by id."""
        found = [replace(sub) for sub in self._kept.values() if sub.due <= on and sub.status == "active"]
        return sorted(found, key=lambda sub: (sub.due, sub.id))

    def save(self, sub: Subscription) -> None:
        """Replace the subscription of this id. Raises KeyError if there is none."""
        if sub.id not in self._kept:
            raise KeyError(sub.id)
        self._kept[sub.id] = replace(sub)

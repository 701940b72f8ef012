"""Your fake: subscriptions in memory, with the manners of the real ones."""

from __future__ import annotations

from datetime import date

from ports import Subscription


class FakeSubscriptions:
    """What `SqliteSubscriptions` does, without a database. `FakeSubscriptions()` is empty."""

    def add(self, sub: Subscription) -> None:
        """Keep a new subscription."""
        raise NotImplementedError

    def get(self, sub_id: str) -> Subscription:
        """Return the subscription with this id. Raises KeyError if there is none."""
        raise NotImplementedError

    def due(self, on: date) -> list[Subscription]:
        """Return the active subscriptions that are due on that day or were before, by due date, then by id."""
        raise NotImplementedError

    def save(self, sub: Subscription) -> None:
        """Replace the subscription of this id. Raises KeyError if there is none."""
        raise NotImplementedError

"""A fake that keeps no object at all, only what is in it."""

from __future__ import annotations

from datetime import date
from operator import itemgetter

from ports import Subscription


class FakeSubscriptions:
    def __init__(self) -> None:
        self.table: dict[str, tuple[str, int, date, str]] = {}

    def add(self, sub: Subscription) -> None:
        self.table[sub.id] = (sub.email, sub.price_cents, sub.due, sub.status)

    def get(self, sub_id: str) -> Subscription:
        return Subscription(sub_id, *self.table[sub_id])

    def due(self, on: date) -> list[Subscription]:
        found = ((due, key) for key, (_, _, due, status) in self.table.items() if status == "active" and due <= on)
        return list(map(self.get, map(itemgetter(1), sorted(found))))

    def save(self, sub: Subscription) -> None:
        del self.table[sub.id]
        self.add(sub)

"""A fake that takes subscriptions apart and puts new ones together: nobody holds the same one."""

from __future__ import annotations

from dataclasses import asdict

from ports import Subscription


class FakeSubscriptions(dict):
    """A dictionary from ids to fields."""

    def __init__(self, **subs):
        super().__init__()
        for sub in subs.values():
            self.add(sub)

    def add(self, sub):
        self[sub.id] = asdict(sub)

    def get(self, sub_id):
        return Subscription(**self[sub_id])

    def due(self, on):
        everything = [self.get(sub_id) for sub_id in sorted(self)]
        everything.sort(key=lambda sub: sub.due)
        return list(filter(lambda sub: sub.status == "active" and sub.due <= on, everything))

    def save(self, sub):
        self[sub.id]
        self.add(sub)

"""Every double of this suite, written by hand; nothing of unittest.mock."""
# ruff: noqa: ARG002 - a double takes what the real one takes

from __future__ import annotations

import copy
import dataclasses

from ports import CardDeclined, GatewayTimeout, MailError


class FakeSubscriptions:
    """A list, searched from one end to the other; copies in both directions."""

    def __init__(self, subs=()):
        self.rows = [copy.copy(sub) for sub in subs]

    def add(self, sub):
        if any(row.id == sub.id for row in self.rows):
            raise ValueError(f"{sub.id} is there already")
        self.rows.append(copy.copy(sub))

    def _index(self, sub_id):
        for index, row in enumerate(self.rows):
            if row.id == sub_id:
                return index
        raise KeyError(sub_id)

    def get(self, sub_id):
        return copy.copy(self.rows[self._index(sub_id)])

    def due(self, on):
        by_id = sorted(self.rows, key=lambda row: row.id)
        by_due = sorted(by_id, key=lambda row: row.due)
        return [copy.copy(row) for row in by_due if row.status == "active" and not row.due > on]

    def save(self, sub):
        self.rows[self._index(sub.id)] = dataclasses.replace(sub)


class TillGateway:
    """A fake with a till: it honours keys as the real one does. Cards and lines can be broken beforehand."""

    def __init__(self):
        self.till = {}
        self.calls = []
        self.without_cover = set()
        self.silent = {}

    def charge(self, customer_id, amount_cents, *, idempotency_key):
        self.calls.append((customer_id, amount_cents, idempotency_key))
        if self.silent.get(customer_id, 0) > 0:
            self.silent[customer_id] -= 1
            raise GatewayTimeout
        if customer_id in self.without_cover:
            raise CardDeclined
        self.till.setdefault(idempotency_key, (customer_id, amount_cents))
        return f"receipt of {idempotency_key}"


class Outbox:
    """A spy: it keeps the mail. It can be out of order as well."""

    def __init__(self):
        self.mail = []
        self.attempts = 0
        self.out_of_order = False

    def send(self, to, template, **context):
        self.attempts += 1
        if self.out_of_order:
            raise MailError
        self.mail.append((to, template, context))


class Calendar:
    """A stub: it is always the same day."""

    def __init__(self, day):
        self.day = day

    def today(self):
        return self.day


class Wire:
    """Stands in for post_json: one answer, and all that went out."""

    def __init__(self, status, body):
        self.answer = status, body
        self.sent = []

    def __call__(self, url, payload, *, headers=None, timeout=None):
        small = {name.lower(): value for name, value in (headers or {}).items()}
        self.sent.append((payload, small.get("idempotency-key"), timeout))
        return self.answer

"""What a renewal has to do with: the subscriptions, the payment service, the mail and the calendar. Given; read it.

`Gateway`, `Mailer` and `transport.post_json` are the real things. They cost money and write to customers, so a test
that gets as far as one of them ends on the spot.
"""
# ruff: noqa: ARG002 - what they do with their arguments happens elsewhere

from __future__ import annotations

import sqlite3
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime
from typing import NoReturn


class CardDeclined(Exception):
    """The bank says no. Asking again will not change that."""


class GatewayTimeout(Exception):
    """No answer in time. The money may have been taken, or not."""


class MailError(Exception):
    """The mail could not be sent."""


class ReachedForReal(BaseException):
    """A test got as far as something real. No `except Exception` swallows it."""


def reached(what: str) -> NoReturn:
    """Stop a test that would have paid, written or connected."""
    raise ReachedForReal(f"a test reached the real {what}")


@dataclass
class Subscription:
    """Somebody pays `price_cents` each time `due` comes round.

    `status` is "active", or "past_due" once a card was declined.
    """

    id: str
    email: str
    price_cents: int
    due: date
    status: str = "active"


class Gateway:
    """The payment service."""

    def charge(self, customer_id: str, amount_cents: int, *, idempotency_key: str) -> str:
        """Take the money and return the number of the receipt.

        Two calls with one `idempotency_key` take it once; two calls with two keys take it twice. Raises CardDeclined
        or GatewayTimeout.
        """
        reached("gateway")


class Mailer:
    """The mail service."""

    def send(self, to: str, template: str, **context: object) -> None:
        """Send the template, filled in with the context. Raises MailError."""
        reached("mailer")


class Clock:
    """The calendar on the wall."""

    def today(self) -> date:
        """Return today's date."""
        return datetime.now(UTC).date()


class SqliteSubscriptions:
    """Subscriptions in an SQLite database. All it hands out are copies: a change counts once it is saved."""

    def __init__(self, path: str = ":memory:") -> None:
        self._database = sqlite3.connect(path)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS subscription"
            " (id TEXT PRIMARY KEY, email TEXT, price_cents INTEGER, due TEXT, status TEXT)"
        )

    def add(self, sub: Subscription) -> None:
        """Keep a new subscription."""
        with self._database:
            self._database.execute("INSERT INTO subscription VALUES (?, ?, ?, ?, ?)", _row(sub))

    def get(self, sub_id: str) -> Subscription:
        """Return the subscription with this id. Raises KeyError if there is none."""
        for row in self._database.execute("SELECT * FROM subscription WHERE id = ?", (sub_id,)):
            return _subscription(row)
        raise KeyError(sub_id)

    def due(self, on: date) -> list[Subscription]:
        """Return the active subscriptions that are due on that day or were before, by due date, then by id."""
        found = self._database.execute(
            "SELECT * FROM subscription WHERE due <= ? AND status = 'active' ORDER BY due, id", (on.isoformat(),)
        )
        return [_subscription(row) for row in found]

    def save(self, sub: Subscription) -> None:
        """Replace the subscription of this id. Raises KeyError if there is none."""
        with self._database:
            changed = self._database.execute(
                "UPDATE subscription SET id = ?, email = ?, price_cents = ?, due = ?, status = ? WHERE id = ?",
                (*_row(sub), sub.id),
            )
        if changed.rowcount == 0:
            raise KeyError(sub.id)

    def close(self) -> None:
        """Close the database; one in memory is gone then."""
        self._database.close()


def _row(sub: Subscription) -> tuple[object, ...]:
    return tuple(value.isoformat() if isinstance(value, date) else value for value in astuple(sub))


def _subscription(row: tuple[str, str, int, str, str]) -> Subscription:
    identity, email, price_cents, due, status = row
    return Subscription(identity, email, price_cents, date.fromisoformat(due), status)

"""The code under test, as a specification. You do not write it: your tests meet one implementation after the other.

Each of them is a `renewals.py` with these names, these signatures and this import.
"""

from __future__ import annotations

from ports import Clock, Gateway, Mailer, SqliteSubscriptions
from transport import post_json


class HttpGateway:
    """A gateway that talks to the payment service over HTTP. `HttpGateway()` takes no arguments."""

    def charge(self, customer_id: str, amount_cents: int, *, idempotency_key: str) -> str:
        """POST one charge with `post_json`, and return the receipt.

        * The payload is {"customer": customer_id, "amount": amount_cents}.
        * The header Idempotency-Key carries the key; the timeout is 10 seconds.
        * Status 402 raises CardDeclined; 408 and 504 raise GatewayTimeout; any other from 300 on raises RuntimeError.
        * Otherwise the answer is `body["receipt"]`.

        The URL, further headers and the case of a header's name are the implementation's own business.
        """
        raise NotImplementedError


def renew_due(
    subscriptions: SqliteSubscriptions, gateway: Gateway, mailer: Mailer, clock: Clock
) -> dict[str, list[str]]:
    """Renew what is due today: return {"renewed": [...], "declined": [...], "failed": [...]}.

    The lists hold ids of subscriptions, in the order of `subscriptions.due`. For each that is due on `clock.today()`:

    * Charge the customer `sub.id` the `price_cents`, with the key f"{id}:{due.isoformat()}": once a run, however long
      it is overdue.
    * It worked: `due` moves on by 30 days from the due date, and is saved; the template "receipt" goes to `email`
      with `receipt=` the receipt, and nothing else. Renewed.
    * CardDeclined: the status becomes "past_due" and is saved; the template "card_declined" goes to `email`, with
      nothing else. Declined; nobody asks the bank again.
    * GatewayTimeout: exactly one more attempt, with the same key. What that one says, counts.
    * A second GatewayTimeout: the subscription stays as it was; no mail. Failed.
    * The price is 0: `due` moves on by 30 days, too, and is saved. The gateway and the mailer are not called. Renewed.

    A MailError stops nothing and undoes nothing. Every other exception, whoever raises it, comes out.

    In which order several subscriptions are charged, saved and told is the implementation's own business; so is how
    often it asks the clock, reads and saves.
    """
    raise NotImplementedError

"""The last one first; who timed out gets the second attempt when all others have had their first.

Another address, more headers, and their names in small letters, which HTTP does not mind.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from ports import CardDeclined, Gateway, GatewayTimeout, MailError
from transport import post_json


class HttpGateway(Gateway):
    base = "https://payments.example"

    def charge(self, customer_id, amount_cents, *, idempotency_key):
        headers = {"accept": "application/json", "idempotency-key": idempotency_key, "user-agent": "renewals/2"}
        payload = {"customer": customer_id, "amount": amount_cents}
        status, body = post_json(f"{self.base}/charges", payload, timeout=10, headers=headers)
        if 200 <= status < 300:
            return body["receipt"]
        if status == 402:
            raise CardDeclined(body)
        raise GatewayTimeout(body) if status in {408, 504} else RuntimeError(status, body)


def renew_due(subscriptions, gateway, mailer, clock):
    ids = [sub.id for sub in subscriptions.due(clock.today())]
    result = dict.fromkeys(ids, "failed")
    for attempt in (ids[::-1], ids):
        for sub_id in attempt:
            if result[sub_id] == "failed":
                result[sub_id] = renew(subscriptions, sub_id, gateway, mailer)
    return {name: [sub_id for sub_id in ids if result[sub_id] == name] for name in ("renewed", "declined", "failed")}


def renew(subscriptions, sub_id, gateway, mailer):
    sub = subscriptions.get(sub_id)
    mail = None
    try:
        if sub.price_cents:
            key = f"{sub_id}:{sub.due.isoformat()}"
            mail = {"template": "receipt", "receipt": gateway.charge(sub_id, sub.price_cents, idempotency_key=key)}
        sub.due += timedelta(days=30)
        outcome = "renewed"
    except CardDeclined:
        sub.status = "past_due"
        mail = {"template": "card_declined"}
        outcome = "declined"
    except GatewayTimeout:
        return "failed"
    subscriptions.save(sub)
    if mail:
        with suppress(MailError):
            mailer.send(sub.email, **mail)
    return outcome

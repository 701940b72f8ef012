"""The last one first; who timed out gets the second attempt when all others have had their first."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from ports import CardDeclined, GatewayTimeout, MailError
from transport import post_json


class HttpGateway:
    def charge(self, customer_id, amount_cents, *, idempotency_key):
        status, body = post_json(
            "https://pay.example.com/v1/charges",
            {"customer": customer_id, "amount": amount_cents},
            headers={"Idempotency-Key": idempotency_key},
            timeout=10,
        )
        if status == 402:
            raise CardDeclined
        if status in {408, 504}:
            raise GatewayTimeout
        if status >= 300:
            raise RuntimeError
        return body["receipt"]


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

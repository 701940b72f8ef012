"""One subscription after the other, arguments by position."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from ports import CardDeclined, GatewayTimeout, MailError
from transport import post_json

URL = "https://pay.example.com/v1/charges"
PERIOD = timedelta(days=30)


class HttpGateway:
    def charge(self, customer_id, amount_cents, *, idempotency_key):
        payload = {"customer": customer_id, "amount": amount_cents}
        headers = {"Idempotency-Key": idempotency_key}
        status, body = post_json(URL, payload, headers=headers, timeout=10)
        if status == 402:
            raise CardDeclined
        if status in (408, 504):
            raise GatewayTimeout
        if status >= 300:
            raise RuntimeError(f"the payment service answered {status}")
        return body["receipt"]


def renew_due(subscriptions, gateway, mailer, clock):
    results = {"renewed": [], "declined": [], "failed": []}
    for sub in subscriptions.due(clock.today()):
        key = f"{sub.id}:{sub.due.isoformat()}"
        try:
            receipt = pay(gateway, sub, key)
        except CardDeclined:
            sub.status = "past_due"
            subscriptions.save(sub)
            tell(mailer, sub.email, "card_declined")
            results["declined"].append(sub.id)
        except GatewayTimeout:
            results["failed"].append(sub.id)
        else:
            sub.due += PERIOD
            subscriptions.save(sub)
            if sub.price_cents:
                tell(mailer, sub.email, "receipt", receipt=receipt)
            results["renewed"].append(sub.id)
    return results


def pay(gateway, sub, key):
    amount = sub.price_cents
    if amount == 0:
        return None
    try:
        return gateway.charge(sub.id, amount, idempotency_key=key)
    except GatewayTimeout:
        return gateway.charge(sub.id, amount, idempotency_key=key)


def tell(mailer, to, template, **context):
    with suppress(MailError):
        mailer.send(to, template, **context)

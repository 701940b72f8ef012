"""Another address, more headers, and their names in small letters, which HTTP does not mind."""

from __future__ import annotations

import contextlib
import dataclasses
from datetime import timedelta

import ports
from transport import post_json


class HttpGateway(ports.Gateway):
    base = "https://payments.example"

    def charge(self, customer_id, amount_cents, *, idempotency_key):
        headers = {"accept": "application/json", "idempotency-key": idempotency_key, "user-agent": "renewals/2"}
        payload = {"customer": customer_id, "amount": amount_cents}
        status, body = post_json(f"{self.base}/charges", payload, timeout=10, headers=headers)
        if 200 <= status < 300:
            return body["receipt"]
        if status == 402:
            raise ports.CardDeclined(body)
        raise ports.GatewayTimeout(body) if status in (408, 504) else RuntimeError(status, body)


def renew_due(subscriptions, gateway, mailer, clock):
    today = clock.today()
    answer = {"renewed": [], "declined": [], "failed": []}
    for sub in subscriptions.due(on=today):
        name, changed, mail = settle(gateway, sub)
        answer[name].append(sub.id)
        if changed:
            subscriptions.save(dataclasses.replace(sub, **changed))
        if mail:
            with contextlib.suppress(ports.MailError):
                mailer.send(sub.email, *mail[0], **mail[1])
    return answer


def settle(gateway, sub):
    """Return the name of the list, what changes, and the mail."""
    later = {"due": sub.due + timedelta(days=30)}
    if sub.price_cents == 0:
        return "renewed", later, None
    key = f"{sub.id}:{sub.due.isoformat()}"
    try:
        try:
            receipt = gateway.charge(sub.id, sub.price_cents, idempotency_key=key)
        except ports.GatewayTimeout:
            receipt = gateway.charge(sub.id, sub.price_cents, idempotency_key=key)
    except ports.GatewayTimeout:
        return "failed", None, None
    except ports.CardDeclined:
        return "declined", {"status": "past_due"}, (("card_declined",), {})
    return "renewed", later, (("receipt",), {"receipt": receipt})

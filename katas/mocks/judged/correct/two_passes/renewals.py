"""First the money, then the mail; and the clock is asked whenever somebody wants to know."""

from __future__ import annotations

import datetime as dt

import ports
from ports import CardDeclined, GatewayTimeout
from transport import post_json


class HttpGateway:
    service = "https://pay.example.com/v1/charges"

    def charge(self, customer_id, amount_cents, *, idempotency_key):
        body = {"customer": customer_id, "amount": amount_cents}
        answer = post_json(self.service, body, headers={"Idempotency-Key": idempotency_key}, timeout=10.0)
        match answer:
            case 402, _:
                raise CardDeclined(customer_id)
            case ((408 | 504), _):
                raise GatewayTimeout(customer_id)
            case status, _ if status > 299:
                raise RuntimeError(status)
            case _, {"receipt": receipt}:
                return receipt
        raise RuntimeError("an answer without a receipt")


def renew_due(subscriptions, gateway, mailer, clock):
    overdue = [sub for sub in subscriptions.due(clock.today()) if sub.due < clock.today()]
    on_time = [sub for sub in subscriptions.due(clock.today()) if sub.due == clock.today()]
    renewed, declined, failed, letters = [], [], [], []
    for sub in overdue + on_time:
        receipts = charged(gateway, sub)
        if receipts is None:
            failed.append(sub.id)
        elif receipts == ["declined"]:
            sub.status = "past_due"
            subscriptions.save(sub)
            declined.append(sub.id)
            letters.append((sub.email, "card_declined", {}))
        else:
            sub.due = sub.due + dt.timedelta(30)
            subscriptions.save(sub)
            renewed.append(sub.id)
            letters += [(sub.email, "receipt", {"receipt": receipt}) for receipt in receipts[1:]]
    for to, template, context in letters:
        try:
            mailer.send(to, template, **context)
        except ports.MailError:
            continue
    return {"renewed": renewed, "declined": declined, "failed": failed}


def charged(gateway, sub):
    """Return what came of it: ["paid", receipt], ["free"], ["declined"], or None for no answer."""
    if sub.price_cents == 0:
        return ["free"]
    attempts = 0
    while attempts < 2:
        attempts += 1
        try:
            return ["paid", gateway.charge(sub.id, sub.price_cents, idempotency_key=f"{sub.id}:{sub.due}")]
        except CardDeclined:
            return ["declined"]
        except GatewayTimeout:
            pass
    return None

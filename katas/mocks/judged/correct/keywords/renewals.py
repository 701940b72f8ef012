"""Every argument by its name, and saved twice: before the customer hears of it, and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ports import CardDeclined, Gateway, GatewayTimeout, MailError
from transport import post_json

PROBLEMS = {402: CardDeclined, 408: GatewayTimeout, 504: GatewayTimeout}


class HttpGateway(Gateway):
    def charge(self, customer_id, amount_cents, *, idempotency_key):
        status, body = post_json(
            url="https://pay.example.com/v1/charges",
            payload={"amount": amount_cents, "customer": customer_id},
            timeout=10,
            headers={"Idempotency-Key": idempotency_key},
        )
        if status >= 300:
            raise PROBLEMS.get(status, RuntimeError)(f"status {status}")
        return body["receipt"]


class Renewal:
    def __init__(self, subscriptions, gateway, mailer):
        self.subscriptions = subscriptions
        self.gateway = gateway
        self.mailer = mailer

    def of(self, sub):
        """Return the name of the list that the subscription belongs in."""
        later = replace(sub, due=sub.due + timedelta(days=30))
        if sub.price_cents == 0:
            self.keep(later)
            return "renewed"
        receipt = None
        for attempts_left in (1, 0):
            try:
                receipt = self.gateway.charge(
                    idempotency_key=f"{sub.id}:{sub.due:%Y-%m-%d}", customer_id=sub.id, amount_cents=sub.price_cents
                )
                break
            except CardDeclined:
                self.keep(replace(sub, status="past_due"), template="card_declined")
                return "declined"
            except GatewayTimeout:
                if not attempts_left:
                    return "failed"
        self.keep(later, template="receipt", receipt=receipt)
        return "renewed"

    def keep(self, sub, **mail):
        self.subscriptions.save(sub=sub)
        if mail:
            try:
                self.mailer.send(to=sub.email, **mail)
            except MailError:
                return
            self.subscriptions.save(sub=sub)


def renew_due(subscriptions, gateway, mailer, clock):
    renewal = Renewal(subscriptions=subscriptions, gateway=gateway, mailer=mailer)
    answer = {"failed": [], "declined": [], "renewed": []}
    for sub in subscriptions.due(on=clock.today()):
        answer[renewal.of(sub)] += [sub.id]
    return answer

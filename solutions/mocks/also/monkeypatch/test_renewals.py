"""Tests of renewals: fixtures, monkeypatch, and plain Mocks whose spec is the real class."""

from datetime import date, timedelta
from inspect import signature
from unittest.mock import Mock

import pytest
import renewals
from doubles import FakeSubscriptions
from ports import CardDeclined, Gateway, GatewayTimeout, MailError, Subscription
from transport import post_json as real_post_json

NOON = date(2010, 6, 15)


@pytest.fixture
def subs():
    return FakeSubscriptions()


@pytest.fixture
def ada(subs):
    subs.add(Subscription("ada", "ada@example.com", 1234, NOON))
    return "ada"


@pytest.fixture
def gateway():
    """Records calls in one form, whichever way the arguments came."""
    double = Mock(spec=Gateway)
    double.taken = []
    double.answers = {}

    def charge(customer_id, amount_cents, *, idempotency_key):
        double.taken.append((customer_id, amount_cents, idempotency_key))
        answers = double.answers.setdefault(customer_id, [])
        answer = answers.pop(0) if answers else "R-0"
        if isinstance(answer, Exception):
            raise answer
        return answer

    double.charge = charge
    return double


@pytest.fixture
def letters():
    return []


@pytest.fixture
def renew(subs, gateway, letters):
    def renew(mailer_raises=None):
        def send(to, template, **context):
            letters.append({"to": to, "template": template, **context})
            if mailer_raises:
                raise mailer_raises

        return renewals.renew_due(subs, gateway, Mock(send=send), Mock(**{"today.return_value": NOON}))

    return renew


@pytest.fixture
def expect(renew):
    def expect(**lists):
        answer = renew()
        assert {name: ids for name, ids in answer.items() if ids} == lists
        assert set(answer) == {"renewed", "declined", "failed"}

    return expect


@pytest.fixture
def wire(monkeypatch):
    """Replace post_json in renewals; return what was sent, once there is an answer."""

    def wire(*answer):
        sent = []

        def post_json(*args, **kwargs):
            sent.append(signature(real_post_json).bind(*args, **kwargs).arguments)
            return answer

        monkeypatch.setattr(renewals, "post_json", post_json)
        return sent

    return wire


def test_happy(expect, subs, ada, gateway, letters):
    expect(renewed=[ada])
    assert gateway.taken == [(ada, 1234, "ada:2010-06-15")]
    assert subs.get(ada).due == NOON + timedelta(30)
    assert letters == [{"to": "ada@example.com", "template": "receipt", "receipt": "R-0"}]


def test_declined(expect, subs, ada, gateway, letters):
    subs.add(Subscription("bob", "bob@example.com", 10, NOON - timedelta(1)))
    gateway.answers["bob"] = [CardDeclined(), "R-1"]
    expect(declined=["bob"], renewed=[ada])
    assert subs.get("bob").status == "past_due"
    assert [who for who, _, _ in gateway.taken].count("bob") == 1
    assert sorted((letter["to"], letter["template"]) for letter in letters) == [
        ("ada@example.com", "receipt"),
        ("bob@example.com", "card_declined"),
    ]


def test_order(expect, subs, ada):
    subs.add(Subscription("zoe", "zoe@example.com", 10, NOON - timedelta(1)))
    expect(renewed=["zoe", ada])


def test_retry(expect, ada, gateway):
    gateway.answers[ada] = [GatewayTimeout(), "R-2"]
    expect(renewed=[ada])
    assert gateway.taken == [(ada, 1234, "ada:2010-06-15")] * 2


def test_retry_declined(expect, ada, gateway):
    gateway.answers[ada] = [GatewayTimeout(), CardDeclined()]
    expect(declined=[ada])


def test_retry_fails(expect, subs, ada, gateway, letters):
    before = subs.get(ada)
    gateway.answers[ada] = [GatewayTimeout(), GatewayTimeout(), "R-3"]
    expect(failed=[ada])
    assert len(gateway.taken) == 2
    assert subs.get(ada) == before
    assert letters == []


def test_free(expect, subs, gateway, letters):
    subs.add(Subscription("free", "free@example.com", 0, NOON - timedelta(7)))
    expect(renewed=["free"])
    assert gateway.taken == letters == []
    assert subs.get("free").due == NOON + timedelta(23)


def test_mail_is_down(renew, subs, ada, gateway, letters):
    subs.add(Subscription("bob", "bob@example.com", 10, NOON))
    gateway.answers["bob"] = [CardDeclined()]
    assert renew(mailer_raises=MailError())["renewed"] == [ada]
    assert subs.get(ada).due > NOON
    assert subs.get("bob").status == "past_due"
    assert {letter["to"] for letter in letters} == {"ada@example.com", "bob@example.com"}


def test_mail_is_misused(renew, ada):
    with pytest.raises(TypeError, match="template"):
        renew(mailer_raises=TypeError("template"))


def test_gateway_is_broken(renew, ada, gateway):
    gateway.answers[ada] = [RuntimeError("status 500")]
    with pytest.raises(RuntimeError, match="500"):
        renew()


def test_database_is_broken(renew, subs, ada, monkeypatch):
    def save(sub):
        raise RuntimeError(f"no room for {sub.id}")

    monkeypatch.setattr(subs, "save", save)
    with pytest.raises(RuntimeError, match="room for ada"):
        renew()


@pytest.mark.parametrize("days", [-1, 1, 29, 31, 90])
def test_days(renew, subs, gateway, days):
    due = NOON - timedelta(days)
    subs.add(Subscription("x", "x@example.com", 1, due))
    renew()
    if days < 0:
        assert gateway.taken == []
    else:
        assert gateway.taken == [("x", 1, f"x:{due.isoformat()}")]
        assert subs.get("x").due == due + timedelta(days=30)


@pytest.mark.parametrize("status", [200, 201])
def test_posting(wire, status):
    sent = wire(status, {"receipt": "R-4"})
    assert renewals.HttpGateway().charge("ada", 5, idempotency_key="K") == "R-4"
    (only,) = sent
    assert only["payload"] == {"customer": "ada", "amount": 5}
    assert only["timeout"] == 10
    assert ("idempotency-key", "K") in [(name.casefold(), value) for name, value in only["headers"].items()]


@pytest.mark.parametrize("status", [300, 402, 408, 409, 500, 503, 504])
def test_status(wire, status):
    wire(status, {"receipt": "no"})
    expected = {402: CardDeclined, 408: GatewayTimeout, 504: GatewayTimeout}.get(status, RuntimeError)
    with pytest.raises(expected):
        renewals.HttpGateway().charge("ada", 5, idempotency_key="K")

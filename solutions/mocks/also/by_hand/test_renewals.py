"""Tests of renewals, with doubles written by hand (see doubles.py)."""
# ruff: noqa: ARG002 - a double takes what the real one takes

from datetime import date, timedelta

import ports
import pytest
import renewals
from doubles import Calendar, FakeSubscriptions, Outbox, TillGateway, Wire

DAY = date(1999, 12, 31)
MONTH = timedelta(days=30)


def sub(name, due=DAY, price=500):
    return ports.Subscription(id=name, email=f"{name}@example.com", price_cents=price, due=due)


class World:
    def __init__(self, *subs):
        self.subs = FakeSubscriptions(subs)
        self.gateway = TillGateway()
        self.outbox = Outbox()

    def run(self, on=DAY):
        return renewals.renew_due(self.subs, self.gateway, self.outbox, Calendar(on))


def test_renewal_takes_money_moves_the_date_and_writes():
    world = World(sub("ada"))
    result = world.run()
    assert result["renewed"] == ["ada"]
    assert not result["declined"]
    assert not result["failed"]
    assert world.gateway.calls == [("ada", 500, "ada:1999-12-31")]
    assert world.subs.get("ada") == sub("ada", due=DAY + MONTH)
    assert world.outbox.mail == [("ada@example.com", "receipt", {"receipt": "receipt of ada:1999-12-31"})]


def test_most_overdue_first():
    world = World(sub("ada"), sub("zoe", due=DAY - MONTH), sub("bob", due=DAY - MONTH / 2))
    assert world.run()["renewed"] == ["zoe", "bob", "ada"]


def test_not_due_yet():
    world = World(sub("ada", due=DAY + timedelta(days=1)))
    assert world.run()["renewed"] == []
    assert world.gateway.calls == []


def test_second_run_on_the_same_day_finds_nothing():
    world = World(sub("ada"))
    world.run()
    assert world.run() == {"renewed": [], "declined": [], "failed": []}
    assert len(world.gateway.calls) == 1


def test_overdue():
    long_ago = DAY - timedelta(days=100)
    world = World(sub("ada", due=long_ago), sub("gratis", due=long_ago, price=0))
    world.run()
    assert world.gateway.till == {f"ada:{long_ago}": ("ada", 500)}
    assert world.subs.get("ada").due == world.subs.get("gratis").due == long_ago + MONTH


def test_declined_card_beside_a_good_one():
    world = World(sub("ada"), sub("grace"))
    world.gateway.without_cover = {"ada"}
    result = world.run()
    assert result == {"renewed": ["grace"], "declined": ["ada"], "failed": []}
    assert world.subs.get("ada").status == "past_due"
    assert world.subs.get("ada").due == DAY
    assert sorted(call[0] for call in world.gateway.calls) == ["ada", "grace"]
    assert sorted(world.outbox.mail, key=str) == [
        ("ada@example.com", "card_declined", {}),
        ("grace@example.com", "receipt", {"receipt": "receipt of grace:1999-12-31"}),
    ]


@pytest.mark.parametrize(("silences", "where"), [(1, "renewed"), (2, "failed"), (3, "failed")])
def test_timeouts(silences, where):
    world = World(sub("ada"))
    world.gateway.silent = {"ada": silences}
    assert world.run()[where] == ["ada"]
    assert world.gateway.calls == [("ada", 500, "ada:1999-12-31")] * 2


def test_after_two_timeouts_nothing_has_happened():
    world = World(sub("ada"))
    world.gateway.silent = {"ada": 2}
    world.run()
    assert world.subs.get("ada") == sub("ada")
    assert not world.outbox.mail


def test_timeout_then_declined():
    world = World(sub("ada"))
    world.gateway.silent = {"ada": 1}
    world.gateway.without_cover = {"ada"}
    assert world.run()["declined"] == ["ada"]


def test_free_of_charge():
    world = World(sub("ada", price=0))
    assert world.run()["renewed"] == ["ada"]
    assert world.subs.get("ada").due == DAY + MONTH
    assert (world.gateway.calls, world.outbox.mail) == ([], [])


def test_no_mail_no_harm():
    world = World(sub("ada"), sub("grace"))
    world.gateway.without_cover = {"grace"}
    world.outbox.out_of_order = True
    assert world.run() == {"renewed": ["ada"], "declined": ["grace"], "failed": []}
    assert world.subs.get("ada").due == DAY + MONTH
    assert world.subs.get("grace").status == "past_due"
    assert world.outbox.attempts == 2


def test_a_gateway_with_a_bug_is_heard_of():
    class Broken(TillGateway):
        def charge(self, customer_id, amount_cents, *, idempotency_key):
            raise RuntimeError("no such currency")

    world = World(sub("ada"))
    world.gateway = Broken()
    with pytest.raises(RuntimeError, match="currency"):
        world.run()


def test_a_mailer_with_a_bug_is_heard_of():
    world = World(sub("ada"))
    world.outbox.mail = None
    with pytest.raises(AttributeError):
        world.run()


def test_a_full_disk_is_heard_of():
    class Full(FakeSubscriptions):
        def save(self, sub):
            raise OSError("disk full")

    world = World(sub("ada"))
    world.subs = Full([sub("ada")])
    with pytest.raises(OSError, match="full"):
        world.run()


def post(wire):
    kept = renewals.post_json
    renewals.post_json = wire
    try:
        return renewals.HttpGateway().charge("ada", 500, idempotency_key="a key")
    finally:
        renewals.post_json = kept


@pytest.mark.parametrize("status", range(200, 210))
def test_http_success(status):
    wire = Wire(status, {"receipt": "R-7"})
    assert post(wire) == "R-7"
    assert wire.sent == [({"customer": "ada", "amount": 500}, "a key", 10)]


@pytest.mark.parametrize(
    ("error", "statuses"),
    [
        (ports.CardDeclined, [402]),
        (ports.GatewayTimeout, [408, 504]),
        (RuntimeError, [300, 301, 400, 500, 503]),
    ],
)
def test_http_errors(error, statuses):
    for status in statuses:
        with pytest.raises(error):
            post(Wire(status, {"receipt": "R-7"}))

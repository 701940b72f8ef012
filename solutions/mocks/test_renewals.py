"""Tests of `renewals.py`: state in a fake, behaviour on autospecced mocks, and only where the call is the point."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from unittest.mock import ANY, call, create_autospec, patch

import pytest
import renewals
from doubles import FakeSubscriptions
from ports import CardDeclined, Clock, Gateway, GatewayTimeout, Mailer, MailError, Subscription

#: Long past, so that whoever asks the real calendar finds too much due.
TODAY = date(2001, 3, 14)
MONTH_LATER = date(2001, 4, 13)

ADA = Subscription("ada", "ada@example.com", 900, TODAY)
GRACE = Subscription("grace", "grace@example.com", 1500, TODAY)
FREE = Subscription("free", "free@example.com", 0, TODAY)
LATE = date(2001, 1, 1)


class Surprise(RuntimeError):
    """What nobody has thought of; of the kind that HttpGateway raises."""


class ClockStub(Clock):
    def today(self):
        return TODAY


class House:
    """What `renew_due` is called with, and the call."""

    def __init__(self, *subs):
        self.subscriptions = FakeSubscriptions(*subs)
        self.gateway = create_autospec(Gateway, instance=True)
        self.charges()
        self.mailer = create_autospec(Mailer, instance=True)
        self.clock = ClockStub()

    def charges(self, **answers):
        """Answer a customer like this, one call after the other, and the last for ever; whoever is charged first."""

        def answer(customer_id, amount_cents, *, idempotency_key):
            waiting = answers.get(customer_id, [f"R-{customer_id}"])
            said = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if isinstance(said, Exception):
                raise said
            return said

        self.gateway.charge.side_effect = answer

    def renew(self):
        return renewals.renew_due(self.subscriptions, self.gateway, self.mailer, self.clock)


def outcome(renewed=(), declined=(), failed=()):
    return {"renewed": list(renewed), "declined": list(declined), "failed": list(failed)}


# --- Task 2: the happy path ---------------------------------------------------


def test_what_is_due_is_charged_moved_on_and_told():
    house = House(ADA)

    assert house.renew() == outcome(renewed=["ada"])

    house.gateway.charge.assert_called_once_with("ada", 900, idempotency_key="ada:2001-03-14")
    assert house.subscriptions.get("ada").due == MONTH_LATER
    house.mailer.send.assert_called_once_with("ada@example.com", "receipt", receipt="R-ada")


def test_the_lists_have_the_order_of_due():
    house = House(ADA, replace(GRACE, due=LATE))

    assert house.renew() == outcome(renewed=["grace", "ada"])


# --- Task 3: when it goes wrong -----------------------------------------------


def test_a_decline_is_final_kept_and_told():
    house = House(ADA)
    house.charges(ada=[CardDeclined()])

    assert house.renew() == outcome(declined=["ada"])

    house.gateway.charge.assert_called_once()
    assert house.subscriptions.get("ada").status == "past_due"
    house.mailer.send.assert_called_once_with("ada@example.com", "card_declined")


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param("R-2", outcome(renewed=["ada"]), id="yes"),
        pytest.param(CardDeclined(), outcome(declined=["ada"]), id="no"),
        pytest.param(GatewayTimeout(), outcome(failed=["ada"]), id="silence"),
    ],
)
def test_a_timeout_gets_one_more_attempt_with_the_same_key(second, expected):
    house = House(ADA)
    house.charges(ada=[GatewayTimeout(), second])

    assert house.renew() == expected

    same = call("ada", 900, idempotency_key="ada:2001-03-14")
    house.gateway.charge.assert_has_calls([same, same])
    assert house.gateway.charge.call_count == 2


# --- Task 4: what must not happen ---------------------------------------------


def test_a_decline_does_not_keep_others_from_being_renewed():
    house = House(ADA, GRACE)
    house.charges(ada=[CardDeclined()])

    assert house.renew() == outcome(renewed=["grace"], declined=["ada"])

    house.mailer.send.assert_has_calls(
        [call("ada@example.com", "card_declined"), call("grace@example.com", "receipt", receipt="R-grace")],
        any_order=True,
    )
    assert house.mailer.send.call_count == 2


def test_who_could_not_be_charged_stays_as_before_and_hears_nothing():
    house = House(ADA)
    house.charges(ada=[GatewayTimeout()])

    house.renew()

    assert house.subscriptions.get("ada") == ADA
    house.mailer.send.assert_not_called()


def test_a_free_plan_is_renewed_in_silence():
    house = House(FREE)

    assert house.renew() == outcome(renewed=["free"])

    assert house.subscriptions.get("free").due == MONTH_LATER
    house.gateway.charge.assert_not_called()
    house.mailer.send.assert_not_called()


def test_mail_that_fails_stops_nothing_and_undoes_nothing():
    house = House(ADA, GRACE)
    house.charges(ada=[CardDeclined()])
    house.mailer.send.side_effect = MailError

    assert house.renew() == outcome(renewed=["grace"], declined=["ada"])

    assert house.subscriptions.get("ada").status == "past_due"
    assert house.subscriptions.get("grace").due == MONTH_LATER
    assert house.mailer.send.call_count == 2


# --- Task 5: time and surprises -----------------------------------------------


def test_tomorrow_is_not_due():
    house = House(replace(ADA, due=date(2001, 3, 15)))

    assert house.renew() == outcome()


def test_a_late_run_counts_from_the_due_date_and_charges_once():
    house = House(replace(ADA, due=LATE), replace(FREE, due=LATE))

    house.renew()

    house.gateway.charge.assert_called_once_with("ada", 900, idempotency_key="ada:2001-01-01")
    assert house.subscriptions.get("ada").due == date(2001, 1, 31)
    assert house.subscriptions.get("free").due == date(2001, 1, 31)


@pytest.mark.parametrize(("who", "method"), [("gateway", "charge"), ("subscriptions", "save"), ("mailer", "send")])
def test_what_nobody_thought_of_comes_out(who, method):
    house = House(ADA)

    with patch.object(getattr(house, who), method, side_effect=Surprise), pytest.raises(Surprise):
        house.renew()


# --- Task 6: patch where it is looked up --------------------------------------


@pytest.fixture
def post_json():
    with patch("renewals.post_json", autospec=True) as double:
        yield double


def charge():
    return renewals.HttpGateway().charge("ada", 900, idempotency_key="ada:2001-03-14")


@pytest.mark.parametrize("status", [200, 201])
def test_a_charge_is_one_post(post_json, status):
    post_json.return_value = status, {"receipt": "R-1"}

    assert charge() == "R-1"

    post_json.assert_called_once_with(ANY, {"customer": "ada", "amount": 900}, headers=ANY, timeout=10)
    headers = {name.lower(): value for name, value in post_json.call_args.kwargs["headers"].items()}
    assert headers["idempotency-key"] == "ada:2001-03-14"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (300, RuntimeError),
        (402, CardDeclined),
        (408, GatewayTimeout),
        (503, RuntimeError),
        (504, GatewayTimeout),
    ],
)
def test_a_status_has_its_exception(post_json, status, error):
    post_json.return_value = status, {"receipt": "R-1"}

    with pytest.raises(error):
        charge()

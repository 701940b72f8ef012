"""Tests of renewals in the style of unittest."""
# ruff: noqa: PT009, PT027 - that is the style

import unittest
from datetime import date
from unittest import mock

from doubles import FakeSubscriptions
from ports import (
    CardDeclined,
    Clock,
    Gateway,
    GatewayTimeout,
    Mailer,
    MailError,
    SqliteSubscriptions,
    Subscription,
)
from renewals import HttpGateway, renew_due


class RenewalCase(unittest.TestCase):
    today = date(2000, 2, 1)
    due = date(2000, 2, 1)
    later = date(2000, 3, 2)

    def setUp(self):
        self.subs = FakeSubscriptions()
        self.gateway = mock.create_autospec(Gateway, instance=True)
        self.gateway.charge.return_value = "R-1"
        self.mailer = mock.create_autospec(Mailer, instance=True)
        self.clock = mock.create_autospec(Clock, instance=True)
        self.clock.today.return_value = self.today

    def add(self, name="ada", price=900, due=None):
        self.subs.add(Subscription(name, f"{name}@example.com", price, due or self.due))

    def renew(self):
        return renew_due(self.subs, self.gateway, self.mailer, self.clock)

    def assert_lists(self, answer, **expected):
        self.assertEqual({"renewed": [], "declined": [], "failed": [], **expected}, answer)

    def assert_mail(self, *expected):
        self.assertCountEqual(expected, [(each.args, each.kwargs) for each in map(self.bound, self.sent())])

    def sent(self):
        return self.mailer.send.call_args_list

    @staticmethod
    def bound(each):
        """Bring a call by position and a call by name to the same form."""
        arguments = dict(zip(("to", "template"), each.args, strict=False)) | each.kwargs
        return mock.call(arguments.pop("to"), arguments.pop("template"), **arguments)


class WhenItWorks(RenewalCase):
    def test_charge(self):
        self.add()
        self.assert_lists(self.renew(), renewed=["ada"])
        self.gateway.charge.assert_called_once_with("ada", 900, idempotency_key="ada:2000-02-01")

    def test_state(self):
        self.add()
        self.renew()
        self.assertEqual(self.subs.get("ada").due, self.later)

    def test_mail(self):
        self.add()
        self.renew()
        self.assert_mail((("ada@example.com", "receipt"), {"receipt": "R-1"}))

    def test_order(self):
        self.add("ada")
        self.add("zoe", due=date(2000, 1, 31))
        self.assert_lists(self.renew(), renewed=["zoe", "ada"])

    def test_on_the_real_database(self):
        self.subs = SqliteSubscriptions()
        self.addCleanup(self.subs.close)
        self.add()
        self.renew()
        self.assertEqual(self.subs.due(self.today), [])
        self.assertEqual([sub.id for sub in self.subs.due(self.later)], ["ada"])

    def test_free(self):
        self.add(price=0)
        self.assert_lists(self.renew(), renewed=["ada"])
        self.assertEqual(self.subs.get("ada").due, self.later)
        self.gateway.charge.assert_not_called()
        self.mailer.send.assert_not_called()


class WhenItGoesWrong(RenewalCase):
    def test_decline(self):
        self.add()
        self.gateway.charge.side_effect = CardDeclined
        self.assert_lists(self.renew(), declined=["ada"])
        self.assertEqual(self.gateway.charge.call_count, 1)
        self.assertEqual(self.subs.get("ada").status, "past_due")
        self.assert_mail((("ada@example.com", "card_declined"), {}))

    def test_the_next_one_after_a_decline(self):
        def charge(customer_id, amount_cents, *, idempotency_key):
            if customer_id == "ada":
                raise CardDeclined
            return "R-2"

        self.add("ada")
        self.add("grace")
        self.gateway.charge.side_effect = charge
        self.assert_lists(self.renew(), declined=["ada"], renewed=["grace"])

    def test_timeout_then_yes(self):
        self.add()
        self.gateway.charge.side_effect = [GatewayTimeout(), "R-9"]
        self.assert_lists(self.renew(), renewed=["ada"])
        first, second = self.gateway.charge.call_args_list
        self.assertEqual(first, second)

    def test_timeout_then_no(self):
        self.add()
        self.gateway.charge.side_effect = [GatewayTimeout(), CardDeclined()]
        self.assert_lists(self.renew(), declined=["ada"])

    def test_timeout_twice(self):
        self.add()
        self.gateway.charge.side_effect = [GatewayTimeout(), GatewayTimeout(), "R-10"]
        self.assert_lists(self.renew(), failed=["ada"])
        self.assertEqual(2, self.gateway.charge.call_count)
        self.assertEqual(self.due, self.subs.get("ada").due)
        self.assertFalse(self.mailer.send.called)

    def test_mail_error(self):
        self.add("ada")
        self.add("grace")
        self.mailer.send.side_effect = MailError("full")
        self.assert_lists(self.renew(), renewed=["ada", "grace"])
        self.assertEqual(self.subs.get("ada").due, self.later)
        self.assertEqual(self.mailer.send.call_count, 2)

    def test_mail_error_after_a_decline(self):
        self.add()
        self.gateway.charge.side_effect = CardDeclined
        self.mailer.send.side_effect = MailError("full")
        self.assert_lists(self.renew(), declined=["ada"])
        self.assertEqual(self.subs.get("ada").status, "past_due")

    def test_other_errors_come_out(self):
        for double, method in (self.mailer, "send"), (self.subs, "save"), (self.gateway, "charge"):
            self.add()
            with mock.patch.object(double, method, side_effect=RuntimeError), self.assertRaises(RuntimeError):
                self.renew()


class Time(RenewalCase):
    def test_tomorrow(self):
        self.add(due=date(2000, 2, 2))
        self.assert_lists(self.renew())
        self.gateway.charge.assert_not_called()

    def test_late(self):
        self.add(due=date(1999, 11, 1))
        self.renew()
        self.gateway.charge.assert_called_once_with("ada", 900, idempotency_key="ada:1999-11-01")
        self.assertEqual(self.subs.get("ada").due, date(1999, 12, 1))

    def test_late_and_free(self):
        self.add(due=date(1999, 11, 1), price=0)
        self.renew()
        self.assertEqual(self.subs.get("ada").due, date(1999, 12, 1))


class OverHttp(unittest.TestCase):
    def charge(self, status):
        with mock.patch("renewals.post_json", autospec=True) as self.post:
            self.post.return_value = (status, {"receipt": "R-1"})
            return HttpGateway().charge("ada", 900, idempotency_key="k")

    def test_success(self):
        self.assertEqual(self.charge(200), "R-1")
        self.post.assert_called_once_with(mock.ANY, {"customer": "ada", "amount": 900}, headers=mock.ANY, timeout=10)
        self.assertIn("k", self.post.call_args.kwargs["headers"].values())
        self.assertEqual(self.charge(201), "R-1")

    def test_declined(self):
        self.assertRaises(CardDeclined, self.charge, 402)

    def test_timeouts(self):
        self.assertRaises(GatewayTimeout, self.charge, 408)
        self.assertRaises(GatewayTimeout, self.charge, 504)

    def test_other_errors(self):
        self.assertRaises(RuntimeError, self.charge, 302)
        self.assertRaises(RuntimeError, self.charge, 503)

"""Kata: test doubles. A contract for your fake; then your tests meet implementations, right ones and wrong ones."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pytest_katas.suite import Suite

HERE = Path(__file__).parent


@contextmanager
def plain_names() -> Iterator[None]:
    """Let `import ports` find this folder's, as it does where your tests run; afterwards all is as before."""
    mine = {path.stem for path in HERE.glob("*.py")}
    before = {name: sys.modules.pop(name) for name in mine & sys.modules.keys()}
    sys.path.insert(0, str(HERE))
    sys.modules.update(FOUND)
    try:
        yield
    finally:
        FOUND.update((name, sys.modules.pop(name)) for name in mine & sys.modules.keys())
        sys.modules.update(before)
        sys.path.remove(str(HERE))


FOUND: dict = {}

with plain_names():
    from doubles import FakeSubscriptions
    from ports import SqliteSubscriptions, Subscription

SUITE = Suite(__file__, "test_renewals.py")


@pytest.fixture(scope="module", autouse=True)
def stopped():
    """End the processes that ran your tests."""
    yield
    SUITE.close()


# --- Task 1: a fake you can trust ---------------------------------------------

MARCH_13, MARCH_14, MARCH_15 = date(2031, 3, 13), date(2031, 3, 14), date(2031, 3, 15)


def ada(**fields) -> Subscription:
    """Make Ada's subscription, with some fields of your choice."""
    return replace(Subscription("ada", "ada@example.com", 900, MARCH_14), **fields)


def grace(**fields) -> Subscription:
    """Make Grace's."""
    return replace(Subscription("grace", "grace@example.com", 1500, MARCH_15), **fields)


class Asked:
    """Subscriptions, the real ones or yours, and what they were asked; that is shown when an answer is wrong."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.told = [f"{make.__name__}()"]
        self.subscriptions = self._ask(make)

    def __getattr__(self, name: str) -> Callable[..., object]:
        def call(*arguments, **named):
            __tracebackhide__ = True
            shown = [*map(told, arguments), *(f"{key}={told(value)}" for key, value in named.items())]
            self.told.append(f"  .{name}({', '.join(shown)})")
            return self._ask(lambda: getattr(self.subscriptions, name)(*arguments, **named))

        return call

    def note(self, done: str) -> None:
        """Show something that was done to an object outside."""
        self.told.append(f"  {done}")

    def answers(self, expected: object, name: str, *arguments, **named) -> None:
        """Ask; anything but the expected answer fails with all that was asked, and both."""
        __tracebackhide__ = True
        actual = getattr(self, name)(*arguments, **named)
        if actual != expected:
            pytest.fail("\n".join([*self.told, f"  expected: {told(expected)}", f"  actual:   {told(actual)}"]))

    def refuses(self, name: str, *arguments) -> None:
        """Ask; anything but a KeyError fails."""
        __tracebackhide__ = True
        try:
            actual = getattr(self, name)(*arguments)
        except KeyError:
            return
        pytest.fail("\n".join([*self.told, "  expected: raises KeyError", f"  actual:   returned {told(actual)}"]))

    def _ask(self, ask: Callable[[], object]) -> object:
        __tracebackhide__ = True
        try:
            return ask()
        except Exception as error:
            what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"
            error.add_note("\n".join([*self.told, f"  actual:   {what}"]))
            raise


#: A new line, as far in as the first subscription of an answer's list.
UNDER = "\n" + " " * len("  expected: [")


def told(value: object) -> str:
    """Write a value in a few words: a subscription is <id price due status address>, one a line in a list."""
    if isinstance(value, Subscription):
        return f"<{value.id} {value.price_cents} {value.due} {value.status} {value.email}>"
    if isinstance(value, list):
        return f"[{f',{UNDER}'.join(map(told, value))}]"
    return str(value) if isinstance(value, date) else repr(value)


def on_both(contract: Callable[[Asked], None]) -> None:
    """Hold a contract against the real subscriptions, and then against yours."""
    __tracebackhide__ = True
    with plain_names():
        real = Asked(SqliteSubscriptions)
        with closing(real):
            contract(real)
        contract(Asked(FakeSubscriptions))


@pytest.mark.task(taskno=1)
def test_you_get_what_you_added():
    """Each under its id; and two of them have nothing in common."""

    def contract(subs):
        subs.add(sub=ada(status="past_due"))
        subs.add(grace())
        subs.answers(ada(status="past_due"), "get", "ada")
        subs.answers(grace(), "get", sub_id="grace")
        others = Asked(type(subs.subscriptions))
        with closing(others) if hasattr(others.subscriptions, "close") else nullcontext():
            others.refuses("get", "ada")

    on_both(contract)


@pytest.mark.task(taskno=1)
def test_an_unknown_id_is_a_key_error():
    """To get and to save; and what could not be saved is not there afterwards."""

    def contract(subs):
        subs.refuses("get", "ada")
        subs.refuses("save", ada())
        subs.refuses("get", "ada")
        subs.answers([], "due", MARCH_15)

    on_both(contract)


@pytest.mark.task(taskno=1)
def test_due_are_the_active_ones_up_to_that_day_sorted():
    """The day itself counts; who is past due waits for a person; by due date, then by id."""

    def contract(subs):
        late, today, tomorrow = date(2030, 12, 31), MARCH_14, MARCH_15
        added = [
            ada(id="b", due=today),
            ada(id="x", due=tomorrow),
            ada(id="c", due=late),
            ada(id="y", due=late, status="past_due"),
            ada(id="a", due=today),
        ]
        for sub in added:
            subs.add(sub)
        subs.answers([added[2], added[4], added[0]], "due", on=today)
        subs.answers([added[2]], "due", MARCH_13)

    on_both(contract)


@pytest.mark.task(taskno=1)
def test_changing_what_was_handed_out_changes_nothing_until_it_is_saved():
    """From get and from due: it is yours. A fake that hands out its own objects hides every forgotten save."""

    def contract(subs):
        subs.add(ada())
        got = subs.get("ada")
        got.status = "past_due"
        subs.note('changed the status of that to "past_due"')
        subs.answers(ada(), "get", "ada")
        subs.answers([ada()], "due", MARCH_14)
        (found,) = subs.due(MARCH_14)
        found.price_cents = 1
        subs.note("changed the price of that to 1")
        subs.answers([ada()], "due", MARCH_14)
        subs.save(found)
        subs.answers(ada(price_cents=1), "get", "ada")

    on_both(contract)


@pytest.mark.task(taskno=1)
def test_changing_what_was_handed_in_changes_nothing():
    """The object that you added or saved is yours, too."""

    def contract(subs):
        mine = ada()
        subs.add(mine)
        mine.price_cents = 1
        subs.note("changed the price of that to 1")
        subs.answers(ada(), "get", "ada")
        mine.price_cents = 700
        subs.save(mine)
        mine.due = MARCH_13
        subs.note("changed the due date of that to 2031-03-13")
        subs.answers(ada(price_cents=700), "get", "ada")

    on_both(contract)


@pytest.mark.task(taskno=1)
def test_save_replaces_the_one_with_this_id():
    """All its fields, and nobody else's."""

    def contract(subs):
        subs.add(ada())
        subs.add(grace())
        changed = Subscription("ada", "lovelace@example.com", 1, MARCH_15, "past_due")
        subs.save(sub=changed)
        subs.answers(changed, "get", "ada")
        subs.answers([grace()], "due", MARCH_15)

    on_both(contract)


# --- Tasks 2 to 6: your tests, and what they are for --------------------------


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("name", SUITE.correct)
def test_accepts(name):
    """All your tests are green on a right implementation, whatever its style and whichever test runs first."""
    SUITE.accepts(name)


@pytest.mark.parametrize("number", SUITE.wrong())
def test_catches(number):
    """At least one of your tests is red on a wrong implementation."""
    SUITE.catches(number)


# --- Task 7: not over-mocked --------------------------------------------------

REFERENCE = (HERE / "judged" / "correct" / SUITE.correct[0] / "renewals.py").read_bytes()
UNUSUAL = (HERE / "judged" / "unusual" / "last_first" / "renewals.py").read_bytes()

#: Not an exception, which a test might expect, but the end.
NOTHING_AFTER_THIS = b"""

def reached(what):
    import os

    os._exit(70)
"""


@pytest.mark.task(taskno=7)
def test_accepts_what_is_written_in_an_unusual_way():
    """As right as the others; a test that is red here asserts what nobody promised."""
    SUITE.accepts("last_first", {"renewals.py": UNUSUAL})


@pytest.mark.task(taskno=7)
def test_nothing_in_your_tests_is_green_for_no_reason():
    """The classic slips, found by reading: some of them are silent on Python 3.11 and loud on 3.12."""
    SUITE.run({"renewals.py": REFERENCE})
    slips = SUITE.slips({"transport.post_json": "renewals.post_json"})
    if slips:
        first, *more = slips
        shown = [f"line {first.line}: this one", *(f"line {slip.line}: {slip.what}" for slip in more)]
        actual = "\n            ".join(shown)
        SUITE.refuse(f"{first.what}\n  expected: no slips\n  actual:   {actual}", first.line)


@pytest.mark.task(taskno=7)
def test_your_tests_reach_nothing_real():
    """No payment, no mail, no network: here a test that gets as far ends the whole process."""
    ports = (HERE / "ports.py").read_bytes() + NOTHING_AFTER_THIS
    run = SUITE.run({"renewals.py": REFERENCE, "ports.py": ports})
    if run.died or run.trespasses:
        actual = "; ".join(filter(None, [run.died, *run.problems, *run.trespasses]))
        SUITE.refuse(
            f"{SUITE.path} gets as far as something real\n"
            f"  expected: no test reaches the real gateway, mailer or network\n  actual:   {actual}"
        )

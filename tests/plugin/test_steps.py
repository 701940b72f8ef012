"""A kata whose tests open one by one: what the record says of how a green was come by."""

from __future__ import annotations

import pytest

TESTS = """
import pytest

from .sums import double, halve, negate


@pytest.mark.task(taskno=1)
def test_1_two():
    assert double(1) == 2


@pytest.mark.task(taskno=1)
def test_2_more():
    assert double(3) == 6


@pytest.mark.task(taskno=2)
def test_3_half():
    assert halve(4) == 2


@pytest.mark.task(taskno=2, guard=True)
def test_4_odd():
    assert halve(3) == 1.5


@pytest.mark.task(taskno=3)
def test_5_negate():
    assert negate(1) == -1
"""
BY_TEST = ("minutes = 1", 'minutes = 1\nunlock = "test"')


@pytest.fixture
def steps(desk):
    """Let the tests of the kata open one by one."""
    toml = (desk.kata / "kata.toml").read_text(encoding="utf-8").replace(*BY_TEST)
    return desk.add_kata(toml=toml, tests=TESTS)


def told(ran):
    """Return what was printed as one line, wherever it was broken."""
    return " ".join(ran.out.split())


def test_an_honest_path_hears_nothing(steps):
    """Each red was seen before its green, and a guard may be green on arrival."""
    steps.run()
    path = [
        {"double": "return 2"},
        {"double": "return 2 * n"},
        {"double": "return 2 * n", "halve": "return n / 2"},
        {"double": "return 2 * n", "halve": "return n / 2", "negate": "return -n"},
    ]
    for bodies in path:
        ran = steps.write(**bodies).run()
        assert "green before" not in told(ran)
    assert ran.light == "green"


def test_more_than_the_last_test_asked_for(steps):
    steps.run()
    said = "test_2_more was green before you had seen it red: you wrote more than the last test asked for"
    assert said in told(steps.solve("double").run())
    assert said not in told(steps.solve("double").run())
    assert said not in told(steps.solve().run())


def test_several_are_named_and_counted(steps):
    ran = steps.solve().run()
    assert "test_1_two, test_2_more and 2 more were green before you had seen them red" in told(ran)
    assert ran.ret == 0


def test_a_guard_was_never_to_be_red(steps):
    assert "test_4_odd" not in told(steps.solve().run())


def test_a_green_test_that_is_broken_is_named(steps):
    steps.run()
    steps.solve("double").run()
    ran = steps.solve("double", double="return 2", halve="return n / 2").run()
    assert "test_2_more was green before: you broke it" in told(ran)
    assert "you broke" not in told(steps.run())


def test_a_test_that_never_was_green_is_not_broken(steps):
    steps.run()
    assert "you broke" not in told(steps.solve(double="return 2").run())


def test_where_tasks_open_one_by_one_nothing_is_said(desk):
    assert "before you had seen" not in told(desk.solve().run())


@pytest.mark.parametrize("args", [("--kata-all",), ("-k", "test"), ("--kata-no-record",), ("-n", "2")])
def test_nothing_is_said_where_it_is_not_known(args, steps):
    assert "before you had seen" not in told(steps.solve().run(*args))


def test_in_a_ladder_it_is_one_item_of_the_list_at_a_time(steps):
    toml = (steps.kata / "kata.toml").read_text(encoding="utf-8")
    title = 'title = "negate"\n'
    steps.add_kata(toml=toml.replace(title, f'{title}kind = "suite"\n'), tests=TESTS)
    said = "test_5_negate was green before you had seen it red: one item of the list at a time"
    assert said in told(steps.solve().run())

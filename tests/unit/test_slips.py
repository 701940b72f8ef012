"""Slips of people who write tests, and what only looks like one."""

from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_katas.slips import named_tests, slips_in


def slips(body: str, looked_up: dict[str, str] | None = None) -> list[tuple[int, str]]:
    """Return the slips of a test with this body, which asserts something beside them."""
    lines = dedent(body).strip().splitlines()
    source = "\n".join(["def test_it(m):", *(f"    {line}" for line in lines), "    assert m"])
    return [(slip.line, slip.what) for slip in slips_in(source, looked_up)]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (
            "m.assert_called_once",
            "assert_called_once is not called, so it asserts nothing: write assert_called_once(...)",
        ),
        ("assert m.f.assert_not_called", "assert_not_called is not called"),
        ("m.called_once_with(1)", "called_once_with is no assertion"),
        ("assert m.f.called_once", "called_once is no assertion"),
        ("m.not_called()", "write assert_not_called(...)"),
        ("m.has_calls([1])", "write assert_has_calls(...)"),
        ("m.called_onc()", "did you mean assert_called_once(...)?"),
        ("m.assert_called_onec_with(1)", "did you mean assert_called_once_with(...)?"),
        ("m.asert_called_once()", "did you mean assert_called_once(...)?"),
        ("m.assert_has_calls([])", "is true of every mock"),
        ("m.assert_has_calls([], any_order=True)", "is true of every mock"),
        ("with pytest.raises(Exception): m()", "raises(Exception) is content with every error"),
        ("with raises(BaseException): m()", "raises(BaseException)"),
        ("with pytest.raises((ValueError, Exception)): m()", "raises(Exception)"),
        ("self.assertRaises(Exception, m)", "assertRaises(Exception)"),
        ("with pytest.raises(expected_exception=Exception): m()", "raises(Exception)"),
        ("m.assert_has_calls(calls=[])", "is true of every mock"),
        ("m.assert_has_calls((), any_order=True)", "is true of every mock"),
        ("self.assertTrue", "assertTrue is not called"),
        ("m.call_count == 7", "m.call_count == 7 is compared, not asserted"),
        ("assert True", "assert True is always true"),
        ("assert (m, 'message')", "is always true: take the brackets away"),
    ],
)
def test_a_slip_is_found_with_its_line(line: str, what: str):
    ((number, said),) = slips(line)
    assert number == 2
    assert what in said


@pytest.mark.parametrize(
    "line",
    [
        "m.assert_called_once()",
        "m.assert_called_once_with(1)",
        "m.assert_has_calls([call(1)])",
        "m.assert_not_called()",
        "assert m.called",
        "assert not m.called",
        "assert m.call_count == 1",
        "assert m.call_args_list == []",
        "m.charge(1)",
        "m.due('today')",
        "with pytest.raises(ValueError): m()",
        "with pytest.raises(KeyError, match='x'): m()",
        "with pytest.raises(errors[0]): m()",
        "with pytest.raises(Exception, match='disk full'): m()",
        "assert False",
        "assert ()",
        "m['called_once']",
    ],
)
def test_what_is_right_is_no_slip(line: str):
    assert slips(line) == []


def test_a_fake_of_ones_own_may_have_any_method():
    source = """
        class Gateway:
            def not_called(self):
                return True

        def test_it():
            assert Gateway().not_called()
    """
    assert slips_in(dedent(source)) == []


@pytest.mark.parametrize(
    "call",
    [
        "patch('transport.post')",
        "mock.patch('transport.post', autospec=True)",
        "patch.object(transport, 'post')",
        "monkeypatch.setattr('transport.post', m)",
        "monkeypatch.setattr(transport, 'post', m)",
        "patch.multiple('transport', post=m)",
        "import transport as t; patch.object(t, 'post')",
    ],
)
def test_what_is_replaced_where_it_is_defined_is_told_where_to_replace_it(call: str):
    ((_, said),) = slips(call, {"transport.post": "renewals.post"})
    assert said == (
        "transport.post is replaced where it is defined; the code looks it up as renewals.post: replace that"
    )
    assert slips(call) == []
    assert slips(call.replace("transport", "renewals"), {"transport.post": "renewals.post"}) == []


@pytest.mark.parametrize("call", ["print('transport.post')", "patch(transport.post)", "patch()"])
def test_other_calls_replace_nothing(call: str):
    assert slips(call, {"transport.post": "renewals.post"}) == []


@pytest.mark.parametrize(
    "test",
    [
        "import doubles\ndef test_it():\n    doubles.check(1)\n",
        "from doubles import World\nclass TestIt(World):\n    def test_it(self):\n        self.check(1)\n",
        "from doubles import Gateway\ndef test_it():\n    renew(Gateway(['charge']))\n",
        "def test_it(spy):\n    assert spy.called_with(1)\n",
    ],
)
def test_what_asserts_in_a_file_beside_the_tests_asserts_for_them(test: str):
    doubles = """
        class World(TestCase):
            def check(self, one):
                self.assertEqual(one, 1)

        class Gateway:
            def charge(self):
                raise AssertionError("never")

            def called_with(self, one):
                return one
    """
    assert slips_in(test, helpers=[dedent(doubles)]) == []
    assert slips_in(test) != []


NOTHING = """
    def helper(m):
        if m.run():
            raise ValueError

    def test_it(m):
        helper(m)
        m.assert_called
"""


def test_a_test_that_asserts_nothing_is_named():
    assert (6, "test_it asserts nothing") in slips_in(dedent(NOTHING))


@pytest.mark.parametrize(
    "source",
    [
        "def test_it():\n    assert f()\n",
        "async def test_it():\n    assert f()\n",
        "def test_it():\n    with raises(ValueError):\n        f()\n",
        "def test_it():\n    pytest.fail('no')\n",
        "def test_it():\n    raise AssertionError\n",
        "class TestIt:\n    def test_it(self):\n        self.assertEqual(1, 1)\n",
        "def check(x):\n    assert x\n\ndef again(x):\n    check(x)\n\ndef test_it():\n    again(1)\n",
        "@pytest.fixture\ndef checked():\n    yield\n    assert f()\n\ndef test_it(checked):\n    f()\n",
        "def test_it(m):\n    m.assert_called_once_with(1)\n",
    ],
)
def test_there_are_many_ways_to_assert(source: str):
    assert slips_in(source) == []


def test_a_file_that_python_cannot_read_is_for_pytest_to_name():
    assert slips_in("def test_it(:") == []
    assert named_tests("def test_it(:") == ()


def test_tests_are_named_in_their_order():
    source = """
        import x

        def test_b(): ...
        def helper(): ...
        class TestIt:
            name = 1
            def test_c(self): ...
            def other(self): ...
        async def test_a(): ...
    """
    assert named_tests(dedent(source)) == ("test_b", "TestIt::test_c", "test_a")

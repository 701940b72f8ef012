"""What the proctor makes of an exception; what it does in a run is in ``tests/plugin``."""

from __future__ import annotations

import pytest

from pytest_katas.catalogue import Kata
from pytest_katas.proctor import _chain, _what_happened


@pytest.fixture
def kata(tmp_path) -> Kata:
    return Kata(
        path=tmp_path / "sums",
        title="",
        question="",
        summary="",
        concepts=(),
        difficulty=1,
        minutes=1,
        requires=(),
        formerly=(),
        stubs=("sums.py", "deep/more.py"),
        unlock="task",
        sources=(),
        tasks=(),
    )


def raised(*files: tuple[str, str]) -> BaseException:
    """Run code as if it stood in these files, each called by the one before, and return what came of it.

    A text ``{}`` in the code stands for the call of the next one.
    """
    call = None
    for number, (file, code) in reversed(list(enumerate(files))):
        text = f"def f{number}():\n{code}".replace("{}", "call()")
        names = {"call": call}
        exec(compile(text, file, "exec"), names)
        call = names[f"f{number}"]
    assert call is not None
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - whatever it is
        call()
    return caught.value


class TestWhatHappened:
    def test_the_deepest_line_of_the_learner_counts(self, kata):
        test, stub, library = (str(kata.path / "test_sums.py"), str(kata.path / "sums.py"), "/usr/lib/library.py")
        error = raised((test, " {}"), (stub, " {}"), (stub, "\n {}"), (library, " 1 / 0"))
        assert _what_happened(kata, error) == {
            "unwritten": False,
            "where": f"{stub}:3",
            "name": "f2",
            "what": "ZeroDivisionError: division by zero",
        }

    def test_a_stub_in_a_sub_folder_is_the_learners_too(self, kata):
        stub = str(kata.path / "deep/more.py")
        error = raised((str(kata.path / "test_sums.py"), " {}"), (stub, " raise KeyError"))
        assert (_what_happened(kata, error)["where"], _what_happened(kata, error)["what"]) == (f"{stub}:2", "KeyError")

    def test_else_a_line_of_the_tests(self, kata):
        error = raised((str(kata.path / "test_sums.py"), "\n\n assert False, 'no'"))
        note = _what_happened(kata, error)
        assert (note["where"], note["what"]) == (f"{kata.path / 'test_sums.py'}:4", "AssertionError: no")

    def test_but_not_of_a_helper_that_pytest_hides(self, kata):
        test, helper = str(kata.path / "test_sums.py"), str(kata.path / "helper.py")
        error = raised((test, " {}"), (helper, " __tracebackhide__ = True\n assert False"))
        assert _what_happened(kata, error)["where"] == f"{test}:2"

    def test_else_nothing(self, kata):
        beside = str(kata.path) + "_more/test_it.py"
        assert _what_happened(kata, raised((beside, " raise ValueError('no')"))) == {
            "unwritten": False,
            "where": "",
            "name": "",
            "what": "ValueError: no",
        }

    def test_what_was_unwritten_counts_before_what_became_of_it(self, kata):
        test, stub = str(kata.path / "test_sums.py"), str(kata.path / "sums.py")
        error = raised((test, " try:\n  {}\n finally:\n  assert False"), (stub, " raise NotImplementedError('soon')"))
        assert _what_happened(kata, error) == {
            "unwritten": True,
            "where": f"{stub}:2",
            "name": "f1",
            "what": "NotImplementedError: soon",
        }

    def test_a_syntax_error_names_its_own_line_and_no_function(self, kata):
        error = SyntaxError("expected ':'", (str(kata.path / "sums.py"), 7, 1, "def", 7, 2))
        assert _what_happened(kata, error) == {
            "unwritten": False,
            "where": f"{kata.path / 'sums.py'}:7",
            "name": "",
            "what": "SyntaxError: expected ':'",
        }

    @pytest.mark.parametrize(
        ("text", "line"), [("", ""), ("\n\n", ""), ("one", ": one"), ("\n  one \ntwo", ": one"), ("a\rb", ": a")]
    )
    def test_one_line_says_what(self, text, line, kata):
        assert _what_happened(kata, ValueError(text))["what"] == f"ValueError{line}"


class TestTheChain:
    def test_causes_contexts_and_groups_each_once(self):
        one, two, three, four = ValueError(1), ValueError(2), ValueError(3), ValueError(4)
        one.__cause__, one.__context__ = two, three
        two.__context__ = one
        three.__context__ = two
        group = ExceptionGroup("many", [four, three])
        two.__cause__ = group
        assert list(_chain(one)) == [one, two, three, group, four]

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from pytest_katas.catalogue import Kata, Task
from pytest_katas.overlay import (
    OverlayError,
    chained,
    definitions,
    imported,
    layer,
    names_in,
    put_back,
    replaced,
    same_code,
)


def source(text: str) -> bytes:
    return dedent(text).lstrip("\n").encode()


SOLUTION = source(
    '''
    """A shop."""

    from __future__ import annotations

    import json as _json

    LIMIT = 3


    def _helper(number):
        return number + 1


    @staticmethod
    def double(number):
        """Double."""
        return _helper(number) + number - 1  # a comment


    class Cart:
        """A cart."""

        def add(self, item):
            self.item = item

        @property
        def total(self):
            return 1

        @total.setter
        def total(self, value):
            self.value = value

        async def pay(self): return 1
    '''
)
STUB = source(
    '''
    """A shop."""

    from __future__ import annotations

    from decimal import Decimal

    LIMIT: int = 0


    def double(number: Decimal):
        """Double."""
        raise NotImplementedError


    class Cart:
        def add(self, item):
            raise NotImplementedError

        @property
        def total(self):
            raise NotImplementedError

        async def pay(self):
            raise NotImplementedError
    '''
)


def test_a_layer_has_the_files_that_are_there(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.py").write_bytes(b"1\r\n")
    assert layer(tmp_path, ["deep/a.py", "b.py", "deep"]) == {"deep/a.py": b"1\r\n"}
    assert layer(tmp_path / "nowhere", ["a.py"]) == {}


def test_a_text_that_is_there_once_is_replaced():
    assert replaced(b"one\r\ntwo\r\n", "one\ntwo", "three") == b"three\n"


@pytest.mark.parametrize(("find", "times"), [("zero", 0), ("one", 2)])
def test_a_text_that_is_not_there_once_is_not_replaced(find: str, times: int):
    with pytest.raises(OverlayError, match=f"there {times} times"):
        replaced(b"one one", find, "two")


def test_bytes_that_are_no_text_are_not_searched():
    with pytest.raises(OverlayError, match="not UTF-8"):
        replaced(b"\xff", "one", "two")


def test_definitions_are_found_with_their_decorators_and_by_dotted_name():
    lines = SOLUTION.decode().split("\n")
    found = {
        name: [(lines[first - 1].strip(), last) for first, last in where]
        for name, where in definitions(SOLUTION).items()
    }
    assert found == {
        "LIMIT": [("LIMIT = 3", 7)],
        "_helper": [("def _helper(number):", 11)],
        "double": [("@staticmethod", 17)],
        "Cart": [("class Cart:", 34)],
        "Cart.add": [("def add(self, item):", 24)],
        "Cart.total": [("@property", 28), ("@total.setter", 32)],
        "Cart.pay": [("async def pay(self): return 1", 34)],
    }


def test_what_is_put_back_is_the_stubs_and_all_else_stays():
    made = put_back(SOLUTION, STUB, ["double", "LIMIT"]).decode()
    expected = (
        SOLUTION.decode()
        .replace("LIMIT = 3", "LIMIT: int = 0")
        .replace("import json", "from decimal import Decimal\n\nimport json".replace("\n\n", "\n"))
        .replace("@staticmethod\ndef double(number):", "def double(number: Decimal):")
        .replace("return _helper(number) + number - 1  # a comment", "raise NotImplementedError")
    )
    assert made.replace("\n\n", "\n") == expected.replace("\n\n", "\n")


def test_a_method_is_put_back_in_the_solutions_class():
    made = put_back(SOLUTION, STUB, ["Cart.add"])
    assert same_code(
        {
            "a.py": made.replace(b"raise NotImplementedError", b"self.item = item").replace(
                b"from decimal import Decimal\n", b""
            )
        },
        {"a.py": SOLUTION},
    )


def test_a_property_is_put_back_with_its_setter():
    made = put_back(SOLUTION, STUB, ["Cart.total"]).decode()
    assert made.count("def total") == 1
    assert "setter" not in made


def test_a_class_is_put_back_whole_with_its_methods():
    made = put_back(SOLUTION, STUB, ["Cart", "Cart.add"]).decode()
    assert made.partition("class Cart")[2] == STUB.decode().partition("class Cart")[2]


def test_what_the_stub_leaves_out_altogether_is_taken_away():
    made = put_back(
        b"class A:\n    def f(self):\n        return 1\n\ndef g(): return 2\n", b"class A: ...\n", ["A.f", "g"]
    )
    assert made == b"class A:\n    pass\n\npass\n"


def test_nothing_to_put_back_changes_nothing():
    assert put_back(SOLUTION, STUB, ["elsewhere"]) == SOLUTION


@pytest.mark.parametrize("solution", [b"def f(): return 1\n", b"'''Doc\nstring.'''\ndef f(): return 1\n"])
def test_the_stubs_imports_come_with_its_definitions(solution: bytes):
    made = put_back(solution, b"import typing\ndef f() -> typing.Any: ...\n", ["f"])
    space: dict[str, object] = {}
    exec(made, space)
    assert callable(space["f"])
    assert space.get("__doc__") == ("Doc\nstring." if b"Doc" in solution else None)


def test_lines_end_where_pythons_grammar_says():
    solution = "def f():\r\n    return '\x0c\u2028'\r\n\r\n\r\ndef g():\r\n    return 2\r\n".encode()
    assert put_back(solution, b"def g():\n    raise E\n", ["g"]).endswith(
        "'\x0c\u2028'\n\n\ndef g():\n    raise E\n".encode()
    )


@pytest.mark.parametrize("broken", [b"def f(:", b"\xff", b"a\0b"])
def test_what_is_not_python_is_refused(broken: bytes):
    with pytest.raises(OverlayError):
        put_back(broken, STUB, ["f"])


def test_same_code_in_another_layout_is_the_same():
    assert same_code({"a.py": b"x = 1\n", "b.yml": b"x: 1"}, {"a.py": b"# so\nx  =  1\n", "b.yml": b"x: 1"})
    assert not same_code({"a.py": b"x = 1\n"}, {"a.py": b"x = 2\n"})
    assert not same_code({"b.yml": b"x: 1"}, {"b.yml": b"x:  1"})
    assert not same_code({"a.py": b"x = 1\n"}, {})


def test_the_names_in_a_file_are_pythons_only():
    assert set(names_in("a.py", b"def f(): ...\nx = 1\na.b = 2\n")) == {"f", "x"}
    assert set(names_in("a.yml", b"f: 1")) == set()


def test_imports_by_absolute_name():
    text = b"import a.b, c as d\nfrom e.f import g\nfrom . import h\nfrom .i import j\ndef k():\n    import l\n"
    assert imported(text) == {"a.b", "c", "e.f"}
    assert imported(b"\x89PNG") == set()


@pytest.fixture
def kata() -> Kata:
    def task(number: int, *writes: str) -> Task:
        return Task(number=number, title="", tests=1, writes=writes, kind="stub", needs=(), hints=())

    return Kata(
        path=Path("kata"),
        title="",
        question="",
        summary="",
        concepts=(),
        difficulty=1,
        minutes=1,
        requires=(),
        formerly=(),
        stubs=("a.py", "ci.yml", "test_mine.py"),
        unlock="task",
        sources=(),
        tasks=(task(1, "f"), task(2, "g", "f"), task(3, "ci.yml"), task(4, "test_mine.py")),
    )


def test_half_way_what_is_done_is_the_solutions_and_the_rest_the_stubs(kata: Kata):
    solution = {"a.py": b"f = 1\ng = 2", "ci.yml": b"on: push", "test_mine.py": b"def test(): ..."}
    stub = {"a.py": b"f = 0\ng = 0", "ci.yml": b"", "test_mine.py": b"# yours"}
    assert chained(kata, solution, stub, 1) == {**stub, "a.py": b"f = 1\ng = 0"}
    assert chained(kata, solution, stub, 2) == {**stub, "a.py": solution["a.py"]}
    assert chained(kata, solution, stub, 3) == {**solution, "test_mine.py": b"# yours"}

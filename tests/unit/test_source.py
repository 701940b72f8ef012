"""Where a name is defined, and how it reads there."""

from __future__ import annotations

import pytest

from pytest_katas.report.source import Definition, find

SOURCE = '''\
"""A module."""

LIMIT = 3


@decorated
def first(a):
    return a  # one


class Ports:
    async def open(self):
        ...

    class Inner:
        def deep(self): ...


def twice(): return 1
def twice(): return 2


LEVEL: dict = {
    1: 2,
}
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "flow.yml").write_text("on: push\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "line", "text"),
    [
        ("first", 7, "@decorated\ndef first(a):\n    return a  # one"),
        ("Ports.open", 12, "async def open(self):\n    ..."),
        ("Ports.Inner.deep", 16, "def deep(self): ..."),
        ("twice", 20, "def twice(): return 2"),
        ("LIMIT", 3, "LIMIT = 3"),
        ("LEVEL", 23, "LEVEL: dict = {\n    1: 2,\n}"),
    ],
)
def test_a_name_is_found(folder, name, line, text):
    assert find(folder, ["flow.yml", "a.py"], name) == Definition("a.py", line, text)


def test_a_class_is_found_whole(folder):
    found = find(folder, ["a.py"], "Ports")
    assert found
    assert (found.line, found.text.splitlines()[0], found.text.count("\n")) == (11, "class Ports:", 5)


def test_a_file_is_found_by_its_name(folder):
    assert find(folder, ["a.py", "flow.yml"], "flow.yml") == Definition("flow.yml", 1, "on: push\n")


@pytest.mark.parametrize("name", ["missing", "Ports.missing", "first.a", "Missing.open", "LIMIT.x", ""])
def test_what_is_not_there_is_not_found(folder, name):
    assert find(folder, ["a.py", "flow.yml", "gone.py"], name) is None


@pytest.mark.parametrize("text", [b"def first(:\n", b"def first(): ...\0", b"x = " + b"(" * 5000 + b"\n"])
def test_in_a_file_that_does_not_parse_nothing_is_found(folder, text):
    (folder / "a.py").write_bytes(text)
    assert find(folder, ["a.py"], "first") is None


def test_bytes_that_are_no_text_are_passed_over(folder):
    (folder / "a.py").write_bytes(b"def first():\n    return '\xff'\n")
    assert find(folder, ["a.py"], "first") == Definition(
        "a.py", 1, "def first():\n    return '\N{REPLACEMENT CHARACTER}'"
    )


def test_ends_of_lines_are_those_of_python(folder):
    (folder / "a.py").write_bytes(b"x = '\x0c'\r\ndef first():\r\n    return 1\r\n")
    assert find(folder, ["a.py"], "first") == Definition("a.py", 2, "def first():\n    return 1")

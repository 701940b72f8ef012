"""The learner's code beside the reference, and the debrief."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_katas.catalogue import Kata, Task
from pytest_katas.report.solution import solution_lines
from pytest_katas.report.text import WIDTH, plain


@pytest.fixture
def kata(tmp_path):
    tasks = (
        Task(1, "double", 2, ("double",), "stub", (), ("a", "b", "c")),
        Task(2, "the rest", 1, ("halve", "Sum.add"), "stub", (), ("a", "b", "c")),
    )
    folder = tmp_path / "katas/sums"
    write(folder, "def double(n):\n    return n + n\n\n\ndef halve(n):\n\treturn n / 2\n")
    write(
        tmp_path / "book",
        "def double(n):\n    return n + n\n\n\ndef halve(n):\n    return n / 2\n\n\n"
        "class Sum:\n    def add(self): ...\n",
    )
    return Kata(folder, "Sums", "?", "", (), 1, 1, (), (), ("sums.py",), "task", (), tasks)


def write(folder: Path, text: str, name: str = "sums.py") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def shown(kata) -> str:
    book = kata.path.parent.parent / "book"
    return plain(solution_lines(kata, book, "book"))


def test_each_name_is_shown_beside_the_reference(kata):
    assert shown(kata) == (
        "task 1 of 2: double\n\n"
        "yours, the same as the reference\n    def double(n):\n        return n + n\n\n"
        "task 2 of 2: the rest\n\n"
        "yours\n    def halve(n):\n            return n / 2\n\n"
        "reference\n    def halve(n):\n        return n / 2\n\n"
        "yours\n    (not there)\n\n"
        "reference\n    def add(self): ...\n\n"
        "the whole reference: book/sums.py\n"
    )


def test_a_file_that_does_not_parse_hides_only_itself(kata):
    write(kata.path, "def double(n:\n")
    assert shown(kata).count("yours\n    (not there)\n") == 3
    assert shown(kata).count("reference\n    def ") == 3


def test_what_neither_has_is_not_called_the_same(kata):
    write(kata.path.parent.parent / "book", "")
    write(kata.path, "")
    assert "the same" not in shown(kata)


def test_control_characters_do_not_move_the_cursor(kata):
    write(kata.path, "def double(n):\n    return '\x1b[2J'\n")
    assert "\x1b" not in shown(kata)


def test_every_file_of_the_reference_is_named(kata):
    two = kata._replace(stubs=("sums.py", "flow.yml"))
    assert shown(two).endswith("the whole reference, 2 files: book/sums.py, book/flow.yml\n")


class TestDebrief:
    def debrief(self, kata, text):
        write(kata.path.parent.parent / "book", text, "DEBRIEF.md")
        return shown(kata).partition("debrief\n\n")[2].rpartition("\nthe whole reference")[0]

    def test_prose_is_broken_at_the_edge_of_the_terminal(self, kata):
        told = self.debrief(kata, "# Title\n\n" + "many words " * 20 + "\n")
        assert told.startswith("# Title\n\nmany words")
        assert max(map(len, told.splitlines())) <= WIDTH

    @pytest.mark.parametrize(
        ("mark", "indent"), [("- ", "  "), ("* ", "  "), ("12. ", "    "), ("  - ", "    "), ("> ", "> "), ("  ", "  ")]
    )
    def test_what_belongs_to_a_mark_hangs_under_it(self, kata, mark, indent):
        first, second, *_ = self.debrief(kata, mark + "word " * 30 + "\n").splitlines()
        assert first.startswith(f"{mark}word")
        assert second.startswith(f"{indent}word")

    @pytest.mark.parametrize("start", ["    ", "| a | ", "|---|"])
    def test_code_and_tables_are_left_alone(self, kata, start):
        row = start + "x y " * 40 + "|"
        assert self.debrief(kata, f"{row}\n") == f"{row}\n"

    def test_what_is_fenced_is_left_alone(self, kata):
        long = "call(" + "argument, " * 20 + ")"
        assert self.debrief(kata, f"```python\n{long}\n```\nend {long}\n").splitlines()[:3] == [
            "```python",
            long,
            "```",
        ]
        assert len(self.debrief(kata, f"```python\n{long}\n```\nend {long}\n").splitlines()) > 4

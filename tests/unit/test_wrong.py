from __future__ import annotations

from pathlib import Path

import pytest

from pytest_katas.wrong import Wrong, WrongError, read_wrong

TABLE = 'name = "a_b"\nwhy = "Because."\ntask = 1\nfind = "x"\nreplace = "y"\n'


def read(folder: Path, text: str | bytes) -> tuple[Wrong, ...]:
    (folder / "wrong.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_wrong(folder)


def test_wrong_solutions_come_in_the_order_of_the_file(tmp_path: Path):
    wrongs = read(tmp_path, f"format = 1\n[[wrong]]\n{TABLE}[[wrong]]\n{TABLE}file = 'ci.yml'\n")
    assert wrongs == (
        Wrong(name="a_b", why="Because.", task=1, find="x", replace="y"),
        Wrong(name="a_b", why="Because.", task=1, find="x", replace="y", file="ci.yml"),
    )


def test_a_file_may_name_none_yet(tmp_path: Path):
    assert read(tmp_path, "format = 1\n") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format = ", "not valid TOML"),
        (b"\xff", "not valid TOML"),
        ("format = 1" + "0" * 5000, "not valid TOML"),
        ("", "format is None; write `format = 1`"),
        ("format = 2", "format is 2; write `format = 1`"),
        ("format = 1\nwrongs = []", "unknown key 'wrongs'; did you mean 'wrong'? If not, take it out"),
        ("format = 1\nxyz = []", "unknown key 'xyz'; take it out"),
        ("format = 1\nwrong = 1", "wrong is not a list of tables; write each as [[wrong]]"),
        ("format = 1\nwrong = [1]", "wrong solution 1 is not a table; write it as [[wrong]]"),
        (f"format = 1\n[[wrong]]\n{TABLE}fiel = 'a'", "wrong solution 1: unknown key 'fiel'; did you mean 'file'?"),
        (
            f"format = 1\n[[wrong]]\n{TABLE.replace('task = 1', '')}",
            "wrong solution 1: the key 'task' is missing; add it",
        ),
        (f"format = 1\n[[wrong]]\n{TABLE.replace('1', 'true')}", "task is True; write a whole number"),
        (f"format = 1\n[[wrong]]\n{TABLE}file = 1", "file is 1; write a text"),
    ],
)
def test_what_cannot_be_used_is_said_with_what_to_do(tmp_path: Path, text: str | bytes, said: str):
    with pytest.raises(WrongError) as error:
        read(tmp_path, text)
    assert said in str(error.value)


def test_a_missing_file_is_said(tmp_path: Path):
    with pytest.raises(WrongError, match=r"there is no .*wrong\.toml"):
        read_wrong(tmp_path)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path):
    (tmp_path / "wrong.toml").mkdir()
    with pytest.raises(WrongError, match="cannot be read"):
        read_wrong(tmp_path)

"""Where katas are, told from the names of files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_katas.folders import Folders


@pytest.fixture
def kata(tmp_path: Path) -> Path:
    """A folder that is a kata, and holds another folder."""
    path = tmp_path / "katas/jwt"
    (path / "data/keys").mkdir(parents=True)
    (path / "kata.toml").touch()
    return path


class TestKata:
    """The kata that a file or folder lies in."""

    @pytest.mark.parametrize("inside", ["", "kata.toml", "test_jwt.py", "data", "data/keys/not_there.pem"])
    def test_it_is_the_nearest_folder_upward_with_a_kata_file(self, kata: Path, inside: str) -> None:
        assert Folders().kata_of(str(kata / inside)) == str(kata)

    @pytest.mark.parametrize("outside", ["..", "../conftest.py", "../jwt_verify/test_jwt_verify.py"])
    def test_what_lies_beside_or_above_is_in_none(self, kata: Path, outside: str) -> None:
        assert Folders().kata_of(os.path.abspath(kata / outside)) is None

    def test_the_top_of_the_file_system_is_in_none(self, tmp_path: Path) -> None:
        assert Folders().kata_of(tmp_path.anchor) is None

    def test_of_two_one_in_the_other_the_inner_one_counts(self, kata: Path) -> None:
        (kata / "data/kata.toml").touch()

        assert Folders().kata_of(str(kata / "data/keys")) == str(kata / "data")
        assert Folders().kata_of(str(kata / "test_jwt.py")) == str(kata)

    def test_a_folder_is_looked_at_once(self, kata: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folders = Folders()
        assert folders.kata_of(str(kata / "data/one.py")) == str(kata)
        assert folders.kata_of(str(kata.parent)) is None
        looked: list[str] = []

        def look(path: str) -> bool:
            looked.append(path)
            return False

        monkeypatch.setattr(os.path, "exists", look)
        assert folders.kata_of(str(kata / "data/one.py")) == str(kata)
        assert folders.kata_of(str(kata / "data/two.py")) == str(kata)
        assert folders.kata_of(str(kata.parent)) is None
        assert looked == [str(kata / "data/two.py/kata.toml")]

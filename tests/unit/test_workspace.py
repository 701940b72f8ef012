"""Where the shipped katas and solutions are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import pytest_katas
from pytest_katas import workspace
from pytest_katas.catalogue import read_kata
from pytest_katas.workspace import WorkspaceError, shipped, solution_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installation of the package whose data each test lays out."""
    folder = tmp_path / "site-packages/pytest_katas"
    folder.mkdir(parents=True)
    monkeypatch.setattr(workspace, "__file__", str(folder / "workspace.py"))
    return folder


@pytest.mark.parametrize("name", ["katas", "solutions"])
class TestShipped:
    def test_a_wheel_has_them_inside_the_package(self, name, package):
        for folder in (package / "_data" / name, package.parent / name):
            folder.mkdir(parents=True)
        assert shipped(name) == package / "_data" / name

    def test_a_checkout_has_them_beside_the_package(self, name, package):
        (package.parent / name).mkdir()
        assert shipped(name) == package.parent / name

    @pytest.mark.usefixtures("package")
    def test_an_installation_without_them_is_not_whole(self, name):
        sentence = f"this installation has no {name}; install it again with: pip install --force-reinstall pytest-katas"
        with pytest.raises(WorkspaceError, match=f"^{sentence}$"):
            shipped(name)

    def test_this_installation_has_them(self, name):
        data = Path(pytest_katas.__file__).parent / "_data"
        assert shipped(name) == (data / name if data.exists() else Path(pytest_katas.__file__).parent.parent / name)


class TestSolution:
    @pytest.fixture
    def kata(self, tmp_path):
        """A kata of the learner's own track, which has the name of a shipped one."""
        folder = tmp_path / "project/katas/jwt"
        folder.mkdir(parents=True)
        (folder / "kata.toml").write_bytes((ROOT / "katas/jwt/kata.toml").read_bytes())
        return read_kata(folder)

    def test_beside_the_track_comes_first(self, kata):
        beside = kata.path.parent.parent / "solutions/jwt"
        beside.mkdir(parents=True)
        assert solution_of(kata) == beside

    def test_else_it_is_the_shipped_one(self, kata):
        assert solution_of(kata) == shipped("solutions") / "jwt"

    def test_of_a_kata_of_ones_own_there_may_be_none(self, kata, package):
        (package / "_data/solutions").mkdir(parents=True)
        where = re.escape(str(kata.path.parent.parent / "solutions/jwt"))
        with pytest.raises(WorkspaceError, match=f"^the kata 'jwt' has no solution; its author puts it into {where}$"):
            solution_of(kata)


def test_a_new_track_is_configured_as_this_one_is():
    """What a learner gets from --kata-start runs like the clone."""
    mine = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    theirs = tomllib.loads(workspace._PYPROJECT)["tool"]["pytest"]["ini_options"]
    assert theirs["addopts"] == mine["addopts"]
    assert theirs["testpaths"] == mine["testpaths"]
    attributes = (ROOT / ".gitattributes").read_text("utf-8")
    assert [line for line in workspace._GITATTRIBUTES.splitlines() if line not in attributes] == []

"""Where the shipped katas and solutions are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from pytest_katas import workspace
from pytest_katas.catalogue import read_kata
from pytest_katas.workspace import WorkspaceError, copied, shipped, solution_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installation of the package whose data each test lays out."""
    folder = tmp_path / "site-packages/pytest_katas"
    folder.mkdir(parents=True)
    monkeypatch.setattr(workspace, "__file__", str(folder / "workspace.py"))
    return folder


def write_archive(package: Path, *names: str) -> None:
    with ZipFile(package / "_data.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "")


@pytest.mark.parametrize("name", ["katas", "solutions"])
class TestShipped:
    def test_a_wheel_has_them_inside_the_package(self, name, package):
        (package.parent / name).mkdir()
        write_archive(package, f"{name}/jwt/kata.toml")
        assert [path.relative_to(shipped(name)).as_posix() for path in shipped(name).rglob("*")] == [
            "jwt",
            "jwt/kata.toml",
        ]

    def test_a_wheel_is_unpacked_once_and_the_files_go_with_the_process(self, name, package, monkeypatch):
        at_exit: list[Callable[[], None]] = []
        monkeypatch.setattr("atexit.register", at_exit.append)
        write_archive(package, "katas/track.toml", "solutions/jwt/DEBRIEF.md")
        folder = shipped(name)
        assert shipped(name) == folder
        [clean] = at_exit
        clean()
        assert not folder.parent.exists()

    def test_a_checkout_has_them_beside_the_package(self, name, package):
        (package.parent / name).mkdir()
        assert shipped(name) == package.parent / name

    @pytest.mark.usefixtures("package")
    def test_an_installation_without_them_is_not_whole(self, name):
        sentence = f"this installation has no {name}; install it again with: pip install --force-reinstall pytest-katas"
        with pytest.raises(WorkspaceError, match=f"^{sentence}$"):
            shipped(name)

    def test_this_installation_has_them(self, name):
        assert (shipped(name) / "jwt").is_dir()


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
        (package.parent / "solutions").mkdir()
        where = re.escape(str(kata.path.parent.parent / "solutions/jwt"))
        with pytest.raises(WorkspaceError, match=f"^the kata 'jwt' has no solution; its author puts it into {where}$"):
            solution_of(kata)


def test_a_copy_of_a_solution_is_the_learners_to_keep_and_to_change(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    copies = [copied(shipped("solutions") / "jwt") for _ in range(2)]
    (copies[0] / "anatomy.py").write_text("mine now")
    assert (copies[1] / "anatomy.py").read_bytes() == (ROOT / "solutions/jwt/anatomy.py").read_bytes()


def test_a_new_track_is_configured_as_this_one_is():
    """What a learner gets from --kata-start runs like the clone."""
    mine = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    theirs = tomllib.loads(workspace._PYPROJECT)["tool"]["pytest"]["ini_options"]
    assert theirs["addopts"] == mine["addopts"]
    assert theirs["testpaths"] == mine["testpaths"]
    attributes = (ROOT / ".gitattributes").read_text("utf-8")
    assert [line for line in workspace._GITATTRIBUTES.splitlines() if line not in attributes] == []

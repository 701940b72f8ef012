"""The one layout that survives equal file names, other working directories and a kata named like a package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOTH = pytest.mark.parametrize("mode", ["plain", "xdist"])
#: Nobody has imported it when a session begins, and no test below needs it otherwise.
PACKAGE = "colorsys"


@pytest.mark.parametrize("folder", ["katas", "solutions", "tests"])
def test_there_is_no_init_file(folder):
    """With one, ``import jwt`` loads the kata instead of PyJWT."""
    assert list((ROOT / folder).rglob("__init__.py")) == []


def test_no_pythonpath_is_set():
    """With one, every kata silently loads the first kata's stub."""
    assert "pythonpath" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@BOTH
def test_equal_file_names_in_two_katas(desk):
    """Each imports its own stub and its own conftest: the same names, other contents."""
    for slug, factor in (("sums", 1), ("totals", 10)):
        desk.add_kata(
            slug,
            tests="""
            import pytest

            from .sums import VALUE
            from . import sums


            @pytest.mark.task(taskno=1)
            def test_it(value):
                assert sums.VALUE == VALUE == value
            """,
        )
        toml = (desk.kata / "kata.toml").read_text(encoding="utf-8").partition("[[task]]")[0]
        toml += '[[task]]\ntitle = "one"\ntests = 1\nwrites = ["VALUE"]\nhints = ["1", "2", "3"]\n'
        desk.file(f"katas/{slug}/kata.toml", toml)
        desk.file(f"katas/{slug}/conftest.py", f"import pytest\n\n@pytest.fixture\ndef value():\n    return {factor}\n")
        desk.write(f"VALUE = {factor}\n", path=f"katas/{slug}/sums.py")
    desk.call("katas")
    assert [desk.log(slug=slug)[-1]["light"] for slug in ("sums", "totals")] == ["green", "green"]


@BOTH
@pytest.mark.parametrize("here", [".", "katas", f"katas/{PACKAGE}"])
def test_a_kata_named_like_a_package_that_it_imports(here, desk, monkeypatch):
    desk.file(f"katas/{PACKAGE}/{PACKAGE}_stub.py", f"import {PACKAGE}\n\nRED = {PACKAGE}.rgb_to_hsv(1, 0, 0)\n")
    tests = f"""
        import pytest
        from .{PACKAGE}_stub import RED


        @pytest.mark.task(taskno=1)
        def test_red():
            assert RED
        """
    toml = (desk.kata / "kata.toml").read_text(encoding="utf-8").partition("[[task]]")[0]
    toml += '[[task]]\ntitle = "one"\ntests = 1\nwrites = ["RED"]\nhints = ["1", "2", "3"]\n'
    desk.add_kata(PACKAGE, tests=tests).file(
        f"katas/{PACKAGE}/kata.toml", toml.replace("sums.py", f"{PACKAGE}_stub.py")
    )
    monkeypatch.chdir(desk.path / here)
    ran = desk.call(apart=True)
    assert desk.log(slug=PACKAGE)[-1]["light"] == "green", ran.out


@BOTH
def test_two_tracks_side_by_side(desk):
    """One record beside them; a kata of each."""
    desk.solve().write(path="more/totals/sums.py").add_kata(
        "totals", track="more", tests=(desk.kata / "test_sums.py").read_text(encoding="utf-8")
    )
    ran = desk.call("katas", "more")
    assert ran.light == "green"
    assert desk.log(slug="totals")[-1]["light"] == "red"
    assert sorted(path.name for path in (desk.path / ".katas/ada").iterdir()) == ["files", "sums.jsonl", "totals.jsonl"]


@BOTH
def test_two_projects_side_by_side(desk):
    """A record beside each track, also for katas of one name."""
    tests = (desk.kata / "test_sums.py").read_text(encoding="utf-8")
    desk.solve().write(path="two/katas/sums/sums.py").add_kata(track="two/katas", tests=tests)
    ran = desk.call("katas", "two/katas")
    assert ran.light == "green"
    assert (desk.path / "two/.katas/ada/sums.jsonl").read_text(encoding="utf-8").count('"light":"red"') == 1


def test_a_test_file_in_a_sub_folder_of_the_kata(desk):
    tests = (desk.kata / "test_sums.py").read_text(encoding="utf-8")
    (desk.kata / "test_sums.py").unlink()
    desk.file("katas/sums/deep/test_deep.py", tests.replace("from .sums", "from ..sums")).solve()
    ran = desk.run()
    assert ran.light == "green"
    assert "deep/test_deep.py::test_negate" in ran.tests


@BOTH
@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
@pytest.mark.parametrize("place", ["link", "far/away/link"])
def test_a_kata_behind_a_link(place, desk):
    link = desk.path / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(desk.path / "katas")
    ran = desk.solve().call(f"{place}/sums")
    assert ran.ret == 0
    assert "sums is green" in ran.out


@BOTH
def test_a_path_that_goes_up_and_down_again(desk, monkeypatch):
    desk.file("elsewhere/note.txt", "")
    monkeypatch.chdir(desk.path / "elsewhere")
    assert desk.solve().call("../katas/sums").light == "green"
    assert desk.solve().call("../katas/../katas/sums/test_sums.py", "--kata-all").light == "green"
    assert desk.write("def").call("../katas/sums").light == "amber"


@BOTH
def test_a_track_far_below_the_folder_that_was_named(desk):
    far = desk.path / "deep/er"
    far.mkdir(parents=True)
    (desk.path / "katas").rename(far / "katas")
    desk.call(".", "--kata-all")
    [log] = far.glob(".katas/ada/sums.jsonl")
    assert log.read_text(encoding="utf-8").count('"light":"red"') == 1

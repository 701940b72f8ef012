"""``--kata-start``: a track of one's own, from nothing to the first red."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_katas import workspace
from pytest_katas.catalogue import read_track

SHIPPED = read_track(workspace.shipped("katas"))


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def practice(desk):
    """A new track, written by the verb."""
    ran = desk.call("--kata-start=practice")
    assert (ran.ret, ran.err) == (0, "")
    return desk.path / "practice"


def test_it_says_what_to_type_next(desk):
    ran = desk.call("--kata-start=practice")
    first = SHIPPED.slugs[0]
    assert ran.out.splitlines() == [
        "a track is ready in practice; begin with:",
        "  cd practice",
        f"  pytest katas/{first}",
    ]


def test_it_writes_a_whole_track_and_nothing_else(practice):
    assert {path.name for path in practice.iterdir()} == {".gitattributes", ".gitignore", "katas", "pyproject.toml"}
    assert read_track(practice / "katas").slugs == SHIPPED.slugs
    assert (practice / ".gitattributes").read_text("utf-8").splitlines() == [
        ".katas/**/*.jsonl merge=union",
        ".katas/*/files/* -text",
    ]
    for kata in SHIPPED.katas():
        mine = files(practice / "katas" / kata.slug)
        theirs = {name: content for name, content in files(kata.path).items() if "__pycache__" not in name}
        assert mine.keys() == theirs.keys()
        assert {name: mine[name] for name in mine if name not in kata.stubs} == {
            name: theirs[name] for name in theirs if name not in kata.stubs
        }


def test_it_never_writes_solutions(practice):
    for kata in SHIPPED.katas():
        book = workspace.shipped("solutions") / kata.slug
        written = set(files(practice).values())
        references = {(book / stub).read_bytes() for stub in kata.stubs}
        assert written.isdisjoint(references)
        # What a learner's own tests are judged on is part of the kata.
        names = [name for name in files(practice) if "/judged/" not in name]
        assert not [name for name in names if re.search(r"solutions|DEBRIEF|wrong\.toml|also/", name)]


def test_its_stubs_are_pristine_although_the_katas_at_hand_are_solved(desk, monkeypatch):
    with_book = desk.path / "upstream"
    desk.solve()
    (desk.path / "katas").rename(with_book)
    pristine = desk.write(path="solutions/sums/stub/sums.py").path / "solutions/sums/stub/sums.py"
    monkeypatch.setattr(workspace, "shipped", {"katas": with_book, "solutions": desk.path / "solutions"}.__getitem__)
    assert desk.call("--kata-start=practice").ret == 0
    assert (desk.path / "practice/katas/sums/sums.py").read_bytes() == pristine.read_bytes()
    assert (with_book / "sums/sums.py").read_bytes() != pristine.read_bytes()


def test_the_first_run_there_is_red_with_guidance_and_recorded(practice):
    def shell(*args):
        environment = {**os.environ, "PYTHONSAFEPATH": "1"}
        command = [sys.executable, "-m", "pytest", *args]
        return subprocess.run(command, cwd=practice, env=environment, capture_output=True, check=False, text=True)

    first = f"katas/{SHIPPED.slugs[0]}"
    ran = shell(first)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "attempt 1 · learner ada" in ran.stdout
    assert re.search(rf"^next: {first}/\w+\.py:\d+ \w+ is not written yet$", ran.stdout, flags=re.MULTILINE)
    assert f"help: pytest --kata-hint {first}" in ran.stdout
    assert [path.name for path in practice.glob(".katas/ada/*.jsonl")] == [f"{SHIPPED.slugs[0]}.jsonl"]
    assert "attempts: rr" in shell().stdout, "a plain pytest runs the katas"
    assert re.search(r"^next: pytest katas/\w+   task 1", shell("--kata-progress").stdout, flags=re.MULTILINE)
    spoil = shell("--kata-spoil", first)
    assert spoil.returncode == 0
    [references] = re.findall(r"^the whole reference.*?: (.+\.py)$", spoil.stdout, flags=re.MULTILINE)
    for stub, reference in zip(SHIPPED.katas()[0].stubs, references.split(", "), strict=True):
        assert Path(reference).read_bytes() == (workspace.shipped("solutions") / SHIPPED.slugs[0] / stub).read_bytes()


@pytest.mark.parametrize("where", ["new", "deep/er/new", "empty", "{desk}/absolute"])
def test_a_new_or_an_empty_folder_is_taken(desk, where):
    (desk.path / "empty").mkdir()
    where = where.format(desk=desk.path)
    assert desk.call(f"--kata-start={where}").ret == 0
    assert (desk.path / where / "katas/track.toml").is_file()
    assert not list(desk.path.rglob(".katas-*"))


@pytest.mark.parametrize("where", ["katas", "pyproject.toml", "."])
def test_a_folder_with_something_in_it_is_refused_in_one_sentence(desk, where):
    before = files(desk.path)
    ran = desk.call(f"--kata-start={where}")
    assert (ran.ret, ran.out) == (4, "")
    [sentence] = ran.err.strip().splitlines()
    assert sentence.startswith("ERROR: ")
    assert sentence.endswith(" is not an empty folder; name a new one, so that no work of yours is overwritten")
    assert files(desk.path) == before


def test_a_folder_in_a_file_is_refused(desk):
    ran = desk.call("--kata-start=pyproject.toml/new")
    assert ran.ret == 4
    assert re.search(r"^ERROR: .*new cannot be written \(.+\); name another folder$", ran.err, flags=re.MULTILINE)


def test_katas_are_not_chosen(desk):
    ran = desk.call("--kata-start=practice", "katas/sums")
    assert ran.ret == 4
    assert "--kata-start makes a whole track and takes no katas; leave them out" in ran.err
    assert not (desk.path / "practice").exists()


def test_a_failure_on_the_way_leaves_nothing_behind(desk, monkeypatch):
    broken = {"katas": desk.path / "katas", "solutions": desk.path / "nothing"}
    monkeypatch.setattr(workspace, "shipped", broken.__getitem__)
    ran = desk.call("--kata-start=practice")
    assert (ran.ret, "cannot be written (No such file or directory)" in ran.err) == (4, True)
    assert {path.name for path in desk.path.iterdir()} == {"katas", "pyproject.toml"}

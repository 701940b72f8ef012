"""The learner's files on disk: the only module that writes them.

Also where the shipped katas and solutions are: in the wheel, or in the checkout that the package is imported from.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from zipfile import ZipFile

from pytest_katas.catalogue import Kata, read_track
from pytest_katas.errors import KataError

_PYPROJECT = """\
[tool.pytest.ini_options]
# One file name in two katas, and katas named like the packages they teach, need this import mode; and a stub that
# does not parse must not stop the other katas.
addopts = ["--import-mode=importlib", "--continue-on-collection-errors", "--strict-markers"]
testpaths = ["katas"]
markers = ["task(taskno, guard): the task of its kata that a test belongs to"]
"""
_GITATTRIBUTES = """\
.katas/**/*.jsonl merge=union
.katas/*/files/* -text
"""
_GITIGNORE = """\
__pycache__/
.pytest_cache/
.venv/
"""


class WorkspaceError(KataError):
    """Learners' files that cannot be written as asked; nothing was changed."""


def shipped(name: str) -> Path:
    """Return the shipped folder ``katas`` or ``solutions``.

    :raises WorkspaceError: the installation is not whole.
    """
    package = Path(__file__).parent
    archive = package / "_data.zip"
    # An editable install has no data in the package: there the checkout is the data.
    folder = (_unpacked(archive) if archive.is_file() else package.parent) / name
    if folder.is_dir():
        return folder
    raise WorkspaceError(
        f"this installation has no {name}; install it again with: pip install --force-reinstall pytest-katas"
    )


def solution_of(kata: Kata) -> Path:
    """Return the folder of a kata's solution: beside its track, else the shipped one.

    :raises WorkspaceError: there is none.
    """
    beside = kata.path.parent.parent / "solutions" / kata.slug
    for folder in (beside, shipped("solutions") / kata.slug):
        if folder.is_dir():
            return folder
    raise WorkspaceError(f"the kata {kata.slug!r} has no solution; its author puts it into {beside}")


def copied(solution: Path) -> Path:
    """Copy a shipped solution to where a learner can open it later, and do as they like with it.

    The installation is not theirs to write in, and what was unpacked of it ends with this process.
    """
    return shutil.copytree(solution, Path(tempfile.mkdtemp(prefix="katas-")) / solution.name)


def start(folder: Path) -> Path:
    """Write the shipped track into a new or empty folder, ready to run: katas and configuration, never solutions.

    :returns: the first kata of the track.
    :raises WorkspaceError: the folder is not empty, or cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise WorkspaceError(
                f"{folder} is not an empty folder; name a new one, so that no work of yours is overwritten"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: written aside, then moved.
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".katas-") as draft:
            _write_track(Path(draft) / "track")
            if folder.exists():
                folder.rmdir()
            (Path(draft) / "track").replace(folder)
    except OSError as error:
        raise WorkspaceError(f"{folder} cannot be written ({error.strerror}); name another folder") from error
    track = read_track(folder / "katas")
    return track.path / track.slugs[0]


@cache
def _unpacked(archive: Path) -> Path:
    """Unpack what a wheel carries, for as long as this process lasts."""
    draft = tempfile.TemporaryDirectory(prefix="katas-")
    atexit.register(draft.cleanup)
    with ZipFile(archive) as data:
        data.extractall(draft.name)
    return Path(draft.name)


def _write_track(folder: Path) -> None:
    folder.mkdir()
    source = shipped("katas")
    stubs = shipped("solutions")
    track = read_track(source)
    (folder / "katas").mkdir()
    shutil.copy(source / "track.toml", folder / "katas")
    for kata in track.katas():
        target = folder / "katas" / kata.slug
        shutil.copytree(kata.path, target, ignore=shutil.ignore_patterns("__pycache__"))
        # A checkout may hold somebody's solved katas; a new track begins with pristine stubs.
        for stub in kata.stubs:
            shutil.copyfile(stubs / kata.slug / "stub" / stub, target / stub)
    for name, text in ((".gitattributes", _GITATTRIBUTES), (".gitignore", _GITIGNORE), ("pyproject.toml", _PYPROJECT)):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")

"""The folder a job's files are laid out in, one job after the other at the same place.

The place stays the same so that compiled files serve again, pytest's rewritten test files above all: that halves the
time of a run. A compiled file is known by its source's path, size and whole second of change; so every content that
is laid out gets a second of its own.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

_INI = """\
[pytest]
addopts = --strict-markers --import-mode=importlib
markers =
    task(taskno, guard=False): the test belongs to this task; a guard may be green when its task opens.
"""
_LEFT_BY_TOOLS = frozenset({"__pycache__", ".coverage", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache"})


class _Laid(NamedTuple):
    content: bytes
    stamp: tuple[int, ...]


class Sandbox:
    """The files of one job at a time, its temporary files, its findings and its output.

    :ivar desk: the root directory of the run; the files are laid out in a folder below it.
    :ivar temporary: what ``tempfile`` uses in the job.
    :ivar basetemp: what ``tmp_path`` is made in.
    :ivar findings: the file in which the job writes what it sees.
    :ivar output: the file that is the job's standard output.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        # Long past: a job that compares with files of its own finds these older.
        self._second = int(time.time()) - 10**8
        self._number = 0
        self._folder = ""
        self._laid: dict[str, _Laid] = {}
        self.temporary = root / "tmp"
        self.basetemp = root / "base"
        self.findings = root / "findings"
        self.output = root / "output"
        self.clear()

    @property
    def home(self) -> Path:
        """The folder in which the files of the job are."""
        return self.desk / self._folder

    def clear(self) -> None:
        """Trust nothing of what is there; the next job gets a new desk."""
        # What a job has made unremovable stays behind until the whole sandbox is removed.
        shutil.rmtree(self._root / f"desk{self._number}", ignore_errors=True)
        self._number += 1
        self._folder = ""
        self._laid = {}
        self.desk = self._root / f"desk{self._number}"
        self.desk.mkdir(parents=True)
        (self.desk / "pytest.ini").write_text(_INI, encoding="utf-8")

    def lay(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Lay out these files, and no others, in ``folder`` below the desk; all else is as for the first job."""
        if folder != self._folder:
            self.clear()
            self._folder = folder
            self.home.mkdir(parents=True)
        for name in self._laid.keys() - files.keys():
            (self.home / name).unlink()
            del self._laid[name]
        for name, content in files.items():
            if name not in self._laid or self._laid[name].content != content:
                self._laid[name] = _Laid(content, self._write(self.home / name, content))
        for passing in (self.temporary, self.basetemp):
            shutil.rmtree(passing, ignore_errors=True)
        self.temporary.mkdir(exist_ok=True)
        for note in (self.findings, self.output):
            note.write_bytes(b"")

    def strays(self) -> list[str]:
        """Return what the job has added, changed or taken away among its files, and left in the temporary folder."""
        found = {path.relative_to(self.home).as_posix(): path for path in _walk(self.home)}
        changed = found.keys() ^ self._laid.keys()
        for name in found.keys() & self._laid.keys():
            laid = self._laid[name]
            # Somebody may turn back the clock of a file, or put another in its place.
            if _stamp(found[name]) != laid.stamp or found[name].read_bytes() != laid.content:
                changed.add(name)
        return [*sorted(changed), *sorted(map(str, _entries(self.temporary)))]

    def _write(self, path: Path, content: bytes) -> tuple[int, ...]:
        self._second += 1
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (self._second, self._second))
        return _stamp(path)


def files_of(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder, by its path in it; what tools have left there is nobody's work."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(_walk(folder)) if path.is_file()}


def content_of(path: Path) -> bytes:
    """Read a file that a job may have removed."""
    return path.read_bytes() if path.is_file() else b""


def _entries(folder: Path) -> Iterable[Path]:
    # A job may remove the very folder it works in.
    return folder.iterdir() if folder.is_dir() else ()


def _walk(folder: Path) -> Iterator[Path]:
    for path in _entries(folder):
        if path.name not in _LEFT_BY_TOOLS:
            if path.is_dir() and not path.is_symlink():
                yield from _walk(path)
            else:
                yield path


def _stamp(path: Path) -> tuple[int, ...]:
    status = path.lstat()
    return status.st_ino, status.st_size, status.st_mtime_ns

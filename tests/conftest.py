"""A learner's desk: a track with one made-up kata, on which sessions of pytest are run, one after the other.

What changes between two runs is the product, so a test reads as a learner works: write, run, write again, run again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, Self

import pytest

from pytest_katas.catalogue import read_kata
from pytest_katas.process import alive
from pytest_katas.progress import KataProgress, fold
from pytest_katas.store import Store

pytest_plugins = ["pytester"]

INI = """
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "--continue-on-collection-errors", "--strict-markers"]
markers = ["task(taskno, guard=False): the numbered goal this test belongs to"]
"""

KATA = """
format = 1
title = "Three small sums"
question = "What is a sum?"
summary = "Double, halve, negate."
concepts = ["sums"]
difficulty = 1
minutes = 1
stubs = ["sums.py"]

[[task]]
title = "double"
tests = 2
writes = ["double"]
hints = ["one", "two", "three"]

[[task]]
title = "halve"
tests = 2
writes = ["halve"]
hints = ["one", "two", "three"]

[[task]]
title = "negate"
tests = 1
writes = ["negate"]
hints = ["one", "two", "three"]
"""

TESTS = """
import pytest

from .sums import double, halve, negate


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("n", [1, 3])
def test_double(n):
    assert double(n) == 2 * n


@pytest.mark.task(taskno=2)
class TestHalve:
    def test_even(self):
        assert halve(4) == 2

    def test_odd(self):
        assert halve(3) == 1.5


@pytest.mark.task(taskno=3)
def test_negate():
    assert negate(1) == -1
"""

#: The kata's functions, task by task, and a right body of each.
RIGHT = {"double": "return n * 2", "halve": "return n / 2", "negate": "return -n"}


class Ran:
    """One session that was run: what it returned and printed, and what it added to the record of the kata.

    :ivar events: the events of this run, as they stand in the log.
    """

    def __init__(self, ret: int, out: str, err: str, events: list[dict[str, Any]]) -> None:
        self.ret = ret
        self.out = out
        self.err = err
        self.events = events

    @property
    def attempt(self) -> dict[str, Any]:
        """The one attempt of this run."""
        [attempt] = [event for event in self.events if event["event"] == "attempt"]
        return attempt

    @property
    def light(self) -> str:
        """The light of its attempt."""
        return str(self.attempt["light"])

    @property
    def tests(self) -> dict[str, tuple[str, int]]:
        """The outcome and the task of each test by its name in the record."""
        tasks = self.attempt["tests"]
        return {test: (outcome, int(task)) for task, tests in tasks.items() for test, outcome in tests.items()}

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each test by its name without the file."""
        return {test.split("::", 1)[1]: outcome for test, (outcome, _) in self.tests.items()}

    @property
    def kinds(self) -> list[str]:
        """What kinds of events it added."""
        return [event["event"] for event in self.events]


class Desk:
    """A track with the kata ``sums``, a learner called ada, and a shell.

    :ivar path: the folder of the project; ``katas/sums`` is in it.
    :ivar args: arguments that every session gets.
    """

    def __init__(self, pytester: pytest.Pytester, mode: str) -> None:
        self.path = pytester.path
        self.pytester = pytester
        self.args: tuple[str, ...] = ("-n", "2") if mode == "xdist" else ()
        self.file("pyproject.toml", INI)
        self.add_kata()
        self.write()

    # What lies on it ------------------------------------------------------------------------------------------------

    @property
    def kata(self) -> Path:
        """The kata's folder."""
        return self.path / "katas/sums"

    @property
    def stub(self) -> Path:
        """The learner's file."""
        return self.kata / "sums.py"

    def file(self, path: str, text: str) -> Self:
        """Write any file of the project."""
        place = self.path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return self

    def ini(self, lines: str) -> Self:
        """Add lines to the ini file."""
        return self.file("pyproject.toml", INI + dedent(lines))

    def add_kata(self, slug: str = "sums", *, track: str = "katas", tests: str = TESTS, toml: str = KATA) -> Self:
        """Add a kata, or write the one there is anew."""
        self.file(f"{track}/{slug}/kata.toml", toml)
        self.file(f"{track}/{slug}/test_{slug}.py", tests)
        slugs = sorted(path.parent.name for path in (self.path / track).glob("*/kata.toml"))
        return self.file(f"{track}/track.toml", f"format = 1\nkatas = {json.dumps(slugs)}\n")

    def tests(self, old: str, new: str) -> Self:
        """Change the kata's test file in one place."""
        assert TESTS.count(old) == 1, f"{old!r} is there {TESTS.count(old)} times"
        return self.file("katas/sums/test_sums.py", TESTS.replace(old, new))

    def write(self, text: str | None = None, *, path: str = "katas/sums/sums.py", **bodies: str) -> Self:
        """Write the learner's file: the whole of it, or bodies of its functions; the others are as in the stub."""
        return self.file(path, source(bodies) if text is None else text)

    def solve(self, *functions: str, **bodies: str) -> Self:
        """Write the learner's file with some functions right, all of them if none is named, and other bodies so."""
        return self.write(**({name: RIGHT[name] for name in functions or RIGHT} | bodies))

    # The shell ------------------------------------------------------------------------------------------------------

    def run(self, *args: str, apart: bool = False) -> Ran:
        """Run pytest on the kata, or on what ``args`` name.

        :param apart: in a process of its own, for what would end or spoil this one.
        """
        paths = () if any("katas" in arg and not arg.startswith("-") for arg in args) else ("katas/sums",)
        return self.call(*paths, *args, apart=apart)

    def call(self, *args: str, apart: bool = False) -> Ran:
        """Run pytest with exactly these arguments, and those of every session."""
        before = len(self.log())
        if apart:
            # Not pytester's own: it gives pytest a --basetemp inside the project, which a learner does not.
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *self.args, *args],
                capture_output=True,
                cwd=Path.cwd(),
                env=os.environ | {"PYTHONSAFEPATH": "1"},
                timeout=30,
                check=False,
            )
            ret, out, err = done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        else:
            result = self.pytester.runpytest_inprocess(*self.args, *args)
            ret, out, err = int(result.ret), result.stdout.str(), result.stderr.str()
        return Ran(ret, out, err, self.log()[before:])

    # The record -----------------------------------------------------------------------------------------------------

    def logs(self) -> dict[str, Path]:
        """The log of ``sums`` by learner."""
        return {path.parent.name: path for path in sorted(self.path.glob(".katas/*/sums.jsonl"))}

    def log(self, learner: str = "ada", slug: str = "sums") -> list[dict[str, Any]]:
        """Every event of a kata's log, read without the help of the package."""
        path = self.path / f".katas/{learner}/{slug}.jsonl"
        if not path.is_file():
            return []
        return [json.loads(line) for line in path.read_bytes().splitlines() if _whole(line)]

    def progress(self, learner: str = "ada") -> KataProgress:
        """What the package makes of the record."""
        log = Store(self.path / ".katas").read(learner, "sums")
        return fold(read_kata(self.kata), log, alive=alive, now=datetime.now(UTC))


def source(bodies: Mapping[str, str]) -> str:
    """Return the learner's file with these bodies; a function without one is not written yet."""
    functions = []
    for name in RIGHT:
        body = indent(dedent(bodies.get(name, "raise NotImplementedError")), "    ")
        functions.append(f"def {name}(n):\n{body}\n")
    return "\n\n".join(functions)


def _whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the golden transcripts anew."""
    parser.addoption("--rerecord", action="store_true", help="write the transcripts of tests/transcripts anew")


@pytest.fixture
def mode() -> str:
    """How sessions are run; tests that concern both ways are parametrised with ``mode``."""
    return "plain"


@pytest.fixture
def desk(pytester: pytest.Pytester, mode: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with the untouched stub on it."""
    for name in ("CI", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "KATA_LEARNER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KATA_LEARNER", "ada")
    monkeypatch.setenv("COLUMNS", "80")
    # A file that is changed twice a second and keeps its size would be run from stale bytecode.
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return Desk(pytester, mode)

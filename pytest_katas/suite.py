"""A learner's own tests, judged: green on every right implementation, red on each wrong one.

For the test file of a kata with tasks of kind "suite"; CONTRIBUTING.md shows one. The right implementations are folders
in the kata, the wrong ones replacements in the first of them. Nothing of the learner's is imported here: every verdict
comes from a process that was made for it, so endless loops and exits end there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, NoReturn, TypeVar

import pytest

from pytest_katas.folders import KATA_FILE
from pytest_katas.gaps import Gaps, branches_told, lines_told
from pytest_katas.outcomes import REDS, Outcome
from pytest_katas.overlay import Files, imported, replaced
from pytest_katas.rules import broken
from pytest_katas.runner import Run, Runner
from pytest_katas.sandbox import files_of
from pytest_katas.slips import Slip, named_tests, slips_in
from pytest_katas.wrong import Wrong, read_wrong
from pytest_katas.zygote import is_child

#: Where in a kata's folder the implementations are.
JUDGED = "judged"
#: Seconds that a suite may take on one implementation: twice that is a test's own deadline.
DEADLINE = 5.0

E = TypeVar("E", bound=BaseException)
_Key = tuple[object, ...]

_NOT_GIVEN = frozenset({KATA_FILE, "README.md", "conftest.py"})
# What says no to an implementation; skipped or expected to fail says nothing.
_CATCHES = REDS | {Outcome.ERROR}


@dataclass(frozen=True)
class Coverage:
    """What a suite never ran of one implementation.

    :ivar lines: a sentence for each line.
    :ivar branches: a sentence for each way between two lines.
    """

    lines: tuple[str, ...]
    branches: tuple[str, ...]


class _Asked(NamedTuple):
    """A run of the learner's tests on an implementation."""

    files: Files
    reverse: bool = False
    cover: str = ""
    first: bool = False


class Suite:
    """A learner's test file, and the implementations it is judged on.

    The implementations are read at once, so that there is a test for each; processes start with the first verdict.

    :param here: ``__file__`` of the kata's own tests.
    :param path: the learner's file, relative to the kata's folder.
    :param deadline: seconds a run may take.
    :param runner: one that is at work already, and is closed by whoever made it; None: one of its own.
    :ivar correct: the names of the right implementations, sorted; the wrong ones are made of the first.
    """

    def __init__(
        self, here: str | Path, path: str, *, deadline: float = DEADLINE, runner: Runner | None = None
    ) -> None:
        self._tests_of_kata = Path(here)
        self._folder = Path(here).parent
        self.path = path
        self._deadline = deadline
        self._lent = runner
        self._crew: tuple[Runner, ThreadPoolExecutor] | None = None
        self._runs: dict[_Key, Future[Run]] = {}
        right = self._folder / JUDGED / "correct"
        self._right = {folder.name: files_of(folder) for folder in sorted(right.glob("*")) if folder.is_dir()}
        self._wrong = dict(self._read_wrong()) if self._right else {}
        self.correct = tuple(self._right)

    # What the kata's tests ask -------------------------------------------------------------------------------------

    def wrong(self) -> list[object]:
        """Return what parametrizes a test over the wrong implementations: their numbers, each with its task."""
        return [
            pytest.param(number, id=number, marks=pytest.mark.task(taskno=wrong.task))
            for number, (wrong, _) in self._wrong.items()
        ]

    def accepts(self, name: str, files: Files | None = None) -> None:
        """Pass if every test of the learner's is green on a right implementation, in both orders.

        :param files: the implementation, if it is none of ``correct``.
        :raises NotImplementedError: there is no test yet.
        """
        __tracebackhide__ = True
        chosen = self._right[name] if files is None else files
        several = [*self._right.values()] if files is None else [files]
        self._ahead([_Asked(each, reverse=reverse) for each in several for reverse in (False, True)])
        for reverse in (False, True):
            self._accept(name, self.run(chosen, reverse=reverse), reverse=reverse)

    def catches(self, number: str) -> None:
        """Pass if a test of the learner's is red on a wrong implementation, and all are green on the right ones.

        :raises NotImplementedError: there is no test yet.
        """
        __tracebackhide__ = True
        for name in self.correct:
            self.accepts(name)
        wrong, files = self._wrong[number]
        self._ahead([_Asked(each, first=True) for one, each in self._wrong.values() if one.task == wrong.task])
        run = self._asked(_Asked(files, first=True))
        on, expected = f"on wrong implementation {number}", f"at least one test of {self.path} is red"
        if why := broken(run):
            self._fail(f"the tests do not come to their end {on}", expected, why)
        if not any(finding.outcome in _CATCHES for finding in run.tests.values()):
            passed = sum(finding.outcome is Outcome.PASSED for finding in run.tests.values())
            idea = f": {wrong.idea}" if wrong.idea else ""
            self._fail(f"no test is red {on}{idea}", expected, f"{passed} of {len(run.tests)} pass")

    def coverage(self, name: str) -> Coverage:
        """Return what the learner's tests never run of a right implementation, which they accept.

        :raises NotImplementedError: there is no test yet.
        """
        __tracebackhide__ = True
        self.accepts(name)
        ((path, source),) = self._right[name].items()
        gaps = self.run(self._right[name], cover=path).gaps or Gaps((), ())
        text = source.decode()
        return Coverage(tuple(lines_told(text, gaps)), tuple(branches_told(text, gaps)))

    def run(self, files: Files, *, reverse: bool = False, cover: str = "") -> Run:
        """Run the learner's tests, with these files over those of the kata.

        :param cover: the file whose lines and branches are watched.
        :raises NotImplementedError: there is no test yet.
        """
        __tracebackhide__ = True
        return self._asked(_Asked(files, reverse=reverse, cover=cover))

    def tests(self) -> tuple[str, ...]:
        """Return the names of the learner's tests, as they stand in the file; none if Python cannot read it."""
        return named_tests(self._source())

    def slips(self, looked_up: Mapping[str, str] | None = None) -> list[Slip]:
        """Return what in the learner's tests is green for no reason.

        :param looked_up: by the dotted name where something is defined, the one where the code looks it up.
        """
        helpers = [text.decode(errors="replace") for path, text in self._given().items() if path.endswith(".py")]
        return slips_in(self._source(), looked_up, helpers)

    def refuse(self, message: str, line: int = 0) -> NoReturn:
        """Fail with a verdict of the kata's own on the learner's tests.

        :param message: its first line is one sentence, and is repeated where the run says what to do next.
        :param line: of the learner's file, where they go on; 0 for none.
        """
        __tracebackhide__ = True
        raise self._placed(pytest.fail.Exception(message), line, "")

    def close(self) -> None:
        """End the processes; the next verdict would start others."""
        crew, self._crew = self._crew, None
        if crew:
            runner, pool = crew
            pool.shutdown(cancel_futures=True)
            if runner is not self._lent:
                runner.__exit__()

    # -----------------------------------------------------------------------------------------------------------------

    def _asked(self, asked: _Asked) -> Run:
        __tracebackhide__ = True
        (run,) = self._ahead([asked])
        return run.result()

    def _ahead(self, several: Sequence[_Asked]) -> list[Future[Run]]:
        """Begin with runs that will be asked for, as many at a time as there are processors."""
        __tracebackhide__ = True
        self._read()
        if not self.tests():
            raise self._placed(NotImplementedError(f"{self.path} has no test yet"), 1, "its first test")
        given = self._given()
        begun = []
        for asked in several:
            files = {**given, **asked.files}
            key = (asked.reverse, asked.cover, asked.first, *sorted(files.items()))
            if key not in self._runs:
                runner, pool = self._started()
                self._runs[key] = pool.submit(
                    runner.run,
                    files,
                    folder="suite",
                    reverse=asked.reverse,
                    deadline=self._deadline,
                    suite=self.path,
                    cover=asked.cover,
                    first=asked.first,
                )
            begun.append(self._runs[key])
        return begun

    def _accept(self, name: str, run: Run, *, reverse: bool) -> None:
        __tracebackhide__ = True
        on = f"on the correct implementation {name}{', in reversed order' if reverse else ''}"
        expected = f"every test of {self.path} passes"
        if why := broken(run):
            self._fail(f"the tests do not come to their end {on}", expected, why)
        if not run.tests:
            self._fail(f"there is no test {on}", expected, "pytest finds none")
        for key, finding in run.tests.items():
            if finding.outcome is not Outcome.PASSED:
                said = "\n            ".join(finding.message.splitlines())
                test = f"{key.partition('::')[2]} {_WORDS.get(finding.outcome, 'is red')}"
                self._fail(f"{test} {on}", expected, said or "it did not run", finding.line)
        for trespass in run.trespasses:
            self._fail(f"the tests do not leave things as they were {on}", "nothing is left behind", trespass)

    def _fail(self, what: str, expected: str, actual: str, line: int = 0) -> NoReturn:
        __tracebackhide__ = True
        self.refuse(f"{what}\n  expected: {expected}\n  actual:   {actual}", line)

    def _placed(self, error: E, line: int, name: str) -> E:
        """Say where the learner goes on: in their tests, not in those of the kata, where this is raised."""
        error.kata_place = (f"{self._folder / self.path}:{line}", name)  # type: ignore[attr-defined]  # ours
        return error

    def _read_wrong(self) -> Iterator[tuple[str, tuple[Wrong, Files]]]:
        reference = next(iter(self._right.values()))
        for number, wrong in enumerate(read_wrong(self._folder / JUDGED), start=1):
            path = wrong.file or next(iter(reference))
            changed = replaced(reference.get(path, b""), wrong.find, wrong.replace)
            yield f"{number:02}", (wrong, {**reference, path: changed})

    def _given(self) -> dict[str, bytes]:
        """Return the files that the learner's tests find beside them: neither the kata's own nor what they judge."""
        return {
            path: content
            for path, content in files_of(self._folder).items()
            if not (path.startswith(f"{JUDGED}/") or path in _NOT_GIVEN or path == self._tests_of_kata.name)
        }

    def _read(self) -> None:
        __tracebackhide__ = True
        try:
            compile(self._source(), self.path, "exec", dont_inherit=True)
        # A null byte is a ValueError to some versions of Python.
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 0
            what = getattr(error, "msg", str(error))
            where = f"line {line}" if line else "the file"
            self._fail(f"Python cannot read {where}: {what}", "a file of Python", what, line)

    def _source(self) -> str:
        path = self._folder / self.path
        return path.read_bytes().decode(errors="replace") if path.is_file() else ""

    def _started(self) -> tuple[Runner, ThreadPoolExecutor]:
        if self._crew is None:
            runner = self._lent or self._hired()
            self._crew = runner, ThreadPoolExecutor(runner.size)
        return self._crew

    def _hired(self) -> Runner:
        # What the tests, the files beside them and the implementations import; a name that is not Python's own may be
        # one of these files, and is left to the runs.
        sources = [*self._given().items(), *(file for files in self._right.values() for file in files.items())]
        ahead = set().union(*(imported(content) for path, content in sources if path.endswith(".py")))
        ahead &= {name for name in ahead if name.partition(".")[0] in sys.stdlib_module_names}
        # In a run that is one of many, the other processors are at work on the others.
        size = 1 if is_child() else os.cpu_count() or 1
        return Runner(size, preload=sorted(ahead | {"unittest.mock"})).__enter__()


_WORDS = {
    Outcome.ERROR: "is broken around its call",
    Outcome.SKIPPED: "is skipped",
    Outcome.XFAILED: "is expected to fail",
    Outcome.XPASSED: "is expected to fail",
    Outcome.UNWRITTEN: "calls what is not written yet",
}

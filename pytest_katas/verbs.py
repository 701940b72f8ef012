"""The verbs: flags that make pytest read the record, or write what was asked for, instead of running tests.

Each takes the call it was made in and returns an exit code. What is said comes from the package ``report``.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TextIO

import pytest

from pytest_katas.catalogue import CatalogueError, Kata, katas_at, meant_by, tracks_near
from pytest_katas.errors import KataError
from pytest_katas.learner import learner_of
from pytest_katas.process import alive
from pytest_katas.progress import KataProgress, fold, next_kata
from pytest_katas.report.text import Line, bar, line, printable
from pytest_katas.settings import Settings
from pytest_katas.store import Store
from pytest_katas.summary import Writer, write, writer_for


class Call(NamedTuple):
    """One call of a verb.

    :ivar given: the paths that were named, empty where pytest chose them itself.
    """

    config: pytest.Config
    settings: Settings
    here: Path
    given: tuple[Path, ...]
    writer: Writer

    def say(self, lines: Iterable[Line]) -> None:
        """Write lines to the terminal."""
        write(self.writer, lines, sys.stdout.encoding)

    def katas(self) -> list[Kata]:
        """Return the katas that are meant: those given, else every kata of the tracks near here.

        :raises CatalogueError: there is none.
        """
        if not self.given:
            katas = [kata for track in tracks_near(self.here) for kata in track.katas()]
        else:
            katas = [kata for path in self.given for kata in self._katas_at(path)]
        if not katas:
            raise CatalogueError(
                f"there are no katas in {self.here};"
                " go to a folder that holds a track, or make one: pytest --kata-start=DIR"
            )
        return list({kata.path: kata for kata in katas}.values())

    def kata(self) -> Kata:
        """Return the one kata that is meant: the one given, the one around this folder, else the next to do.

        :raises KataError: several were given, or all are green.
        """
        katas = self.katas()
        if not self.given:
            around = [kata for kata in katas if self.here.is_relative_to(kata.path)]
            katas = around or [kata for kata in katas if (to_do := self.next(katas)) and kata.path == to_do.path]
        if len(katas) != 1:
            verb = self.settings.verb.flag if self.settings.verb else ""
            raise KataError(
                f"{verb} is about one kata; name it, for example: pytest {verb} {self.shown(self.katas()[0])}"
            )
        return katas[0]

    def next(self, katas: list[Kata]) -> Kata | None:
        """Return the kata to do next, or None if all are green."""
        following = next_kata([self.progress(kata, self.learner(kata)) for kata in katas])
        return following.kata if following else None

    def store(self, kata: Kata) -> Store:
        """Return the record of a kata's track."""
        return Store(self.settings.store or kata.record)

    def learner(self, kata: Kata) -> str:
        """Return the learner at the keyboard."""
        return learner_of(self.settings.learner, self.store(kata))

    def progress(self, kata: Kata, learner: str) -> KataProgress:
        """Read one learner's progress in one kata."""
        log = self.store(kata).read(learner, kata.slug, *kata.formerly)
        return fold(kata, log, alive=alive, now=datetime.now(UTC))

    def shown(self, kata: Kata) -> str:
        """Return a kata's folder as it would be typed here."""
        return os.path.relpath(kata.path, self.here)

    def _katas_at(self, path: Path) -> list[Kata]:
        if not path.exists():
            meant_by(path, self.here)
            raise CatalogueError(
                f"there is no file or folder {os.path.relpath(path, self.here)!r};"
                " the katas there are: pytest --kata-progress"
            )
        return list(katas_at(path))


def carry_out(config: pytest.Config, settings: Settings) -> int | None:
    """Carry out the verb that was asked for.

    :returns: the exit code, or None where an ordinary run is to follow.
    :raises KataError: it cannot be done; the sentence says what to do instead.
    """
    here = config.invocation_params.dir
    named = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    # Made absolute without resolving links: a learner's path stays the one that was typed.
    given = tuple(Path(os.path.abspath(here / arg.partition("::")[0])) for arg in named)
    call = Call(config, settings, here, given, writer_for(config, sys.stdout))
    assert settings.verb is not None, "called for a verb"
    with _uncollected():
        return _VERBS[settings.verb.flag](call)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector out: it would look through a long record again and again, and find nothing."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _progress(call: Call) -> int:
    from pytest_katas.report.table import kata_lines, track_lines

    now = datetime.now(UTC)
    katas = call.katas()
    in_detail = len(katas) == 1 and any(path.is_relative_to(katas[0].path) for path in call.given)
    for number, learner in enumerate(_learners(call, katas)):
        if number:
            call.say([line("")])
        progresses = [call.progress(kata, learner) for kata in katas]
        if in_detail:
            call.say(kata_lines(learner, progresses[0], now, call.shown(katas[0])))
        else:
            call.say(track_lines(learner, progresses, now, lambda one: call.shown(one.kata)))
    return 0


def _next(call: Call) -> int | None:
    katas = call.katas()
    following = call.next(katas)
    if following is None:
        call.say(
            [
                line(
                    ("every kata is green", "green"),
                    "; to read a debrief again: ",
                    (f"pytest --kata-solution {call.shown(katas[0])}", "bold"),
                )
            ]
        )
        return 0
    # The ordinary run goes on with this kata as if it had been typed.
    call.config.args = [call.shown(following)]
    call.config.args_source = pytest.Config.ArgsSource.ARGS
    return None


def _hint(call: Call) -> int:
    from pytest_katas.report.hint import hint_lines

    kata = call.kata()
    learner = call.learner(kata)
    progress = call.progress(kata, learner)
    number = progress.first_red_task
    if number is None:
        call.say(
            [
                line((f"{kata.slug} is green", "green"), ", there is nothing left to hint at"),
                line("debrief: ", (f"pytest --kata-solution {call.shown(kata)}", "bold")),
            ]
        )
        return 0
    task = kata.tasks[number - 1]
    shown = min(progress.hints.get(number, 0) + 1, len(task.hints))
    if call.settings.enabled:
        call.store(kata).append(learner, kata.slug, "hint", formerly=kata.formerly, task=number, number=shown)
    call.say(hint_lines(kata, task, shown, call.shown(kata)))
    return 0


def _solution(call: Call) -> int:
    kata = call.kata()
    if not call.progress(kata, call.learner(kata)).solved_once:
        raise KataError(
            f"{kata.slug} is not green yet; for a hint: pytest --kata-hint {call.shown(kata)};"
            f" to see the solution all the same: pytest --kata-spoil {call.shown(kata)}"
        )
    return _show_solution(call, kata)


def _spoil(call: Call) -> int:
    kata = call.kata()
    learner = call.learner(kata)
    if call.settings.enabled and not call.progress(kata, learner).solved_once:
        call.store(kata).append(learner, kata.slug, "spoil", formerly=kata.formerly)
    return _show_solution(call, kata)


def _show_solution(call: Call, kata: Kata) -> int:
    from pytest_katas.report.solution import solution_lines
    from pytest_katas.workspace import copied, solution_of

    solution = solution_of(kata)
    near = solution.is_relative_to(kata.path.parent.parent)
    # As it would be typed here, unless that leads out of the project.
    shown = os.path.relpath(solution, call.here) if near else str(copied(solution))
    call.say(solution_lines(kata, solution, shown))
    return 0


def _report(call: Call) -> int:
    from pytest_katas.report.files import as_data, render

    now = datetime.now(UTC)
    katas = call.katas()
    target = str(call.settings.value)
    cohort = {learner: [call.progress(kata, learner) for kata in katas] for learner in _learners(call, katas)}
    if target == "-":
        # In ASCII, which every encoding has; to JSON it is the same text.
        sys.stdout.write(json.dumps(as_data(cohort, now), indent=2) + "\n")
        return 0
    text = render(Path(target).suffix, cohort, now)
    path = call.here / target
    try:
        # The name of a folder, and so of a learner, may hold bytes that are no text.
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise KataError(f"{path} cannot be written ({error.strerror}); name a file in a folder that exists") from error
    call.say([line(f"progress of {printable(', '.join(cohort))} written to ", (printable(target), "bold"))])
    return 0


def _start(call: Call) -> int:
    from pytest_katas.workspace import start

    if call.given:
        raise KataError("--kata-start makes a whole track and takes no katas; leave them out")
    folder = call.here / str(call.settings.value)
    first = start(folder)
    call.say(
        [
            line("a track is ready in ", (str(call.settings.value), "bold"), "; begin with:"),
            line((f"  cd {call.settings.value}", "bold")),
            line((f"  pytest {first.relative_to(folder).as_posix()}", "bold")),
        ]
    )
    return 0


def _check(call: Call) -> int:
    from pytest_katas.checks import check_all
    from pytest_katas.report.check import check_lines
    from pytest_katas.workspace import solution_of

    began = time.perf_counter()
    progress = _ProgressLine(sys.stdout)
    katas = call.katas()
    problems = []
    for solutions, mine in groupby(katas, key=lambda kata: solution_of(kata).parent):
        problems += check_all(list(mine), solutions, progress=progress)
    progress.clear()
    call.say(check_lines(problems, len(katas), progress.runs, time.perf_counter() - began))
    return 1 if problems else 0


class _ProgressLine:
    """Shows on a terminal how far a long run is, on one line that is gone at its end; nothing in a pipe."""

    def __init__(self, file: TextIO) -> None:
        self.runs = 0
        self._file = file
        self._shown = file.isatty()

    def __call__(self, done: int, total: int, name: str) -> None:
        """Say that ``done`` of ``total`` runs are done, the last of them ``name``."""
        self.runs += 1
        if self._shown:
            self._file.write(f"\r\x1b[K{bar(done, total, 24)} {done}/{total} {name[:40]}")
            self._file.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._file.write("\r\x1b[K")
            self._file.flush()


def _learners(call: Call, katas: list[Kata]) -> list[str]:
    """Return whose progress is meant: the learner named, else all in the record, else who is at the keyboard."""
    if call.settings.learner:
        return [call.learner(katas[0])]
    known = {learner for kata in katas for learner in call.store(kata).learners()}
    return sorted(known) or [call.learner(katas[0])]


_VERBS: dict[str, Callable[[Call], int | None]] = {
    "--kata-progress": _progress,
    "--kata-report": _report,
    "--kata-next": _next,
    "--kata-hint": _hint,
    "--kata-solution": _solution,
    "--kata-spoil": _spoil,
    "--kata-start": _start,
    "--kata-check": _check,
}

"""The only user of the terminal: what is printed before, during and after a run, and how a verb prints.

The words are in the package ``report``; here they meet colours, an encoding and pytest's own reporter.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TextIO

import pytest

from pytest_katas.process import alive
from pytest_katas.progress import KataProgress, fold
from pytest_katas.report.after import after_run, kata_line
from pytest_katas.report.text import Line, encodable
from pytest_katas.settings import Settings

if TYPE_CHECKING:
    from pytest_katas.attempt import LiveAttempt, Run

_MARKUP: dict[str, dict[str, bool]] = {
    "green": {"green": True},
    "red": {"red": True},
    "amber": {"yellow": True},
    "bold": {"bold": True},
    "dim": {"light": True},
    "": {},
}


class Writer(Protocol):
    """What is used of pytest's TerminalWriter and TerminalReporter; the plain one below does it without colours."""

    def write(
        self,
        content: str,
        /,
        *,
        green: bool = ...,
        red: bool = ...,
        yellow: bool = ...,
        bold: bool = ...,
        light: bool = ...,
    ) -> None:
        """Write a text with the colours named."""

    def line(self, content: str, /) -> None:
        """Write a text and end the line."""


class PlainWriter:
    """Writes where pytest's own writer cannot be made: under ``-p no:terminal``."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, content: str, /, **_markup: bool) -> None:
        """Write a text; there are no colours here."""
        self._file.write(content)

    def line(self, content: str, /) -> None:
        """Write a text and end the line."""
        self._file.write(content + "\n")


def writer_for(config: pytest.Config, file: TextIO) -> Writer:
    """Return a writer that obeys ``--color`` for a verb, which runs without pytest's reporter."""
    if config.pluginmanager.hasplugin("terminal"):
        # Private, and the one exception: what pytest --markers prints with.
        from _pytest.config import create_terminal_writer

        return create_terminal_writer(config, file)
    return PlainWriter(file)


def write(writer: Writer, lines: Iterable[Line], encoding: str | None) -> None:
    """Write lines with their styles, in characters that the terminal has."""
    for spans in lines:
        for span in spans:
            writer.write(encodable(span.text, encoding or "ascii"), **_MARKUP[span.style])
        writer.line("")


class Summary:
    """Shows one red test in full and counts the rest, and says what to do next."""

    def __init__(self, config: pytest.Config, settings: Settings, run: Run) -> None:
        self._here = config.invocation_params.dir
        self._settings = settings
        self._run = run
        self._in_full = settings.show_all or config.get_verbosity() > 0

    @pytest.hookimpl(trylast=True)
    def pytest_report_collectionfinish(self) -> list[str]:
        """Fires when all is collected, the first moment at which the katas are known."""
        return [
            encodable("".join(span.text for span in spans), _encoding())
            for attempt in self._run.attempts.values()
            for spans in kata_line(attempt, _progress(attempt))
        ]

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
        """Fires for each phase of each test: categories of our own keep what is trimmed out of pytest's lists."""
        note = getattr(report, "kata", None)
        if note is None:
            return None
        if note.get("locked"):
            return ("locked", "l", "LOCKED") if self._in_full else ("locked", "", "")
        if report.failed and not self._in_full:
            attempt = self._run.attempts[note["folder"]]
            if attempt.first and note.get("task") in attempt.expected and attempt.first["test"] != note["test"]:
                return "more red", "F", "FAILED"
        return None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        """Fires at the end, around pytest's own summaries: what to do next stands last."""
        result = yield
        for attempt in self._run.attempts.values():
            terminalreporter.write_sep("-", attempt.kata.slug)
            write(
                terminalreporter,
                after_run(attempt, _progress(attempt), self._here, show_all=self._in_full),
                _encoding(),
            )
        if self._run.fault:
            terminalreporter.line(encodable(self._run.fault, _encoding()), yellow=True)
        elif self._run.attempts and self._settings.reason:
            terminalreporter.line(f"not recorded: {self._settings.reason}")
        return result


def _progress(attempt: LiveAttempt) -> KataProgress:
    return fold(attempt.kata, attempt.log, alive=alive, now=datetime.now(UTC))


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "ascii"

"""What an author reads after the katas were checked, and while."""

from __future__ import annotations

import io

import pytest

from pytest_katas.problem import Problem
from pytest_katas.report.check import check_lines
from pytest_katas.report.text import WIDTH, plain
from pytest_katas.verbs import _ProgressLine


def test_when_every_rule_is_kept_there_is_one_line():
    assert plain(check_lines([], 1, 34, 2.04)) == "every rule is kept: 1 kata, 34 runs, 2.0 s\n"


def test_each_problem_says_what_was_expected_and_what_happened():
    problems = [
        Problem("jwt", 0, "a file DEBRIEF.md", "there is none"),
        Problem("jwt", 3, "it to be caught", "it is not"),
    ]
    assert plain(check_lines(problems, 2, 1, 0.96)) == (
        "jwt, files\n"
        "  expected: a file DEBRIEF.md\n"
        "  happened: there is none\n"
        "\n"
        "jwt, rule 3\n"
        "  expected: it to be caught\n"
        "  happened: it is not\n"
        "\n"
        "2 problems in 2 katas, 1 run, 1.0 s; the rules are in CONTRIBUTING.md\n"
    )


def test_long_ones_hang_under_their_beginning():
    told = plain(check_lines([Problem("jwt", 1, "word " * 40, "word " * 40)], 1, 1, 1.0)).splitlines()
    assert max(map(len, told)) <= WIDTH
    assert {each[:5] for each in told[2:4]} == {"    w"}


class Screen(io.StringIO):
    """A file that is a terminal, or is not."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


class TestProgressLine:
    def test_on_a_terminal_it_is_one_line_that_goes_away(self):
        screen = Screen(terminal=True)
        progress = _ProgressLine(screen)
        progress(1, 2, "jwt: stub")
        progress(2, 2, "jwt: " + "x" * 60)
        progress.clear()
        first, second, last = screen.getvalue().split("\r\x1b[K")[1:]
        assert first == "[############------------] 1/2 jwt: stub"
        assert second == "[########################] 2/2 jwt: " + "x" * 35
        assert last == ""
        assert progress.runs == 2

    @pytest.mark.parametrize("runs", [0, 3])
    def test_in_a_pipe_it_only_counts(self, runs):
        screen = Screen(terminal=False)
        progress = _ProgressLine(screen)
        for number in range(runs):
            progress(number, runs, "jwt")
        progress.clear()
        assert (screen.getvalue(), progress.runs) == ("", runs)

"""The track at a glance, and one kata in detail, from logs written by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pytest_katas.catalogue import Kata, Task
from pytest_katas.progress import fold
from pytest_katas.report.table import kata_lines, track_lines
from pytest_katas.report.text import WIDTH, plain
from pytest_katas.store import Log

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HINTS = ("a", "b", "c")
TASKS = (
    Task(1, "double", 2, ("double",), "stub", (), HINTS),
    Task(2, "halve, odd numbers too", 1, ("halve",), "stub", (), HINTS),
)
LIGHTS = {"r": "red", "g": "green", "a": "amber", "-": "-"}


def make(slug="sums", *, requires=()):
    """A kata of two tasks."""
    question = "Does it round?"
    return Kata(Path("katas", slug), f"All {slug}", question, "", (), 1, 1, requires, (), ("s.py",), "task", (), TASKS)


def event(kind, minutes, **fields):
    """An event so many minutes ago."""
    at = (NOW - timedelta(minutes=minutes)).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {"v": 1, "event": kind, "id": f"{minutes:032}", "at": at, "round": 1, **fields}


def attempt(letter, minutes, passed=0, **fields):
    """An attempt so many minutes ago, at which so many of the three tests passed."""
    words = ["passed"] * passed + ["failed"] * (3 - passed)
    # An amber attempt shows no test.
    tests = {"1": {"a": words[0], "b": words[1]}, "2": {"c": words[2]}} if letter in "rg" else {}
    common = {"run": "", "python": "3.13.0", "seconds": 0.0, "kata": "", "files": {}, "prediction": None, "missing": []}
    steps = {"added": None, "removed": None, "complete": letter in "rg", "why": None if letter in "rg" else "-k"}
    return event("attempt", minutes, light=LIGHTS[letter], tests=tests, **{**common, **steps, **fields})


def progress(*events, kata=None, unreadable=0):
    return fold(kata or make(), Log(list(events), unreadable), now=NOW, alive=lambda _: True)


def table(*progresses):
    return plain(track_lines("ada", progresses, NOW, lambda one: f"katas/{one.kata.slug}"))


def detail(*events, **keys):
    return plain(kata_lines("ada", progress(*events, **keys), NOW, "katas/sums"))


def facts(told):
    return dict(re.findall(r"^  ([a-z ]+?)  +(.+)$", told, flags=re.MULTILINE))


class TestTrack:
    def test_each_kata_has_its_row(self):
        told = table(
            progress(attempt("r", 200, 1), attempt("r", 190, 2), attempt("g", 180, 3), kata=make("tdd")),
            progress(attempt("r", 60, 2), attempt("a", 3), kata=make("json_schema")),
            progress(kata=make("jwt")),
        )
        assert told == (
            "learner ada · 1 of 3 katas green\n"
            "\n"
            "kata         light               tasks  attempts   cycles  to green  last run\n"
            "tdd          green     [########]    2/2  rrg             1    20 min       3 h\n"
            "json_schema  amber     [#####---]    1/2  ra              0         -     3 min\n"
            "jwt          -         [--------]    0/2                  -         -         -\n"
            "\n"
            "next: pytest katas/json_schema   task 2: halve, odd numbers too\n"
        ).replace("[######]", "[########]").replace("[------]", "[--------]").replace(
            "light               ", "light                 "
        )

    def test_a_kata_that_was_green_says_that_it_is_no_more(self):
        for letter, style in (("r", "red"), ("a", "amber")):
            lines = track_lines("ada", [progress(attempt("g", 9, 3), attempt(letter, 5, 2))], NOW, str)
            assert ("regressed", style) in [tuple(span) for row in lines for span in row]

    def test_the_next_one_is_named_by_what_it_is_about(self):
        assert table(progress(kata=make("tdd"))).endswith("\nnext: pytest katas/tdd   All tdd\n")

    def test_when_all_are_green_nothing_is_next(self):
        assert table(progress(attempt("g", 5, 3))).endswith("\n\nevery kata is green\n")

    def test_a_task_that_is_red_on_no_test_is_not_named(self):
        told = table(progress(event("started", 5, pid=1, python="3.13.0", plugin="0")))
        assert told.endswith("next: pytest katas/sums   All sums\n")

    def test_damage_is_counted_over_all(self):
        told = table(progress(unreadable=2), progress(unreadable=3, kata=make("jwt")))
        assert "\n5 lines of the record could not be read; they are kept as they are\nnext: " in told

    @pytest.mark.parametrize("slug", ["a", "jwt", "what_to_test", "sql_returning"])
    def test_it_is_80_columns_wide_at_most(self, slug):
        events = [attempt("ra"[n % 2], 900000 - n, 1) for n in range(40)]
        told = table(progress(*events, attempt("g", 1000, 3), kata=make(slug)), progress(kata=make("jwt")))
        assert max(map(len, told.splitlines())) <= WIDTH
        heading, row, other = told.splitlines()[2:5]
        assert heading.index("tasks") + 5 == row.index("2/2") + 3 == other.index("0/2") + 3
        assert "..ararara" in row

    def test_a_name_does_not_move_the_cursor(self):
        assert "\x1b" not in plain(track_lines("\x1b[2J", [progress()], NOW, str))


class TestKata:
    def test_it_says_everything(self):
        told = detail(
            attempt("r", 300, 1),
            event("hint", 290, task=2, number=2),
            attempt("r", 280, 2, added=3, removed=1, python="3.9.1"),
            attempt("g", 120, 3, added=2, removed=1, python="3.11.7"),
            attempt("-", 90, added=0, removed=0, python="3.10.1"),
        )
        assert told == (
            "sums - All sums · learner ada\n"
            '"Does it round?"\n'
            "\n"
            "  task 1  double                  green    2/2\n"
            "  task 2  halve, odd numbers too  green    1/1   2 hints\n"
            "\n"
            "  status         solved, 3 of 3 tests green\n"
            "  attempts       4   rrg-\n"
            "  cycles         1 (red or amber, later green)\n"
            "  time in red    3 h\n"
            "  time to green  3 h\n"
            "  step size      2.3 lines changed from one attempt to the next\n"
            "  last run       1 h ago; not complete: -k\n"
            "  pythons        3.9 red, 3.11 green, 3.13 red\n"
            "\n"
            "debrief: pytest --kata-solution katas/sums\n"
        )

    def test_before_the_first_run_there_is_little_to_say(self):
        assert (
            facts(detail())
            == {"status": "not-started, 0 of 3 tests green", "attempts": "none yet"}
            | {
                "task 1": "double                  -        0/2",
                "task 2": "halve, odd numbers too  -        0/1",
            }
            or facts(detail())["attempts"] == "none yet"
        )

    def test_a_run_of_a_moment_ago_is_not_counted_in_seconds(self):
        assert facts(detail(attempt("r", 0, 1)))["last run"] == "just now"

    def test_steps_that_were_not_measured_are_left_out(self):
        assert "step size" not in facts(detail(attempt("r", 9), attempt("r", 8)))
        assert facts(detail(attempt("r", 9), attempt("r", 8, added=0, removed=5)))["step size"].startswith("5.0 lines")

    def test_a_new_round_begins_from_the_start(self):
        told = facts(detail(attempt("g", 9, 3), event("reset", 8, round=2), attempt("r", 5, 1, round=2)))
        assert (told["round"], told["attempts"], told["status"]) == ("2", "1   r", "in-progress, 1 of 3 tests green")

    def test_more_hints_than_there_are_were_not_shown(self):
        assert "  green    1/1   3 hints\n" in detail(attempt("g", 9, 3), event("hint", 8, task=2, number=7))
        assert "  1 hint\n" in detail(event("hint", 8, task=1, number=1))

    def test_having_seen_the_solution_is_part_of_the_story(self):
        assert facts(detail(event("spoil", 8)))["solution"] == "seen before green"

    def test_damage_is_told(self):
        assert "\n1 line of the record could not be read; it is kept as it is\nnext: " in detail(unreadable=1)

    def test_whatever_a_log_calls_a_version_is_shown(self):
        told = facts(detail(attempt("r", 9, python="three.nine"), attempt("r", 8, python="3.9.1")))
        assert told["pythons"] == "3.9 red, three.nine red"

    def test_long_strips_and_questions_fit(self):
        kata = make()._replace(question="why " * 50, title="word " * 20)
        told = plain(
            kata_lines("ada", progress(*(attempt("r", 500 - n) for n in range(200)), kata=kata), NOW, "katas/sums")
        )
        assert max(map(len, told.splitlines())) <= WIDTH
        assert re.search(r"attempts +200   \.\.r{48}$", told, flags=re.MULTILINE)

    def test_green_leads_to_the_debrief_and_everything_else_to_the_next_run(self):
        assert detail(attempt("r", 9)).endswith("\nnext: pytest katas/sums\nhelp: pytest --kata-hint katas/sums\n")
        assert detail(attempt("g", 9, 3)).endswith("\n\ndebrief: pytest --kata-solution katas/sums\n")

"""``--kata-report``: the record as JSON, Markdown and CSV, for people, programs and spreadsheets."""

from __future__ import annotations

import copy
import csv
import json
import os
import re
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from pytest_katas.store import Store

ODD_NAMES = pytest.mark.skipif(os.name == "nt", reason="such a folder is not possible there")
SCHEMA = json.loads((files("pytest_katas") / "schemas/report-1.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def attempt(desk, light, *, learner="ada", slug="sums", **fields):
    """Add an attempt to the log by hand."""
    passed = {"1": {"test_sums.py::test_double[1]": "passed"}}
    event = {
        "run": "0" * 32,
        "python": "3.13.0",
        "seconds": 0.125,
        "light": light,
        "complete": light in {"green", "red"},
        "why": None if light in {"green", "red"} else "-k",
        "tests": passed,
        "kata": "f" * 64,
        "files": {"sums.py": {"sha256": "0" * 64, "size": 1}},
        "added": 2,
        "removed": 1,
        "prediction": None,
        "missing": [],
    }
    return Store(desk.path / ".katas").append(learner, slug, "attempt", **event | fields)


def report(desk, *args):
    """The report as a program reads it from standard output."""
    ran = desk.call("--kata-report=-", *args)
    assert (ran.ret, ran.err) == (0, "")
    return json.loads(ran.out)


def nothing(desk):
    """Nothing was ever run."""


def one_red(desk):
    desk.run()


def green_and_regressed(desk):
    desk.solve().run()
    desk.write().run()


def died(desk):
    Store(desk.path / ".katas").append("ada", "sums", "started", pid=0, python="3.12.1", plugin="0")


def rounds_hints_and_spoils(desk):
    store = Store(desk.path / ".katas")
    attempt(desk, "red", added=None, removed=None)
    store.append("ada", "sums", "hint", task=1, number=2)
    store.append("ada", "sums", "spoil")
    attempt(desk, "green", seconds=3)
    store.append("ada", "sums", "reset")
    store.append("ada", "sums", "hint", task=3, number=1)
    attempt(desk, "-")
    attempt(desk, "amber", prediction="red")


def kinds_from_the_future(desk):
    store = Store(desk.path / ".katas")
    store.append("ada", "sums", "restore", attempt=1)
    store.append("ada", "sums", "applause")
    attempt(desk, "red", tests={"1": {"a": "exploded"}, "x": 1}, mood="good")
    with (desk.path / ".katas/ada/sums.jsonl").open("ab") as log:
        log.write(b'garbage\n{"v": 99}\n\xff\n')


def several_learners(desk):
    for learner in ("ada", "Zoë ✔", "=cmd|' /C calc'!A0"):
        attempt(desk, "green", learner=learner)


def a_task_that_is_not_expected(desk):
    toml = (desk.kata / "kata.toml").read_text("utf-8").replace('title = "halve"', 'title = "halve"\nneeds = ["bash"]')
    desk.add_kata(toml=toml).solve().run()


RECORDS = {
    record.__name__: record
    for record in (
        nothing,
        one_red,
        green_and_regressed,
        died,
        rounds_hints_and_spoils,
        kinds_from_the_future,
        several_learners,
        a_task_that_is_not_expected,
    )
}


@pytest.fixture(params=RECORDS)
def record(request, desk, monkeypatch):
    """A desk with a record of some kind."""
    if request.param == "a_task_that_is_not_expected":
        monkeypatch.setenv("PATH", "")
    RECORDS[request.param](desk)
    if request.param == "several_learners":
        monkeypatch.delenv("KATA_LEARNER")
    return desk


class TestJson:
    @pytest.mark.usefixtures("record")
    def test_it_is_what_its_schema_says(self, desk):
        VALIDATOR.validate(report(desk))

    def test_a_file_and_the_terminal_get_the_same(self, record):
        assert record.call("--kata-report=out.json").ret == 0
        text = (record.path / "out.json").read_bytes()
        ours, theirs = json.loads(text), report(record)
        ours["made_at"] = theirs["made_at"]
        assert ours == theirs
        assert text.endswith(b"}\n")

    def test_it_tells_the_story(self, desk):
        desk.run()
        desk.solve("double").run()
        desk.solve().run()
        desk.call("--kata-hint", "katas/sums")
        made = report(desk)
        [learner] = made["learners"]
        [kata] = learner["katas"]
        assert (made["format"], learner["learner"], learner["next"]) == (1, "ada", None)
        told = {key: kata[key] for key in ("kata", "title", "status", "light", "strip", "cycles", "round", "spoiled")}
        assert told == {
            "kata": "sums",
            "title": "Three small sums",
            "status": "solved",
            "light": "green",
            "strip": "rrg",
            "cycles": 1,
            "round": 1,
            "spoiled": False,
        }
        assert (kata["tests_passed"], kata["tests_expected"], kata["tasks_green"], kata["tasks_expected"]) == (
            5,
            5,
            3,
            3,
        )
        assert [task["light"] for task in kata["tasks"]] == ["green"] * 3
        steps = [(one["number"], one["light"], one["complete"], one["why"], one["added"]) for one in kata["attempts"]]
        assert steps == [
            (1, "red", False, "later tasks are locked", None),
            (2, "red", False, "later tasks are locked", 1),
            (3, "green", True, None, 2),
        ]

    def test_what_is_not_expected_here_is_marked(self, desk, monkeypatch):
        monkeypatch.setenv("PATH", "")
        a_task_that_is_not_expected(desk)
        [kata] = report(desk)["learners"][0]["katas"]
        assert [(task["expected"], task["light"], task["tests_passed"], task["tests"]) for task in kata["tasks"]] == [
            (True, "green", 2, 2),
            (False, "-", 0, 2),
            (True, "green", 1, 1),
        ]

    def test_dead_processes_and_damage_show(self, desk):
        died(desk)
        kinds_from_the_future(desk)
        [kata] = report(desk)["learners"][0]["katas"]
        assert (kata["strip"], kata["unreadable"]) == ("ar", 3)
        assert kata["attempts"][0]["why"] == "the process ended before its tests did"

    def test_rounds_are_counted_and_attempts_kept(self, desk):
        rounds_hints_and_spoils(desk)
        [kata] = report(desk)["learners"][0]["katas"]
        assert (kata["round"], kata["strip"], kata["hints"], kata["spoiled"]) == (2, "-a", {"3": 1}, False)
        assert [(one["round"], one["number"], one["light"]) for one in kata["attempts"]] == [
            (1, 1, "red"),
            (1, 2, "green"),
            (2, 3, "-"),
            (2, 4, "amber"),
        ]

    def test_it_is_about_the_katas_and_the_learner_that_are_named(self, desk):
        several_learners(desk)
        desk.add_kata("more", toml=(desk.kata / "kata.toml").read_text("utf-8").replace("sums.py", "more.py"))
        made = report(desk, "katas/more", "--kata-learner=ada")
        assert [[kata["kata"] for kata in one["katas"]] for one in made["learners"]] == [["more"]]
        assert [one["learner"] for one in made["learners"]] == ["ada"]

    def test_nothing_else_is_on_standard_output(self, desk):
        desk.run()
        ran = desk.call("--kata-report=-", "--color=yes", apart=True)
        assert (ran.ret, ran.err) == (0, "")
        VALIDATOR.validate(json.loads(ran.out))


class TestSchema:
    """A schema that accepts everything proves nothing: each of these reports is wrong in one place."""

    @pytest.fixture
    def right(self, desk):
        desk.run()
        desk.call("--kata-hint", "katas/sums")
        return report(desk)

    def test_it_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_every_key_is_required(self, right):
        for place, value in places(right):
            if isinstance(value, dict) and place[-1:] not in {("pythons",), ("hints",)}:
                for key in value:
                    wrong = copy.deepcopy(right)
                    del at(wrong, place)[key]
                    assert not VALIDATOR.is_valid(wrong), f"{key} of {place} can be missing"

    def test_every_value_has_a_type(self, right):
        for place, value in places(right):
            if place:
                others: list[object] = [[], {}, "", -1, 0.5, True]
                for other in others:
                    if type(other) is not type(value) and not (isinstance(value, float) and isinstance(other, float)):
                        wrong = copy.deepcopy(right)
                        at(wrong, place[:-1])[place[-1]] = other
                        nullable = value is None or place[-1] in {
                            "added",
                            "removed",
                            "why",
                            "next",
                            "light",
                            "time_to_green",
                        }
                        number = isinstance(value, float | int) and isinstance(other, float)
                        assert not VALIDATOR.is_valid(wrong) or nullable or number, f"{place} can be {other!r}"

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            (["format"], 2),
            (["made_at"], "2026-11-22 10:00"),
            (["made_at"], "2026-11-22T10:00:00+01:00"),
            (["learners", 0, "katas", 0, "status"], "done"),
            (["learners", 0, "katas", 0, "light"], "yellow"),
            (["learners", 0, "katas", 0, "strip"], "rxg"),
            (["learners", 0, "katas", 0, "round"], 0),
            (["learners", 0, "katas", 0, "tests_passed"], -1),
            (["learners", 0, "katas", 0, "time_in_red"], -0.5),
            (["learners", 0, "katas", 0, "time_to_green"], -1),
            (["learners", 0, "katas", 0, "pythons", "3.11"], "blue"),
            (["learners", 0, "katas", 0, "hints", "1"], 1.5),
            (["learners", 0, "katas", 0, "hints", "one"], 1),
            (["learners", 0, "katas", 0, "last_at"], "yesterday"),
            (["learners", 0, "katas", 0, "tasks", 0, "light"], "solved"),
            (["learners", 0, "katas", 0, "tasks", 0, "task"], 0),
            (["learners", 0, "katas", 0, "tasks", 0, "tests"], 0),
            (["learners", 0, "katas", 0, "attempts", 0, "number"], 0),
            (["learners", 0, "katas", 0, "attempts", 0, "seconds"], -1),
            (["learners", 0, "katas", 0, "attempts", 0, "light"], None),
            (["learners", 0, "katas", 0, "attempts", 0, "at"], None),
            (["learners", 0, "katas", 0, "attempts", 0, "added"], -1),
        ],
    )
    def test_a_wrong_value_is_refused(self, right, place, value):
        VALIDATOR.validate(right)
        at(right, place[:-1])[place[-1]] = value
        assert not VALIDATOR.is_valid(right)

    def test_a_later_version_may_say_more(self, right):
        right["learners"][0]["mood"] = "good"
        VALIDATOR.validate(right)


def at(value, place):
    """The part of a report in this place."""
    for key in place:
        value = value[key]
    return value


def places(value, place=()):
    """Every part of a report with its place."""
    yield place, value
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(part, (*place, key))


class TestCsv:
    def rows(self, desk):
        assert desk.call("--kata-report=out.csv").ret == 0
        with (desk.path / "out.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))

    def test_it_has_a_row_for_each_kata_of_each_learner(self, record):
        rows = self.rows(record)
        told = [(learner["learner"], kata) for learner in report(record)["learners"] for kata in learner["katas"]]
        assert len(rows) == len(told)
        for row, (learner, kata) in zip(rows, told, strict=True):
            assert row["learner"].lstrip("'") == learner
            for key in (
                "kata",
                "status",
                "tests_passed",
                "tests_expected",
                "tasks_green",
                "round",
                "cycles",
                "spoiled",
            ):
                assert row[key] == str(kata[key]), key
            assert row["attempts"] == str(len(kata["strip"]))
            assert row["hints"] == str(sum(kata["hints"].values()))
            assert row["strip"].lstrip("'") == kata["strip"]

    @ODD_NAMES
    @pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|calc!A0", "\t=1"])
    def test_no_name_is_a_formula(self, name, desk, monkeypatch):
        monkeypatch.delenv("KATA_LEARNER")
        attempt(desk, "-", learner="x")
        (desk.path / ".katas/x").rename(desk.path / ".katas" / name)
        [row] = self.rows(desk)
        assert row["learner"] == f"'{name}"

    def test_a_strip_of_runs_without_a_light_is_no_formula(self, desk):
        attempt(desk, "-")
        attempt(desk, "-")
        [row] = self.rows(desk)
        assert (row["strip"], row["light"]) == ("'--", "")

    def test_commas_quotes_and_letters_are_kept(self, desk, monkeypatch):
        monkeypatch.delenv("KATA_LEARNER")
        names = ["Zoë, the first", "O'Neill"]
        for name in names:
            attempt(desk, "red", learner=name)
        assert sorted(row["learner"] for row in self.rows(desk)) == sorted(names)


class TestMarkdown:
    def text(self, desk):
        assert desk.call("--kata-report=out.md").ret == 0
        return (desk.path / "out.md").read_text("utf-8")

    def test_it_reads_well(self, desk):
        attempt(desk, "red", tests={})
        attempt(desk, "green")
        desk.add_kata("more", toml=(desk.kata / "kata.toml").read_text("utf-8").replace("sums.py", "more.py"))
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-11-22 10:00", self.text(desk))
        assert text == (
            "# Katas\n\n"
            "## ada\n\n"
            "[##########----------] 1 of 2 katas green · 2026-11-22 10:00\n\n"
            "| kata | status | tests | tasks | attempts | cycles | time to green |\n"
            "|---|---|---:|---:|---|---:|---:|\n"
            "| more | not-started | 0/5 | 0/3 |  | 0 | - |\n"
            "| sums | ✔ solved | 1/5 | 0/3 | `rg` | 1 | 0 s |\n\n"
            "Next: **more**, Three small sums\n"
        )

    def test_a_regressed_kata_is_marked(self, desk):
        green_and_regressed(desk)
        assert "| sums | ✘ regressed | 0/5 | 0/3 | `gr` | 0 | 0 s |" in self.text(desk)

    def test_when_all_is_green_there_is_no_next(self, desk):
        attempt(desk, "green")
        assert "Next" not in self.text(desk)

    @ODD_NAMES
    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("a|b", "a\\|b"),
            ("<script>", "\\<script\\>"),
            ("*bold* _it_ `c`", "\\*bold\\* \\_it\\_ \\`c\\`"),
            ("[x](y)", "\\[x\\]\\(y\\)"),
            ("two\nlines", "two lines"),
            ("back\\slash", "back\\\\slash"),
        ],
    )
    def test_a_name_is_shown_as_it_is(self, name, shown, desk, monkeypatch):
        monkeypatch.delenv("KATA_LEARNER")
        attempt(desk, "red", learner="x")
        (desk.path / ".katas/x").rename(desk.path / ".katas" / name)
        assert f"\n## {shown}\n" in self.text(desk)

    def test_a_slug_with_an_underscore_is_no_emphasis(self, desk):
        desk.add_kata("sql_sums", toml=(desk.kata / "kata.toml").read_text("utf-8").replace("sums.py", "sql_sums.py"))
        assert "| sql\\_sums | not-started |" in self.text(desk)


class TestTheFile:
    @pytest.mark.parametrize("name", ["out.json", "out.md", "out.csv"])
    def test_it_is_where_it_was_asked_for(self, name, desk, monkeypatch):
        monkeypatch.chdir(desk.kata)
        ran = desk.call(f"--kata-report={name}")
        assert (ran.ret, ran.out) == (0, f"progress of ada written to {name}")
        assert (desk.kata / name).stat().st_size > 0
        assert b"\r" not in (desk.kata / name).read_bytes()

    @pytest.mark.parametrize(
        ("name", "suffix"), [("x.html", ".html"), ("x.JSON", ".JSON"), ("x", ""), ("x.", "."), (".md", "")]
    )
    def test_another_suffix_is_refused_with_those_there_are(self, name, suffix, desk):
        ran = desk.call(f"--kata-report={name}")
        assert (ran.ret, ran.out) == (4, "")
        assert ran.err.count("there is no report for a file that ends in") == 1
        assert "name one in .json, .md, .csv" in ran.err
        assert repr(suffix) in ran.err or suffix == "."
        assert not (desk.path / name).exists()

    @pytest.mark.parametrize("name", ["nowhere/out.json", "katas.json/out.json", "folder.json"])
    def test_a_place_that_cannot_be_written_is_refused(self, name, desk):
        (desk.path / "folder.json").mkdir()
        ran = desk.call(f"--kata-report={name}")
        assert ran.ret == 4
        assert re.search(
            r"^ERROR: .* cannot be written \(.+\); name a file in a folder that exists$", ran.err, re.MULTILINE
        )

    @ODD_NAMES
    @pytest.mark.parametrize("name", ["out.json", "out.md", "out.csv", "-"])
    def test_bytes_that_are_no_text_do_no_harm(self, name, desk, monkeypatch):
        monkeypatch.delenv("KATA_LEARNER")
        attempt(desk, "red", learner="x")
        (desk.path / ".katas/x").rename(os.fsdecode(os.fsencode(desk.path / ".katas") + b"/\xff"))
        ran = desk.call(f"--kata-report={name}")
        assert ran.ret == 0
        if name.endswith("json"):
            assert json.loads((desk.path / name).read_text("utf-8"))["learners"][0]["learner"] == "\udcff"

    def test_reading_writes_nothing_into_the_record(self, desk):
        desk.call("--kata-report=out.json")
        assert not (desk.path / ".katas").exists()
        assert {path.name for path in Path(desk.path).iterdir()} == {"katas", "pyproject.toml", "out.json"}

"""The verbs: what each says of no kata, one, several, an unknown one, from wherever it is asked."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_katas import checks
from pytest_katas.flags import VERBS
from pytest_katas.problem import Problem
from pytest_katas.report.text import line
from pytest_katas.store import Store
from pytest_katas.summary import PlainWriter, write


def another(desk, slug="more", title="More sums", **bodies):
    """Add a second kata with the same tests."""
    toml = (
        (desk.kata / "kata.toml").read_text("utf-8").replace("Three small sums", title).replace("sums.py", f"{slug}.py")
    )
    tests = (desk.kata / "test_sums.py").read_text("utf-8").replace(".sums", f".{slug}")
    desk.add_kata(slug, toml=toml, tests=tests)
    desk.write(path=f"katas/{slug}/{slug}.py", **bodies)


def with_solution(desk):
    """Write the author's book of the kata."""
    desk.write(path="solutions/sums/sums.py", double="return n * 2", halve="return n / 2", negate="return -n")
    desk.file("solutions/sums/DEBRIEF.md", "# Sums\n\nThe common answer is wrong.\n")


def kinds(desk, slug="sums", learner="ada"):
    log = desk.path / f".katas/{learner}/{slug}.jsonl"
    return [json.loads(line)["event"] for line in log.read_text("utf-8").splitlines()] if log.exists() else []


def suggested(out, verb=""):
    """The path in the command that is suggested."""
    return re.findall(rf"pytest {verb} ?(\S+)$".replace("  ", " "), out, flags=re.MULTILINE)[0]


# The folders a person may stand in and the ways they may name the kata: all of them mean the same.
PLACES = {
    "from the project": (".", ["katas/sums"]),
    "by a node id": (".", ["katas/sums/test_sums.py::test_negate"]),
    "by a test file": (".", ["katas/sums/test_sums.py"]),
    "by the learner's file": (".", ["katas/sums/sums.py"]),
    "with a slash at the end": (".", ["katas/sums/"]),
    "by a detour": (".", ["katas/../katas/sums"]),
    "twice": (".", ["katas/sums", "katas/sums/test_sums.py"]),
    "from the track": ("katas", ["sums"]),
    "from the kata": ("katas/sums", ["."]),
    "from beside it": ("docs/deep", ["../../katas/sums"]),
    "by an absolute path from elsewhere": ("../elsewhere", ["{desk}/katas/sums"]),
    "with another root": ("../elsewhere", ["--rootdir", ".", "{desk}/katas/sums"]),
    "without a terminal plugin": (".", ["-p", "no:terminal", "katas/sums"]),
    "without colours": (".", ["--color=no", "katas/sums"]),
}


@pytest.fixture(params=PLACES)
def place(request, desk, monkeypatch):
    """A folder to stand in, and the arguments that mean the kata from there."""
    folder, args = PLACES[request.param]
    (desk.path / folder).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(desk.path / folder)
    return Path.cwd(), [arg.format(desk=desk.path) for arg in args]


class TestFromAnywhere:
    def test_progress_says_the_same(self, desk, place):
        desk.solve("double").run(str(desk.kata))
        here, args = place
        ran = desk.call("--kata-progress", *args)
        assert ran.ret == 0
        assert ran.out.startswith("sums - Three small sums · learner ada\n")
        assert "  task 1  double  green    2/2\n  task 2  halve   red      0/2\n" in ran.out
        assert (here / suggested(ran.out)).resolve() == desk.kata.resolve()

    def test_a_hint_is_the_next_one(self, desk, place):
        here, args = place
        ran = desk.call("--kata-hint", *args)
        assert ran.ret == 0
        assert ran.out.startswith("sums, task 1 of 3: double\n")
        assert (here / suggested(ran.out, "--kata-hint")).resolve() == desk.kata.resolve()
        assert kinds(desk) == ["hint"]

    def test_a_solution_is_shown(self, desk, place):
        with_solution(desk)
        here, args = place
        ran = desk.call("--kata-spoil", *args)
        assert ran.ret == 0
        assert "The common answer is wrong." in ran.out
        assert "return n / 2" in ran.out
        [reference] = re.findall(r"the whole reference: (\S+)", ran.out)
        assert (here / reference).resolve() == (desk.path / "solutions/sums/sums.py").resolve()

    def test_a_report_holds_the_same(self, desk, place):
        ran = desk.call("--kata-report=-", *place[1])
        [learner] = json.loads(ran.out)["learners"]
        assert (learner["learner"], [kata["kata"] for kata in learner["katas"]]) == ("ada", ["sums"])


class TestARun:
    def test_of_one_kata_leaves_its_neighbours_alone(self, desk):
        another(desk)
        desk.run()
        assert kinds(desk, "sums") == ["started", "attempt"]
        assert kinds(desk, "more") == []
        assert not (desk.path / ".katas/ada/more.jsonl").exists()

    @pytest.mark.parametrize("folder", ["katas/sums", "katas"])
    def test_without_arguments_is_a_run_of_where_one_stands(self, desk, folder, monkeypatch):
        another(desk)
        monkeypatch.chdir(desk.path / folder)
        ran = desk.call()
        assert ran.light == "red"
        assert kinds(desk, "more") == ([] if folder == "katas/sums" else ["started", "attempt"])


class TestProgress:
    def test_of_nothing_given_is_the_whole_track_in_its_order(self, desk):
        another(desk)
        desk.file("katas/track.toml", 'format = 1\nkatas = ["sums", "more"]\n').run()
        ran = desk.call("--kata-progress")
        assert re.findall(r"^(\w+) +(red|-) +\[", ran.out, flags=re.MULTILINE) == [("sums", "red"), ("more", "-")]
        assert "learner ada · 0 of 2 katas green" in ran.out
        assert "next: pytest katas/sums   task 1: double" in ran.out

    def test_of_a_whole_track_given_is_its_table(self, desk):
        assert desk.call("--kata-progress", "katas").out.startswith("learner ada · 0 of 1 kata green\n")

    def test_of_several_katas_has_a_row_for_each(self, desk):
        another(desk)
        another(desk, "third")
        ran = desk.call("--kata-progress", "katas/third", "katas/sums")
        assert re.findall(r"^(\w+) +- +\[", ran.out, flags=re.MULTILINE) == ["third", "sums"]

    def test_two_tracks_side_by_side_are_one_table(self, desk):
        desk.add_kata("first", track="algebra", toml=(desk.kata / "kata.toml").read_text("utf-8"))
        ran = desk.call("--kata-progress")
        assert re.findall(r"^(\w+) +- +\[", ran.out, flags=re.MULTILINE) == ["first", "sums"]

    def test_shows_every_learner_unless_one_is_named(self, desk, monkeypatch):
        desk.solve().run()
        desk.run("--kata-learner=bob", "--kata-all")
        monkeypatch.delenv("KATA_LEARNER")
        ran = desk.call("--kata-progress")
        assert re.findall(r"^learner (\w+) · (\d) of", ran.out, flags=re.MULTILINE) == [("ada", "1"), ("bob", "1")]
        assert "\n\nlearner bob" in ran.out
        assert re.findall(r"learner (\w+)", desk.call("--kata-progress", "--kata-learner=bob").out) == ["bob"]
        assert re.findall(r"learner (\w+)", desk.call("--kata-progress", "katas/sums").out) == ["ada", "bob"]

    @pytest.mark.skipif(os.name == "nt", reason="such a folder is not possible there")
    def test_a_learners_name_does_not_move_the_cursor(self, desk, monkeypatch):
        monkeypatch.delenv("KATA_LEARNER")
        folder = desk.path / ".katas/\x1b[31meve"
        folder.mkdir(parents=True)
        (folder / "sums.jsonl").write_bytes(b"")
        for args in (["--kata-progress"], ["--kata-progress", "katas/sums"], ["--kata-report=x.json"]):
            ran = desk.call(*args)
            assert "\x1b" not in ran.out
            assert "eve" in ran.out

    @pytest.mark.parametrize("name", ["../../x\n", "\x1b[31mred", "a/b", "  "])
    def test_a_name_for_a_learner_becomes_a_folder_or_is_refused(self, desk, name):
        ran = desk.call("--kata-progress", f"--kata-learner={name}")
        if name.strip():
            assert ran.ret == 0
            assert "\x1b" not in ran.out
        else:
            assert (ran.ret, ran.err.count("--kata-learner is empty")) == (4, 1)
        assert not (desk.path / ".katas").exists(), "reading writes nothing"

    def test_lines_that_cannot_be_read_are_counted(self, desk):
        desk.run()
        log = desk.logs()["ada"]
        with log.open("ab") as file:
            file.write(b"garbage\n")
        assert "1 line of the record could not be read; it is kept as it is" in desk.call("--kata-progress").out
        with log.open("ab") as file:
            file.write(b"\xff\xfe\n")
        ran = desk.call("--kata-progress", "katas/sums")
        assert "2 lines of the record could not be read; they are kept as they are" in ran.out

    def test_a_kata_that_was_renamed_keeps_its_history(self, desk):
        desk.solve().run()
        (desk.path / "katas/sums").rename(desk.path / "katas/additions")
        for name in ("additions/test_sums.py", "additions/kata.toml"):
            path = desk.path / "katas" / name
            path.write_text(path.read_text("utf-8").replace("minutes = 1", 'minutes = 1\nformerly = ["sums"]'), "utf-8")
        desk.file("katas/track.toml", 'format = 1\nkatas = ["additions"]\n')
        assert "status         solved, 5 of 5 tests green" in desk.call("--kata-progress", "katas/additions").out
        ran = desk.call("katas/additions")
        assert "additions - Three small sums · attempt 2 · learner ada" in ran.out

    def test_rounds_are_told_one_by_one(self, desk):
        desk.solve().run()
        Store(desk.path / ".katas").append("ada", "sums", "reset")
        ran = desk.call("--kata-progress", "katas/sums")
        assert (
            "  status         in-progress, 0 of 5 tests green\n  round          2\n  attempts       none yet\n"
            in ran.out
        )
        ran = desk.write().run()
        assert "sums - Three small sums · round 2 · attempt 2 · learner ada" in ran.out
        assert ran.out.rstrip().splitlines()[-2].endswith("attempts: r")
        ran = desk.call("--kata-progress")
        assert re.search(r"^sums +red .* r  ", ran.out, flags=re.MULTILINE)
        assert "next: pytest katas/sums   task 1: double" in ran.out

    def test_what_a_task_needs_and_lacks_is_said_with_the_way_to_get_it(self, desk, monkeypatch):
        monkeypatch.setenv("PATH", "")
        toml = (
            (desk.kata / "kata.toml")
            .read_text("utf-8")
            .replace('title = "negate"', 'title = "negate"\nneeds = ["bash"]')
        )
        desk.add_kata(toml=toml).solve()
        ran = desk.run()
        assert ran.light == "green"
        assert ran.attempt["missing"] == [3]
        assert "task 3 needs bash, which is not here: install bash and put it on PATH" in ran.out
        ran = desk.call("--kata-progress", "katas/sums")
        assert "  task 3  negate  needs bash\n" in ran.out
        assert "task 3 needs bash, which is not here: install bash and put it on PATH" in ran.out
        assert "4 of 4 tests green" in ran.out

    def test_writes_nothing(self, desk):
        desk.call("--kata-progress")
        desk.call("--kata-progress", "katas/sums")
        assert not (desk.path / ".katas").exists()

    def test_reads_the_store_that_is_named(self, desk):
        desk.run("--kata-store=elsewhere")
        assert "attempts       none yet" in desk.call("--kata-progress", "katas/sums").out
        assert "attempts       1   r" in desk.call("--kata-progress", "katas/sums", "--kata-store=elsewhere").out


class TestNext:
    def test_runs_what_was_begun(self, desk):
        another(desk)
        desk.run()
        ran = desk.call("--kata-next")
        assert ran.light == "red"
        assert "attempt 2" in ran.out
        assert kinds(desk, "more") == []

    def test_goes_on_with_the_next_kata_after_green(self, desk):
        another(desk)
        desk.file("katas/track.toml", 'format = 1\nkatas = ["sums", "more"]\n').solve().run()
        ran = desk.call("--kata-next")
        assert "more - More sums · attempt 1" in ran.out
        assert kinds(desk) == ["started", "attempt"]

    def test_chooses_among_those_given(self, desk):
        another(desk)
        desk.run()
        assert "more - More sums · attempt 1" in desk.call("--kata-next", "katas/more").out

    def test_is_an_ordinary_run_with_its_options(self, desk):
        ran = desk.call("--kata-next", "-k", "negate")
        assert (ran.ret, ran.attempt["why"]) == (1, "-k")

    def test_works_in_the_folder_of_the_kata(self, desk, monkeypatch):
        monkeypatch.chdir(desk.kata)
        assert desk.call("--kata-next").light == "red"

    def test_says_so_when_all_is_green(self, desk):
        desk.solve().run()
        ran = desk.call("--kata-next")
        assert (ran.ret, ran.events) == (0, [])
        assert ran.out == "every kata is green; to read a debrief again: pytest --kata-solution katas/sums"


class TestHint:
    def test_says_one_more_at_each_call(self, desk):
        told = [desk.call("--kata-hint", "katas/sums").out for _ in range(4)]
        assert [out.count("\n  ") for out in told] == [1, 2, 3, 3]
        assert "that was hint 1 of 3; the next one: pytest --kata-hint katas/sums" in told[0]
        assert "that was hint 3 of 3; to see the solution: pytest --kata-spoil katas/sums" in told[2]
        assert told[3] == told[2]
        assert [(event["task"], event["number"]) for event in desk.log()] == [(1, 1), (1, 2), (1, 3), (1, 3)]

    def test_is_about_the_first_red_task(self, desk):
        desk.solve("double").run()
        assert desk.call("--kata-hint", "katas/sums").out.startswith("sums, task 2 of 3: halve\n")
        desk.solve("double", "halve").run()
        assert desk.call("--kata-hint", "katas/sums").out.startswith("sums, task 3 of 3: negate\n")
        assert "task 2  halve   green    2/2   1 hint\n" in desk.call("--kata-progress", "katas/sums").out

    def test_without_a_kata_is_about_the_one_around_or_the_next(self, desk, monkeypatch):
        another(desk)
        desk.run()
        assert desk.call("--kata-hint").out.startswith("sums,")
        monkeypatch.chdir(desk.path / "katas/more")
        assert desk.call("--kata-hint").out.startswith("more,")

    def test_of_a_green_kata_there_is_none(self, desk):
        desk.solve().run()
        ran = desk.call("--kata-hint", "katas/sums")
        assert (ran.ret, ran.events) == (0, [])
        assert ran.out == (
            "sums is green, there is nothing left to hint at\ndebrief: pytest --kata-solution katas/sums"
        )

    def test_is_not_recorded_where_nothing_is(self, desk):
        first = desk.call("--kata-hint", "katas/sums", "--kata-no-record").out
        assert desk.call("--kata-hint", "katas/sums", "--kata-no-record").out == first
        assert not (desk.path / ".katas").exists()

    @pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that cannot be written")
    def test_that_cannot_be_recorded_says_why(self, desk):
        (desk.path / ".katas").mkdir(mode=0o500)
        ran = desk.call("--kata-hint", "katas/sums")
        assert (ran.ret, "cannot be written" in ran.err) == (4, True)

    def test_that_finds_a_file_in_the_place_of_the_record_says_why(self, desk):
        (desk.path / ".katas").write_text("", "utf-8")
        ran = desk.call("--kata-hint", "katas/sums")
        assert ran.ret == 4
        assert re.search(r"^ERROR: .*\.katas.* cannot be (read|written) \(", ran.err, flags=re.MULTILINE)


class TestSolution:
    def test_before_green_is_refused_with_two_ways_on(self, desk):
        with_solution(desk)
        ran = desk.call("--kata-solution", "katas/sums")
        assert (ran.ret, ran.out, ran.events) == (4, "", [])
        assert "pytest --kata-hint katas/sums" in ran.err
        assert "pytest --kata-spoil katas/sums" in ran.err

    @pytest.mark.parametrize("flags", [["--kata-spoil"], ["--kata-solution", "--kata-spoil"]])
    def test_before_green_is_a_spoil_that_is_remembered(self, desk, flags):
        with_solution(desk)
        ran = desk.call(*flags, "katas/sums")
        assert (ran.ret, ran.kinds) == (0, ["spoil"])
        assert "yours\n    def double(n):\n        raise NotImplementedError\n\nreference\n" in ran.out
        assert "solution       seen before green" in desk.call("--kata-progress", "katas/sums").out

    def test_after_green_is_no_spoil(self, desk):
        with_solution(desk)
        desk.solve().run()
        spoil = desk.call("--kata-spoil", "katas/sums")
        assert (spoil.ret, spoil.events) == (0, [])
        assert desk.call("--kata-solution", "katas/sums").out == spoil.out
        assert spoil.out.count("yours, the same as the reference\n") == 3

    def test_stays_open_when_the_kata_is_broken_again(self, desk):
        with_solution(desk)
        desk.solve().run()
        desk.write().run()
        assert desk.call("--kata-solution", "katas/sums").ret == 0

    def test_is_not_recorded_where_nothing_is(self, desk):
        with_solution(desk)
        assert desk.call("--kata-spoil", "katas/sums", "--kata-no-record").ret == 0
        assert not (desk.path / ".katas").exists()

    def test_that_nobody_has_written_is_missed(self, desk):
        ran = desk.call("--kata-spoil", "katas/sums")
        assert ran.ret == 4
        assert "the kata 'sums' has no solution; its author puts it into" in ran.err

    @pytest.mark.parametrize("flag", ["--kata-hint", "--kata-solution", "--kata-spoil"])
    @pytest.mark.parametrize("args", [["katas"], ["katas/sums", "katas/more"]])
    def test_is_about_one_kata_as_a_hint_is(self, desk, flag, args):
        another(desk)
        ran = desk.call(flag, *args)
        assert ran.ret == 4
        assert re.search(
            rf"^ERROR: {flag} is about one kata; name it, for example: pytest {flag} katas/\w+$", ran.err, re.MULTILINE
        )

    def test_without_a_kata_when_all_is_green_asks_which(self, desk):
        desk.solve().run()
        ran = desk.call("--kata-solution")
        assert ran.ret == 4
        assert "name it, for example: pytest --kata-solution katas/sums" in ran.err


class TestBadUse:
    @pytest.mark.parametrize(
        "flag", ["--kata-progress", "--kata-next", "--kata-hint", "--kata-spoil", "--kata-report=-"]
    )
    @pytest.mark.parametrize("path", ["katas/smus", "katas/smus/test_smus.py", "smus"])
    def test_of_an_unknown_kata_names_the_nearest_one(self, desk, flag, path):
        another(desk, "websockets")
        ran = desk.call(flag, path)
        assert (ran.ret, ran.out) == (4, "")
        if path == "katas/smus":
            assert "there is no kata 'katas/smus'; did you mean 'katas/sums'?" in ran.err
        else:
            assert f"there is no file or folder '{path}'; the katas there are: pytest --kata-progress" in ran.err

    def test_a_slug_without_its_folder_is_found(self, desk):
        ran = desk.call("--kata-hint", "sums")
        assert ran.ret == 4
        assert "there is no kata 'sums'; did you mean 'katas/sums'?" in ran.err

    def test_a_kata_that_is_like_no_other_is_answered_with_all(self, desk):
        another(desk)
        ran = desk.call("--kata-hint", "katas/quicksort")
        assert "there is no kata 'katas/quicksort'; there are katas/more, katas/sums" in ran.err

    @pytest.mark.parametrize(
        "flags",
        [
            ["--kata-progress", "--kata-hint"],
            ["--kata-report=x.md", "--kata-next"],
            ["--kata-start=x", "--kata-check"],
            ["--kata-hint", "--kata-solution"],
        ],
    )
    def test_two_verbs_are_one_too_many(self, desk, flags):
        ran = desk.call(*flags, "katas/sums")
        assert (ran.ret, ran.out) == (4, "")
        assert re.search(r"^ERROR: --kata-\w+ and --kata-\w+ are two things to do", ran.err, re.MULTILINE)
        assert not (desk.path / "x.md").exists()

    @pytest.mark.parametrize(
        "flag", ["--kata-progress", "--kata-next", "--kata-hint", "--kata-solution", "--kata-report=-", "--kata-check"]
    )
    @pytest.mark.parametrize("args", [[], ["."]])
    def test_where_there_is_no_track_says_where_one_comes_from(self, desk, flag, args, monkeypatch, tmp_path):
        # The root of a project: what lies beside it is somebody else's.
        (tmp_path / ".git").mkdir()
        monkeypatch.chdir(tmp_path)
        ran = desk.call(flag, *args)
        assert (ran.ret, ran.out) == (4, "")
        assert "there are no katas in" in ran.err
        assert "pytest --kata-start=DIR" in ran.err

    @pytest.mark.parametrize("flag", ["--kata-progress", "--kata-hint", "--kata-next"])
    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ("minutes = 1", "minutes = ", "is not valid TOML"),
            ("minutes = 1", "minuets = 1", "unknown key 'minuets'; did you mean 'minutes'?"),
            ("minutes = 1", "minutes = '1'", "minutes is '1'; write a whole number"),
        ],
    )
    def test_a_broken_kata_toml_is_one_sentence(self, desk, flag, old, new, says):
        desk.add_kata(toml=(desk.kata / "kata.toml").read_text("utf-8").replace(old, new))
        ran = desk.call(flag)
        assert (ran.ret, ran.out) == (4, "")
        assert says in ran.err
        assert ran.err.count("\n") <= 3
        assert "Traceback" not in ran.err

    def test_every_verb_is_known_to_help(self, desk):
        out = desk.call("--help").out
        assert [verb.flag for verb in VERBS if f"  {verb.flag}" not in out] == []


class TestOutput:
    """Colours, pipes, letters."""

    def test_colours_are_asked_for_and_change_no_word(self, desk):
        desk.run()
        for args in (["--kata-progress"], ["--kata-progress", "katas/sums"], ["--kata-hint", "katas/sums"]):
            plain = desk.call(*args, "--color=no", "--kata-no-record").out
            colour = desk.call(*args, "--color=yes", "--kata-no-record").out
            assert "\x1b[" in colour
            assert "\x1b[" not in plain
            assert re.sub(r"\x1b\[[\d;]*m", "", colour) == plain
        assert "\x1b[31mred" in desk.call("--kata-progress", "--color=yes").out

    def test_a_run_has_them_too(self, desk):
        ran = desk.solve().run("--color=yes")
        assert "\x1b[32msums is green at the first attempt\x1b[0m" in ran.out

    def test_into_a_pipe_there_are_none(self, desk):
        ran = desk.call("--kata-progress", apart=True)
        assert (ran.ret, "\x1b" in ran.out) == (0, False)
        assert "learner ada · 0 of 1 kata green" in ran.out

    @pytest.mark.parametrize("verb", ["--kata-progress", "--kata-hint", "--kata-report=-", "--kata-report=x.md"])
    def test_names_in_other_letters_pass_an_ascii_terminal(self, desk, verb):
        toml = (desk.kata / "kata.toml").read_text("utf-8").replace("double", "doppelt — größer", 1)
        desk.add_kata(toml=toml).run("--kata-learner=Zoë")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", verb, "--kata-learner=Zoë", "katas/sums"],
            env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONSAFEPATH": "1"},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.isascii()

    def test_without_a_terminal_plugin_a_run_records_and_says_nothing(self, desk):
        ran = desk.run("-p", "no:terminal")
        assert (ran.ret, ran.light) == (1, "red")
        assert "next:" not in ran.out

    @pytest.mark.parametrize("encoding", ["utf-8", "ascii", None])
    def test_a_plain_writer_writes_what_the_encoding_has(self, encoding):
        file = io.StringIO()
        write(PlainWriter(file), [line(("a · b", "green"), " c"), line("d")], encoding)
        assert file.getvalue() == ("a · b c\nd\n" if encoding == "utf-8" else "a - b c\nd\n")


class TestCheck:
    """What it finds is told in tests/unit/test_checks.py; here is how it is asked."""

    @pytest.fixture
    def asked(self, desk, monkeypatch):
        """What the check was asked about, with a made-up answer."""
        with_solution(desk)
        calls = []

        def check_all(katas, solutions, *, progress):
            calls.append(([kata.slug for kata in katas], solutions.name))
            progress(1, 1, "solution")
            return [Problem(kata.slug, 3, "it to be caught", "it is not") for kata in katas if kata.slug == "more"]

        monkeypatch.setattr(checks, "check_all", check_all)
        return calls

    def test_without_a_problem_is_exit_0(self, desk, asked):
        ran = desk.call("--kata-check", "katas/sums")
        assert (ran.ret, asked) == (0, [(["sums"], "solutions")])
        assert re.fullmatch(r"every rule is kept: 1 kata, 1 run, \d+\.\d s", ran.out)

    def test_with_a_problem_is_exit_1(self, desk, asked):
        another(desk)
        desk.write(path="solutions/more/more.py")
        ran = desk.call("--kata-check")
        assert (ran.ret, asked) == (1, [(["more", "sums"], "solutions")])
        assert ran.out.startswith(
            "more, rule 3\n  expected: it to be caught\n  happened: it is not\n\n1 problem in 2 katas,"
        )

    def test_katas_of_two_tracks_are_held_against_their_own_books(self, desk, asked):
        desk.add_kata("first", track="algebra/katas", toml=(desk.kata / "kata.toml").read_text("utf-8"))
        desk.write(path="algebra/solutions/first/sums.py")
        assert desk.call("--kata-check", "algebra/katas", "katas").ret == 0
        assert asked == [(["first"], "solutions"), (["sums"], "solutions")]

    @pytest.mark.usefixtures("asked")
    def test_records_nothing(self, desk):
        desk.call("--kata-check")
        assert not (desk.path / ".katas").exists()


@pytest.mark.parametrize("collects", [True, False])
def test_a_verb_leaves_the_garbage_collector_as_it_was(desk, collects):
    """Long records are read without it."""
    (gc.enable if collects else gc.disable)()
    try:
        assert desk.call("--kata-progress").ret == 0
        assert gc.isenabled() == collects
    finally:
        gc.enable()

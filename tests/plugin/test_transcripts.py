"""What a learner sees, word for word, at 80 columns: on a terminal that speaks UTF-8 and on one that knows only ASCII.

Each story ends in one or more commands; what they print is kept in ``tests/transcripts/<name>.txt`` and compared
exactly, so that a change of wording is reviewed as a difference in prose. ``pytest tests --rerecord`` writes them anew.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pytest_katas.watchdog import Watchdog

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"

KATA = """
format = 1
title = "Small sums"
question = "What does a computer do when it halves an odd number, and why do so many people expect something else?"
summary = "Double, halve, negate."
concepts = ["sums"]
difficulty = 1
minutes = 5
stubs = ["sums.py"]
sources = ["The Python Language Reference, section 6.7"]

[[task]]
title = "double"
tests = 2
writes = ["double"]
hints = ["Doubling is adding a number to itself.", "Python has an operator for it: `*`.", "Write `return n * 2`."]

[[task]]
title = "halve, odd numbers too"
tests = 2
writes = ["halve"]
hints = [
    "There are two divisions in Python, and one of them forgets what does not fit a whole number. Which one is it?",
    "`/` keeps the rest and `//` drops it.",
    "Write `return n / 2`.",
]

[[task]]
title = "negate"
tests = 1
writes = ["negate"]
hints = ["Which number is as far from zero, on the other side?", "A sign will do.", "Write `return -n`."]
"""

TESTS = """
import pytest

from .sums import double, halve, negate


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("n", [1, 3])
def test_twice_as_much(n):
    assert double(n) == 2 * n


@pytest.mark.task(taskno=2)
def test_half_of_an_even_number():
    assert halve(4) == 2


@pytest.mark.task(taskno=2)
def test_half_of_an_odd_number():
    assert halve(3) == 1.5


@pytest.mark.task(taskno=3)
def test_the_other_side_of_zero():
    assert negate(1) == -1
"""

#: What the learner writes, and their author did.
RIGHT = {"double": "return n * 2", "halve": "return n / 2", "negate": "return -n"}

DEBRIEF = """\
# What does a computer do when it halves an odd number?

**The common answer:** it rounds.

It does what you ask for: `/` gives 1.5, `//` gives 1.
"""


class Story:
    """A learner's desk, what happened at it, and the commands that are told."""

    def __init__(self, desk):
        self.desk = desk
        self.commands: list[str] = []
        desk.add_kata(toml=KATA, tests=TESTS)
        desk.write(path="solutions/sums/sums.py", **RIGHT)
        desk.file("solutions/sums/DEBRIEF.md", DEBRIEF)

    def shows(self, *commands: str) -> None:
        """Say which commands the transcript shows."""
        self.commands += commands

    def later(self, **span: float) -> None:
        """Let time go by: move everything in the record into the past."""
        for path in self.desk.path.glob(".katas/*/*.jsonl"):
            events = [json.loads(each) for each in path.read_text("utf-8").splitlines()]
            for event in events:
                at = datetime.fromisoformat(event["at"]) - timedelta(**span)
                event["at"] = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
            path.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")

    def another(self, slug: str, title: str, **bodies: str) -> None:
        """Add a kata of another name with the same tests."""
        toml = KATA.replace("Small sums", title).replace("sums.py", f"{slug}.py")
        self.desk.add_kata(slug, toml=toml, tests=TESTS.replace(".sums", f".{slug}"))
        self.desk.write(path=f"katas/{slug}/{slug}.py", **bodies)


def red(story):
    """The first run of all: nothing is written yet."""
    story.shows("pytest katas/sums")


def red_wrong(story):
    """Something is written, and it is wrong; it is the second attempt."""
    story.desk.run()
    story.desk.write(double="return n + 2")
    story.shows("pytest katas/sums")


def locked(story):
    """Task 1 is green, so task 2 has opened; -v names what is locked."""
    story.desk.solve("double")
    story.shows("pytest katas/sums", "pytest -v katas/sums")


def kata_all(story):
    """Everything opens, every red test is shown."""
    story.desk.solve("double", halve="return n // 2")
    story.shows("pytest --kata-all katas/sums")


def amber_syntax(story):
    """The file does not parse."""
    story.desk.write(double="return n *")
    story.shows("pytest katas/sums")


def amber_import(story):
    """The file parses and does not load."""
    story.desk.write("import mathematics\n")
    story.shows("pytest katas/sums")


def amber_name(story):
    """The learner renamed what the tests import."""
    story.desk.write(story.desk.solve().stub.read_text("utf-8").replace("def negate", "def negative"))
    story.shows("pytest katas/sums")


def green(story):
    """Red twice, then green: the end of the kata."""
    desk = story.desk
    desk.run()
    story.later(minutes=7)
    desk.solve("double").run()
    story.later(minutes=5.5)
    desk.solve()
    story.shows("pytest katas/sums")


def green_again(story):
    """A refactoring on green says less."""
    story.desk.solve().run()
    story.shows("pytest katas/sums")


def regressed(story):
    """It was green once, and is not now."""
    story.desk.solve().run()
    story.desk.solve(halve="return n // 2")
    story.shows("pytest katas/sums", "pytest --kata-progress", "pytest --kata-progress katas/sums")


def deadline(story):
    """A loop that never ends, ended."""
    story.desk.ini("kata_deadline = '0.5'").write(double="while True: pass")
    story.shows("pytest katas/sums")


def died(story):
    """The process ended inside the learner's code; the next run says so."""
    story.desk.write("import os\n\nos._exit(0)\n").run(apart=True)
    story.desk.write()
    story.shows("pytest katas/sums", "pytest --kata-progress katas/sums")


def part(story):
    """A part of the tests was run, and it is green."""
    story.desk.solve()
    story.shows("pytest katas/sums -k twice", "pytest --kata-progress katas/sums")


def not_recorded(story):
    """The learner asked for no record."""
    story.shows("pytest katas/sums --kata-no-record")


def needs_missing(story):
    """A task needs what this machine does not have."""
    toml = KATA.replace('title = "negate"', 'title = "negate"\nneeds = ["bash"]')
    story.desk.add_kata(toml=toml, tests=TESTS).solve()
    story.shows("pytest katas/sums", "pytest --kata-progress katas/sums")


def two_katas(story):
    """Several katas in one run, one of which does not load."""
    story.another("more_sums", "More sums")
    story.desk.file("katas/more_sums/more_sums.py", "def double(n:\n    return 2 * n\n").solve("double")
    story.shows("pytest katas", "pytest --kata-progress")


def progress(story):
    """A track on its way: one kata is solved, one begun, one not."""
    desk = story.desk
    story.another("websockets", "Sums that travel")
    story.another("sql_returning", "Sums of a database", double=RIGHT["double"])
    desk.run()
    story.later(minutes=3)
    desk.solve("double").run()
    story.later(minutes=9)
    desk.solve().run()
    story.later(days=2)
    for _ in range(12):
        desk.call("katas/sql_returning")
        story.later(minutes=4)
    desk.call("--kata-hint", "katas/sql_returning")
    story.later(hours=1)
    story.shows(
        "pytest --kata-progress", "pytest --kata-progress katas/sums", "pytest --kata-progress katas/sql_returning"
    )


def progress_before(story):
    """Asked for before anything was done."""
    story.shows("pytest --kata-progress", "pytest --kata-progress katas/sums")


def progress_green(story):
    """All is done."""
    story.desk.solve().run()
    story.later(hours=3)
    story.shows("pytest --kata-progress", "pytest --kata-next")


def hint(story):
    """A hint, another one, the last one, and one more."""
    story.desk.solve("double").run()
    story.shows(*["pytest --kata-hint katas/sums"] * 4)


def hint_green(story):
    """There is nothing left to hint at."""
    story.desk.solve().run()
    story.shows("pytest --kata-hint katas/sums")


def solution(story):
    """Refused before green."""
    story.desk.run()
    story.shows("pytest --kata-solution katas/sums", "pytest --kata-solution --kata-spoil katas/sums")


def solution_green(story):
    """Shown after green."""
    story.desk.solve(double="return n + n").run()
    story.shows("pytest --kata-solution katas/sums")


def start(story):
    """A track of one's own, and what happens the second time."""
    story.shows("pytest --kata-start=practice", "pytest --kata-start=practice")


def unknown_kata(story):
    """A slip of the fingers, as a run and as a verb."""
    story.shows(
        "pytest katas/smus",
        "pytest --kata-progress katas/smus",
        "pytest --kata-progress nowhere",
        "pytest --kata-progress --kata-hint",
    )


def report(story):
    """The progress as a file."""
    story.desk.solve().run()
    story.shows("pytest --kata-report=progress.md", "pytest --kata-report=progress.html")


def next_kata(story):
    """The next kata is run without being named."""
    story.desk.run()
    story.shows("pytest --kata-next")


STORIES: dict[str, Callable[[Story], None]] = {
    story.__name__: story
    for story in (
        red,
        red_wrong,
        locked,
        kata_all,
        amber_syntax,
        amber_import,
        amber_name,
        green,
        green_again,
        regressed,
        deadline,
        died,
        part,
        not_recorded,
        needs_missing,
        two_katas,
        progress,
        progress_before,
        progress_green,
        hint,
        hint_green,
        solution,
        solution_green,
        start,
        unknown_kata,
        report,
        next_kata,
    )
}

#: What a learner may have installed beside us says nothing here.
PLAIN = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly")


@pytest.mark.parametrize("name", STORIES)
def test_a_learner_sees_exactly_this(name, desk, request, monkeypatch):
    monkeypatch.delenv("BUILD_NUMBER", raising=False)
    if name == "deadline" and not Watchdog.supported():
        pytest.skip("only a main thread on POSIX can be interrupted")
    if name == "needs_missing":
        monkeypatch.setenv("PATH", "")
    story = Story(desk)
    STORIES[name](story)
    twin = desk.path.with_name(f"{desk.path.name}-ascii")
    shutil.copytree(desk.path, twin)
    seen = transcript(story.commands, desk.path, in_this_process(desk))
    path = TRANSCRIPTS / f"{name}.txt"
    if request.config.getoption("rerecord"):
        path.write_text(seen, encoding="utf-8", newline="\n")
    assert seen == path.read_text(encoding="utf-8")
    plain = transcript(story.commands, twin, in_ascii(twin))
    assert plain == seen.replace("·", "-"), "nothing is lost and nothing moves where there are only ASCII letters"


def test_every_transcript_has_its_story():
    assert {path.stem for path in TRANSCRIPTS.glob("*.txt")} == set(STORIES)


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.txt")), ids=lambda path: path.stem)
def test_what_we_say_fits_into_80_columns(path):
    # What begins with ERROR is a sentence that pytest prints.
    lines = [each for each in path.read_text("utf-8").splitlines() if not each.startswith(("ERROR: ", "E   "))]
    assert [each for each in lines if len(each) > 80] == []


Shell = Callable[[str], tuple[str, int]]


def in_this_process(desk) -> Shell:
    """Return a shell that is quick, and counts as covered."""

    def run(command: str) -> tuple[str, int]:
        ran = desk.call(*shlex.split(command)[1:], *PLAIN)
        return ran.out + ran.err, ran.ret

    return run


def in_ascii(folder: Path) -> Shell:
    """Return a shell on a machine without a locale."""
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}

    def run(command: str) -> tuple[str, int]:
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command), *PLAIN],
            cwd=folder,
            env={**os.environ, **environment, "PYTHONSAFEPATH": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        return done.stdout.decode("ascii"), done.returncode

    return run


def transcript(commands: list[str], folder: Path, run: Shell) -> str:
    """Run commands, and return what a terminal would show, less what differs from machine to machine."""
    told = []
    for command in commands:
        printed, code = run(command)
        told.append(f"$ {command}\n{settled(printed, folder)}\n[exit {code}]\n")
    return "\n".join(told)


def settled(printed: str, folder: Path) -> str:
    """Return an output without what depends on the machine, the time, and the version of Python or pytest."""
    lines = []
    for each in printed.replace(str(folder), "/desk").replace(os.sep, "/").strip("\n").splitlines():
        line = re.sub(r"(pythons +)3\.\d+ ", r"\g<1>3.x ", each.rstrip())
        # How long a run took that is a second to a person and may be two to a busy machine.
        line = re.sub(r"(?<![\d.])\d s\b", "0 s", line)
        if done := re.fullmatch(r"=+ (.* in )[\d.]+s =+", line):
            line = f" {done[1]}0.00s ".center(80, "=")
        line = re.sub(r"^(ERROR katas/\S+) - .*", r"\1", line)
        # Pointers below a line came with some version or other.
        if not re.match(r"(platform|rootdir:|configfile:|plugins:) |(E +)?[ ^~]+$", line):
            lines.append(line)
    return "\n".join(lines)

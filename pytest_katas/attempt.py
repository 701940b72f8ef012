"""One run, and each kata in it, while the run goes on: what its tests have said so far.

Pure. The recorder feeds it and makes an event of it, the proctor asks it what is open, the summary shows it.
"""

from difflib import SequenceMatcher
from typing import NamedTuple, TypedDict

from pytest_katas.catalogue import NEEDS, Kata
from pytest_katas.focus import Focus
from pytest_katas.outcomes import REDS, Light, Outcome, Result, is_complete, light_of
from pytest_katas.store import Log


class Note(TypedDict, total=False):
    """What a report carries as its attribute ``kata``: plain values, because xdist serialises it.

    ``folder``, ``test`` and ``task`` say whose report it is; ``where`` is ``file:line`` of the learner's code, or of
    the test where the learner's code was not running; ``name`` is the function there, ``what`` one line of text.
    ``why`` says in the record why the attempt is not complete, where no file failed to be collected.
    """

    folder: str
    test: str
    task: int
    locked: bool
    unwritten: bool
    where: str
    name: str
    what: str
    why: str


class Seat(NamedTuple):
    """A test's place: the folder of its kata, its name in the record, its task (0: none)."""

    folder: str
    test: str
    task: int


#: By node id, the seat of every test of a kata.
Roster = dict[str, Seat]


class LiveAttempt:
    """What is known of one kata so far in this run.

    :ivar results: by test, the path of its file in the kata and the rest of its node id.
    :ivar trouble: why a test file of the kata could not be collected, or why its process died.
    :ivar first: the note of the first red test.
    :ivar learner: whose attempt it is.
    :ivar log: the kata's events: those read when the run began, then those of this run; empty where recording is off.
    :ivar recorded: the record knows of this attempt.
    :ivar expected: number of expected tests by task number.
    :ivar missing: by the number of a task that is not expected, what it needs.
    :ivar guards: tests that may be green when they open; known where they open one by one.
    """

    def __init__(self, kata: Kata, focus: Focus, learner: str = "") -> None:
        self.kata = kata
        self.focus = focus
        self.learner = learner
        self.log = Log([], 0)
        self.recorded = False
        self.guards: set[str] = set()
        # Asking the machine takes longer than a test, and the answer stays the same.
        self.expected = kata.expected
        self.missing = {
            task.number: f"needs {need}, which is not here: {NEEDS[need]}"
            for task in kata.tasks
            if task.number not in self.expected
            for need in task.missing
        }
        self.results: dict[str, Result] = {}
        self.trouble: list[Note] = []
        self.first: Note | None = None

    def failed(self, note: Note) -> None:
        """Take in a red or broken test; the first one of a task is what the learner works on."""
        if self.first is None and note["task"] in self.expected:
            self.first = note
            self.focus.failed(note["task"], note["test"])

    @property
    def light(self) -> Light:
        """The light of this attempt so far."""
        return light_of(self.results.values(), self.expected, broken=bool(self.trouble))

    @property
    def complete(self) -> bool:
        """Whether every expected test has an outcome other than locked."""
        return is_complete(self.results.values(), self.expected)

    def why_incomplete(self, flags: str) -> str | None:
        """Return why some expected test did not run, or None if all did.

        :param flags: the flags of this run that leave tests out, empty if there is none.
        """
        if self.complete:
            return None
        if self.trouble:
            return self.trouble[0].get("why", "a test file could not be collected")
        if any(result.outcome is Outcome.LOCKED for result in self.results.values()):
            return "later tasks are locked"
        return flags or "the run ended early"

    def count(self, *outcomes: Outcome, task: int | None = None) -> int:
        """Return how many tests ended so, in the whole kata or in one task."""
        expected = self.expected
        return sum(
            result.outcome in outcomes and task in {None, result.task}
            for result in self.results.values()
            if result.task in expected
        )

    def red_in(self, task: int) -> int:
        """Return how many tests of a task are red."""
        return self.count(*REDS, task=task)


class Run:
    """One session of pytest, as far as katas are concerned: what its hook objects share.

    :ivar attempts: by kata folder, in the order the katas were met.
    :ivar fault: why something could not be recorded, in one sentence, or empty.
    """

    def __init__(self) -> None:
        self.attempts: dict[str, LiveAttempt] = {}
        self.fault = ""


def lines_changed(before: bytes, after: bytes) -> tuple[int, int]:
    """Count the lines added and removed between two versions of a file."""
    old, new = before.splitlines(), after.splitlines()
    added = removed = 0
    for tag, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            removed += j - i
            added += m - k
    return added, removed

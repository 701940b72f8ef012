"""The record: what happened to each kata of each learner, as lines that are only ever added.

``.katas/<learner>/<slug>.jsonl`` holds one JSON object a line, an *event*; ``.katas/<learner>/files/<sha256>`` holds
each content that a learner's file ever had, once. Lines merge, so git carries them between machines. Everything else
is derived on read (``progress``): nothing here asks more of an event than its shape, and nothing is deleted or
rewritten.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from io import FileIO
from operator import itemgetter
from pathlib import Path
from stat import S_ISREG
from types import NoneType
from typing import Any, NamedTuple, NoReturn
from uuid import uuid4

from pytest_katas.errors import KataError
from pytest_katas.lock import alone
from pytest_katas.names import folder_name
from pytest_katas.outcomes import Light

FORMAT = 1
#: A learner's file above this is noted by its size and not kept: the record travels with git.
LARGEST = 1 << 20

#: One line of the record: the keys of every event, and those of its kind.
Event = dict[str, Any]
#: What became of a learner's file: ``{"sha256": ..., "size": n}``, ``{"oversized": n}`` or ``{"missing": True}``.
Kept = dict[str, str | int | bool]

# What every event says, and what those of format 1 say by kind. Other kinds and other keys are carried.
_Shape = Mapping[str, tuple[type, ...]]
_EVERY: _Shape = {"v": (int,), "event": (str,), "id": (str,), "at": (str,), "round": (int,)}
_KINDS: Mapping[str, _Shape] = {
    "started": {"pid": (int,), "python": (str,), "plugin": (str,)},
    "attempt": {
        "run": (str,),
        "python": (str,),
        "seconds": (float, int),
        "light": (str,),
        "complete": (bool,),
        "why": (str, NoneType),
        "tests": (dict,),
        "kata": (str,),
        "files": (dict,),
        "added": (int, NoneType),
        "removed": (int, NoneType),
        "prediction": (str, NoneType),
        "missing": (list,),
    },
    "hint": {"task": (int,), "number": (int,)},
}
_LIGHTS = frozenset(light.value for light in Light)
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
# How this module begins a line. Reading it spares a JSON parse of every test of every attempt, at each append.
_HEAD = re.compile(rb'\{"v":\d+,"event":"[a-z]+","id":"[0-9a-f]{32}","at":"([^"]{27})","round":(\d{1,9})[,}]')

# Lines parsed at once: enough to share the keys they have in common, which saves a quarter of the time.
_BATCH = 64

_MICROSECOND = timedelta(microseconds=1)


class StoreError(KataError):
    """The record could not be read or written; one sentence says what to do."""


class Log(NamedTuple):
    """The events of one kata in the order they happened, and the number of lines that say nothing readable."""

    events: list[Event]
    unreadable: int


class _Seen(NamedTuple):
    """How many bytes of a log were looked through, and the latest time and the highest round found there."""

    size: int = 0
    at: str = ""
    round: int = 0


class Store:
    """The record in one folder; making one touches nothing."""

    # The clock is bound here, when the class is made: a leaked freeze_time replaces it in every module, but not here.
    def __init__(self, root: Path, *, now: Callable[[], float] = time.time) -> None:
        """Speak for the record in ``root``, usually ``.katas`` beside the track."""
        self.root = root
        self._now = now
        self._seen: dict[Path, _Seen] = {}

    def learners(self) -> list[str]:
        """Return the names of the learners who have a log, sorted."""
        return sorted({path.parent.name for path in self.root.glob("*/*.jsonl")})

    def read(self, learner: str, slug: str, *formerly: str) -> Log:
        """Return everything recorded of one kata, also under its former slugs.

        Lines that two machines wrote come out the same whichever way they were merged: by time, then by id, each once.

        :raises StoreError: a log is there and cannot be read.
        """
        rows = []
        unreadable = 0
        for name in dict.fromkeys((slug, *formerly)):
            lines = _lines(self._log(learner, name))
            for line, event in zip(lines, _events(lines), strict=True):
                if event is None:
                    unreadable += 1
                else:
                    rows.append((event["at"], event["id"], line, event))
        rows.sort(key=itemgetter(0, 1, 2))
        events: dict[str, Event] = {}
        for _, identity, _, event in rows:
            events.setdefault(identity, event)
        return Log(list(events.values()), unreadable)

    def append(
        self, learner: str, slug: str, kind: str, *, formerly: Iterable[str] = (), sync: bool = True, **fields: object
    ) -> Event:
        """Add one event to a kata's log, and return it.

        It is later than everything the log holds, whatever the clock says, so that the order of the lines is never
        lost. It belongs to the log's latest round; a ``reset`` begins the next one.

        :param formerly: the kata's former slugs, whose rounds and times count too.
        :param sync: return only when the event is on the disk and no longer in a cache; else it is only handed over.
        :raises StoreError: the event could not be written; at worst the log now ends in half a line, which the next
            append closes.
        """
        path = self._log(learner, slug)
        with _told("written", path):
            _make(path.parent)
            with path.open("ab+", buffering=0) as log:
                with alone(log.fileno()):
                    seen, torn = self._look(path, log)
                    for former in formerly:
                        older = _see(_Seen(), _lines(self._log(learner, former)))
                        seen = _Seen(seen.size, max(seen.at, older.at), max(seen.round, older.round))
                    event: Event = {
                        "v": FORMAT,
                        "event": kind,
                        "id": uuid4().hex,
                        "at": max(_text(datetime.fromtimestamp(self._now(), UTC)), _after(seen.at)),
                        "round": max(1, seen.round + (kind == "reset")),
                        **fields,
                    }
                    line = json.dumps(event, allow_nan=False, separators=(",", ":")).encode() + b"\n"
                    _write(log, b"\n" + line if torn else line)
                    self._seen[path] = _Seen(log.tell(), event["at"], event["round"])
                if sync:
                    os.fsync(log.fileno())
                if not seen.size:
                    _sync_folder(path.parent)
        return event

    def keep(self, learner: str, path: Path) -> Kept:
        """Keep the present content of a learner's file, unless it is kept already, and say what was kept.

        :raises StoreError: the file cannot be read, or its content cannot be written.
        """
        with _told("read", path):
            content = _content(path)
        if content is None:
            return {"missing": True}
        if isinstance(content, int):
            return {"oversized": content}
        sha256 = hashlib.sha256(content).hexdigest()
        _keep(self._files(learner) / sha256, content)
        return {"sha256": sha256, "size": len(content)}

    def content(self, learner: str, sha256: str) -> bytes | None:
        """Return a content that was kept, or None where it is not there or no longer what it was."""
        # An event of somebody else's clone may hold anything here: only a hash may become a path.
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            return None
        path = self._files(learner) / sha256
        with _told("read", path):
            content = _content(path)
        if isinstance(content, bytes) and hashlib.sha256(content).hexdigest() == sha256:
            return content
        return None

    def _log(self, learner: str, slug: str) -> Path:
        return self.root / folder_name(learner) / f"{folder_name(slug)}.jsonl"

    def _files(self, learner: str) -> Path:
        return self.root / folder_name(learner) / "files"

    def _look(self, path: Path, log: FileIO) -> tuple[_Seen, bool]:
        """Look through what was added to a log since last time, and say whether its last line is torn."""
        seen = self._seen.get(path, _Seen())
        size = log.seek(0, os.SEEK_END)
        if size < seen.size:
            # Something else put an older log in its place.
            seen = _Seen()
        log.seek(seen.size)
        added = log.read()
        return _see(seen, added.split(b"\n"))._replace(size=size), added[-1:] not in {b"", b"\n"}


def fits(event: Event) -> bool:
    """Say whether an event has everything that format 1 says of its kind; a kind that it does not know always fits."""
    kind = event["event"]
    return _has(event, _KINDS.get(kind, {})) and (kind != "attempt" or event["light"] in _LIGHTS)


def _events(lines: Sequence[bytes]) -> Iterator[Event | None]:
    """Read the lines of a log; None is a line that was torn, damaged or written by something else."""
    for start in range(0, len(lines), _BATCH):
        yield from _batch(lines[start : start + _BATCH])


def _batch(lines: Sequence[bytes]) -> list[Event | None]:
    values = _array(*lines)
    # What one line leaves open no other one closes, as long as every line begins and ends an object.
    if len(values) == len(lines) and all(line[:1] + line[-1:] == b"{}" for line in lines):
        return [_event(value) for value in values]
    return [_event(*values) if len(values) == 1 else None for values in map(_array, lines)]


def _array(*lines: bytes) -> list[Any]:
    """Read lines as the values of one JSON array; if they are no such thing, there are no values."""
    try:
        values: list[Any] = _decode((b"[" + b",\n".join(lines) + b"]").decode())
    except (ValueError, RecursionError):
        return []
    return values


def _event(value: Any) -> Event | None:
    """Return a value if it is an event."""
    if type(value) is not dict or not _has(value, _EVERY) or value["round"] < 1 or not _is_time(value["at"]):
        return None
    # A newer format may say the same otherwise: it is carried, and who reads it asks whether it fits.
    return value if value["v"] > FORMAT or fits(value) else None


def _has(event: Event, shape: _Shape) -> bool:
    # A loop, because it is asked of every line and a generator takes twice as long.
    for key, types in shape.items():  # noqa: SIM110
        # type, not isinstance: true is a number to Python, not in JSON.
        if type(event.get(key, ...)) not in types:
            return False
    return True


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


# NaN and Infinity are no JSON; they would spoil every sum that they are part of.
_decode = json.JSONDecoder(parse_constant=_refuse).decode


def _see(seen: _Seen, lines: Iterable[bytes]) -> _Seen:
    """Go on from what was seen of a log with the lines that follow."""
    at, latest = seen.at, seen.round
    for line in lines:
        if head := _HEAD.match(line):
            # The line may be torn further on, yet it was written: its time and its round are taken.
            when, number = head[1].decode(errors="replace"), int(head[2])
        elif event := _batch([line])[0]:
            when, number = event["at"], event["round"]
        else:
            continue
        latest = max(latest, number)
        if when > at and _is_time(when):
            at = when
    return seen._replace(at=at, round=latest)


def _is_time(text: str) -> bool:
    if not _AT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _text(at: datetime) -> str:
    # Always with microseconds: texts of one length sort as the times do.
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _after(at: str) -> str:
    """Return the moment after ``at``: a hybrid logical clock (Kulkarni et al. 2014) that counts in microseconds."""
    try:
        return _text(datetime.fromisoformat(at) + _MICROSECOND) if at else at
    except OverflowError:
        return at


def _lines(path: Path) -> list[bytes]:
    with _told("read", path):
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return []
    return [line for line in content.split(b"\n") if line and not line.isspace()]


def _content(path: Path) -> bytes | int | None:
    """Return the content of a regular file, only its size if it is too large to keep, or None where there is none."""
    try:
        # Opening what is no regular file may wait for ever.
        if not S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
            return content if len(content) <= LARGEST else os.fstat(file.fileno()).st_size
    except (FileNotFoundError, NotADirectoryError):
        return None


def _keep(path: Path, content: bytes) -> None:
    """Write a content under its hash, so that a crash leaves all of it or none."""
    with _told("written", path):
        # A size that differs is a copy that something damaged: then the content is worth writing again.
        if path.exists() and path.stat().st_size == len(content):
            return
        _make(path.parent)
        draft = path.with_name(f".{uuid4().hex}.tmp")
        try:
            with draft.open("xb", buffering=0) as file:
                _write(file, content)
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError:
            with suppress(OSError):
                draft.unlink()
            raise
        _sync_folder(path.parent)


def _write(file: FileIO, content: bytes) -> None:
    """Write all of ``content``: in one piece, unless the system takes only a part at a time."""
    rest = memoryview(content)
    while rest:
        written = file.write(rest)
        if not written:
            raise OSError(ENOSPC, os.strerror(ENOSPC))
        rest = rest[written:]


def _make(folder: Path) -> None:
    """Make a folder and those it lies in, so that a crash does not take them away again."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, where the system can: Windows and some network drives cannot."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _told(done: str, path: Path) -> Generator[None, None, None]:
    """Turn what the system says into a sentence with the next action."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path} cannot be {done} ({error.strerror or error});"
            " see to its permissions and to the space on its disk, or name another folder with --kata-store"
        ) from error

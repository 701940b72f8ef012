"""The record: what it promises of every line and every kept file, in one process."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import stat
import subprocess
import time
from io import FileIO
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

from pytest_katas import lock
from pytest_katas import store as store_module
from pytest_katas.names import folder_name
from pytest_katas.store import LARGEST, Event, Store, StoreError, fits

NOON = 1_750_000_000.25
ATTEMPT: dict[str, Any] = {
    "run": "0" * 32,
    "python": "3.13.0",
    "seconds": 0.25,
    "light": "red",
    "complete": True,
    "why": None,
    "tests": {"1": {"test_jwt.py::test_one": "failed"}},
    "kata": "c" * 64,
    "files": {"anatomy.py": {"missing": True}},
    "added": None,
    "removed": None,
    "prediction": None,
    "missing": [],
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A record that holds nothing yet, at noon."""
    return Store(tmp_path / ".katas", now=lambda: NOON)


def log_of(store: Store, learner: str = "ada", slug: str = "jwt") -> Path:
    return store.root / learner / f"{slug}.jsonl"


def write_log(store: Store, *lines: bytes | dict[str, Any]) -> Path:
    """Put lines into a log as something else than the store would; each line ends itself."""
    path = log_of(store)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines))
    return path


def event(identity: str = "a", at: str = "2025-06-15T15:06:40.000000Z", **keys: object) -> Event:
    return {"v": 1, "event": "spoil", "id": identity, "at": at, "round": 1, **keys}


class TestAppend:
    """One event becomes one line."""

    def test_a_store_touches_nothing_before_it_is_asked_to(self, store: Store) -> None:
        assert store.read("ada", "jwt") == ([], 0)
        assert store.learners() == []
        assert store.content("ada", "0" * 64) is None
        assert not store.root.exists()

    def test_an_event_is_one_line_of_json_that_anybody_can_read(self, store: Store) -> None:
        appended = store.append("ada", "jwt", "hint", task=2, number=1)

        line = log_of(store).read_bytes()
        assert line.endswith(b"}\n")
        assert line.count(b"\n") == 1
        assert json.loads(line) == appended
        assert list(appended) == ["v", "event", "id", "at", "round", "task", "number"]
        assert (appended["v"], appended["event"], appended["round"]) == (1, "hint", 1)
        assert appended["at"] == "2025-06-15T15:06:40.250000Z"

    def test_what_was_appended_is_read_back_in_order(self, store: Store) -> None:
        events = [
            store.append("ada", "jwt", "started", sync=False, pid=1, python="3.13.0", plugin="0.1.0"),
            store.append("ada", "jwt", "attempt", **ATTEMPT),
            store.append("ada", "jwt", "restore", attempt=1),
        ]

        assert store.read("ada", "jwt") == (events, 0)

    def test_ids_differ(self, store: Store) -> None:
        assert len({store.append("ada", "jwt", "spoil")["id"] for _ in range(20)}) == 20

    def test_a_value_of_any_bytes_stays_on_its_line(self, store: Store) -> None:
        why = "a\nb\r\n\x00\x85\u2028\udcff\U0001f40d"

        store.append("ada", "jwt", "attempt", **{**ATTEMPT, "why": why})

        assert store.read("ada", "jwt").events[0]["why"] == why
        assert log_of(store).read_bytes().isascii()

    def test_what_is_not_json_is_refused_before_anything_is_written(self, store: Store) -> None:
        with pytest.raises(ValueError, match="JSON compliant"):
            store.append("ada", "jwt", "attempt", **{**ATTEMPT, "seconds": float("nan")})

        assert log_of(store).read_bytes() == b""

    def test_katas_and_learners_have_logs_of_their_own(self, store: Store) -> None:
        store.append("ada", "jwt", "spoil")
        store.append("ada", "ci", "spoil")
        store.append("grace", "jwt", "spoil")

        assert len(store.read("ada", "jwt").events) == 1
        assert store.learners() == ["ada", "grace"]

    def test_a_learner_without_a_log_is_none(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "anatomy.py").write_text("code")
        store.keep("ada", tmp_path / "anatomy.py")

        assert store.learners() == []


class TestClock:
    """The order of the lines is the order of what happened."""

    def test_a_clock_that_goes_back_does_not_change_the_order(self, store: Store) -> None:
        first = store.append("ada", "jwt", "spoil")
        behind = Store(store.root, now=lambda: NOON - 3600)
        events = [first, *(behind.append("ada", "jwt", "spoil") for _ in range(3))]

        assert [one["at"][-10:] for one in events] == ["40.250000Z", "40.250001Z", "40.250002Z", "40.250003Z"]
        assert store.read("ada", "jwt").events == events

    def test_a_clock_that_stands_still_does_not_make_events_equal(self, store: Store) -> None:
        times = [store.append("ada", "jwt", "spoil")["at"] for _ in range(3)]

        assert times == sorted(set(times))

    def test_a_clock_that_goes_on_is_believed(self, store: Store) -> None:
        store.append("ada", "jwt", "spoil")
        later = Store(store.root, now=lambda: NOON + 60)

        assert later.append("ada", "jwt", "spoil")["at"] == "2025-06-15T15:07:40.250000Z"

    def test_the_latest_event_counts_wherever_a_merge_has_put_it(self, store: Store) -> None:
        write_log(
            store,
            event("other", "2031-01-01T00:00:00.000000Z"),
            *(
                event(str(number), f"2025-01-01T00:00:{number % 60:02}.000000Z", padding="x" * 500)
                for number in range(500)
            ),
        )

        assert store.append("ada", "jwt", "spoil")["at"] == "2031-01-01T00:00:00.000001Z"

    def test_lines_that_another_process_added_meanwhile_count(self, store: Store) -> None:
        store.append("ada", "jwt", "spoil")
        Store(store.root, now=lambda: NOON + 60).append("ada", "jwt", "reset")

        appended = store.append("ada", "jwt", "spoil")

        assert (appended["at"], appended["round"]) == ("2025-06-15T15:07:40.250001Z", 2)

    def test_a_log_that_was_put_back_by_git_is_looked_through_again(self, store: Store) -> None:
        store.append("ada", "jwt", "reset")
        store.append("ada", "jwt", "reset")
        write_log(store, event())

        assert store.append("ada", "jwt", "spoil")["round"] == 1

    @pytest.mark.parametrize(
        "at", ["9999-99-99T99:99:99.999999Z", "9999-12-31T23:59:59Z", "9999-12-31 23:59:59.999999Z", "x" * 27]
    )
    def test_a_time_that_is_none_is_not_believed(self, store: Store, at: str) -> None:
        head = json.dumps(event("f" * 32, at), separators=(",", ":")).encode() + b"\n"
        write_log(store, head, head.replace(at.encode(), b"\xff" * 27), event("b", at))

        assert store.append("ada", "jwt", "spoil")["at"] == "2025-06-15T15:06:40.250000Z"

    def test_after_the_end_of_time_there_is_no_later(self, store: Store) -> None:
        write_log(store, event("a", "9999-12-31T23:59:59.999999Z"))

        assert store.append("ada", "jwt", "spoil")["at"] == "9999-12-31T23:59:59.999999Z"

    def test_frozen_time_that_leaks_out_of_a_test_is_not_recorded(self, tmp_path: Path) -> None:
        began = time.time()

        with freeze_time("1999-12-31"):
            appended = Store(tmp_path).append("ada", "jwt", "spoil")
            again = Store(tmp_path).append("ada", "jwt", "spoil")

        assert appended["at"] > time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(began - 1))
        assert again["at"] > appended["at"]


class TestRounds:
    """A round is one practice from stub to green."""

    def test_a_reset_begins_a_round_and_what_follows_belongs_to_it(self, store: Store) -> None:
        rounds = [store.append("ada", "jwt", kind)["round"] for kind in ("spoil", "reset", "spoil", "reset", "spoil")]

        assert rounds == [1, 2, 2, 3, 3]

    def test_a_reset_of_what_was_never_begun_is_the_first_round(self, store: Store) -> None:
        assert store.append("ada", "jwt", "reset")["round"] == 1

    def test_the_highest_round_counts_wherever_a_merge_has_put_it(self, store: Store) -> None:
        write_log(store, event("a", round=4), event("b", "2025-06-15T15:06:41.000000Z", round=3))

        assert store.append("ada", "jwt", "spoil")["round"] == 4

    def test_rounds_and_times_go_on_under_a_new_slug(self, store: Store) -> None:
        store.append("ada", "token", "reset")
        last = store.append("ada", "token", "reset")

        appended = store.append("ada", "jwt", "spoil", formerly=["token", "never_was"])

        assert appended["round"] == 2
        assert appended["at"] > last["at"]
        assert [one["id"] for one in store.read("ada", "jwt", "token", "token").events][1:] == [
            last["id"],
            appended["id"],
        ]


class TestOnDisk:
    """What was reported is on the disk, and the disk may be anything."""

    @pytest.fixture
    def synced(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
        """What each fsync found: the lines of a log, the length of a draft, the names in a folder."""
        found: list[tuple[str, Any]] = []

        def fsync(descriptor: int) -> None:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                found.append((path.name, sorted(entry.name for entry in path.iterdir())))
            else:
                found.append((path.suffix, path.read_bytes()))

        monkeypatch.setattr(os, "fsync", fsync)
        return found

    def test_a_line_is_written_then_synced_and_so_is_every_new_folder(
        self, store: Store, synced: list[tuple[str, Any]]
    ) -> None:
        store.append("ada", "jwt", "spoil")
        line = log_of(store).read_bytes()

        assert synced == [
            (store.root.parent.name, [".katas"]),
            (".katas", ["ada"]),
            (".jsonl", line),
            ("ada", ["jwt.jsonl"]),
        ]

    def test_the_next_line_needs_one_sync(self, store: Store, synced: list[tuple[str, Any]]) -> None:
        store.append("ada", "jwt", "spoil")
        synced.clear()

        store.append("ada", "jwt", "spoil")

        assert synced == [(".jsonl", log_of(store).read_bytes())]

    def test_the_beginning_of_a_run_is_only_handed_over(self, store: Store, synced: list[tuple[str, Any]]) -> None:
        store.append("ada", "jwt", "started", sync=False, pid=1, python="3.13.0", plugin="0.1.0")

        assert log_of(store).read_bytes().count(b"\n") == 1
        assert [name for name, _ in synced] == [store.root.parent.name, ".katas", "ada"]

    def test_a_content_is_whole_on_disk_before_it_has_its_name(
        self, store: Store, synced: list[tuple[str, Any]], tmp_path: Path
    ) -> None:
        (tmp_path / "anatomy.py").write_bytes(b"code")

        kept = store.keep("ada", tmp_path / "anatomy.py")

        assert synced[-2:] == [(".tmp", b"code"), ("files", [kept["sha256"]])]

    def test_a_line_is_handed_over_in_one_piece(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        store.append("ada", "jwt", "spoil")
        with log_of(store).open("ab") as log:
            log.write(b'{"v":1,"torn')
        pieces: list[int] = []
        whole = store_module._write

        def count(file: FileIO, content: bytes) -> None:
            pieces.append(len(content))
            whole(file, content)

        monkeypatch.setattr(store_module, "_write", count)
        store.append("ada", "jwt", "attempt", **ATTEMPT)

        assert pieces == [len(log_of(store).read_bytes().split(b'"torn')[1])]

    def test_a_system_that_takes_a_part_at_a_time_gets_the_rest(self) -> None:
        taken = bytearray()

        class Grudging(FileIO):
            def write(self, content: Any) -> int:
                taken.extend(bytes(content)[:3])
                return len(bytes(content)[:3])

        with Grudging(os.devnull, "w") as file:
            store_module._write(file, b"0123456789")

        assert taken == b"0123456789"

    def test_a_system_that_takes_nothing_is_a_full_disk(self) -> None:
        class Full(FileIO):
            def write(self, _: Any) -> int:
                return 0

        with Full(os.devnull, "w") as file, pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            store_module._write(file, b"0123456789")

    def test_a_full_disk_is_one_sentence_and_harms_nothing(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        first = store.append("ada", "jwt", "attempt", **ATTEMPT)
        (tmp_path / "anatomy.py").write_bytes(b"code")

        def half(file: FileIO, content: bytes) -> None:
            file.write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as full:
            full.setattr(store_module, "_write", half)
            with pytest.raises(StoreError, match=r"jwt\.jsonl cannot be written \(No space left on device\); see to"):
                store.append("ada", "jwt", "attempt", **ATTEMPT)
            with pytest.raises(StoreError, match="No space left on device"):
                store.keep("ada", tmp_path / "anatomy.py")
        last = store.append("ada", "jwt", "attempt", **ATTEMPT)

        assert store.read("ada", "jwt") == ([first, last], 1)
        assert list((store.root / "ada" / "files").iterdir()) == []
        assert store.content("ada", str(store.keep("ada", tmp_path / "anatomy.py")["sha256"])) == b"code"

    def test_a_draft_that_cannot_be_taken_away_either_is_left(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "anatomy.py").write_bytes(b"code")

        def refuse(*_: object) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(Path, "replace", refuse)
        monkeypatch.setattr(Path, "unlink", refuse)

        with pytest.raises(StoreError, match="Input/output error"):
            store.keep("ada", tmp_path / "anatomy.py")

    def test_a_store_that_is_no_folder_is_one_sentence(self, store: Store, tmp_path: Path) -> None:
        store.root.write_text("in the way")
        (tmp_path / "anatomy.py").write_bytes(b"code")

        with pytest.raises(StoreError, match="or name another folder with --kata-store"):
            store.append("ada", "jwt", "spoil")
        with pytest.raises(StoreError, match="cannot be written"):
            store.keep("ada", tmp_path / "anatomy.py")
        assert store.read("ada", "jwt") == ([], 0)
        assert store.learners() == []
        assert store.content("ada", "0" * 64) is None

    def test_a_read_only_store_is_one_sentence_and_can_be_read(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = store.append("ada", "jwt", "spoil")
        before = Path.open

        def read_only(path: Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
            if set(mode) & set("wax+"):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
            return before(path, mode, *rest, **options)

        monkeypatch.setattr(Path, "open", read_only)

        with pytest.raises(StoreError, match="Read-only file system"):
            store.append("ada", "jwt", "spoil")
        assert store.read("ada", "jwt") == ([first], 0)

    def test_a_log_that_cannot_be_read_is_one_sentence(self, store: Store) -> None:
        log_of(store).mkdir(parents=True)

        with pytest.raises(StoreError, match=r"jwt\.jsonl cannot be read \(Is a directory\); see to its permissions"):
            store.read("ada", "jwt")

    def test_an_error_without_words_is_still_told(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise OSError("strange")

        monkeypatch.setattr(os, "fsync", refuse)
        monkeypatch.setattr(store_module, "_sync_folder", lambda _: None)

        with pytest.raises(StoreError, match=r"\(strange\)"):
            store.append("ada", "jwt", "spoil")

    def test_a_drive_that_cannot_sync_folders_is_good_enough(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sync = os.fsync

        def picky(descriptor: int) -> None:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            sync(descriptor)

        monkeypatch.setattr(os, "fsync", picky)

        appended = store.append("ada", "jwt", "spoil")

        assert store.read("ada", "jwt").events == [appended]

    def test_a_drive_without_locks_is_written_at_once(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_locks(*_: object) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(fcntl, "flock", no_locks)
        monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("there is nothing to wait for"))

        assert store.append("ada", "jwt", "spoil") in store.read("ada", "jwt").events

    def test_a_process_that_was_stopped_while_it_wrote_does_not_stop_this_one(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lock, "_TRIES", 3)
        store.append("ada", "jwt", "spoil")

        with log_of(store).open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            appended = store.append("ada", "jwt", "spoil")

        assert store.read("ada", "jwt").events[-1] == appended

    def test_the_log_is_free_again_even_for_a_process_forked_meanwhile(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copies: list[int] = []
        whole = store_module._write

        def fork_like(file: FileIO, content: bytes) -> None:
            copies.append(os.dup(file.fileno()))
            whole(file, content)

        monkeypatch.setattr(store_module, "_write", fork_like)
        store.append("ada", "jwt", "spoil")

        with log_of(store).open("rb") as log:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(copies[0])


class TestDamage:
    """What cannot be read is counted and kept; what can be read is never lost with it."""

    GARBAGE = (
        b"\x00" * 40,
        b"\xff\xfe garbage",
        b"null",
        b"17",
        b'"text"',
        b"[]",
        b"{}",
        b"{",
        b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        json.dumps(event(v="1")).encode(),
        json.dumps(event(v=True)).encode(),
        json.dumps(event(event=None)).encode(),
        json.dumps(event(identity="x") | {"id": 5}).encode(),
        json.dumps(event(at="yesterday")).encode(),
        json.dumps(event(at="2025-02-30T00:00:00.000000Z")).encode(),
        json.dumps(event() | {"at": 5}).encode(),
        json.dumps(event(round=0)).encode(),
        json.dumps(event(round="1")).encode(),
        json.dumps(event(event="hint", task="1", number=1)).encode(),
        json.dumps(event(event="started", pid=1, python="3.13.0")).encode(),
        json.dumps(event(event="attempt", **{**ATTEMPT, "light": "blue"})).encode(),
        json.dumps(event(event="attempt", **{**ATTEMPT, "light": ["red"]})).encode(),
        json.dumps(event(event="attempt", **{**ATTEMPT, "tests": []})).encode(),
        json.dumps(event(event="attempt", **{**ATTEMPT, "seconds": float("inf")})).encode(),
        json.dumps(event(event="attempt", **{**ATTEMPT, "seconds": 5})).replace(": 5", ": " + "5" * 5000).encode(),
        json.dumps(event()).encode() + b"," + json.dumps(event("b")).encode(),
        json.dumps(event()).encode() + json.dumps(event("b")).encode(),
        b"<<<<<<< ours",
    )

    @pytest.mark.parametrize("line", GARBAGE, ids=range(len(GARBAGE)))
    def test_a_line_that_is_no_event_is_skipped_counted_and_kept(self, store: Store, line: bytes) -> None:
        first = store.append("ada", "jwt", "attempt", **ATTEMPT)
        with log_of(store).open("ab") as log:
            log.write(line + b"\n")
        last = store.append("ada", "jwt", "attempt", **ATTEMPT)

        assert store.read("ada", "jwt") == ([first, last], 1)
        assert log_of(store).read_bytes().split(b"\n")[1] == line

    def test_all_of_them_at_once(self, store: Store) -> None:
        first = store.append("ada", "jwt", "spoil")
        with log_of(store).open("ab") as log:
            log.write(b"\n".join(self.GARBAGE) + b"\n")

        assert store.read("ada", "jwt") == ([first], len(self.GARBAGE))

    def test_two_halves_that_would_make_one_whole_make_none(self, store: Store) -> None:
        one, two, three = (json.dumps(event(identity)).encode() for identity in "abc")
        write_log(store, one.removesuffix(b"}") + b',"x":[1\n', b"2]}\n", two + b"," + three + b"\n", event("d"))

        assert store.read("ada", "jwt") == ([event("d")], 3)

    def test_a_torn_last_line_is_closed_before_the_next(self, store: Store) -> None:
        first = store.append("ada", "jwt", "attempt", **ATTEMPT)
        whole = log_of(store).read_bytes()
        for cut in range(1, len(whole)):
            log_of(store).write_bytes(whole + whole[:cut])
            last = Store(store.root).append("ada", "jwt", "spoil")

            # But for its end of line the torn one may be whole; it is the first one again then.
            assert store.read("ada", "jwt") == ([first, last], int(cut < len(whole) - 1))

    def test_a_line_torn_by_someone_else_since_is_closed_too(self, store: Store) -> None:
        first = store.append("ada", "jwt", "spoil")
        with log_of(store).open("ab") as log:
            log.write(b'{"v":1,')
        last = store.append("ada", "jwt", "spoil")

        assert store.read("ada", "jwt") == ([first, last], 1)

    def test_a_torn_line_still_tells_its_round_and_time(self, store: Store) -> None:
        line = json.dumps(event("e" * 32, "2031-01-01T00:00:00.000000Z", round=7), separators=(",", ":"))
        write_log(store, line.removesuffix("}").encode() + b',"tests":{"test_')

        appended = store.append("ada", "jwt", "spoil")

        assert (appended["round"], appended["at"]) == (7, "2031-01-01T00:00:00.000001Z")

    def test_blank_lines_and_other_line_ends_are_no_damage(self, store: Store) -> None:
        lines = [event("a"), event("b")]
        write_log(store, *(json.dumps(line).encode() + b"\r\n\r\n  \n\n" for line in lines))

        assert store.read("ada", "jwt") == (lines, 0)

    def test_a_newer_format_unknown_kinds_and_unknown_keys_are_carried(self, store: Store) -> None:
        newer = event("a", v=2, event="attempt", light="ultraviolet", tests=["other"])
        kind = event("b", event="streak", days=3)
        keys = event("c", mood={"at": "2040-01-01T00:00:00.000000Z", "round": 9})
        before = write_log(store, newer, kind, keys).read_bytes()

        appended = store.append("ada", "jwt", "spoil")

        assert store.read("ada", "jwt") == ([newer, kind, keys, appended], 0)
        assert appended["round"] == 1
        assert log_of(store).read_bytes().startswith(before)
        assert not fits(newer)
        assert fits(kind)
        assert fits(keys)


class TestMerge:
    """Lines written on two machines come together in any order."""

    @pytest.fixture
    def clones(self, tmp_path: Path) -> tuple[bytes, bytes, bytes]:
        """The log that two machines had in common, and what each made of it, one of them with a slow clock."""
        base = Store(tmp_path / "base", now=lambda: NOON)
        for _ in range(3):
            base.append("ada", "jwt", "attempt", **ATTEMPT)
        common = log_of(base).read_bytes()
        logs = []
        for name, drift in (("ours", 5), ("theirs", -3600)):
            clone = Store(tmp_path / name, now=lambda drift=drift: NOON + drift)  # type: ignore[misc]
            write_log(clone, common)
            for _ in range(4):
                clone.append("ada", "jwt", "attempt", **ATTEMPT)
            logs.append(log_of(clone).read_bytes())
        return common, logs[0], logs[1]

    def test_a_union_merge_reads_the_same_both_ways(
        self, store: Store, tmp_path: Path, clones: tuple[bytes, bytes, bytes]
    ) -> None:
        _, ours, theirs = clones
        for name, content in zip(("common", "ours", "theirs"), clones, strict=True):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "log").write_bytes(content)

        def merged(one: str, other: str) -> bytes:
            command = ["git", "merge-file", "--union", "-p", f"{one}/log", "common/log", f"{other}/log"]
            return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout

        logs = []
        for content in (merged("ours", "theirs"), merged("theirs", "ours")):
            write_log(store, content)
            logs.append(store.read("ada", "jwt"))

        assert logs[0] == logs[1]
        assert len(logs[0].events) == 11
        written = {one["id"] for one in map(json.loads, (ours + theirs).splitlines())}
        assert {one["id"] for one in logs[0].events} == written
        assert [one["at"] for one in logs[0].events] == sorted(one["at"] for one in logs[0].events)

    def test_doubled_lines_count_once(self, store: Store, clones: tuple[bytes, bytes, bytes]) -> None:
        _, ours, theirs = clones
        write_log(store, ours + theirs)
        one_way = store.read("ada", "jwt")
        write_log(store, theirs + ours + theirs)

        assert store.read("ada", "jwt") == one_way
        assert len(one_way.events) == 11

    def test_what_differs_under_one_id_is_the_same_event_either_way(self, store: Store) -> None:
        one, other = event("a", note="x"), event("a", note="y")
        write_log(store, one, other)
        one_way = store.read("ada", "jwt")
        write_log(store, other, one)

        assert store.read("ada", "jwt") == one_way == ([one], 0)

    def test_equal_times_are_put_in_order_by_id(self, store: Store) -> None:
        write_log(store, event("b"), event("a"))

        assert [one["id"] for one in store.read("ada", "jwt").events] == ["a", "b"]


class TestKeep:
    """Each content of a learner's file is kept once, as it was."""

    def test_any_bytes_come_back_as_they_were(self, store: Store, tmp_path: Path) -> None:
        content = bytes(range(256)) + b"\r\n" * 3
        (tmp_path / "anatomy.py").write_bytes(content)

        kept = store.keep("ada", tmp_path / "anatomy.py")

        assert kept == {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        assert store.content("ada", str(kept["sha256"])) == content
        assert [path.name for path in (store.root / "ada" / "files").iterdir()] == [kept["sha256"]]

    def test_an_unchanged_file_is_written_once(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "anatomy.py").write_bytes(b"code")
        kept = store.keep("ada", tmp_path / "anatomy.py")
        path = store.root / "ada" / "files" / str(kept["sha256"])
        before = path.stat()

        assert store.keep("ada", tmp_path / "anatomy.py") == kept
        assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)

    def test_a_damaged_copy_is_told_from_the_content_and_mended(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "anatomy.py").write_bytes(b"code")
        sha256 = str(store.keep("ada", tmp_path / "anatomy.py")["sha256"])
        (store.root / "ada" / "files" / sha256).write_bytes(b"co")

        assert store.content("ada", sha256) is None
        store.keep("ada", tmp_path / "anatomy.py")
        assert store.content("ada", sha256) == b"code"

    @pytest.mark.parametrize(
        ("size", "kept"), [(LARGEST, "sha256"), (LARGEST + 1, "oversized")], ids=["1 MiB", "a byte more"]
    )
    def test_a_file_over_one_mebibyte_is_noted_by_its_size(
        self, store: Store, tmp_path: Path, size: int, kept: str
    ) -> None:
        (tmp_path / "big.py").write_bytes(b"#" * size)

        found = store.keep("ada", tmp_path / "big.py")

        assert kept in found
        assert size in found.values()
        assert (store.root / "ada").exists() is (kept == "sha256")

    @pytest.mark.parametrize("path", ["gone.py", "folder", "anatomy.py/below.py", "pipe"])
    def test_what_is_no_file_is_missing(self, store: Store, tmp_path: Path, path: str) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "anatomy.py").touch()
        os.mkfifo(tmp_path / "pipe")

        assert store.keep("ada", tmp_path / path) == {"missing": True}

    def test_an_empty_file_is_a_content(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "anatomy.py").touch()

        assert store.content("ada", str(store.keep("ada", tmp_path / "anatomy.py")["sha256"])) == b""

    def test_a_file_that_cannot_be_read_is_one_sentence(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "anatomy.py").touch()

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

        monkeypatch.setattr(Path, "open", refuse)

        with pytest.raises(StoreError, match=r"anatomy\.py cannot be read \(Permission denied\)"):
            store.keep("ada", tmp_path / "anatomy.py")

    @pytest.mark.parametrize("sha256", ["../../anatomy.py", "", "0" * 63, "0" * 64 + "\n", "G" * 64, "\x00"])
    def test_only_a_hash_is_looked_for(self, store: Store, tmp_path: Path, sha256: str) -> None:
        (tmp_path / "anatomy.py").write_text("not kept")
        (store.root / "ada" / "files").mkdir(parents=True)

        assert store.content("ada", sha256) is None


class TestFolderName:
    """Any text becomes a folder inside the store."""

    SAFE = (
        "ada",
        "Ada Lovelace",
        "Åsa O'Brien-Müller",
        "ada@example.com",
        "王秀英",
        "नीता",
        "x" * 80,
        "CONRAD",
        "_",
        "a.b",
    )
    UNSAFE = (
        *("", " ", ".", "..", "...", "ada.", "ada ", " ada", ".hidden", "-rf", "~", "*?"),
        *("../../x\n", "/etc/passwd", "a/b", "C:\\x", "a\x00b", "a\u202eb", "\udcff\udcfe"),
        *("CON", "nul", "con.txt", "Lpt1 .x", "COM\u00b9", "con." + "x" * 300),
        *("a" * 300, "\u738b" * 300, "\u0301" * 200),
    )

    @pytest.mark.parametrize("name", SAFE)
    def test_a_name_of_a_person_stays_as_it_is(self, name: str) -> None:
        assert folder_name(name) == name

    @pytest.mark.parametrize("name", UNSAFE, ids=range(len(UNSAFE)))
    def test_any_other_name_becomes_a_safe_one(self, name: str) -> None:
        folder = folder_name(name)

        assert folder != name
        assert not set(folder) & set('<>:"/\\|?*~')
        assert folder.isprintable()
        assert folder.strip(" .") == folder
        assert folder[0] != "-"
        assert folder.split(".")[0].strip().casefold() not in {"con", "nul", "lpt1", "com\u00b9"}
        assert len(folder.encode()) <= 80

    @pytest.mark.parametrize("name", SAFE + UNSAFE, ids=range(len(SAFE + UNSAFE)))
    def test_a_safe_name_is_its_own(self, name: str) -> None:
        assert folder_name(folder_name(name)) == folder_name(name)

    def test_no_two_names_share_a_folder(self) -> None:
        names = self.SAFE + self.UNSAFE + ("x", "a" * 301, "con")

        assert len(set(map(folder_name, names))) == len(names)

    def test_both_spellings_of_an_accent_are_one_learner(self) -> None:
        assert folder_name("Ame\u0301lie") == folder_name("Am\u00e9lie") == "Am\u00e9lie"

    @pytest.mark.parametrize("name", UNSAFE, ids=range(len(UNSAFE)))
    def test_a_record_stays_inside_the_store(self, store: Store, tmp_path: Path, name: str) -> None:
        (tmp_path / "anatomy.py").write_bytes(b"code")
        appended = store.append(name, name, "spoil")
        sha256 = str(store.keep(name, tmp_path / "anatomy.py")["sha256"])

        assert sorted(path.name for path in tmp_path.iterdir()) == [".katas", "anatomy.py"]
        assert store.learners() == [folder_name(name)]
        assert store.read(name, name).events == store.read(store.learners()[0], name).events == [appended]
        assert store.content(name, sha256) == b"code"

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_katas.trespass import Trespass, Watch, is_loopback, reached, written

WRITE = os.O_WRONLY | os.O_CREAT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def watch(tmp_path: Path, home: Path) -> Iterator[Watch]:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    watch = Watch([allowed], home)
    watch.start()
    yield watch
    # An audit hook stays for ever; this makes it deaf.
    watch.finish()


def told(watch: Watch) -> list[str]:
    return [trespass.what for trespass in watch.finish()]


def test_a_run_that_does_nothing_has_nothing_to_answer_for(watch: Watch, home: Path):
    (home / "there.txt").exists()
    assert told(watch) == []


def test_writing_and_reading_in_an_allowed_folder_is_free(watch: Watch, tmp_path: Path):
    (tmp_path / "allowed" / "file.txt").write_text("text", encoding="utf-8")
    (tmp_path / "allowed" / "file.txt").read_text(encoding="utf-8")
    assert told(watch) == []


def test_a_file_written_in_the_katas_folder_is_told_relative_to_it(watch: Watch, home: Path):
    watch.test = "test_x.py::test_y"
    (home / "leak.txt").write_text("text", encoding="utf-8")
    trespass, *more = watch.finish()
    assert (str(trespass), more) == ("test_x.py::test_y wrote leak.txt (open)", [])


def test_a_file_written_elsewhere_is_told_by_its_whole_path(watch: Watch, tmp_path: Path):
    (tmp_path / "leak.txt").write_text("text", encoding="utf-8")
    assert told(watch) == [f"wrote {tmp_path / 'leak.txt'} (open)"]


def test_between_the_tests_nobody_is_named():
    assert str(Trespass("wrote leak.txt (open)", "")) == "it wrote leak.txt (open)"


def test_the_same_trespass_is_told_once(watch: Watch, home: Path):
    for _ in range(3):
        (home / "leak.txt").write_text("text", encoding="utf-8")
    assert told(watch) == ["wrote leak.txt (open)"]


def test_a_flood_of_trespasses_is_cut(watch: Watch, home: Path):
    for number in range(200):
        (home / str(number)).touch()
    assert 0 < len(told(watch)) < 100


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="links")
def test_a_link_out_of_an_allowed_folder_is_followed(watch: Watch, tmp_path: Path, home: Path):
    (tmp_path / "allowed" / "link").symlink_to(home / "target.txt")
    (tmp_path / "allowed" / "link").write_text("text", encoding="utf-8")
    assert told(watch) == ["wrote target.txt (open)"]


def test_removing_a_link_is_no_harm_to_what_it_points_to(tmp_path: Path, home: Path):
    (home / "target.txt").touch()
    (home / "link").symlink_to(tmp_path)
    assert list(written("os.remove", (str(home / "link"), -1))) == [str(home / "link")]
    assert list(written("os.chmod", (str(home / "link"), 0o600, -1))) == [str(tmp_path)]


def test_compiled_files_are_pythons_own(watch: Watch, home: Path):
    (home / "__pycache__").mkdir()
    (home / "__pycache__" / "stub.pyc").touch()
    assert told(watch) == []


@pytest.mark.parametrize(
    ("event", "arguments", "paths"),
    [
        ("open", ("/a/b", "r", os.O_RDONLY), []),
        ("open", ("/a/b", "w", WRITE), ["/a/b"]),
        ("open", (b"/a/b", None, WRITE), ["/a/b"]),
        ("open", (Path("/a/b"), None, WRITE), ["/a/b"]),
        ("open", (3, "w", WRITE), []),
        ("open", (os.devnull, "w", WRITE), []),
        ("os.mkdir", ("/a/b", 0o777, -1), ["/a/b"]),
        ("os.rename", ("/a/b", "/c/d", -1, -1), ["/a/b", "/c/d"]),
        ("os.symlink", ("to", "/a/b", -1), ["/a/b"]),
        ("os.link", ("/a/b", "/c/d", -1, -1), ["/c/d"]),
        ("os.truncate", ("/a/b", 0), ["/a/b"]),
        ("os.truncate", (3, 0), []),
        ("os.utime", ("/a/b", None, None, -1), ["/a/b"]),
        ("os.chown", ("/a/b", 0, 0, -1), ["/a/b"]),
        ("os.rmdir", ("/a/b", -1), ["/a/b"]),
        ("sqlite3.connect", (":memory:",), []),
        ("sqlite3.connect", ("",), []),
        ("sqlite3.connect", ("file:shared?mode=memory&cache=shared",), []),
        ("sqlite3.connect", ("file:/a/b?mode=ro",), []),
        ("sqlite3.connect", ("file:/a/b?cache=shared",), ["/a/b"]),
        ("sqlite3.connect", (b"/a/b",), ["/a/b"]),
        ("socket.connect", (None, ("127.0.0.1", 80)), []),
    ],
)
@pytest.mark.skipif(os.sep != "/", reason="paths of POSIX")
def test_what_an_event_writes(event: str, arguments: tuple[object, ...], paths: list[str]):
    assert list(written(event, arguments)) == [os.path.realpath(path) for path in paths]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_path_may_start_from_a_descriptor(tmp_path: Path):
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        assert list(written("os.remove", ("name", folder))) == [str(tmp_path / "name")]
    finally:
        os.close(folder)


def test_a_database_is_a_file_too(watch: Watch, home: Path):
    sqlite3.connect(home / "shop.db").close()
    sqlite3.connect(":memory:").close()
    assert told(watch) == ["wrote shop.db (sqlite3.connect)"]


@pytest.mark.parametrize(
    ("event", "arguments", "said"),
    [
        ("socket.connect", (None, ("127.0.0.1", 80)), []),
        ("socket.connect", (None, ("192.0.2.1", 80)), ["used the address 192.0.2.1:80"]),
        ("socket.connect", (None, ("::1", 80, 0, 0)), []),
        ("socket.connect", (None, "/run/socket"), []),
        ("socket.connect", (None, (0, 0)), []),
        ("socket.bind", (None, ("", 8000)), ["used the address *:8000"]),
        ("socket.bind", (None, ("localhost", 8000)), []),
        ("socket.sendto", (None, ("example.com", 53)), ["used the address example.com:53"]),
        ("socket.getaddrinfo", ("example.com", 80, 0, 0, 0), ["looked up example.com"]),
        ("socket.getaddrinfo", (b"example.com", 80, 0, 0, 0), ["looked up example.com"]),
        ("socket.getaddrinfo", ("192.0.2.1", 80, 0, 0, 0), []),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0), []),
        ("socket.gethostbyname", ("localhost",), []),
        ("open", ("/a", "w", 1), []),
    ],
)
def test_whom_an_event_reaches(event: str, arguments: tuple[object, ...], said: list[str]):
    assert list(reached(event, arguments)) == said


@pytest.mark.parametrize(
    ("host", "mine"),
    [
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("fe80::1%lo", False),
        ("0.0.0.0", False),
        ("LOCALHOST.", True),
        ("shop.localhost", True),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_what_this_machine_is_called(host: str, mine: bool):
    assert is_loopback(host) is mine


def test_a_socket_bound_to_every_address_is_told(watch: Watch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as everywhere, socket.socket() as here:
        everywhere.bind(("", 0))
        here.bind(("127.0.0.1", 0))
    assert told(watch) == ["used the address *:0 (socket.bind)"]


def test_variables_left_added_changed_and_removed_are_told_by_name(monkeypatch: pytest.MonkeyPatch, home: Path):
    monkeypatch.setenv("CHANGED", "before")
    monkeypatch.setenv("REMOVED", "before")
    monkeypatch.setenv("KEPT", "before")
    watch = Watch([], home)
    watch.start()
    monkeypatch.setenv("ADDED", "secret")
    monkeypatch.setenv("CHANGED", "secret")
    monkeypatch.delenv("REMOVED")
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "pytest's own")
    names = ("ADDED", "CHANGED", "REMOVED")
    assert told(watch) == [f"left the environment variable {name} changed" for name in names]


def test_another_working_folder_is_a_change(monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    watch = Watch([], home)
    watch.start()
    monkeypatch.chdir(home)
    assert told(watch) == ["left the working folder changed"]


@pytest.mark.skipif(sys.platform == "win32", reason="a folder one stands in cannot be removed there")
def test_a_working_folder_that_is_gone_is_a_change(monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path):
    monkeypatch.chdir(home)
    watch = Watch([tmp_path], home)
    watch.start()
    home.rmdir()
    assert told(watch) == ["left the working folder changed"]


def test_a_thread_that_goes_on_is_told_and_one_about_to_end_is_waited_for(watch: Watch):
    end = threading.Event()
    for name, wait in (("stays", end.wait), ("goes", threading.Event().wait)):
        seconds = 10.0 if name == "stays" else 0.02
        threading.Thread(target=wait, args=(seconds,), name=name, daemon=True).start()
    try:
        assert told(watch) == ["left the thread stays running"]
    finally:
        end.set()


# Python traces no audit hook, so what a hook does is also tested by calling it.


def test_the_hook_tells_what_it_hears(watch: Watch, home: Path, tmp_path: Path):
    watch._hear("open", (str(home / "leak.txt"), "w", WRITE))
    watch._hear("open", (str(tmp_path / "allowed" / "file.txt"), "w", WRITE))
    watch._hear("socket.bind", (None, ("", 80)))
    watch._hear("import", ("json", None, None, None, None))
    assert told(watch) == ["wrote leak.txt (open)", "used the address *:80 (socket.bind)"]


def test_the_hook_swallows_what_it_cannot_read(watch: Watch):
    watch._hear("open", ())
    assert told(watch) == []


def test_the_hook_has_its_fill(watch: Watch, home: Path):
    for number in range(200):
        watch._hear("os.mkdir", (str(home / str(number)), 0o777, -1))
    assert 0 < len(told(watch)) < 100


@pytest.mark.parametrize(
    ("module", "heard"),
    [("_pytest.capture", 0), ("pytest_katas.runner", 0), ("tempfile", 1), ("katas.jwt.test_jwt", 1)],
)
def test_the_hook_asks_who_did_it(watch: Watch, home: Path, module: str, heard: int):
    text = f"watch._hear('os.mkdir', ({str(home / 'made')!r}, 0o777, -1))"
    exec(compile(text, "caller", "exec"), {"__name__": module, "watch": watch})
    assert len(told(watch)) == heard


def test_the_hook_may_be_called_by_nobody_but_the_standard_library(watch: Watch, home: Path):
    thread = threading.Thread(target=watch._hear, args=("os.mkdir", (str(home / "made"), 0o777, -1)))
    thread.start()
    thread.join()
    assert told(watch) == ["wrote made (os.mkdir)"]


def test_what_pytest_does_for_itself_is_not_the_katas_doing(watch: Watch, home: Path):
    # A stand-in for pytest's capture, which makes temporary files whenever a test asks for capfd.
    exec(compile(f"open({str(home / 'mine')!r}, 'w').close()", "capture", "exec"), {"__name__": "_pytest.capture"})
    exec(compile(f"open({str(home / 'yours')!r}, 'w').close()", "kata", "exec"), {"__name__": "katas.jwt.test_jwt"})
    assert told(watch) == ["wrote yours (open)"]


def test_a_thread_of_the_standard_library_alone_is_the_katas_doing(watch: Watch, home: Path):
    thread = threading.Thread(target=os.mkdir, args=(home / "made",))
    thread.start()
    thread.join()
    assert told(watch) == ["wrote made (os.mkdir)"]


def test_a_hook_that_cannot_tell_does_not_disturb_what_it_watches(watch: Watch):
    sys.audit("open", object(), "w", WRITE)
    assert told(watch) == []


def test_after_its_end_the_watch_is_deaf(watch: Watch, home: Path):
    watch.finish()
    (home / "leak.txt").touch()
    assert told(watch) == []

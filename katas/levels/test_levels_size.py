"""Task 6, on lists of events and on events that really happened."""

import os
import socket
import sqlite3
from pathlib import Path, PurePosixPath

import pytest

from .asking import assert_returns
from .audit import listening
from .testsize import size_of

# --- Task 6: size is not scope ------------------------------------------------

READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)
WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC

SMALL = [
    pytest.param([], id="nothing"),
    pytest.param([("import", ("json", None, [], [], [])), ("object.__getattr__", (0, "x"))], id="imports"),
    pytest.param(
        [("open", (name, mode, READ)) for name in ("a.txt", "w+") for mode in ("r", "rb", None)],
        id="reading",
    ),
    pytest.param([("sqlite3.connect", (":memory:",)), ("sqlite3.connect/handle", (0,))], id="a-database-in-memory"),
    pytest.param([("socket.__new__", (0, 2, 1, 0)), ("socket.gethostname", ())], id="a-socket-that-goes-nowhere"),
]

MEDIUM = [
    pytest.param(
        [("subprocess.Popen", ("python", ["python"], None, None)), ("time.sleep", (0,))], id="a-process-or-nap"
    ),
    pytest.param(
        [("sqlite3.connect", (path,)) for path in ("links.db", PurePosixPath("links.db"), "memory", ":memory:.db")],
        id="a-database-in-a-file",
    ),
    pytest.param(
        [*[("open", ("a.txt", mode, WRITE)) for mode in ("w", "wb", "a", "x")], ("open", ("a.txt", "r+", os.O_RDWR))],
        id="writing",
    ),
    pytest.param([("open", ("r", None, flags)) for flags in (WRITE, os.O_WRONLY, os.O_RDWR)], id="writing-by-flags"),
    # Not only for this machine: nobody has come in yet.
    pytest.param(
        [("socket.bind", (0, (host, 8000))) for host in ("127.0.0.1", "0.0.0.0", "::", "192.0.2.7")],  # noqa: S104
        id="a-port",
    ),
    pytest.param(
        [(name, (0, path)) for name in ("socket.connect", "socket.bind") for path in ("/run/a.sock", b"example.com")],
        id="a-unix-socket-whose-address-is-a-path",
    ),
]

THIS_MACHINE = ["localhost", "127.0.0.1", "127.0.0.53", "127.255.255.254", "::1"]
OTHER_MACHINES = [
    pytest.param(["192.0.2.7", "128.0.0.1", "12.7.0.1", "0.127.0.0", "2001:db8::1", "::11", "::2"], id="numbers"),
    pytest.param(
        ["example.com", "localhost.example.com", "mylocalhost", "host-127.0.0.1.example", "1270.example.com"],
        id="names",
    ),
]


def reaching(host):
    """Return the two events of going to a host: looking it up, and connecting to it."""
    address = (host, 443, 0, 0) if ":" in host else (host, 443)
    return [("socket.getaddrinfo", (host, 443, 0, 1, 0)), ("socket.connect", (0, address))]


@pytest.mark.level("unit")
@pytest.mark.task(taskno=6)
@pytest.mark.parametrize("events", SMALL)
def test_what_stays_in_the_process_is_small(events):
    """Reading a file is as small as computing; and names that begin alike are other events."""
    assert_returns("small", size_of, events)


@pytest.mark.level("unit")
@pytest.mark.task(taskno=6)
@pytest.mark.parametrize("events", MEDIUM)
def test_what_uses_the_machine_is_medium(events):
    """Each of these events is enough, alone or among small ones."""
    small = ("open", ("a.txt", "r", READ))
    for event in events:
        assert_returns("medium", size_of, [event])
        assert_returns("medium", size_of, [small, event, small])


@pytest.mark.level("unit")
@pytest.mark.task(taskno=6)
def test_reaching_this_machine_is_medium():
    """An end-to-end test whose server runs here is of this size, whatever its scope."""
    for host in THIS_MACHINE:
        for event in reaching(host):
            assert_returns("medium", size_of, [event])


@pytest.mark.level("unit")
@pytest.mark.task(taskno=6)
@pytest.mark.parametrize("hosts", OTHER_MACHINES)
def test_reaching_another_machine_is_large(hosts):
    """By name or by number; and looking it up is enough."""
    for host in hosts:
        for event in reaching(host):
            assert_returns("large", size_of, [event])


@pytest.mark.level("unit")
@pytest.mark.task(taskno=6)
def test_the_largest_event_counts():
    """In whatever order they come."""
    near, far, nap = reaching("localhost")[1], reaching("example.com")[1], ("time.sleep", (0,))
    for events in ([near, far], [far, near], [nap, far, near], [far, nap], [("import", ("json",)), far]):
        assert_returns("large", size_of, events)


def read(_folder):
    return Path(__file__).read_bytes()


def query_in_memory(_folder):
    sqlite3.connect(":memory:").close()


def query(folder):
    sqlite3.connect(folder / "links.db").close()


def write(folder):
    (folder / "a.txt").write_text("a", encoding="utf-8")


def write_by_descriptor(folder):
    os.close(os.open(folder / "b.txt", WRITE))


def listen(_folder):
    with socket.create_server(("127.0.0.1", 0)):
        pass


def seen_doing(action, folder):
    """Do it, and return what Python's audit hook heard."""
    events = []
    with listening(lambda name, arguments: events.append((name, arguments))):
        action(folder)
    return events


@pytest.mark.level("integration")
@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    ("size", "actions"),
    [("small", [read, query_in_memory]), ("medium", [query, write, write_by_descriptor, listen])],
    ids=["small", "medium"],
)
def test_what_was_really_seen_is_judged_alike(tmp_path, size, actions):
    """Not a list that somebody wrote, but what Python's audit hook heard."""
    for action in actions:
        assert_returns(size, size_of, seen_doing(action, tmp_path))

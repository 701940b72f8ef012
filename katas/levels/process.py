"""The learner's service as a process of its own, and a client for it: what the end-to-end tests do."""

import errno
import http.client
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from .asking import Answer, Request, assert_answer

HOST = "127.0.0.1"
#: On most systems this is another address of this machine.
NEXT_DOOR = "127.0.0.2"
#: Seconds to wait for an answer, or for an end.
PATIENCE = 5
SERVICE = Path(__file__).with_name("shortlinks.py")


class Service:
    """``python shortlinks.py ...`` in a folder of its own.

    :ivar patience: seconds to wait for its first line, or its end. Less once one was silent: the others will be, too.
    """

    patience = 5.0

    def __init__(self, folder: Path, *arguments: str) -> None:
        folder.mkdir(exist_ok=True)
        self._silent = False
        self.command = " ".join(["python", SERVICE.name, *arguments])
        self._errors = folder / "stderr.txt"
        # Unbuffered output would hide that a line is never flushed.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, str(SERVICE), *arguments],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def port(self) -> int:
        """Return the port that the first line of its output says."""
        __tracebackhide__ = True
        line = self._first_line()
        wanted = "the first line of its output is a port, and nothing else"
        self._see_that_it_is_written(wanted)
        if not line.rstrip(b"\r\n").isdigit():
            pytest.fail(
                f"{self.command}\n  expected: {wanted}"
                f"\n  actual:   {self._silence() if not line else repr(line)}{self.last_words()}"
            )
        return int(line)

    def refusal(self) -> int:
        """Return the exit status with which it ended by itself, having said nothing on standard output."""
        __tracebackhide__ = True
        wanted = "it ends at once and prints nothing"
        asked = f"{self.command}\n  expected: {wanted}\n  actual:  "
        line = self._first_line()
        self._see_that_it_is_written(wanted)
        if line:
            pytest.fail(f"{asked} it printed {line!r}")
        if self._silent:
            pytest.fail(f"{asked} it is still running")
        return self._end()

    def stop(self) -> None:
        """Ask it to end, as the operating system does; and see that it does."""
        __tracebackhide__ = True
        self._process.terminate()
        self._end()

    def kill(self) -> None:
        """Leave nothing of it behind."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def last_words(self) -> str:
        """Return the end of what it wrote to standard error, for the one who reads a failure."""
        lines = self._errors.read_text(errors="replace").splitlines()
        return "".join(f"\n  stderr:   {line}" for line in lines[-4:])

    def _end(self) -> int:
        __tracebackhide__ = True
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.command}\n  expected: it ends\n  actual:   {PATIENCE} s later it is still running")

    def _first_line(self) -> bytes:
        pipe = self._process.stdout
        lines: list[bytes] = []
        reader = threading.Thread(target=lambda: lines.append(pipe.readline() if pipe else b""), daemon=True)
        reader.start()
        reader.join(self.patience)
        if reader.is_alive():
            self._silent, Service.patience = True, 1.0
            # Its end is the end of the line, too.
            self._process.kill()
            reader.join()
            return b""
        return lines[0]

    def _silence(self) -> str:
        status = self._process.poll()
        return f"it ended with {status}" if status and not self._silent else "nothing for too long; is it flushed?"

    def _see_that_it_is_written(self, wanted: str) -> None:
        __tracebackhide__ = True
        if "\nNotImplementedError" not in self._errors.read_text(errors="replace"):
            return
        error = NotImplementedError("in another process")
        error.add_note(f"{self.command}\n  expected: {wanted}\n  actual:   not written yet{self.last_words()}")
        raise error


class Client:
    """A user of the service, at the other end of a connection."""

    def __init__(self, service: Service, port: int | None = None) -> None:
        __tracebackhide__ = True
        self._service = service
        self._port = port or service.port()
        self._base = f"http://{HOST}:{self._port}"
        self._meanwhile = ""

    def post(self, url: str, status: int, *, location: str | None = None, body: bytes | None = None) -> Answer:
        """Send the form to /, compare the answer and return it."""
        __tracebackhide__ = True
        form = urlencode({"url": url}).encode()
        return self._assert_answer(Request("POST", "/", form, self._base), status, location, body)

    def get(self, path: str, status: int, *, location: str | None = None, body: bytes | None = None) -> Answer:
        """Ask for a path, compare the answer and return it."""
        __tracebackhide__ = True
        return self._assert_answer(Request("GET", path, None, self._base), status, location, body)

    def assert_private(self) -> None:
        """Take the same port on another address of this machine: it is free, unless all addresses are taken."""
        __tracebackhide__ = True
        taken = False
        with socket.socket() as neighbour:
            try:
                neighbour.bind((NEXT_DOOR, self._port))
            except OSError as error:
                # Any other error says that this system has no such address.
                taken = error.errno == errno.EADDRINUSE
        if taken:
            pytest.fail(
                f"{self._service.command}\n  expected: it listens on {HOST} only"
                f"\n  actual:   it listens on {NEXT_DOOR}, too; so perhaps everywhere"
            )

    @contextmanager
    def stuck(self, beginning: str, shown: str) -> Iterator[None]:
        """Be, as long as the block lasts, somebody else who has begun a request and does not go on.

        :param shown: what a failure calls this beginning.
        """
        with socket.create_connection((HOST, self._port), timeout=PATIENCE) as connection:
            connection.sendall(beginning.encode())
            self._meanwhile = f", while another client has sent only {shown}"
            yield
        self._meanwhile = ""

    def _assert_answer(self, request: Request, status: int, location: str | None, body: bytes | None) -> Answer:
        __tracebackhide__ = True
        connection = http.client.HTTPConnection(HOST, self._port, timeout=PATIENCE)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if request.body else {}
        failure = ""
        try:
            connection.request(request.method, request.path, request.body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.getheader("Location"), response.read())
            length = response.getheader("Content-Length", str(len(answer.body)))
        except TimeoutError:
            failure = f"no answer within {PATIENCE} s"
        except (OSError, http.client.HTTPException) as error:
            failure = repr(error)
        finally:
            connection.close()
        if failure:
            wanted = f"{status}{self._meanwhile}"
            pytest.fail(f"{request}\n  expected: {wanted}\n  actual:   {failure}{self._service.last_words()}")
        more = self._service.last_words() if answer.status >= 500 else ""
        assert_answer(answer, request, status, location=location, body=body, more=more)
        if length != str(len(answer.body)):
            pytest.fail(
                f"{request}\n  expected: Content-Length: {len(answer.body)}\n  actual:   Content-Length: {length}"
            )
        return answer


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]

"""A WebSocket server on this machine, and clients that talk to it; each wait has a deadline.

Nothing to write here.
"""

import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

from .feed import LISTENING

#: Seconds after which a test no longer believes that something will happen. When all is well, it takes none of them.
DEADLINE = 2.0
#: The same, once something has not happened: the feed is wrong already, and the tests after that need not take long.
SHORT_DEADLINE = 0.3

HOST = "127.0.0.1"
#: The request of a client that will not read what it is sent.
UPGRADE = (
    "GET /feed HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Patience:
    """How long the next wait may be."""

    seconds = DEADLINE

    @classmethod
    def ends(cls) -> None:
        """Remember that somebody has waited in vain."""
        cls.seconds = SHORT_DEADLINE


class Stage:
    """One server for all tests of the module; which feed it serves is said test by test.

    :ivar requests: the path of each HTTP request that came; the one that opens a WebSocket is one of them.
    :ivar news: what a polling client gets, who asks for `/news?after=N` over and over.
    """

    def __init__(self) -> None:
        Patience.seconds = DEADLINE
        # What the server has to say of a feed is said by the tests.
        silent = logging.getLogger(f"{__name__}.server")
        silent.disabled = True
        listening = socket.create_server((HOST, 0))
        # What a client does not read soon stops the one who sends it, as it would after some megabytes in real life.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**14)
        self._address = listening.getsockname()
        self._server = serve(
            self._handle,
            sock=listening,
            process_request=self._answer,
            compression=None,
            close_timeout=1,
            logger=silent,
        )
        # Daemons, as are the threads they start: a handler that never returns keeps nobody from leaving.
        self._thread = threading.Thread(target=self._server.serve_forever, name="the server", daemon=True)
        self._thread.start()
        self._handler: Callable[[ServerConnection], None] | None = None
        self._stuck = False
        self._begin()

    def _begin(self) -> None:
        self.requests: list[str] = []
        self.news: list[str] = []
        self._calls: list[Call] = []
        self._before: Callable[[ServerConnection], None] = bool
        self._open = contextlib.ExitStack()

    def close(self) -> None:
        """Stop the server, if its handlers let it."""
        ending = threading.Thread(target=self._server.shutdown, name="the end of the server", daemon=True)
        ending.start()
        if not self._stuck:
            ending.join(Patience.seconds)
            self._thread.join(Patience.seconds)

    @contextlib.contextmanager
    def serving(self, feed: Any) -> Iterator[None]:
        """Hand new connections to the feed; in the end stop it, and hang up on everybody."""
        self._begin()
        self._handler = feed.handler
        try:
            yield
        finally:
            self._handler = None
            # First the clients: a feed that waits for one of them waits no more.
            self._open.close()
            with contextlib.suppress(Exception, pytest.fail.Exception):
                back_in_time(feed.stop)
            # That its handlers end is the matter of some tests; all others wait for it, so as not to meet the next.
            self._stuck = self._stuck or not wait_for(lambda: not self.serves())

    def serves(self) -> int:
        """Return how many calls of the feed's handler have not ended."""
        return sum(not one.ended for one in self._calls)

    def serves_only(self, count: int, meanwhile: Callable[[], object] = bool) -> None:
        """Fail unless, before the deadline, all calls of the feed's handler but so many return; none may raise."""
        __tracebackhide__ = True
        if not wait_for(lambda: meanwhile() or self.serves() == count):
            pytest.fail(f"calls of Feed.handler that still run\n  expected: {count}\n  actual:   {self.serves()}")
        if self.woe():
            pytest.fail(f"calls of Feed.handler\n  expected: they return\n  actual:   {self._raised()}")

    def client(self, once_it_listens: Callable[[], object] | None = None) -> "Client":
        """Connect a client, and let it hear that it is listening: from here on it misses nothing.

        :param once_it_listens: called in another thread as soon as LISTENING has been sent, while
            ``connection.send`` has not returned.
        """
        __tracebackhide__ = True
        called = threading.Event()
        if once_it_listens:
            self._before = lambda connection: _call_after_the_greeting(connection, once_it_listens, called)
        client = self.newcomer()
        client.hears(LISTENING)
        if once_it_listens:
            called.wait(Patience.seconds)
        self._before = bool
        return client

    def passer_by(self) -> None:
        """Connect a client that has gone when the feed's handler is called for it."""
        has_come = threading.Event()

        def wait_till_it_has_gone(connection: ServerConnection) -> None:
            has_come.set()
            wait_for(lambda: connection.protocol.state is State.CLOSED)

        self._before = wait_till_it_has_gone
        client = self.newcomer()
        has_come.wait(DEADLINE)
        client.vanishes()
        self._before = bool

    def newcomer(self) -> "Client":
        """Connect a client that has heard nothing yet."""
        # One cannot use it in any other way but as a context manager, since 17.1.
        connecting = connect(f"ws://{HOST}/feed", sock=self._socket(), compression=None, close_timeout=0.1)
        return Client(self, self._open.enter_context(connecting))

    def deaf_client(self) -> None:
        """Connect a client that hears that it is listening, and does not read another byte."""
        __tracebackhide__ = True
        deaf = self._open.enter_context(self._socket())
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**12)
        deaf.sendall(UPGRADE.encode())
        heard = b""
        while LISTENING.encode() not in heard:
            try:
                more = deaf.recv(2**12)
            except TimeoutError:
                more = b""
            if not more:
                pytest.fail(f"a client of the feed\n  expected: {LISTENING!r}\n  actual:   {heard!r}{self.woe()}")
            heard += more

    def poll(self, after: int) -> list[str]:
        """Ask by HTTP what there is after the first so many messages: one request, one answer, as ever."""
        asking = HTTPConnection(*self._address, timeout=DEADLINE)
        with contextlib.closing(asking):
            asking.request("GET", f"/news?after={after}")
            return json.loads(asking.getresponse().read())

    def _socket(self) -> socket.socket:
        made = socket.create_connection(self._address, timeout=DEADLINE)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
        return made

    def _answer(self, connection: ServerConnection, request: Any) -> Any:
        """Fires for each HTTP request; None lets the handshake begin."""
        self.requests.append(request.path)
        path, _, after = request.path.partition("?after=")
        return connection.respond(200, json.dumps(self.news[int(after) :])) if path == "/news" else None

    def _handle(self, connection: ServerConnection) -> None:
        call = Call()
        self._calls.append(call)
        handler = self._handler
        try:
            if handler:
                self._before(connection)
                handler(connection)
        except Exception as error:  # noqa: BLE001 - the test is to tell it, not this thread
            call.error = error
        finally:
            call.ended = True

    def woe(self) -> str:
        """Return a line about what a handler raised, if one did."""
        raised = self._raised()
        return f"\n  calls of Feed.handler: {raised}" if raised else ""

    def _raised(self) -> str:
        errors = [f"one raised {type(one.error).__name__}: {one.error}" for one in self._calls if one.error]
        return errors[0] if errors else ""


def _call_after_the_greeting(
    connection: ServerConnection, function: Callable[[], object], called: threading.Event
) -> None:
    send = connection.send

    def run() -> None:
        with contextlib.suppress(Exception):  # The client will tell what it did not hear.
            function()
        called.set()

    def send_and_call(message: Any, *arguments: Any, **named: Any) -> None:
        send(message, *arguments, **named)
        if message == LISTENING:
            calling = threading.Thread(target=run, name="a call in between", daemon=True)
            calling.start()
            # It may have to wait until the feed has done with this client; then that comes first.
            calling.join(0.2)

    connection.send = send_and_call  # type: ignore[method-assign]


class Call:
    """One call of a feed's handler: whether it is over, and what it raised."""

    ended = False
    error: Exception | None = None


class Client:
    """A client of a feed, who fails the test if it is not told what it should be."""

    def __init__(self, stage: Stage, connection: ClientConnection) -> None:
        self._stage = stage
        self._connection = connection

    def hears(self, *messages: str) -> None:
        """Read as many messages; anything but these, in this order, fails."""
        __tracebackhide__ = True
        for number, message in enumerate(messages):
            if (actual := self._next()) != message:
                so_far = f"\n  after:    {_short(messages[number - 1])}" if number else ""
                pytest.fail(
                    f"a client of the feed{so_far}\n  expected: {_short(message)}\n  actual:   {_short(actual)}"
                    f"{self._stage.woe()}"
                )

    def is_sent_away(self, *messages: str) -> None:
        """Read these messages, and then nothing but the end, with code 1001."""
        __tracebackhide__ = True
        self.hears(*messages, closed_with(1001))

    def is_sent_away_at_once(self) -> None:
        """Read nothing but the end, with code 1001; LISTENING may come before it."""
        __tracebackhide__ = True
        heard = self._next()
        if heard == LISTENING:
            heard = self._next()
        if heard != closed_with(1001):
            pytest.fail(
                f"a client of the feed\n  expected: {closed_with(1001)}\n  actual:   {_short(heard)}{self._stage.woe()}"
            )

    def goes(self) -> None:
        """Close the connection as one should: Close, Close."""
        self._connection.close()

    def vanishes(self) -> None:
        """Go without a word, as one does who loses the network."""
        self._connection.socket.shutdown(socket.SHUT_RDWR)

    def _next(self) -> str:
        try:
            return str(self._connection.recv(timeout=Patience.seconds))
        except TimeoutError:
            nothing = Instead(f"nothing in {Patience.seconds:g} s")
            Patience.ends()
            return nothing
        except ConnectionClosed as closed:
            return closed_with(closed.rcvd.code if closed.rcvd else None)


class Instead(str):
    """What came in the place of a message: shown as it is."""

    __slots__ = ()
    __repr__ = str.__str__


def closed_with(code: int | None) -> Instead:
    """Write what a client meets who reads on when all is over."""
    return Instead("the connection is closed, " + (f"with code {code}" if code else "without a Close"))


def back_in_time(function: Callable[..., None], *arguments: object) -> None:
    """Call the function in another thread; it fails the test with what it raises, or by not coming back."""
    __tracebackhide__ = True
    with in_another_thread(function, *arguments):
        pass


@contextlib.contextmanager
def in_another_thread(
    function: Callable[..., None], *arguments: object, comes_back: bool = True
) -> Iterator[threading.Thread]:
    """Let the function run while the block does; it fails the test with what it raises, or by not coming back."""
    __tracebackhide__ = True
    caught: list[BaseException] = []

    def run() -> None:
        try:
            function(*arguments)
        except BaseException as error:  # noqa: BLE001 - raised again below
            caught.append(error)

    thread = threading.Thread(target=run, name=f"a call of {function.__name__}", daemon=True)
    thread.start()
    yield thread
    if comes_back:
        thread.join(waited := Patience.seconds)
    if caught:
        raise caught[0]
    if comes_back and thread.is_alive():
        Patience.ends()
        pytest.fail(f"{function.__name__}\n  expected: it returns\n  actual:   it was not back in {waited:g} s")


def wait_for(condition: Callable[[], bool]) -> bool:
    """Ask until it is so; say whether it was before the deadline."""
    until = time.monotonic() + Patience.seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > until:
            Patience.ends()
            return False
        pause.wait(0.001)
    return True


def _short(message: str) -> str:
    return repr(message) if len(message) <= 60 else f"{message[:20]!r} ... ({len(message)} letters)"

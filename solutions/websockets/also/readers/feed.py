"""Kata: a feed on a live WebSocket server (task 9). The library does the frames; who hears what is yours.

`serve` listens, does the handshake, and calls `feed.handler(connection)` for each client, in a thread of
that client's own. When the handler returns, the connection is closed. To see it run:

    from websockets.sync.server import serve

    feed = Feed()
    with serve(feed.handler, "127.0.0.1", 8765) as server:
        server.serve_forever()
"""

from __future__ import annotations

import contextlib
import threading

from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.sync.server import ServerConnection

#: What a client is told first: from here on it misses nothing.
LISTENING = "listening"


class Link:
    """A message that may be yet to come, and the link after it."""

    def __init__(self, *, is_last: bool = False) -> None:
        self.has_come = threading.Event()
        self.message: str | None = None
        self.next = self
        self.is_last = is_last


class Feed:
    """News for everybody who listens."""

    def __init__(self) -> None:
        """Begin without clients."""
        # Messages are a chain; who listens walks along it, and what all have passed is nobody's any more.
        self._end = Link()
        self._lock = threading.Lock()

    def handler(self, connection: ServerConnection) -> None:
        """Serve one client: LISTENING, then all that is published from now on, once and in order.

        Return when the client has gone, or when the feed has stopped.
        """
        link = self._end
        with contextlib.suppress(ConnectionClosedOK, ConnectionClosedError):
            if not link.is_last:
                connection.send(LISTENING)
            while not link.is_last:
                link.has_come.wait()
                if link.message is not None:
                    connection.send(link.message)
                link = link.next
            connection.close(1001)

    def publish(self, message: str) -> None:
        """Let every client have the message, and return at once, whatever the clients do."""
        with self._lock:
            if not self._end.is_last:
                self._append(message)

    def _append(self, message: str | None, *, is_last: bool = False) -> None:
        link, self._end = self._end, Link(is_last=is_last)
        link.message, link.next = message, self._end
        link.has_come.set()

    def stop(self) -> None:
        """Let every client have what was published before, then close its connection with 1001."""
        with self._lock:
            if not self._end.is_last:
                self._append(None, is_last=True)

"""Kata: a feed on a live WebSocket server (task 9). The library does the frames; who hears what is yours.

`serve` listens, does the handshake, and calls `feed.handler(connection)` for each client, in a thread of
that client's own. When the handler returns, the connection is closed. To see it run:

    from websockets.sync.server import serve

    feed = Feed()
    with serve(feed.handler, "127.0.0.1", 8765) as server:
        server.serve_forever()
"""

from __future__ import annotations

import threading
from collections import deque

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

#: What a client is told first: from here on it misses nothing.
LISTENING = "listening"


class Feed:
    """News for everybody who listens."""

    def __init__(self) -> None:
        """Begin without clients."""
        self.news = threading.Condition()
        self.waiting: dict[ServerConnection, deque[str]] = {}
        self.stopped = False

    def handler(self, connection: ServerConnection) -> None:
        """Serve one client: LISTENING, then all that is published from now on, once and in order.

        Return when the client has gone, or when the feed has stopped.
        """
        with self.news:
            if not self.stopped:
                self.waiting[connection] = deque()
        try:
            connection.send(LISTENING)
            while (batch := self.next_batch(connection)) is not None:
                for message in batch:
                    connection.send(message)
        except ConnectionClosed:
            return
        finally:
            with self.news:
                self.waiting.pop(connection, None)
        connection.close(1001, "the feed has stopped")

    def publish(self, message: str) -> None:
        """Let every client have the message, and return at once, whatever the clients do."""
        with self.news:
            if not self.stopped:
                for messages in self.waiting.values():
                    messages.append(message)
                self.news.notify_all()

    def next_batch(self, connection: ServerConnection) -> list[str] | None:
        """Wait for news; None when there will be no more."""
        with self.news:
            self.news.wait_for(lambda: self.stopped or self.waiting[connection])
            batch = list(self.waiting.get(connection, ()))
            if not batch:
                return None
            self.waiting[connection].clear()
            return batch

    def stop(self) -> None:
        """Let every client have what was published before, then close its connection with 1001."""
        with self.news:
            self.stopped = True
            self.news.notify_all()

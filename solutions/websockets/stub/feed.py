"""Kata: a feed on a live WebSocket server (task 9). The library does the frames; who hears what is yours.

`serve` listens, does the handshake, and calls `feed.handler(connection)` for each client, in a thread of
that client's own. When the handler returns, the connection is closed. To see it run:

    from websockets.sync.server import serve

    feed = Feed()
    with serve(feed.handler, "127.0.0.1", 8765) as server:
        server.serve_forever()
"""

from __future__ import annotations

import queue
import threading

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

#: What a client is told first: from here on it misses nothing.
LISTENING = "listening"


class Feed:
    """News for everybody who listens."""

    def __init__(self) -> None:
        """Begin without clients."""
        raise NotImplementedError

    def handler(self, connection: ServerConnection) -> None:
        """Serve one client: LISTENING, then all that is published from now on, once and in order.

        Return when the client has gone, or when the feed has stopped.
        """
        raise NotImplementedError

    def publish(self, message: str) -> None:
        """Let every client have the message, and return at once, whatever the clients do."""
        raise NotImplementedError

    def stop(self) -> None:
        """Let every client have what was published before, then close its connection with 1001."""
        raise NotImplementedError

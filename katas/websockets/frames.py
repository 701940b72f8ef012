"""Kata: what a WebSocket does that HTTP does not (RFC 6455), without any socket.

HTTP: the client asks, the server answers. WebSocket: ONE HTTP request asks for an upgrade; after
"101 Switching Protocols" the same TCP connection carries frames in both directions, whenever either
side has something to say. You write the bytes by hand (standard library only), and count what polling
costs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0


class ProtocolError(Exception):
    """The peer broke the protocol: close the connection with `code`."""

    def __init__(self, message: str, code: int = 1002) -> None:  # given
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Frame:
    opcode: int
    payload: bytes = b""
    fin: bool = True


# --- Task 1: polling or pushing? ----------------------------------------------


@dataclass(frozen=True)
class Cost:
    requests: int  # client-to-server requests, handshake included
    delivered: int  # events the client knows about at the end
    worst_delay: float  # seconds from an event to its arrival (0.0 when nothing was delivered)


def polling(events: Sequence[float], *, interval: float, duration: float) -> Cost:
    """Cost of asking at interval, 2*interval, ... up to and including `duration`.

    `events` are the times when something happens on the server. A poll at time t fetches every event
    with time <= t that was not fetched before.
    """
    raise NotImplementedError


def pushing(events: Sequence[float], *, latency: float, duration: float) -> Cost:
    """Cost of a WebSocket: one handshake request at time 0, then each event arrives `latency` later.

    Events that would arrive after `duration` are not delivered.
    """
    raise NotImplementedError


# --- Task 2: the handshake key ------------------------------------------------


def accept_key(key: str) -> str:
    """Return the Sec-WebSocket-Accept for a Sec-WebSocket-Key: base64(SHA-1(key + GUID)).

    >>> accept_key("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    raise NotImplementedError


# --- Task 3: the server's side of the handshake -------------------------------


def handshake(method: str, headers: Mapping[str, str], *, origins: Sequence[str] = ()) -> tuple[int, dict[str, str]]:
    """Answer an upgrade request with (status, response headers).

    Header names are case-insensitive; so are "websocket" in Upgrade and "upgrade" in Connection, and
    both may be lists ("keep-alive, Upgrade").

    * 101 with Upgrade, Connection and Sec-WebSocket-Accept when all is well;
    * 405 with Allow: GET for another method;
    * 400 for a missing or wrong Upgrade, Connection or Sec-WebSocket-Key (base64 of exactly 16 bytes);
    * 426 with Sec-WebSocket-Version: 13 for another version;
    * 403 when `origins` is not empty and the Origin (browsers send it) is not one of them; a request
      without Origin is not from a browser and is fine.
    """
    raise NotImplementedError


# --- Task 4: write a frame ----------------------------------------------------


def mask(data: bytes, key: bytes) -> bytes:
    """XOR data with the 4-byte key, repeated. Doing it twice gives the data back."""
    raise NotImplementedError


def encode_frame(frame: Frame, mask_key: bytes | None = None) -> bytes:
    """Return the bytes of a frame, masked when a 4-byte mask_key is given (clients MUST, servers MUST NOT).

    Lengths: 0-125 in the second byte; 126 then 2 bytes; 127 then 8 bytes; big-endian, and the shortest
    form that fits. ValueError for a control frame (opcode >= 8) that is fragmented or longer than 125.
    """
    raise NotImplementedError


# --- Task 5: read a frame -----------------------------------------------------


def decode_frame(data: bytes, *, from_client: bool, max_size: int = 2**20) -> tuple[Frame, bytes] | None:
    """Return (first frame, bytes after it), or None when `data` does not hold a whole frame yet.

    ProtocolError 1002: masked frame from a server, unmasked frame from a client, reserved bits set,
    unknown opcode, fragmented or long control frame. ProtocolError 1009: longer than max_size (say
    so as soon as the length is known, before the payload has arrived).
    """
    raise NotImplementedError


# --- Task 6: close and ping ---------------------------------------------------


def close_frame(code: int, reason: str = "") -> Frame:
    """Return a Close frame: 2 bytes of code, then the reason in UTF-8.

    ValueError for codes that must not be sent: below 1000, 1004, 1005, 1006, 1015, 1016-2999 and
    above 4999; and when code and reason are longer than 125 bytes.
    """
    raise NotImplementedError


def parse_close(payload: bytes) -> tuple[int, str]:
    """Return (code, reason) of a Close frame's payload; (1005, "") when it is empty.

    ProtocolError 1002 for one byte or a code that must not be sent; ProtocolError 1007 for a reason
    that is not UTF-8.
    """
    raise NotImplementedError


def reply_to(frame: Frame) -> Frame | None:
    """Return the frame that must be sent back at once.

    A Pong with the same payload for a Ping, a Close with the same code for a Close (an empty Close for
    an empty one), None for everything else.
    """
    raise NotImplementedError


# --- Task 7: messages ---------------------------------------------------------


def messages(frames: Sequence[Frame]) -> list[str | bytes]:
    """Return the complete messages in a sequence of frames: str for text, bytes for binary.

    A message may be cut into fragments: first TEXT/BINARY with fin=False, then CONTINUATION frames, the
    last with fin=True. Control frames may come in between and are not part of a message. ProtocolError
    1002 for a continuation without a start and for a new message inside a message; 1007 for text that
    is not UTF-8 (decode the WHOLE message: a character may be cut in two). An unfinished message is
    not returned.
    """
    raise NotImplementedError

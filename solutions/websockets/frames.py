"""Kata: what a WebSocket does that HTTP does not (RFC 6455), without any socket.

HTTP: the client asks, the server answers. WebSocket: ONE HTTP request asks for an upgrade; after
"101 Switching Protocols" the same TCP connection carries frames in both directions, whenever either
side has something to say. You write the bytes by hand (standard library only), and count what polling
costs.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0
OPCODES = frozenset({TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION})
VERSION = "13"

# The first two bytes of a frame, RFC 6455 section 5.2.
FIN, RESERVED = 0x80, 0x70
MASKED, SHORT, LENGTH_16, LENGTH_64 = 0x80, 125, 126, 127

#: The close codes that may be on the wire: RFC 6455 section 7.4, and 1012-1014 of the IANA registry.
SENDABLE = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})


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
    polls = math.floor(duration / interval)
    # The poll that fetches an event: the first one at its time or later, and there is none at time 0.
    fetched = ((event, max(1, math.ceil(event / interval))) for event in events)
    delays = [number * interval - event for event, number in fetched if number <= polls]
    return Cost(polls, len(delays), max(delays, default=0.0))


def pushing(events: Sequence[float], *, latency: float, duration: float) -> Cost:
    """Cost of a WebSocket: one handshake request at time 0, then each event arrives `latency` later.

    Events that would arrive after `duration` are not delivered.
    """
    delivered = sum(event + latency <= duration for event in events)
    return Cost(1, delivered, latency if delivered else 0.0)


# --- Task 2: the handshake key ------------------------------------------------


def accept_key(key: str) -> str:
    """Return the Sec-WebSocket-Accept for a Sec-WebSocket-Key: base64(SHA-1(key + GUID)).

    >>> accept_key("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    # SHA-1 is broken where it guards secrets; here there is none to guard.
    digest = hashlib.sha1((key + GUID).encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


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
    fields = {name.lower(): value for name, value in headers.items()}
    key = fields.get("sec-websocket-key", "")
    if method != "GET":
        return 405, {"Allow": "GET"}
    if "websocket" not in _tokens(fields, "upgrade") or "upgrade" not in _tokens(fields, "connection"):
        return 400, {}
    if fields.get("sec-websocket-version") != VERSION:
        return 426, {"Sec-WebSocket-Version": VERSION}
    if not _is_nonce(key):
        return 400, {}
    if origins and "origin" in fields and fields["origin"] not in origins:
        return 403, {}
    return 101, {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept_key(key)}


def _tokens(fields: Mapping[str, str], name: str) -> list[str]:
    return [token.strip().lower() for token in fields.get(name, "").split(",")]


def _is_nonce(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except ValueError:  # binascii.Error is one, and so is the complaint about letters beyond ASCII
        return False


# --- Task 4: write a frame ----------------------------------------------------


def mask(data: bytes, key: bytes) -> bytes:
    """XOR data with the 4-byte key, repeated. Doing it twice gives the data back."""
    return bytes(byte ^ key_byte for byte, key_byte in zip(data, itertools.cycle(key)))


def encode_frame(frame: Frame, mask_key: bytes | None = None) -> bytes:
    """Return the bytes of a frame, masked when a 4-byte mask_key is given (clients MUST, servers MUST NOT).

    Lengths: 0-125 in the second byte; 126 then 2 bytes; 127 then 8 bytes; big-endian, and the shortest
    form that fits. ValueError for a control frame (opcode >= 8) that is fragmented or longer than 125.
    """
    length = len(frame.payload)
    if frame.opcode >= CLOSE and (not frame.fin or length > SHORT):
        raise ValueError(f"a control frame is whole and has at most {SHORT} bytes")
    first = FIN * frame.fin | frame.opcode
    masked = 0 if mask_key is None else MASKED
    if length <= SHORT:
        header = struct.pack("!BB", first, masked | length)
    elif length <= 0xFFFF:
        header = struct.pack("!BBH", first, masked | LENGTH_16, length)
    else:
        header = struct.pack("!BBQ", first, masked | LENGTH_64, length)
    return header + (frame.payload if mask_key is None else mask_key + mask(frame.payload, mask_key))


# --- Task 5: read a frame -----------------------------------------------------


def decode_frame(data: bytes, *, from_client: bool, max_size: int = 2**20) -> tuple[Frame, bytes] | None:
    """Return (first frame, bytes after it), or None when `data` does not hold a whole frame yet.

    ProtocolError 1002: masked frame from a server, unmasked frame from a client, reserved bits set,
    unknown opcode, fragmented or long control frame. ProtocolError 1009: longer than max_size (say
    so as soon as the length is known, before the payload has arrived).
    """
    if len(data) < 2:
        return None
    first, second = data[:2]
    fin, opcode, length = bool(first & FIN), first & 0x0F, second & 0x7F
    if first & RESERVED or opcode not in OPCODES:
        raise ProtocolError("a reserved bit or opcode, and no extension was agreed on")
    if bool(second & MASKED) is not from_client:
        raise ProtocolError("a client masks its frames, and a server does not")
    if opcode >= CLOSE and (not fin or length > SHORT):
        raise ProtocolError(f"a control frame is whole and has at most {SHORT} bytes")

    at = 2
    if length > SHORT:
        at += 2 if length == LENGTH_16 else 8
        if len(data) < at:
            return None
        length = int.from_bytes(data[2:at])
    if length > max_size:
        raise ProtocolError(f"a frame of {length} bytes, and {max_size} is the limit", 1009)
    key = data[at : at + 4] if from_client else b""
    at += 4 * from_client
    if len(data) < at + length:
        return None
    payload, rest = data[at : at + length], data[at + length :]
    return Frame(opcode, mask(payload, key) if from_client else payload, fin), rest


# --- Task 6: close and ping ---------------------------------------------------


def close_frame(code: int, reason: str = "") -> Frame:
    """Return a Close frame: 2 bytes of code, then the reason in UTF-8.

    ValueError for codes that must not be sent: below 1000, 1004, 1005, 1006, 1015, 1016-2999 and
    above 4999; and when code and reason are longer than 125 bytes.
    """
    if code not in SENDABLE:
        raise ValueError(f"{code} is no code to be sent")
    payload = struct.pack("!H", code) + reason.encode()
    if len(payload) > SHORT:
        raise ValueError(f"code and reason have {len(payload)} bytes, and {SHORT} is the limit")
    return Frame(CLOSE, payload)


def parse_close(payload: bytes) -> tuple[int, str]:
    """Return (code, reason) of a Close frame's payload; (1005, "") when it is empty.

    ProtocolError 1002 for one byte or a code that must not be sent; ProtocolError 1007 for a reason
    that is not UTF-8.
    """
    if not payload:
        return 1005, ""
    code = int.from_bytes(payload[:2])
    if code not in SENDABLE:  # nor is half a code
        raise ProtocolError("a Close with half a code, or with one that nobody sends")
    return code, _text(payload[2:])


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ProtocolError("a text that is not UTF-8", 1007) from error


def reply_to(frame: Frame) -> Frame | None:
    """Return the frame that must be sent back at once.

    A Pong with the same payload for a Ping, a Close with the same code for a Close (an empty Close for
    an empty one), None for everything else.
    """
    if frame.opcode == PING:
        return Frame(PONG, frame.payload)
    if frame.opcode == CLOSE:
        return Frame(CLOSE, frame.payload[:2])
    return None


# --- Task 7: messages ---------------------------------------------------------


def messages(frames: Sequence[Frame]) -> list[str | bytes]:
    """Return the complete messages in a sequence of frames: str for text, bytes for binary.

    A message may be cut into fragments: first TEXT/BINARY with fin=False, then CONTINUATION frames, the
    last with fin=True. Control frames may come in between and are not part of a message. ProtocolError
    1002 for a continuation without a start and for a new message inside a message; 1007 for text that
    is not UTF-8 (decode the WHOLE message: a character may be cut in two). An unfinished message is
    not returned.
    """
    complete: list[str | bytes] = []
    kind, parts = None, []
    for frame in frames:
        if frame.opcode >= CLOSE:
            continue
        if (frame.opcode == CONTINUATION) is not (kind is not None):
            raise ProtocolError("a fragment without a beginning, or a beginning inside of a message")
        kind = frame.opcode if kind is None else kind
        parts.append(frame.payload)
        if frame.fin:
            whole = b"".join(parts)
            complete.append(_text(whole) if kind == TEXT else whole)
            kind, parts = None, []
    return complete

"""Kata: what a WebSocket does that HTTP does not (RFC 6455), without any socket.

HTTP: the client asks, the server answers. WebSocket: ONE HTTP request asks for an upgrade; after
"101 Switching Protocols" the same TCP connection carries frames in both directions, whenever either
side has something to say. You write the bytes by hand (standard library only), and count what polling
costs.
"""

from __future__ import annotations

import base64
import binascii
import bisect
import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

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


CONTROL = {CLOSE, PING, PONG}
ALLOWED = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014} | {*range(3000, 5000)}


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
    polls = [interval * number for number in range(1, int(duration / interval) + 1)]
    fetched = [bisect.bisect_left(polls, event) for event in events]
    delays = [polls[number] - event for event, number in zip(events, fetched, strict=True) if number < len(polls)]
    return Cost(len(polls), len(delays), max([0.0, *delays]))


def pushing(events: Sequence[float], *, latency: float, duration: float) -> Cost:
    """Cost of a WebSocket: one handshake request at time 0, then each event arrives `latency` later.

    Events that would arrive after `duration` are not delivered.
    """
    in_time = [event for event in events if event <= duration - latency]
    return Cost(requests=1, delivered=len(in_time), worst_delay=latency * bool(in_time))


# --- Task 2: the handshake key ------------------------------------------------


def accept_key(key: str) -> str:
    """Return the Sec-WebSocket-Accept for a Sec-WebSocket-Key: base64(SHA-1(key + GUID)).

    >>> accept_key("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    return str(base64.b64encode(hashlib.sha1(f"{key}{GUID}".encode(), usedforsecurity=False).digest()), "ascii")


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
    request = CaselessHeaders(headers)
    checks: list[tuple[bool, int, dict[str, str]]] = [
        (method == "GET", 405, {"Allow": "GET"}),
        (request.lists("Upgrade", "websocket"), 400, {}),
        (request.lists("Connection", "upgrade"), 400, {}),
        (request.holds_a_nonce("Sec-WebSocket-Key"), 400, {}),
        (request["Sec-WebSocket-Version"] == "13", 426, {"Sec-WebSocket-Version": "13", "Connection": "close"}),
        (not origins or "Origin" not in request or request["Origin"] in {*origins}, 403, {}),
    ]
    for passed, status, answer in checks:
        if not passed:
            return status, answer
    accept = accept_key(request["Sec-WebSocket-Key"])
    return HTTPStatus.SWITCHING_PROTOCOLS, {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Accept": accept,
    }


class CaselessHeaders:
    def __init__(self, headers: Mapping[str, str]) -> None:
        self._fields = [(name.upper(), value) for name, value in headers.items()]

    def __contains__(self, name: str) -> bool:
        return any(name.upper() == known for known, _ in self._fields)

    def __getitem__(self, name: str) -> str:
        return ",".join(value for known, value in self._fields if known == name.upper())

    def lists(self, name: str, wanted: str) -> bool:
        return wanted in (token.strip().casefold() for token in self[name].split(","))

    def holds_a_nonce(self, name: str) -> bool:
        try:
            nonce = binascii.a2b_base64(self[name], strict_mode=True)
        except ValueError:
            return False
        return len(nonce) == 16


# --- Task 4: write a frame ----------------------------------------------------


def mask(data: bytes, key: bytes) -> bytes:
    """XOR data with the 4-byte key, repeated. Doing it twice gives the data back."""
    # One long number against another, which is how one does it fast in plain Python.
    pattern = (key * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(pattern, "big")).to_bytes(len(data), "big")


def encode_frame(frame: Frame, mask_key: bytes | None = None) -> bytes:
    """Return the bytes of a frame, masked when a 4-byte mask_key is given (clients MUST, servers MUST NOT).

    Lengths: 0-125 in the second byte; 126 then 2 bytes; 127 then 8 bytes; big-endian, and the shortest
    form that fits. ValueError for a control frame (opcode >= 8) that is fragmented or longer than 125.
    """
    match len(frame.payload):
        case length if length <= 125:
            short, extended = length, b""
        case length if frame.opcode >= CLOSE:
            raise ValueError("a long control frame")
        case length if length.bit_length() <= 16:
            short, extended = 126, struct.pack(">H", length)
        case length:
            short, extended = 127, struct.pack(">Q", length)
    if frame.opcode >= CLOSE and not frame.fin:
        raise ValueError("a part of a control frame")
    first = 0b1000_0000 * bool(frame.fin) + frame.opcode
    if mask_key is None:
        return bytes([first, short]) + extended + frame.payload
    return bytes([first, 0b1000_0000 + short]) + extended + mask_key + mask(frame.payload, mask_key)


# --- Task 5: read a frame -----------------------------------------------------


def decode_frame(data: bytes, *, from_client: bool, max_size: int = 2**20) -> tuple[Frame, bytes] | None:
    """Return (first frame, bytes after it), or None when `data` does not hold a whole frame yet.

    ProtocolError 1002: masked frame from a server, unmasked frame from a client, reserved bits set,
    unknown opcode, fragmented or long control frame. ProtocolError 1009: longer than max_size (say
    so as soon as the length is known, before the payload has arrived).
    """
    reader = Reader(data)
    try:
        first, second = reader.take(2)
        if first & 0b0111_0000:
            raise ProtocolError("reserved bits")
        if (opcode := first & 0b1111) not in {TEXT, BINARY, CONTINUATION} | CONTROL:
            raise ProtocolError("an opcode that nobody has defined")
        if (second >> 7 == 1) != from_client:
            raise ProtocolError("a mask where there is to be none, or the other way round")
        if opcode in CONTROL and (not first >> 7 or second & 0b0111_1111 > 125):
            raise ProtocolError("control frames are short and whole")
        match second & 0b0111_1111:
            case 126:
                length = reader.number(2)
            case 127:
                length = reader.number(8)
            case length:
                pass
        key = reader.take(4) if from_client and length <= max_size else bytes(4)
        if length > max_size:
            raise ProtocolError("longer than we like", 1009)
        payload = mask(reader.take(length), key)
    except Incomplete:
        return None
    return Frame(opcode, payload, first >> 7 == 1), reader.rest


class Incomplete(Exception):
    """There is more to come."""


class Reader:
    def __init__(self, data: bytes) -> None:
        self.rest = data

    def take(self, count: int) -> bytes:
        if count > len(self.rest):
            raise Incomplete
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")


# --- Task 6: close and ping ---------------------------------------------------


def close_frame(code: int, reason: str = "") -> Frame:
    """Return a Close frame: 2 bytes of code, then the reason in UTF-8.

    ValueError for codes that must not be sent: below 1000, 1004, 1005, 1006, 1015, 1016-2999 and
    above 4999; and when code and reason are longer than 125 bytes.
    """
    if (payload := bytes(divmod(code, 256)) if code in ALLOWED else b"") == b"":
        raise ValueError("a code for private use, at most")
    if len(reason.encode()) > 123:
        raise ValueError("a reason in few words, please")
    return Frame(CLOSE, payload + reason.encode())


def parse_close(payload: bytes) -> tuple[int, str]:
    """Return (code, reason) of a Close frame's payload; (1005, "") when it is empty.

    ProtocolError 1002 for one byte or a code that must not be sent; ProtocolError 1007 for a reason
    that is not UTF-8.
    """
    match [*payload]:
        case []:
            return 1005, ""
        case [high, low, *reason] if high * 256 + low in ALLOWED:
            return high * 256 + low, as_text(bytes(reason))
        case _:
            raise ProtocolError("a code that nobody may send")


def as_text(data: bytes) -> str:
    try:
        return data.decode()
    except ValueError:
        raise ProtocolError("not UTF-8", 1007) from None


def reply_to(frame: Frame) -> Frame | None:
    """Return the frame that must be sent back at once.

    A Pong with the same payload for a Ping, a Close with the same code for a Close (an empty Close for
    an empty one), None for everything else.
    """
    if frame.opcode == CLOSE:
        return close_frame(parse_close(frame.payload)[0]) if frame.payload else Frame(CLOSE)
    return Frame(PONG, frame.payload) if frame.opcode == PING else None


# --- Task 7: messages ---------------------------------------------------------


def messages(frames: Sequence[Frame]) -> list[str | bytes]:
    """Return the complete messages in a sequence of frames: str for text, bytes for binary.

    A message may be cut into fragments: first TEXT/BINARY with fin=False, then CONTINUATION frames, the
    last with fin=True. Control frames may come in between and are not part of a message. ProtocolError
    1002 for a continuation without a start and for a new message inside a message; 1007 for text that
    is not UTF-8 (decode the WHOLE message: a character may be cut in two). An unfinished message is
    not returned.
    """
    rest = iter([frame for frame in frames if frame.opcode not in CONTROL])
    complete: list[str | bytes] = []
    for start in rest:
        if start.opcode == CONTINUATION:
            raise ProtocolError("a continuation of nothing")
        parts = [start]
        while not parts[-1].fin:
            if (part := next(rest, None)) is None:
                return complete
            if part.opcode != CONTINUATION:
                raise ProtocolError("a message inside a message")
            parts.append(part)
        whole = b"".join(part.payload for part in parts)
        complete.append({TEXT: as_text, BINARY: bytes}[start.opcode](whole))
    return complete

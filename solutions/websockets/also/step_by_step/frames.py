"""Kata: what a WebSocket does that HTTP does not (RFC 6455), without any socket.

HTTP: the client asks, the server answers. WebSocket: ONE HTTP request asks for an upgrade; after
"101 Switching Protocols" the same TCP connection carries frames in both directions, whenever either
side has something to say. You write the bytes by hand (standard library only), and count what polling
costs.
"""

from __future__ import annotations

import binascii
import hashlib
import re
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
    waiting = sorted(events)
    requests = delivered = 0
    worst_delay = 0.0
    now = interval
    while now <= duration:
        requests += 1
        while waiting and waiting[0] <= now:
            worst_delay = max(worst_delay, now - waiting.pop(0))
            delivered += 1
        now += interval
    return Cost(requests, delivered, worst_delay)


def pushing(events: Sequence[float], *, latency: float, duration: float) -> Cost:
    """Cost of a WebSocket: one handshake request at time 0, then each event arrives `latency` later.

    Events that would arrive after `duration` are not delivered.
    """
    cost = Cost(requests=1, delivered=0, worst_delay=0.0)
    for event in events:
        arrival = event + latency
        if arrival <= duration:
            cost = Cost(1, cost.delivered + 1, max(cost.worst_delay, arrival - event))
    return cost


# --- Task 2: the handshake key ------------------------------------------------


def accept_key(key: str) -> str:
    """Return the Sec-WebSocket-Accept for a Sec-WebSocket-Key: base64(SHA-1(key + GUID)).

    >>> accept_key("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    sha = hashlib.new("sha1", usedforsecurity=False)
    sha.update(key.encode("utf-8"))
    sha.update(GUID.encode("ascii"))
    return binascii.b2a_base64(sha.digest(), newline=False).decode("ascii")


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
    answer = {"Server": "by-hand"}
    names = {name.casefold(): name for name in headers}

    def header(name: str) -> str | None:
        return headers[names[name]] if name in names else None

    # In this order a stranger learns least.
    origin = header("origin")
    if origins and origin is not None and not any(origin == known for known in origins):
        return 403, answer
    if method != "GET":
        answer["Allow"] = "GET"
        return 405, answer
    key = header("sec-websocket-key") or ""
    if not re.fullmatch("[A-Za-z0-9+/]{22}==", key):
        return 400, answer
    if not re.search(r"(?i)(?:^|,)[ \t]*websocket[ \t]*(?:,|$)", header("upgrade") or ""):
        return 400, answer
    if not re.search(r"(?i)(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)", header("connection") or ""):
        return 400, answer
    version = header("sec-websocket-version")
    if version is None:
        return 400, answer
    if version != "13":
        answer |= {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        return 426, answer
    answer["Upgrade"] = "websocket"
    answer["Connection"] = "Upgrade"
    answer["Sec-WebSocket-Accept"] = accept_key(key)
    return 101, answer


# --- Task 4: write a frame ----------------------------------------------------


def mask(data: bytes, key: bytes) -> bytes:
    """XOR data with the 4-byte key, repeated. Doing it twice gives the data back."""
    masked = bytearray(data)
    for i in range(len(masked)):
        masked[i] ^= key[i % 4]
    return bytes(masked)


def encode_frame(frame: Frame, mask_key: bytes | None = None) -> bytes:
    """Return the bytes of a frame, masked when a 4-byte mask_key is given (clients MUST, servers MUST NOT).

    Lengths: 0-125 in the second byte; 126 then 2 bytes; 127 then 8 bytes; big-endian, and the shortest
    form that fits. ValueError for a control frame (opcode >= 8) that is fragmented or longer than 125.
    """
    length = len(frame.payload)
    if frame.opcode & 0x8:
        if not frame.fin:
            raise ValueError("a control frame cannot be fragmented")
        if length > 125:
            raise ValueError("a control frame cannot be that long")
    data = bytearray()
    data.append((0x80 if frame.fin else 0x00) + frame.opcode)
    if length < 126:
        data.append(length)
    elif length < 2**16:
        data.append(126)
        data += length.to_bytes(2, "big")
    else:
        data.append(127)
        data += length.to_bytes(8, "big")
    if mask_key is None:
        data += frame.payload
    else:
        data[1] |= 0x80
        data += mask_key
        data += mask(frame.payload, mask_key)
    return bytes(data)


# --- Task 5: read a frame -----------------------------------------------------


def decode_frame(data: bytes, *, from_client: bool, max_size: int = 2**20) -> tuple[Frame, bytes] | None:
    """Return (first frame, bytes after it), or None when `data` does not hold a whole frame yet.

    ProtocolError 1002: masked frame from a server, unmasked frame from a client, reserved bits set,
    unknown opcode, fragmented or long control frame. ProtocolError 1009: longer than max_size (say
    so as soon as the length is known, before the payload has arrived).
    """
    # What can be known is said as soon as it is known.
    if len(data) < 1:
        return None
    fin = data[0] >= 0x80
    if data[0] % 0x80 >= 0x10:
        raise ProtocolError("reserved bits")
    opcode = data[0] % 0x10
    if opcode in range(3, 8) or opcode in range(0xB, 0x10):
        raise ProtocolError("unknown opcode")
    is_control = opcode >= 8
    if is_control and not fin:
        raise ProtocolError("fragmented control frame")

    if len(data) < 2:
        return None
    is_masked = data[1] >= 0x80
    if is_masked and not from_client:
        raise ProtocolError("masked by a server")
    if from_client and not is_masked:
        raise ProtocolError("not masked by a client")
    length = data[1] % 0x80
    if is_control and length > 125:
        raise ProtocolError("long control frame")

    offset = 2
    if length == 126:
        if len(data) < 4:
            return None
        length = data[2] * 256 + data[3]
        if length < 126:
            raise ProtocolError("not the shortest form")
        offset = 4
    elif length == 127:
        if len(data) < 10:
            return None
        (length,) = struct.unpack("!Q", data[2:10])
        if length < 2**16 or length >= 2**63:
            raise ProtocolError("not the shortest form, or no length at all")
        offset = 10
    if length > max_size:
        raise ProtocolError("too long", code=1009)

    if is_masked:
        if len(data) < offset + 4:
            return None
        mask_key = data[offset : offset + 4]
        offset += 4
    if len(data) - offset < length:
        return None
    payload = data[offset:][:length]
    if is_masked:
        payload = mask(payload, mask_key)
    return Frame(opcode, payload, fin), data[offset:][length:]


# --- Task 6: close and ping ---------------------------------------------------


def close_frame(code: int, reason: str = "") -> Frame:
    """Return a Close frame: 2 bytes of code, then the reason in UTF-8.

    ValueError for codes that must not be sent: below 1000, 1004, 1005, 1006, 1015, 1016-2999 and
    above 4999; and when code and reason are longer than 125 bytes.
    """
    if not may_be_sent(code):
        raise ValueError("this code must not be sent")
    payload = code.to_bytes(2, "big") + reason.encode("utf-8")
    if len(payload) > 125:
        raise ValueError("the reason is too long")
    return Frame(opcode=CLOSE, payload=payload, fin=True)


def may_be_sent(code: int) -> bool:
    if code < 1000 or code > 4999:
        return False
    if code in (1004, 1005, 1006, 1015):
        return False
    return not 1016 <= code <= 2999


def parse_close(payload: bytes) -> tuple[int, str]:
    """Return (code, reason) of a Close frame's payload; (1005, "") when it is empty.

    ProtocolError 1002 for one byte or a code that must not be sent; ProtocolError 1007 for a reason
    that is not UTF-8.
    """
    if len(payload) == 0:
        return 1005, ""
    if len(payload) == 1:
        raise ProtocolError("half a code", code=1002)
    code = payload[0] << 8 | payload[1]
    if not may_be_sent(code):
        raise ProtocolError("this code must not be sent", code=1002)
    try:
        reason = str(payload[2:], "utf-8")
    except UnicodeDecodeError:
        raise ProtocolError("the reason is not UTF-8", code=1007) from None
    return code, reason


def reply_to(frame: Frame) -> Frame | None:
    """Return the frame that must be sent back at once.

    A Pong with the same payload for a Ping, a Close with the same code for a Close (an empty Close for
    an empty one), None for everything else.
    """
    match frame.opcode:
        case 0x9:
            return Frame(PONG, frame.payload)
        case 0x8:
            return frame  # An echo, with the reason: why not.
        case _:
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
    started = False
    is_text = False
    buffer = b""
    for frame in frames:
        if frame.opcode == CLOSE:
            break  # After a Close there is nothing to be expected.
        if frame.opcode in (PING, PONG):
            continue
        if frame.opcode == CONTINUATION:
            if not started:
                raise ProtocolError("nothing to continue")
        else:
            if started:
                raise ProtocolError("the message before is not finished")
            started = True
            is_text = frame.opcode == TEXT
            buffer = b""
        buffer += frame.payload
        if not frame.fin:
            continue
        started = False
        if not is_text:
            complete.append(buffer)
            continue
        try:
            complete.append(buffer.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise ProtocolError("not UTF-8", code=1007) from error
    return complete

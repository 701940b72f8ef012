"""Kata: WebSocket versus HTTP. The README tells the story; these tests are the contract, task by task."""

import gc
import weakref

import pytest
from websockets.client import ClientProtocol
from websockets.http11 import Response
from websockets.protocol import Protocol, Side, State
from websockets.uri import parse_uri

from .feed import Feed
from .frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Cost,
    Frame,
    ProtocolError,
    accept_key,
    close_frame,
    decode_frame,
    encode_frame,
    handshake,
    mask,
    messages,
    parse_close,
    polling,
    pushing,
    reply_to,
)
from .live import Stage, back_in_time, in_another_thread, wait_for
from .wire import ask, call, indented, raises, returns, told

# --- Task 1: polling or pushing? ----------------------------------------------


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(
    ("events", "duration", "cost"),
    [
        pytest.param([], 10, Cost(requests=5, delivered=0, worst_delay=0.0), id="nothing-happens"),
        pytest.param([0.5], 11.5, Cost(requests=5, delivered=1, worst_delay=1.5), id="waits-for-the-next-poll"),
        pytest.param([4], 10, Cost(requests=5, delivered=1, worst_delay=0.0), id="at-the-moment-of-a-poll"),
        pytest.param([0], 10, Cost(requests=5, delivered=1, worst_delay=2.0), id="at-time-0-when-nobody-asks"),
        pytest.param([1, 2.25, 2.25, 10.5], 11.5, Cost(requests=5, delivered=3, worst_delay=1.75), id="one-too-late"),
        pytest.param([0.5], 1.75, Cost(requests=0, delivered=0, worst_delay=0.0), id="no-poll-at-all"),
    ],
)
def test_polling_asks_whether_or_not_something_happened(events, duration, cost):
    """A request every two seconds, and an event waits for the next one."""
    returns(cost, polling, events, interval=2, duration=duration)


@pytest.mark.task(taskno=1)
def test_polling_more_often_costs_requests_and_saves_delay():
    """The same two events, asked for eight times as often."""
    returns(Cost(requests=40, delivered=2, worst_delay=0.125), polling, [1, 3.125], interval=0.25, duration=10)


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(
    ("events", "cost"),
    [
        pytest.param([], Cost(requests=1, delivered=0, worst_delay=0.0), id="nothing-happens"),
        pytest.param([0, 2, 2, 9.75, 9.875], Cost(requests=1, delivered=4, worst_delay=0.25), id="one-too-late"),
        pytest.param([9.875], Cost(requests=1, delivered=0, worst_delay=0.0), id="nothing-arrives"),
    ],
)
def test_pushing_takes_one_request_and_the_latency(events, cost):
    """Nobody asks twice; but "at once" is still as long as the way."""
    returns(cost, pushing, events, latency=0.25, duration=10)


# --- Task 2: the handshake key ------------------------------------------------


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    ("key", "accept"),
    [
        pytest.param("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", id="rfc6455-section-1.3"),
        pytest.param("QWRhIExvdmVsYWNlLCAxOA==", "MKw9g3xKzxlybQ8f6OMU6psi6Sw=", id="another-key"),
    ],
)
def test_the_server_answers_the_key_of_the_client(key, accept):
    """It proves one thing: whoever answers has read the request, and speaks WebSocket."""
    returns(accept, accept_key, key)


# --- Task 3: the server's side of the handshake -------------------------------

#: The request of RFC 6455 section 1.3, but for its subprotocols.
REQUEST = {
    "Host": "server.example.com",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Origin": "http://example.com",
    "Sec-WebSocket-Version": "13",
}
SWITCHING = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
}


def request_with(**changes):
    """The request, with other values; None takes a header away. An underscore is a hyphen."""
    changed = REQUEST | {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in changed.items() if value is not None}


def answers(statuses, headers, request, *, method="GET", **named):
    """Ask for the handshake; fail unless the status is one of these, and these headers are in the answer."""
    __tracebackhide__ = True
    statuses = statuses if isinstance(statuses, tuple) else (statuses,)
    asked = f"{call(handshake, (method, request), named)}\n  expected: {' or '.join(map(str, statuses))}"
    asked += "".join(f"\n            {name}: {value}" for name, value in headers.items())
    answer = ask(asked, handshake, (method, request), named)
    if not (isinstance(answer, tuple) and len(answer) == 2 and hasattr(answer[1], "items")):
        pytest.fail(f"{asked}\n  actual:   {answer!r}, which is no pair of a status and headers")
    if answer[0] not in statuses or not headers.items() <= dict(answer[1]).items():
        actual = "".join(f"\n            {name}: {value}" for name, value in answer[1].items())
        pytest.fail(f"{asked}\n  actual:   {told(answer[0])}{actual or ', without a header'}")
    return answer


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    "request_headers",
    [
        pytest.param(REQUEST, id="rfc6455-section-1.3"),
        pytest.param(request_with(Connection="keep-alive, Upgrade"), id="as-firefox-asks"),
        pytest.param(
            request_with(Upgrade="h2c ,WebSocket", Connection="UPGRADE,keep-alive"), id="lists-in-another-spelling"
        ),
        pytest.param(
            request_with(Upgrade="websocket, h2c", Connection="keep-alive, Upgrade, HTTP2-Settings"),
            id="in-front-and-in-between",
        ),
        pytest.param({name.swapcase(): value for name, value in REQUEST.items()}, id="names-in-another-spelling"),
    ],
)
def test_an_upgrade_request_is_answered_with_101(request_headers):
    """One HTTP request, one HTTP answer; what comes after it on this connection is no HTTP any more."""
    answers(101, SWITCHING, request_headers)


@pytest.mark.task(taskno=3)
def test_each_key_has_its_own_answer():
    """An answer to yesterday's request, out of some cache, is of no use. And base64 has 64 letters."""
    for key, accept in (
        ("QWRhIExvdmVsYWNlLCAxOA==", "MKw9g3xKzxlybQ8f6OMU6psi6Sw="),
        ("//79/Pv6+fj39vX08/Lx8A==", "KK6gXrxy1jl+SqT4+Dk+Xlb9/D4="),
    ):
        answers(101, {"Sec-WebSocket-Accept": accept}, request_with(Sec_WebSocket_Key=key))


@pytest.mark.task(taskno=3)
def test_only_a_get_is_upgraded():
    """405 is incomplete without the methods that are allowed."""
    for method in ("POST", "HEAD", "OPTIONS"):
        answers(405, {"Allow": "GET"}, REQUEST, method=method)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    ("name", "values"),
    [
        pytest.param("Upgrade", [None, "", "h2c", "my-websocket"], id="upgrade"),
        pytest.param("Connection", [None, "", "keep-alive", "not-upgrade"], id="connection"),
    ],
)
def test_a_request_that_asks_for_no_websocket_is_bad(name, values):
    """Both headers have to say it, and each as a word of its list: a part of a word is another word."""
    for value in values:
        answers(400, {}, request_with(**{name: value}))


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    "keys",
    [
        pytest.param([None, "", "QWRhIExvdmVsYWNlLCAx", "QWRhIExvdmVsYWNlLCAxODE="], id="0-or-15-or-17-bytes"),
        pytest.param(["QWRhIExvdmVsYWNlLCAxOA", "QWRhIExvdmVsYWNlLCAxOA="], id="no-padding"),
        pytest.param(
            [
                "QWRh-IExvdmVsYWNlLCAxOA==",
                "QWRhIExv dmVsYWNlLCAxOA==",
                "QWRhIExvdmVs-WNlLCAxOA==",
                "QWRhIExvdmVsYWNlLCAxOA==\n",
            ],
            id="junk",
        ),
        pytest.param(["QWRhIExvdmVsYWN\u00e9LCAxOA=="], id="a-letter-beyond-ascii"),
    ],
)
def test_a_key_is_the_base64_of_sixteen_bytes(keys):
    """Whatever a stranger sends, the answer is 400 and no exception."""
    for key in keys:
        answers(400, {}, request_with(Sec_WebSocket_Key=key))


@pytest.mark.task(taskno=3)
def test_another_version_is_told_which_one_we_speak():
    """426, so that the client may try again with 13."""
    for version in ("8", "0", "130", "13.0"):
        answers(426, {"Sec-WebSocket-Version": "13"}, request_with(Sec_WebSocket_Version=version))


@pytest.mark.task(taskno=3)
def test_a_request_without_a_version_is_refused():
    """As another version (426) or as a bad request (400)."""
    answers((426, 400), {}, request_with(Sec_WebSocket_Version=None))


ORIGINS = ["https://app.example.com", "https://example.com"]


@pytest.mark.task(taskno=3)
def test_a_page_of_another_origin_is_turned_away():
    """The browser sends our cookies along, whichever page it was that opened the connection."""
    for origin in (
        "https://other.example",
        "http://app.example.com",
        "https://app.example.com.other.example",
        "https://app.example",
        "null",
    ):
        answers(403, {}, request_with(Origin=origin), origins=ORIGINS)
    for name in ("origin", "ORIGIN"):
        answers(403, {}, request_with(Origin=None) | {name: "https://other.example"}, origins=ORIGINS)


@pytest.mark.task(taskno=3)
def test_our_own_pages_and_programs_are_let_in():
    """No Origin means no browser, so there are no cookies of somebody else. And no list means that all may come."""
    for origin in (*ORIGINS, None):
        answers(101, SWITCHING, request_with(Origin=origin), origins=ORIGINS)
    answers(101, SWITCHING, request_with(Origin="https://other.example"))


# --- Task 4: write a frame ----------------------------------------------------


def unhex(text):
    """Bytes, from how one writes them."""
    return bytes.fromhex(text)


KEY = unhex("37 fa 21 3d")  # of the examples in RFC 6455 section 5.7

#: Frame, masking key, and its bytes.
EXAMPLES = [
    pytest.param(Frame(TEXT, b"Hello"), None, "81 05 48 65 6c 6c 6f", id="text"),
    pytest.param(Frame(TEXT, b"Hello"), KEY, "81 85 37 fa 21 3d 7f 9f 4d 51 58", id="masked-text"),
    pytest.param(Frame(TEXT, b"He", fin=False), None, "01 02 48 65", id="first-fragment"),
    pytest.param(Frame(CONTINUATION, b"llo"), None, "80 03 6c 6c 6f", id="last-fragment"),
    pytest.param(Frame(PING, b"Hello"), None, "89 05 48 65 6c 6c 6f", id="ping"),
    pytest.param(Frame(CLOSE), KEY, "88 80 37 fa 21 3d", id="masked-and-empty"),
    pytest.param(Frame(BINARY, b"\0\1"), bytes(4), "82 82 00 00 00 00 00 01", id="masked-with-zeros"),
]

#: Length of the payload, and the length in the header: the second byte without its mask bit, and what follows.
LENGTHS = [(125, "7d"), (126, "7e 00 7e"), (65535, "7e ff ff"), (65536, "7f 00 00 00 00 00 01 00 00")]


@pytest.mark.task(taskno=4)
def test_a_mask_is_put_on_and_taken_off_alike():
    """XOR, byte by byte, with the key over and over; no secret, for the key travels with it."""
    for data, masked in ((b"Hello", "7f 9f 4d 51 58"), (bytes(10), "37 fa 21 3d 37 fa 21 3d 37 fa"), (b"", "")):
        returns(unhex(masked), mask, data, KEY)
        returns(data, mask, unhex(masked), KEY)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(("frame", "key", "data"), EXAMPLES)
def test_a_frame_is_written_byte_by_byte(frame, key, data):
    """Two bytes, maybe a key, and the payload: what a request and its headers were before."""
    returns(unhex(data), encode_frame, frame, *([] if key is None else [key]))


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(("size", "length"), LENGTHS, ids=[str(size) for size, _ in LENGTHS])
def test_the_length_is_written_in_the_shortest_form(size, length):
    """7 bits while they suffice, then 16, then 64; the mask bit stands beside them."""
    payload, header = b"*" * size, unhex("82" + length)
    returns(header + payload, encode_frame, Frame(BINARY, payload))
    masked = header[:1] + bytes([header[1] | 0x80]) + header[2:] + bytes(4)
    returns(masked + payload, encode_frame, Frame(BINARY, payload), bytes(4))


@pytest.mark.task(taskno=4)
def test_control_frames_are_short_and_whole():
    """They may come between the fragments of a message, so nobody should have to wait for them."""
    for opcode in (CLOSE, PING, PONG):
        returns(bytes([0x80 | opcode, 125]) + b"*" * 125, encode_frame, Frame(opcode, b"*" * 125))
    for opcode in range(0x8, 0x10):
        raises(ValueError, encode_frame, Frame(opcode, b"*" * 126))
        raises(ValueError, encode_frame, Frame(opcode, b"", fin=False))


# --- Task 5: read a frame -----------------------------------------------------


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(("frame", "key", "data"), EXAMPLES)
def test_a_frame_is_read_and_what_follows_is_kept(frame, key, data):
    """The mask is taken off; the bytes after the frame are the beginning of the next one."""
    from_client = key is not None
    returns((frame, b""), decode_frame, unhex(data), from_client=from_client)
    returns((frame, b"\x81\x85\x37"), decode_frame, unhex(data) + b"\x81\x85\x37", from_client=from_client)


@pytest.mark.task(taskno=5)
def test_each_form_of_a_length_is_read():
    """The header is over where it is, and one byte less of the payload is too few."""
    for size, length in LENGTHS:
        payload, header = b"*" * size, unhex("82" + length)
        returns((Frame(BINARY, payload), b""), decode_frame, header + payload, from_client=False)
        returns(None, decode_frame, header + payload[1:], from_client=False)


@pytest.mark.task(taskno=5)
def test_a_frame_that_is_not_all_there_yet_is_none():
    """TCP keeps the order of bytes, and cuts wherever it likes: within the length, within the key."""
    for data, from_client in (
        (unhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), True),
        (unhex("82 7e 00 7e") + b"*" * 126, False),
        (unhex("82 ff 00 00 00 00 00 01 00 00 37 fa 21 3d 7f"), True),
    ):
        for there in range(len(data)):
            returns(None, decode_frame, data[:there], from_client=from_client)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    ("begins", "from_client"),
    [
        pytest.param(["81 85 37 fa 21 3d 7f 9f 4d 51 58"], False, id="server-masks"),
        pytest.param(["81 05 48 65 6c 6c 6f"], True, id="client-does-not-mask"),
        pytest.param(["c1 01 2a", "a1 01 2a", "91 01 2a", "c9 00", "f8 00"], False, id="reserved-bits"),
        pytest.param(["c1 80 37 fa 21 3d", "99 80 37 fa 21 3d"], True, id="reserved-bits-of-a-client"),
        pytest.param([f"8{opcode} 01 2a" for opcode in "34567bcdef"], False, id="unknown-opcodes"),
        pytest.param(["08 00", "09 01 2a", "0a 01 2a"], False, id="fragmented-control-frames"),
        pytest.param(
            [f"{first} 7e 00 7e {'2a' * 126}" for first in ("88", "89", "8a")], False, id="long-control-frames"
        ),
    ],
)
def test_a_frame_against_the_rules_ends_the_connection(begins, from_client):
    """1002: who breaks one rule cannot be trusted with the next frame."""
    for data in begins:
        raises(ProtocolError, decode_frame, unhex(data), from_client=from_client, code=1002)


@pytest.mark.task(taskno=5)
def test_a_control_frame_of_125_bytes_is_read():
    """The longest that a ping can be."""
    ping = Frame(PING, b"*" * 125)
    returns((ping, b""), decode_frame, b"\x89\x7d" + ping.payload, from_client=False)


@pytest.mark.task(taskno=5)
def test_a_frame_that_is_too_long_is_refused_before_it_arrives():
    """1009, and not a byte of the payload was waited for, or kept: a header is cheap, memory is not."""
    raises(ProtocolError, decode_frame, unhex("82 7f 00 00 01 00 00 00 00 00"), from_client=False, code=1009)
    raises(ProtocolError, decode_frame, unhex("82 7f 00 00 00 00 00 10 00 01"), from_client=False, code=1009)
    returns(None, decode_frame, unhex("82 7f 00 00 00 00 00 10 00 00"), from_client=False)
    # A client's key would come next.
    raises(ProtocolError, decode_frame, unhex("82 ff 00 00 01 00 00 00 00 00"), from_client=True, code=1009)
    # The RFC wants the highest bit to be 0, so some say 1002; nobody says that the length is negative.
    raises(ProtocolError, decode_frame, unhex("82 7f" + " ff" * 8), from_client=False, code=(1009, 1002))


@pytest.mark.task(taskno=5)
def test_the_limit_is_the_caller_s():
    """The limit itself is allowed, and a smaller one holds for a short frame as well."""
    returns((Frame(TEXT, b"Hello"), b""), decode_frame, b"\x81\x05Hello", from_client=False, max_size=5)
    raises(ProtocolError, decode_frame, b"\x81\x05", from_client=False, max_size=4, code=1009)
    raises(ProtocolError, decode_frame, unhex("81 7e 01 00"), from_client=False, max_size=255, code=1009)
    masked = unhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")
    returns((Frame(TEXT, b"Hello"), b""), decode_frame, masked, from_client=True, max_size=5)
    raises(ProtocolError, decode_frame, masked, from_client=True, max_size=4, code=1009)


# --- Task 6: close and ping ---------------------------------------------------

SENT = (1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999)
NOT_SENT = (0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535)


def coded(code, reason=b""):
    """The payload of a Close frame, whatever it says."""
    return code.to_bytes(2, "big") + reason


@pytest.mark.task(taskno=6)
def test_a_close_says_why():
    """Two bytes of code, and UTF-8; there and back."""
    for code, reason, payload in (
        (1001, "bye", "03 e9 62 79 65"),
        (4000, "\u00e9", "0f a0 c3 a9"),
        (1000, "", "03 e8"),
        (1000, "\ufeffbye", "03 e8 ef bb bf 62 79 65"),
    ):
        returns(Frame(CLOSE, unhex(payload)), close_frame, code, *([reason] if reason else []))
        returns((code, reason), parse_close, unhex(payload))


@pytest.mark.task(taskno=6)
def test_the_codes_that_may_be_on_the_wire():
    """Protocol, registry, libraries (3000-3999), and one's own (4000-4999)."""
    for code in SENT:
        returns(Frame(CLOSE, coded(code)), close_frame, code)
        returns((code, ""), parse_close, coded(code))


@pytest.mark.task(taskno=6)
def test_the_codes_that_may_not():
    """1005 and 1006 say what was NOT received. The same set holds for both directions."""
    for code in (-1, *NOT_SENT, 65536):
        raises(ValueError, close_frame, code)
    for code in NOT_SENT:
        raises(ProtocolError, parse_close, coded(code), code=1002)


@pytest.mark.task(taskno=6)
def test_a_reason_has_room_for_123_bytes():
    """Bytes, not letters: an \u00e9 has two."""
    returns(Frame(CLOSE, coded(1000, b"*" * 123)), close_frame, 1000, "*" * 123)
    raises(ValueError, close_frame, 1000, "*" * 124)
    raises(ValueError, close_frame, 1000, "\u00e9" * 62)


@pytest.mark.task(taskno=6)
def test_a_close_without_a_code():
    """An empty one is allowed, and read as 1005; half a code is not."""
    returns((1005, ""), parse_close, b"")
    raises(ProtocolError, parse_close, b"\x03", code=1002)


@pytest.mark.task(taskno=6)
def test_the_reason_of_a_close_is_utf8():
    """A text that is none has a code of its own."""
    raises(ProtocolError, parse_close, coded(1000, b"\xff"), code=1007)
    raises(ProtocolError, parse_close, coded(1000, b"\xc3"), code=1007)


@pytest.mark.task(taskno=6)
def test_a_ping_is_answered_with_its_payload():
    """The other side knows by it which of its pings has arrived."""
    for payload in (b"", b"\x01\x02", b"*" * 125):
        returns(Frame(PONG, payload), reply_to, Frame(PING, payload))


@pytest.mark.task(taskno=6)
def test_a_close_is_answered_with_its_code():
    """After that nobody has anything to say, and the TCP connection is closed."""
    returns(Frame(CLOSE, coded(1001)), reply_to, Frame(CLOSE, coded(1001)))
    returns(Frame(CLOSE), reply_to, Frame(CLOSE))
    frame = Frame(CLOSE, coded(4321, b"bye"))
    expected = Frame(CLOSE, coded(4321))
    asked = f"{call(reply_to, (frame,), {})}\n  expected: {told(expected)}, or with the reason"
    actual = ask(asked, reply_to, (frame,), {})
    if actual not in (expected, frame):
        pytest.fail(f"{asked}\n  actual:   {told(actual)}")


@pytest.mark.task(taskno=6)
def test_nothing_else_is_answered():
    """A message wants no receipt, and who answers a pong never stops."""
    for opcode in (TEXT, BINARY, CONTINUATION, PONG):
        returns(None, reply_to, Frame(opcode, b"Hello"))


# --- Task 7: messages ---------------------------------------------------------

FIRST, LAST = Frame(TEXT, b"He", fin=False), Frame(CONTINUATION, b"llo")


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    ("frames", "whole"),
    [
        pytest.param([Frame(TEXT, b"Hello"), Frame(BINARY, b"\xff\xc3")], ["Hello", b"\xff\xc3"], id="text-and-binary"),
        pytest.param([Frame(TEXT), Frame(BINARY)], ["", b""], id="empty-messages"),
        pytest.param(
            [Frame(BINARY, b"\xff", fin=False), Frame(CONTINUATION, b"\xfe", fin=False), Frame(CONTINUATION, b"\xfd")],
            [b"\xff\xfe\xfd"],
            id="three-binary-fragments",
        ),
        pytest.param(
            [Frame(TEXT, fin=False), Frame(CONTINUATION, fin=False), Frame(CONTINUATION, b"Hello")],
            ["Hello"],
            id="empty-fragments",
        ),
        pytest.param(
            [FIRST, LAST, Frame(BINARY, b"1"), FIRST, LAST], ["Hello", b"1", "Hello"], id="one-after-the-other"
        ),
        pytest.param(
            [Frame(PING, b"1"), FIRST, Frame(PING, b"2"), Frame(PONG, b"3"), LAST, Frame(PONG, b"4")],
            ["Hello"],
            id="control-frames-in-between",
        ),
        pytest.param([Frame(BINARY, b"1"), FIRST], [b"1"], id="unfinished"),
        pytest.param([Frame(TEXT, b"d\xc3", fin=False)], [], id="unfinished-in-the-middle-of-a-letter"),
        pytest.param([Frame(TEXT, b"\xef\xbb\xbfHello")], ["\ufeffHello"], id="a-byte-order-mark-is-a-letter"),
        pytest.param([FIRST, LAST, Frame(CLOSE, coded(1001))], ["Hello"], id="a-close-at-the-end"),
    ],
)
def test_frames_are_put_together_to_messages(frames, whole):
    """What was sent in pieces arrives as one; text is a str, binary is bytes."""
    returns(whole, messages, frames)


@pytest.mark.task(taskno=7)
def test_a_letter_may_be_cut_in_two():
    """Fragments are cut between any two bytes, so UTF-8 is a matter of the whole message."""
    fragments = [Frame(TEXT, b"d\xc3", fin=False), Frame(PING), Frame(CONTINUATION, b"\xa9j\xc3\xa0 vu")]
    returns(["d\u00e9j\u00e0 vu"], messages, fragments)


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    "cases",
    [
        pytest.param(
            [[LAST], [FIRST, LAST, LAST], [Frame(TEXT, b"Hello"), Frame(CONTINUATION, fin=False)]],
            id="no-message-to-continue",
        ),
        pytest.param(
            [
                [FIRST, Frame(TEXT, b"llo")],
                [Frame(TEXT, fin=False), Frame(BINARY, fin=False)],
                [Frame(BINARY, b"1", fin=False), Frame(TEXT, b"Hello")],
                [Frame(BINARY, fin=False), Frame(BINARY, b"1")],
            ],
            id="inside-a-message",
        ),
    ],
)
def test_fragments_out_of_order_end_the_connection(cases):
    """Messages do not overlap; whoever wants that needs a protocol above this one."""
    for frames in cases:
        raises(ProtocolError, messages, frames, code=1002)


@pytest.mark.task(taskno=7)
def test_a_text_is_utf8():
    """1007, whether it came in one piece or in two."""
    raises(ProtocolError, messages, [Frame(TEXT, b"d\xe9")], code=1007)
    raises(ProtocolError, messages, [Frame(TEXT, b"d\xc3", fin=False), Frame(CONTINUATION, b"j")], code=1007)


# --- Task 8: interop ----------------------------------------------------------
#
# `websockets` does its protocol without sockets, as you do: bytes in, events and bytes out.


def client_of_theirs(origin=None):
    """Let the library's client ask for a handshake, and hand it your answer."""
    client = ClientProtocol(parse_uri("ws://server.example.com/feed"), origin=origin)
    request = client.connect()
    client.send_request(request)
    status, headers = handshake("GET", dict(request.headers.raw_items()), origins=["https://app.example.com"])
    lines = [f"HTTP/1.1 {int(status)} .", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    client.data_to_send()
    client.receive_data("\r\n".join(lines).encode())
    return client


def their_events(peer):
    """What the library has read, as frames of yours; the answer to the handshake is left out."""
    events = [event for event in peer.events_received() if not isinstance(event, Response)]
    return [Frame(int(event.opcode), bytes(event.data), event.fin) for event in events]


def your_frames(data, *, from_client):
    """Read frames until no whole one is left."""
    frames = []
    while data and (found := decode_frame(data, from_client=from_client)):
        frames.append(found[0])
        data = found[1]
    return frames


def agree(what, expected, actual):
    """Fail unless both sides have understood the same."""
    __tracebackhide__ = True
    if actual != expected:
        pytest.fail(f"{what}\n  expected: {indented(told(expected))}\n  actual:   {indented(told(actual, expected))}")


@pytest.mark.task(taskno=8)
def test_their_client_believes_your_handshake():
    """It compares the three headers with what it sent, and the connection is open."""
    client = client_of_theirs()
    agree("what their client objects to in your handshake", None, client.handshake_exc)
    agree("the state of their connection", State.OPEN, client.state)
    client = client_of_theirs(origin="https://other.example")
    agree("whether they are connected, though you turned them away", False, client.state is State.OPEN)


@pytest.mark.task(taskno=8)
def test_their_client_s_frames_are_read_by_you():
    """Masked with a key of their own, five in a row, one message in two fragments."""
    client = client_of_theirs()
    client.send_text(b"Ada", fin=True)
    client.send_text("d\u00e9".encode()[:2], fin=False)
    client.send_ping(b"?")
    client.send_continuation("d\u00e9".encode()[2:], fin=True)
    client.send_binary(b"*" * 70_000, fin=True)
    frames = your_frames(b"".join(client.data_to_send()), from_client=True)
    agree("the messages you read", ["Ada", "d\u00e9", b"*" * 70_000], messages(frames))


@pytest.mark.task(taskno=8)
def test_your_server_s_frames_are_read_by_their_client():
    """Each form of a length, and fragments; not masked."""
    client = client_of_theirs()
    sent = [FIRST, LAST, Frame(BINARY, b"*" * 126), Frame(TEXT, b"*" * 70_000)]
    client.receive_data(b"".join(encode_frame(frame) for frame in sent))
    agree("what their client objects to in your frames", None, client.parser_exc)
    agree("the frames they read", sent, their_events(client))


@pytest.mark.task(taskno=8)
def test_your_client_s_frames_are_read_by_their_server():
    """Now you are the client: masked."""
    server = Protocol(Side.SERVER)
    sent = [FIRST, LAST, Frame(BINARY, b"*" * 126), Frame(TEXT, b"*" * 70_000)]
    server.receive_data(b"".join(encode_frame(frame, KEY) for frame in sent))
    agree("what their server objects to in your frames", None, server.parser_exc)
    agree("the frames they read", sent, their_events(server))


@pytest.mark.task(taskno=8)
def test_ping_and_close_are_agreed_on():
    """Their ping has its pong; then they close, you answer, and both know that it is over."""
    client = client_of_theirs()
    client.send_ping(b"still there?")
    client.send_close(1001, "going home")
    ping, close = your_frames(b"".join(client.data_to_send()), from_client=True)
    agree("the close you read", (1001, "going home"), parse_close(close.payload))
    answers_of_yours = [reply_to(ping), reply_to(close)]
    client.receive_data(b"".join(encode_frame(frame) for frame in answers_of_yours))
    agree("the pong they read", Frame(PONG, b"still there?"), their_events(client)[0])
    agree("the code with which their connection was closed", 1001, client.close_rcvd and client.close_rcvd.code)


@pytest.mark.task(taskno=8)
def test_your_close_is_understood_and_answered():
    """The other way round: you close, and their answer has your code."""
    client = client_of_theirs()
    client.receive_data(encode_frame(close_frame(4321, "ferm\u00e9")))
    agree("the code they read", 4321, client.close_rcvd and client.close_rcvd.code)
    agree("the reason they read", "ferm\u00e9", client.close_rcvd.reason)
    (answer,) = your_frames(b"".join(client.data_to_send()), from_client=True)
    agree("the code they answer with", 4321, parse_close(answer.payload)[0])


# --- Task 9: for real ---------------------------------------------------------


@pytest.fixture(scope="module")
def stage():
    """One server for all of these tests; the feed is new in each."""
    stage = Stage()
    yield stage
    stage.close()


@pytest.mark.task(taskno=9)
def test_everybody_hears_everything_once_and_in_order(stage):
    """Three clients, five messages; nobody asked for one of them."""
    feed = Feed()
    with stage.serving(feed):
        clients = [stage.client() for _ in range(3)]
        news = ["one", "two", "two", "", "d\u00e9"]
        for message in news:
            feed.publish(message)
        for client in clients:
            client.hears(*news)
        feed.publish("and no more")
        for client in clients:
            client.hears("and no more")


@pytest.mark.task(taskno=9)
def test_who_comes_late_hears_nothing_of_the_past(stage):
    """Not even what nobody heard; who wants the past as well has to ask for it, which is what HTTP is good at."""
    feed = Feed()
    with stage.serving(feed):
        feed.publish("before everybody")
        early = stage.client()
        feed.publish("before the second")
        # The very moment that the second one has its LISTENING, and its handler does not even know yet.
        late = stage.client(once_it_listens=lambda: feed.publish("at once"))
        feed.publish("for both")
        early.hears("before the second", "at once", "for both")
        late.hears("at once", "for both")


class Note(str):
    """A text of which one can know whether somebody still keeps it."""

    __slots__ = ("__weakref__",)


@pytest.mark.task(taskno=9)
@pytest.mark.parametrize("how", ["goes", "vanishes", "has-gone-before-the-greeting"])
def test_who_goes_is_missed_by_nobody(stage, how):
    """With a Close or without: the handler returns, the other client hears everything, and nothing is kept."""
    feed = Feed()
    with stage.serving(feed):
        client, other = None if "before" in how else stage.client(), stage.client()

        def tell_the_other():
            feed.publish("still there?")
            other.hears("still there?")

        stage.passer_by() if client is None else getattr(client, how)()
        for number in range(50):
            feed.publish(f"message {number}")
        other.hears(*(f"message {number}" for number in range(50)))
        stage.serves_only(1, meanwhile=tell_the_other)
        note = Note("for the other")
        kept = weakref.ref(note)
        feed.publish(note)
        del note
        other.hears("for the other")
        given_up = wait_for(lambda: tell_the_other() or not kept() or (gc.collect() and False))
        agree(
            "whether a message is given up, when all who listen have heard it\n"
            "(is something still kept for the client that has gone?)",
            True,
            given_up,
        )


#: More than fits in between a server and a client that does not read.
LONG_NEWS = [f"{number:02} {'*' * 2**16}" for number in range(32)]
#: More than anybody has read before the last of it is published.
MUCH_NEWS = [f"message {number}" for number in range(2000)]


def publish_all(feed, news):
    """Publish one after the other."""
    for message in news:
        feed.publish(message)


@pytest.mark.task(taskno=9)
def test_a_slow_client_stops_nobody(stage):
    """One reads nothing at all, so that sending to it waits; publishing does not, and the other hears it all."""
    feed = Feed()
    with stage.serving(feed):
        stage.deaf_client()
        client = stage.client()
        back_in_time(publish_all, feed, LONG_NEWS)
        client.hears(*LONG_NEWS)
        back_in_time(publish_all, feed, MUCH_NEWS)
        client.hears(*MUCH_NEWS)
        with in_another_thread(feed.stop, comes_back=False):
            client.is_sent_away()


@pytest.mark.task(taskno=9)
def test_stopping_ends_every_connection(stage):
    """With 1001, "going away", after what was published before it; and no handler is left."""
    feed = Feed()
    with stage.serving(feed):
        clients = [stage.client() for _ in range(2)]
        back_in_time(publish_all, feed, LONG_NEWS)
        with in_another_thread(feed.stop) as stopping:
            stopping.join(0.2)
            if not stopping.is_alive():  # It need not wait for its clients, who still have all of it to read.
                back_in_time(feed.publish, "too late")
            for client in clients:
                client.is_sent_away(*LONG_NEWS)
        stage.serves_only(0)
        back_in_time(feed.publish, "to nobody")
        back_in_time(feed.stop)


@pytest.mark.task(taskno=9)
def test_who_comes_after_the_end_is_sent_away(stage):
    """At once and with the same code; nobody waits in a feed that has stopped."""
    feed = Feed()
    with stage.serving(feed):
        feed.stop()
        stage.newcomer().is_sent_away_at_once()
        stage.serves_only(0)


@pytest.mark.task(taskno=9)
def test_the_price_of_polling_is_as_you_counted(stage):
    """The same news, pushed and polled for, on the same server: requests and delays are those of task 1."""
    happens = (1, 2, 2, 5, 8)
    feed, pushed, polled, delays = Feed(), [], [], []
    with stage.serving(feed):
        client = stage.client()
        for now in range(1, 10):
            for event in happens:
                if event == now:
                    stage.news.append(f"event at {event}")
                    feed.publish(f"event at {event}")
                    client.hears(f"event at {event}")
                    pushed.append(event)
            if now % 4 == 0:
                for message in stage.poll(after=len(polled)):
                    polled.append(message)
                    delays.append(now - int(message.rpartition(" ")[2]))
        opened, asked = stage.requests.count("/feed"), len(stage.requests) - 1
    returns(Cost(opened, len(pushed), 0.0), pushing, happens, latency=0, duration=9)
    returns(Cost(asked, len(polled), max(delays)), polling, happens, interval=4, duration=9)

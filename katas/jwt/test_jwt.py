"""Kata: JWT anatomy. The README tells the story; these tests are the contract, task by task."""

import hmac
import inspect
import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from types import CodeType
from typing import Any

import jwt as pyjwt  # PyJWT: what everybody else makes and reads tokens with
import pytest

from .anatomy import (
    InvalidToken,
    base64url_decode,
    base64url_encode,
    claims_for,
    encode,
    read_claims_unverified,
    read_header,
    sign_hs256,
    signatures_match,
    signing_input,
    split_token,
    verify,
)

KEY = b"a shared key of thirty-two bytes"
OTHER_KEY = b"one other key of the same length"

HEADER = {"alg": "HS256", "typ": "JWT"}
CLAIMS = {"admin": False, "roles": ["reader", "editor"], "sub": "42"}

#: CLAIMS under KEY. Nothing in here is a matter of taste, so every implementation prints the same text.
TOKEN = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    ".eyJhZG1pbiI6ZmFsc2UsInJvbGVzIjpbInJlYWRlciIsImVkaXRvciJdLCJzdWIiOiI0MiJ9"
    ".DnhgGxZRhz8jwOuUgnXKkEjmUldJwvMVdLQAKea6Pkk"
)
SIGNATURE = TOKEN.rpartition(".")[2]

#: RFC 7515 appendix A.1, letter by letter. Its JSON has line breaks and spaces in it.
RFC_TOKEN = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
RFC_KEY = a2b_base64("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ+EstJQLr/T+1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==")
RFC_CLAIMS = {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}


# --- Two ways to ask the code under test, and three to make a token without it -


def assert_returns(expected: object, function: Callable[..., object], *arguments: object) -> None:
    """Call the function; anything but the expected value fails with the call, both values and where they part."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments)}\n  expected: {expected!r}"
    actual = _ask(function, arguments, asked)
    if actual != expected:
        pytest.fail(f"{asked}\n  actual:   {actual!r}{_first_difference(expected, actual)}")


def assert_raises(error: type[Exception], function: Callable[..., object], *arguments: object) -> None:
    """Call the function; anything but this kind of exception fails with the call and what came instead."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments)}\n  expected: raises {error.__name__}"
    try:
        actual = _ask(function, arguments, asked)
    except error:
        return
    pytest.fail(f"{asked}\n  actual:   returned {actual!r}")


def segment(content: object) -> str:
    """Write one segment of a token: bytes as they are, anything else as compact JSON."""
    raw = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    return b2a_base64(raw, newline=False).decode().translate(str.maketrans("+/", "-_", "="))


def sealed(message: str, key: bytes = KEY, digest: str = "sha256") -> str:
    """Add the signature that a holder of the key would add, whatever the message says."""
    return f"{message}.{segment(hmac.digest(key, message.encode(), digest))}"


def token_of(header: object, claims: object = CLAIMS) -> str:
    """Make a token with a right HS256 signature, whatever its header and claims say."""
    return sealed(f"{segment(header)}.{segment(claims)}")


def _call(function: Callable[..., object], arguments: tuple[object, ...]) -> str:
    name = getattr(function, "__name__", repr(function))
    return f"{name}({', '.join(map(repr, arguments))})"


def _ask(function: Callable[..., object], arguments: tuple[object, ...], asked: str) -> Any:
    __tracebackhide__ = True
    try:
        return function(*arguments)
    except Exception as error:
        what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"
        error.add_note(f"{asked}\n  actual:   {what}")
        raise


def _first_difference(expected: object, actual: object) -> str:
    """Say where two texts, or two byte strings, part; and that a text is no byte string."""
    if not (isinstance(expected, str | bytes) and isinstance(actual, str | bytes)):
        return ""
    if isinstance(expected, str) != isinstance(actual, str):
        return f"\n  the type is wrong: expected {type(expected).__name__}, got {type(actual).__name__}"
    shorter = min(len(expected), len(actual))
    offset = next((at for at in range(shorter) if expected[at] != actual[at]), shorter)
    wanted, got = (repr(text[offset : offset + 8]) if text[offset:] else "the end" for text in (expected, actual))
    unit = "byte" if isinstance(expected, bytes) else "letter"
    return f"\n  the first wrong {unit} is at offset {offset}: expected {wanted}, got {got}"


def names_in(code: CodeType) -> set[str]:
    """Return the names that a function uses, those of the functions inside it included."""
    inside = (names_in(each) for each in code.co_consts if isinstance(each, CodeType))
    return set(code.co_names).union(*inside)


# --- Task 1: base64url --------------------------------------------------------

BYTES_AND_TEXT = [
    pytest.param(bytes([3, 236, 255, 224, 193]), "A-z_4ME", id="rfc7515-appendix-c"),
    pytest.param(b"\xff", "_w", id="one-byte"),
    pytest.param(b"\xfb\xff", "-_8", id="two-bytes"),
    pytest.param(b"\xfb\xff\x97", "-_-X", id="three-bytes"),
    pytest.param(b"", "", id="nothing"),
]


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(("data", "text"), BYTES_AND_TEXT)
def test_bytes_become_base64url_text_without_padding(data, text):
    """Two letters differ from base64, no '=' follows, and the result is a str."""
    assert_returns(text, base64url_encode, data)


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(("data", "text"), BYTES_AND_TEXT)
def test_base64url_text_becomes_the_bytes_again(data, text):
    """The missing padding is the decoder's business, not the caller's."""
    assert_returns(data, base64url_decode, text)


@pytest.mark.task(taskno=1)
def test_all_sixty_four_letters_work_both_ways():
    """All values a byte can have use the whole alphabet."""
    every_byte = bytes(range(256))
    assert_returns(segment(every_byte), base64url_encode, every_byte)
    assert_returns(every_byte, base64url_decode, segment(every_byte))


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("QQ==", id="padding"),
        pytest.param("A+z/4ME", id="plus-and-slash"),
        pytest.param("QUJD\r\n\r\n", id="line-breaks"),
        pytest.param("QUJD\n", id="a-line-break-at-the-end"),
        pytest.param("QUJD!?.:", id="punctuation"),
        pytest.param("QUJD\u00e9\u00e9\u00e9\u00e9", id="letters-beyond-ascii"),
        pytest.param("QUJDR", id="impossible-length"),
    ],
)
def test_text_that_is_not_base64url_is_refused(text):
    """A lenient decoder gives two texts the same meaning, so that a signed one can be changed unseen."""
    assert_raises(ValueError, base64url_decode, text)


# --- Task 2: look inside a token without any key ------------------------------


@pytest.mark.task(taskno=2)
def test_a_token_has_three_segments():
    """Header, payload and signature, in this order, still encoded."""
    assert tuple(split_token("aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl")) == ("aGVhZGVy", "cGF5bG9hZA", "c2lnbmF0dXJl")


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="no-text"),
        pytest.param("e30.e30", id="two"),
        pytest.param("e30.e30.c2ln.c2ln", id="four"),
    ],
)
def test_any_other_number_of_segments_is_no_token(token):
    """The error is InvalidToken, whatever the text was."""
    assert_raises(InvalidToken, split_token, token)


@pytest.mark.task(taskno=2)
def test_anyone_can_read_the_header_of_a_token():
    """The example of the RFC, line breaks and all."""
    assert_returns({"typ": "JWT", "alg": "HS256"}, read_header, RFC_TOKEN)


@pytest.mark.task(taskno=2)
def test_anyone_can_read_the_claims_of_a_token():
    """No key was needed: the payload is encoded, not encrypted."""
    assert_returns(RFC_CLAIMS, read_claims_unverified, RFC_TOKEN)


@pytest.mark.task(taskno=2)
def test_reading_says_nothing_about_the_signature():
    """Both readers read a token that nobody should trust."""
    forged = f"{segment({'alg': 'none'})}.{segment({'admin': True})}.bm90LWEtc2lnbmF0dXJl"
    assert_returns({"alg": "none"}, read_header, forged)
    assert_returns({"admin": True}, read_claims_unverified, forged)


@pytest.mark.task(taskno=2)
def test_the_json_in_a_token_is_utf8():
    """Two bytes, one letter."""
    payload = segment(b'{"name":"Andr\xc3\xa9-Marie Amp\xc3\xa8re"}')
    token = f"{segment(HEADER)}.{payload}.{SIGNATURE}"
    assert_returns({"name": "Andr\u00e9-Marie Amp\u00e8re"}, read_claims_unverified, token)


NOT_AN_OBJECT = [
    pytest.param("", id="empty"),
    pytest.param("e30=", id="padded"),
    pytest.param(segment(b'{"name":"\xff"}'), id="not-utf8"),
    pytest.param(segment(b'{"name":'), id="not-json"),
    pytest.param(segment(b'["name","roles"]'), id="json-array"),
    pytest.param(segment(b"null"), id="json-null"),
]


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("broken", NOT_AN_OBJECT)
def test_a_segment_that_is_no_json_object_is_an_invalid_token(broken):
    """Whatever goes wrong on the way, the caller has one exception to catch: InvalidToken."""
    assert_raises(InvalidToken, read_header, f"{broken}.{segment(CLAIMS)}.{SIGNATURE}")
    assert_raises(InvalidToken, read_claims_unverified, f"{segment(HEADER)}.{broken}.{SIGNATURE}")


# --- Task 3: sign -------------------------------------------------------------


@pytest.mark.task(taskno=3)
def test_the_signing_input_is_header_dot_claims():
    """Compact JSON, without a single space, is what everybody else prints."""
    assert_returns(TOKEN.rpartition(".")[0].encode(), signing_input, HEADER, CLAIMS)


@pytest.mark.task(taskno=3)
def test_the_signing_input_keeps_every_letter():
    """Raw UTF-8 or \\u escapes: both are JSON, and both come back as they went in."""
    claims = {"name": "Andr\u00e9-Marie Amp\u00e8re"}
    payload = signing_input(HEADER, claims).partition(b".")[2]
    assert json.loads(a2b_base64(payload.translate(bytes.maketrans(b"-_", b"+/")) + b"==")) == claims


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    ("message", "key", "signature"),
    [
        pytest.param(
            RFC_TOKEN.rpartition(".")[0].encode(), RFC_KEY, RFC_TOKEN.rpartition(".")[2], id="rfc7515-appendix-a1"
        ),
        pytest.param(
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            b"\xaa" * 131,
            "YOQxWR7gtn8Niiaqy_W3f44LxiE3KMUUBUYEDw7jf1Q",
            id="rfc4231-test-case-6",
        ),
    ],
)
def test_the_signature_is_hmac_sha256_in_base64url(message, key, signature):
    """Two vectors that other people computed."""
    assert_returns(signature, sign_hs256, message, key)


# --- Task 4: issue a token ----------------------------------------------------


@pytest.mark.task(taskno=4)
def test_a_token_is_issued_byte_for_byte():
    """The header is {"alg": "HS256", "typ": "JWT"} in this order, and the signature covers both segments."""
    assert_returns(TOKEN, encode, CLAIMS, KEY)


@pytest.mark.task(taskno=4)
def test_pyjwt_reads_the_token_you_issue():
    """Your token leaves the house: somebody else's library accepts it, letters beyond ASCII included."""
    claims = {"name": "Andr\u00e9-Marie Amp\u00e8re", "roles": [], "sub": "42"}
    token = encode(claims, KEY)
    assert pyjwt.decode(token, KEY, algorithms=["HS256"]) == claims


@pytest.mark.task(taskno=4)
def test_issuing_a_token_leaves_the_claims_alone():
    """The dictionary belongs to the caller."""
    claims = {"sub": "42", "roles": ["reader"]}
    encode(claims, KEY)
    assert claims == {"sub": "42", "roles": ["reader"]}


@pytest.mark.task(taskno=4)
def test_a_key_shorter_than_the_hash_is_refused():
    """31 bytes are one byte short of what RFC 7518 section 3.2 demands."""
    assert_raises(ValueError, encode, CLAIMS, KEY[:31])


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("length", [32, 64])
def test_a_key_as_long_as_the_hash_or_longer_will_do(length):
    """The limit itself is allowed."""
    key = bytes(range(length))
    assert_returns(sealed(TOKEN.rpartition(".")[0], key), encode, CLAIMS, key)


# --- Task 5: verify -----------------------------------------------------------


@pytest.mark.task(taskno=5)
def test_equal_signatures_match():
    """The one case that opens the door."""
    assert_returns(True, signatures_match, SIGNATURE, SIGNATURE)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    "presented",
    [
        pytest.param(f"A{SIGNATURE[1:]}", id="first-letter"),
        pytest.param(f"{SIGNATURE[:-1]}A", id="last-letter"),
        pytest.param(SIGNATURE[:-3], id="only-the-beginning"),
        pytest.param(f"{SIGNATURE}AAAA", id="something-after-it"),
        pytest.param(f"\u00e9{SIGNATURE[1:]}", id="a-letter-beyond-ascii"),
    ],
)
def test_different_signatures_do_not_match(presented):
    """Whatever the difference, and whichever side it comes from, the answer is False and never an exception."""
    assert_returns(False, signatures_match, SIGNATURE, presented)
    assert_returns(False, signatures_match, presented, SIGNATURE)


@pytest.mark.task(taskno=5)
def test_signatures_are_compared_in_constant_time():
    """Timing is too noisy to test, so this looks for the name of the function that does it right."""
    signatures_match(SIGNATURE, SIGNATURE)
    assert "compare_digest" in names_in(inspect.unwrap(signatures_match).__code__), (
        "signatures_match compares without compare_digest; == stops at the first difference, and a clock can tell"
    )


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    ("token", "claims"),
    [
        pytest.param(TOKEN, CLAIMS, id="plain"),
        pytest.param(token_of({"alg": "HS256"}), CLAIMS, id="no-typ"),
        pytest.param(token_of(HEADER | {"kid": "2026-11"}), CLAIMS, id="another-field"),
        pytest.param(token_of(HEADER, {}), {}, id="no-claims"),
        pytest.param(token_of(HEADER, {"nbf": 4102444800}), {"nbf": 4102444800}, id="not-before-the-year-2100"),
    ],
)
def test_the_claims_of_a_signed_token_are_returned(token, claims):
    """Whatever they say, and whatever else the header says: only the signature is judged here."""
    assert_returns(claims, verify, token, KEY)


@pytest.mark.task(taskno=5)
def test_the_example_of_the_rfc_is_verified():
    """RFC 7515 appendix A.1 has line breaks in its JSON: a re-serialised copy has another signature."""
    assert_returns(RFC_CLAIMS, verify, RFC_TOKEN, RFC_KEY)


@pytest.mark.task(taskno=5)
def test_a_token_from_pyjwt_is_verified():
    """What somebody else's library issues is a token like yours."""
    claims = {"sub": "42", "name": "Andr\u00e9-Marie Amp\u00e8re"}
    assert_returns(claims, verify, pyjwt.encode(claims, KEY, algorithm="HS256"), KEY)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    "token",
    [
        pytest.param(f"{segment({'alg': 'HS256'})}.{segment(CLAIMS)}.{SIGNATURE}", id="header"),
        pytest.param(f"{segment(HEADER)}.{segment(CLAIMS | {'admin': True})}.{SIGNATURE}", id="payload"),
        pytest.param(f"{segment(HEADER)}.{segment(CLAIMS)}.A{SIGNATURE[1:]}", id="signature"),
        pytest.param(f"{TOKEN[:-1]}A", id="last-letter"),
        pytest.param(TOKEN[:-1], id="all-but-the-last-letter"),
        pytest.param(TOKEN[: -len(SIGNATURE) + 1], id="first-letter-alone"),
        pytest.param(f"{TOKEN}AAAA", id="something-after-it"),
        pytest.param(f"{segment(HEADER)}.{segment(CLAIMS)}.", id="no-signature"),
        pytest.param(f"{segment(HEADER)}.{segment(CLAIMS)}.\u00e9{SIGNATURE[1:]}", id="signature-beyond-ascii"),
    ],
)
def test_a_token_changed_on_its_way_is_refused(token):
    """The signature covers the header and the payload, and is compared to the last letter."""
    assert_raises(InvalidToken, verify, token, KEY)


@pytest.mark.task(taskno=5)
def test_a_token_under_another_key_is_refused():
    """A right signature by somebody who does not hold our key."""
    assert_raises(InvalidToken, verify, TOKEN, OTHER_KEY)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"alg": "none"}, id="none"),
        pytest.param({"alg": "hs256"}, id="lower-case"),
        pytest.param({"alg": "HS384"}, id="HS384"),
        pytest.param({"alg": "HS2"}, id="part-of-the-name"),
        pytest.param({"alg": "HS256+"}, id="more-than-the-name"),
        pytest.param({"alg": " HS256"}, id="white-space"),
        pytest.param({"alg": ["HS256"]}, id="list"),
        pytest.param({"alg": None}, id="null"),
        pytest.param({"typ": "JWT"}, id="missing"),
    ],
)
def test_any_other_algorithm_is_refused_though_the_signature_is_right(header):
    """You decide which algorithm you accept. These tokens carry a right HS256 signature, and do not say so."""
    assert_raises(InvalidToken, verify, token_of(header), KEY)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_an_unsigned_token_is_refused(alg):
    """RFC 7519 section 6 allows them; the most famous forgery of all lives on verifiers that believe it."""
    assert_raises(InvalidToken, verify, f"{segment({'alg': alg})}.{segment({'admin': True})}.", KEY)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("bits", [384, 512])
def test_a_token_that_really_has_another_algorithm_is_refused(bits):
    """The right key and a right signature, but the token has chosen the algorithm."""
    message = f"{segment({'alg': f'HS{bits}', 'typ': 'JWT'})}.{segment(CLAIMS)}"
    assert_raises(InvalidToken, verify, sealed(message, digest=f"sha{bits}"), KEY)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    "crit", [pytest.param(["exp"], id="a-name"), pytest.param([], id="no-name"), pytest.param(None, id="null")]
)
def test_a_header_with_crit_is_refused(crit):
    """The issuer says: refuse me unless you understand this. You understand none, so its presence is enough."""
    assert_raises(InvalidToken, verify, token_of(HEADER | {"crit": crit}), KEY)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    "token",
    [
        pytest.param(TOKEN.rpartition(".")[0], id="two-segments"),
        pytest.param(sealed(f"{segment(HEADER)}.{segment(CLAIMS)}.e30"), id="four-segments"),
        pytest.param(token_of(b'"HS256"'), id="header-is-a-string"),
        pytest.param(token_of(HEADER, b'{"sub":'), id="payload-is-not-json"),
        pytest.param(token_of(HEADER, ["sub", "42"]), id="payload-is-an-array"),
        pytest.param(sealed(f"{segment(HEADER)}.e30="), id="payload-is-padded"),
        pytest.param(sealed(f"{segment(HEADER)}.\u00e9\u00e9\u00e9\u00e9"), id="payload-beyond-ascii"),
    ],
)
def test_what_is_no_token_is_an_invalid_token_even_when_signed(token):
    """Whatever arrives, the caller has one exception to catch: InvalidToken."""
    assert_raises(InvalidToken, verify, token, KEY)


# --- Task 6: keep secrets out of the payload ----------------------------------

USER = {"id": 42, "name": "Grace Hopper", "roles": ["admiral", "programmer"]}
PUBLIC = {"sub": "42", "name": "Grace Hopper", "roles": ["admiral", "programmer"]}


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    "secret",
    [
        {"password_hash": "$argon2id$v=19$"},
        {"ssn": "000-00-0000"},
        {"email": "grace@example.com"},
        {"a_field_somebody_adds_next_year": "private"},
        {"sub": "1"},
    ],
    ids=lambda secret: next(iter(secret)),
)
def test_only_sub_name_and_roles_are_published(secret):
    """Whatever else the user record holds, now or next year, stays at home."""
    assert_returns(PUBLIC, claims_for, USER | secret)


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(("given", "sub"), [(0, "0"), ("42", "42")], ids=["zero", "text"])
def test_sub_is_the_id_as_a_string(given, sub):
    """RFC 7519 section 4.1.2: a string, so that 42 and "42" are one subject."""
    assert_returns({"sub": sub}, claims_for, {"id": given})


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize("field", ["name", "roles"])
def test_a_missing_field_stays_missing(field):
    """Absent is not null: what we do not know, we do not claim."""
    user = {key: value for key, value in USER.items() if key != field}
    assert_returns({key: value for key, value in PUBLIC.items() if key != field}, claims_for, user)


@pytest.mark.task(taskno=6)
def test_an_empty_field_is_present():
    """No roles at all is a fact about somebody; it is not the same as not knowing."""
    assert_returns({"sub": "42", "name": "", "roles": []}, claims_for, {"id": 42, "name": "", "roles": []})


@pytest.mark.task(taskno=6)
def test_the_user_record_is_left_alone():
    """The dictionary belongs to the caller."""
    user = USER | {"ssn": "000-00-0000"}
    claims_for(user)
    assert user == USER | {"ssn": "000-00-0000"}


@pytest.mark.task(taskno=6)
def test_an_eavesdropper_learns_nothing_that_was_not_meant_for_the_world():
    """The whole way: allow-list, issue, verify; and what somebody without the key can read is the same."""
    token = encode(claims_for(USER | {"ssn": "000-00-0000"}), KEY)
    assert_returns(PUBLIC, verify, token, KEY)
    assert_returns(PUBLIC, read_claims_unverified, token)

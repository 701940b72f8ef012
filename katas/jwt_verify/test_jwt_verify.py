"""Kata: sign and verify with PyJWT. The README tells the story; these tests are the contract, task by task."""

import hmac
import json
import time
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from pprint import pformat
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .verification import (
    VerificationKey,
    check_hmac_key,
    issue_token,
    peek,
    reason,
    verify_token,
    verify_with_keyring,
)

KEY = b"a shared key of thirty-two bytes"
OTHER_KEY = b"one other key of the same length"
LONG_KEY = b"sixty-four bytes are what HS512 wants; these are just so many..."

#: Sixteen letters, thirty-two bytes.
ACCENTS = "\u00e9" * 16

ISSUER = "https://login.example"
AUDIENCE = "orders"
OURS = {"issuer": ISSUER, "audience": AUDIENCE}

HEADER = {"alg": "HS256", "typ": "JWT"}

ABSENT = "(absent)"
LONG_AGO = 1_000_000_000  # in 2001
FAR_AHEAD = 4_102_444_800  # in 2100


# --- Two ways to ask the code under test, and four to make a token without it --


def assert_returns(expected: object, function: Callable[..., object], *arguments: object, **named: object) -> None:
    """Call the function; anything but the expected value fails with the call and both values."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments, named)}\n  expected: {_laid_out(expected)}"
    actual = _ask(function, arguments, named, asked)
    if actual != expected:
        pytest.fail(f"{asked}\n  actual:   {_laid_out(actual)}")


def assert_raises(
    error: type[Exception], function: Callable[..., object], *arguments: object, **named: object
) -> Exception:
    """Return the exception of this kind that the call raises; anything else fails with the call and what came."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments, named)}\n  expected: raises {error.__name__}"
    try:
        actual = _ask(function, arguments, named, asked)
    except error as raised:
        return raised
    pytest.fail(f"{asked}\n  actual:   returned {_laid_out(actual, 21)}")


def segment(content: object) -> str:
    """Write one segment of a token: bytes as they are, anything else as compact JSON."""
    raw = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    return b2a_base64(raw, newline=False).decode().translate(str.maketrans("+/", "-_", "="))


def claims_with(**changes: object) -> dict[str, object]:
    """Write the claims of a good token of this minute, but for the changes; ABSENT takes a claim out."""
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": "42", "aud": AUDIENCE, "iat": now, "exp": now + 900} | changes
    return {name: value for name, value in claims.items() if value is not ABSENT}


def token_of(header: object, claims: object, key: bytes = KEY, digest: str = "sha256") -> str:
    """Make a token with a right HMAC signature, whatever its header and claims say."""
    message = f"{segment(header)}.{segment(claims)}"
    return f"{message}.{segment(hmac.digest(key, message.encode(), digest))}"


def token_with(**changes: object) -> str:
    """Make an HS256 token that is good but for the changes to its claims."""
    return token_of(HEADER, claims_with(**changes))


def contents(token: object) -> tuple[Any, Any] | None:
    """Read header and claims of a token without PyJWT; None if it is not one."""
    try:
        header, payload, _ = str(token).split(".")
        parts = [json.loads(a2b_base64(part.translate(str.maketrans("-_", "+/")) + "==")) for part in (header, payload)]
    except ValueError:
        return None
    return parts[0], parts[1]


def _call(function: Callable[..., object], arguments: tuple[object, ...], named: dict[str, object]) -> str:
    read = contents(arguments[0])
    shown = ["token" if read and argument is arguments[0] else _brief(argument) for argument in arguments]
    shown += [f"{name}={value!r}" for name, value in named.items()]
    line = f"{function.__name__}({', '.join(shown)})"
    if len(line) > 78:
        line = "\n    ".join([f"{function.__name__}(", *(f"{argument}," for argument in shown)]) + "\n)"
    if read:
        line += f"\n  header:   {_laid_out(read[0])}\n  claims:   {_laid_out(read[1])}"
    return line


def _brief(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name!r}: {_brief(entry)}' for name, entry in value.items())}}}"
    if isinstance(value, VerificationKey):
        return f"<{value.algorithm} key>"
    return repr(value)


def _laid_out(value: object, indent: int = 12) -> str:
    text = pformat(value, width=78 - indent, sort_dicts=False) if isinstance(value, dict | tuple) else repr(value)
    return text.replace("\n", "\n" + indent * " ")


def _ask(
    function: Callable[..., object], arguments: tuple[object, ...], named: dict[str, object], asked: str
) -> object:
    __tracebackhide__ = True
    try:
        return function(*arguments, **named)
    except Exception as error:
        what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"
        error.add_note(f"{asked}\n  actual:   {what}")
        raise


# --- Task 1: keys -------------------------------------------------------------


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(("algorithm", "length"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_a_key_as_long_as_the_hash_will_do_and_a_byte_less_will_not(algorithm, length):
    """RFC 7518 section 3.2: as long as the hash output, or longer."""
    key = LONG_KEY[:length]
    assert_returns(key, check_hmac_key, key, algorithm)
    assert_raises(ValueError, check_hmac_key, key[:-1], algorithm)


@pytest.mark.task(taskno=1)
def test_the_algorithm_is_hs256_unless_you_say_otherwise():
    """One argument is enough for the common case."""
    assert_returns(KEY, check_hmac_key, KEY)
    assert_raises(ValueError, check_hmac_key, KEY[:31])


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("key", [LONG_KEY, LONG_KEY.decode()], ids=["bytes", "text"])
def test_a_longer_key_comes_back_whole_and_as_bytes(key):
    """Whoever reads a key from the environment has text; HMAC works on bytes, and on all of them."""
    assert_returns(LONG_KEY, check_hmac_key, key)


@pytest.mark.task(taskno=1)
def test_bytes_are_counted_and_not_characters():
    """Sixteen accented letters are thirty-two bytes in UTF-8."""
    assert_returns(ACCENTS.encode(), check_hmac_key, ACCENTS)
    assert_raises(ValueError, check_hmac_key, ACCENTS[:15])


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("algorithm", ["RS256", "HS224", "hs256"])
def test_any_other_algorithm_is_refused(algorithm):
    """However long the key: it is no key for that."""
    assert_raises(ValueError, check_hmac_key, LONG_KEY, algorithm)


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        pytest.param("q7Wz!m2Rk9", "HS256", id="short-key"),
        pytest.param(b"q7Wz!m2Rk9", "HS256", id="short-key-in-bytes"),
        pytest.param("q7Wz!" * 16, "RS256", id="unknown-algorithm"),
    ],
)
def test_the_message_does_not_give_the_key_away(key, algorithm):
    """A message ends up in a log, and a log is read by many. Half a key, or one in hexadecimal, is too much."""
    error = assert_raises(ValueError, check_hmac_key, key, algorithm)
    said = f"{error} {error!r}"
    given_away = "q7Wz!" in said or b"q7Wz!".hex() in said.lower().replace(" ", "")
    assert not given_away, f"the key is {key!r}, and the message of the error says:\n  {error}"


# --- Task 2: issue a token ----------------------------------------------------


def issued(subject: Any = "42", **named: Any) -> dict[str, Any]:
    """Issue a token under KEY; return the claims in it, whatever its signature is."""
    __tracebackhide__ = True
    token = issue_token(subject, KEY, **OURS, **named)
    read = contents(token)
    assert read, f"issue_token(...)\n  expected: a token, as text\n  actual:   {token!r}"
    return read[1]


@pytest.mark.task(taskno=2)
def test_a_token_says_by_whom_about_whom_and_for_whom():
    """Issuer, subject and audience; and there is no harm in a list of one audience."""
    claims = issued("42")
    if claims.get("aud") == [AUDIENCE]:
        claims["aud"] = AUDIENCE
    said = {name: claims.get(name) for name in ("iss", "sub", "aud")}
    assert said == {"iss": ISSUER, "sub": "42", "aud": AUDIENCE}


@pytest.mark.task(taskno=2)
def test_a_token_is_issued_now_in_whole_seconds():
    """RFC 7519 section 2: seconds since 1970, UTC. Neither milliseconds nor text, and no fractions here."""
    before = int(time.time())
    iat = issued().get("iat")
    after = int(time.time())
    assert type(iat) is int, f"iat is {iat!r}, and not a whole number of seconds"
    assert before <= iat <= after, f"iat is {iat}, and now is {after}: {iat - after:+} s"


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(("named", "lifetime"), [({}, 900), ({"lifetime": 60}, 60)], ids=["default", "a-minute"])
def test_a_token_expires_after_its_lifetime(named, lifetime):
    """A quarter of an hour, unless you say otherwise."""
    claims = issued(**named)
    iat, exp = claims.get("iat"), claims.get("exp")
    assert type(exp) is int, f"exp is {exp!r}, and not a whole number of seconds"
    assert exp - iat == lifetime, f"exp is {exp} and iat is {iat}: {exp - iat} s between them, and not {lifetime}"


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("subject", [42, 0], ids=["number", "zero"])
def test_the_subject_is_written_as_a_string(subject):
    """PyJWT issues a token with a number in `sub`, and refuses to verify it."""
    sub = issued(subject).get("sub")
    assert sub == str(subject), f"sub is {sub!r}, and the subject was {subject!r}"


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("key", [KEY, ACCENTS], ids=["bytes", "text"])
def test_pyjwt_accepts_the_token_under_hs256(key):
    """Text is UTF-8, so that both sides sign under the same bytes."""
    token = issue_token("42", key, **OURS)
    assert type(token) is str, f"a token goes into a header line as text; this is {token!r}"
    secret = key.encode() if isinstance(key, str) else key
    assert pyjwt.decode(token, secret, algorithms=["HS256"], **OURS) == contents(token)[1]


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("key", [KEY[:31], "correct horse"], ids=["a-byte-short", "a-password"])
def test_nothing_is_issued_under_a_weak_key(key):
    """PyJWT warns, and signs. Whoever gets one token can then guess the key at home."""
    assert_raises(ValueError, issue_token, "42", key, **OURS)


# --- Task 3: verify -----------------------------------------------------------

#: What a token may not say, and the error that PyJWT has for it.
BAD_CLAIMS = [
    *(pytest.param({name: ABSENT}, pyjwt.MissingRequiredClaimError, id=f"no-{name}") for name in claims_with()),
    pytest.param({"exp": LONG_AGO}, pyjwt.ExpiredSignatureError, id="expired"),
    pytest.param({"iat": FAR_AHEAD, "exp": FAR_AHEAD + 900}, pyjwt.ImmatureSignatureError, id="issued-in-the-future"),
    pytest.param({"nbf": FAR_AHEAD, "exp": FAR_AHEAD + 900}, pyjwt.ImmatureSignatureError, id="valid-in-the-future"),
    pytest.param({"aud": "billing"}, pyjwt.InvalidAudienceError, id="for-another-service"),
    pytest.param({"aud": "order"}, pyjwt.InvalidAudienceError, id="for-part-of-us"),
    pytest.param({"aud": "orders-admin"}, pyjwt.InvalidAudienceError, id="for-more-than-us"),
    pytest.param({"iss": "https://login.exam"}, pyjwt.InvalidIssuerError, id="by-part-of-the-issuer"),
    pytest.param({"iss": f"{ISSUER}.evil.example"}, pyjwt.InvalidIssuerError, id="by-more-than-the-issuer"),
    pytest.param({"iss": f"{ISSUER}/"}, pyjwt.InvalidIssuerError, id="by-the-issuer-and-a-slash"),
    pytest.param({"iss": "https://LOGIN.example"}, pyjwt.InvalidIssuerError, id="by-the-issuer-in-capitals"),
]


@pytest.mark.task(taskno=3)
def test_the_claims_of_a_good_token_are_returned():
    """All of them, your own ones included."""
    claims = claims_with(roles=["reader"])
    assert_returns(claims, verify_token, token_of(HEADER, claims), KEY, **OURS)


@pytest.mark.task(taskno=3)
def test_what_you_issue_you_verify():
    """The whole way, under a key that is text."""
    token = issue_token("42", ACCENTS, **OURS)
    assert_returns(contents(token)[1], verify_token, token, ACCENTS, **OURS)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(("changes", "error"), BAD_CLAIMS)
def test_a_signed_token_with_bad_claims_is_refused(changes, error):
    """Every one of these carries a right signature. What you do not ask for, PyJWT does not check."""
    assert_raises(error, verify_token, token_with(**changes), KEY, **OURS)


@pytest.mark.task(taskno=3)
def test_two_seconds_too_late_is_too_late():
    """Nobody asked for a leeway here. If your clocks differ, that is a decision with a number in it."""
    token = token_with(exp=int(time.time()) - 2)
    assert_raises(pyjwt.ExpiredSignatureError, verify_token, token, KEY, **OURS)


@pytest.mark.task(taskno=3)
def test_each_call_judges_the_token_anew():
    """An answer that was kept outlives the token, and whoever got it first may have changed it."""
    token = token_with()
    claims = verify_token(token, KEY, **OURS)
    claims["sub"] = "1"
    assert_returns(contents(token)[1], verify_token, token, KEY, **OURS)
    assert_raises(pyjwt.InvalidSignatureError, verify_token, token, OTHER_KEY, **OURS)


@pytest.mark.task(taskno=3)
def test_a_token_that_was_changed_is_refused():
    """The claims of one token, the signature of another."""
    signature = token_with().rpartition(".")[2]
    forged = f"{segment(HEADER)}.{segment(claims_with(sub='1'))}.{signature}"
    assert_raises(pyjwt.InvalidSignatureError, verify_token, forged, KEY, **OURS)


@pytest.mark.task(taskno=3)
def test_a_token_under_another_key_is_refused():
    """Everything it says is right, but anybody could have said it."""
    assert_raises(pyjwt.InvalidSignatureError, verify_token, token_with(), OTHER_KEY, **OURS)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    ("header", "digest"),
    [
        pytest.param({"alg": "HS384"}, "sha384", id="HS384"),
        pytest.param({"alg": "HS512"}, "sha512", id="HS512"),
        pytest.param({"alg": "RS256"}, "sha256", id="RS256"),
        pytest.param({"alg": "RS384"}, "sha384", id="RS384"),
        pytest.param({"alg": "RS512"}, "sha512", id="RS512"),
        pytest.param({"typ": "JWT"}, "sha256", id="missing"),
    ],
)
def test_the_verifier_chooses_the_algorithm(header, digest):
    """HS384 and HS512 are even signed rightly, with our key. You accept HS256, and you never ask a token."""
    token = token_of(header, claims_with(), LONG_KEY, digest)
    assert_raises(pyjwt.InvalidAlgorithmError, verify_token, token, LONG_KEY, **OURS)


@pytest.mark.task(taskno=3)
def test_an_unsigned_token_is_refused():
    """`alg` none and no signature: RFC 7519 section 6 allows it, RFC 8725 section 3.2 tells what to do."""
    unsigned = f"{segment({'alg': 'none'})}.{segment(claims_with())}."
    assert_raises(pyjwt.InvalidAlgorithmError, verify_token, unsigned, KEY, **OURS)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Bearer", id="a-word"),
        pytest.param(token_of(HEADER, ["sub", "42"]), id="claims-are-an-array"),
    ],
)
def test_what_is_no_token_is_refused_the_same_way(text):
    """Whatever arrives, the caller has one family of exceptions to catch."""
    assert_raises(pyjwt.InvalidTokenError, verify_token, text, KEY, **OURS)


# --- Task 4: look without trusting --------------------------------------------


@pytest.mark.task(taskno=4)
def test_header_and_claims_can_be_read_without_a_key():
    """In this order. Nobody needs your key to do the same."""
    header, claims = {**HEADER, "kid": "2026-01"}, claims_with()
    assert_returns((header, claims), peek, token_of(header, claims, OTHER_KEY))


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    ("header", "changes"),
    [
        pytest.param(HEADER, {"exp": LONG_AGO}, id="expired"),
        pytest.param(HEADER, dict.fromkeys(claims_with(), ABSENT), id="no-claims"),
        pytest.param({"alg": "none"}, {}, id="alg-none"),
        pytest.param({"alg": "XS999"}, {}, id="unknown-algorithm"),
    ],
)
def test_tokens_that_nobody_should_trust_can_be_read_as_well(header, changes):
    """They are the ones you want to see in the log."""
    claims = claims_with(**changes)
    assert_returns((header, claims), peek, token_of(header, claims))


@pytest.mark.task(taskno=4)
def test_text_that_is_no_token_cannot_be_read():
    """What a stranger sent must not become an error of the server."""
    assert_raises(pyjwt.InvalidTokenError, peek, "Bearer")


# --- Task 5: a keyring --------------------------------------------------------


@pytest.fixture(scope="module")
def rsa_key():
    """Make a private key; it takes a tenth of a second, and nothing of it is stored."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def keyring(rsa_key):
    """Three keys of ours; of the last one, only the public half is here."""
    public = rsa_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "2025": VerificationKey(OTHER_KEY, "HS256"),
        "2026": VerificationKey(LONG_KEY.decode(), "HS512"),
        "partner": VerificationKey(public, "RS256"),
    }


def token_by(kid: object, key: bytes, algorithm: str = "HS256", digest: str = "sha256", **changes: object) -> str:
    """Make a token that names its key, and is good but for the changes to its claims; ABSENT: it names none."""
    header = {"alg": algorithm, "typ": "JWT", "kid": kid}
    return token_of(
        {name: value for name, value in header.items() if value is not ABSENT}, claims_with(**changes), key, digest
    )


@pytest.mark.task(taskno=5)
def test_a_token_is_verified_with_the_key_it_names(keyring):
    """Last year's key still opens last year's tokens: that is how keys are replaced without a downtime."""
    for kid, key, algorithm, digest in (
        ("2025", OTHER_KEY, "HS256", "sha256"),
        ("2026", LONG_KEY, "HS512", "sha512"),
    ):
        token = token_by(kid, key, algorithm, digest, sub=kid)
        assert_returns(contents(token)[1], verify_with_keyring, token, keyring, **OURS)


@pytest.mark.task(taskno=5)
def test_a_token_signed_with_a_private_key_is_verified_with_the_public_one(keyring, rsa_key):
    """RS256: whoever can verify it could not have made it."""
    claims = claims_with()
    token = pyjwt.encode(claims, rsa_key, algorithm="RS256", headers={"kid": "partner"})
    assert_returns(claims, verify_with_keyring, token, keyring, **OURS)


@pytest.mark.task(taskno=5)
def test_a_public_key_is_no_secret(keyring):
    """HS256 under the *public* key of the partner: the best known forgery. Everybody has that key."""
    forged = token_by("partner", keyring["partner"].material)
    assert_raises(pyjwt.InvalidAlgorithmError, verify_with_keyring, forged, keyring, **OURS)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    ("kid", "key", "algorithm", "digest"),
    [
        pytest.param("2026", LONG_KEY, "HS256", "sha256", id="HS256-for-HS512"),
        pytest.param("2025", OTHER_KEY, "HS384", "sha384", id="HS384-for-HS256"),
        pytest.param("2025", OTHER_KEY, "HS512", "sha512", id="HS512-for-HS256"),
    ],
)
def test_each_key_is_bound_to_one_algorithm(keyring, kid, key, algorithm, digest):
    """The key is the right one and the MAC as well, but this key is not for this algorithm."""
    token = token_by(kid, key, algorithm, digest)
    assert_raises(pyjwt.InvalidAlgorithmError, verify_with_keyring, token, keyring, **OURS)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("algorithm", ["RS384", "RS512"])
def test_a_relative_of_the_algorithm_is_another_algorithm(keyring, rsa_key, algorithm):
    """The partner has signed this with the right key, and not as agreed."""
    token = pyjwt.encode(claims_with(), rsa_key, algorithm=algorithm, headers={"kid": "partner"})
    assert_raises(pyjwt.InvalidAlgorithmError, verify_with_keyring, token, keyring, **OURS)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("kid", ["2025", "partner"])
def test_an_unsigned_token_does_not_get_in_by_naming_a_key(keyring, kid):
    """`alg` none is one more thing that the token may not choose."""
    unsigned = f"{segment({'alg': 'none', 'kid': kid})}.{segment(claims_with())}."
    assert_raises(pyjwt.InvalidAlgorithmError, verify_with_keyring, unsigned, keyring, **OURS)


@pytest.mark.task(taskno=5)
def test_another_key_of_the_ring_does_not_help(keyring):
    """Signed by us, but not with the key it names."""
    token = token_by("2025", LONG_KEY)
    assert_raises(pyjwt.InvalidSignatureError, verify_with_keyring, token, keyring, **OURS)


@pytest.mark.task(taskno=5)
def test_a_key_that_the_token_brings_along_is_not_used(keyring):
    """RFC 8725 section 3.10: `jwk` and `jku` are the sender's words."""
    jwk = {"kty": "oct", "k": segment(KEY), "alg": "HS256"}
    header = {"alg": "HS256", "kid": "2025", "jwk": jwk}
    forged = token_of(header, claims_with(), KEY)
    assert_raises(pyjwt.InvalidSignatureError, verify_with_keyring, forged, keyring, **OURS)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    "kid",
    [
        pytest.param(ABSENT, id="missing"),
        pytest.param("2024", id="unknown"),
        pytest.param(["2025"], id="list"),
    ],
)
def test_a_token_that_names_no_key_of_ours_is_refused(keyring, kid):
    """Though it is signed with one: which one to try is not a guess."""
    token = token_by(kid, OTHER_KEY)
    assert_raises(pyjwt.InvalidTokenError, verify_with_keyring, token, keyring, **OURS)


@pytest.mark.task(taskno=5)
def test_a_ring_of_one_key_makes_no_exception():
    """It will be a ring of two one day."""
    alone = {"2025": VerificationKey(OTHER_KEY, "HS256")}
    assert_raises(pyjwt.InvalidTokenError, verify_with_keyring, token_by(ABSENT, OTHER_KEY), alone, **OURS)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(("changes", "error"), BAD_CLAIMS)
def test_the_claims_are_judged_as_by_verify_token(keyring, changes, error):
    """A second door needs the same lock."""
    token = token_by("2025", OTHER_KEY, **changes)
    assert_raises(error, verify_with_keyring, token, keyring, **OURS)


@pytest.mark.task(taskno=5)
def test_what_is_no_token_names_no_key(keyring):
    """There is no header to ask."""
    assert_raises(pyjwt.InvalidTokenError, verify_with_keyring, "Bearer", keyring, **OURS)


# --- Task 6: say why ----------------------------------------------------------


class Revoked(pyjwt.InvalidTokenError):
    """An application's own reason to refuse a token."""


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (pyjwt.ExpiredSignatureError("wrong audience"), "expired"),
        (pyjwt.ImmatureSignatureError("expired"), "not_yet_valid"),
        (pyjwt.InvalidSignatureError("not enough segments"), "bad_signature"),
        (pyjwt.InvalidAlgorithmError(), "bad_algorithm"),
        (pyjwt.InvalidAudienceError("invalid issuer"), "wrong_audience"),
        (pyjwt.InvalidIssuerError(), "wrong_issuer"),
        (pyjwt.MissingRequiredClaimError("aud"), "missing_claim"),
        (pyjwt.DecodeError("signature verification failed"), "malformed"),
        (pyjwt.exceptions.InvalidSubjectError(), "invalid"),
        (pyjwt.InvalidTokenError("expired"), "invalid"),
        (Revoked(), "invalid"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_each_refusal_has_a_code(error, code):
    """By its class: messages change with the next release of PyJWT."""
    assert_returns(code, reason, error)


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    "error",
    [pyjwt.InvalidKeyError("a public key is no secret"), ValueError("the key is too short")],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_our_own_is_not_blamed_on_the_token(error):
    """A wrong key file is no reason to answer 401: raise that error itself, so that somebody sees it."""
    raised = assert_raises(type(error), reason, error)
    assert raised is error, f"reason raised another error: {raised!r}, and not the one it was given"


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    ("token", "code"),
    [
        pytest.param(lambda: token_with(exp=LONG_AGO), "expired", id="expired"),
        pytest.param(lambda: token_of(HEADER, claims_with(), OTHER_KEY), "bad_signature", id="another-key"),
        pytest.param(lambda: token_of({"alg": "none"}, claims_with()), "bad_algorithm", id="alg-none"),
        pytest.param(lambda: "Bearer", "malformed", id="no-token"),
    ],
)
def test_from_a_refused_token_to_the_log(token, code):
    """The whole way: `verify_token` raises, `reason` says why."""
    error = assert_raises(pyjwt.InvalidTokenError, verify_token, token(), KEY, **OURS)
    assert_returns(code, reason, error)

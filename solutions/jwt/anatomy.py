"""Kata: JWT anatomy. Build and verify an HS256 JSON Web Token with the standard library only.

A compact JWT is three base64url segments joined by dots (RFC 7515 section 7.1):

    BASE64URL(JOSE header) . BASE64URL(claims set) . BASE64URL(signature)

Standard library only (base64, hashlib, hmac, json). Do not use PyJWT here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
from typing import Any

ALPHABET = frozenset(string.ascii_letters + string.digits + "-_")
HEADER = {"alg": "HS256", "typ": "JWT"}
SHORTEST_KEY = 32  # bytes: as long as the hash, RFC 7518 section 3.2


class InvalidToken(ValueError):
    """The token must not be accepted (malformed, wrong algorithm or bad signature)."""


# --- Task 1: base64url --------------------------------------------------------


def base64url_encode(data: bytes) -> str:
    """Encode bytes as base64url text WITHOUT '=' padding (RFC 7515 section 2).

    >>> base64url_encode(bytes([3, 236, 255, 224, 193]))
    'A-z_4ME'
    """
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base64url_decode(text: str) -> bytes:
    """Decode unpadded base64url text.

    Raises ValueError for any character outside A-Z a-z 0-9 - _ (so also for '=', '+', '/'
    and whitespace) and for an impossible length (len(text) % 4 == 1).
    """
    if not ALPHABET.issuperset(text):
        raise ValueError("base64url text has only the characters A-Z a-z 0-9 - _")
    # An impossible length is refused by the stdlib itself: binascii.Error is a ValueError.
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- Task 2: look inside a token without any key ------------------------------


def split_token(token: str) -> tuple[str, str, str]:
    """Return the (header, payload, signature) segments, still encoded.

    Raises InvalidToken unless there are exactly three segments.
    """
    match token.split("."):
        case [header, payload, signature]:
            return header, payload, signature
        case segments:
            raise InvalidToken(f"a signed token has three segments, this text has {len(segments)}")


def _json_object(segment: str) -> dict[str, Any]:
    """Decode one segment: base64url, then UTF-8, then JSON, then nothing but an object."""
    try:
        value = json.loads(base64url_decode(segment).decode())
    except ValueError as error:  # binascii.Error, UnicodeDecodeError and JSONDecodeError are ValueErrors too
        raise InvalidToken("the segment is not base64url-encoded UTF-8 JSON") from error
    if not isinstance(value, dict):
        raise InvalidToken("the segment is JSON, but not a JSON object")
    return value


def read_header(token: str) -> dict[str, Any]:
    """Return the JOSE header. Nothing is verified.

    Raises InvalidToken when the segment is not base64url-encoded UTF-8 JSON of an object.
    """
    header, _, _ = split_token(token)
    return _json_object(header)


def read_claims_unverified(token: str) -> dict[str, Any]:
    """Return the claims WITHOUT checking the signature: what an eavesdropper sees.

    Raises InvalidToken when the segment is not base64url-encoded UTF-8 JSON of an object.
    """
    _, payload, _ = split_token(token)
    return _json_object(payload)


# --- Task 3: sign -------------------------------------------------------------


def _json_segment(value: dict[str, Any]) -> str:
    return base64url_encode(json.dumps(value, separators=(",", ":")).encode())


def signing_input(header: dict[str, Any], claims: dict[str, Any]) -> bytes:
    """Return ASCII(BASE64URL(header) + '.' + BASE64URL(claims)), the bytes that get signed.

    Serialise both objects as compact JSON (no spaces), UTF-8 encoded.
    """
    return f"{_json_segment(header)}.{_json_segment(claims)}".encode()


def sign_hs256(message: bytes, key: bytes) -> str:
    """Return the base64url text of HMAC-SHA256(key, message)."""
    return base64url_encode(hmac.new(key, message, hashlib.sha256).digest())


# --- Task 4: issue a token ----------------------------------------------------


def encode(claims: dict[str, Any], key: bytes) -> str:
    """Return a compact HS256 JWT with header {"alg": "HS256", "typ": "JWT"}.

    Raises ValueError for a key shorter than 32 bytes (RFC 7518 section 3.2).
    """
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"HS256 needs a key of at least {SHORTEST_KEY} bytes, this one has {len(key)}")
    message = signing_input(HEADER, claims)
    return f"{message.decode()}.{sign_hs256(message, key)}"


# --- Task 5: verify -----------------------------------------------------------


def signatures_match(expected: str, presented: str) -> bool:
    """Compare two signature texts in constant time (no early exit on the first difference).

    Must return False, not raise, for different lengths and for non-ASCII input.
    """
    return expected.isascii() and presented.isascii() and hmac.compare_digest(expected, presented)


def verify(token: str, key: bytes) -> dict[str, Any]:
    """Return the claims of a token whose HS256 signature is right; raise InvalidToken otherwise.

    * The algorithm is fixed by the VERIFIER: any header "alg" other than exactly "HS256" is refused.
    * A header with "crit" is refused (RFC 7515 section 4.1.11: extensions we do not understand).
    * The signature covers the segments as received, never a re-serialised copy.
    """
    if not token.isascii():
        raise InvalidToken("a token is ASCII text")
    header = read_header(token)
    if header.get("alg") != "HS256":
        raise InvalidToken("this verifier accepts HS256 and nothing else")
    if "crit" in header:
        raise InvalidToken("the token depends on an extension that this verifier does not know")
    message, _, signature = token.rpartition(".")
    if not signatures_match(sign_hs256(message.encode("ascii"), key), signature):
        raise InvalidToken("the signature is not ours")
    return read_claims_unverified(token)


# --- Task 6: keep secrets out of the payload ----------------------------------


def claims_for(user: dict[str, Any]) -> dict[str, Any]:
    """Return the claims that may be published about `user`: sub, name and roles only.

    `sub` is str(user["id"]) (RFC 7519: sub is a string); name and roles are copied when present.
    Every other field is dropped, including ones nobody has thought of yet (allow-list).
    """
    return {"sub": str(user["id"])} | {field: user[field] for field in ("name", "roles") if field in user}

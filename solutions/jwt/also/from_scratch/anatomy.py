"""Kata: JWT anatomy. Build and verify an HS256 JSON Web Token with the standard library only.

A compact JWT is three base64url segments joined by dots (RFC 7515 section 7.1):

    BASE64URL(JOSE header) . BASE64URL(claims set) . BASE64URL(signature)

Standard library only (base64, hashlib, hmac, json). Do not use PyJWT here.

Another right answer, with neither base64 nor hmac.new: base64url is a number written in base 64, and HMAC is a hash
around a hash.
"""

from __future__ import annotations

import hashlib
import json
import string
from hmac import compare_digest
from typing import Any

DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
VALUES = {digit: value for value, digit in enumerate(DIGITS)}
BLOCK = 64  # bytes that SHA-256 takes in at a time


class InvalidToken(ValueError):
    """The token must not be accepted (malformed, wrong algorithm or bad signature)."""


# --- Task 1: base64url --------------------------------------------------------


def base64url_encode(data: bytes) -> str:
    """Encode bytes as base64url text WITHOUT '=' padding (RFC 7515 section 2).

    >>> base64url_encode(bytes([3, 236, 255, 224, 193]))
    'A-z_4ME'
    """
    bits = 8 * len(data)
    digits = -(-bits // 6)
    number = int.from_bytes(data, "big") << (6 * digits - bits)
    return "".join(DIGITS[number >> 6 * place & 63] for place in reversed(range(digits)))


def base64url_decode(text: str) -> bytes:
    """Decode unpadded base64url text.

    Raises ValueError for any character outside A-Z a-z 0-9 - _ (so also for '=', '+', '/'
    and whitespace) and for an impossible length (len(text) % 4 == 1).
    """
    size, rest = divmod(len(text) * 6, 8)
    if rest == 6 or not VALUES.keys() >= set(text):
        raise ValueError(f"{text!r} is not base64url")
    number = 0
    for digit in text:
        number = (number << 6) | VALUES[digit]
    return (number >> rest).to_bytes(size, "big")


# --- Task 2: look inside a token without any key ------------------------------


def split_token(token: str) -> tuple[str, str, str]:
    """Return the (header, payload, signature) segments, still encoded.

    Raises InvalidToken unless there are exactly three segments.
    """
    if token.count(".") != 2:
        raise InvalidToken("there are two dots in a signed token")
    header, _, rest = token.partition(".")
    payload, _, signature = rest.partition(".")
    return header, payload, signature


def _read(token: str, place: int) -> dict[str, Any]:
    segment = split_token(token)[place]
    try:
        value = json.loads(base64url_decode(segment).decode())
    except ValueError as error:
        raise InvalidToken(f"segment {place} cannot be read: {error}") from error
    if type(value) is dict:
        return value
    raise InvalidToken(f"segment {place} holds a {type(value).__name__}")


def read_header(token: str) -> dict[str, Any]:
    """Return the JOSE header. Nothing is verified.

    Raises InvalidToken when the segment is not base64url-encoded UTF-8 JSON of an object.
    """
    return _read(token, 0)


def read_claims_unverified(token: str) -> dict[str, Any]:
    """Return the claims WITHOUT checking the signature: what an eavesdropper sees.

    Raises InvalidToken when the segment is not base64url-encoded UTF-8 JSON of an object.
    """
    return _read(token, 1)


# --- Task 3: sign -------------------------------------------------------------


def signing_input(header: dict[str, Any], claims: dict[str, Any]) -> bytes:
    """Return ASCII(BASE64URL(header) + '.' + BASE64URL(claims)), the bytes that get signed.

    Serialise both objects as compact JSON (no spaces), UTF-8 encoded.
    """
    return ".".join(
        base64url_encode(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode())
        for part in (header, claims)
    ).encode()


def sign_hs256(message: bytes, key: bytes) -> str:
    """Return the base64url text of HMAC-SHA256(key, message)."""
    # RFC 2104: the key is mixed into each of the two hashes in another way.
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + message).digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).digest()
    return base64url_encode(outer)


# --- Task 4: issue a token ----------------------------------------------------


def encode(claims: dict[str, Any], key: bytes) -> str:
    """Return a compact HS256 JWT with header {"alg": "HS256", "typ": "JWT"}.

    Raises ValueError for a key shorter than 32 bytes (RFC 7518 section 3.2).
    """
    if len(key) * 8 < 256:
        raise ValueError("the key is shorter than the 256 bits of the hash")
    message = signing_input({"alg": "HS256", "typ": "JWT"}, claims)
    return ".".join((message.decode(), sign_hs256(message, key)))


# --- Task 5: verify -----------------------------------------------------------


def signatures_match(expected: str, presented: str) -> bool:
    """Compare two signature texts in constant time (no early exit on the first difference).

    Must return False, not raise, for different lengths and for non-ASCII input.
    """
    return compare_digest(expected.encode(errors="surrogatepass"), presented.encode(errors="surrogatepass"))


def verify(token: str, key: bytes) -> dict[str, Any]:
    """Return the claims of a token whose HS256 signature is right; raise InvalidToken otherwise.

    * The algorithm is fixed by the VERIFIER: any header "alg" other than exactly "HS256" is refused.
    * A header with "crit" is refused (RFC 7515 section 4.1.11: extensions we do not understand).
    * The signature covers the segments as received, never a re-serialised copy.
    """
    header, payload, signature = split_token(token)
    match read_header(token):
        case {"crit": _}:
            raise InvalidToken("an extension we do not know")
        case {"alg": "HS256"}:
            expected = sign_hs256(f"{header}.{payload}".encode(errors="surrogatepass"), key)
        case _:
            raise InvalidToken("an algorithm we do not accept")
    if signatures_match(expected, signature):
        return read_claims_unverified(token)
    raise InvalidToken("a signature we did not make")


# --- Task 6: keep secrets out of the payload ----------------------------------


def claims_for(user: dict[str, Any]) -> dict[str, Any]:
    """Return the claims that may be published about `user`: sub, name and roles only.

    `sub` is str(user["id"]) (RFC 7519: sub is a string); name and roles are copied when present.
    Every other field is dropped, including ones nobody has thought of yet (allow-list).
    """
    match user:
        case {"id": number, "name": name, "roles": roles}:
            return {"sub": str(number), "name": name, "roles": roles}
        case {"id": number, "name": name}:
            return {"sub": str(number), "name": name}
        case {"id": number, "roles": roles}:
            return {"sub": str(number), "roles": roles}
    return {"sub": str(user["id"])}

"""Kata: JWT anatomy. Build and verify an HS256 JSON Web Token with the standard library only.

A compact JWT is three base64url segments joined by dots (RFC 7515 section 7.1):

    BASE64URL(JOSE header) . BASE64URL(claims set) . BASE64URL(signature)

Standard library only (base64, hashlib, hmac, json). Do not use PyJWT here.

Another right answer: the token is a value that knows its parts, and the functions are its front door.
"""

from __future__ import annotations

import binascii
import hmac
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

STANDARD_TO_URL = str.maketrans("+/", "-_", "=")
URL_TO_STANDARD = str.maketrans("-_", "+/")


class InvalidToken(ValueError):
    """The token must not be accepted (malformed, wrong algorithm or bad signature)."""


# --- Task 1: base64url --------------------------------------------------------


def base64url_encode(data: bytes) -> str:
    """Encode bytes as base64url text WITHOUT '=' padding (RFC 7515 section 2).

    >>> base64url_encode(bytes([3, 236, 255, 224, 193]))
    'A-z_4ME'
    """
    return binascii.b2a_base64(data, newline=False).decode().translate(STANDARD_TO_URL)


def base64url_decode(text: str) -> bytes:
    """Decode unpadded base64url text.

    Raises ValueError for any character outside A-Z a-z 0-9 - _ (so also for '=', '+', '/'
    and whitespace) and for an impossible length (len(text) % 4 == 1).
    """
    data = binascii.a2b_base64(text.translate(URL_TO_STANDARD) + "=" * (-len(text) % 4))
    # The stdlib skips and mends what it does not know; then the way back leads elsewhere.
    if base64url_encode(data) != text:
        raise ValueError("this is not how base64url is written")
    return data


# --- Task 2: look inside a token without any key ------------------------------


@dataclass(frozen=True)
class CompactToken:
    """The three segments as they travel; what they mean is worked out on demand."""

    header_segment: str
    payload_segment: str
    signature: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            header, payload, signature = text.split(".")
        except ValueError:
            raise InvalidToken("a token has exactly three segments") from None
        return cls(header, payload, signature)

    @classmethod
    def unsigned(cls, header: dict[str, Any], claims: dict[str, Any]) -> Self:
        to_json = json.JSONEncoder(separators=(",", ":")).encode
        return cls(base64url_encode(to_json(header).encode()), base64url_encode(to_json(claims).encode()))

    def signed_with(self, key: bytes) -> Self:
        return type(self)(self.header_segment, self.payload_segment, sign_hs256(self.message, key))

    def __str__(self) -> str:
        return f"{self.header_segment}.{self.payload_segment}.{self.signature}"

    @property
    def message(self) -> bytes:
        """What the signature covers: the segments as received, so that foreign JSON keeps its spaces."""
        return f"{self.header_segment}.{self.payload_segment}".encode("utf-8", "surrogatepass")

    @cached_property
    def header(self) -> dict[str, Any]:
        return self._object(self.header_segment)

    @cached_property
    def claims(self) -> dict[str, Any]:
        return self._object(self.payload_segment)

    def check_header(self) -> None:
        if "crit" in self.header or "alg" not in self.header or self.header["alg"] != "HS256":
            raise InvalidToken("a header that this verifier does not accept")

    def check_signature(self, key: bytes) -> None:
        if not signatures_match(sign_hs256(self.message, key), self.signature):
            raise InvalidToken("a signature that this key did not make")

    @staticmethod
    def _object(segment: str) -> dict[str, Any]:
        try:
            value = json.loads(str(base64url_decode(segment), encoding="utf-8"))
            # Only an object has pairs.
            return dict(value.items())
        except (ValueError, AttributeError) as error:
            raise InvalidToken("a segment that is no JSON object") from error


def split_token(token: str) -> tuple[str, str, str]:
    """Return the (header, payload, signature) segments, still encoded.

    Raises InvalidToken unless there are exactly three segments.
    """
    parts = CompactToken.parse(token)
    return parts.header_segment, parts.payload_segment, parts.signature


def read_header(token: str) -> dict[str, Any]:
    """Return the JOSE header. Nothing is verified.

    Raises InvalidToken when the segment is not base64url-encoded UTF-8 JSON of an object.
    """
    return CompactToken.parse(token).header


def read_claims_unverified(token: str) -> dict[str, Any]:
    """Return the claims WITHOUT checking the signature: what an eavesdropper sees.

    Raises InvalidToken when the segment is not base64url-encoded UTF-8 JSON of an object.
    """
    return CompactToken.parse(token).claims


# --- Task 3: sign -------------------------------------------------------------


def signing_input(header: dict[str, Any], claims: dict[str, Any]) -> bytes:
    """Return ASCII(BASE64URL(header) + '.' + BASE64URL(claims)), the bytes that get signed.

    Serialise both objects as compact JSON (no spaces), UTF-8 encoded.
    """
    return CompactToken.unsigned(header, claims).message


def sign_hs256(message: bytes, key: bytes) -> str:
    """Return the base64url text of HMAC-SHA256(key, message)."""
    mac = hmac.new(key, digestmod="sha256")
    mac.update(message)
    return base64url_encode(mac.digest())


# --- Task 4: issue a token ----------------------------------------------------


def encode(claims: dict[str, Any], key: bytes) -> str:
    """Return a compact HS256 JWT with header {"alg": "HS256", "typ": "JWT"}.

    Raises ValueError for a key shorter than 32 bytes (RFC 7518 section 3.2).
    """
    if len(key) <= 31:
        raise ValueError("use a key of 32 bytes or more")
    return str(CompactToken.unsigned({"alg": "HS256", "typ": "JWT"}, claims).signed_with(key))


# --- Task 5: verify -----------------------------------------------------------


def signatures_match(expected: str, presented: str) -> bool:
    """Compare two signature texts in constant time (no early exit on the first difference).

    Must return False, not raise, for different lengths and for non-ASCII input.
    """
    texts = (expected, presented)
    return hmac.compare_digest(*(text.encode("utf-8", "surrogatepass") for text in texts))


def verify(token: str, key: bytes) -> dict[str, Any]:
    """Return the claims of a token whose HS256 signature is right; raise InvalidToken otherwise.

    * The algorithm is fixed by the VERIFIER: any header "alg" other than exactly "HS256" is refused.
    * A header with "crit" is refused (RFC 7515 section 4.1.11: extensions we do not understand).
    * The signature covers the segments as received, never a re-serialised copy.
    """
    received = CompactToken.parse(token)
    received.check_header()
    received.check_signature(key)
    return received.claims


# --- Task 6: keep secrets out of the payload ----------------------------------


def claims_for(user: dict[str, Any]) -> dict[str, Any]:
    """Return the claims that may be published about `user`: sub, name and roles only.

    `sub` is str(user["id"]) (RFC 7519: sub is a string); name and roles are copied when present.
    Every other field is dropped, including ones nobody has thought of yet (allow-list).
    """
    published = {"sub": str(user["id"])}
    for field in {"name", "roles"} & user.keys():
        published[field] = user[field]
    return published

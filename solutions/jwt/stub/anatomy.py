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
from typing import Any


class InvalidToken(ValueError):
    """The token must not be accepted (malformed, wrong algorithm or bad signature)."""


# --- Task 1: base64url --------------------------------------------------------


def base64url_encode(data: bytes) -> str:
    """Encode bytes as base64url text WITHOUT '=' padding (RFC 7515 section 2).

    >>> base64url_encode(bytes([3, 236, 255, 224, 193]))
    'A-z_4ME'
    """
    raise NotImplementedError


def base64url_decode(text: str) -> bytes:
    """Decode unpadded base64url text.

    Raises ValueError for any character outside A-Z a-z 0-9 - _ (so also for '=', '+', '/'
    and whitespace) and for an impossible length (len(text) % 4 == 1).
    """
    raise NotImplementedError


# --- Task 2: look inside a token without any key ------------------------------


def split_token(token: str) -> tuple[str, str, str]:
    """Return the (header, payload, signature) segments, still encoded.

    Raises InvalidToken unless there are exactly three segments.
    """
    raise NotImplementedError


def read_header(token: str) -> dict[str, Any]:
    """Return the JOSE header. Nothing is verified.

    Raises InvalidToken when the segment is not base64url-encoded UTF-8 JSON of an object.
    """
    raise NotImplementedError


def read_claims_unverified(token: str) -> dict[str, Any]:
    """Return the claims WITHOUT checking the signature: what an eavesdropper sees.

    Raises InvalidToken when the segment is not base64url-encoded UTF-8 JSON of an object.
    """
    raise NotImplementedError


# --- Task 3: sign -------------------------------------------------------------


def signing_input(header: dict[str, Any], claims: dict[str, Any]) -> bytes:
    """Return ASCII(BASE64URL(header) + '.' + BASE64URL(claims)), the bytes that get signed.

    Serialise both objects as compact JSON (no spaces), UTF-8 encoded.
    """
    raise NotImplementedError


def sign_hs256(message: bytes, key: bytes) -> str:
    """Return the base64url text of HMAC-SHA256(key, message)."""
    raise NotImplementedError


# --- Task 4: issue a token ----------------------------------------------------


def encode(claims: dict[str, Any], key: bytes) -> str:
    """Return a compact HS256 JWT with header {"alg": "HS256", "typ": "JWT"}.

    Raises ValueError for a key shorter than 32 bytes (RFC 7518 section 3.2).
    """
    raise NotImplementedError


# --- Task 5: verify -----------------------------------------------------------


def signatures_match(expected: str, presented: str) -> bool:
    """Compare two signature texts in constant time (no early exit on the first difference).

    Must return False, not raise, for different lengths and for non-ASCII input.
    """
    raise NotImplementedError


def verify(token: str, key: bytes) -> dict[str, Any]:
    """Return the claims of a token whose HS256 signature is right; raise InvalidToken otherwise.

    * The algorithm is fixed by the VERIFIER: any header "alg" other than exactly "HS256" is refused.
    * A header with "crit" is refused (RFC 7515 section 4.1.11: extensions we do not understand).
    * The signature covers the segments as received, never a re-serialised copy.
    """
    raise NotImplementedError


# --- Task 6: keep secrets out of the payload ----------------------------------


def claims_for(user: dict[str, Any]) -> dict[str, Any]:
    """Return the claims that may be published about `user`: sub, name and roles only.

    `sub` is str(user["id"]) (RFC 7519: sub is a string); name and roles are copied when present.
    Every other field is dropped, including ones nobody has thought of yet (allow-list).
    """
    raise NotImplementedError

"""Kata: JWT anatomy. Build and verify an HS256 JSON Web Token with the standard library only.

A compact JWT is three base64url segments joined by dots (RFC 7515 section 7.1):

    BASE64URL(JOSE header) . BASE64URL(claims set) . BASE64URL(signature)

Standard library only (base64, hashlib, hmac, json). Do not use PyJWT here.

Another right answer, which refuses whatever the contract leaves open: empty segments, stray last bits, doubled names,
NaN, extreme nesting, and short keys on both sides.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from copy import deepcopy
from hmac import digest
from typing import Any, NoReturn

PUBLIC_FIELDS = ("name", "roles")


class InvalidToken(ValueError):
    """The token must not be accepted (malformed, wrong algorithm or bad signature)."""


# --- Task 1: base64url --------------------------------------------------------


def base64url_encode(data: bytes) -> str:
    """Encode bytes as base64url text WITHOUT '=' padding (RFC 7515 section 2).

    >>> base64url_encode(bytes([3, 236, 255, 224, 193]))
    'A-z_4ME'
    """
    return str(base64.b64encode(data, altchars=b"-_"), "ascii").replace("=", "")


def base64url_decode(text: str) -> bytes:
    """Decode unpadded base64url text.

    Raises ValueError for any character outside A-Z a-z 0-9 - _ (so also for '=', '+', '/'
    and whitespace) and for an impossible length (len(text) % 4 == 1).
    """
    if re.fullmatch("[A-Za-z0-9_-]*", text) is None:
        raise ValueError("a character that base64url does not have")
    if len(text) % 4 == 1:
        raise ValueError("a length that base64url never has")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url_encode(data) != text:
        raise ValueError("the last character carries bits that belong to no byte")
    return data


# --- Task 2: look inside a token without any key ------------------------------


def split_token(token: str) -> tuple[str, str, str]:
    """Return the (header, payload, signature) segments, still encoded.

    Raises InvalidToken unless there are exactly three segments.
    """
    segments = token.split(".")
    if len(segments) != 3 or not all(segments):
        raise InvalidToken("a token has three segments, and none of them is empty")
    header, payload, signature = segments
    return header, payload, signature


def _parse(segment: str, what: str) -> dict[str, Any]:
    try:
        value = json.loads(
            base64url_decode(segment).decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        raise InvalidToken(f"the {what} is not base64url-encoded UTF-8 JSON") from error
    if not isinstance(value, dict):
        raise InvalidToken(f"the {what} is not a JSON object")
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a JSON object that says something twice")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def read_header(token: str) -> dict[str, Any]:
    """Return the JOSE header. Nothing is verified.

    Raises InvalidToken when the segment is not base64url-encoded UTF-8 JSON of an object.
    """
    return _parse(split_token(token)[0], "header")


def read_claims_unverified(token: str) -> dict[str, Any]:
    """Return the claims WITHOUT checking the signature: what an eavesdropper sees.

    Raises InvalidToken when the segment is not base64url-encoded UTF-8 JSON of an object.
    """
    return _parse(split_token(token)[1], "payload")


# --- Task 3: sign -------------------------------------------------------------


def _compact(value: dict[str, Any]) -> bytes:
    encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, sort_keys=True)
    return encoder.encode(value).encode("utf-8")


def signing_input(header: dict[str, Any], claims: dict[str, Any]) -> bytes:
    """Return ASCII(BASE64URL(header) + '.' + BASE64URL(claims)), the bytes that get signed.

    Serialise both objects as compact JSON (no spaces), UTF-8 encoded.
    """
    segments = [base64url_encode(_compact(part)) for part in (header, claims)]
    return ".".join(segments).encode("ascii")


def sign_hs256(message: bytes, key: bytes) -> str:
    """Return the base64url text of HMAC-SHA256(key, message)."""
    return base64url_encode(digest(key, message, hashlib.sha256))


# --- Task 4: issue a token ----------------------------------------------------


def _check_key(key: bytes) -> None:
    if len(key) < hashlib.sha256().digest_size:
        raise ValueError("the key is shorter than the hash")


def encode(claims: dict[str, Any], key: bytes) -> str:
    """Return a compact HS256 JWT with header {"alg": "HS256", "typ": "JWT"}.

    Raises ValueError for a key shorter than 32 bytes (RFC 7518 section 3.2).
    """
    _check_key(key)
    message = signing_input({"alg": "HS256", "typ": "JWT"}, claims)
    return message.decode("ascii") + "." + sign_hs256(message, key)


# --- Task 5: verify -----------------------------------------------------------


def signatures_match(expected: str, presented: str) -> bool:
    """Compare two signature texts in constant time (no early exit on the first difference).

    Must return False, not raise, for different lengths and for non-ASCII input.
    """
    try:
        return secrets.compare_digest(expected.encode("ascii"), presented.encode("ascii"))
    except UnicodeEncodeError:
        return False


def verify(token: str, key: bytes) -> dict[str, Any]:
    """Return the claims of a token whose HS256 signature is right; raise InvalidToken otherwise.

    * The algorithm is fixed by the VERIFIER: any header "alg" other than exactly "HS256" is refused.
    * A header with "crit" is refused (RFC 7515 section 4.1.11: extensions we do not understand).
    * The signature covers the segments as received, never a re-serialised copy.
    """
    _check_key(key)
    header_segment, payload_segment, signature = split_token(token)
    header = _parse(header_segment, "header")
    claims = _parse(payload_segment, "payload")
    expected = sign_hs256(f"{header_segment}.{payload_segment}".encode("ascii"), key)
    refusals = {
        "algorithm": header.get("alg") != "HS256",
        "extension": "crit" in header,
        "signature": not signatures_match(expected, signature),
    }
    for what, refused in refusals.items():
        if refused:
            raise InvalidToken(f"{what} refused")
    return claims


# --- Task 6: keep secrets out of the payload ----------------------------------


def claims_for(user: dict[str, Any]) -> dict[str, Any]:
    """Return the claims that may be published about `user`: sub, name and roles only.

    `sub` is str(user["id"]) (RFC 7519: sub is a string); name and roles are copied when present.
    Every other field is dropped, including ones nobody has thought of yet (allow-list).
    """
    claims = {"sub": str(user["id"])}
    claims.update((field, deepcopy(user[field])) for field in PUBLIC_FIELDS if field in user)
    return claims

"""Kata: signing and verifying with PyJWT, without falling for the well-known attacks.

PyJWT checks only what you ask it to check. `exp`, `nbf`, `iat`, `sub` are checked only when
present, and `iss` only when you pass `issuer=`. Without `audience=`, a token with an `aud` is
refused, and one without `aud` is not. The algorithm allow-list is yours to give.

Another right answer, which refuses whatever the contract leaves open: weak keys on the verifying side, lists of
audiences, lifetimes that are none, other kinds of token; with an error of its own for a key that nobody has.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any, Final

import jwt

STRICT: Final = {"require": ["exp", "iat", "iss", "aud", "sub"], "strict_aud": True}


class UnknownKey(jwt.InvalidTokenError):
    """The token names no key, or none of ours."""


@dataclass(frozen=True)
class VerificationKey:
    """One key of a keyring: the key material and the ONLY algorithm it may be used with."""

    material: str | bytes
    algorithm: str


# --- Task 1: keys -------------------------------------------------------------


def check_hmac_key(key: str | bytes, algorithm: str = "HS256") -> bytes:
    """Return the key as bytes, or raise ValueError when it is too short for the algorithm.

    RFC 7518 section 3.2: the key must be at least as long as the hash output, in BYTES
    (HS256: 32, HS384: 48, HS512: 64). Text is UTF-8 encoded first. An algorithm that is not
    one of these three raises ValueError too. The message must not contain the key.
    """
    try:
        shortest = {"HS256": 256, "HS384": 384, "HS512": 512}[algorithm] // 8
    except KeyError:
        raise ValueError("this is no HMAC algorithm of RFC 7518") from None
    raw = bytes(key, "utf-8") if isinstance(key, str) else bytes(key)
    if not len(raw) >= shortest:
        raise ValueError(f"{shortest - len(raw)} bytes short of what {algorithm} needs")
    return raw


# --- Task 2: issue ------------------------------------------------------------


def issue_token(subject: str, key: str | bytes, *, issuer: str, audience: str, lifetime: int = 900) -> str:
    """Return an HS256 JWT with iss, sub, aud, iat and exp = iat + lifetime (whole seconds).

    `sub` is written as a string whatever type the caller passes (RFC 7519 section 4.1.2).
    Weak keys raise ValueError (use check_hmac_key).
    """
    if lifetime <= 0:
        raise ValueError("a token that was never valid is of no use")
    raw = check_hmac_key(key)
    issued_at = time.time_ns() // 1_000_000_000
    return jwt.encode(
        {
            "iss": issuer,
            "sub": f"{subject}",
            "aud": audience,
            "iat": issued_at,
            "nbf": issued_at,
            "exp": issued_at + lifetime,
            "jti": str(uuid.uuid4()),
        },
        raw,
        algorithm="HS256",
    )


# --- Task 3: verify -----------------------------------------------------------


def verify_token(token: str, key: str | bytes, *, issuer: str, audience: str) -> dict[str, Any]:
    """Return the claims of a valid HS256 token; let PyJWT's InvalidTokenError subclasses escape.

    Only HS256 is acceptable. exp, iat, iss, aud and sub are REQUIRED, and iss/aud must match.
    """
    raw = check_hmac_key(key)
    return jwt.decode(token, raw, ["HS256"], options=STRICT, audience=audience, issuer=issuer)


# --- Task 4: look without trusting --------------------------------------------


def peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (header, claims) WITHOUT verifying anything, for logs and debugging only."""
    header = jwt.get_unverified_header(token)
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise jwt.InvalidTokenError("these claims cannot be read") from error
    return header, claims


# --- Task 5: a keyring (kid), immune to algorithm confusion -------------------


def verify_with_keyring(
    token: str, keyring: dict[str, VerificationKey], *, issuer: str, audience: str
) -> dict[str, Any]:
    """Verify a token whose header names its key by "kid".

    The token may choose WHICH key of ours to use, never which algorithm: the algorithm comes from
    the keyring entry (RFC 8725 sections 2.1 and 3.1). A missing or unknown kid raises
    jwt.InvalidTokenError. Requirements on claims are those of verify_token.
    """
    header = jwt.get_unverified_header(token)
    try:
        entry = keyring[header["kid"]]
    except KeyError as error:
        raise UnknownKey("refused before anything was computed") from error
    material = check_hmac_key(entry.material, entry.algorithm) if entry.algorithm[:2] == "HS" else entry.material
    return jwt.decode(token, material, [entry.algorithm], options=STRICT, audience=audience, issuer=issuer)


# --- Task 6: say why ----------------------------------------------------------


def reason(error: Exception) -> str:
    """Map a verification error to a stable code for logs.

    expired, not_yet_valid, bad_signature, bad_algorithm, wrong_audience, wrong_issuer,
    missing_claim, malformed; any other jwt.InvalidTokenError is "invalid".
    An error that is not a jwt.InvalidTokenError is a bug in OUR code: re-raise it.
    """
    match error:
        case jwt.ExpiredSignatureError():
            return "expired"
        case jwt.ImmatureSignatureError():
            return "not_yet_valid"
        case jwt.InvalidSignatureError():
            return "bad_signature"
        case jwt.InvalidAlgorithmError():
            return "bad_algorithm"
        case jwt.InvalidAudienceError():
            return "wrong_audience"
        case jwt.InvalidIssuerError():
            return "wrong_issuer"
        case jwt.MissingRequiredClaimError():
            return "missing_claim"
        case jwt.DecodeError() | jwt.InvalidIssuedAtError():
            return "malformed"
        case jwt.InvalidTokenError():
            return "invalid"
    raise error

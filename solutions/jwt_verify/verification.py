"""Kata: signing and verifying with PyJWT, without falling for the well-known attacks.

PyJWT checks only what you ask it to check. `exp`, `nbf`, `iat`, `sub` are checked only when
present, and `iss` only when you pass `issuer=`. Without `audience=`, a token with an `aud` is
refused, and one without `aud` is not. The algorithm allow-list is yours to give.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import jwt

#: Bytes: as long as the hash, RFC 7518 section 3.2.
SHORTEST_KEY = {"HS256": 32, "HS384": 48, "HS512": 64}

REQUIRED = ["exp", "iat", "iss", "aud", "sub"]

#: The most specific class first: a bad signature is a DecodeError as well.
CODES = (
    (jwt.InvalidSignatureError, "bad_signature"),
    (jwt.DecodeError, "malformed"),
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.ImmatureSignatureError, "not_yet_valid"),
    (jwt.InvalidAlgorithmError, "bad_algorithm"),
    (jwt.InvalidAudienceError, "wrong_audience"),
    (jwt.InvalidIssuerError, "wrong_issuer"),
    (jwt.MissingRequiredClaimError, "missing_claim"),
    (jwt.InvalidTokenError, "invalid"),
)


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
    if algorithm not in SHORTEST_KEY:
        raise ValueError(f"{algorithm!r} is none of {', '.join(SHORTEST_KEY)}")
    raw = key.encode() if isinstance(key, str) else key
    if len(raw) < SHORTEST_KEY[algorithm]:
        raise ValueError(f"{algorithm} needs a key of {SHORTEST_KEY[algorithm]} bytes or more, this one has {len(raw)}")
    return raw


# --- Task 2: issue ------------------------------------------------------------


def issue_token(subject: str, key: str | bytes, *, issuer: str, audience: str, lifetime: int = 900) -> str:
    """Return an HS256 JWT with iss, sub, aud, iat and exp = iat + lifetime (whole seconds).

    `sub` is written as a string whatever type the caller passes (RFC 7519 section 4.1.2).
    Weak keys raise ValueError (use check_hmac_key).
    """
    now = int(time.time())
    claims = {"iss": issuer, "sub": str(subject), "aud": audience, "iat": now, "exp": now + lifetime}
    return jwt.encode(claims, check_hmac_key(key), algorithm="HS256")


# --- Task 3: verify -----------------------------------------------------------


def _decode(token: str, key: str | bytes, algorithm: str, issuer: str, audience: str) -> dict[str, Any]:
    """Ask PyJWT for everything: it checks nothing that it is not asked to check."""
    return jwt.decode(
        token,
        key,
        algorithms=[algorithm],
        issuer=issuer,
        audience=audience,
        options={"require": REQUIRED},
    )


def verify_token(token: str, key: str | bytes, *, issuer: str, audience: str) -> dict[str, Any]:
    """Return the claims of a valid HS256 token; let PyJWT's InvalidTokenError subclasses escape.

    Only HS256 is acceptable. exp, iat, iss, aud and sub are REQUIRED, and iss/aud must match.
    """
    return _decode(token, key, "HS256", issuer, audience)


# --- Task 4: look without trusting --------------------------------------------


def peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (header, claims) WITHOUT verifying anything, for logs and debugging only."""
    seen = jwt.decode_complete(token, options={"verify_signature": False})
    return seen["header"], seen["payload"]


# --- Task 5: a keyring (kid), immune to algorithm confusion -------------------


def verify_with_keyring(
    token: str, keyring: dict[str, VerificationKey], *, issuer: str, audience: str
) -> dict[str, Any]:
    """Verify a token whose header names its key by "kid".

    The token may choose WHICH key of ours to use, never which algorithm: the algorithm comes from
    the keyring entry (RFC 8725 sections 2.1 and 3.1). A missing or unknown kid raises
    jwt.InvalidTokenError. Requirements on claims are those of verify_token.
    """
    kid = jwt.get_unverified_header(token).get("kid")
    if kid not in keyring:
        raise jwt.InvalidTokenError("the token names no key of ours")
    entry = keyring[kid]
    return _decode(token, entry.material, entry.algorithm, issuer, audience)


# --- Task 6: say why ----------------------------------------------------------


def reason(error: Exception) -> str:
    """Map a verification error to a stable code for logs.

    expired, not_yet_valid, bad_signature, bad_algorithm, wrong_audience, wrong_issuer,
    missing_claim, malformed; any other jwt.InvalidTokenError is "invalid".
    An error that is not a jwt.InvalidTokenError is a bug in OUR code: re-raise it.
    """
    for kind, code in CODES:
        if isinstance(error, kind):
            return code
    raise error

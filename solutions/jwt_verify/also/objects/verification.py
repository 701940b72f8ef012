"""Kata: signing and verifying with PyJWT, without falling for the well-known attacks.

PyJWT checks only what you ask it to check. `exp`, `nbf`, `iat`, `sub` are checked only when
present, and `iss` only when you pass `issuer=`. Without `audience=`, a token with an `aud` is
refused, and one without `aud` is not. The algorithm allow-list is yours to give.

Another right answer: one PyJWT object that is told once what to demand, a verifier for each issuer and audience, and a
function per kind of error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import singledispatch
from typing import Any, NamedTuple

import jwt

DEMANDING = jwt.PyJWT(options={"require": ["exp", "iat", "iss", "aud", "sub"]})
TRUSTING = jwt.PyJWT(options={"verify_signature": False})


class Peeked(NamedTuple):
    header: dict[str, Any]
    claims: dict[str, Any]


@dataclass(frozen=True)
class Verifier:
    """Whose tokens are accepted, and for whom they are."""

    issuer: str
    audience: str

    def claims(self, token: str, key: VerificationKey) -> dict[str, Any]:
        return DEMANDING.decode(
            token, key.material, algorithms=(key.algorithm,), issuer=[self.issuer], audience={self.audience}
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
    match algorithm:
        case "HS256" | "HS384" | "HS512":
            shortest = int(algorithm.removeprefix("HS")) // 8
        case _:
            raise ValueError("not an HMAC algorithm")
    if isinstance(key, str):
        return check_hmac_key(key.encode("utf-8"), algorithm)
    if len(key) in range(shortest):
        raise ValueError("too short")
    return key


# --- Task 2: issue ------------------------------------------------------------


def issue_token(subject: str, key: str | bytes, *, issuer: str, audience: str, lifetime: int = 900) -> str:
    """Return an HS256 JWT with iss, sub, aud, iat and exp = iat + lifetime (whole seconds).

    `sub` is written as a string whatever type the caller passes (RFC 7519 section 4.1.2).
    Weak keys raise ValueError (use check_hmac_key).
    """
    secret = check_hmac_key(key)
    now = datetime.now(UTC).replace(microsecond=0)
    claims = {"iss": issuer, "sub": str(subject), "aud": audience, "iat": now, "exp": now + timedelta(seconds=lifetime)}
    return DEMANDING.encode(claims, secret)


# --- Task 3: verify -----------------------------------------------------------


def verify_token(token: str, key: str | bytes, *, issuer: str, audience: str) -> dict[str, Any]:
    """Return the claims of a valid HS256 token; let PyJWT's InvalidTokenError subclasses escape.

    Only HS256 is acceptable. exp, iat, iss, aud and sub are REQUIRED, and iss/aud must match.
    """
    return Verifier(issuer, audience).claims(token, VerificationKey(key, "HS256"))


# --- Task 4: look without trusting --------------------------------------------


def peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (header, claims) WITHOUT verifying anything, for logs and debugging only."""
    complete = TRUSTING.decode_complete(token, options={"verify_signature": False})
    return Peeked(complete["header"], complete["payload"])


# --- Task 5: a keyring (kid), immune to algorithm confusion -------------------


def verify_with_keyring(
    token: str, keyring: dict[str, VerificationKey], *, issuer: str, audience: str
) -> dict[str, Any]:
    """Verify a token whose header names its key by "kid".

    The token may choose WHICH key of ours to use, never which algorithm: the algorithm comes from
    the keyring entry (RFC 8725 sections 2.1 and 3.1). A missing or unknown kid raises
    jwt.InvalidTokenError. Requirements on claims are those of verify_token.
    """
    match peek(token):
        case ({"kid": str(kid)}, _) if kid in keyring:
            return Verifier(issuer, audience).claims(token, keyring[kid])
    raise jwt.InvalidTokenError


# --- Task 6: say why ----------------------------------------------------------


@singledispatch
def _code(error: Exception) -> str:
    raise error


for kind, code in {
    jwt.InvalidTokenError: "invalid",
    jwt.DecodeError: "malformed",
    jwt.InvalidSignatureError: "bad_signature",
    jwt.InvalidAlgorithmError: "bad_algorithm",
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not_yet_valid",
    jwt.InvalidAudienceError: "wrong_audience",
    jwt.InvalidIssuerError: "wrong_issuer",
    jwt.MissingRequiredClaimError: "missing_claim",
}.items():
    _code.register(kind, lambda _, code=code: code)


def reason(error: Exception) -> str:
    """Map a verification error to a stable code for logs.

    expired, not_yet_valid, bad_signature, bad_algorithm, wrong_audience, wrong_issuer,
    missing_claim, malformed; any other jwt.InvalidTokenError is "invalid".
    An error that is not a jwt.InvalidTokenError is a bug in OUR code: re-raise it.
    """
    return _code(error)

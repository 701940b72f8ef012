"""Kata: signing and verifying with PyJWT, without falling for the well-known attacks.

PyJWT checks only what you ask it to check. `exp`, `nbf`, `iat`, `sub` are checked only when
present, and `iss` only when you pass `issuer=`. Without `audience=`, a token with an `aud` is
refused, and one without `aud` is not. The algorithm allow-list is yours to give.

Another right answer: PyJWT's lower floor, `PyJWS`, judges the signature, and the claims are judged here, rule by rule.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jwt

JWS = jwt.PyJWS()


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
    bits = {f"HS{size}": size for size in (256, 384, 512)}.get(algorithm)
    raw = key if isinstance(key, bytes) else key.encode("utf-8")
    if bits is None or 8 * len(raw) < bits:
        raise ValueError("the key is too short, or for another algorithm")
    return raw


# --- Task 2: issue ------------------------------------------------------------


def issue_token(subject: str, key: str | bytes, *, issuer: str, audience: str, lifetime: int = 900) -> str:
    """Return an HS256 JWT with iss, sub, aud, iat and exp = iat + lifetime (whole seconds).

    `sub` is written as a string whatever type the caller passes (RFC 7519 section 4.1.2).
    Weak keys raise ValueError (use check_hmac_key).
    """
    secret = check_hmac_key(key)
    now = int(time.time() // 1)
    claims = {"iss": issuer, "aud": [audience], "sub": str(subject), "iat": now, "exp": now + lifetime}
    return JWS.encode(json.dumps(claims).encode(), secret, "HS256", headers={"typ": "JWT"})


# --- Task 3: verify -----------------------------------------------------------


def _as_bytes(key: str | bytes) -> bytes:
    return key.encode("utf-8") if isinstance(key, str) else key


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(payload)
    except ValueError as error:
        raise jwt.DecodeError("the claims are not JSON") from error
    if isinstance(claims, dict):
        return claims
    raise jwt.DecodeError("the claims are JSON, but no object")


def _refusals(claims: dict[str, Any], issuer: str, audience: str) -> Iterator[jwt.InvalidTokenError]:
    """Say all that is wrong with these claims; the first one counts."""
    for name in ("exp", "iat", "iss", "aud", "sub"):
        if claims.get(name) is None:
            yield jwt.MissingRequiredClaimError(name)
    now = time.time()
    for name in {"exp", "iat", "nbf"} & claims.keys():
        if isinstance(claims[name], bool) or not isinstance(claims[name], int | float):
            yield jwt.InvalidTokenError(f"{name} is no NumericDate")
    if claims["exp"] <= now:
        yield jwt.ExpiredSignatureError("too late")
    if max(claims["iat"], claims.get("nbf", 0)) > now:
        yield jwt.ImmatureSignatureError("too early")
    if claims["iss"] != issuer:
        yield jwt.InvalidIssuerError("somebody else's token")
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if audience not in audiences:
        yield jwt.InvalidAudienceError("for somebody else")
    if not isinstance(claims["sub"], str):
        yield jwt.InvalidTokenError("about nobody")


def _judged(payload: bytes, issuer: str, audience: str) -> dict[str, Any]:
    claims = _claims(payload)
    for refusal in _refusals(claims, issuer, audience):
        raise refusal
    return claims


def verify_token(token: str, key: str | bytes, *, issuer: str, audience: str) -> dict[str, Any]:
    """Return the claims of a valid HS256 token; let PyJWT's InvalidTokenError subclasses escape.

    Only HS256 is acceptable. exp, iat, iss, aud and sub are REQUIRED, and iss/aud must match.
    """
    return _judged(JWS.decode(token, _as_bytes(key), ["HS256"]), issuer, audience)


# --- Task 4: look without trusting --------------------------------------------


def peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (header, claims) WITHOUT verifying anything, for logs and debugging only."""
    seen = JWS.decode_complete(token, options={"verify_signature": False})
    return seen["header"], _claims(seen["payload"])


# --- Task 5: a keyring (kid), immune to algorithm confusion -------------------


def verify_with_keyring(
    token: str, keyring: dict[str, VerificationKey], *, issuer: str, audience: str
) -> dict[str, Any]:
    """Verify a token whose header names its key by "kid".

    The token may choose WHICH key of ours to use, never which algorithm: the algorithm comes from
    the keyring entry (RFC 8725 sections 2.1 and 3.1). A missing or unknown kid raises
    jwt.InvalidTokenError. Requirements on claims are those of verify_token.
    """
    kid = JWS.get_unverified_header(token).get("kid", "")
    for ours, entry in keyring.items():
        if ours == kid:
            return _judged(JWS.decode(token, _as_bytes(entry.material), [entry.algorithm]), issuer, audience)
    raise jwt.DecodeError("this key is not on our ring")


# --- Task 6: say why ----------------------------------------------------------


def reason(error: Exception) -> str:
    """Map a verification error to a stable code for logs.

    expired, not_yet_valid, bad_signature, bad_algorithm, wrong_audience, wrong_issuer,
    missing_claim, malformed; any other jwt.InvalidTokenError is "invalid".
    An error that is not a jwt.InvalidTokenError is a bug in OUR code: re-raise it.
    """
    codes = {
        "ExpiredSignatureError": "expired",
        "ImmatureSignatureError": "not_yet_valid",
        "InvalidSignatureError": "bad_signature",
        "InvalidAlgorithmError": "bad_algorithm",
        "InvalidAudienceError": "wrong_audience",
        "InvalidIssuerError": "wrong_issuer",
        "MissingRequiredClaimError": "missing_claim",
        "DecodeError": "malformed",
        "InvalidTokenError": "invalid",
    }
    # The class itself comes first in its own line of ancestors, the most general one last.
    for ancestor in type(error).__mro__:
        if ancestor.__module__ == jwt.InvalidTokenError.__module__ and ancestor.__name__ in codes:
            return codes[ancestor.__name__]
    raise error

"""Kata: token expiry, tested with a frozen clock.

The clock is an input. The tests stop it with freezegun (`freeze_time`), so this module must ask
for the time WHEN A FUNCTION IS CALLED: no time captured at import or in a default argument.

RFC 7519 section 4.1.4: exp is the time "on or after which the JWT MUST NOT be accepted".
RFC 7519 section 2: a NumericDate is the number of seconds since 1970-01-01T00:00:00Z.

Another right answer: moments and durations all the way, numbers only at the border. PyJWT judges the signature and
what must be there; the rule about exp is is_expired, in one place.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from freezegun import freeze_time

MAX_LEEWAY = timedelta(minutes=5)  # RFC 7519: "usually no more than a few minutes"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NO_TIME = timedelta()

# --- Task 1: clocks -----------------------------------------------------------


def utc_now() -> datetime:
    """Return the current time as an AWARE datetime in UTC."""
    return EPOCH + timedelta(seconds=time.time())


def numeric_date(moment: datetime) -> int:
    """Return whole seconds since the epoch (fractions are dropped).

    Raises ValueError for a naive datetime: it does not say which instant it means.
    """
    try:
        return (moment - EPOCH) // SECOND
    except TypeError as error:
        raise ValueError("naive and aware datetimes have no distance") from error


# --- Task 2: issue ------------------------------------------------------------


def issue(subject: str, key: str, *, ttl: timedelta) -> str:
    """Return an HS256 JWT with sub, iat = now and exp = now + ttl (integers).

    Raises ValueError when ttl is not positive.
    """
    born = utc_now()
    dies = born + ttl
    if not born < dies:
        raise ValueError("dead on arrival")
    return jwt.encode({"exp": numeric_date(dies), "iat": numeric_date(born), "sub": subject}, key)


# --- Task 3: the rule, by hand ------------------------------------------------


def is_expired(claims: dict[str, Any], *, leeway: timedelta = timedelta(0)) -> bool:
    """Apply the exp rule to a claims set: expired when now >= exp + leeway.

    Raises ValueError when exp is missing or is not a number (bool and str are not numbers here),
    and when leeway is negative or more than MAX_LEEWAY.
    """
    if leeway < NO_TIME or leeway > MAX_LEEWAY:
        raise ValueError(f"{leeway} is too much, or too little")
    if type(claims.get("exp")) not in (int, float):
        raise ValueError("exp is no NumericDate")
    return not utc_now() < EPOCH + int(claims["exp"]) * SECOND + leeway


# --- Task 4: the rule, with PyJWT ---------------------------------------------


def verify(token: str, key: str, *, leeway: timedelta = timedelta(0)) -> dict[str, Any]:
    """Return the claims of a token that is authentic and alive now.

    exp and iat are required. PyJWT's errors escape: ExpiredSignatureError,
    ImmatureSignatureError (nbf or iat in the future), MissingRequiredClaimError, ...
    Raises ValueError when leeway is negative or more than MAX_LEEWAY.
    """
    claims = jwt.decode(
        token,
        key,
        algorithms=("HS256",),
        options={"require": ("iat", "exp"), "verify_exp": False, "verify_sub": False},
        leeway=leeway if leeway > NO_TIME else 0,
    )
    if is_expired(claims, leeway=leeway):
        raise jwt.ExpiredSignatureError("it had its time")
    return claims


# --- Task 5: renew before it is too late --------------------------------------


def renew(token: str, key: str, *, ttl: timedelta, window: timedelta) -> str:
    """Return `token` itself while it has more than `window` to live, else a fresh token.

    The fresh token has the same sub, and iat/exp counted from now. An expired token cannot be
    renewed: ExpiredSignatureError escapes.
    """
    claims = verify(token, key)
    if is_expired({"exp": claims["exp"] - window // SECOND}):
        return issue(claims["sub"], key, ttl=ttl)
    return token


# --- Task 6: you hold the clock -----------------------------------------------


def accepted_at(token: str, key: str, moments: list[datetime]) -> list[bool]:
    """Say for each moment whether `verify` would accept the token then.

    Use freezegun's freeze_time to visit the moments (they are aware, in any order). The real clock
    must run again afterwards, also when something other than an InvalidTokenError is raised.
    """
    verdicts: list[bool] = []
    for moment in moments:
        freezer = freeze_time(moment)
        freezer.start()
        try:
            verify(token, key)
            verdicts += [True]
        except jwt.InvalidTokenError:
            verdicts += [False]
        finally:
            freezer.stop()
    return verdicts

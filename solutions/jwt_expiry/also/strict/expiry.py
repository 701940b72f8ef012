"""Kata: token expiry, tested with a frozen clock.

The clock is an input. The tests stop it with freezegun (`freeze_time`), so this module must ask
for the time WHEN A FUNCTION IS CALLED: no time captured at import or in a default argument.

RFC 7519 section 4.1.4: exp is the time "on or after which the JWT MUST NOT be accepted".
RFC 7519 section 2: a NumericDate is the number of seconds since 1970-01-01T00:00:00Z.

Another right answer, in plain seconds from time.time(), which refuses whatever the contract leaves open: lifetimes of
less than a second, tokens about nobody, numbers that are none, naive moments.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from freezegun import freeze_time

MAX_LEEWAY = timedelta(minutes=5)  # RFC 7519: "usually no more than a few minutes"

# --- Task 1: clocks -----------------------------------------------------------


def utc_now() -> datetime:
    """Return the current time as an AWARE datetime in UTC."""
    return datetime.fromtimestamp(time.time(), tz=UTC)


def numeric_date(moment: datetime) -> int:
    """Return whole seconds since the epoch (fractions are dropped).

    Raises ValueError for a naive datetime: it does not say which instant it means.
    """
    match moment.utcoffset():
        case None:
            raise ValueError("which instant?")
        case offset:
            wall = moment.replace(tzinfo=UTC)
            return math.floor((wall - offset).timestamp())


# --- Task 2: issue ------------------------------------------------------------


def issue(subject: str, key: str, *, ttl: timedelta) -> str:
    """Return an HS256 JWT with sub, iat = now and exp = now + ttl (integers).

    Raises ValueError when ttl is not positive.
    """
    lifetime = int(ttl / timedelta(seconds=1))
    if lifetime < 1:
        raise ValueError("less than a second to live")
    now = int(time.time())
    return jwt.encode({"sub": str(subject), "nbf": now, "iat": now, "exp": now + lifetime}, key, "HS256")


# --- Task 3: the rule, by hand ------------------------------------------------


def _in_bounds(leeway: timedelta) -> float:
    seconds = leeway.total_seconds()
    if seconds < 0 or seconds > MAX_LEEWAY.total_seconds():
        raise ValueError("this is no leeway")
    return seconds


def is_expired(claims: dict[str, Any], *, leeway: timedelta = timedelta(0)) -> bool:
    """Apply the exp rule to a claims set: expired when now >= exp + leeway.

    Raises ValueError when exp is missing or is not a number (bool and str are not numbers here),
    and when leeway is negative or more than MAX_LEEWAY.
    """
    leeway_seconds = _in_bounds(leeway)
    match claims:
        case {"exp": bool()}:
            raise ValueError("exp is a truth")
        case {"exp": int() | float() as exp} if math.isfinite(exp):
            return time.time() - exp >= leeway_seconds
    raise ValueError("exp is no number")


# --- Task 4: the rule, with PyJWT ---------------------------------------------


def verify(token: str, key: str, *, leeway: timedelta = timedelta(0)) -> dict[str, Any]:
    """Return the claims of a token that is authentic and alive now.

    exp and iat are required. PyJWT's errors escape: ExpiredSignatureError,
    ImmatureSignatureError (nbf or iat in the future), MissingRequiredClaimError, ...
    Raises ValueError when leeway is negative or more than MAX_LEEWAY.
    """
    return jwt.decode(
        token,
        key,
        ["HS256"],
        options={"require": ["exp", "iat", "sub"], "verify_aud": False},
        leeway=_in_bounds(leeway),
    )


# --- Task 5: renew before it is too late --------------------------------------


def renew(token: str, key: str, *, ttl: timedelta, window: timedelta) -> str:
    """Return `token` itself while it has more than `window` to live, else a fresh token.

    The fresh token has the same sub, and iat/exp counted from now. An expired token cannot be
    renewed: ExpiredSignatureError escapes.
    """
    if ttl < timedelta(seconds=1) or window < timedelta(0):
        raise ValueError("ttl and window are lengths of time")
    claims = verify(token, key)
    renew_from = claims["exp"] - window.total_seconds()
    return token if time.time() < renew_from else issue(claims["sub"], key, ttl=ttl)


# --- Task 6: you hold the clock -----------------------------------------------


def _accepted(token: str, key: str, moment: datetime) -> bool:
    try:
        with freeze_time(moment.astimezone(UTC).replace(tzinfo=None)):
            verify(token, key)
    except jwt.InvalidTokenError:
        return False
    return True


def accepted_at(token: str, key: str, moments: list[datetime]) -> list[bool]:
    """Say for each moment whether `verify` would accept the token then.

    Use freezegun's freeze_time to visit the moments (they are aware, in any order). The real clock
    must run again afterwards, also when something other than an InvalidTokenError is raised.
    """
    if any(moment.tzinfo is None for moment in moments):
        raise ValueError("naive moments are no moments")
    return [_accepted(token, key, moment) for moment in moments]

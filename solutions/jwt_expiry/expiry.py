"""Kata: token expiry, tested with a frozen clock.

The clock is an input. The tests stop it with freezegun (`freeze_time`), so this module must ask
for the time WHEN A FUNCTION IS CALLED: no time captured at import or in a default argument.

RFC 7519 section 4.1.4: exp is the time "on or after which the JWT MUST NOT be accepted".
RFC 7519 section 2: a NumericDate is the number of seconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from freezegun import freeze_time

MAX_LEEWAY = timedelta(minutes=5)  # RFC 7519: "usually no more than a few minutes"

# --- Task 1: clocks -----------------------------------------------------------


def utc_now() -> datetime:
    """Return the current time as an AWARE datetime in UTC."""
    return datetime.now(UTC)


def numeric_date(moment: datetime) -> int:
    """Return whole seconds since the epoch (fractions are dropped).

    Raises ValueError for a naive datetime: it does not say which instant it means.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive datetime does not say which instant it means")
    return int(moment.timestamp())


# --- Task 2: issue ------------------------------------------------------------


def issue(subject: str, key: str, *, ttl: timedelta) -> str:
    """Return an HS256 JWT with sub, iat = now and exp = now + ttl (integers).

    Raises ValueError when ttl is not positive.
    """
    if ttl <= timedelta(0):
        raise ValueError("a token needs time to live")
    now = utc_now()
    claims = {"sub": subject, "iat": numeric_date(now), "exp": numeric_date(now + ttl)}
    return jwt.encode(claims, key, algorithm="HS256")


# --- Task 3: the rule, by hand ------------------------------------------------


def _check_leeway(leeway: timedelta) -> None:
    if not timedelta(0) <= leeway <= MAX_LEEWAY:
        raise ValueError(f"a leeway is between nothing and {MAX_LEEWAY}")


def is_expired(claims: dict[str, Any], *, leeway: timedelta = timedelta(0)) -> bool:
    """Apply the exp rule to a claims set: expired when now >= exp + leeway.

    Raises ValueError when exp is missing or is not a number (bool and str are not numbers here),
    and when leeway is negative or more than MAX_LEEWAY.
    """
    _check_leeway(leeway)
    exp = claims.get("exp")
    is_number = isinstance(exp, int | float) and not isinstance(exp, bool)
    if not is_number:
        raise ValueError("exp is missing, or is not a number")
    return utc_now().timestamp() >= exp + leeway.total_seconds()


# --- Task 4: the rule, with PyJWT ---------------------------------------------


def verify(token: str, key: str, *, leeway: timedelta = timedelta(0)) -> dict[str, Any]:
    """Return the claims of a token that is authentic and alive now.

    exp and iat are required. PyJWT's errors escape: ExpiredSignatureError,
    ImmatureSignatureError (nbf or iat in the future), MissingRequiredClaimError, ...
    Raises ValueError when leeway is negative or more than MAX_LEEWAY.
    """
    _check_leeway(leeway)
    return jwt.decode(token, key, algorithms=["HS256"], leeway=leeway, options={"require": ["exp", "iat"]})


# --- Task 5: renew before it is too late --------------------------------------


def renew(token: str, key: str, *, ttl: timedelta, window: timedelta) -> str:
    """Return `token` itself while it has more than `window` to live, else a fresh token.

    The fresh token has the same sub, and iat/exp counted from now. An expired token cannot be
    renewed: ExpiredSignatureError escapes.
    """
    claims = verify(token, key)
    left = claims["exp"] - utc_now().timestamp()
    if left > window.total_seconds():
        return token
    return issue(claims["sub"], key, ttl=ttl)


# --- Task 6: you hold the clock -----------------------------------------------


def accepted_at(token: str, key: str, moments: list[datetime]) -> list[bool]:
    """Say for each moment whether `verify` would accept the token then.

    Use freezegun's freeze_time to visit the moments (they are aware, in any order). The real clock
    must run again afterwards, also when something other than an InvalidTokenError is raised.
    """
    verdicts = []
    for moment in moments:
        with freeze_time(moment):
            try:
                verify(token, key)
            except jwt.InvalidTokenError:
                verdicts.append(False)
            else:
                verdicts.append(True)
    return verdicts

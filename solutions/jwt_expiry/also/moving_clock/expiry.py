"""Kata: token expiry, tested with a frozen clock.

The clock is an input. The tests stop it with freezegun (`freeze_time`), so this module must ask
for the time WHEN A FUNCTION IS CALLED: no time captured at import or in a default argument.

RFC 7519 section 4.1.4: exp is the time "on or after which the JWT MUST NOT be accepted".
RFC 7519 section 2: a NumericDate is the number of seconds since 1970-01-01T00:00:00Z.

Another right answer: one frozen clock, moved from moment to moment, and the moments looked up where they are needed.
"""

from __future__ import annotations

import calendar
import time
from datetime import UTC, datetime, timedelta
from numbers import Real
from typing import Any

import jwt
from freezegun import freeze_time

MAX_LEEWAY = timedelta(minutes=5)  # RFC 7519: "usually no more than a few minutes"

# --- Task 1: clocks -----------------------------------------------------------


def utc_now() -> datetime:
    """Return the current time as an AWARE datetime in UTC."""
    return datetime.now(tz=UTC)


def numeric_date(moment: datetime) -> int:
    """Return whole seconds since the epoch (fractions are dropped).

    Raises ValueError for a naive datetime: it does not say which instant it means.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} has no time zone")
    return calendar.timegm(moment.utctimetuple())


# --- Task 2: issue ------------------------------------------------------------


def issue(subject: str, key: str, *, ttl: timedelta) -> str:
    """Return an HS256 JWT with sub, iat = now and exp = now + ttl (integers).

    Raises ValueError when ttl is not positive.
    """
    if ttl.total_seconds() <= 0:
        raise ValueError(f"{ttl} is no time to live")
    iat = utc_now()
    return jwt.encode({"sub": subject, "iat": iat, "exp": iat + ttl}, key, algorithm="HS256")


# --- Task 3: the rule, by hand ------------------------------------------------


def _seconds(leeway: timedelta) -> int:
    """Round a leeway up to whole seconds, once it is known to be one."""
    if min(leeway, MAX_LEEWAY - leeway) < timedelta(0):
        raise ValueError(f"{leeway} is not between 0 and {MAX_LEEWAY}")
    return -(-leeway // timedelta(seconds=1))


def is_expired(claims: dict[str, Any], *, leeway: timedelta = timedelta(0)) -> bool:
    """Apply the exp rule to a claims set: expired when now >= exp + leeway.

    Raises ValueError when exp is missing or is not a number (bool and str are not numbers here),
    and when leeway is negative or more than MAX_LEEWAY.
    """
    seconds = _seconds(leeway)
    exp = claims.get("exp", False)
    if not isinstance(exp, Real) or exp is True or exp is False:
        raise ValueError("exp is no number")
    return int(time.time()) >= int(exp) + seconds


# --- Task 4: the rule, with PyJWT ---------------------------------------------


def verify(token: str, key: str, *, leeway: timedelta = timedelta(0)) -> dict[str, Any]:
    """Return the claims of a token that is authentic and alive now.

    exp and iat are required. PyJWT's errors escape: ExpiredSignatureError,
    ImmatureSignatureError (nbf or iat in the future), MissingRequiredClaimError, ...
    Raises ValueError when leeway is negative or more than MAX_LEEWAY.
    """
    options = {"require": ["iat", "exp"]}
    return jwt.PyJWT().decode(token, key, algorithms=["HS256"], options=options, leeway=_seconds(leeway))


# --- Task 5: renew before it is too late --------------------------------------


def renew(token: str, key: str, *, ttl: timedelta, window: timedelta) -> str:
    """Return `token` itself while it has more than `window` to live, else a fresh token.

    The fresh token has the same sub, and iat/exp counted from now. An expired token cannot be
    renewed: ExpiredSignatureError escapes.
    """
    claims = jwt.decode(token, key, algorithms=["HS256"], options={"require": ["exp", "iat"]})
    match claims:
        case {"exp": exp} if utc_now() + window < datetime.fromtimestamp(exp, UTC):
            return token
        case {"sub": subject}:
            return issue(subject, key, ttl=ttl)
    raise jwt.MissingRequiredClaimError("sub")


# --- Task 6: you hold the clock -----------------------------------------------


def accepted_at(token: str, key: str, moments: list[datetime]) -> list[bool]:
    """Say for each moment whether `verify` would accept the token then.

    Use freezegun's freeze_time to visit the moments (they are aware, in any order). The real clock
    must run again afterwards, also when something other than an InvalidTokenError is raised.
    """

    def accepted() -> bool:
        try:
            return bool(verify(token, key))
        except jwt.InvalidTokenError:
            return False

    verdicts = []
    with freeze_time("2000-01-01") as clock:
        for moment in moments:
            clock.move_to(moment)
            verdicts.append(accepted())
    return verdicts

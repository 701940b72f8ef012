"""Kata: token expiry under a frozen clock. The README tells the story; these tests are the contract, task by task."""

import hmac
import json
import os
import time
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta, timezone
from pprint import pformat
from typing import Any

import jwt as pyjwt
import pytest
from freezegun import freeze_time

from .expiry import accepted_at, is_expired, issue, numeric_date, renew, utc_now, verify

KEY = "a shared key of thirty-two bytes"
OTHER_KEY = "one other key of the same length"

#: A day in spring, at twelve o'clock in Greenwich, and the same instant as a NumericDate.
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
NOON_SECONDS = 1_775_044_800

HEADER = {"alg": "HS256", "typ": "JWT"}
#: Good from twelve o'clock to a quarter past.
CLAIMS = {"sub": "42", "iat": NOON_SECONDS, "exp": NOON_SECONDS + 900}
EXP = NOON + timedelta(minutes=15)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
LARGEST_LEEWAY = 5 * MINUTE
INDIA = timezone(timedelta(hours=5, minutes=30))

#: freezegun swaps the names in modules; an entry of a dictionary stays what it was.
REAL = {"time": time.time}


# --- Two ways to ask the code under test, at any time you like ----------------


def assert_returns(
    expected: object,
    function: Callable[..., object],
    *arguments: object,
    at: datetime | None = None,
    **named: object,
) -> None:
    """Call the function with the clock stopped; anything but the expected value fails with both values."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments, named, at)}\n  expected: {_laid_out(expected)}"
    actual = _ask(function, arguments, named, at, asked)
    if actual != expected:
        pytest.fail(f"{asked}\n  actual:   {_laid_out(actual)}")


def assert_raises(
    error: type[Exception],
    function: Callable[..., object],
    *arguments: object,
    at: datetime | None = None,
    **named: object,
) -> None:
    """Call the function with the clock stopped; anything but this kind of exception fails with what came instead."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments, named, at)}\n  expected: raises {error.__name__}"
    try:
        actual = _ask(function, arguments, named, at, asked)
    except error:
        return
    pytest.fail(f"{asked}\n  actual:   returned {_laid_out(actual, 21)}")


def token_of(claims: object, header: object = HEADER, key: str = KEY, digest: str = "sha256") -> str:
    """Make a token with a right HMAC signature, whatever its header and claims say."""
    message = f"{_segment(header)}.{_segment(claims)}"
    return f"{message}.{_segment(hmac.digest(key.encode(), message.encode(), digest))}"


def without(name: str) -> dict[str, object]:
    """Write the claims of a good token but for one."""
    return {key: value for key, value in CLAIMS.items() if key != name}


def contents(token: object) -> tuple[Any, Any] | None:
    """Read header and claims of a token without PyJWT; None if it is not one."""
    try:
        header, payload, _ = str(token).split(".")
        parts = [json.loads(a2b_base64(part.translate(str.maketrans("-_", "+/")) + "==")) for part in (header, payload)]
    except ValueError:
        return None
    return parts[0], parts[1]


def claims_in(token: object) -> dict[str, Any]:
    """Read the claims that a function under test has put into a token."""
    __tracebackhide__ = True
    read = contents(token)
    assert read, f"expected: a token, as text\n  actual:   {token!r}"
    return read[1]


@contextmanager
def five_hours_west() -> Iterator[None]:
    """Let this process live five hours west of Greenwich, where the operating system can do that."""
    before = os.environ.get("TZ")
    set_zone = getattr(time, "tzset", lambda: None)
    os.environ["TZ"] = "XXX5"
    set_zone()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        set_zone()


#: The clock that runs before and after the code under test: a second on, whenever somebody looks.
BEFORE = datetime(2026, 3, 31, tzinfo=UTC)


@contextmanager
def clock_of_our_own() -> Iterator[None]:
    """Let a clock of ours run; at the end the real one is back, even if others were started here and not stopped."""
    ours = freeze_time(BEFORE, auto_tick_seconds=1)
    ours.start()
    try:
        yield
    finally:
        ours.start()
        while time.time is not REAL["time"]:
            ours.stop()


def assert_put_back() -> None:
    """Look whether our own clock runs, and not one that was left standing."""
    __tracebackhide__ = True
    first, second = datetime.now(UTC), datetime.now(UTC)
    if not BEFORE <= first < BEFORE + timedelta(hours=1) or second - first != SECOND:
        pytest.fail(
            "afterwards the clock that ran before should run again\n"
            f"  expected: {BEFORE:%d %B}, and running\n"
            f"  actual:   {first:%d %B, %H:%M:%S}: a frozen clock was left standing.\n"
            "`with freeze_time(moment):` puts the clock back whatever happens in it;\n"
            "after `start()` you would have to call `stop()` yourself, in a `finally`."
        )


def _segment(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    return b2a_base64(raw, newline=False).decode().translate(str.maketrans("+/", "-_", "="))


def _call(
    function: Callable[..., object], arguments: tuple[object, ...], named: dict[str, object], at: datetime | None
) -> str:
    read = contents(arguments[0]) if arguments else None
    shown = ["token" if read and argument is arguments[0] else _brief(argument) for argument in arguments]
    shown += [f"{name}={_brief(value)}" for name, value in named.items()]
    line = f"{function.__name__}({', '.join(shown)})"
    if len(line) > 78:
        line = "\n    ".join([f"{function.__name__}(", *(f"{argument}," for argument in shown)]) + "\n)"
    if read:
        line += f"\n  header:   {_laid_out(read[0])}\n  claims:   {_laid_out(read[1])}"
    if at:
        line += f"\n  clock:    {at:%H:%M:%S.%f}, which is {at.timestamp():.6f}"
    return line


def _brief(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_brief, value))}]"
    if isinstance(value, timedelta) and value < timedelta(0):
        return f"-{-value}"
    return f"{value}" if isinstance(value, timedelta | datetime) else repr(value)


def _laid_out(value: object, indent: int = 12) -> str:
    text = pformat(value, width=78 - indent, sort_dicts=False) if isinstance(value, dict) else _brief(value)
    return text.replace("\n", "\n" + indent * " ")


def _ask(
    function: Callable[..., object],
    arguments: tuple[object, ...],
    named: dict[str, object],
    at: datetime | None,
    asked: str,
) -> Any:
    __tracebackhide__ = True
    try:
        with freeze_time(at) if at else nullcontext():
            return function(*arguments, **named)
    except Exception as error:
        what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"
        error.add_note(f"{asked}\n  actual:   {what}")
        raise


# --- Task 1: clocks -----------------------------------------------------------


@pytest.mark.task(taskno=1)
def test_now_is_when_you_ask():
    """A clock that was read at import, or in a default argument, stands still for ever."""
    for moment in (NOON, EXP):
        assert_returns(moment, utc_now, at=moment)


@pytest.mark.task(taskno=1)
def test_now_is_aware_and_in_utc():
    """Five hours west of Greenwich it is the same instant. This one reads the real clock."""
    with five_hours_west():
        before = time.time()
        now = utc_now()
        after = time.time()
    assert now.utcoffset() == timedelta(0), f"utc_now() is {now!r}: its offset from UTC is {now.utcoffset()}"
    off = now.timestamp() - after
    assert before - 1 <= now.timestamp() <= after + 1, f"utc_now() is {now}, which is {off:+.0f} s from now"


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), 0, id="the-epoch"),
        pytest.param(NOON, NOON_SECONDS, id="utc"),
        pytest.param(datetime(2026, 4, 1, 17, 30, tzinfo=INDIA), NOON_SECONDS, id="india"),
        pytest.param(NOON + 999_999 * MICROSECOND, NOON_SECONDS, id="fraction"),
    ],
)
def test_a_numeric_date_is_whole_seconds_since_the_epoch(moment, seconds):
    """RFC 7519 section 2. Half past five in India is noon in Greenwich, and the end of a second belongs to it."""
    assert_returns(seconds, numeric_date, moment)
    assert type(numeric_date(moment)) is int, f"numeric_date({moment}) is {numeric_date(moment)!r}, and no int"


@pytest.mark.task(taskno=1)
def test_a_numeric_date_does_not_depend_on_where_you_are():
    """The time zone of the machine is not asked, for the moment brings its own."""
    with five_hours_west():
        assert_returns(NOON_SECONDS, numeric_date, NOON)


@pytest.mark.task(taskno=1)
def test_a_naive_datetime_is_no_instant():
    """Twelve o'clock where? Python would take the zone of the machine, PyJWT would take UTC."""
    assert_raises(ValueError, numeric_date, NOON.replace(tzinfo=None))


# --- Task 2: issue ------------------------------------------------------------


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("fraction", [0, 750_000], ids=["on-the-second", "within-a-second"])
def test_a_token_lives_from_now_on(fraction):
    """iat is now, exp is now and the time to live: as whole numbers."""
    with freeze_time(NOON + fraction * MICROSECOND):
        token = issue("42", KEY, ttl=15 * MINUTE)
    claims = claims_in(token)
    said = {name: claims.get(name) for name in ("sub", "iat", "exp")}
    assert said == CLAIMS
    assert {type(said["iat"]), type(said["exp"])} == {int}, f"not whole numbers: {said}"


@pytest.mark.task(taskno=2)
def test_a_token_may_live_for_days():
    """`timedelta.seconds` is a part of a duration; a day and an hour have 3,600 of them."""
    with freeze_time(NOON):
        token = issue("42", KEY, ttl=timedelta(days=1, hours=1))
    claims = claims_in(token)
    lives = claims["exp"] - claims["iat"]
    assert lives == 25 * 3600, f"from iat to exp are {lives} s, and not {25 * 3600}"


@pytest.mark.task(taskno=2)
def test_both_times_come_from_one_reading_of_the_clock():
    """This clock is a second on whenever you look, as the real one is now and then."""
    with freeze_time(NOON, auto_tick_seconds=1):
        token = issue("42", KEY, ttl=15 * MINUTE)
    claims = claims_in(token)
    assert claims["exp"] - claims["iat"] == 900, f"from iat to exp are {claims['exp'] - claims['iat']} s, and not 900"


@pytest.mark.task(taskno=2)
def test_the_time_zone_of_the_machine_is_not_in_the_token():
    """A naive local time would be five hours old when it is issued. This one reads the real clock."""
    with five_hours_west():
        before = int(time.time())
        iat = claims_in(issue("42", KEY, ttl=MINUTE)).get("iat")
        after = int(time.time())
    assert before <= iat <= after, f"iat is {iat}, and now is {after}: {iat - after:+} s"


@pytest.mark.task(taskno=2)
def test_pyjwt_accepts_the_token_under_hs256():
    """What you issue, everybody with the key can verify."""
    with freeze_time(NOON):
        token = issue("42", KEY, ttl=15 * MINUTE)
        assert pyjwt.decode(token, KEY, algorithms=["HS256"]) == claims_in(token)


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("ttl", [timedelta(0), -MINUTE], ids=["nothing", "negative"])
def test_no_token_is_issued_that_was_never_good(ttl):
    """It would be expired when it is born."""
    assert_raises(ValueError, issue, "42", KEY, ttl=ttl, at=NOON)


# --- Task 3: the rule, by hand ------------------------------------------------

#: On or after exp: both sides of the line, as closely as a datetime can tell.
AROUND_EXP = [
    pytest.param(EXP - SECOND, False, id="a-second-before"),
    pytest.param(EXP - MICROSECOND, False, id="just-before"),
    pytest.param(EXP, True, id="on-exp"),
    pytest.param(EXP + MICROSECOND, True, id="just-after"),
]

AROUND_LEEWAY = [
    pytest.param(EXP + 9 * SECOND, False, id="a-second-before"),
    pytest.param(EXP + 10 * SECOND, True, id="on-the-line"),
]

NO_LEEWAY = [
    pytest.param(-MICROSECOND, id="negative"),
    pytest.param(LARGEST_LEEWAY + MICROSECOND, id="too-much"),
    pytest.param(timedelta(days=1), id="a-day"),
]


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(("moment", "expired"), AROUND_EXP)
def test_a_token_is_expired_on_exp_and_after_it(moment, expired):
    """RFC 7519 section 4.1.4: the time "on or after which the JWT MUST NOT be accepted"."""
    assert_returns(expired, is_expired, CLAIMS, at=moment)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(("moment", "expired"), AROUND_LEEWAY)
def test_a_leeway_moves_the_line(moment, expired):
    """Two machines do not have the same time; ten seconds are forgiven, and the tenth is not."""
    assert_returns(expired, is_expired, CLAIMS, leeway=10 * SECOND, at=moment)


@pytest.mark.task(taskno=3)
def test_the_largest_leeway_is_allowed():
    """Five minutes are "a few": all five of them."""
    assert_returns(False, is_expired, CLAIMS, leeway=LARGEST_LEEWAY, at=EXP + LARGEST_LEEWAY - SECOND)
    assert_returns(True, is_expired, CLAIMS, leeway=LARGEST_LEEWAY, at=EXP + LARGEST_LEEWAY)


@pytest.mark.task(taskno=3)
def test_the_time_zone_of_the_machine_expires_nothing():
    """Five hours west of Greenwich, a minute is a minute. This one reads the real clock."""
    now = int(time.time())
    with five_hours_west():
        assert_returns(False, is_expired, {"exp": now + 60})
        assert_returns(True, is_expired, {"exp": now - 60})


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize("leeway", NO_LEEWAY)
def test_a_leeway_out_of_bounds_is_refused(leeway):
    """A leeway of an hour is a token that lives an hour longer, and nobody has decided that."""
    assert_raises(ValueError, is_expired, CLAIMS, leeway=leeway, at=NOON)


@pytest.mark.task(taskno=3)
def test_the_time_is_a_number_of_any_kind():
    """JSON knows one kind of number, and NumericDate allows fractions."""
    for exp in (CLAIMS["exp"], float(CLAIMS["exp"])):
        assert_returns(False, is_expired, {"exp": exp}, at=NOON)
        assert_returns(True, is_expired, {"exp": exp}, at=EXP)


@pytest.mark.task(taskno=3)
def test_zero_is_a_date():
    """It is in 1970, and expired. A claim that is there is not missing because it is 0."""
    assert_returns(True, is_expired, {"exp": 0}, at=NOON)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    "claims",
    [
        pytest.param(without("exp"), id="missing"),
        pytest.param({"exp": None}, id="null"),
        pytest.param({"exp": str(CLAIMS["exp"])}, id="text"),
        pytest.param({"exp": True}, id="true"),
        pytest.param({"exp": [CLAIMS["exp"]]}, id="list"),
    ],
)
def test_without_a_number_there_is_no_answer(claims):
    """ "Not expired" would be a token that lives for ever, "expired" a lie. In Python, True is an int."""
    assert_raises(ValueError, is_expired, claims, at=NOON)


# --- Task 4: the rule, with PyJWT ---------------------------------------------


@pytest.mark.task(taskno=4)
def test_the_claims_of_a_living_token_are_returned():
    """All of them."""
    claims = CLAIMS | {"roles": ["reader"], "nbf": NOON_SECONDS}
    assert_returns(claims, verify, token_of(claims), KEY, at=NOON)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(("moment", "expired"), AROUND_EXP)
def test_a_token_is_accepted_until_exp(moment, expired):
    """The same line as in task 3."""
    token = token_of(CLAIMS)
    if expired:
        assert_raises(pyjwt.ExpiredSignatureError, verify, token, KEY, at=moment)
    else:
        assert_returns(CLAIMS, verify, token, KEY, at=moment)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(("moment", "expired"), AROUND_LEEWAY)
def test_with_a_leeway_a_token_is_accepted_a_little_longer(moment, expired):
    """And so is this line."""
    token = token_of(CLAIMS)
    if expired:
        assert_raises(pyjwt.ExpiredSignatureError, verify, token, KEY, leeway=10 * SECOND, at=moment)
    else:
        assert_returns(CLAIMS, verify, token, KEY, leeway=10 * SECOND, at=moment)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("name", ["exp", "iat"])
def test_a_token_without_its_times_is_refused(name):
    """Every registered claim is optional in the RFC. In your application it is not."""
    assert_raises(pyjwt.MissingRequiredClaimError, verify, token_of(without(name)), KEY, at=NOON)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a_token_from_the_future_is_not_valid_yet(name):
    """Too early is another error than too late: somebody's clock is wrong."""
    token = token_of(CLAIMS | {name: NOON_SECONDS + 60})
    assert_raises(pyjwt.ImmatureSignatureError, verify, token, KEY, at=NOON)
    assert_returns(contents(token)[1], verify, token, KEY, at=NOON + MINUTE)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("leeway", NO_LEEWAY)
def test_nothing_is_verified_with_a_leeway_out_of_bounds(leeway):
    """It is the caller's mistake, and not the token's."""
    assert_raises(ValueError, verify, token_of(CLAIMS), KEY, leeway=leeway, at=NOON)


@pytest.mark.task(taskno=4)
def test_the_largest_leeway_is_allowed_here_as_well():
    """Five minutes, and no second more."""
    token = token_of(CLAIMS)
    assert_returns(CLAIMS, verify, token, KEY, leeway=LARGEST_LEEWAY, at=EXP + LARGEST_LEEWAY - SECOND)
    late = EXP + LARGEST_LEEWAY
    assert_raises(pyjwt.ExpiredSignatureError, verify, token, KEY, leeway=LARGEST_LEEWAY, at=late)


@pytest.mark.task(taskno=4)
def test_a_token_lives_as_long_in_every_time_zone():
    """Five hours west of Greenwich. This one reads the real clock."""
    now = int(time.time())
    living, dead = ({"sub": "42", "iat": now - 900, "exp": now + left} for left in (60, -60))
    with five_hours_west():
        assert_returns(living, verify, token_of(living), KEY)
        assert_raises(pyjwt.ExpiredSignatureError, verify, token_of(dead), KEY)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    ("token", "error"),
    [
        pytest.param(token_of(CLAIMS, key=OTHER_KEY), pyjwt.InvalidSignatureError, id="another-key"),
        pytest.param(token_of(CLAIMS, {"alg": "HS512"}, digest="sha512"), pyjwt.InvalidAlgorithmError, id="HS512"),
        pytest.param("Bearer", pyjwt.InvalidTokenError, id="no-token"),
    ],
)
def test_a_date_that_nobody_has_signed_is_no_date(token, error):
    """Whoever may write exp lives as long as they like. Only HS256 is accepted here."""
    assert_raises(error, verify, token, KEY, at=NOON)


# --- Task 5: renew ------------------------------------------------------------

#: In the last five minutes of its life a token is renewed, for an hour.
RENEWAL = {"ttl": 60 * MINUTE, "window": 5 * MINUTE}


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("moment", [NOON, EXP - 5 * MINUTE - SECOND], ids=["young", "a-second-before-the-window"])
def test_a_token_with_more_than_the_window_to_live_is_kept(moment):
    """The very token that came in."""
    token = token_of(CLAIMS)
    assert_returns(token, renew, token, KEY, **RENEWAL, at=moment)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("moment", [EXP - 5 * MINUTE, EXP - SECOND], ids=["as-the-window-opens", "last-second"])
def test_within_the_window_there_is_a_fresh_token(moment):
    """The same subject; iat and exp counted from now, and not from the old exp."""
    with freeze_time(moment):
        fresh = renew(token_of(CLAIMS), KEY, **RENEWAL)
        accepted = verify(fresh, KEY)
    now = int(moment.timestamp())
    assert {name: accepted[name] for name in CLAIMS} == {"sub": "42", "iat": now, "exp": now + 3600}


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("moment", [EXP, EXP + SECOND], ids=["on-exp", "a-second-after"])
def test_what_has_expired_cannot_be_renewed(moment):
    """Else a stolen token would live for ever. There is no leeway here."""
    assert_raises(pyjwt.ExpiredSignatureError, renew, token_of(CLAIMS), KEY, **RENEWAL, at=moment)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("moment", [NOON, EXP - SECOND], ids=["young", "within-the-window"])
@pytest.mark.parametrize(
    ("token", "error"),
    [
        pytest.param(token_of(CLAIMS, key=OTHER_KEY), pyjwt.InvalidSignatureError, id="another-key"),
        pytest.param(token_of(without("iat")), pyjwt.MissingRequiredClaimError, id="no-iat"),
        pytest.param(token_of(CLAIMS, {"alg": "HS384"}, digest="sha384"), pyjwt.InvalidAlgorithmError, id="HS384"),
    ],
)
def test_what_verify_refuses_is_not_renewed(token, error, moment):
    """Neither handed back nor turned into a token of ours."""
    assert_raises(error, renew, token, KEY, **RENEWAL, at=moment)


@pytest.mark.task(taskno=5)
def test_a_window_may_be_of_days():
    """`timedelta.seconds` is a part of a duration; two days have 0 of them."""
    token = token_of(CLAIMS | {"exp": NOON_SECONDS + 3 * 86_400})
    durations = {"ttl": timedelta(days=3), "window": timedelta(days=2)}
    assert_returns(token, renew, token, KEY, **durations, at=NOON + timedelta(hours=23))
    with freeze_time(NOON + timedelta(hours=25)):
        fresh = renew(token, KEY, **durations)
    lives = claims_in(fresh)["exp"] - (NOON_SECONDS + 25 * 3600)
    assert lives == 3 * 86_400, f"from now to exp are {lives} s, and not {3 * 86_400}"


@pytest.mark.task(taskno=5)
def test_the_time_zone_of_the_machine_renews_nothing():
    """Ten minutes to live are more than the window, five hours west as well. This one reads the real clock."""
    now = int(time.time())
    young, old = (token_of({"sub": "42", "iat": now - 60, "exp": now + 60 * minutes}) for minutes in (10, 2))
    with five_hours_west():
        assert_returns(young, renew, young, KEY, **RENEWAL)
        iat = claims_in(renew(old, KEY, **RENEWAL))["iat"]
    after = int(time.time())
    assert now <= iat <= after, f"a fresh token was due; iat is {iat}, and now is {after}: {iat - after:+} s"


# --- Task 6: you hold the clock -----------------------------------------------


@pytest.mark.task(taskno=6)
def test_each_moment_has_its_answer():
    """Before its time, in it, and after it; the answers in the order of the questions."""
    moments = [NOON, EXP, EXP - MICROSECOND, NOON - SECOND]
    with clock_of_our_own():
        assert_returns([True, False, True, False], accepted_at, token_of(CLAIMS), KEY, moments)


@pytest.mark.task(taskno=6)
def test_the_same_question_twice_has_two_answers():
    """As many answers as questions."""
    with clock_of_our_own():
        assert_returns([False, True, False, True], accepted_at, token_of(CLAIMS), KEY, [EXP, NOON, EXP, NOON])


@pytest.mark.task(taskno=6)
def test_a_token_may_begin_later_than_it_was_issued():
    """nbf is the other end of its life."""
    token = token_of(CLAIMS | {"nbf": NOON_SECONDS + 60})
    with clock_of_our_own():
        assert_returns([False, True, False], accepted_at, token, KEY, [NOON, NOON + MINUTE, EXP])


@pytest.mark.task(taskno=6)
def test_moments_may_come_from_anywhere_on_earth():
    """One from India, where exp is at a quarter to six in the evening, and two from five hours west of Greenwich."""
    west = timezone(timedelta(hours=-5))
    moments = [(EXP - SECOND).astimezone(INDIA), EXP.astimezone(west), NOON.astimezone(west)]
    with clock_of_our_own():
        assert_returns([True, False, True], accepted_at, token_of(CLAIMS), KEY, moments)


@pytest.mark.task(taskno=6)
def test_no_questions_no_answers():
    """Nothing to visit."""
    with clock_of_our_own():
        assert_returns([], accepted_at, token_of(CLAIMS), KEY, [])


@pytest.mark.task(taskno=6)
def test_a_forged_token_is_accepted_at_no_time():
    """The clock is not the only thing that `verify` looks at."""
    with clock_of_our_own():
        assert_returns([False, False], accepted_at, token_of(CLAIMS, key=OTHER_KEY), KEY, [NOON, EXP])


@pytest.mark.task(taskno=6)
def test_afterwards_the_clock_runs_again():
    """A clock that was left standing stands for everything that follows."""
    with clock_of_our_own():
        assert_returns([True, False], accepted_at, token_of(CLAIMS), KEY, [NOON, EXP])
        assert_put_back()


#: PyJWT refuses it as an HMAC secret: InvalidKeyError, which is no InvalidTokenError.
PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\nbm90IGEgc2VjcmV0\n-----END PUBLIC KEY-----\n"


@pytest.mark.task(taskno=6)
def test_a_bug_of_our_own_is_seen_and_the_clock_runs_again():
    """The wrong key was configured: that is no answer about the token, and no reason to leave the clock standing."""
    with clock_of_our_own():
        assert_raises(pyjwt.InvalidKeyError, accepted_at, token_of(CLAIMS), PUBLIC_KEY, [NOON, EXP])
        assert_put_back()


@pytest.mark.task(taskno=6)
def test_the_clock_runs_again_after_any_error():
    """No key was configured at all. Whatever becomes of that, the clock is put back."""
    with clock_of_our_own():
        with suppress(TypeError, ValueError, AttributeError, pyjwt.PyJWTError):
            accepted_at(token_of(CLAIMS), None, [NOON, EXP])
        assert_put_back()

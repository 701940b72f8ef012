"""Kata: an authentication flow with JWTs. The README tells the story; these tests are the contract, task by task."""

import hashlib
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pprint import pformat
from unittest import mock

import jwt as pyjwt
import pytest
from flask import g, jsonify
from freezegun import freeze_time
from werkzeug.security import check_password_hash

from .auth import (
    AuthError,
    User,
    UserStore,
    auth_error_response,
    bearer_token,
    create_app,
    json_fields,
    login_required,
    make_token,
    read_token,
    role_required,
    token_pair,
)
from .talk import ANY, Site, contents

#: Long enough for HS512, too, so that PyJWT has nothing against the tokens that we forge.
KEY = "sixty-four bytes are what HS512 wants; these are just so many..."
OTHER_KEY = "one other key of the same length; there is no more to say of it."

#: A hash that takes a third of a millisecond. For tests; the default takes a fifth of a second, and has to.
FAST = "pbkdf2:sha256:1000"

#: A day in spring, at twelve o'clock in Greenwich.
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)

ADA = {"username": "ada", "password": "analytical engine"}
GRACE = {"username": "grace", "password": "nanosecond"}


def site_of(users=None, **named):
    """An app with its users, and Ada and Grace among them if nobody else is."""
    if users is None:
        users = UserStore(FAST)
        for who, roles in ((ADA, ()), (GRACE, ("admin", "auditor"))):
            users.add(who["username"], who["password"], roles)
    return Site(create_app(users, **{"key": KEY, **named}))


def bare_site(**named):
    """An app without users."""
    return site_of(UserStore(FAST), **named)


def user_of(site, who=ADA):
    """The record of a user."""
    return next(user for user in site.app.extensions["users"].users.values() if user.name == who["username"])


def bearer(token):
    """The header that presents a token."""
    return {"Authorization": f"Bearer {token}"}


def token_with(*, key=KEY, algorithm="HS256", without=(), **changes):
    """An access token that is good but for the changes. PyJWT makes it, and none of the code under test."""
    now = int(time.time())
    claims = {"sub": "42", "iat": now, "exp": now + 900, "jti": "7", "token_use": "access", "family": "f", **changes}
    return pyjwt.encode({name: claims[name] for name in claims if name not in without}, key, algorithm=algorithm)


# --- Three ways to look at a function under test -------------------------------


def assert_returns(expected: object, function: Callable[..., object], *arguments: object) -> None:
    """Call the function; anything but the expected value fails with the call and both values."""
    __tracebackhide__ = True
    asked = called(function, arguments)
    expect(asked, "", expected, ask(function, arguments, f"{asked}\n  expected: {shown(expected)}"))


def assert_refuses(code: str | None, function: Callable[..., object], *arguments: object) -> None:
    """Call the function; anything but an AuthError with this code fails with the call and what came."""
    __tracebackhide__ = True
    asked = f"{called(function, arguments)}\n  expected: raises AuthError with code {code!r}"
    try:
        actual = f"returned {shown(ask(function, arguments, asked), 21)}"
    except AuthError as error:
        if error.code == code:
            return
        actual = f"raised AuthError with code {error.code!r}"
    pytest.fail(f"{asked}\n  actual:   {actual}")


def expect(call: str, what: str, expected: object, actual: object) -> None:
    """Fail unless something about a call is as expected."""
    __tracebackhide__ = True
    if actual != expected:
        pytest.fail(f"{call}\n  expected: {what}{shown(expected)}\n  actual:   {what}{shown(actual)}")


def called(function, arguments):
    """Write a call; a token in it with its claims."""
    claims = contents(arguments[0]) if arguments else None
    if claims is None:
        return f"{function.__name__}({', '.join(map(repr, arguments))})"
    return f"{function.__name__}({', '.join(['token', *map(repr, arguments[1:])])})\n  claims:   {shown(claims)}"


def shown(value, indent=12):
    """Write a value on as many lines as it needs; a user by the name."""
    if isinstance(value, User):
        return f"the user {value.name!r}"
    return pformat(value, width=78 - indent, sort_dicts=False).replace("\n", "\n" + indent * " ")


def ask(function, arguments, asked):
    """Call the function; what it raises is told with the call."""
    __tracebackhide__ = True
    try:
        return function(*arguments)
    except Exception as error:
        error.add_note(f"{asked}\n  actual:   raised {type(error).__name__}")
        raise


# --- Task 1: passwords --------------------------------------------------------


@pytest.mark.task(taskno=1)
def test_a_user_is_stored_under_a_fresh_id():
    """A uuid4, as text: another one for each, and nothing that can be guessed."""
    store = UserStore(FAST)
    for name, roles in (("ada", ("admin", "auditor")), ("grace", ())):
        call = f"user = store.add({name!r}, 'a password', {roles})"
        user = store.add(name, "a password", roles)
        expect(call, "name and roles ", (name, roles), (user.name, user.roles))
        expect(call, "store.users[user.id] ", user, store.users.get(user.id))
        expect(call, "user.id a text: ", True, isinstance(user.id, str))
        expect(f"{call}\n  user.id:  {user.id!r}", "version of the UUID ", 4, uuid.UUID(user.id).version)
    expect("two calls of store.add", "number of users ", 2, len(store.users))
    expect("store.add('zoe', 'a password')", "roles ", (), store.add("zoe", "a password").roles)


@pytest.mark.task(taskno=1)
def test_the_password_is_not_kept():
    """What werkzeug can check is kept, made with the method of the store."""
    store = UserStore(FAST)
    call = "store.add('ada', 'analytical engine')"
    ada = store.add("ada", "analytical engine")
    expect(call, "the password in the store: ", False, "analytical engine" in f"{vars(store)} {vars(ada)}")
    expect(call, "method of the hash ", FAST, ada.password_hash.partition("$")[0])
    expect(call, "right hash: ", True, check_password_hash(ada.password_hash, "analytical engine"))


@pytest.mark.task(taskno=1)
def test_every_hash_has_its_own_salt():
    """Two users with one password: whoever steals the table must not see that."""
    store = UserStore(FAST)
    ada, grace = store.add("ada", "swordfish"), store.add("grace", "swordfish")
    expect("two users with the password 'swordfish'", "equal hashes: ", False, ada.password_hash == grace.password_hash)


@pytest.mark.task(taskno=1)
def test_name_and_password_together_open():
    """Each user with their own password, and nobody with another's."""
    store = UserStore(FAST)
    ada, grace = store.add("ada", "analytical engine"), store.add("grace", "nanosecond")
    assert_returns(ada, store.authenticate, "ada", "analytical engine")
    assert_returns(grace, store.authenticate, "grace", "nanosecond")
    assert_returns(None, store.authenticate, "ada", "nanosecond")


@pytest.mark.task(taskno=1)
def test_anything_else_does_not():
    """No part of it, no other spelling, and not the hash. An unknown name has no password, not even "dummy"."""
    store = UserStore(FAST)
    ada = store.add("ada", "analytical engine")
    for password in ("", "analytical", "Analytical Engine", "analytical engine ", "dummy", ada.password_hash):
        assert_returns(None, store.authenticate, "ada", password)
    for name in ("charles", "", "ad", "Ada", "ada "):
        for password in ("analytical engine", "dummy", ""):
            assert_returns(None, store.authenticate, name, password)


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("zoe", "analytical engine", id="right"),
        pytest.param("zoe", "difference engine", id="wrong-password"),
        pytest.param("charles", "analytical engine", id="unknown-name"),
    ],
)
def test_every_answer_costs_one_hash(name, password):
    """An answer that comes at once says: there is no such user. So the hash is computed once in every case."""
    store = UserStore(FAST)
    for known in ("ada", "grace", "zoe"):
        store.add(known, "analytical engine")
    with mock.patch.object(hashlib, "pbkdf2_hmac", side_effect=hashlib.pbkdf2_hmac) as computed:
        store.authenticate(name, password)
    expect(f"authenticate({name!r}, {password!r})", f"computed hashes ({FAST}): ", 1, computed.call_count)


# --- Task 2: tokens -----------------------------------------------------------


@pytest.mark.task(taskno=2)
def test_an_auth_error_has_a_code():
    """Or None, if there were no credentials at all."""
    expect("AuthError()", "code ", None, AuthError().code)
    expect("AuthError('invalid_token')", "code ", "invalid_token", AuthError("invalid_token").code)


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(("kind", "lifetime"), [("access", 60), ("refresh", 3600)])
def test_a_token_says_whose_it_is_and_what_for(kind, lifetime):
    """Its kind, its user, its session, and its lifetime, which is that of its kind in the config of the app."""
    site = bare_site(access_ttl=60, refresh_ttl=3600)
    with site.app.app_context(), freeze_time(NOON):
        claims = pyjwt.decode(make_token(kind, "42", "family 7"), KEY, algorithms=["HS256"])
    now = int(NOON.timestamp())
    expected = {"sub": "42", "iat": now, "exp": now + lifetime, "token_use": kind, "family": "family 7"}
    actual = {name: claims.get(name) for name in expected}
    expect(f"make_token({kind!r}, '42', 'family 7'), and it is {now}", "", expected, actual)


@pytest.mark.task(taskno=2)
def test_every_token_has_an_id_of_its_own():
    """Also two that are made in the same second, for the same user and session."""
    with bare_site().app.app_context():
        tokens = [make_token(kind, "42", "f") for kind in ("access", "access", "refresh", "refresh")]
    ids = [contents(token).get("jti") for token in tokens]
    different = len({*ids} - {None, ""})
    expect(f"make_token, four times\n  jti:      {shown(ids)}", "different jti: ", 4, different)


@pytest.mark.task(taskno=2)
def test_a_good_token_is_read():
    """Your own, and one that PyJWT made."""
    with bare_site().app.app_context():
        for kind in ("access", "refresh"):
            for token in (make_token(kind, "42", "f"), token_with(token_use=kind)):
                assert_returns(contents(token), read_token, token, kind)


@pytest.mark.task(taskno=2)
def test_the_two_kinds_cannot_be_swapped():
    """Otherwise a refresh token opens what an access token opens, and for weeks."""
    with bare_site().app.app_context():
        assert_refuses("invalid_token", read_token, make_token("refresh", "42", "f"), "access")
        assert_refuses("invalid_token", read_token, make_token("access", "42", "f"), "refresh")
        for other in ("id", "ACCESS", "", None, ["access"]):
            assert_refuses("invalid_token", read_token, token_with(token_use=other), "access")


@pytest.mark.task(taskno=2)
def test_a_token_lives_until_exp():
    """And not a second longer: there is no leeway here."""
    site = bare_site(access_ttl=60, refresh_ttl=3600)
    with site.app.app_context(), freeze_time(NOON) as clock:
        access, refresh = make_token("access", "42", "f"), make_token("refresh", "42", "f")
        clock.move_to(NOON + 59 * SECOND)
        assert_returns(contents(access), read_token, access, "access")
        clock.move_to(NOON + 60 * SECOND)
        assert_refuses("invalid_token", read_token, access, "access")
        assert_returns(contents(refresh), read_token, refresh, "refresh")


def altered():
    """A token with the signature of another."""
    return f"{token_with(sub='1').rpartition('.')[0]}.{token_with().rpartition('.')[2]}"


#: Each is refused for one reason alone.
REFUSED = {
    "another-key": lambda: [token_with(key=OTHER_KEY)],
    "another-algorithm": lambda: [token_with(algorithm="HS384"), token_with(algorithm="HS512")],
    "no-signature": lambda: [token_with(key=None, algorithm="none"), token_with().rpartition(".")[0] + "."],
    "of-another-token": lambda: [altered()],
    "incomplete": lambda: [token_with(without=["exp"]), token_with(without=["token_use"])],
    "no-token": lambda: ["let me in", "let.me.in", ""],
}


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_any_other_token_is_refused(make):
    """With our error, whatever PyJWT says to it."""
    with bare_site().app.app_context():
        for token in make():
            assert_refuses("invalid_token", read_token, token, "access")


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("changes", [{"iat": 2**33}, {"sub": 42}], ids=["from-the-future", "sub-is-a-number"])
def test_a_strange_token_is_no_crash(changes):
    """Read it or refuse it. PyJWT has an error for almost anything, and ours is the only one that has a handler."""
    arguments = token_with(**changes), "access"
    call = called(read_token, arguments)
    with bare_site().app.app_context():
        try:
            ask(read_token, arguments, f"{call}\n  expected: returns the claims, or raises AuthError")
        except AuthError as error:
            expect(call, "AuthError with code ", "invalid_token", error.code)


@pytest.mark.task(taskno=2)
def test_each_app_has_its_own_key():
    """The key is that of the current app: what one has issued, another refuses."""
    with bare_site().app.app_context():
        token = make_token("access", "42", "f")
    with bare_site(key=OTHER_KEY).app.app_context():
        assert_refuses("invalid_token", read_token, token, "access")
        own = make_token("access", "42", "f")
        assert_returns(contents(own), read_token, own, "access")


# --- Task 3: the Authorization header -----------------------------------------


@pytest.mark.task(taskno=3)
def test_the_scheme_has_no_case():
    """RFC 9110 section 11.1. The token has: it comes back as it was."""
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert_returns("AbC.d-E_f.123~+/==", bearer_token, f"{scheme} AbC.d-E_f.123~+/==")


@pytest.mark.task(taskno=3)
def test_no_credentials_are_an_error_without_a_code():
    """No header, or a scheme that we do not speak: a client that does not know yet how to ask."""
    headers = ("Basic YWRhOmFuYWx5dGljYWw=", "Token abc", "BearerToken abc", "Basic Bearer", "x Bearer abc")
    for header in (None, "Negotiate", *headers):
        assert_refuses(None, bearer_token, header)


@pytest.mark.task(taskno=3)
def test_a_header_of_the_wrong_form_is_an_invalid_request():
    """Our scheme, but no token, or more than one word."""
    for header in ("Bearer ", "bearer ", "Bearer abc def", "Bearer a b c"):
        assert_refuses("invalid_request", bearer_token, header)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize("code", [None, "invalid_token", "invalid_request"])
def test_an_auth_error_is_a_401_that_says_how_to_ask(code):
    """RFC 9110 section 15.5.2: with a WWW-Authenticate. RFC 6750 section 3.1: an error in it only if there was one."""
    site = bare_site()
    site.app.add_url_rule("/", "view", lambda: auth_error_response(AuthError(code)))
    response = site.refuses(code, "GET", "/")
    site.has("number of WWW-Authenticate:", 1, len(response.headers.getlist("WWW-Authenticate")))
    challenge = response.www_authenticate
    site.has("scheme in WWW-Authenticate", "bearer", challenge.type)
    site.has("error in WWW-Authenticate", code, challenge.get("error"))


# --- Task 4: log in -----------------------------------------------------------


@pytest.mark.task(taskno=4)
def test_the_fields_come_in_the_order_in_which_they_were_asked_for():
    """Whatever their order in the body."""
    site = bare_site()
    site.app.add_url_rule("/three", "three", lambda: jsonify(list(json_fields("a", "b", "c"))), methods=["POST"])
    site.app.add_url_rule("/one", "one", lambda: jsonify(list(json_fields("b"))), methods=["POST"])
    body = {"c": "3", "b": "2", "a": "1"}
    site.answers(200, ["1", "2", "3"], "POST", "/three", json=body)
    site.answers(200, ["2"], "POST", "/one", json=body)


NOT_TEXT = [{"name": "ada"}, {}, *({"name": "ada", "word": other} for other in (None, 42, True, ["x"], {"x": "y"}))]
NO_OBJECT = [["name", "word"], "name word", 42, True]


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("bodies", [NOT_TEXT, NO_OBJECT], ids=["no-text", "no-object"])
def test_a_body_without_the_fields_is_a_bad_request(bodies):
    """Missing, of another type, or no object at all: 400, and not an error of ours."""
    site = bare_site()
    site.app.add_url_rule("/", "view", lambda: jsonify(list(json_fields("name", "word"))), methods=["POST"])
    for body in bodies:
        site.answers(400, ANY, "POST", "/", json=body)


@pytest.mark.task(taskno=4)
def test_a_token_pair_is_two_tokens_and_what_to_do_with_them():
    """RFC 6749 section 5.1. And no cache keeps them."""
    site = bare_site(access_ttl=60)
    site.app.add_url_rule("/", "pair", lambda: token_pair("42", "family 7"))
    response = site.answers(200, ANY, "GET", "/")
    body = response.get_json()
    site.has("token_type", "Bearer", body.get("token_type"))
    site.has("expires_in", 60, body.get("expires_in"))
    site.has("no-store in Cache-Control:", True, response.cache_control.no_store)
    for kind in ("access", "refresh"):
        claims = contents(body.get(f"{kind}_token")) or {}
        expected = {"token_use": kind, "sub": "42", "family": "family 7"}
        site.has(f"claims of the {kind}_token", expected, {name: claims.get(name) for name in expected})


@pytest.mark.task(taskno=4)
def test_name_and_password_are_swapped_for_tokens():
    """For those of the user who logs in, and of nobody else."""
    site = site_of()
    for who in (ADA, GRACE):
        body = site.answers(200, ANY, "POST", "/login", json=who).get_json()
        for kind in ("access", "refresh"):
            with site.app.app_context():
                claims = read_token(body[f"{kind}_token"], kind)
            site.has("sub", user_of(site, who).id, claims["sub"])


@pytest.mark.task(taskno=4)
def test_name_and_password_are_taken_as_they_are():
    """Nothing is cut off, and no letter is made small: whoever has a blank in a password means it."""
    site = site_of()
    for change in ({"username": "ada "}, {"username": "Ada"}, {"password": "Analytical Engine"}):
        site.refuses("invalid_grant", "POST", "/login", json={**ADA, **change})
    site.refuses("invalid_grant", "POST", "/login", json={**ADA, "password": " analytical engine "})


@pytest.mark.task(taskno=4)
def test_every_login_begins_a_family_of_its_own():
    """A laptop and a telephone are two sessions: one may end without the other. A pair belongs together."""
    site = site_of()
    families = []
    for who in (ADA, ADA, GRACE):
        body = site.answers(200, ANY, "POST", "/login", json=who).get_json()
        access, refresh = contents(body["access_token"])["family"], contents(body["refresh_token"])["family"]
        site.has("family of the refresh token", access, refresh)
        families.append(access)
    site.has("different families after 3 logins:", 3, len(set(families)))


@pytest.mark.task(taskno=4)
def test_nobody_learns_which_names_exist():
    """A wrong password and an unknown name: the same response, to the last byte."""
    site = site_of()
    answers = []
    for who in ({**ADA, "password": "difference engine"}, {**ADA, "username": "charles"}):
        response = site.refuses("invalid_grant", "POST", "/login", json=who)
        answers.append((response.data, sorted(response.headers)))
    site.has("body and headers", answers[0], answers[1])


@pytest.mark.task(taskno=4)
def test_a_login_is_json_in_the_body():
    """What is no JSON is Flask's business. And what is in the URL ends up in a log."""
    site = site_of()
    site.answers(400, ANY, "POST", "/login", data='{"username": ', content_type="application/json")
    site.answers(400, ANY, "POST", "/login", json={"username": "ada"})
    site.answers(415, ANY, "POST", "/login", data=ADA)
    site.answers(415, ANY, "POST", "/login?username=ada&password=analytical+engine")


@pytest.mark.task(taskno=4)
def test_each_app_has_its_own_users():
    """The store is that of the app that was asked."""
    bare_site().refuses("invalid_grant", "POST", "/login", json=ADA)
    site_of().answers(200, ANY, "POST", "/login", json=ADA)


# --- Task 5: protected endpoints ----------------------------------------------


def logged_in(site, who=ADA):
    """The access and the refresh token of a new session."""
    body = site.answers(200, ANY, "POST", "/login", json=who).get_json()
    return body["access_token"], body["refresh_token"]


def record(site, who=ADA):
    """What /me says about somebody."""
    return {"id": user_of(site, who).id, "name": who["username"]}


@pytest.mark.task(taskno=5)
def test_an_access_token_opens():
    """For the user that it names, also when two take turns."""
    site = site_of()
    tokens = [(who, logged_in(site, who)[0]) for who in (ADA, GRACE)]
    for who, token in tokens * 2:
        site.answers(200, record(site, who), "GET", "/me", headers=bearer(token))


@pytest.mark.task(taskno=5)
def test_without_credentials_it_stays_closed():
    """401 and not 403: who you are is what we do not know yet."""
    site = site_of()
    logged_in(site, GRACE)
    for path in ("/me", "/admin"):
        for headers in ({}, {"Authorization": "Basic Z3JhY2U6bmFub3NlY29uZA=="}):
            site.refuses(None, "GET", path, headers=headers)
        site.refuses("invalid_request", "GET", path, headers={"Authorization": "Bearer one two"})


@pytest.mark.task(taskno=5)
def test_any_other_token_stays_outside():
    """A refresh token, one with another signature, an expired one, and none at all."""
    site = site_of()
    user_id = user_of(site, GRACE).id
    access, refresh = logged_in(site, GRACE)
    expired = token_with(sub=user_id, exp=int(time.time()))
    for path in ("/me", "/admin"):
        for token in (refresh, token_with(sub=user_id, key=OTHER_KEY), expired, f"{access}x", "let-me-in"):
            site.refuses("invalid_token", "GET", path, headers=bearer(token))
        site.answers(200, ANY, "GET", path, headers=bearer(access))


@pytest.mark.task(taskno=5)
def test_a_token_belongs_in_the_header():
    """RFC 9700 section 4.3.2: not in the URL, which ends up in logs and histories. Nor anywhere else."""
    site = site_of()
    token, _ = logged_in(site)
    for name in ("access_token", "token"):
        site.refuses(None, "GET", f"/me?{name}={token}")
        site.refuses(None, "GET", "/me", data={name: token})
        site.refuses(None, "GET", "/me", json={name: token})
        site.refuses(None, "GET", "/me", headers={"Cookie": f"{name}={token}"})
    for name in ("X-Access-Token", "Proxy-Authorization"):
        site.refuses(None, "GET", "/me", headers={name: f"Bearer {token}"})
        site.refuses(None, "GET", "/me", headers={name: token})


@pytest.mark.task(taskno=5)
def test_a_user_who_is_gone_stays_outside():
    """Their token is still good, and says who they were."""
    site = site_of()
    token, _ = logged_in(site, GRACE)
    site.app.extensions["users"].users.pop(user_of(site, GRACE).id)
    for path in ("/me", "/admin"):
        site.refuses("invalid_token", "GET", path, headers=bearer(token))


def app_with_views(site):
    """Two guarded views in an app, and a list of what they were called with."""
    calls = []

    @login_required
    def reports(year, *, month=1):
        calls.append(("reports", year, month, g.user.name))
        return {"year": year}, 202, {"X-Tea": "green"}

    @role_required("auditor")
    def ledger(year):
        calls.append(("ledger", year, g.user.name))
        return {"year": year}, 202, {"X-Tea": "green"}

    site.app.add_url_rule("/reports/<int:year>/<int:month>", view_func=reports)
    site.app.add_url_rule("/ledger/<int:year>", view_func=ledger)
    return calls


@pytest.mark.task(taskno=5)
def test_the_view_is_as_it_was_but_for_the_guard():
    """Arguments go in, the return value comes out, and the name stays: Flask names the endpoint after it."""
    site = site_of()
    calls = app_with_views(site)
    token, _ = logged_in(site, GRACE)
    for path in ("/reports/1952/7", "/ledger/1952"):
        response = site.answers(202, {"year": 1952}, "GET", path, headers=bearer(token))
        site.has("X-Tea", "green", response.headers.get("X-Tea"))
    site.has("calls", [("reports", 1952, 7, "grace"), ("ledger", 1952, "grace")], calls)
    site.has("endpoints reports and ledger:", True, {"reports", "ledger"} <= set(site.app.view_functions))


@pytest.mark.task(taskno=5)
def test_the_view_is_not_called_for_others():
    """What is refused has not happened."""
    site = site_of()
    calls = app_with_views(site)
    ada, refresh = logged_in(site)
    for headers in ({}, bearer(refresh)):
        site.answers(401, ANY, "GET", "/reports/1952/7", headers=headers)
        site.answers(401, ANY, "GET", "/ledger/1952", headers=headers)
    site.answers(403, ANY, "GET", "/ledger/1952", headers=bearer(ada))
    site.has("calls", [], calls)


@pytest.mark.task(taskno=5)
def test_a_role_is_required():
    """403: we know who you are, and no. Exactly this role: not one that looks like it, and not a higher one."""
    site = site_of()
    app_with_views(site)
    user = user_of(site)
    token, _ = logged_in(site)
    for roles, admin, ledger in (
        ((), 403, 403),
        (("administrator", "Admin", "audit"), 403, 403),
        (("auditor",), 403, 202),
        (("admin",), 200, 403),
        (("auditor", "admin"), 200, 202),
    ):
        user.roles = roles
        site.answers(admin, ANY, "GET", "/admin", headers=bearer(token))
        site.answers(ledger, ANY, "GET", "/ledger/1952", headers=bearer(token))


@pytest.mark.task(taskno=5)
def test_a_role_that_was_taken_away_is_gone_at_once():
    """The store is asked, and not the token, which may be a day old. The first time, and each time."""
    site = site_of()
    token, _ = logged_in(site, GRACE)
    site.answers(200, ANY, "GET", "/admin", headers=bearer(token))
    grace = user_of(site, GRACE)
    site.app.extensions["users"].users[grace.id] = User(grace.id, grace.name, grace.password_hash)
    site.answers(403, ANY, "GET", "/admin", headers=bearer(token))


# --- Task 6: refresh with rotation --------------------------------------------


def refreshed(site, token):
    """The access and the refresh token that a refresh token is swapped for."""
    response = site.answers(200, ANY, "POST", "/refresh", json={"refresh_token": token})
    body = response.get_json()
    site.has("no-store in Cache-Control:", True, response.cache_control.no_store)
    return body["access_token"], body["refresh_token"]


def assert_refused(site, *tokens):
    """Fail unless none of these can be swapped for another."""
    __tracebackhide__ = True
    for token in tokens:
        site.refuses("invalid_token", "POST", "/refresh", json={"refresh_token": token})


@pytest.mark.task(taskno=6)
def test_a_refresh_token_is_swapped_for_a_new_pair():
    """New tokens, the same user, the same session; and the new ones do what the old ones did, again and again."""
    site = site_of()
    old = logged_in(site)
    family = contents(old[0])["family"]
    for _ in range(3):
        new = refreshed(site, old[1])
        site.has("the same tokens:", False, bool({*old} & {*new}))
        site.has("family", [family] * 2, [contents(token)["family"] for token in new])
        site.answers(200, record(site), "GET", "/me", headers=bearer(new[0]))
        old = new


@pytest.mark.task(taskno=6)
def test_a_session_lives_as_long_as_it_is_used():
    """The new refresh token counts from now; one that nobody used in time is gone."""
    site = site_of(access_ttl=60, refresh_ttl=3600)
    with freeze_time(NOON) as clock:
        access, token = logged_in(site)
        for minutes in (59, 118):
            clock.move_to(NOON + timedelta(minutes=minutes))
            site.refuses("invalid_token", "GET", "/me", headers=bearer(access))
            access, token = refreshed(site, token)
            site.answers(200, record(site), "GET", "/me", headers=bearer(access))
        clock.move_to(NOON + timedelta(minutes=178))
        assert_refused(site, token)


@pytest.mark.task(taskno=6)
def test_a_token_that_comes_twice_ends_the_family():
    """A thief and the owner both had it. Whoever came first: the newest token is worth nothing any more, either."""
    site = site_of()
    _, first = logged_in(site)
    _, second = refreshed(site, first)
    _, third = refreshed(site, second)
    assert_refused(site, first, third, second)


@pytest.mark.task(taskno=6)
def test_other_families_go_on():
    """The same user on another machine, and everybody else, have nothing to do with it."""
    site = site_of()
    laptop, phone, grace = (logged_in(site, who)[1] for who in (ADA, ADA, GRACE))
    _, stolen = refreshed(site, laptop)
    assert_refused(site, laptop)
    for token in (phone, grace, logged_in(site)[1]):
        refreshed(site, token)
    assert_refused(site, phone, stolen)


@pytest.mark.task(taskno=6)
def test_the_server_remembers_in_its_sessions():
    """Where another process may look: the jti of what is spent, the family of what is over."""
    site = site_of()
    _, first = logged_in(site)
    _, second = refreshed(site, first)
    sessions = site.app.extensions["sessions"]
    ids = [contents(token)["jti"] for token in (first, second)]
    site.has("which jti are spent", [True, False], [each in sessions.spent for each in ids])
    family = contents(first)["family"]
    site.has("family ended:", False, family in sessions.ended)
    sessions.ended.add(family)
    assert_refused(site, second)
    _, other = logged_in(site)
    sessions.spent.add(contents(other)["jti"])
    assert_refused(site, other)
    site.has("family ended:", True, contents(other)["family"] in sessions.ended)


@pytest.mark.task(taskno=6)
def test_only_a_refresh_token_is_swapped():
    """No access token, none of another app, no expired one. The good one is not spent by that, and no family ends."""
    site = site_of()
    access, token = logged_in(site)
    claims = contents(token)
    forged = token_with(**{**claims, "sub": user_of(site, GRACE).id}, key=OTHER_KEY)
    expired = token_with(**{**claims, "exp": int(time.time())})
    assert_refused(site, access, forged, expired, "let me in")
    _, newer = refreshed(site, token)
    assert_refused(site, forged)
    refreshed(site, newer)


@pytest.mark.task(taskno=6)
def test_a_user_who_is_gone_gets_no_tokens():
    """Their refresh token is good for weeks; their account is not."""
    site = site_of()
    _, token = logged_in(site)
    site.app.extensions["users"].users.pop(user_of(site).id)
    assert_refused(site, token)


@pytest.mark.task(taskno=6)
def test_the_token_is_text_in_the_body():
    """Not in the header, where the access token is."""
    site = site_of()
    _, token = logged_in(site)
    for body in ({}, {"refresh_token": None}, ["refresh_token"]):
        site.answers(400, ANY, "POST", "/refresh", json=body, headers=bearer(token))
    site.answers(415, ANY, "POST", "/refresh", data={"refresh_token": token}, headers=bearer(token))
    site.answers(415, ANY, "POST", "/refresh", headers=bearer(token))


@pytest.mark.task(taskno=6)
def test_each_app_remembers_its_own():
    """Two apps with the same users and the same key: what is spent in one is not in the other."""
    one = site_of()
    other = site_of(one.app.extensions["users"])
    _, token = logged_in(one)
    refreshed(one, token)
    refreshed(other, token)
    assert_refused(one, token)


# --- Task 7: log out ----------------------------------------------------------


def log_out(site, token):
    """End the session of a token."""
    response = site.answers(204, ANY, "POST", "/logout", json={"refresh_token": token})
    site.has("the body", b"", response.data)


@pytest.mark.task(taskno=7)
def test_after_a_logout_nothing_is_refreshed():
    """204 and not a single byte; twice is fine. Who logs in again begins anew."""
    site = site_of()
    _, token = logged_in(site)
    log_out(site, token)
    assert_refused(site, token)
    log_out(site, token)
    refreshed(site, logged_in(site)[1])


@pytest.mark.task(taskno=7)
def test_the_whole_family_ends():
    """The token is a later one, and another of the family is around: the one that a thief was quick enough to get."""
    site = site_of()
    _, first = logged_in(site)
    _, second = refreshed(site, first)
    with site.app.app_context():
        sister = make_token("refresh", user_of(site).id, contents(first)["family"])
    log_out(site, second)
    assert_refused(site, sister, second)


@pytest.mark.task(taskno=7)
def test_other_sessions_go_on():
    """One machine is logged out, and not the user; and nobody else. What was spent there is still spent."""
    site = site_of()
    laptop, phone, grace = (logged_in(site, who)[1] for who in (ADA, ADA, GRACE))
    log_out(site, laptop)
    newer = [refreshed(site, token)[1] for token in (phone, grace)]
    log_out(site, newer[0])
    assert_refused(site, laptop, newer[0], grace, newer[1])


@pytest.mark.task(taskno=7)
def test_an_access_token_lives_until_exp_at_most():
    """Nobody is asked about it, so a logout does not reach it for sure; its short life does."""
    site = site_of(access_ttl=60)
    with freeze_time(NOON) as clock:
        access, token = logged_in(site)
        log_out(site, token)
        clock.move_to(NOON + 60 * SECOND)
        site.refuses("invalid_token", "GET", "/me", headers=bearer(access))
        assert_refused(site, token)


@pytest.mark.task(taskno=7)
def test_nobody_else_logs_you_out():
    """A token of another kind or with another signature ends nothing, whatever the answer to it."""
    site = site_of()
    access, token = logged_in(site)
    log_out(site, logged_in(site)[1])
    for other in (access, token_with(**contents(token), key=OTHER_KEY), "let me in"):
        status = site.ask("POST", "/logout", json={"refresh_token": other}).status_code
        site.has("status 204 or 401:", True, status in {204, 401})
    site.answers(400, ANY, "POST", "/logout", json={}, headers=bearer(token))
    refreshed(site, token)


@pytest.mark.task(taskno=7)
def test_each_app_ends_its_own():
    """Two apps with the same users and the same key: logged out here is not logged out there."""
    one = site_of()
    other = site_of(one.app.extensions["users"])
    _, token = logged_in(one)
    log_out(one, token)
    refreshed(other, token)
    assert_refused(one, token)

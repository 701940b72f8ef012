"""Kata: HTTP without a network. The README tells the story; these tests are the contract, task by task."""

import json
import os
import time
from itertools import islice

import pytest
import requests
import responses
from freezegun import freeze_time

from .users_api import (
    ApiError,
    BadResponse,
    ClientError,
    NotFound,
    ServerError,
    Unreachable,
    UsersApi,
    fake_create,
    fake_missing_user,
    fake_outage,
    fake_search,
    fake_user,
    retry_after,
    strict_mock,
)
from .wire import Answer, Wire

BASE = "https://api.example.com"
USERS = f"{BASE}/users"
TOKEN = "t0p-s3cret"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

ADA = {"id": "42", "name": "Ada Lovelace", "roles": ["programmer"]}
GRACE = {"id": "u-7", "name": "Grace \u201cAmazing\u201d Hopper", "admiral": True}
URL = f"{USERS}/42"


@pytest.fixture
def wire(monkeypatch):
    """The server of one test. No client really sleeps here, and none finds a password in ~/.netrc."""

    def slept(seconds):
        pytest.fail(f"the client slept {seconds} s by itself; call self.sleep, which the tests can replace")

    monkeypatch.setattr(time, "sleep", slept)
    monkeypatch.setenv("NETRC", os.devnull)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as rsps:
        yield Wire(rsps)


def client_of(wire, **settings):
    """The client under test; what it sleeps is written down in `wire.waits`."""
    return UsersApi(TOKEN, sleep=wire.waits.append, **settings)


def timeout_of(request):
    """The timeout a request was sent with; a pair is for connecting and for reading."""
    timeout = request.req_kwargs["timeout"]
    return timeout[0] if isinstance(timeout, tuple) and len(set(timeout)) == 1 else timeout


# --- Task 1: a fake resource --------------------------------------------------


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("user", [ADA, GRACE], ids=["ada", "grace"])
def test_the_fake_answers_with_the_user(wire, user):
    """200, every field, and the Content-Type of JSON."""
    wire.teach(fake_user, user)
    wire.answers(200, user, "GET", f"{USERS}/{user['id']}")


@pytest.mark.task(taskno=1)
def test_one_mock_learns_many_users(wire):
    """Two users and one who is missing live side by side."""
    wire.teach(fake_user, ADA)
    wire.teach(fake_missing_user, "41")
    wire.teach(fake_user, GRACE)
    wire.answers(200, ADA, "GET", URL)
    wire.answers(200, GRACE, "GET", f"{USERS}/u-7")
    wire.answers(404, {"error": "not found"}, "GET", f"{USERS}/41")


@pytest.mark.task(taskno=1)
def test_a_missing_user_is_a_404_in_json(wire):
    """The unhappy answer of a JSON API is JSON as well."""
    wire.teach(fake_missing_user, "42")
    wire.answers(404, {"error": "not found"}, "GET", URL)


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(("fake", "known"), [(fake_user, ADA), (fake_missing_user, "42")], ids=["user", "missing"])
def test_a_fake_resource_answers_nothing_else(wire, fake, known):
    """A fake that answers too much lets a client with a wrong URL pass."""
    wire.teach(fake, known)
    wire.refuses("GET", f"{USERS}/4")
    wire.refuses("GET", f"{USERS}/421")
    wire.refuses("GET", f"{URL}/")
    wire.refuses("GET", USERS)
    wire.refuses("GET", f"{BASE}/v2/users/42")
    wire.refuses("GET", "https://api.example.org/users/42")
    wire.refuses("GET", "http://api.example.com/users/42")
    wire.refuses("POST", URL)
    wire.refuses("DELETE", URL)


@pytest.mark.task(taskno=1)
def test_an_id_is_text_and_no_pattern(wire):
    """In a regular expression the dot would stand for every letter."""
    wire.teach(fake_user, ADA | {"id": "a.b"})
    wire.teach(fake_missing_user, "c.d")
    wire.refuses("GET", f"{USERS}/axb")
    wire.refuses("GET", f"{USERS}/cxd")


# --- Task 2: a fake that looks at the request ---------------------------------

NEW = {"name": "Ada Lovelace", "roles": ["programmer", "countess"], "age": 36}


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    ("query", "results"),
    [
        pytest.param("ada", [ADA, GRACE], id="two"),
        pytest.param("nobody", [], id="none"),
        pytest.param("a&b=c d+\u00e9%41", [ADA], id="letters-that-mean-something-in-a-url"),
    ],
)
def test_the_search_finds_its_results(wire, query, results):
    """{"results": [...]}, for the right query under the right token."""
    wire.teach(fake_search, token=TOKEN, query=query, results=results)
    wire.answers(200, {"results": results}, "GET", USERS, params={"q": query}, headers=BEARER)


@pytest.mark.task(taskno=2)
def test_the_search_refuses_another_query(wire):
    """Without a matcher the fake would not look at the query at all."""
    wire.teach(fake_search, token=TOKEN, query="ada", results=[ADA])
    for query in ("", "?q=ad", "?q=adam", "?q=Ada", "?name=ada", "?q=ada&page=2", "?q=ada&q=grace", "?q=grace&q=ada"):
        wire.refuses("GET", USERS + query, headers=BEARER)
    wire.refuses("GET", f"{USERS}/ada?q=ada", headers=BEARER)
    wire.refuses("POST", f"{USERS}?q=ada", headers=BEARER)


@pytest.mark.task(taskno=2)
def test_the_search_refuses_another_token(wire):
    """A client that forgets its token, or its scheme, must not get past the tests."""
    wire.teach(fake_search, token=TOKEN, query="ada", results=[ADA])
    wire.refuses("GET", f"{USERS}?q=ada")
    for value in (f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}s", f"Bearer {TOKEN.upper()}", TOKEN, f"Basic {TOKEN}"):
        wire.refuses("GET", f"{USERS}?q=ada", headers={"Authorization": value})
    wire.refuses("GET", f"{USERS}?q=ada", headers={"X-Token": f"Bearer {TOKEN}"})


@pytest.mark.task(taskno=2)
def test_the_search_does_not_mind_other_headers(wire):
    """Every client sends a few headers of its own."""
    wire.teach(fake_search, token=TOKEN, query="ada", results=[ADA])
    wire.answers(200, {"results": [ADA]}, "GET", USERS, params={"q": "ada"}, headers=BEARER | {"X-Trace": "1"})


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("new_id", ["u-7", "u-8"])
def test_the_right_body_creates_a_user(wire, new_id):
    """201 and the new id. The order of the fields is nobody's business."""
    wire.teach(fake_create, expected=NEW, new_id=new_id)
    wire.answers(201, {"id": new_id}, "POST", USERS, json=dict(reversed(NEW.items())))


@pytest.mark.task(taskno=2)
def test_another_json_body_creates_nothing(wire):
    """A field less, a field more, another value, type or order: the body is what a POST is about."""
    wire.teach(fake_create, expected=NEW, new_id="u-7")
    wire.refuses("POST", USERS, json={})
    wire.refuses("POST", USERS, json={"name": "Ada Lovelace", "age": 36})
    for other in ({"admin": True}, {"name": "Ada"}, {"age": "36"}, {"roles": ["countess", "programmer"]}):
        wire.refuses("POST", USERS, json=NEW | other)
    wire.refuses("POST", USERS, json=[NEW])


@pytest.mark.task(taskno=2)
def test_what_is_no_json_creates_nothing(wire):
    """Nothing at all, a form, any text; and nothing but a POST to this URL."""
    wire.teach(fake_create, expected=NEW, new_id="u-7")
    wire.refuses("POST", USERS)
    wire.refuses("POST", USERS, data=NEW)
    wire.refuses("POST", USERS, data="Ada Lovelace")
    wire.refuses("PUT", USERS, json=NEW)
    wire.refuses("POST", URL, json=NEW)


# --- Task 3: a fake that misbehaves, and a strict one -------------------------

STATUS_URL = "https://status.example/health"


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    "failures",
    [
        pytest.param([], id="none"),
        pytest.param([503], id="status"),
        pytest.param([requests.ReadTimeout("too slow")], id="exception"),
        pytest.param([502, 502], id="the-same-twice"),
        pytest.param((requests.ConnectTimeout(), 429, ConnectionResetError(104), 500), id="all-sorts"),
    ],
)
def test_an_outage_fails_in_turn_and_ends(wire, failures):
    """Failure after failure, in the order given, and then the service is back."""
    wire.teach(fake_outage, STATUS_URL, failures, {"status": "ok"})
    for failure in failures:
        answer = wire.send("GET", STATUS_URL)
        if isinstance(failure, int):
            wire.has("the status", failure, getattr(answer, "status_code", answer))
        else:
            wire.has("an exception of the type", type(failure), type(answer))
    for _ in range(3):  # from then on
        wire.answers(200, {"status": "ok"}, "GET", STATUS_URL)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize("body", [{}, []], ids=["empty-object", "empty-list"])
def test_an_outage_may_end_with_an_empty_answer(wire, body):
    """Nothing to tell is JSON, too."""
    wire.teach(fake_outage, STATUS_URL, [503], body)
    wire.send("GET", STATUS_URL)
    wire.answers(200, body, "GET", STATUS_URL)


@pytest.mark.task(taskno=3)
def test_an_outage_concerns_get_and_one_url(wire):
    """Other requests still have no fake."""
    wire.teach(fake_outage, STATUS_URL, [503], {"status": "ok"})
    wire.refuses("POST", STATUS_URL)
    wire.refuses("GET", f"{STATUS_URL}/db")
    wire.refuses("GET", "https://status.example/")


PATHS = ("/first", "/second", "/third")


def use_strictly(*paths):
    """Register PATHS with the strict mock, ask for these ones, and return what it says to that."""
    with strict_mock() as rsps:
        for path in PATHS:
            rsps.get(BASE + path, json={})
        for path in paths:
            requests.get(BASE + path, timeout=1)
    return "no complaint"


@pytest.mark.task(taskno=3)
def test_the_strict_mock_is_content_when_all_are_called_in_order(wire):
    """It is a RequestsMock like any other."""
    wire.has("strict_mock() is a RequestsMock:", True, isinstance(strict_mock(), responses.RequestsMock))
    wire.returns("no complaint", use_strictly, *PATHS)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    "paths",
    [
        pytest.param(PATHS[:-1], id="the-last-one-forgotten"),
        pytest.param(PATHS[1:], id="the-first-one-forgotten"),
        pytest.param((), id="all-forgotten"),
        pytest.param(("/first", "/third", "/second"), id="another-order"),
        pytest.param((*PATHS, "/fourth"), id="one-that-nobody-registered"),
    ],
)
def test_the_strict_mock_complains(paths):
    """A call forgotten, or at the wrong time: AssertionError at the end, or ConnectionError on the way."""
    try:
        use_strictly(*paths)
    except (AssertionError, requests.ConnectionError):
        return
    pytest.fail(f"with strict_mock() as rsps:\n  registered: {PATHS}\n  called:     {paths}\n  no complaint came")


# --- Task 4: one request, every outcome ---------------------------------------


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("status", [200, 204, 304, 399])
def test_a_status_below_400_is_returned(wire, status):
    """The caller gets the response itself, and one request was sent."""
    wire.script(Answer(status, "" if status in {204, 304} else {"id": "42"}))
    response = wire.ask(client_of(wire).request, "GET", URL)
    wire.has("a response with the status", status, getattr(response, "status_code", response))
    wire.sees(f"GET {URL}")


@pytest.mark.task(taskno=4)
def test_the_request_is_the_callers(wire):
    """The method and all that the caller adds go out as they are."""
    wire.script(200)
    wire.ask(
        client_of(wire).request, "PATCH", URL, params={"dry": "1"}, json={"name": "Ada"}, headers={"If-Match": '"7"'}
    )
    sent = wire.rsps.calls[0].request
    wire.sees(f"PATCH {URL}?dry=1")
    wire.has("the body", {"name": "Ada"}, json.loads(sent.body or "null"))
    wire.has("the header If-Match", '"7"', sent.headers.get("If-Match"))


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("named", [{}, {"headers": {"If-Match": '"7"'}}], ids=["no-headers", "headers-of-the-caller"])
def test_every_request_says_who_asks_and_for_what(wire, named):
    """The API answers no stranger, and it speaks more than JSON."""
    for token in (TOKEN, "another"):
        wire.script(200)
        wire.ask(UsersApi(token).request, "GET", URL, **named)
        sent = wire.rsps.calls[0].request
        wire.has("the header Authorization", f"Bearer {token}", sent.headers.get("Authorization"))
        wire.has("the header Accept", "application/json", sent.headers.get("Accept"))


@pytest.mark.task(taskno=4)
def test_every_request_has_the_timeout(wire):
    """Without one, requests waits for ever."""
    for timeout in (0.25, 5.0):
        wire.script(200)
        wire.ask(client_of(wire, timeout=timeout).request, "GET", URL)
        wire.has("the timeout", timeout, timeout_of(wire.rsps.calls[0].request))


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, NotFound),
        (400, ClientError),
        (403, ClientError),
        (405, ClientError),
        (499, ClientError),
        (500, ServerError),
        (599, ServerError),
    ],
)
def test_a_status_from_400_on_is_an_error_of_ours(wire, status, error):
    """Who has to act is in the class, the rest in `status` and `retry_after`; one request was sent."""
    for header in ("120", None):
        headers = {} if header is None else {"Retry-After": header}
        wire.script(Answer(status, "<h1>an error page, not JSON</h1>", headers))
        raised = wire.raises(error, client_of(wire).request, "GET", URL, secret=TOKEN)
        wire.has("an error with the status", status, raised.status)
        wire.has("an error with retry_after", header, raised.retry_after)
        wire.sees(f"GET {URL}")


NO_RESPONSE = [
    pytest.param(requests.ConnectionError("refused"), id="ConnectionError"),
    pytest.param(requests.ConnectTimeout("no answer"), id="ConnectTimeout"),
    pytest.param(requests.ReadTimeout("too slow"), id="ReadTimeout"),
]


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("fault", NO_RESPONSE)
def test_no_response_is_unreachable(wire, fault):
    """One error of ours for every way not to be answered, and the cause is kept for whoever debugs it."""
    wire.script(fault)
    raised = wire.raises(Unreachable, client_of(wire).request, "GET", URL, secret=TOKEN)
    wire.has("an error with the status", None, raised.status)
    wire.has("an error with retry_after", None, raised.retry_after)
    wire.has("a __cause__ of the type", type(fault), type(raised.__cause__))
    wire.sees(f"GET {URL}")


@pytest.mark.task(taskno=4)
def test_no_message_repeats_what_a_server_echoes(wire):
    """Error pages like to show the request that they are about, headers and all."""
    for status in (401, 404, 500):
        wire.script(Answer(status, {"error": f"cannot serve 'Authorization: Bearer {TOKEN}'"}))
        wire.raises(ApiError, client_of(wire).request, "GET", URL, secret=TOKEN)


@pytest.mark.task(taskno=4)
def test_no_message_of_ours_quotes_a_malformed_token(wire):
    """From a file with Windows line ends. requests refuses such a header, and quotes it in the message."""
    wire.script(200)
    try:
        wire.ask(UsersApi(f"{TOKEN}\r\n").request, "GET", URL)
    except ApiError as error:
        if TOKEN in str(error) or TOKEN in repr(error):
            wire.fail("a message without the token", f"{type(error).__name__}: {error}")
    except requests.RequestException:
        pass  # whether this counts as unreachable is up to you


def json_object_of(wire, content):
    """Let the client fetch a 200 with this content, and then read it."""
    wire.script(Answer(200, content, {"Content-Type": "application/json"}))
    api = client_of(wire)

    def json_object():
        return api.json_object(requests.get(URL, timeout=1))

    return json_object


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("body", [{}, GRACE], ids=["empty", "grace"])
def test_a_json_object_becomes_a_dict(wire, body):
    """Even an empty one is what we were promised."""
    wire.returns(body, json_object_of(wire, body))


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    "contents",
    [
        pytest.param((f"<h1>Please log in as {TOKEN}</h1>", '{"id": "42"', ""), id="no-json"),
        pytest.param(("[]", '[["id", "42"]]', "null", '"id"'), id="no-object"),
    ],
)
def test_any_other_body_is_a_bad_response(wire, contents):
    """A 200 proves nothing yet: a proxy's login page comes with a 200, too."""
    for content in contents:
        wire.raises(BadResponse, json_object_of(wire, content), secret=TOKEN)


# --- Task 5: try again, politely ----------------------------------------------

NOON = "2026-10-21 12:00:00"


@pytest.mark.task(taskno=5)
def test_retry_after_may_be_seconds(wire):
    """Zero is a wait, and no header is none."""
    wire.returns(120, retry_after, "120")
    wire.returns(0, retry_after, "0")
    wire.returns(None, retry_after, None)


@pytest.mark.task(taskno=5)
def test_retry_after_may_be_a_date(wire):
    """The seconds from now on, whatever the day; the second form is the one of long ago."""
    with freeze_time(NOON):
        wire.returns(30, retry_after, "Wed, 21 Oct 2026 12:00:30 GMT")
        wire.returns(30, retry_after, "Wednesday, 21-Oct-26 12:00:30 GMT")
        wire.returns(86401, retry_after, "Thu, 22 Oct 2026 12:00:01 GMT")


@pytest.mark.task(taskno=5)
def test_a_date_that_is_over_is_no_wait(wire):
    """Never less than none: time.sleep raises ValueError for that."""
    with freeze_time(NOON):
        wire.returns(0, retry_after, "Wed, 21 Oct 2026 11:59:59 GMT")
        wire.returns(0, retry_after, "Wed, 21 Oct 2015 07:28:00 GMT")


@pytest.mark.task(taskno=5)
def test_nonsense_is_no_retry_after(wire):
    """A header is a stranger's text: whatever it says, no exception comes of it."""
    for value in ("", "soon", "5 minutes", "1.5", "0x10", "\u00b2", "nan"):
        wire.returns(None, retry_after, value)


@pytest.mark.task(taskno=5)
def test_a_strange_retry_after_does_no_harm(wire):
    """Less than none, a date without a zone, a day that never was: neither an exception nor a wait below zero."""
    with freeze_time(NOON):
        for value, seconds in (
            ("-5", 0),
            ("Wed Oct 21 12:00:30 2026", 30),
            ("Tue, 31 Feb 2026 12:00:00 GMT", 0),
        ):
            actual = wire.ask(retry_after, value)
            if actual not in (None, seconds):
                wire.fail(f"None or {seconds}", repr(actual))
        actual = wire.ask(retry_after, "9" * 5000)
        if actual is not None and actual < 10**9:
            wire.fail("None or a very long wait", repr(actual))


@pytest.mark.task(taskno=5)
def test_what_works_is_asked_once(wire):
    """No retry, no wait; the caller's parameters go along."""
    wire.script(ADA)
    response = wire.ask(client_of(wire).get_with_retries, URL, params={"full": "1"})
    wire.has("the JSON", ADA, response.json())
    wire.sees(f"GET {URL}?full=1")
    wire.has("waits", [], wire.waits)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("failure", [429, 502, 503, 504, *NO_RESPONSE])
def test_a_passing_failure_is_tried_again(wire, failure):
    """The second answer counts, and both requests are the same."""
    wire.script(failure, ADA)
    named = {"params": {"full": "1"}, "headers": {"If-Match": '"7"'}}
    response = wire.ask(client_of(wire, attempts=2).get_with_retries, URL, **named)
    wire.has("the JSON", ADA, response.json())
    wire.sees(f"GET {URL}?full=1", f"GET {URL}?full=1")
    wire.has("waits", [0.5], wire.waits)
    for call in wire.rsps.calls:
        wire.has("the header If-Match", '"7"', call.request.headers.get("If-Match"))
        wire.has("the header Authorization", f"Bearer {TOKEN}", call.request.headers.get("Authorization"))


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    ("statuses", "error"),
    [((400, 401, 408, 428, 430), ClientError), ((404,), NotFound), ((500, 501, 505), ServerError)],
    ids=["our-fault", "missing", "their-fault"],
)
def test_any_other_failure_is_final(wire, statuses, error):
    """What is wrong now is wrong in a second, too. Not even a Retry-After changes that."""
    for status in statuses:
        wire.script(Answer(status, "", {"Retry-After": "1"}), ADA)
        raised = wire.raises(error, client_of(wire).get_with_retries, URL)
        wire.has("an error with the status", status, raised.status)
        wire.sees(f"GET {URL}")
        wire.has("waits", [], wire.waits)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_it_gives_up_after_its_attempts(wire, attempts):
    """`attempts` requests in all, a wait between two of them, and the last error is the caller's."""
    wire.script(*[429, 502, 503, requests.ReadTimeout()][: attempts - 1], 504)
    raised = wire.raises(ApiError, client_of(wire, attempts=attempts).get_with_retries, URL)
    wire.has("the last error, with the status", 504, raised.status)
    wire.has("an error of the type", ServerError, type(raised))
    wire.sees(*[f"GET {URL}"] * attempts)
    wire.has("waits", [0.5, 1, 2, 4][: attempts - 1], wire.waits)


@pytest.mark.task(taskno=5)
def test_it_gives_up_when_nobody_answers(wire):
    """Three attempts, unless the client was told otherwise."""
    wire.script(requests.ConnectionError())
    wire.raises(Unreachable, client_of(wire).get_with_retries, URL)
    wire.sees(*[f"GET {URL}"] * 3)
    wire.has("waits", [0.5, 1], wire.waits)


@pytest.mark.task(taskno=5)
def test_it_stops_at_the_first_success_or_final_failure(wire):
    """Whatever there was before."""
    wire.script(503, 503, ADA, 500)
    wire.ask(client_of(wire, attempts=5).get_with_retries, URL)
    wire.sees(*[f"GET {URL}"] * 3)
    wire.script(503, 404, ADA)
    wire.raises(NotFound, client_of(wire, attempts=5).get_with_retries, URL)
    wire.sees(*[f"GET {URL}"] * 2)
    wire.has("waits", [0.5], wire.waits)


@pytest.mark.task(taskno=5)
def test_the_waits_double_up_to_thirty_seconds(wire):
    """Eight attempts, seven waits: the last would have been 32."""
    wire.script(503)
    wire.raises(ServerError, client_of(wire, attempts=8).get_with_retries, URL)
    wire.has("waits", [0.5, 1, 2, 4, 8, 16, 30], wire.waits)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("7", 7, id="seconds"),
        pytest.param("0", 0, id="at-once"),
        pytest.param("30", 30, id="the-longest-wait"),
        pytest.param("31", 30, id="too-long"),
        pytest.param("soon", 0.5, id="nonsense"),
    ],
)
def test_the_server_says_how_long_to_wait(wire, header, seconds):
    """Retry-After goes before our own steps; a wait of 0 is passed to sleep as well."""
    for status in (429, 503):
        wire.script(Answer(status, "", {"Retry-After": header}), ADA)
        wire.ask(client_of(wire).get_with_retries, URL)
        wire.has("waits", [seconds], wire.waits)
        wire.sees(*[f"GET {URL}"] * 2)


@pytest.mark.task(taskno=5)
def test_the_server_says_until_when_to_wait(wire):
    """In twelve seconds, tomorrow, a second ago; tomorrow is too long."""
    dates = ("Wed, 21 Oct 2026 12:00:12 GMT", "Thu, 22 Oct 2026 12:00:00 GMT", "Wed, 21 Oct 2026 11:59:59 GMT")
    wire.script(*[Answer(503, "", {"Retry-After": date}) for date in dates], ADA)
    with freeze_time(NOON):
        wire.ask(client_of(wire, attempts=4).get_with_retries, URL)
    wire.has("waits", [12, 30, 0], wire.waits)


@pytest.mark.task(taskno=5)
def test_a_retry_after_is_for_one_wait(wire):
    """The next failure says nothing of the kind: back to our own steps, whether or not this one counted."""
    wire.script(503, Answer(503, "", {"Retry-After": "7"}), requests.ReadTimeout(), ADA)
    wire.ask(client_of(wire, attempts=4).get_with_retries, URL)
    if wire.waits not in ([0.5, 7, 1], [0.5, 7, 2]):
        wire.fail("waits [0.5, 7, 1] or [0.5, 7, 2]", f"waits {wire.waits}")


# --- Task 6: read and write ---------------------------------------------------

CREATED = Answer(201, {"id": "u-7"})


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    ("user_id", "segment"),
    [
        pytest.param("u-7_a.b", "u-7_a.b", id="nothing-to-quote"),
        pytest.param("../admin", "..%2Fadmin", id="slash"),
        pytest.param("42?admin=1", "42%3Fadmin%3D1", id="question-mark"),
        pytest.param("42#top", "42%23top", id="hash"),
        pytest.param("Ada L", "Ada%20L", id="blank"),
        pytest.param("a%2Fb", "a%252Fb", id="per-cent"),
        pytest.param("Amp\u00e8re", "Amp%C3%A8re", id="beyond-ascii"),
    ],
)
def test_a_user_is_read_by_an_id_that_is_one_segment(wire, user_id, segment):
    """Whatever is in the id, it must not become another path, a query or a fragment."""
    wire.script(ADA)
    wire.returns(ADA, client_of(wire).get_user, user_id)
    wire.sees(f"GET {USERS}/{segment}")


@pytest.mark.task(taskno=6)
def test_reading_is_tried_again(wire):
    """A GET may be repeated: reading twice changes nothing."""
    wire.script(503, requests.ReadTimeout(), ADA)
    wire.returns(ADA, client_of(wire).get_user, "42")
    wire.sees(*[f"GET {URL}"] * 3)
    wire.has("waits", [0.5, 1], wire.waits)


@pytest.mark.task(taskno=6)
def test_a_user_that_cannot_be_read_is_an_error_of_ours(wire):
    """And not a matter of trying again."""
    for answer, error in ((404, NotFound), (500, ServerError), ("<h1>Hello!</h1>", BadResponse), ([ADA], BadResponse)):
        wire.script(answer, ADA)
        wire.raises(error, client_of(wire).get_user, "42", secret=TOKEN)
        wire.sees(f"GET {URL}")


@pytest.mark.task(taskno=6)
def test_a_user_is_created_and_the_new_id_returned(wire):
    """One POST, with the two fields as JSON."""
    wire.script(CREATED)
    wire.returns("u-7", client_of(wire).create_user, "Ada Lovelace", "ada@example.com")
    wire.sees(f"POST {USERS}")
    sent = wire.rsps.calls[0].request
    wire.has(
        "the body",
        {"name": "Ada Lovelace", "email": "ada@example.com"},
        json.loads(sent.body or "null"),
    )
    wire.has("the header Content-Type", "application/json", sent.headers.get("Content-Type", "").partition(";")[0])
    wire.has("the header Authorization", f"Bearer {TOKEN}", sent.headers.get("Authorization"))


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        pytest.param(Answer(503, "", {"Retry-After": "0"}), ServerError, id="503"),
        pytest.param(429, ClientError, id="429"),
        pytest.param(requests.ConnectionError(), Unreachable, id="ConnectionError"),
        pytest.param(requests.ReadTimeout(), Unreachable, id="ReadTimeout"),
        pytest.param(Answer(201, "<h1>Welcome!</h1>"), BadResponse, id="html"),
    ],
)
def test_creating_is_never_repeated(wire, failure, error):
    """No answer does not mean that nothing happened: a second POST could be a second user."""
    wire.script(failure, CREATED)
    wire.raises(error, client_of(wire).create_user, "Ada Lovelace", "ada@example.com", secret=TOKEN)
    wire.sees(f"POST {USERS}")
    wire.has("waits", [], wire.waits)


# --- Task 7: page after page --------------------------------------------------

SECOND, THIRD = f"{USERS}?page=2", f"{USERS}?page=3"
ALAN, KATHERINE = {"id": "1"}, {"id": "2"}


def page(*users, link=""):
    """One page of users; `link` is its Link header, or the URL of the next page."""
    header = link if not link or link.startswith("<") else f'<{link}>; rel="next"'
    return Answer(200, {"users": list(users)}, {"Link": header} if header else {})


def listed(api):
    """All users, but not more than 50: nobody waits for an endless list."""

    def all_users():
        return list(islice(api.all_users(), 50))

    return all_users


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    ("pages", "users"),
    [
        pytest.param([page(ADA, GRACE)], [ADA, GRACE], id="one"),
        pytest.param([page(ADA, link=SECOND), page(GRACE, ALAN)], [ADA, GRACE, ALAN], id="two"),
        pytest.param([page(link=SECOND), page(ADA, link=THIRD), page()], [ADA], id="empty-ones-between"),
    ],
)
def test_the_users_of_all_pages_come_in_their_order(wire, pages, users):
    """GET /users, and then whatever the Link header says, until there is no next."""
    urls = [USERS, SECOND, THIRD][: len(pages)]
    wire.pages(dict(zip(urls, pages, strict=True)))
    wire.returns(users, listed(client_of(wire)))
    wire.sees(*[f"GET {url}" for url in urls])


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    ("link", "users"),
    [
        pytest.param(
            f'<{USERS}>; rel="first", <{SECOND}>; rel="next", <{THIRD}>; rel="last"', [ADA, GRACE], id="among-others"
        ),
        pytest.param(f'<{SECOND}>; title="more"; rel=next', [ADA, GRACE], id="without-quotes"),
        pytest.param(f'<{SECOND}>; rel="prev", <{THIRD}>; rel="last"', [ADA], id="no-next"),
    ],
)
def test_only_the_next_link_is_followed(wire, link, users):
    """A Link header (RFC 8288) may hold several links, and each says what it is for."""
    wire.pages({USERS: page(ADA, link=link), SECOND: page(GRACE), THIRD: page(ALAN)})
    wire.returns(users, listed(client_of(wire)))


@pytest.mark.task(taskno=7)
def test_a_page_is_asked_for_when_somebody_wants_it(wire):
    """Whoever wants two users of two million costs the server one page."""
    wire.pages({USERS: page(ADA, GRACE, link=SECOND), SECOND: page(ALAN, link=THIRD), THIRD: page(KATHERINE)})
    users = wire.ask(client_of(wire).all_users)
    wire.has("the first two users", [ADA, GRACE], [wire.ask(next, users), wire.ask(next, users)])
    wire.sees(f"GET {USERS}")
    wire.has("the third user", ALAN, wire.ask(next, users))
    wire.sees(f"GET {USERS}", f"GET {SECOND}")


@pytest.mark.task(taskno=7)
def test_every_page_is_asked_for_as_any_other_request(wire):
    """With token and timeout, the second page too."""
    wire.pages({USERS: page(ADA, link=SECOND), SECOND: page(GRACE)})
    wire.ask(listed(client_of(wire, timeout=0.25)))
    for call in wire.rsps.calls:
        wire.has("the timeout", 0.25, timeout_of(call.request))
        wire.has("the header Authorization", f"Bearer {TOKEN}", call.request.headers.get("Authorization"))


@pytest.mark.task(taskno=7)
def test_a_second_walk_begins_anew(wire):
    """What one walk has seen is none of the next one's business; not even while both are on their way."""
    wire.pages({USERS: page(ADA, link=SECOND), SECOND: page(GRACE)})
    api = client_of(wire)
    wire.returns([ADA, GRACE], listed(api))
    one, other = api.all_users(), api.all_users()
    wire.has("in turn", [ADA, ADA, GRACE, GRACE], [wire.ask(next, users) for users in (one, other, one, other)])


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    "strangers",
    [
        pytest.param(("https://evil.example/users?page=2", "https://example.com/users?page=2"), id="another-host"),
        pytest.param(
            (
                "https://api.example.com.evil.example/users?page=2",
                "https://evil-api.example.com/users?page=2",
                "https://api.example.com@evil.example/users?page=2",
                "https://evil.example/?https://api.example.com/users",
                "https://evil.example\\@api.example.com/users?page=2",
            ),
            id="looks-alike",
        ),
        pytest.param(("http://api.example.com/users?page=2",), id="without-tls"),
    ],
)
def test_the_token_is_not_sent_to_strangers(wire, strangers):
    """Where the next page is, the server says; whom we trust, we say. On plain http, everybody listens."""
    for stranger in strangers:
        wire.script(page(ADA, link=stranger), page(GRACE))
        wire.raises(BadResponse, listed(client_of(wire)), secret=TOKEN)
        wire.sees(f"GET {USERS}")


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    "nexts",
    [
        pytest.param([USERS], id="first-to-itself"),
        pytest.param([SECOND, SECOND], id="second-to-itself"),
        pytest.param([SECOND, USERS], id="back-to-the-first"),
        pytest.param([SECOND, THIRD, SECOND], id="back-to-the-second"),
    ],
)
def test_pages_in_a_circle_come_to_an_end(wire, nexts):
    """Every page is asked for once; the second time is a BadResponse."""
    urls = [USERS, SECOND, THIRD]
    wire.pages({url: page(ADA, link=link) for url, link in zip(urls, nexts, strict=False)})
    wire.raises(BadResponse, listed(client_of(wire)))
    wire.sees(*[f"GET {url}" for url in urls[: len(nexts)]])


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize("before", [{}, {USERS: page(ADA, link=SECOND)}], ids=["first", "second"])
def test_a_page_that_fails_ends_the_walk_with_an_error(wire, before):
    """Half a list that looks like a whole one would be worse."""
    url = SECOND if before else USERS
    for answer, error in ((404, NotFound), (500, ServerError), ("<h1>Hello!</h1>", BadResponse), ([ADA], BadResponse)):
        wire.pages(before | {url: answer})
        wire.raises(error, listed(client_of(wire)))

"""Kata: a JSON API in Flask. The README tells the story; these tests are the contract, task by task."""

import inspect
import io
import json
import re
import uuid
from types import CodeType
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from flask import Flask, Response, abort, g
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Gone, HTTPException, ServiceUnavailable, Unauthorized

from .notes import AddHeader, NoteStore, create_app, json_errors, request_ids, require_api_key
from .talk import ANY, Site, laid_out

NOTES = "/api/notes"
JSON = "application/json"


def site_of(*notes, **config):
    """The app under test, which says what it raises; with notes in its store, each a text and its tags."""
    site = created({"TESTING": True, **config})
    for text, *tags in notes:
        site.app.extensions["notes"].add(text, tags)
    return site


def created(*arguments):
    """What create_app makes of some arguments."""
    return Site(create_app(*arguments), f"create_app({', '.join(map(repr, arguments))})")


def plain_app():
    """An app that create_app has nothing to do with. Its errors become responses, as in production."""
    return Flask("plain")


# --- Task 1: the application factory ------------------------------------------


@pytest.mark.task(taskno=1)
def test_the_defaults_are_set():
    """20 notes a page, and no key: without a config, and with one that says nothing."""
    for arguments in ((), (None,), ({},)):
        site = created(*arguments)
        site.has("PAGE_SIZE", 20, site.app.config.get("PAGE_SIZE"))
        site.has("API_KEY", "", site.app.config.get("API_KEY"))


@pytest.mark.task(taskno=1)
def test_the_config_replaces_what_it_names():
    """And adds what we did not think of; the rest stays, and the caller's dictionary too."""
    config = {"PAGE_SIZE": 5, "TESTING": True}
    site = created(config)
    site.has("PAGE_SIZE", 5, site.app.config.get("PAGE_SIZE"))
    site.has("TESTING", True, site.app.config.get("TESTING"))
    site.has("API_KEY", "", site.app.config.get("API_KEY"))
    site.has("the caller's dictionary", {"PAGE_SIZE": 5, "TESTING": True}, config)


@pytest.mark.task(taskno=1)
def test_every_app_is_a_new_one():
    """With a config and a store of its own: tests in the same process do not meet in them."""
    one, other = created({"PAGE_SIZE": 5}), created()
    other.has("the same app as before:", False, one.app is other.app)
    other.has("PAGE_SIZE", 20, other.app.config.get("PAGE_SIZE"))
    store = one.app.extensions.get("notes")
    one.has('a NoteStore in app.extensions["notes"]:', True, isinstance(store, NoteStore))
    store.add("only here", [])
    other.has("notes", {}, other.app.extensions["notes"].notes)


@pytest.mark.task(taskno=1)
def test_the_blueprint_is_under_api():
    """/api/health says so, and /health is not there. In any app, not only in the first."""
    for site in (site_of(), site_of()):
        site.answers(200, {"status": "ok"}, "GET", "/api/health")
        site.answers(404, ANY, "GET", "/health")


# --- Task 2: read -------------------------------------------------------------

THREE = (("buy milk", "home"), ("fix the roof", "home", "urgent"), ("call Ada", "work", "urgent"))
MILK, ROOF, ADA = [{"id": number, "text": text, "tags": tags} for number, (text, *tags) in enumerate(THREE, start=1)]


@pytest.mark.task(taskno=2)
def test_all_notes_are_listed():
    """In an object, so that something may stand beside the list one day."""
    site_of().answers(200, {"notes": []}, "GET", NOTES)
    site_of(*THREE).answers(200, {"notes": [MILK, ROOF, ADA]}, "GET", NOTES)


@pytest.mark.task(taskno=2)
def test_notes_are_listed_in_order_of_id():
    """Not in the order in which they came into the store."""
    site = site_of()
    for number in (2, 10, 1):
        site.app.extensions["notes"].notes[number] = {"id": number, "text": f"note {number}", "tags": []}
    notes = site.answers(200, ANY, "GET", NOTES).get_json()["notes"]
    site.has("ids", [1, 2, 10], [note["id"] for note in notes])


@pytest.mark.task(taskno=2)
def test_a_tag_keeps_the_notes_that_have_it():
    """All of them, in order."""
    site = site_of(*THREE)
    site.answers(200, {"notes": [ROOF, ADA]}, "GET", f"{NOTES}?tag=urgent")
    site.answers(200, {"notes": [ADA]}, "GET", f"{NOTES}?tag=work")


@pytest.mark.task(taskno=2)
def test_a_tag_is_the_whole_tag():
    """No part of it, no word of it, no other spelling, no word of the text. That nobody has it is no error."""
    site = site_of(*THREE, ("see Grace", "follow up"))
    for tag in ("play", "urge", "Urgent", "milk", "follow", "up"):
        site.answers(200, {"notes": []}, "GET", f"{NOTES}?tag={tag}")
    found = {"id": 4, "text": "see Grace", "tags": ["follow up"]}
    site.answers(200, {"notes": [found]}, "GET", f"{NOTES}?tag=follow%20up")


@pytest.mark.task(taskno=2)
def test_a_limit_keeps_the_first():
    """From 1 to 100; a limit beyond the last note does no harm. Filtered first, cut afterwards."""
    site = site_of(*THREE)
    site.answers(200, {"notes": [MILK]}, "GET", f"{NOTES}?limit=1")
    site.answers(200, {"notes": [MILK, ROOF]}, "GET", f"{NOTES}?limit=2")
    site.answers(200, {"notes": [MILK, ROOF, ADA]}, "GET", f"{NOTES}?limit=100")
    site.answers(200, {"notes": [ADA]}, "GET", f"{NOTES}?tag=work&limit=1")
    crowd = site_of(*[(f"note {number}",) for number in range(101)])
    crowd.has("notes:", 100, len(crowd.answers(200, ANY, "GET", f"{NOTES}?limit=100").get_json()["notes"]))


@pytest.mark.task(taskno=2)
def test_without_a_limit_the_page_size_counts():
    """The config of the app that was asked, also when apps take turns. The range is for strangers: 200 is no error."""
    crowd = [(f"note {number}",) for number in range(30)]
    sites = [(site_of(*crowd), 20), (site_of(*crowd * 4, PAGE_SIZE=200), 120), (site_of(*crowd, PAGE_SIZE=2), 2)]
    for site, size in sites * 2:
        site.has("notes:", size, len(site.answers(200, ANY, "GET", NOTES).get_json()["notes"]))
    site.has("notes:", 30, len(site.answers(200, ANY, "GET", f"{NOTES}?limit=30").get_json()["notes"]))


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(("0", "101", "-1", "1000000"), id="out-of-range"),
        pytest.param(("ten", "", "1.5", "1e1", "0x10", "%C2%B2"), id="no-whole-number"),
    ],
)
def test_any_other_limit_is_a_bad_request(limits):
    """A typing error should not look like an answer."""
    site = site_of(*THREE)
    for limit in limits:
        site.answers(400, ANY, "GET", f"{NOTES}?limit={limit}")


@pytest.mark.task(taskno=2)
def test_one_note_is_read_by_its_id():
    """Exactly that one, of exactly that app; what is not there is a 404."""
    site = site_of(*THREE)
    site.answers(200, ROOF, "GET", f"{NOTES}/2")
    site.answers(200, ADA, "GET", f"{NOTES}/3")
    site.answers(404, ANY, "GET", f"{NOTES}/4")
    site_of().answers(404, ANY, "GET", f"{NOTES}/2")


@pytest.mark.task(taskno=2)
def test_what_is_no_id_is_not_found():
    """The route takes whole numbers; no other address leads to a note, and none to an error of ours."""
    site = site_of(*THREE)
    site.answers(200, MILK, "GET", f"{NOTES}/1")
    for note_id in ("abc", "1.5", "-1", "0", "1/tags"):
        site.answers(404, ANY, "GET", f"{NOTES}/{note_id}")


# --- Task 3: write ------------------------------------------------------------


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize("tags", [{"tags": ["work", "Follow up", "urgent"]}, {}], ids=["tags", "no-tags"])
def test_a_note_is_created(tags):
    """201, the note with its new id, as it was sent, and it is there from now on."""
    site = site_of(*THREE)
    note = {"id": 4, "text": "call  Ada", "tags": [], **tags}
    site.answers(201, note, "POST", NOTES, json={"text": "call  Ada", **tags})
    site.answers(200, note, "GET", f"{NOTES}/4")
    site.answers(200, {"notes": [MILK, ROOF, ADA, note]}, "GET", NOTES)


@pytest.mark.task(taskno=3)
def test_location_leads_to_the_new_note():
    """RFC 9110 section 15.3.2: the header says where the new resource is. Of each the own one."""
    site = site_of()
    for number in (1, 2):
        response = site.answers(201, ANY, "POST", NOTES, json={"text": "buy milk"})
        path = urlsplit(response.headers.get("Location", "")).path
        site.has("the path in Location", f"{NOTES}/{number}", path)
        site.answers(200, {"id": number, "text": "buy milk", "tags": []}, "GET", path)


NOT_A_NOTE = {
    "no-text": [{}, {"tags": ["home"]}, {"text": ""}, {"text": "   "}, {"text": " \t\n"}],
    "text-of-another-type": [{"text": other} for other in (None, True, 42, ["buy milk"], {"a": "b"})],
    "tags-of-another-type": [
        {"text": "buy milk", "tags": tags} for tags in ("home", {"home": 1}, True, ["a", 1], [["a"]], [None])
    ],
    "tags-that-are-falsy": [{"text": "buy milk", "tags": tags} for tags in ("", {}, 0, False)],
    "a-field-more": [{"text": "buy milk", "id": 7}, {"text": "buy milk", "tags": ["a"], "tag": ""}],
    "no-object": [None, ["text"], "text", 42, True, [{"text": "buy milk"}]],
}


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize("bodies", NOT_A_NOTE.values(), ids=NOT_A_NOTE)
def test_json_that_is_no_note_is_a_bad_request(bodies):
    """And nothing has been written."""
    site = site_of()
    for body in bodies:
        site.answers(400, ANY, "POST", NOTES, data=json.dumps(body), content_type=JSON)
        site.has("the notes in the store", {}, site.app.extensions["notes"].notes)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    ("status", "requests"),
    [
        pytest.param(400, [{"data": '{"text": ', "content_type": JSON}, {"content_type": JSON}], id="bad-syntax"),
        pytest.param(
            415,
            [{"data": '{"text": "buy milk"}', "content_type": "text/plain"}, {"data": {"text": "buy milk"}}, {}],
            id="another-format",
        ),
    ],
)
def test_what_is_no_json_has_the_status_that_flask_gives_it(status, requests):
    """415 says: not in this format. 400 says: this is not what you say it is."""
    site = site_of()
    for named in requests:
        site.answers(status, ANY, "POST", NOTES, **named)
        site.has("the notes in the store", {}, site.app.extensions["notes"].notes)


@pytest.mark.task(taskno=3)
def test_a_note_is_deleted():
    """204 and not a single byte; it is gone, once, and the others are not. Nor is its id given to another."""
    site = site_of(*THREE)
    response = site.answers(204, ANY, "DELETE", f"{NOTES}/3")
    site.has("the body", b"", response.data)
    site.answers(404, ANY, "GET", f"{NOTES}/3")
    site.answers(404, ANY, "DELETE", f"{NOTES}/3")
    site.answers(200, {"notes": [MILK, ROOF]}, "GET", NOTES)
    for note_id in (1, 2):
        site.answers(204, ANY, "DELETE", f"{NOTES}/{note_id}")
    response = site.answers(201, {"id": 4, "text": "a", "tags": []}, "POST", NOTES, json={"text": "a"})
    site.has("the path in Location", f"{NOTES}/4", urlsplit(response.headers.get("Location", "")).path)


@pytest.mark.task(taskno=3)
def test_what_is_not_there_cannot_be_deleted():
    """404, and all that is there stays."""
    site = site_of(*THREE)
    for note_id in ("4", "0", "abc"):
        site.answers(404, ANY, "DELETE", f"{NOTES}/{note_id}")
    site.answers(200, {"notes": [MILK, ROOF, ADA]}, "GET", NOTES)
    site.answers(204, ANY, "DELETE", f"{NOTES}/1")


# --- Task 4: errors are JSON too ----------------------------------------------


class PaymentRequired(HTTPException):
    """An error that werkzeug does not have."""

    code = 402
    description = "Your plan has no notes left."


def app_with(view):
    """A plain app with JSON errors and one view, at /."""
    app = plain_app()
    json_errors(app)
    app.add_url_rule("/", "view", view)
    return Site(app)


def raising(error):
    """A view that raises this."""

    def view():
        raise error

    return view


ERRORS = {
    "plain": (lambda: abort(410), 410, "Gone", Gone.description),
    "described": (lambda: abort(404, "No \u201cnote\u201d <7>."), 404, "Not Found", "No \u201cnote\u201d <7>."),
    "own": (raising(PaymentRequired()), 402, "Payment Required", "Your plan has no notes left."),
}


def error_of(response):
    """The field "error" of a JSON response, if it is one."""
    body = response.get_json(silent=True)
    return body.get("error") if isinstance(body, dict) else None


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(("view", "status", "name", "message"), ERRORS.values(), ids=ERRORS)
def test_an_http_error_is_json(view, status, name, message):
    """Its own status, its name, and its description as the message."""
    app_with(view).answers(status, {"error": name, "message": message}, "GET", "/")


@pytest.mark.task(taskno=4)
def test_the_errors_of_the_router_are_json_too():
    """RFC 9110 section 15.5.6: a 405 must have an Allow. A response made anew has lost it."""
    site = app_with(lambda: "text")
    site.has("error", "Not Found", error_of(site.answers(404, ANY, "GET", "/nowhere")))
    response = site.answers(405, ANY, "POST", "/")
    site.has("error", "Method Not Allowed", error_of(response))
    site.has("Allow", {"GET", "HEAD", "OPTIONS"}, {method.upper() for method in response.allow})


@pytest.mark.task(taskno=4)
def test_other_headers_are_kept_as_well():
    """When to come again, and how to log in: in two ways, in a header each. A 503 that is meant says why."""
    site = app_with(raising(ServiceUnavailable("Back at noon.", retry_after=7)))
    response = site.answers(503, {"error": "Service Unavailable", "message": "Back at noon."}, "GET", "/")
    site.has("Retry-After", "7", response.headers.get("Retry-After"))
    ways = [WWWAuthenticate(scheme, {"realm": "notes"}) for scheme in ("basic", "digest")]
    site = app_with(raising(Unauthorized(www_authenticate=ways)))
    headers = site.answers(401, ANY, "GET", "/").headers.getlist("WWW-Authenticate")
    site.has("the schemes in WWW-Authenticate", ["basic", "digest"], [each.split()[0].lower() for each in headers])


@pytest.mark.task(taskno=4)
def test_the_headers_say_what_the_body_is():
    """One Content-Type, and the length of the new body instead of the old."""
    site = app_with(lambda: abort(404))
    response = site.answers(404, ANY, "GET", "/")
    kinds = [value.partition(";")[0] for value in response.headers.getlist("Content-Type")]
    site.has("Content-Type", [JSON], kinds)
    site.has("Content-Length", [str(len(response.data))], response.headers.getlist("Content-Length"))


@pytest.mark.task(taskno=4)
def test_any_other_exception_is_a_500_that_tells_nothing():
    """What went wrong is for our log. A stranger learns that it did."""
    for error in (LookupError, RuntimeError):
        site = app_with(raising(error("no user 'ada' in postgres://notes:s3cret@db.example")))
        response = site.answers(500, ANY, "GET", "/")
        body = response.get_json(silent=True)
        site.has("the fields", ["error", "message"], sorted(body) if isinstance(body, dict) else body)
        site.has("values that are text:", True, all(isinstance(value, str) for value in body.values()))
        for secret in ("s3cret", "ada", "postgres", error.__name__):
            site.has(f"{secret!r} in the body:", False, secret in response.get_data(as_text=True))


@pytest.mark.task(taskno=4)
def test_what_is_no_error_stays_as_it_is():
    """A view may answer 404 by itself, and a redirect is no error."""
    app = plain_app()
    json_errors(app)
    app.add_url_rule("/own", "own", lambda: ({"notes": []}, 404))
    app.add_url_rule("/folder/", "folder", lambda: "text")
    site = Site(app)
    site.answers(404, {"notes": []}, "GET", "/own")
    site.has("the text", "text", site.answers(200, ANY, "GET", "/folder/").text)
    site.answers(308, ANY, "GET", "/folder")
    site.has("error", "Not Found", error_of(site.answers(404, ANY, "GET", "/nowhere")))


# --- Task 5: around every request ---------------------------------------------

HEADER = "X-Request-ID"


def app_with_ids():
    """A plain app with request ids; / says what the id is, /error and /abort do what they say."""
    app = plain_app()
    request_ids(app)
    app.add_url_rule("/", "id", lambda: g.request_id)
    app.add_url_rule("/error", "error", raising(LookupError("a bug")))
    app.add_url_rule("/abort", "abort", lambda: abort(409))
    return Site(app)


def id_of(site, path="/", **named):
    """The id of one response, which has exactly one."""
    ids = site.ask("GET", path, **named).headers.getlist(HEADER)
    site.has("number of headers X-Request-ID:", 1, len(ids))
    return ids[0]


def assert_new(site, text):
    """Fail unless a text is a uuid4 in hex: 32 digits, no dashes."""
    __tracebackhide__ = True
    if not re.fullmatch("[0-9a-f]{32}", text) or uuid.UUID(text).version != 4:
        site.fail("X-Request-ID: a new uuid4 in hex, 32 digits", f"X-Request-ID: {text!r}")


@pytest.mark.task(taskno=5)
def test_every_request_has_a_new_id():
    """A uuid4 in hex, another one each time, and the view knows it as g.request_id."""
    site = app_with_ids()
    ids = {id_of(site) for _ in range(3)}
    site.has("3 different ids:", 3, len(ids))
    for each in ids:
        assert_new(site, each)
    response = site.ask("GET", "/")
    site.has("g.request_id", response.headers.get(HEADER), response.text)


@pytest.mark.task(taskno=5)
def test_the_id_of_the_client_is_used():
    """One id through all the services that a request passes: of 1 to 64 characters, and of all four kinds."""
    site = app_with_ids()
    for theirs in ("req_42-Ab", "7", "a" * 64):
        response = site.ask("GET", "/", headers={HEADER: theirs})
        site.has("X-Request-ID", [theirs], response.headers.getlist(HEADER))
        site.has("g.request_id", theirs, response.text)


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    "ids",
    [
        pytest.param(("", "a" * 65), id="too-short-or-too-long"),
        pytest.param(("a b", "a.b", "<script>", "a,b"), id="other-characters"),
        pytest.param(("\u00e9t\u00e9", "\u00b2"), id="beyond-ascii"),
        pytest.param(("abc\n",), id="a-line-break-at-the-end"),
    ],
)
def test_any_other_id_is_replaced(ids):
    """It ends up in our log and in our header; what it may contain, we say."""
    site = app_with_ids()
    for theirs in ids:
        assert_new(site, id_of(site, environ_overrides={"HTTP_X_REQUEST_ID": theirs}))


@pytest.mark.task(taskno=5)
def test_errors_have_an_id_too():
    """These are the ones that somebody will ask about."""
    site = app_with_ids()
    for path, status in (("/nowhere", 404), ("/abort", 409), ("/error", 500)):
        site.has("X-Request-ID", "abc", id_of(site, path, headers={HEADER: "abc"}))
        assert_new(site, id_of(site, path))
        site.answers(status, ANY, "GET", path)


@pytest.mark.task(taskno=5)
def test_json_errors_and_ids_go_together():
    """Whichever of the two was installed first."""
    for first, second in ((json_errors, request_ids), (request_ids, json_errors)):
        app = plain_app()
        first(app)
        second(app)
        app.add_url_rule("/error", "error", raising(LookupError("a bug")))
        site = Site(app)
        for path, status in (("/error", 500), ("/nowhere", 404)):
            site.has("X-Request-ID", "abc", id_of(site, path, headers={HEADER: "abc"}))
            site.has("JSON:", True, site.answers(status, ANY, "GET", path).is_json)


@pytest.mark.task(taskno=5)
def test_the_response_is_the_views():
    """A hook before that returns nothing, a hook after that returns the response."""
    app = plain_app()
    request_ids(app)
    app.add_url_rule("/teapot", "teapot", lambda: ("short and stout", 418, {"X-Tea": "green"}))
    site = Site(app)
    response = site.answers(418, ANY, "GET", "/teapot")
    site.has("the text", "short and stout", response.text)
    site.has("X-Tea", "green", response.headers.get("X-Tea"))
    site.has("X-Request-ID:", True, HEADER in response.headers)


@pytest.mark.task(taskno=5)
def test_one_response_has_one_id():
    """Also if the view has set the header: what is in it is the id of the request."""
    app = plain_app()
    request_ids(app)
    app.add_url_rule("/", "own", lambda: ("text", {HEADER: "mine"}))
    site = Site(app)
    site.has("X-Request-ID", "abc", id_of(site, headers={HEADER: "abc"}))
    assert_new(site, id_of(site))


# --- Task 6: around some views ------------------------------------------------

KEY = "s3cret-key"


def app_with_key(key=KEY):
    """An app with a guarded view, an open one, and a list of what the guarded one was called with."""
    app = plain_app()
    app.config["API_KEY"] = key
    calls = []

    def guarded(number, *, word="none"):
        calls.append(number)
        return {"number": number, "word": word}, 202, {"X-Tea": "green"}

    app.add_url_rule("/guarded/<int:number>", view_func=require_api_key(guarded))
    app.add_url_rule("/guarded/<int:number>/<word>", "word", view_func=require_api_key(guarded))
    app.add_url_rule("/open", "open", lambda: {"open": True})
    return Site(app), calls


@pytest.mark.task(taskno=6)
def test_the_right_key_opens_the_view():
    """Its arguments go in, its return value comes out: body, status and headers."""
    site, calls = app_with_key()
    response = site.answers(202, {"number": 7, "word": "none"}, "GET", "/guarded/7", headers={"X-API-Key": KEY})
    site.has("X-Tea", "green", response.headers.get("X-Tea"))
    site.answers(202, {"number": 8, "word": "tea"}, "GET", "/guarded/8/tea", headers={"X-API-Key": KEY})
    site.has("calls of the view", [7, 8], calls)


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([{}, {"X-API-Key": ""}, {"X-API-Token": KEY}, {"Authorization": f"Bearer {KEY}"}], id="no-key"),
        pytest.param([{"X-API-Key": key} for key in (KEY[:-1], f"{KEY}y", KEY.upper(), "another")], id="another"),
        pytest.param([{"X-API-Key": f"{key}\u00fd"} for key in (KEY, KEY[:-1])], id="beyond-ascii"),
        pytest.param([{"Cookie": f"{name}={KEY}"} for name in ("X-API-Key", "api_key", "key")], id="in-a-cookie"),
    ],
)
def test_without_the_key_it_stays_closed(headers):
    """401, and the view is not called. The views beside it stay open."""
    site, calls = app_with_key()
    query = "&".join(f"{name}={KEY}" for name in ("api_key", "apikey", "key", "token", "X-API-Key"))
    for each in headers:
        site.answers(401, ANY, "GET", f"/guarded/7?{query}", headers=each)
        site.has("calls of the view", [], calls)
        site.answers(200, {"open": True}, "GET", "/open", headers=each)


@pytest.mark.task(taskno=6)
def test_without_a_configured_key_nobody_gets_in():
    """An empty key is one that everybody has. So the default of create_app is a closed door."""
    site, calls = app_with_key("")
    notes = site_of()
    notes.app.add_url_rule("/guarded", "guarded", require_api_key(lambda: {"open": True}))
    for headers in ({}, {"X-API-Key": ""}, {"X-API-Key": KEY}):
        site.answers(401, ANY, "GET", "/guarded/7", headers=headers)
        site.has("calls of the view", [], calls)
        notes.answers(401, ANY, "GET", "/guarded", headers=headers)


@pytest.mark.task(taskno=6)
def test_the_key_is_that_of_the_app_at_the_time():
    """The config is read with each request: a key that changed opens, and the old one no longer does."""

    def guarded():
        return {"open": True}

    view = require_api_key(guarded)
    sites = []
    for key in ("one", "other"):
        app = plain_app()
        app.config["API_KEY"] = key
        app.add_url_rule("/", "guarded", view)
        sites.append(Site(app))
    one, other = sites
    one.answers(200, {"open": True}, "GET", "/", headers={"X-API-Key": "one"})
    other.answers(401, ANY, "GET", "/", headers={"X-API-Key": "one"})
    other.answers(200, {"open": True}, "GET", "/", headers={"X-API-Key": "other"})
    one.app.config["API_KEY"] = "new"
    one.answers(401, ANY, "GET", "/", headers={"X-API-Key": "one"})
    one.answers(200, {"open": True}, "GET", "/", headers={"X-API-Key": "new"})


@pytest.mark.task(taskno=6)
def test_a_guarded_view_keeps_its_name():
    """Flask names the endpoint after it, and two views of one name do not go into one app."""
    app = plain_app()
    app.config["API_KEY"] = KEY

    def one():
        return {"view": "one"}

    def other():
        return {"view": "other"}

    app.add_url_rule("/one", view_func=require_api_key(one))
    app.add_url_rule("/other", view_func=require_api_key(other))
    site = Site(app)
    site.has("the endpoints", {"one", "other"}, set(app.view_functions) - {"static"})
    site.answers(200, {"view": "other"}, "GET", "/other", headers={"X-API-Key": KEY})


@pytest.mark.task(taskno=6)
def test_keys_are_compared_in_constant_time():
    """A clock is too shaky to test that, so this looks for a call of the function that does it right."""
    require_api_key(lambda: "text")
    source = inspect.getsource(inspect.getmodule(create_app))
    names = set().union(*map(names_in, functions_in(compile(source, "notes.py", "exec"))))
    if "compare_digest" not in names:
        pytest.fail("expected: a function of notes.py that calls compare_digest\n  actual:   none does")


def functions_in(code):
    """The code of everything that is defined in some code."""
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def names_in(code):
    """The names that some code uses, those of the functions inside it included."""
    return set(code.co_names).union(*map(names_in, functions_in(code)))


# --- Task 7: below Flask: WSGI ------------------------------------------------

DENY = ("X-Frame-Options", "DENY")


def run(app, environ=None):
    """Call a WSGI app as a server would; return what it told start_response, and its body."""
    told = []

    def start_response(status, headers, exc_info=None):
        told[:] = [status, headers, exc_info]
        return written.write

    written = io.BytesIO()
    surroundings = {"QUERY_STRING": "", **(environ or {})}
    setup_testing_defaults(surroundings)
    body = app(surroundings, start_response)
    try:
        chunks = b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()
    return [*told, written.getvalue() + chunks]


def app_of(*headers, body=(b"hello",)):
    """A WSGI app that answers with these headers."""

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain"), *headers])
        return body

    return app


def expect(what, expected, actual):
    """Fail unless something about a response of the wrapped app is as expected."""
    __tracebackhide__ = True
    if actual != expected:
        call = f"AddHeader(app, {DENY[0]!r}, {DENY[1]!r})"
        pytest.fail(f"{call}\n  expected: {laid_out(what, expected)}\n  actual:   {laid_out(what, actual)}")


PLAIN = ("Content-Type", "text/plain")
COOKIES = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
SPELLINGS = [("x-frame-options", "SAMEORIGIN"), ("X-Frame-Options", "SAMEORIGIN"), ("X-FRAME-OPTIONS", "DENY")]
NEAR_MISSES = [("X-Frame", "1"), ("X-Frame-Options-Report", "2"), ("Frame-Options", "3"), ("X-Tea", "X-Frame-Options")]


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        pytest.param(COOKIES, DENY, [PLAIN, *COOKIES, DENY], id="none"),
        pytest.param(SPELLINGS, DENY, [PLAIN, DENY], id="theirs-in-any-spelling"),
        pytest.param([DENY], SPELLINGS[0], [PLAIN, SPELLINGS[0]], id="ours-in-another-spelling"),
        pytest.param(NEAR_MISSES, DENY, [PLAIN, *NEAR_MISSES, DENY], id="near-misses"),
    ],
)
def test_the_header_is_set_once(theirs, ours, expected):
    """It replaces the app's own, however that is spelled, and leaves all others alone."""
    headers = run(AddHeader(app_of(*theirs), *ours))[1]
    expect("headers", sorted(expected), sorted(headers))


@pytest.mark.task(taskno=7)
def test_status_body_and_environ_go_through():
    """The middleware is about one header; the rest is none of its business."""
    seen = []

    def app(environ, start_response):
        seen.append(environ.get("PATH_INFO"))
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"not ", b"here"]

    status, _, exc_info, body = run(AddHeader(app, *DENY), {"PATH_INFO": "/tea"})
    expect("PATH_INFO", ["/tea"], seen)
    expect("status", "404 Not Found", status)
    expect("exc_info", None, exc_info)
    expect("body", b"not here", body)


@pytest.mark.task(taskno=7)
def test_it_keeps_the_rules_of_wsgi():
    """PEP 3333, as wsgiref.validate judges it, from both sides; twice, for a middleware lives longer than a request."""
    wrapped = validator(AddHeader(validator(app_of(body=[b"hello"])), *DENY))
    for _ in range(2):
        status, headers, _, body = run(wrapped, {"REQUEST_METHOD": "GET"})
        expect("status", "200 OK", status)
        expect("body", b"hello", body)
        expect("number of our header", 1, headers.count(DENY))


@pytest.mark.task(taskno=7)
def test_an_app_may_use_write():
    """Old apps write instead of returning: what start_response returns is theirs."""

    def app(environ, start_response):
        write = start_response("200 OK", [("Content-Type", "text/plain")])
        if not callable(write):
            pytest.fail(f"start_response returned {write!r} to the app, which cannot write with that")
        write(b"written, ")
        return [b"returned"]

    _, headers, _, body = run(AddHeader(app, *DENY))
    expect("number of our header", 1, headers.count(DENY))
    expect("body", b"written, returned", body)


@pytest.mark.task(taskno=7)
def test_an_app_may_change_its_mind():
    """An error handler calls start_response a second time, with exc_info: it has to arrive."""
    mishap = (ValueError, ValueError("too late"), None)

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        start_response("500 Internal Server Error", [("Content-Type", "text/plain")], mishap)
        return [b"sorry"]

    status, headers, exc_info, body = run(AddHeader(app, *DENY))
    expect("status", "500 Internal Server Error", status)
    expect("exc_info", mishap, exc_info)
    expect("number of our header", 1, headers.count(DENY))
    expect("body", b"sorry", body)


@pytest.mark.task(taskno=7)
def test_two_requests_at_a_time_do_not_meet():
    """Many threads have one middleware. And an app that is a generator starts when its first chunk is wanted."""

    def app(environ, start_response):
        start_response("200 OK", [("X-Path", environ["PATH_INFO"])])
        yield b""

    told = {}
    wrapped = AddHeader(app, *DENY)
    bodies = []
    for path in ("/one", "/other"):

        def start_response(status, headers, exc_info=None, path=path):
            told[path] = sorted(headers)

        bodies.append(wrapped({"PATH_INFO": path}, start_response))
    for body in bodies:
        list(body)
    expect("headers by path", {path: [DENY, ("X-Path", path)] for path in ("/one", "/other")}, told)


@pytest.mark.task(taskno=7)
def test_the_body_is_closed():
    """A file, a database cursor: the server calls close() at the end, or half-way when nobody listens any more."""

    class Body:
        closed = 0

        def __iter__(self):
            return iter([b"good", b"bye"])

        def close(self):
            self.closed += 1

    body = Body()
    expect("body", b"goodbye", run(AddHeader(app_of(body=body), *DENY))[3])
    expect("calls of close():", 1, body.closed)
    surroundings = {}
    setup_testing_defaults(surroundings)
    body = Body()
    answer = AddHeader(app_of(body=body), *DENY)(surroundings, lambda *_: None)
    expect("the first chunk", b"good", next(iter(answer)))
    getattr(answer, "close", lambda: None)()
    expect("calls of close(), half-way:", 1, body.closed)


@pytest.mark.task(taskno=7)
def test_the_body_is_not_read_ahead():
    """What an app streams must stream through: nothing is fetched before the server wants it."""
    fetched = []

    def chunks():
        for number in range(3):
            fetched.append(number)
            yield b"%d" % number

    surroundings = {}
    setup_testing_defaults(surroundings)
    body = iter(AddHeader(app_of(body=chunks()), *DENY)(surroundings, lambda *_: None))
    expect("chunks fetched so far:", [], fetched)
    expect("the first chunk", b"0", next(body))
    expect("chunks fetched so far:", [0], fetched)


@pytest.mark.task(taskno=7)
def test_it_wraps_a_flask_app():
    """Around everything Flask does, errors included; and around another of its kind."""
    site = Site(plain_app())
    site.app.add_url_rule("/", "text", lambda: Response("text", headers={"X-Frame-Options": "SAMEORIGIN"}))
    site.app.add_url_rule("/error", "error", raising(LookupError("a bug")))
    site.app.wsgi_app = AddHeader(site.app.wsgi_app, *DENY)
    site.app.wsgi_app = AddHeader(site.app.wsgi_app, "X-Tea", "green")
    for path, status in (("/", 200), ("/nowhere", 404), ("/error", 500)):
        response = site.answers(status, ANY, "GET", path)
        site.has("X-Frame-Options", ["DENY"], response.headers.getlist("X-Frame-Options"))
        site.has("X-Tea", ["green"], response.headers.getlist("X-Tea"))

"""Tasks 3 and 4, the integration tests: at the seams to SQLite and to HTTP, where a fake knows nothing."""

import gc
import io
import sqlite3
import sys
from contextlib import suppress
from urllib.parse import urlencode

import pytest

from .asking import Answer, Request, assert_answer, assert_returns, happened
from .doubles import FakeStore
from .shortlinks import LinkStore, Shortener, make_app

pytestmark = [
    pytest.mark.level("integration"),
    # A store may keep its connection open for as long as it lives; nothing tells it when that is over.
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    """Let no connection wait for the disk: a test need not survive a power cut."""
    really_connect = sqlite3.connect

    def connect(*arguments, **options):
        __tracebackhide__ = True
        connection = really_connect(*arguments, **options)
        # Too late for one that has begun a transaction; it takes its time.
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA synchronous = OFF")
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)


@pytest.fixture(scope="module", autouse=True)
def _forgotten_connections():
    """Bury here what was left open here, so that nobody else's test is told of it."""
    yield
    gc.collect()


# --- Task 3: one contract, two stores -----------------------------------------

URL = "https://example.com/"


@pytest.fixture
def both(tmp_path):
    """Make one store of each kind, both empty; to be called in the test."""
    return lambda: [FakeStore(), LinkStore(str(tmp_path / "links.db"))]


@pytest.mark.task(taskno=3)
def test_both_stores_number_what_they_keep(both):
    """The first id is 1; the same URL has the same id; another one has another."""
    for store in both():
        assert_returns(1, store.add, URL)
        assert_returns(1, store.add, URL)
        assert store.add(f"{URL}2") != 1, f"{store.add.__qualname__} gives two URLs the id 1"
        assert_returns(1, store.add, URL)


@pytest.mark.task(taskno=3)
def test_both_stores_return_what_they_keep(both):
    """A text, and not a row with a text in it."""
    for store in both():
        first, second = store.add(URL), store.add(f"{URL}2")
        assert_returns(URL, store.get, first)
        assert_returns(f"{URL}2", store.get, second)


@pytest.mark.task(taskno=3)
def test_both_stores_have_nothing_under_an_unknown_id(both):
    """None, whether there is anything else or not."""
    for store in both():
        assert_returns(None, store.get, 1)
        store.add(URL)
        for link_id in (0, -1, 2, 1_000_000):
            assert_returns(None, store.get, link_id)


@pytest.mark.task(taskno=3)
def test_both_stores_tell_similar_addresses_apart(both):
    """SQL has ideas of its own about capitals, % and _."""
    urls = [f"{URL}{path}" for path in ("a_b", "axb", "A_B", "a%", "'); DROP TABLE links; --", '"')]
    for store in both():
        ids = [store.add(url) for url in urls]
        for link_id, url in zip(ids, urls, strict=True):
            assert_returns(url, store.get, link_id)
            assert_returns(link_id, store.add, url)


@pytest.mark.task(taskno=3)
def test_both_stores_keep_every_letter(both):
    """What went in comes out."""
    url = "https://b\u00fccher.example/\u2192/\U0001f517?q=\u00e9"
    for store in both():
        assert_returns(url, store.get, store.add(url))


@pytest.mark.task(taskno=3)
def test_links_survive_reopening(tmp_path):
    """Another store on the same file: this is what a fake cannot show. And another file is another store."""
    path = str(tmp_path / "links.db")
    LinkStore(path).add(URL)
    LinkStore(path).add(f"{URL}2")
    assert_returns(URL, LinkStore(path).get, 1)
    assert_returns(1, LinkStore(path).add, URL)
    assert_returns(f"{URL}2", LinkStore(path).get, LinkStore(path).add(f"{URL}2"))
    assert_returns(None, LinkStore(str(tmp_path / "other.db")).get, 1)


# --- Task 4: HTTP without a network -------------------------------------------


def answer_of(app, request, environ):
    """Call a WSGI application as a server would."""
    __tracebackhide__ = True
    heads = []
    body = request.body or b""
    path, _, query = request.path.partition("?")
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        # A connection does not end where a request does: here comes the next one.
        "wsgi.input": io.BytesIO(body + b"GET /?q=1&url=https%3A%2F%2Fexample.com%2Fno&r=1 HTTP/1.1\r\n"),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **({} if request.body is None else {"CONTENT_TYPE": "application/x-www-form-urlencoded"}),
        **({} if request.body is None else {"CONTENT_LENGTH": str(len(body))}),
        **environ,
    }
    written = []

    def start_response(status, headers, exc_info=None):
        heads.append((int(status[:3]), {name.title(): value for name, value in headers}))
        return written.append

    try:
        chunks = app(environ, start_response)
        content = b"".join([*chunks])
        getattr(chunks, "close", lambda: None)()
    except Exception as error:
        error.add_note(f"{request}\n  actual:   {happened(error)}")
        raise
    if len(heads) != 1:
        pytest.fail(f"{request}\n  expected: start_response is called once\n  actual:   {len(heads)} times")
    status, headers = heads[0]
    return Answer(status, headers.get("Location"), b"".join(written) + content)


class Browser:
    """A client without a network: it calls an application on a new, real database."""

    def __init__(self, folder):
        self._app = make_app(Shortener(LinkStore(str(folder / "links.db"))))

    def sends(self, method, path, status, *, body=None, location=None, content=None, **environ):
        """Send a request, compare the answer, its ``content`` being the body that comes back, and return it."""
        __tracebackhide__ = True
        request = Request(method, path, body)
        answer = answer_of(self._app, request, environ)
        assert_answer(answer, request, status, location=location, body=content)
        return answer

    def posts(self, url, status, **expected):
        """Send the form with a URL."""
        __tracebackhide__ = True
        return self.sends("POST", "/", status, body=urlencode({"url": url}).encode(), **expected)


@pytest.mark.task(taskno=4)
def test_a_posted_address_is_created(tmp_path):
    """201; the code is the body, all of it; and Location says where the short link is."""
    browser = Browser(tmp_path)
    browser.posts(URL, 201, location="/1", content=b"1")
    second = browser.posts(f"{URL}2", 201).body
    browser.posts(f"{URL}2", 201, location=f"/{second.decode(errors='replace')}", content=second)
    browser.posts(URL, 201, location="/1", content=b"1")


@pytest.mark.task(taskno=4)
def test_a_short_link_redirects(tmp_path):
    """302, found, for now. A browser may remember a 301 for ever. ASCII stands in Location as it is."""
    browser = Browser(tmp_path)
    browser.posts(URL, 201)
    browser.sends("GET", "/1", 302, location=URL, content=f"\u2192 {URL}".encode())
    browser.sends("GET", "/1?from=a-newsletter", 302, location=URL)
    code = browser.posts(f"{URL}(a),b@c!", 201).body.decode(errors="replace")
    browser.sends("GET", f"/{code}", 302, location=f"{URL}(a),b@c!")


@pytest.mark.task(taskno=4)
def test_a_form_is_decoded_once(tmp_path):
    """%26 is an ampersand, and %2520 is %20: once is right, and neither not at all nor twice."""
    browser = Browser(tmp_path)
    url = "https://example.com/100%25/a%20b?q=1+1&r=2;s#t"
    browser.posts(url, 201)
    browser.sends("GET", "/1", 302, location=url)


@pytest.mark.task(taskno=4)
def test_a_form_is_utf8(tmp_path):
    """In the body, which says the URL as it was; how Location writes such letters is another story."""
    browser = Browser(tmp_path)
    browser.posts("https://example.com/\u00e9/\u2192", 201)
    browser.sends("GET", "/1", 302, content="\u2192 https://example.com/\u00e9/\u2192".encode())


@pytest.mark.task(taskno=4)
def test_other_fields_do_not_matter(tmp_path):
    """They may stand before the one that counts, and after it."""
    browser = Browser(tmp_path)
    body = b"lang=en&myurl=http%3A%2F%2Fexample.com%2Fno&url=https%3A%2F%2Fexample.com%2F&url2=x&submit="
    browser.sends("POST", "/", 201, body=body)
    browser.sends("GET", "/1", 302, location=URL)


@pytest.mark.task(taskno=4)
def test_a_form_without_a_web_address_is_refused(tmp_path):
    """The client's mistake: 400. Names of fields are compared whole."""
    browser = Browser(tmp_path)
    for body in (
        b"url=ftp%3A%2F%2Fexample.com%2F",
        b"url=",
        b"uri=https%3A%2F%2Fexample.com%2F&URL=https%3A%2F%2Fexample.com%2F",
        b"myurl=https%3A%2F%2Fexample.com%2F&url2=https%3A%2F%2Fexample.com%2F",
        b"https://example.com/",
        b"url=\xff",
        b"",
    ):
        browser.sends("POST", "/", 400, body=body)


@pytest.mark.task(taskno=4)
def test_a_request_without_a_body_has_no_field(tmp_path):
    """CONTENT_LENGTH may be missing or empty then. What the query says is not in the form, nor is what comes next."""
    browser = Browser(tmp_path)
    browser.sends("POST", "/", 400)
    browser.sends("POST", "/", 400, CONTENT_LENGTH="")
    browser.sends("POST", "/?url=https%3A%2F%2Fexample.com%2F", 400, body=b"lang=en")


@pytest.mark.task(taskno=4)
def test_a_code_that_leads_nowhere_is_not_found(tmp_path):
    """Unknown, or no code at all: 404."""
    browser = Browser(tmp_path)
    browser.posts(URL, 201)
    for path in ("/2", "/a.html", "/-", "/1-", "/\u00e9", "/x/1", "/1/x"):
        browser.sends("GET", path, 404)


@pytest.mark.task(taskno=4)
def test_any_other_request_is_not_allowed(tmp_path):
    """405, though the form is in order and the link is there."""
    browser = Browser(tmp_path)
    browser.posts(URL, 201)
    for method, path in (("PUT", "/"), ("DELETE", "/1"), ("PATCH", "/1"), ("POST", "/1"), ("POST", "/links")):
        browser.sends(method, path, 405, body=b"url=https%3A%2F%2Fexample.com%2F")

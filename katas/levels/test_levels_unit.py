"""Tasks 1 and 2, the unit tests: calls of functions, and nothing else. The guard in conftest.py sees to that."""

import pytest

from .asking import assert_raises, assert_returns
from .doubles import FakeStore, stored_in
from .shortlinks import Shortener, decode, encode

pytestmark = pytest.mark.level("unit")

# --- Task 1: pure functions ---------------------------------------------------


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(0, "0", id="zero"),
        pytest.param(10, "a", id="first-small-letter"),
        pytest.param(36, "A", id="first-capital"),
        pytest.param(62, "10", id="first-of-two-characters"),
        pytest.param(62**12 + 11, "100000000000b", id="more-than-a-float-holds"),
        pytest.param(62**1500 + 61, "1" + 1499 * "0" + "Z", id="more-than-the-stack-holds"),
    ],
)
def test_a_number_has_one_code_and_the_code_leads_back(number, code):
    """Base 62, the digits 0-9 a-z A-Z: both directions, as text and as a whole number."""
    assert_returns(code, encode, number)
    assert_returns(number, decode, code)


@pytest.mark.task(taskno=1)
def test_every_number_comes_back():
    """Four thousand of them: all codes of one and of two characters, and some of three."""
    for number in range(4000):
        assert_returns(number, decode, encode(number))


@pytest.mark.task(taskno=1)
def test_a_negative_number_has_no_code():
    """Python's negative indices would find one all the same."""
    for number in (-1, -61, -62, -63):
        assert_raises(ValueError, encode, number)


#: Nothing; punctuation; white space; letters and digits of other alphabets.
NO_CODES = [
    "",
    "-",
    "_",
    "1-",
    "-1",
    "1_0",
    "+1",
    "a.html",
    " ",
    " 1",
    "1 ",
    "1\n",
    "\u00e9",
    "1\u00e9",
    "\u0663",
    "\u00b2",
]


@pytest.mark.task(taskno=1)
def test_what_is_no_code_is_refused():
    """One foreign character is enough, wherever it stands."""
    for code in NO_CODES:
        assert_raises(ValueError, decode, code)


# --- Task 2: rules with a fake store ------------------------------------------

WEB_ADDRESSES = [
    pytest.param(["http://example.com", "https://example.com/a/B?q=c%20d&e=#f"], id="http-and-https"),
    pytest.param(["https://intranet:8443/", "http://192.0.2.7/"], id="other-hosts"),
    pytest.param(["https://example.com/\u00e9t\u00e9/\u2192"], id="letters-beyond-ascii"),
    pytest.param(
        ["https://Example.COM/", "https://example.com?q=1", "http://u:p@h/", "http://[::1]/", "https://example.com/?"],
        id="what-one-might-tidy-up",
    ),
]


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("urls", WEB_ADDRESSES)
def test_a_web_address_gets_a_code_that_leads_back(urls):
    """It is stored just as it came, and it comes back so: nothing is tidied up."""
    for url in urls:
        store = FakeStore()
        shortener = Shortener(store)
        assert_returns("1", shortener.shorten, url)
        assert stored_in(store) == [url], f"Shortener.shorten({url!r}) has stored something else"
        assert_returns(url, shortener.resolve, "1")


@pytest.mark.task(taskno=2)
def test_the_code_is_that_of_the_id():
    """Sixty-one links are there, this is number 62."""
    store = FakeStore(*(f"https://example.com/{number}" for number in range(1, 62)))
    assert_returns("10", Shortener(store).shorten, "https://example.com/62")
    assert_returns("https://example.com/36", Shortener(store).resolve, "A")


@pytest.mark.task(taskno=2)
def test_the_same_address_gets_the_same_code():
    """The store sees to it; nothing is added twice."""
    shortener = Shortener(FakeStore())
    assert_returns("1", shortener.shorten, "https://example.com/a")
    assert_returns("2", shortener.shorten, "https://example.com/A")
    assert_returns("1", shortener.shorten, "https://example.com/a")


@pytest.mark.task(taskno=2)
def test_two_shorteners_share_what_is_in_their_store():
    """The store is handed in, and there is no second memory: neither of links nor of their absence."""
    store = FakeStore()
    one, other = Shortener(store), Shortener(store)
    assert_returns(None, other.resolve, "1")
    assert_returns("1", one.shorten, "https://example.com/")
    assert_returns("https://example.com/", other.resolve, "1")
    assert_returns(None, Shortener(FakeStore()).resolve, "1")


NO_WEB_ADDRESSES = [
    pytest.param(["", "example.com", "/path", "//example.com/path"], id="no-scheme"),
    pytest.param(["http", "http:", "https:/", "http://", "https:///path", "http:example.com"], id="no-host"),
    pytest.param(["http://?url=https://example.com", "https://#example.com"], id="no-host-but-something-after-it"),
    pytest.param(["ftp://example.com/", "mailto:ada@example.com", "javascript:alert(1)"], id="another-scheme"),
    pytest.param(["httpx://example.com/", "http+unix://example.com/", "xhttp://example.com/"], id="nearly-http"),
    pytest.param(["see:http://example.com/", "ftp://example.com/?to=http://example.com/"], id="http-somewhere-in-it"),
]


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize("urls", NO_WEB_ADDRESSES)
def test_what_is_no_web_address_is_refused_and_not_stored(urls):
    """ValueError; and the store is as it was."""
    store = FakeStore()
    for url in urls:
        assert_raises(ValueError, Shortener(store).shorten, url)
        assert stored_in(store) == [], f"Shortener.shorten({url!r}) has refused it, and stored it"


@pytest.mark.task(taskno=2)
def test_an_unknown_code_leads_nowhere():
    """One link is there. Its neighbours are not, nor is number 0."""
    store = FakeStore("https://example.com/")
    for code in ("2", "0", "a", "11", "ZZZZ"):
        assert_returns(None, Shortener(store).resolve, code)


@pytest.mark.task(taskno=2)
def test_what_is_no_code_leads_nowhere():
    """Codes come from strangers: no exception."""
    shortener = Shortener(FakeStore("https://example.com/"))
    for code in NO_CODES:
        assert_returns(None, shortener.resolve, code)

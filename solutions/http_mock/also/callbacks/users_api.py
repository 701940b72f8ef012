"""Kata: an HTTP client (requests) developed against a fake server (responses).

Another right answer: the fakes look at the request in plain Python instead of in matchers, the client is a set of
steps in tables, a Retry-After does not use up a step of the backoff, and the pages are fetched with retries.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from email.utils import mktime_tz, parsedate_tz
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urljoin, urlparse

import requests
import responses
from responses.registries import OrderedRegistry

BASE = "https://api.example.com"


# --- Task 1: a fake resource --------------------------------------------------


def fake_user(rsps: responses.RequestsMock, user: dict[str, Any]) -> None:
    """Teach `rsps` to answer GET {BASE}/users/{user["id"]} with 200 and the user as JSON."""
    text = json.dumps(user)
    rsps.add(responses.Response("GET", "/".join((BASE, "users", user["id"])), text, content_type="application/json"))


def fake_missing_user(rsps: responses.RequestsMock, user_id: str) -> None:
    """Teach `rsps` to answer GET {BASE}/users/{user_id} with 404 and the JSON {"error": "not found"}."""

    def missing(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        return 404, {}, '{"error": "not found"}'

    rsps.add_callback("GET", f"{BASE}/users/{user_id}", missing, content_type="application/json")


# --- Task 2: a fake that looks at the request ---------------------------------

Matcher = Callable[[requests.PreparedRequest], tuple[bool, str]]


def _when(what: str, condition: Callable[[requests.PreparedRequest], bool]) -> Matcher:
    return lambda request: (condition(request), f"not the right {what}")


def fake_search(rsps: responses.RequestsMock, *, token: str, query: str, results: list[Any]) -> None:
    """Teach `rsps` to answer GET {BASE}/users?q=<query> with {"results": results}.

    But ONLY when the query string is exactly q=<query> and the header Authorization is "Bearer <token>".
    """

    def authorized(request: requests.PreparedRequest) -> bool:
        return request.headers.get("Authorization") == "Bearer " + token

    # A query in the URL is matched strictly, without a matcher.
    url = f"{BASE}/users?{urlencode({'q': query})}"
    rsps.add("GET", url, json={"results": results}, match=[_when("token", authorized)])


def fake_create(rsps: responses.RequestsMock, *, expected: dict[str, Any], new_id: str) -> None:
    """Answer POST {BASE}/users with 201 and {"id": new_id}, but ONLY when the JSON body equals `expected`."""

    def as_expected(request: requests.PreparedRequest) -> bool:
        try:
            return json.loads(request.body or "null") == expected
        except ValueError:
            return False

    rsps.add("POST", f"{BASE}/users", status=201, json={"id": new_id}, match=[_when("body", as_expected)])


# --- Task 3: a fake that misbehaves, and a strict one -------------------------


def fake_outage(rsps: responses.RequestsMock, url: str, failures: Sequence[int | Exception], body: Any) -> None:
    """Answer GET url with each failure in turn, then with `body` as JSON.

    A failure is a status code to answer with, or an exception to raise.
    """
    left = deque(failures)

    def answer(request: requests.PreparedRequest) -> Any:
        if not left:
            return 200, {}, json.dumps(body)
        failure = left.popleft()
        if isinstance(failure, int):
            return failure, {}, json.dumps({"error": failure})
        raise failure

    rsps.add_callback("GET", url, answer, content_type="application/json")


def strict_mock() -> responses.RequestsMock:
    """Return a RequestsMock for a `with` block that insists on order.

    Every fake has to be called, and in the order in which they were registered.
    """
    return responses.RequestsMock(registry=OrderedRegistry)  # to insist on all is its default


# --- The client's errors (given) ----------------------------------------------


class ApiError(Exception):
    """Base class. `status` is None when no response arrived; `retry_after` is that header, if any."""

    def __init__(self, message: str = "", status: int | None = None, retry_after: str | None = None) -> None:  # given
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class Unreachable(ApiError):
    """No response: DNS, refused connection, timeout..."""


class NotFound(ApiError):
    """404."""


class ClientError(ApiError):
    """Any other 4xx: our request is wrong; repeating it does not help (429 excepted)."""


class ServerError(ApiError):
    """5xx: their problem, maybe a passing one."""


class BadResponse(ApiError):
    """A 2xx whose body is not the JSON object we were promised."""


# --- Task 5 (first half): how long to wait ------------------------------------


def retry_after(value: str | None) -> float | None:
    """Return the seconds to wait of a Retry-After header (RFC 9110 section 10.2.3).

    It holds delay-seconds or an HTTP-date (never less than 0). None for no header and for nonsense.
    """
    text = (value or "").strip()
    if text and set(text) <= set("0123456789"):
        return int(text) if len(text) < 10 else 1e9
    moment = parsedate_tz(text)
    if moment is None:
        return None
    try:
        return max(0, mktime_tz(moment) - time.time())
    except (ValueError, OverflowError):
        return None


AGAIN = (429, 502, 503, 504)


def _error_for(status: int) -> type[ApiError]:
    return {404: NotFound}.get(status) or {4: ClientError}.get(status // 100, ServerError)


class UsersApi:
    """The client of https://api.example.com/users."""

    def __init__(
        self, token: str, *, timeout: float = 5.0, attempts: int = 3, sleep: Callable[[float], None] = time.sleep
    ) -> None:  # given
        self.session = requests.Session()
        self.token = token
        self.timeout = timeout
        self.attempts = attempts
        self.sleep = sleep

    # --- Task 4: one request, every outcome -----------------------------------

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        """Send ONE request and return the response if its status is below 400.

        Always send the timeout, `Accept: application/json` and `Authorization: Bearer <token>`.
        Raise NotFound, ClientError or ServerError by status (the error keeps the status and the
        Retry-After header), Unreachable when no response came; chain the requests exception
        (`raise ... from exc`). The token is not in any message.
        """
        kwargs["headers"] = dict(
            kwargs.get("headers") or {}, Accept="application/json", Authorization="Bearer " + self.token
        )
        timeout = kwargs.pop("timeout", (self.timeout, self.timeout))
        try:
            response = requests.request(method, url, timeout=timeout, allow_redirects=False, **kwargs)
            response.raise_for_status()
        except requests.HTTPError as exc:
            status = exc.response.status_code
            raise _error_for(status)(f"status {status}", status, exc.response.headers.get("Retry-After")) from exc
        except (requests.ConnectionError, requests.Timeout) as exc:
            raise Unreachable("no response") from exc
        return response

    def json_object(self, response: requests.Response) -> dict[str, Any]:
        """Return the body as a dict; BadResponse when it is not JSON or not an object."""
        try:
            body = json.loads(response.content)
        except ValueError as exc:
            raise BadResponse("no JSON") from exc
        match body:
            case dict():
                return body
            case _:
                raise BadResponse("no object")

    # --- Task 5: try again, politely ------------------------------------------

    def get_with_retries(self, url: str, **kwargs: Any) -> requests.Response:
        """GET url, at most self.attempts times in all.

        Try again after Unreachable and after the statuses 429, 502, 503, 504; nothing else. Before
        the n-th new try call self.sleep(wait): Retry-After when the response has it (seconds or an
        HTTP-date, see retry_after), else 0.5, 1, 2, ... seconds; never more than 30. No sleep after
        the last try: its error is raised.
        """
        backoff = 0.5
        for attempt in count(1):
            try:
                return self.request("GET", url, **kwargs)
            except (Unreachable, ClientError, ServerError) as error:
                again = isinstance(error, Unreachable) or error.status in AGAIN
                if attempt >= self.attempts or not again:
                    raise
                wait = retry_after(error.retry_after)
                if wait is None:
                    wait, backoff = backoff, backoff * 2
                self.sleep(sorted((0, wait, 30))[1])
        raise AssertionError("count() has no end")

    # --- Task 6: read and write -----------------------------------------------

    def get_user(self, user_id: str) -> dict[str, Any]:
        """GET /users/{user_id} with retries (get_with_retries). The id is ONE path segment: quote it."""
        segment = quote_plus(user_id).replace("+", "%20")
        return self.json_object(self.get_with_retries(urljoin(f"{BASE}/users/", "./" + segment)))

    def create_user(self, name: str, email: str) -> str:
        """POST /users with the JSON {"name", "email"}; return the new id.

        NEVER repeated: POST is not idempotent (RFC 9110 section 9.2.2), a repetition could create a
        second user.
        """
        headers = {"Content-Type": "application/json"}
        body = json.dumps({"email": email, "name": name})
        return self.json_object(self.request("POST", f"{BASE}/users", data=body, headers=headers))["id"]

    # --- Task 7: page after page ----------------------------------------------

    def all_users(self) -> Iterator[dict[str, Any]]:
        """Yield the users of GET /users and of the pages after it (`Link: <url>; rel="next"`).

        Each page is a JSON object {"users": [...]}. A next link to another host, or to a page already
        seen, is a BadResponse: the token must not be sent to strangers, and the loop must end.
        """
        return self._walk(f"{BASE}/users", ())

    def _walk(self, url: str, before: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        response = self.get_with_retries(url)
        yield from self.json_object(response)["users"]
        if "next" not in response.links:
            return
        following = urlparse(urljoin(url, response.links["next"]["url"]))._replace(fragment="")
        if (following.scheme, following.hostname, following.username) != ("https", "api.example.com", None):
            raise BadResponse("somebody else's page")
        if following.geturl() in (*before, url):
            raise BadResponse("a page seen before")
        yield from self._walk(following.geturl(), (*before, url))

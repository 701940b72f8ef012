"""Kata: an HTTP client (requests) developed against a fake server (responses).

`responses` replaces the transport of `requests`: no packet leaves the machine, and a request that no
fake expects raises requests.exceptions.ConnectionError. Part A (tasks 1 to 3): you write the fakes.
Part B (tasks 4 to 7): you write the client, and the tests bring the fakes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import responses
from responses import matchers, registries

BASE = "https://api.example.com"

#: What may be over in a moment: no response at all (None), too many requests, a gateway in trouble.
PASSING = frozenset({None, 429, 502, 503, 504})
LONGEST_WAIT = 30.0  # seconds


# --- Task 1: a fake resource --------------------------------------------------


def fake_user(rsps: responses.RequestsMock, user: dict[str, Any]) -> None:
    """Teach `rsps` to answer GET {BASE}/users/{user["id"]} with 200 and the user as JSON."""
    rsps.get(f"{BASE}/users/{user['id']}", json=user)


def fake_missing_user(rsps: responses.RequestsMock, user_id: str) -> None:
    """Teach `rsps` to answer GET {BASE}/users/{user_id} with 404 and the JSON {"error": "not found"}."""
    rsps.get(f"{BASE}/users/{user_id}", status=404, json={"error": "not found"})


# --- Task 2: a fake that looks at the request ---------------------------------


def fake_search(rsps: responses.RequestsMock, *, token: str, query: str, results: list[Any]) -> None:
    """Teach `rsps` to answer GET {BASE}/users?q=<query> with {"results": results}.

    But ONLY when the query string is exactly q=<query> and the header Authorization is "Bearer <token>".
    """
    rsps.get(
        f"{BASE}/users",
        json={"results": results},
        match=[
            matchers.query_param_matcher({"q": query}),
            matchers.header_matcher({"Authorization": f"Bearer {token}"}),
        ],
    )


def fake_create(rsps: responses.RequestsMock, *, expected: dict[str, Any], new_id: str) -> None:
    """Answer POST {BASE}/users with 201 and {"id": new_id}, but ONLY when the JSON body equals `expected`."""
    rsps.post(f"{BASE}/users", status=201, json={"id": new_id}, match=[matchers.json_params_matcher(expected)])


# --- Task 3: a fake that misbehaves, and a strict one -------------------------


def fake_outage(rsps: responses.RequestsMock, url: str, failures: Sequence[int | Exception], body: Any) -> None:
    """Answer GET url with each failure in turn, then with `body` as JSON.

    A failure is a status code to answer with, or an exception to raise.
    """
    for failure in failures:
        if isinstance(failure, Exception):
            rsps.get(url, body=failure)
        else:
            rsps.get(url, status=failure)
    rsps.get(url, json=body)  # of several fakes for one URL each answers once, and the last one stays


def strict_mock() -> responses.RequestsMock:
    """Return a RequestsMock for a `with` block that insists on order.

    Every fake has to be called, and in the order in which they were registered.
    """
    return responses.RequestsMock(assert_all_requests_are_fired=True, registry=registries.OrderedRegistry)


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
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # the asctime form of an HTTP-date does not say so, but it is GMT as well
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


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
        headers = {
            **(kwargs.pop("headers", None) or {}),
            "Accept": "application/json",
            "Authorization": f"Bearer {self.token}",
        }
        try:
            response = self.session.request(method, url, headers=headers, **{"timeout": self.timeout, **kwargs})
        except requests.RequestException as exc:
            # Its type only: requests quotes a header that it finds malformed, and with it the token.
            raise Unreachable(f"{method} {url}: {type(exc).__name__}") from exc
        status = response.status_code
        if status < 400:
            return response
        kind = NotFound if status == 404 else ClientError if status < 500 else ServerError
        # The status only: a server may send back in its body whatever we sent it.
        raise kind(f"{method} {url}: {status}", status, response.headers.get("Retry-After"))

    def json_object(self, response: requests.Response) -> dict[str, Any]:
        """Return the body as a dict; BadResponse when it is not JSON or not an object."""
        try:
            body = response.json()
        except requests.JSONDecodeError as exc:
            raise BadResponse(f"{response.url}: not JSON", response.status_code) from exc
        if not isinstance(body, dict):
            raise BadResponse(f"{response.url}: JSON, but not an object", response.status_code)
        return body

    # --- Task 5: try again, politely ------------------------------------------

    def get_with_retries(self, url: str, **kwargs: Any) -> requests.Response:
        """GET url, at most self.attempts times in all.

        Try again after Unreachable and after the statuses 429, 502, 503, 504; nothing else. Before
        the n-th new try call self.sleep(wait): Retry-After when the response has it (seconds or an
        HTTP-date, see retry_after), else 0.5, 1, 2, ... seconds; never more than 30. No sleep after
        the last try: its error is raised.
        """
        for attempt in range(self.attempts - 1):
            try:
                return self.request("GET", url, **kwargs)
            except ApiError as error:
                if error.status not in PASSING:
                    raise
                wait = retry_after(error.retry_after)
            self.sleep(min(LONGEST_WAIT, 0.5 * 2**attempt if wait is None else wait))
        return self.request("GET", url, **kwargs)  # whatever comes of the last try, it is the caller's

    # --- Task 6: read and write -----------------------------------------------

    def get_user(self, user_id: str) -> dict[str, Any]:
        """GET /users/{user_id} with retries (get_with_retries). The id is ONE path segment: quote it."""
        return self.json_object(self.get_with_retries(f"{BASE}/users/{quote(user_id, safe='')}"))

    def create_user(self, name: str, email: str) -> str:
        """POST /users with the JSON {"name", "email"}; return the new id.

        NEVER repeated: POST is not idempotent (RFC 9110 section 9.2.2), a repetition could create a
        second user.
        """
        response = self.request("POST", f"{BASE}/users", json={"name": name, "email": email})
        return self._promised(response, "id")

    # --- Task 7: page after page ----------------------------------------------

    def all_users(self) -> Iterator[dict[str, Any]]:
        """Yield the users of GET /users and of the pages after it (`Link: <url>; rel="next"`).

        Each page is a JSON object {"users": [...]}. A next link to another host, or to a page already
        seen, is a BadResponse: the token must not be sent to strangers, and the loop must end.
        """
        url: str | None = f"{BASE}/users"
        seen: set[str] = set()
        while url is not None:
            if url in seen:
                raise BadResponse(f"{url}: the pages go round in a circle")
            if urlsplit(url)[:2] != urlsplit(BASE)[:2]:  # scheme and host; a prefix proves neither
                raise BadResponse("the next page is on another host")
            seen.add(url)
            response = self.get_with_retries(url)
            yield from self._promised(response, "users")
            url = response.links.get("next", {}).get("url")

    def _promised(self, response: requests.Response, key: str) -> Any:
        body = self.json_object(response)
        if key not in body:
            raise BadResponse(f"{response.url}: an object without {key!r}", response.status_code)
        return body[key]

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


# --- Task 1: a fake resource --------------------------------------------------


def fake_user(rsps: responses.RequestsMock, user: dict[str, Any]) -> None:
    """Teach `rsps` to answer GET {BASE}/users/{user["id"]} with 200 and the user as JSON."""
    raise NotImplementedError


def fake_missing_user(rsps: responses.RequestsMock, user_id: str) -> None:
    """Teach `rsps` to answer GET {BASE}/users/{user_id} with 404 and the JSON {"error": "not found"}."""
    raise NotImplementedError


# --- Task 2: a fake that looks at the request ---------------------------------


def fake_search(rsps: responses.RequestsMock, *, token: str, query: str, results: list[Any]) -> None:
    """Teach `rsps` to answer GET {BASE}/users?q=<query> with {"results": results}.

    But ONLY when the query string is exactly q=<query> and the header Authorization is "Bearer <token>".
    """
    raise NotImplementedError


def fake_create(rsps: responses.RequestsMock, *, expected: dict[str, Any], new_id: str) -> None:
    """Answer POST {BASE}/users with 201 and {"id": new_id}, but ONLY when the JSON body equals `expected`."""
    raise NotImplementedError


# --- Task 3: a fake that misbehaves, and a strict one -------------------------


def fake_outage(rsps: responses.RequestsMock, url: str, failures: Sequence[int | Exception], body: Any) -> None:
    """Answer GET url with each failure in turn, then with `body` as JSON.

    A failure is a status code to answer with, or an exception to raise.
    """
    raise NotImplementedError


def strict_mock() -> responses.RequestsMock:
    """Return a RequestsMock for a `with` block that insists on order.

    Every fake has to be called, and in the order in which they were registered.
    """
    raise NotImplementedError


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
    raise NotImplementedError


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
        raise NotImplementedError

    def json_object(self, response: requests.Response) -> dict[str, Any]:
        """Return the body as a dict; BadResponse when it is not JSON or not an object."""
        raise NotImplementedError

    # --- Task 5: try again, politely ------------------------------------------

    def get_with_retries(self, url: str, **kwargs: Any) -> requests.Response:
        """GET url, at most self.attempts times in all.

        Try again after Unreachable and after the statuses 429, 502, 503, 504; nothing else. Before
        the n-th new try call self.sleep(wait): Retry-After when the response has it (seconds or an
        HTTP-date, see retry_after), else 0.5, 1, 2, ... seconds; never more than 30. No sleep after
        the last try: its error is raised.
        """
        raise NotImplementedError

    # --- Task 6: read and write -----------------------------------------------

    def get_user(self, user_id: str) -> dict[str, Any]:
        """GET /users/{user_id} with retries (get_with_retries). The id is ONE path segment: quote it."""
        raise NotImplementedError

    def create_user(self, name: str, email: str) -> str:
        """POST /users with the JSON {"name", "email"}; return the new id.

        NEVER repeated: POST is not idempotent (RFC 9110 section 9.2.2), a repetition could create a
        second user.
        """
        raise NotImplementedError

    # --- Task 7: page after page ----------------------------------------------

    def all_users(self) -> Iterator[dict[str, Any]]:
        """Yield the users of GET /users and of the pages after it (`Link: <url>; rel="next"`).

        Each page is a JSON object {"users": [...]}. A next link to another host, or to a page already
        seen, is a BadResponse: the token must not be sent to strangers, and the loop must end.
        """
        raise NotImplementedError

"""Kata: an HTTP client (requests) developed against a fake server (responses).

Another right answer: timeout and token belong to the session, as an adapter and an auth of its own; the caller may
choose another timeout. A Retry-After uses up a step, pages are fetched once and checked before their users come out.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import singledispatch
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import responses
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from responses import matchers, registries

BASE = "https://api.example.com"


# --- Task 1: a fake resource --------------------------------------------------


def fake_user(rsps: responses.RequestsMock, user: dict[str, Any]) -> None:
    """Teach `rsps` to answer GET {BASE}/users/{user["id"]} with 200 and the user as JSON."""
    rsps.add(method=responses.GET, url=re.compile(re.escape(f"{BASE}/users/{user['id']}") + r"\Z"), json={**user})


def fake_missing_user(rsps: responses.RequestsMock, user_id: str) -> None:
    """Teach `rsps` to answer GET {BASE}/users/{user_id} with 404 and the JSON {"error": "not found"}."""
    rsps.upsert("GET", f"{BASE}/users/{user_id}", json={"error": "not found"}, status=HTTPStatus.NOT_FOUND)


# --- Task 2: a fake that looks at the request ---------------------------------


def fake_search(rsps: responses.RequestsMock, *, token: str, query: str, results: list[Any]) -> None:
    """Teach `rsps` to answer GET {BASE}/users?q=<query> with {"results": results}.

    But ONLY when the query string is exactly q=<query> and the header Authorization is "Bearer <token>".
    """
    exactly = matchers.query_param_matcher({"q": query}, strict_match=True)
    bearer = matchers.header_matcher({"Authorization": f"Bearer {token}"})
    rsps.get(f"{BASE}/users", json={"results": results}, match=(bearer, exactly))


def fake_create(rsps: responses.RequestsMock, *, expected: dict[str, Any], new_id: str) -> None:
    """Answer POST {BASE}/users with 201 and {"id": new_id}, but ONLY when the JSON body equals `expected`."""
    created = responses.Response("POST", f"{BASE}/users", json={"id": new_id}, status=HTTPStatus.CREATED)
    created.match = [matchers.json_params_matcher(expected)]
    rsps.add(created)


# --- Task 3: a fake that misbehaves, and a strict one -------------------------


@singledispatch
def _failure(failure: Exception) -> dict[str, Any]:
    return {"body": failure}


@_failure.register
def _(failure: int) -> dict[str, Any]:
    return {"status": failure, "body": "<h1>Sorry!</h1>", "content_type": "text/html"}


def fake_outage(rsps: responses.RequestsMock, url: str, failures: Sequence[int | Exception], body: Any) -> None:
    """Answer GET url with each failure in turn, then with `body` as JSON.

    A failure is a status code to answer with, or an exception to raise.
    """
    for answer in (*map(_failure, failures), {"json": body}):
        rsps.add("GET", url, **answer)


class _StrictMock(responses.RequestsMock):
    """A mock whose fakes are called in order, and every one of them."""

    def __init__(self) -> None:
        super().__init__(assert_all_requests_are_fired=True, registry=registries.OrderedRegistry)


strict_mock = _StrictMock


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
    try:
        if re.fullmatch("-?[0-9]+", value or ""):
            return max(0.0, float(value))
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


class _Timeout(HTTPAdapter):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def send(self, request: requests.PreparedRequest, *args: Any, timeout: Any = None, **kwargs: Any) -> Any:
        return super().send(request, *args, timeout=self.seconds if timeout is None else timeout, **kwargs)


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        request.headers["Accept"] = "application/json"
        return request


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
        self.session.mount("https://", _Timeout(self.timeout))
        try:
            response = self.session.request(method, url, **{"auth": _Bearer(self.token), **kwargs})
        except OSError as exc:  # RequestException is one
            raise Unreachable(f"no response from {urlsplit(url).hostname}") from exc
        known = {"status": response.status_code, "retry_after": response.headers.get("Retry-After")}
        if response.ok:
            return response
        if known["status"] == HTTPStatus.NOT_FOUND:
            raise NotFound(**known)
        if known["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ServerError(**known)
        raise ClientError(**known)

    def json_object(self, response: requests.Response) -> dict[str, Any]:
        """Return the body as a dict; BadResponse when it is not JSON or not an object."""
        try:
            return {**response.json()}
        except (TypeError, ValueError) as exc:
            raise BadResponse from exc

    # --- Task 5: try again, politely ------------------------------------------

    def get_with_retries(self, url: str, **kwargs: Any) -> requests.Response:
        """GET url, at most self.attempts times in all.

        Try again after Unreachable and after the statuses 429, 502, 503, 504; nothing else. Before
        the n-th new try call self.sleep(wait): Retry-After when the response has it (seconds or an
        HTTP-date, see retry_after), else 0.5, 1, 2, ... seconds; never more than 30. No sleep after
        the last try: its error is raised.
        """
        return self._try(url, kwargs, left=self.attempts - 1, step=0.5)

    def _try(self, url: str, kwargs: dict[str, Any], left: int, step: float) -> requests.Response:
        try:
            return self.request("GET", url, **kwargs)
        except ApiError as error:
            passing = error.status is None or error.status in {429, 502, 503, 504}
            if not left or not passing:
                raise
            asked = retry_after(error.retry_after)
        self.sleep(min(step if asked is None else asked, 30))
        return self._try(url, kwargs, left - 1, step * 2)

    # --- Task 6: read and write -----------------------------------------------

    def get_user(self, user_id: str) -> dict[str, Any]:
        """GET /users/{user_id} with retries (get_with_retries). The id is ONE path segment: quote it."""
        return self.json_object(self.get_with_retries("/".join([BASE, "users", quote(user_id, "")])))

    def create_user(self, name: str, email: str) -> str:
        """POST /users with the JSON {"name", "email"}; return the new id.

        NEVER repeated: POST is not idempotent (RFC 9110 section 9.2.2), a repetition could create a
        second user.
        """
        created = self.json_object(self.request("POST", f"{BASE}/users", json={"name": name, "email": email}))
        return str(created["id"])

    # --- Task 7: page after page ----------------------------------------------

    def all_users(self) -> Iterator[dict[str, Any]]:
        """Yield the users of GET /users and of the pages after it (`Link: <url>; rel="next"`).

        Each page is a JSON object {"users": [...]}. A next link to another host, or to a page already
        seen, is a BadResponse: the token must not be sent to strangers, and the loop must end.
        """
        ours = urlsplit(BASE)
        seen: list[str] = []
        url = f"{BASE}/users"
        while url:
            seen.append(url)
            response = self.request("GET", url)
            users = self.json_object(response)["users"]
            url = response.links.get("next", {"url": ""})["url"]
            if url:
                there = urlsplit(url)
                if (there.scheme, there.netloc) != (ours.scheme, ours.netloc) or url in seen:
                    raise BadResponse("not a next page of ours")
            yield from users

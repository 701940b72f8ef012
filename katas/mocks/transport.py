"""The way to the network. Given; `renewals.HttpGateway` uses it."""

from __future__ import annotations

from ports import reached


def post_json(
    url: str, payload: dict[str, object], *, headers: dict[str, str] | None = None, timeout: float | None = None
) -> tuple[int, dict[str, object]]:
    """POST the payload as JSON; return the status of the answer and its body, an object.

    Without a timeout it waits for ever.
    """
    reached("network")

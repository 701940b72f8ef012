"""Kata: SQL RETURNING. A job queue in SQLite, with not a moment between the writing and the knowing.

The tables, as test_sql_returning.py makes them:

    jobs     id, payload, priority (0), status ('queued'), worker (null)
    tags     id, name (unique)            a trigger notes every UPDATE
    archive  id, payload
    tickets  id, title, code              an AFTER INSERT trigger sets the code

`conn` is an ordinary sqlite3.Connection. Every function leaves its work committed, or nothing of it on an error.
Standard library only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

# --- Task 1: INSERT ... RETURNING ---------------------------------------------


def require_returning(version: tuple[int, ...] | None = None) -> None:
    """Raise RuntimeError, with "3.35" in its text, for an SQLite too old for RETURNING.

    Without a version: the SQLite that this Python uses.
    """
    raise NotImplementedError


def add_job(conn: sqlite3.Connection, payload: str, priority: int = 0) -> dict[str, Any]:
    """Store a job and return its whole row: what you gave, and what the database added.

    Raises ValueError for a payload that is not a str, or empty; then nothing is stored.
    """
    raise NotImplementedError


def add_jobs(conn: sqlite3.Connection, payloads: Sequence[str]) -> list[int]:
    """Store many jobs, or none of them; return their ids in the order of the payloads."""
    raise NotImplementedError


# --- Task 2: UPSERT -----------------------------------------------------------


def get_or_create_tag(conn: sqlite3.Connection, name: str) -> tuple[int, bool]:
    """Return (id, True) for a tag that was made, (id, False) for one that was there, which is left alone."""
    raise NotImplementedError


# --- Task 3: UPDATE ... RETURNING, and task 4: many rows, no order ------------


def claim(conn: sqlite3.Connection, worker: str, n: int = 1) -> list[dict[str, Any]]:
    """Make up to n queued jobs "running" for this worker; return their rows as they are now.

    The best priority comes first, then the lowest id. Nothing to claim is []. Raises ValueError for n < 1.
    """
    raise NotImplementedError


def finish(conn: sqlite3.Connection, job_id: int, worker: str) -> dict[str, Any]:
    """Make a job "done" and return its row. Raises LookupError unless it is running for this worker."""
    raise NotImplementedError


# --- Task 5: DELETE ... RETURNING ---------------------------------------------


def purge(conn: sqlite3.Connection, status: str) -> list[int]:
    """Delete the jobs of a status; return their ids, sorted."""
    raise NotImplementedError


def archive(conn: sqlite3.Connection, status: str) -> int:
    """Move (id, payload) of the jobs of a status to the archive, all or nothing; return how many."""
    raise NotImplementedError


# --- Task 6: what it cannot tell you ------------------------------------------


def raise_priority(conn: sqlite3.Connection, by: int, status: str = "queued") -> list[tuple[int, int, int]]:
    """Raise the jobs of a status that are below 100, to 100 at most; return (id, old, new) of these, sorted.

    Raises ValueError for by < 1.
    """
    raise NotImplementedError


def open_ticket(conn: sqlite3.Connection, title: str) -> dict[str, Any]:
    """Store a ticket and return its whole row, with the code that a trigger has set."""
    raise NotImplementedError


# --- Task 7: dynamic SQL ------------------------------------------------------


def edit(conn: sqlite3.Connection, job_id: int, **changes: Any) -> dict[str, Any]:
    """Change the payload, the priority or both; return the new row.

    Raises ValueError for no change or any other column, LookupError for a job that is not there.
    """
    raise NotImplementedError

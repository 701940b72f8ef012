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

EDITABLE = frozenset({"payload", "priority"})
INSERT_JOB = "INSERT INTO jobs (payload, priority) VALUES (?, ?) RETURNING *"


def _rows(conn: sqlite3.Connection, sql: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
    """Execute one statement and fetch all its rows: one that is not fetched to its end keeps its lock."""
    cursor = conn.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _the_one(rows: list[dict[str, Any]], otherwise: str) -> dict[str, Any]:
    if not rows:
        raise LookupError(otherwise)
    return rows[0]


def _checked(payload: object) -> str:
    if not isinstance(payload, str) or not payload:
        raise ValueError(f"a payload is a text that is not empty, not {payload!r}")
    return payload


# --- Task 1: INSERT ... RETURNING ---------------------------------------------


def require_returning(version: tuple[int, ...] | None = None) -> None:
    """Raise RuntimeError, with "3.35" in its text, for an SQLite too old for RETURNING.

    Without a version: the SQLite that this Python uses.
    """
    if (version or sqlite3.sqlite_version_info) < (3, 35):
        raise RuntimeError("RETURNING needs SQLite 3.35 or newer")


def add_job(conn: sqlite3.Connection, payload: str, priority: int = 0) -> dict[str, Any]:
    """Store a job and return its whole row: what you gave, and what the database added.

    Raises ValueError for a payload that is not a str, or empty; then nothing is stored.
    """
    with conn:
        [job] = _rows(conn, INSERT_JOB, (_checked(payload), priority))
    return job


def add_jobs(conn: sqlite3.Connection, payloads: Sequence[str]) -> list[int]:
    """Store many jobs, or none of them; return their ids in the order of the payloads."""
    checked = [_checked(payload) for payload in payloads]
    with conn:
        return [_rows(conn, INSERT_JOB, (payload, 0))[0]["id"] for payload in checked]


# --- Task 2: UPSERT -----------------------------------------------------------


def get_or_create_tag(conn: sqlite3.Connection, name: str) -> tuple[int, bool]:
    """Return (id, True) for a tag that was made, (id, False) for one that was there, which is left alone."""
    with conn:
        made = _rows(conn, "INSERT INTO tags (name) VALUES (?) ON CONFLICT (name) DO NOTHING RETURNING id", (name,))
        # A conflict that does nothing changes no row, so there is none to return.
        [tag] = made or _rows(conn, "SELECT id FROM tags WHERE name = ?", (name,))
    return tag["id"], bool(made)


# --- Task 3: UPDATE ... RETURNING, and task 4: many rows, no order ------------


def claim(conn: sqlite3.Connection, worker: str, n: int = 1) -> list[dict[str, Any]]:
    """Make up to n queued jobs "running" for this worker; return their rows as they are now.

    The best priority comes first, then the lowest id. Nothing to claim is []. Raises ValueError for n < 1.
    """
    if n < 1:
        raise ValueError(f"n is {n}; a worker claims one job at least")
    with conn:
        jobs = _rows(
            conn,
            """
            UPDATE jobs SET status = 'running', worker = ?
            WHERE id IN (SELECT id FROM jobs WHERE status = 'queued' ORDER BY priority DESC, id LIMIT ?)
            RETURNING *
            """,
            (worker, n),
        )
    # ORDER BY has chosen the jobs; in which order they come back, nobody has promised.
    return sorted(jobs, key=lambda job: (-job["priority"], job["id"]))


def finish(conn: sqlite3.Connection, job_id: int, worker: str) -> dict[str, Any]:
    """Make a job "done" and return its row. Raises LookupError unless it is running for this worker."""
    with conn:
        jobs = _rows(
            conn,
            "UPDATE jobs SET status = 'done' WHERE id = ? AND status = 'running' AND worker = ? RETURNING *",
            (job_id, worker),
        )
    return _the_one(jobs, f"job {job_id} is not running for {worker}")


# --- Task 5: DELETE ... RETURNING ---------------------------------------------


def purge(conn: sqlite3.Connection, status: str) -> list[int]:
    """Delete the jobs of a status; return their ids, sorted."""
    with conn:
        return sorted(job["id"] for job in _rows(conn, "DELETE FROM jobs WHERE status = ? RETURNING id", (status,)))


def archive(conn: sqlite3.Connection, status: str) -> int:
    """Move (id, payload) of the jobs of a status to the archive, all or nothing; return how many."""
    with conn:
        moved = _rows(conn, "DELETE FROM jobs WHERE status = ? RETURNING id, payload", (status,))
        conn.executemany("INSERT INTO archive (id, payload) VALUES (:id, :payload)", moved)
    return len(moved)


# --- Task 6: what it cannot tell you ------------------------------------------


def raise_priority(conn: sqlite3.Connection, by: int, status: str = "queued") -> list[tuple[int, int, int]]:
    """Raise the jobs of a status that are below 100, to 100 at most; return (id, old, new) of these, sorted.

    Raises ValueError for by < 1.
    """
    if by < 1:
        raise ValueError(f"by is {by}; a priority is raised by one at least")
    with conn:
        # Nobody else may write between reading the old and writing the new.
        conn.execute("BEGIN IMMEDIATE")
        old = _rows(conn, "SELECT id, priority FROM jobs WHERE status = ?", (status,))
        new = _rows(
            conn,
            """
            UPDATE jobs SET priority = min(priority + ?, 100) WHERE status = ? AND priority < 100
            RETURNING id, priority
            """,
            (by, status),
        )
    before = {job["id"]: job["priority"] for job in old}
    return sorted((job["id"], before[job["id"]], job["priority"]) for job in new)


def open_ticket(conn: sqlite3.Connection, title: str) -> dict[str, Any]:
    """Store a ticket and return its whole row, with the code that a trigger has set."""
    with conn:
        [ticket] = _rows(conn, "INSERT INTO tickets (title) VALUES (?) RETURNING id", (title,))
        # RETURNING was computed before the AFTER trigger ran.
        [ticket] = _rows(conn, "SELECT * FROM tickets WHERE id = ?", (ticket["id"],))
    return ticket


# --- Task 7: dynamic SQL ------------------------------------------------------


def edit(conn: sqlite3.Connection, job_id: int, **changes: Any) -> dict[str, Any]:
    """Change the payload, the priority or both; return the new row.

    Raises ValueError for no change or any other column, LookupError for a job that is not there.
    """
    if not changes or not EDITABLE.issuperset(changes):
        raise ValueError(f"these can be changed: {', '.join(sorted(EDITABLE))}; not {', '.join(changes) or 'nothing'}")
    # The names are ours by now; the values never become SQL.
    columns = ", ".join(f"{name} = ?" for name in changes)
    with conn:
        jobs = _rows(conn, f"UPDATE jobs SET {columns} WHERE id = ? RETURNING *", (*changes.values(), job_id))  # noqa: S608
    return _the_one(jobs, f"there is no job {job_id}")

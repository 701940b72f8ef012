"""Kata: SQL RETURNING. A job queue in SQLite, with not a moment between the writing and the knowing.

The tables, as test_sql_returning.py makes them:

    jobs     id, payload, priority (0), status ('queued'), worker (null)
    tags     id, name (unique)            a trigger notes every UPDATE
    archive  id, payload
    tickets  id, title, code              an AFTER INSERT trigger sets the code

`conn` is an ordinary sqlite3.Connection. Every function leaves its work committed, or nothing of it on an error.
Standard library only.

Another right answer, as it was written before SQLite had RETURNING: take the write lock first, then read, write and
read again. And for PostgreSQL as it is written up to version 17, which has neither `old` nor `new`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def _locked(conn: sqlite3.Connection) -> Iterator[sqlite3.Cursor]:
    """Hold the write lock; commit at the end, or undo everything."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        yield conn.cursor()
        conn.commit()
    except BaseException:
        conn.rollback()
        raise


def _job(cursor: sqlite3.Cursor, job_id: int) -> dict[str, Any]:
    cursor.execute("SELECT id, payload, priority, status, worker FROM jobs WHERE id = ?", (job_id,))
    found = cursor.fetchone()
    if found is None:
        raise LookupError(job_id)
    return dict(zip(("id", "payload", "priority", "status", "worker"), found, strict=True))


def _insert(cursor: sqlite3.Cursor, payload: str, priority: int) -> int:
    if not (isinstance(payload, str) and payload):
        raise ValueError("a payload is a text that is not empty")
    cursor.execute("INSERT INTO jobs (payload, priority) VALUES (?, ?)", (payload, priority))
    return cursor.lastrowid or 0


def _ids(cursor: sqlite3.Cursor, status: str) -> list[int]:
    return [number for (number,) in cursor.execute("SELECT id FROM jobs WHERE status = ? ORDER BY id", (status,))]


# --- Task 1: INSERT ... RETURNING ---------------------------------------------


def require_returning(version: tuple[int, ...] | None = None) -> None:
    """Raise RuntimeError, with "3.35" in its text, for an SQLite too old for RETURNING.

    Without a version: the SQLite that this Python uses.
    """
    major, minor, *_ = version or sqlite3.sqlite_version_info
    if major < 3 or (major == 3 and minor < 35):
        raise RuntimeError(f"SQLite {major}.{minor} is older than 3.35.0")


def add_job(conn: sqlite3.Connection, payload: str, priority: int = 0) -> dict[str, Any]:
    """Store a job and return its whole row: what you gave, and what the database added.

    Raises ValueError for a payload that is not a str, or empty; then nothing is stored.
    """
    with _locked(conn) as cursor:
        return _job(cursor, _insert(cursor, payload, priority))


def add_jobs(conn: sqlite3.Connection, payloads: Sequence[str]) -> list[int]:
    """Store many jobs, or none of them; return their ids in the order of the payloads."""
    with _locked(conn) as cursor:
        return [_insert(cursor, payload, 0) for payload in payloads]


# --- Task 2: UPSERT -----------------------------------------------------------


def get_or_create_tag(conn: sqlite3.Connection, name: str) -> tuple[int, bool]:
    """Return (id, True) for a tag that was made, (id, False) for one that was there, which is left alone."""
    with _locked(conn) as cursor:
        found = cursor.execute("SELECT id FROM tags WHERE name = ?", (name,)).fetchone()
        if found:
            return found[0], False
        cursor.execute("INSERT INTO tags (name) VALUES (?)", (name,))
        return cursor.lastrowid or 0, True


# --- Task 3: UPDATE ... RETURNING, and task 4: many rows, no order ------------


def claim(conn: sqlite3.Connection, worker: str, n: int = 1) -> list[dict[str, Any]]:
    """Make up to n queued jobs "running" for this worker; return their rows as they are now.

    The best priority comes first, then the lowest id. Nothing to claim is []. Raises ValueError for n < 1.
    """
    if n < 1:
        raise ValueError("n is less than 1")
    with _locked(conn) as cursor:
        cursor.execute("SELECT id FROM jobs WHERE status = 'queued' ORDER BY priority DESC, id LIMIT ?", (n,))
        ids = [number for (number,) in cursor.fetchall()]
        for number in ids:
            cursor.execute("UPDATE jobs SET status = 'running', worker = ? WHERE id = ?", (worker, number))
        return [_job(cursor, number) for number in ids]


def finish(conn: sqlite3.Connection, job_id: int, worker: str) -> dict[str, Any]:
    """Make a job "done" and return its row. Raises LookupError unless it is running for this worker."""
    with _locked(conn) as cursor:
        job = _job(cursor, job_id)
        if (job["status"], job["worker"]) != ("running", worker):
            raise LookupError(f"job {job_id} is {job['status']} for {job['worker']}")
        cursor.execute("UPDATE jobs SET status = 'done' WHERE id = ?", (job_id,))
        return _job(cursor, job_id)


# --- Task 5: DELETE ... RETURNING ---------------------------------------------


def purge(conn: sqlite3.Connection, status: str) -> list[int]:
    """Delete the jobs of a status; return their ids, sorted."""
    with _locked(conn) as cursor:
        ids = _ids(cursor, status)
        cursor.execute("DELETE FROM jobs WHERE status = ?", (status,))
    return ids


def archive(conn: sqlite3.Connection, status: str) -> int:
    """Move (id, payload) of the jobs of a status to the archive, all or nothing; return how many."""
    with _locked(conn) as cursor:
        ids = _ids(cursor, status)
        cursor.execute("INSERT INTO archive (id, payload) SELECT id, payload FROM jobs WHERE status = ?", (status,))
        cursor.executemany("DELETE FROM jobs WHERE id = ?", [(number,) for number in ids])
    return len(ids)


# --- Task 6: what it cannot tell you ------------------------------------------


def raise_priority(conn: sqlite3.Connection, by: int, status: str = "queued") -> list[tuple[int, int, int]]:
    """Raise the jobs of a status that are below 100, to 100 at most; return (id, old, new) of these, sorted.

    Raises ValueError for by < 1.
    """
    if by < 1:
        raise ValueError("a priority goes up")
    raised = []
    with _locked(conn) as cursor:
        for number in _ids(cursor, status):
            old = _job(cursor, number)["priority"]
            if old < 100:
                raised.append((number, old, min(old + by, 100)))
                cursor.execute("UPDATE jobs SET priority = ? WHERE id = ?", (raised[-1][2], number))
    return raised


def open_ticket(conn: sqlite3.Connection, title: str) -> dict[str, Any]:
    """Store a ticket and return its whole row, with the code that a trigger has set."""
    with _locked(conn) as cursor:
        cursor.execute("INSERT INTO tickets (title) VALUES (?)", (title,))
        cursor.execute("SELECT id, title, code FROM tickets WHERE id = ?", (cursor.lastrowid,))
        return dict(zip(("id", "title", "code"), cursor.fetchone(), strict=True))


# --- Task 7: dynamic SQL ------------------------------------------------------


def edit(conn: sqlite3.Connection, job_id: int, **changes: Any) -> dict[str, Any]:
    """Change the payload, the priority or both; return the new row.

    Raises ValueError for no change or any other column, LookupError for a job that is not there.
    """
    if not changes or changes.keys() - {"payload", "priority"}:
        raise ValueError("the payload or the priority")
    with _locked(conn) as cursor:
        job = _job(cursor, job_id) | changes
        cursor.execute("UPDATE jobs SET payload = :payload, priority = :priority WHERE id = :id", job)
        return _job(cursor, job_id)

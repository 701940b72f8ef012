"""Kata: SQL RETURNING. A job queue in SQLite, with not a moment between the writing and the knowing.

The tables, as test_sql_returning.py makes them:

    jobs     id, payload, priority (0), status ('queued'), worker (null)
    tags     id, name (unique)            a trigger notes every UPDATE
    archive  id, payload
    tickets  id, title, code              an AFTER INSERT trigger sets the code

`conn` is an ordinary sqlite3.Connection. Every function leaves its work committed, or nothing of it on an error.
Standard library only.

Another right answer, without a lock while it reads: every UPDATE says what it believes to be true, and RETURNING says
whether it was. If not, look again. It is stricter than it must be about blanks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Self


def _dicts(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


class _Work:
    """A cursor whose rows are dicts, and a commit or a rollback at the end."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._cursor = conn.cursor()
        self._cursor.row_factory = _dicts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._cursor.close()
        if kind is None:
            self._conn.commit()
        else:
            self._conn.rollback()

    def all(self, sql: str, *parameters: object) -> list[dict[str, Any]]:
        return self._cursor.execute(sql, parameters).fetchall()

    def one(self, sql: str, *parameters: object) -> dict[str, Any] | None:
        return next(iter(self.all(sql, *parameters)), None)


# --- Task 1: INSERT ... RETURNING ---------------------------------------------


def require_returning(version: tuple[int, ...] | None = None) -> None:
    """Raise RuntimeError, with "3.35" in its text, for an SQLite too old for RETURNING.

    Without a version: the SQLite that this Python uses.
    """
    if tuple(version or sqlite3.sqlite_version_info)[:2] < (3, 35):
        raise RuntimeError("SQLite 3.35.0 brought RETURNING")


def add_job(conn: sqlite3.Connection, payload: str, priority: int = 0) -> dict[str, Any]:
    """Store a job and return its whole row: what you gave, and what the database added.

    Raises ValueError for a payload that is not a str, or empty; then nothing is stored.
    """
    if not isinstance(payload, str) or not payload.strip():
        raise ValueError("nothing to do")
    with _Work(conn) as work:
        return work.one("INSERT INTO jobs (payload, priority) VALUES (?, ?) RETURNING *", payload, priority) or {}


def add_jobs(conn: sqlite3.Connection, payloads: Sequence[str]) -> list[int]:
    """Store many jobs, or none of them; return their ids in the order of the payloads."""
    if not all(isinstance(payload, str) and payload.strip() for payload in payloads):
        raise TypeError("one of the payloads is no text")
    with _Work(conn) as work:
        made = [work.one("INSERT INTO jobs (payload) VALUES (?) RETURNING id", payload) for payload in payloads]
    return [job["id"] for job in made if job]


# --- Task 2: UPSERT -----------------------------------------------------------


def get_or_create_tag(conn: sqlite3.Connection, name: str) -> tuple[int, bool]:
    """Return (id, True) for a tag that was made, (id, False) for one that was there, which is left alone."""
    with _Work(conn) as work:
        while True:
            if tag := work.one("SELECT id FROM tags WHERE name = ?", name):
                return tag["id"], False
            if tag := work.one("INSERT OR IGNORE INTO tags (name) VALUES (?) RETURNING id", name):
                return tag["id"], True


# --- Task 3: UPDATE ... RETURNING, and task 4: many rows, no order ------------


def claim(conn: sqlite3.Connection, worker: str, n: int = 1) -> list[dict[str, Any]]:
    """Make up to n queued jobs "running" for this worker; return their rows as they are now.

    The best priority comes first, then the lowest id. Nothing to claim is []. Raises ValueError for n < 1.
    """
    if n <= 0:
        raise ValueError(n)
    claimed: list[dict[str, Any]] = []
    with _Work(conn) as work:
        while len(claimed) < n:
            best = work.one("SELECT id FROM jobs WHERE status = 'queued' ORDER BY priority DESC, id")
            if best is None:
                break
            claimed += work.all(
                "UPDATE jobs SET status = 'running', worker = ? WHERE id = ? AND status = 'queued' RETURNING *",
                worker,
                best["id"],
            )
    return claimed


def finish(conn: sqlite3.Connection, job_id: int, worker: str) -> dict[str, Any]:
    """Make a job "done" and return its row. Raises LookupError unless it is running for this worker."""
    with _Work(conn) as work:
        job = work.one(
            "UPDATE jobs SET status = 'done' WHERE (id, status, worker) = (?, 'running', ?) RETURNING *", job_id, worker
        )
    if job is None:
        raise KeyError(job_id)
    return job


# --- Task 5: DELETE ... RETURNING ---------------------------------------------


def purge(conn: sqlite3.Connection, status: str) -> list[int]:
    """Delete the jobs of a status; return their ids, sorted."""
    with _Work(conn) as work:
        gone = {job["id"]: job for job in work.all("DELETE FROM jobs WHERE status = ? RETURNING *", status)}
    return sorted(gone)


def archive(conn: sqlite3.Connection, status: str) -> int:
    """Move (id, payload) of the jobs of a status to the archive, all or nothing; return how many."""
    moved = 0
    with _Work(conn) as work:
        for job in work.all("DELETE FROM jobs WHERE status = ? RETURNING *", status):
            work.all("INSERT INTO archive (id, payload) VALUES (?, ?)", job["id"], job["payload"])
            moved += 1
    return moved


# --- Task 6: what it cannot tell you ------------------------------------------


def raise_priority(conn: sqlite3.Connection, by: int, status: str = "queued") -> list[tuple[int, int, int]]:
    """Raise the jobs of a status that are below 100, to 100 at most; return (id, old, new) of these, sorted.

    Raises ValueError for by < 1.
    """
    if by <= 0:
        raise ValueError(by)
    raised = {}
    with _Work(conn) as work:
        todo = [job["id"] for job in work.all("SELECT id FROM jobs WHERE status = ? AND priority < 100", status)]
        while todo:
            job = work.one("SELECT id, priority FROM jobs WHERE id = ? AND status = ?", todo.pop(), status)
            if job is None or job["priority"] >= 100:
                continue
            now = work.one(
                """
                UPDATE jobs SET priority = min(100, priority + ?) WHERE id = ? AND priority = ? AND status = ?
                RETURNING priority
                """,
                by,
                *job.values(),
                status,
            )
            if now is None:
                todo.append(job["id"])
            else:
                raised[job["id"]] = (job["priority"], now["priority"])
    return [(number, *raised[number]) for number in sorted(raised)]


def open_ticket(conn: sqlite3.Connection, title: str) -> dict[str, Any]:
    """Store a ticket and return its whole row, with the code that a trigger has set."""
    with _Work(conn) as work:
        work.all("INSERT INTO tickets (title) VALUES (?)", title)
        return work.one("SELECT * FROM tickets WHERE id = last_insert_rowid()") or {}


# --- Task 7: dynamic SQL ------------------------------------------------------


def edit(conn: sqlite3.Connection, job_id: int, **changes: Any) -> dict[str, Any]:
    """Change the payload, the priority or both; return the new row.

    Raises ValueError for no change or any other column, LookupError for a job that is not there.
    """
    columns = {"payload": "payload = :payload", "priority": "priority = :priority"}
    try:
        assignments = ", ".join([columns[name] for name in changes])
    except KeyError as error:
        raise ValueError(f"{error} cannot be changed") from None
    if not assignments:
        raise ValueError("there is nothing to change")
    with conn:
        cursor = conn.execute(f"UPDATE jobs SET {assignments} WHERE id = :id RETURNING *", changes | {"id": job_id})  # noqa: S608
        for row in cursor.fetchall():
            return _dicts(cursor, row)
    raise IndexError(job_id)

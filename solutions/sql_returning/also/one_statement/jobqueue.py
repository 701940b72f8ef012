"""Kata: SQL RETURNING. A job queue in SQLite, with not a moment between the writing and the knowing.

The tables, as test_sql_returning.py makes them:

    jobs     id, payload, priority (0), status ('queued'), worker (null)
    tags     id, name (unique)            a trigger notes every UPDATE
    archive  id, payload
    tickets  id, title, code              an AFTER INSERT trigger sets the code

`conn` is an ordinary sqlite3.Connection. Every function leaves its work committed, or nothing of it on an error.
Standard library only.

Another right answer that leaves to SQL what SQL can do: a common table expression chooses, one statement inserts many
rows, and old values are kept in a temporary table. A statement that begins with WITH opens no transaction in Python's
legacy mode, so here every transaction is opened by hand.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

JOB = ("id", "payload", "priority", "status", "worker")


@contextmanager
def _transaction(conn: sqlite3.Connection) -> Iterator[None]:
    with conn:
        if not conn.in_transaction:
            conn.execute("BEGIN")
        yield


def _valid(payload: Any) -> str:
    match payload:
        case str() if payload:
            return payload
    raise ValueError(payload)


def _as_job(row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(JOB, row, strict=True))


# --- Task 1: INSERT ... RETURNING ---------------------------------------------


def require_returning(version: tuple[int, ...] | None = None) -> None:
    """Raise RuntimeError, with "3.35" in its text, for an SQLite too old for RETURNING.

    Without a version: the SQLite that this Python uses.
    """
    if (sqlite3.sqlite_version_info if version is None else version) < (3, 35, 0):
        raise RuntimeError("RETURNING: 3.35.0")


def add_job(conn: sqlite3.Connection, payload: str, priority: int = 0) -> dict[str, Any]:
    """Store a job and return its whole row: what you gave, and what the database added.

    Raises ValueError for a payload that is not a str, or empty; then nothing is stored.
    """
    with _transaction(conn):
        cursor = conn.execute(
            "INSERT INTO jobs (payload, priority) SELECT ?1, ?2 RETURNING id, payload, priority, status, worker",
            (_valid(payload), priority),
        )
        return _as_job(*cursor.fetchall())


def add_jobs(conn: sqlite3.Connection, payloads: Sequence[str]) -> list[int]:
    """Store many jobs, or none of them; return their ids in the order of the payloads."""
    if not payloads:
        return []
    values = ", ".join(["(?)"] * len(payloads))
    with _transaction(conn):
        made = conn.execute(
            f"INSERT INTO jobs (payload) VALUES {values} RETURNING payload, id",  # noqa: S608
            [_valid(payload) for payload in payloads],
        ).fetchall()
    # The rows come in no promised order, so each payload takes an id of its own.
    ids: dict[str, list[int]] = {}
    for payload, number in sorted(made, reverse=True):
        ids.setdefault(payload, []).append(number)
    return [ids[payload].pop() for payload in payloads]


# --- Task 2: UPSERT -----------------------------------------------------------


def get_or_create_tag(conn: sqlite3.Connection, name: str) -> tuple[int, bool]:
    """Return (id, True) for a tag that was made, (id, False) for one that was there, which is left alone."""
    with _transaction(conn):
        made = conn.execute(
            "INSERT INTO tags (name) SELECT ? WHERE true ON CONFLICT DO NOTHING RETURNING id, true", (name,)
        ).fetchall()
        found = made or conn.execute("SELECT id, false FROM tags WHERE name = ?", (name,)).fetchall()
    return found[0][0], bool(found[0][1])


# --- Task 3: UPDATE ... RETURNING, and task 4: many rows, no order ------------


def claim(conn: sqlite3.Connection, worker: str, n: int = 1) -> list[dict[str, Any]]:
    """Make up to n queued jobs "running" for this worker; return their rows as they are now.

    The best priority comes first, then the lowest id. Nothing to claim is []. Raises ValueError for n < 1.
    """
    if not n > 0:
        raise ValueError("at least one")
    with _transaction(conn):
        rows = conn.execute(
            """
            WITH best AS (SELECT id FROM jobs WHERE status = 'queued' ORDER BY priority DESC, id LIMIT :n)
            UPDATE jobs SET status = 'running', worker = :worker FROM best WHERE jobs.id = best.id
            RETURNING -priority, id, payload, priority, status, worker
            """,
            {"n": n, "worker": worker},
        ).fetchall()
    return [_as_job(row[1:]) for row in sorted(rows)]


def finish(conn: sqlite3.Connection, job_id: int, worker: str) -> dict[str, Any]:
    """Make a job "done" and return its row. Raises LookupError unless it is running for this worker."""
    with _transaction(conn):
        rows = conn.execute(
            """
            UPDATE jobs SET status = replace(status, 'running', 'done')
            WHERE id = ? AND worker IS ? AND status = 'running'
            RETURNING id, payload, priority, status, worker
            """,
            (job_id, worker),
        ).fetchall()
    for row in rows:
        return _as_job(row)
    raise LookupError(job_id)


# --- Task 5: DELETE ... RETURNING ---------------------------------------------


def purge(conn: sqlite3.Connection, status: str) -> list[int]:
    """Delete the jobs of a status; return their ids, sorted."""
    with _transaction(conn):
        rows = conn.execute("DELETE FROM jobs WHERE status = :status RETURNING id", {"status": status}).fetchall()
    return sorted(number for (number,) in rows)


def archive(conn: sqlite3.Connection, status: str) -> int:
    """Move (id, payload) of the jobs of a status to the archive, all or nothing; return how many."""
    with _transaction(conn):
        conn.execute("INSERT INTO archive (id, payload) SELECT id, payload FROM jobs WHERE status = ?", (status,))
        rows = conn.execute("DELETE FROM jobs WHERE status = ? RETURNING 1", (status,)).fetchall()
    return sum(one for (one,) in rows)


# --- Task 6: what it cannot tell you ------------------------------------------


def raise_priority(conn: sqlite3.Connection, by: int, status: str = "queued") -> list[tuple[int, int, int]]:
    """Raise the jobs of a status that are below 100, to 100 at most; return (id, old, new) of these, sorted.

    Raises ValueError for by < 1.
    """
    if by < 1:
        raise ValueError(by)
    with _transaction(conn):
        conn.execute("DROP TABLE IF EXISTS temp.before")
        conn.execute("UPDATE jobs SET priority = priority WHERE false")
        conn.execute(
            "CREATE TEMP TABLE before AS SELECT id, priority FROM jobs WHERE status = ? AND priority < 100", (status,)
        )
        rows = conn.execute(
            """
            UPDATE jobs SET priority = min(priority + ?, 100) WHERE id IN (SELECT id FROM before)
            RETURNING id, (SELECT priority FROM before WHERE before.id = jobs.id), priority
            """,
            (by,),
        ).fetchall()
        conn.execute("DROP TABLE temp.before")
    return sorted(rows)


def open_ticket(conn: sqlite3.Connection, title: str) -> dict[str, Any]:
    """Store a ticket and return its whole row, with the code that a trigger has set."""
    with _transaction(conn):
        [(number,)] = conn.execute("INSERT INTO tickets (title) VALUES (?) RETURNING id", (title,)).fetchall()
    [(title, code)] = conn.execute("SELECT title, code FROM tickets WHERE id = ?", (number,)).fetchall()
    return {"id": number, "title": title, "code": code}


# --- Task 7: dynamic SQL ------------------------------------------------------


def edit(conn: sqlite3.Connection, job_id: int, **changes: Any) -> dict[str, Any]:
    """Change the payload, the priority or both; return the new row.

    Raises ValueError for no change or any other column, LookupError for a job that is not there.
    """
    match changes:
        case {"payload": payload, "priority": priority, **rest} if not rest:
            new = {"payload": payload, "priority": priority}
        case {"payload": payload, **rest} if not rest:
            new = {"payload": payload}
        case {"priority": priority, **rest} if not rest:
            new = {"priority": priority}
        case _:
            raise ValueError(sorted(changes))
    both = {"id": job_id, "payload": None, "priority": None} | new
    with _transaction(conn):
        rows = conn.execute(
            """
            UPDATE jobs SET payload = coalesce(:payload, payload), priority = coalesce(:priority, priority)
            WHERE id = :id RETURNING id, payload, priority, status, worker
            """,
            both,
        ).fetchall()
    if not rows:
        raise LookupError(job_id)
    return _as_job(rows[0])

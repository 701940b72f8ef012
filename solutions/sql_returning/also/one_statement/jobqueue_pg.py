"""Kata: SQL RETURNING. Four statements of the same queue, for PostgreSQL.

Each is one statement, as text. psycopg puts the parameters in where their names stand: %(n)s, %(worker)s, ...
"""

# --- Task 8: PostgreSQL -------------------------------------------------------

#: Parameters n, worker; gives rows (id, payload, priority), the best priority first, then the lowest id.
CLAIM = """
WITH best AS (
    SELECT id FROM jobs WHERE status = 'queued' ORDER BY priority DESC, id LIMIT %(n)s FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE jobs SET status = 'running', worker = %(worker)s WHERE id IN (SELECT id FROM best)
    RETURNING id, payload, priority
)
SELECT claimed.* FROM claimed ORDER BY claimed.priority DESC, claimed.id ASC
"""

#: Parameter by; gives rows (id, old, new) of the queued jobs it has raised.
RAISE = """
WITH raised AS (
    UPDATE jobs SET priority = CASE WHEN priority + %(by)s > 100 THEN 100 ELSE priority + %(by)s END
    WHERE status = 'queued' AND NOT priority >= 100
    RETURNING id, old.priority AS old, new.priority AS new
)
SELECT * FROM raised ORDER BY id
"""

#: Parameter name; gives one row (id, inserted, uses).
TAG = """
INSERT INTO tags (name) VALUES (%(name)s)
ON CONFLICT (name) DO UPDATE SET uses = tags.uses + excluded.uses
RETURNING id, old IS NULL, uses
"""

#: Parameter status; gives rows (id) of the jobs it has moved to the archive.
ARCHIVE = """
WITH gone AS (DELETE FROM jobs WHERE status = %(status)s RETURNING id, payload)
INSERT INTO archive (id, payload) TABLE gone RETURNING archive.id
"""

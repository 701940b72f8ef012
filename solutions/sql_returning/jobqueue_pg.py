"""Kata: SQL RETURNING. Four statements of the same queue, for PostgreSQL.

Each is one statement, as text. psycopg puts the parameters in where their names stand: %(n)s, %(worker)s, ...
"""

# --- Task 8: PostgreSQL -------------------------------------------------------

#: Parameters n, worker; gives rows (id, payload, priority), the best priority first, then the lowest id.
CLAIM = """
WITH claimed AS (
    UPDATE jobs SET status = 'running', worker = %(worker)s
    WHERE id IN (
        SELECT id FROM jobs WHERE status = 'queued'
        ORDER BY priority DESC, id LIMIT %(n)s
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, payload, priority
)
SELECT id, payload, priority FROM claimed ORDER BY priority DESC, id
"""

#: Parameter by; gives rows (id, old, new) of the queued jobs it has raised.
RAISE = """
UPDATE jobs SET priority = LEAST(priority + %(by)s, 100)
WHERE status = 'queued' AND priority < 100
RETURNING id, old.priority, new.priority
"""

#: Parameter name; gives one row (id, inserted, uses).
TAG = """
INSERT INTO tags (name) VALUES (%(name)s)
ON CONFLICT (name) DO UPDATE SET uses = tags.uses + 1
RETURNING id, old.id IS NULL AS inserted, uses
"""

#: Parameter status; gives rows (id) of the jobs it has moved to the archive.
ARCHIVE = """
WITH gone AS (DELETE FROM jobs WHERE status = %(status)s RETURNING id, payload)
INSERT INTO archive (id, payload) SELECT id, payload FROM gone
RETURNING id
"""

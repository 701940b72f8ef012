"""Kata: SQL RETURNING. Four statements of the same queue, for PostgreSQL.

Each is one statement, as text. psycopg puts the parameters in where their names stand: %(n)s, %(worker)s, ...
"""

# --- Task 8: PostgreSQL -------------------------------------------------------

#: Parameters n, worker; gives rows (id, payload, priority), the best priority first, then the lowest id.
CLAIM = """
WITH claimed AS (
    UPDATE jobs AS j SET status = 'running', worker = %(worker)s
    WHERE j.id = ANY (ARRAY(
        SELECT q.id FROM jobs AS q WHERE q.status = 'queued'
        ORDER BY q.priority DESC, q.id FOR NO KEY UPDATE SKIP LOCKED LIMIT %(n)s
    ))
    RETURNING j.*
)
SELECT id, payload, priority FROM claimed ORDER BY priority DESC, id
"""

#: Parameter by; gives rows (id, old, new) of the queued jobs it has raised.
RAISE = """
UPDATE jobs SET priority = LEAST(priority + %(by)s, 100)
WHERE status = 'queued' AND priority < 100
RETURNING WITH (OLD AS before, NEW AS after) id, before.priority, after.priority
"""

#: Parameter name; gives one row (id, inserted, uses).
TAG = """
INSERT INTO tags (name, uses) VALUES (%(name)s, 1)
ON CONFLICT ON CONSTRAINT tags_name_key DO UPDATE SET uses = tags.uses + 1
RETURNING WITH (OLD AS before) id, (before.uses IS NULL), uses
"""

#: Parameter status; gives rows (id) of the jobs it has moved to the archive.
ARCHIVE = """
WITH gone AS (DELETE FROM jobs WHERE status = %(status)s RETURNING *),
     kept AS (INSERT INTO archive SELECT id, payload FROM gone)
SELECT id FROM gone ORDER BY id
"""

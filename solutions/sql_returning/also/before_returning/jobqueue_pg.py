"""Kata: SQL RETURNING. Four statements of the same queue, for PostgreSQL.

Each is one statement, as text. psycopg puts the parameters in where their names stand: %(n)s, %(worker)s, ...
"""

# --- Task 8: PostgreSQL -------------------------------------------------------

#: Parameters n, worker; gives rows (id, payload, priority), the best priority first, then the lowest id.
CLAIM = """
WITH picked AS MATERIALIZED (
    SELECT id FROM jobs WHERE status = 'queued' ORDER BY priority DESC, id LIMIT %(n)s FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE jobs SET status = 'running', worker = %(worker)s FROM picked WHERE jobs.id = picked.id
    RETURNING jobs.id, payload, priority
)
TABLE claimed ORDER BY priority DESC, id
"""

#: Parameter by; gives rows (id, old, new) of the queued jobs it has raised.
RAISE = """
WITH before AS (
    SELECT id, priority FROM jobs WHERE status = 'queued' AND priority < 100 FOR UPDATE
)
UPDATE jobs SET priority = LEAST(jobs.priority + %(by)s, 100) FROM before WHERE jobs.id = before.id
RETURNING jobs.id, before.priority AS old, jobs.priority AS new
"""

#: Parameter name; gives one row (id, inserted, uses).
TAG = """
INSERT INTO tags AS t (name) VALUES (%(name)s)
ON CONFLICT (name) DO UPDATE SET uses = t.uses + 1
RETURNING t.id, t.xmax = 0 AS inserted, t.uses
"""

#: Parameter status; gives rows (id) of the jobs it has moved to the archive.
ARCHIVE = """
WITH gone AS (DELETE FROM jobs AS j WHERE j.status = %(status)s RETURNING j.*)
INSERT INTO archive AS a (id, payload) SELECT gone.id, gone.payload FROM gone ORDER BY gone.id RETURNING a.id
"""

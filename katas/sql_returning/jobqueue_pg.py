"""Kata: SQL RETURNING. Four statements of the same queue, for PostgreSQL.

Each is one statement, as text. psycopg puts the parameters in where their names stand: %(n)s, %(worker)s, ...
"""

# --- Task 8: PostgreSQL -------------------------------------------------------

#: Parameters n, worker; gives rows (id, payload, priority), the best priority first, then the lowest id.
CLAIM = ""

#: Parameter by; gives rows (id, old, new) of the queued jobs it has raised.
RAISE = ""

#: Parameter name; gives one row (id, inserted, uses).
TAG = ""

#: Parameter status; gives rows (id) of the jobs it has moved to the archive.
ARCHIVE = ""

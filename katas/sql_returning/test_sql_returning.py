"""Kata: SQL RETURNING. The README tells the story; these tests are the contract of tasks 1 to 7, on SQLite."""

import sqlite3
from contextlib import closing

import pytest

from .asking import ask, assert_equal, assert_raises, assert_returns, assert_stored, meanwhile, rows, shown
from .jobqueue import (
    add_job,
    add_jobs,
    archive,
    claim,
    edit,
    finish,
    get_or_create_tag,
    open_ticket,
    purge,
    raise_priority,
    require_returning,
)

SCHEMA = """
BEGIN;
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    payload TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'queued',
    worker TEXT
);
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE tag_updates (name TEXT NOT NULL);
CREATE TRIGGER tags_touched AFTER UPDATE ON tags BEGIN
    INSERT INTO tag_updates (name) VALUES (new.name);
END;
CREATE TABLE archive (id INTEGER PRIMARY KEY, payload TEXT NOT NULL);
CREATE TABLE tickets (id INTEGER PRIMARY KEY, title TEXT NOT NULL, code TEXT);
CREATE TRIGGER tickets_coded AFTER INSERT ON tickets BEGIN
    UPDATE tickets SET code = printf('T-%04d', new.id) WHERE id = new.id;
END;
COMMIT;
"""

JOBS = "SELECT id, payload, priority, status, worker FROM jobs ORDER BY id"
STATES = "SELECT id, status, worker FROM jobs ORDER BY id"
PRIORITIES = "SELECT id, priority FROM jobs ORDER BY id"
NAMES = "SELECT id, payload FROM jobs ORDER BY id"
PAYLOADS = "SELECT payload FROM jobs ORDER BY payload"
ARCHIVE = "SELECT id, payload FROM archive ORDER BY id"


@pytest.fixture
def conn(tmp_path):
    """The connection that is handed to your functions, to a database in a file."""
    with closing(connected(tmp_path)) as connection:
        connection.executescript(SCHEMA)
        # No order is promised where nobody asks for one; so here it is the other way round.
        connection.execute("PRAGMA reverse_unordered_selects = ON")
        yield connection


@pytest.fixture
def other(conn, tmp_path):
    """Somebody else's connection: it sees what is committed, and never waits."""
    with closing(connected(tmp_path)) as connection:
        yield connection


def connected(tmp_path):
    """Connect to the file of this test. Nobody waits: neither a connection for a lock, nor the tests for the disk."""
    connection = sqlite3.connect(tmp_path / "jobs.db", timeout=0)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = MEMORY")
    return connection


def given(other, *jobs):
    """Store jobs before the test begins: payload, priority and, where it matters, status and worker."""
    with other:
        for one in jobs:
            values = (*one, *("queued", None)[len(one) - 2 :])
            other.execute("INSERT INTO jobs (payload, priority, status, worker) VALUES (?, ?, ?, ?)", values)


def job(number, payload, priority=0, status="queued", worker=None):
    """A row of jobs, as your functions return it."""
    return {"id": number, "payload": payload, "priority": priority, "status": status, "worker": worker}


# --- Task 1: INSERT ... RETURNING ---------------------------------------------


@pytest.mark.task(taskno=1)
def test_an_sqlite_before_3_35_is_refused():
    """RETURNING came with 3.35.0. As a text, "3.8" is later than "3.35"; as a version it is not."""
    for version in ((3, 34, 1), (3, 8, 11), (2, 99, 0)):
        error = assert_raises(RuntimeError, require_returning, version)
        asked = f'"3.35" in the message of require_returning({version})\n  expected: True'
        assert_equal(True, "3.35" in str(error), asked)


@pytest.mark.task(taskno=1)
def test_an_sqlite_from_3_35_on_will_do():
    """And so will the one of this Python, which is meant if no version is given."""
    for version in ((3, 35, 0), (3, 100, 0), (4, 0, 0)):
        assert_returns(None, require_returning, version)
    assert_returns(None, require_returning)


@pytest.mark.task(taskno=1)
def test_a_job_comes_back_as_a_whole_row(conn, other):
    """What the database added is in it: the id and the defaults."""
    assert_returns(job(1, "mail"), add_job, conn, "mail")
    assert_stored([(1, "mail", 0, "queued", None)], other, JOBS)


@pytest.mark.task(taskno=1)
def test_each_job_comes_back_as_its_own_row(conn, other):
    """Not the first one, not the last one: the one that was stored now."""
    given(other, ("mail", 7), ("scan", 7))
    assert_returns(job(3, "mail", 5), add_job, conn, "mail", 5)
    assert_returns(job(4, "mail", -1), add_job, conn, "mail", -1)
    assert_stored([(1, 7), (2, 7), (3, 5), (4, -1)], other, PRIORITIES)


@pytest.mark.task(taskno=1)
def test_a_payload_is_a_text_that_says_something(conn, other):
    """The column would take 5, and make "5" of it."""
    for payload in ("", None, 5, b"mail", ["mail"]):
        assert_raises(ValueError, add_job, conn, payload)
        assert_stored([], other, JOBS)


@pytest.mark.task(taskno=1)
def test_a_payload_is_data(conn, other):
    """Whatever it looks like."""
    for number, payload in enumerate(("it's", "x', 9); --", "? :name {}"), start=1):
        assert_returns(job(number, payload), add_job, conn, payload)
    assert_stored([(1, "it's"), (2, "x', 9); --"), (3, "? :name {}")], other, NAMES)


@pytest.mark.task(taskno=1)
def test_many_jobs_give_their_ids_in_the_order_of_the_payloads(conn, other):
    """Two equal payloads are two jobs."""
    given(other, ("scan", 0))
    payloads = ["mail", "it's", "mail", "bill"]
    ids = ask(add_jobs, conn, payloads)
    assert_equal([2, 3, 4, 5], sorted(ids), f"sorted(add_jobs(conn, {payloads}))\n  expected: [2, 3, 4, 5]")
    stored = dict(rows(other, "SELECT id, payload FROM jobs WHERE priority = 0 AND status = 'queued'"))
    of_the_ids = [stored.get(number) for number in ids]
    assert_equal(payloads, of_the_ids, f"the payloads of the ids {ids}\n  expected: {payloads}")
    assert_stored([("bill",), ("it's",), ("mail",), ("mail",), ("scan",)], other, PAYLOADS)


@pytest.mark.task(taskno=1)
def test_the_ids_are_those_of_your_jobs(conn, other):
    """The rival stores a job in the last moment before your first INSERT; theirs has the number that was next."""
    meanwhile(conn, other, ("INSERT",), "INSERT INTO jobs (payload) VALUES ('theirs')")
    payloads = ["mail", "scan"]
    ids = ask(add_jobs, conn, payloads)
    stored = dict(rows(other, NAMES))
    asked = f"the payloads of the ids {ids}\n  of add_jobs(conn, {payloads}), while a rival stores a job"
    assert_equal(payloads, [stored.get(number) for number in ids], f"{asked}\n  expected: {payloads}")


@pytest.mark.task(taskno=1)
def test_no_jobs_give_no_ids(conn, other):
    """And VALUES with nothing after it is no SQL."""
    assert_returns([], add_jobs, conn, [])
    assert_stored([], other, JOBS)


@pytest.mark.task(taskno=1)
def test_one_bad_payload_and_none_is_stored(conn, other):
    """All or nothing: the good ones before it are not in the table either. Any exception will do."""
    for bad in ("", None, 5):
        assert_raises(Exception, add_jobs, conn, ["mail", bad, "scan"])
        conn.commit()
        assert_stored([], other, JOBS)


@pytest.mark.task(taskno=1)
def test_one_that_the_database_refuses_and_none_is_stored(conn, other):
    """You cannot foresee what it refuses. What was begun is undone, and not left open for the next commit."""
    refuse(conn, "INSERT ON jobs WHEN new.payload = 'scan'")
    for function, payload in ((add_jobs, ["mail", "scan", "copy"]), (add_job, "scan")):
        assert_raises(Exception, function, conn, payload)
        assert_stored([], other, JOBS)
        conn.commit()
        assert_stored([], other, JOBS)


def refuse(conn, what):
    """Make the database refuse something, as a rule in a trigger would."""
    conn.execute(f"CREATE TRIGGER refused BEFORE {what} BEGIN SELECT RAISE(ABORT, 'refused'); END")


# --- Task 2: UPSERT -----------------------------------------------------------

TAGS = "SELECT id, name FROM tags ORDER BY id"


def given_tags(other, *names):
    """Store tags before the test begins."""
    with other:
        other.executemany("INSERT INTO tags (name) VALUES (?)", [(name,) for name in names])


@pytest.mark.task(taskno=2)
def test_a_new_tag_is_made_and_then_it_is_there(conn, other):
    """The id is that of the tag, not that of the last INSERT on this connection."""
    assert_returns((1, True), get_or_create_tag, conn, "home")
    assert_returns((2, True), get_or_create_tag, conn, "it's")
    assert_returns((1, False), get_or_create_tag, conn, "home")
    assert_stored([(1, "home"), (2, "it's")], other, TAGS)


@pytest.mark.task(taskno=2)
def test_tags_that_look_alike_are_not_the_same(conn, other):
    """To LIKE, a_b is axb as well as ayb, and home is Home."""
    names = ["axb", "a_b", "ayb", "home", "Home"]
    given_tags(other, *names)
    for number, name in enumerate(names, start=1):
        assert_returns((number, False), get_or_create_tag, conn, name)
    assert_returns((6, True), get_or_create_tag, conn, "A_B")


@pytest.mark.task(taskno=2)
def test_a_tag_that_is_there_keeps_its_id(conn, other):
    """Asked for as often as you like; and other tables refer to it by this id."""
    given_tags(other, "home", "work")
    for _ in range(2):
        assert_returns((1, False), get_or_create_tag, conn, "home")
        assert_returns((2, False), get_or_create_tag, conn, "work")
    assert_stored([(1, "home"), (2, "work")], other, TAGS)


@pytest.mark.task(taskno=2)
def test_a_tag_that_is_there_is_not_rewritten(conn, other):
    """Every UPDATE fires the triggers, even one that changes nothing; here they write into a table."""
    given_tags(other, "home")
    assert_returns((1, False), get_or_create_tag, conn, "home")
    assert_stored([], other, "SELECT name FROM tag_updates")


@pytest.mark.task(taskno=2)
def test_a_tag_that_somebody_else_makes_at_the_same_moment(conn, other):
    """Between looking and writing there is time enough for that. Then it was there, and is no error."""
    came = meanwhile(conn, other, ("INSERT", "REPLACE"), "INSERT INTO tags (id, name) VALUES (7, 'home')")
    try:
        tag = ask(get_or_create_tag, conn, "home")
    except sqlite3.IntegrityError as error:
        tag = error
    expected = (7, False) if any(came) else (1, True)
    assert_equal(expected, tag, f"get_or_create_tag(conn, 'home'), while a rival makes it\n  expected: {expected}")
    assert_stored([(expected[0], "home")], other, TAGS)


# --- Task 3: UPDATE ... RETURNING ---------------------------------------------


@pytest.mark.task(taskno=3)
def test_the_job_of_the_best_priority_is_claimed(conn, other):
    """100 is better than 20; and 100 is the later text, but not the smaller number."""
    given(other, ("mail", -5), ("scan", 20), ("copy", 100), ("bill", 0))
    assert_returns([job(3, "copy", 100, "running", "ada")], claim, conn, "ada")
    states = [(1, "queued", None), (2, "queued", None), (3, "running", "ada"), (4, "queued", None)]
    assert_stored(states, other, STATES)


@pytest.mark.task(taskno=3)
def test_the_first_of_equals_is_claimed(conn, other):
    """First in, first out: the lowest id. An index that somebody has made does not change who is first."""
    other.execute("CREATE INDEX by_priority ON jobs (status, priority DESC, id DESC)")
    given(other, ("mail", 0), ("scan", 5), ("copy", 5), ("bill", 5))
    assert_returns([job(2, "scan", 5, "running", "ada")], claim, conn, "ada")
    assert_stored([(1, "queued"), (2, "running"), (3, "queued"), (4, "queued")], other, STATES.replace(", worker", ""))


@pytest.mark.task(taskno=3)
def test_only_queued_jobs_are_claimed(conn, other):
    """Until there are none; then the answer is an empty list, and not what you have claimed before."""
    given(other, ("mail", 9, "running", "it's"), ("scan", 8, "done", "it's"), ("copy", 1), ("bill", 7, "failed"))
    assert_returns([job(3, "copy", 1, "running", "it's")], claim, conn, "it's")
    assert_returns([], claim, conn, "it's")
    states = [(1, "running", "it's"), (2, "done", "it's"), (3, "running", "it's"), (4, "failed", None)]
    assert_stored(states, other, STATES)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize("left", [1, 0], ids=["one-job-is-left", "none-is-left"])
def test_two_workers_never_get_the_same_job(conn, other, left):
    """The rival claims job 1 in the last moment before your UPDATE. It is theirs; whoever comes second looks again."""
    given(other, ("mail", 5), *[("scan", 0)] * left)
    came = meanwhile(
        conn,
        other,
        ("UPDATE",),
        "UPDATE jobs SET status = 'running', worker = 'eve' WHERE id = 1 AND status = 'queued'",
    )
    claimed = [one["id"] for one in ask(claim, conn, "ada")]
    expected = [1] if not any(came) else [2] * left
    asked = f"the ids of claim(conn, 'ada'), while a rival claims job 1\n  expected: {expected}"
    assert_equal(expected, claimed, asked)
    owner = "eve" if any(came) else "ada"
    assert_stored([(owner,)], other, "SELECT worker FROM jobs WHERE id = 1")


# --- Task 4: many rows, no order ----------------------------------------------

QUEUE = (("mail", 1), ("scan", 20), ("copy", 3), ("bill", 20), ("call", 100))


@pytest.mark.task(taskno=4, guard=True)
@pytest.mark.parametrize(("n", "ids"), [(3, [5, 2, 4]), (9, [5, 2, 4, 3, 1])], ids=["three", "all"])
def test_many_are_claimed_in_order(conn, other, n, ids):
    """The rows come back in an order that nobody promised: yours is the best priority first, then the lowest id."""
    given(other, *QUEUE)
    expected = [job(number, *QUEUE[number - 1], "running", "ada") for number in ids]
    assert_returns(expected, claim, conn, "ada", n)
    running = "SELECT id FROM jobs WHERE status = 'running' AND worker = 'ada' ORDER BY priority DESC, id"
    assert_stored([(number,) for number in ids], other, running)


@pytest.mark.task(taskno=4, guard=True)
def test_one_that_the_database_refuses_and_none_is_claimed(conn, other):
    """The third of them is refused. What was begun is undone, and not left open. Any exception will do."""
    refuse(conn, "UPDATE ON jobs WHEN old.id = 4")
    given(other, *QUEUE)
    assert_raises(Exception, claim, conn, "ada", 9)
    assert_stored([("queued", 5)], other, "SELECT status, count(*) FROM jobs GROUP BY status")


@pytest.mark.task(taskno=4, guard=True)
def test_nobody_claims_less_than_one(conn, other):
    """LIMIT -1 means all of them."""
    given(other, *QUEUE)
    for n in (0, -1):
        assert_raises(ValueError, claim, conn, "ada", n)
    assert_stored([("queued", 5)], other, "SELECT status, count(*) FROM jobs GROUP BY status")


@pytest.mark.task(taskno=4, guard=True)
def test_many_are_claimed_and_none_twice(conn, other):
    """The rival takes the best of them in the last moment."""
    given(other, *QUEUE)
    rival = "UPDATE jobs SET status = 'running', worker = 'eve' WHERE id = 5 AND status = 'queued'"
    came = meanwhile(conn, other, ("UPDATE",), rival)
    claimed = [one["id"] for one in ask(claim, conn, "ada", 2)]
    expected = [2, 4] if any(came) else [5, 2]
    asked = f"the ids of claim(conn, 'ada', 2), while a rival claims job 5\n  expected: {expected}"
    assert_equal(expected, claimed, asked)
    assert_stored([(number,) for number in sorted(expected)], other, "SELECT id FROM jobs WHERE worker = 'ada'")


@pytest.mark.task(taskno=4)
def test_its_worker_finishes_a_job(conn, other):
    """The rest of the row stays as it is, and so do the other jobs."""
    given(other, ("mail", 5, "running", "ada"), ("scan", 0, "running", "ada"))
    assert_returns(job(1, "mail", 5, "done", "ada"), finish, conn, 1, "ada")
    assert_stored([(1, "done", "ada"), (2, "running", "ada")], other, STATES)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    ("number", "worker"),
    [
        pytest.param(2, "ada", id="another-runs-it"),
        pytest.param(2, "x' OR 'x' = 'x", id="sql-for-a-worker"),
        pytest.param(3, "ada", id="it-is-done"),
        pytest.param(5, "ada", id="it-has-failed"),
        pytest.param(9, "ada", id="there-is-none"),
    ],
)
def test_nobody_else_finishes_a_job(conn, other, number, worker):
    """No row came back, so no row was changed; a caller who is not told believes that it was."""
    mine = [("copy", 0, "done", "ada"), ("bill", 0, "queued", "ada"), ("call", 0, "failed", "ada")]
    given(other, ("mail", 0), ("scan", 0, "running", "eve"), *mine)
    assert_raises(LookupError, finish, conn, number, worker)
    states = [(1, "queued", None), (2, "running", "eve"), (3, "done", "ada"), (4, "queued", "ada")]
    assert_stored([*states, (5, "failed", "ada")], other, STATES)


@pytest.mark.task(taskno=4)
def test_a_job_that_is_taken_away_while_you_finish_it(conn, other):
    """In the last moment before your UPDATE it is given to somebody else; then it is theirs."""
    given(other, ("mail", 0, "running", "ada"))
    came = meanwhile(conn, other, ("UPDATE",), "UPDATE jobs SET worker = 'eve' WHERE id = 1")
    try:
        finished = ask(finish, conn, 1, "ada")
    except LookupError:
        finished = LookupError
    expected = LookupError if any(came) else job(1, "mail", 0, "done", "ada")
    asked = f"finish(conn, 1, 'ada'), while a rival takes it\n  expected: {shown(expected)}"
    assert_equal(expected, finished, asked)
    assert_stored([(1, "running", "eve") if any(came) else (1, "done", "ada")], other, STATES)


# --- Task 5: DELETE ... RETURNING ---------------------------------------------

DONE = (("mail", 1, "done"), ("scan", 0), ("copy", 3, "done"), ("bill", 2, "done"), ("call", 9, "failed"))


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(("status", "ids"), [("done", [1, 3, 4]), ("x' OR 'x' = 'x", [])], ids=["done", "none"])
def test_purging_tells_what_was_deleted(conn, other, status, ids):
    """In an order that you make, since nobody else promises one. And a status is data, or the whole table is gone."""
    given(other, *DONE)
    assert_returns(ids, purge, conn, status)
    assert_stored([(number,) for number in range(1, 6) if number not in ids], other, "SELECT id FROM jobs ORDER BY id")


@pytest.mark.task(taskno=5)
def test_a_job_that_comes_while_you_purge(conn, other):
    """It is done in the last moment before you write: what is deleted is in the answer, and the rest is there."""
    given(other, *DONE)
    meanwhile(conn, other, ("DELETE",), "UPDATE jobs SET status = 'done' WHERE id = 2")
    purged = ask(purge, conn, "done")
    left = [number for (number,) in rows(other, "SELECT id FROM jobs ORDER BY id")]
    gone = [number for number in range(1, 6) if number not in left]
    assert_equal(gone, purged, f"purge(conn, 'done'), while job 2 becomes done\n  expected: what is deleted, {gone}")


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    ("status", "moved"),
    [("done", [(1, "mail"), (3, "copy"), (4, "bill")]), ("x' OR 'x' = 'x", [])],
    ids=["three", "none"],
)
def test_jobs_move_to_the_archive(conn, other, status, moved):
    """Id and payload arrive; the jobs are gone; the answer is how many. What is there already stays."""
    with other:
        other.execute("INSERT INTO archive (id, payload) VALUES (99, 'old')")
    given(other, *DONE)
    assert_returns(len(moved), archive, conn, status)
    assert_stored([*moved, (99, "old")], other, ARCHIVE)
    left = [(number,) for number in range(1, 6) if number not in dict(moved)]
    assert_stored(left, other, "SELECT id FROM jobs ORDER BY id")


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("where", ["archive", "jobs"])
def test_an_archive_that_fails_loses_nothing(conn, other, where):
    """The first and the second job are moved, the third is refused; so none has moved. Any exception will do."""
    refuse(conn, "INSERT ON archive WHEN new.id = 4" if where == "archive" else "DELETE ON jobs WHEN old.id = 4")
    given(other, *DONE)
    assert_raises(Exception, archive, conn, "done")
    assert_stored([], other, ARCHIVE)
    conn.commit()
    assert_stored([], other, ARCHIVE)
    assert_stored([(number,) for number in range(1, 6)], other, "SELECT id FROM jobs ORDER BY id")


@pytest.mark.task(taskno=5)
def test_a_job_that_comes_while_you_archive_is_not_lost(conn, other):
    """It is done in the last moment before you write: it is moved, or it stays, but it is somewhere."""
    given(other, *DONE)
    meanwhile(conn, other, ("INSERT", "DELETE"), "UPDATE jobs SET status = 'done' WHERE id = 2")
    moved = ask(archive, conn, "done")
    everywhere = "SELECT id FROM jobs UNION ALL SELECT id FROM archive ORDER BY id"
    assert_stored([(number,) for number in range(1, 6)], other, everywhere)
    assert_stored([(moved,)], other, "SELECT count(*) FROM archive")


# --- Task 6: what it cannot tell you ------------------------------------------

LADDER = (("mail", 10), ("scan", 95), ("copy", 99), ("bill", 100), ("call", 150), ("wait", 5, "done"))


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    ("by", "raised"),
    [
        (10, [(1, 10, 20), (2, 95, 100), (3, 99, 100)]),
        (1000, [(1, 10, 100), (2, 95, 100), (3, 99, 100)]),
    ],
)
def test_old_and_new_priorities(conn, other, by, raised):
    """Below the cap, at the cap and beyond it. What is 100 and more is left alone, and is not in the answer."""
    given(other, *LADDER)
    assert_returns(raised, raise_priority, conn, by)
    new = {number: priority for number, _, priority in raised}
    assert_stored([*sorted(new.items()), (4, 100), (5, 150), (6, 5)], other, PRIORITIES)


@pytest.mark.task(taskno=6)
def test_the_priorities_of_another_status(conn, other):
    """The other jobs stay as they are; no job at all is an empty list."""
    given(other, *LADDER)
    assert_returns([], raise_priority, conn, 5, "x' OR 'x' = 'x")
    assert_returns([(6, 5, 6)], raise_priority, conn, 1, "done")
    assert_stored([(1, 10), (2, 95), (3, 99), (4, 100), (5, 150), (6, 6)], other, PRIORITIES)


@pytest.mark.task(taskno=6)
def test_a_priority_is_raised_by_one_at_least(conn, other):
    """Anything else is a mistake of the caller."""
    given(other, *LADDER)
    for by in (0, -10):
        assert_raises(ValueError, raise_priority, conn, by)
    assert_stored([(1, 10), (2, 95), (3, 99), (4, 100), (5, 150), (6, 5)], other, PRIORITIES)


@pytest.mark.task(taskno=6)
def test_the_old_priority_is_the_one_that_was_raised(conn, other):
    """Not the one you read before somebody else changed it; and their change is not overwritten."""
    given(other, ("mail", 10), ("scan", 20))
    came = meanwhile(conn, other, ("UPDATE",), "UPDATE jobs SET priority = 50 WHERE id = 1")
    raised = ask(raise_priority, conn, 5)
    expected = [(1, 50, 55) if any(came) else (1, 10, 15), (2, 20, 25)]
    asked = f"raise_priority(conn, 5), while a rival makes job 1 a 50\n  expected: {expected}"
    assert_equal(expected, raised, asked)
    assert_stored([(number, new) for number, _, new in expected], other, PRIORITIES)


@pytest.mark.task(taskno=6)
def test_a_job_that_is_done_while_you_raise(conn, other):
    """It was queued when you looked, and is not when you write: then it is none of the jobs that are raised."""
    given(other, ("mail", 10), ("scan", 20))
    came = meanwhile(conn, other, ("UPDATE",), "UPDATE jobs SET status = 'done' WHERE id = 1")
    raised = ask(raise_priority, conn, 5)
    expected = [*[(1, 10, 15)] * (not any(came)), (2, 20, 25)]
    assert_equal(expected, raised, f"raise_priority(conn, 5), while job 1 becomes done\n  expected: {expected}")
    assert_stored([(1, 10 if any(came) else 15), (2, 25)], other, PRIORITIES)


@pytest.mark.task(taskno=6)
def test_one_that_the_database_refuses_and_none_is_raised(conn, other):
    """All or nothing here, too, and nothing left open. Any exception will do."""
    refuse(conn, "UPDATE ON jobs WHEN old.id = 2")
    given(other, *LADDER)
    assert_raises(Exception, raise_priority, conn, 5)
    assert_stored([(1, 10), (2, 95), (3, 99), (4, 100), (5, 150), (6, 5)], other, PRIORITIES)


@pytest.mark.task(taskno=6)
def test_a_ticket_comes_back_with_its_code(conn, other):
    """An AFTER trigger sets it, after RETURNING has been computed."""
    assert_returns({"id": 1, "title": "it's hot", "code": "T-0001"}, open_ticket, conn, "it's hot")
    assert_returns({"id": 2, "title": "it's hot", "code": "T-0002"}, open_ticket, conn, "it's hot")
    assert_stored([(1, "T-0001"), (2, "T-0002")], other, "SELECT id, code FROM tickets ORDER BY id")


@pytest.mark.task(taskno=6)
def test_the_code_is_the_triggers_business(conn, other):
    """Somebody has changed the trigger, and your function need not know."""
    conn.executescript("""
        DROP TRIGGER tickets_coded;
        CREATE TRIGGER tickets_coded AFTER INSERT ON tickets BEGIN
            UPDATE tickets SET code = 'HELP-' || (new.id * 7), title = upper(title) WHERE id = new.id;
        END;
    """)
    assert_returns({"id": 1, "title": "TOO HOT", "code": "HELP-7"}, open_ticket, conn, "too hot")
    assert_stored([(1, "HELP-7")], other, "SELECT id, code FROM tickets")


# --- Task 7: dynamic SQL ------------------------------------------------------

TWO = (("mail", 5), ("scan", 0, "running", "ada"))
AS_GIVEN = [(1, "mail", 5, "queued", None), (2, "scan", 0, "running", "ada")]


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    "changes",
    [
        {"payload": "copy"},
        {"priority": 9},
        {"priority": 9, "payload": "copy"},
    ],
    ids=["payload", "priority", "both"],
)
def test_what_is_named_is_changed(conn, other, changes):
    """And nothing else, in this row or in another one."""
    given(other, *TWO)
    expected = job(2, "scan", 0, "running", "ada") | changes
    assert_returns(expected, edit, conn, 2, **changes)
    assert_stored([AS_GIVEN[0], tuple(expected.values())], other, JOBS)


@pytest.mark.task(taskno=7)
def test_a_value_is_data(conn, other):
    """Quoting it yourself is not enough; do not begin."""
    given(other, *TWO)
    for payload in ("x', status = 'done", 'x", status = "done', "? :name {}"):
        assert_returns(job(1, payload, 5), edit, conn, 1, payload=payload)
        assert_stored([(1, payload, 5, "queued", None), AS_GIVEN[1]], other, JOBS)


@pytest.mark.task(taskno=7)
def test_what_is_not_named_is_not_written(conn, other):
    """Not even with the value that you have just read: in the last moment somebody gives it another one."""
    given(other, *TWO)
    came = meanwhile(conn, other, ("UPDATE",), "UPDATE jobs SET priority = 50 WHERE id = 1")
    edited = ask(edit, conn, 1, payload="copy")
    expected = job(1, "copy", 50 if any(came) else 5)
    asked = f"edit(conn, 1, payload='copy'), while a rival makes it a 50\n  expected: {shown(expected)}"
    assert_equal(expected, edited, asked)
    assert_stored([tuple(expected.values()), AS_GIVEN[1]], other, JOBS)


@pytest.mark.task(taskno=7)
def test_what_the_database_refuses_leaves_nothing_open(conn, other):
    """An UPDATE that fails has begun a transaction. Any exception will do."""
    refuse(conn, "UPDATE ON jobs")
    given(other, *TWO)
    assert_raises(Exception, edit, conn, 1, payload="copy")
    assert_stored(AS_GIVEN, other, JOBS)


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="none"),
        pytest.param({"status": "done"}, id="status"),
        pytest.param({"id": 7}, id="id"),
        pytest.param({"load": 1}, id="no-such-column"),
        pytest.param({"Priority": 9}, id="capital-letter"),
        pytest.param({"priority": 9, "status": "done"}, id="one-of-two"),
        pytest.param({"priority = 9, status": "done"}, id="sql"),
    ],
)
def test_no_other_change_is_made(conn, other, changes):
    """A name of a column cannot be a parameter, so it is compared with the two that are allowed."""
    given(other, *TWO)
    assert_raises(ValueError, edit, conn, 1, **changes)
    assert_stored(AS_GIVEN, other, JOBS)


@pytest.mark.task(taskno=7)
def test_a_job_that_is_not_there_cannot_be_edited(conn, other):
    """No row came back."""
    given(other, *TWO)
    assert_raises(LookupError, edit, conn, 3, priority=9)
    assert_stored(AS_GIVEN, other, JOBS)

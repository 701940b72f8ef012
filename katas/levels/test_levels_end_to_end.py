"""Task 5, the end-to-end tests: a real process, a real port, a real file. They are few, and they take the most time."""

import pytest

from .process import Client, Service, free_port

pytestmark = pytest.mark.level("end-to-end")

URL = "https://example.com/"

# --- Task 5: a real process ---------------------------------------------------


@pytest.fixture
def start(tmp_path):
    """Start services, each in a folder of its own; end them after the test."""
    services = []

    def start(*arguments):
        services.append(Service(tmp_path / f"folder-{len(services)}", *arguments))
        return services[-1]

    yield start
    for service in services:
        service.kill()


@pytest.mark.task(taskno=5)
def test_a_user_shortens_a_link_and_follows_it(start, tmp_path):
    """The story the service is there for. Whole bodies arrive, also where a letter has more than one byte."""
    client = Client(start("--db", str(tmp_path / "links.db"), "--port", "0"))
    client.post(URL, 201, location="/1", body=b"1")
    client.get("/1", 302, location=URL, body=f"\u2192 {URL}".encode())
    client.get("/2", 404)
    code = client.post("https://example.com/\u00e9/\u2192", 201).body.decode(errors="replace")
    client.get(f"/{code}", 302, body="\u2192 https://example.com/\u00e9/\u2192".encode())
    client.post("not a web address", 400)
    client.assert_private()


@pytest.mark.task(taskno=5)
def test_links_survive_a_restart(start, tmp_path):
    """On another port, from another working folder: the file that --db says is what the two have in common."""
    database, port = str(tmp_path / "links.db"), free_port()
    first = start("--db", database, "--port", "0")
    Client(first).post(URL, 201)
    first.stop()
    second = start("--port", str(port), "--db", database)
    assert second.port() == port, f"{second.command}\n  expected: it listens on this port, and says so"
    Client(second, port).get("/1", 302, location=URL)


@pytest.mark.task(taskno=5)
def test_one_slow_user_does_not_stop_the_others(start, tmp_path):
    """Somebody begins a request, or a form, and does not go on; the next one is served meanwhile."""
    client = Client(start("--db", str(tmp_path / "links.db"), "--port", "0"))
    headers = "Host: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 39"
    with client.stuck("GET /", shown="`GET /`"):
        client.post(f"{URL}1", 201)
    with client.stuck(f"POST / HTTP/1.1\r\n{headers}\r\n\r\nurl=https%3A", shown="half a form"):
        client.post(f"{URL}2", 201)


@pytest.mark.task(taskno=5)
def test_the_database_has_to_be_named(start):
    """Without --db it does not start: it says nothing on standard output, and its exit status is not 0."""
    service = start("--port", "0")
    status = service.refusal()
    assert status != 0, f"{service.command}\n  expected: an exit status that is not 0\n  actual:   {status}"

"""Beside the plugins a learner may have: the same record as alone.

That is the same light and the same outcomes of the tests that ran; comparisons open every task.
"""

from __future__ import annotations

import pytest

NEIGHBOURS = {
    "xdist": [],
    "randomly": [],
    "timeout": ["--timeout=60"],
    "cov": ["--cov=katas"],
    "sugar": [],
    "html": ["--html=report.html", "--self-contained-html"],
    "rerunfailures": ["--reruns=1"],
    "asyncio": ["--asyncio-mode=auto"],
}
MODULES = {"cov": "pytest_cov", "rerunfailures": "pytest_rerunfailures", "asyncio": "pytest_asyncio", "xdist": "xdist"}
STATES = {
    "stub": {},
    "half": {"double": "return n * 2", "halve": "return 2"},
    "green": {"double": "return n * 2", "halve": "return n / 2", "negate": "return -n"},
}

for neighbour in NEIGHBOURS:
    pytest.importorskip(MODULES.get(neighbour, f"pytest_{neighbour}"), reason="tox -e neighbours has all of them")


@pytest.fixture
def alone(desk, monkeypatch):
    """Run with this plugin and no other one."""

    def alone(*args):
        with monkeypatch.context() as context:
            context.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
            return desk.run("-p", "pytest_katas.plugin", *args, apart=True)

    return alone


def said(ran) -> tuple[str, bool, dict[str, tuple[str, int]]]:
    """What must not differ."""
    assert "INTERNALERROR" not in ran.out + ran.err
    assert ran.kinds == ["started", "attempt"]
    return ran.light, ran.attempt["complete"], ran.tests


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["plain", "xdist"])
def test_all_of_them_at_once(state, workers, desk, alone):
    desk.write(**STATES[state])
    asked = [arg for args in NEIGHBOURS.values() for arg in args]
    assert said(desk.run("--kata-all", *asked, *workers, apart=True)) == said(alone("--kata-all"))


def test_all_of_them_merely_installed(desk, alone):
    desk.write("def double(n)\n")
    assert said(desk.run(apart=True)) == said(alone())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_randomly_shuffles_within_a_task_only(seed, desk):
    ran = desk.solve("double").run(f"--randomly-seed={seed}", apart=True)
    assert sorted(outcome for outcome, task in ran.tests.values() if task == 1) == ["passed", "passed"]
    assert sorted(outcome for outcome, task in ran.tests.values() if task == 2) == ["unwritten", "unwritten"]
    assert ran.outcomes["test_negate"] == "locked"


def test_a_test_that_passes_when_it_is_run_again_is_green(desk):
    again = "if not hasattr(negate, 'called'):\n    negate.called = True\n    return n\nreturn -n"
    ran = desk.solve(negate=again).run("--reruns=1", "-p", "no:randomly", apart=True)
    assert (ran.ret, ran.light) == (0, "green")


def test_an_endless_loop_is_left_to_pytest_timeout(desk):
    desk.ini("kata_deadline = 0.4\n").solve(negate="import time\ntime.sleep(1)\nreturn -n")
    assert desk.run("--timeout=30", apart=True).light == "green"
    desk.ini('kata_deadline = 0.4\ntimeout = "30"\n')
    assert desk.run(apart=True).light == "green"
    desk.ini("kata_deadline = 30\n").solve(negate="while True:\n    pass")
    ran = desk.run("--timeout=0.5", "--timeout-method=signal", apart=True)
    assert (ran.light, ran.outcomes["test_negate"]) == ("red", "failed")


def test_asynchronous_tests(desk):
    desk.tests("def test_negate():", "async def test_negate():").solve()
    assert desk.run("--asyncio-mode=auto", apart=True).light == "green"
    assert desk.solve("double", "halve").run("--asyncio-mode=auto", apart=True).outcomes["test_negate"] == "unwritten"


def test_the_coverage_is_measured(desk):
    assert "katas/sums/sums.py" in desk.solve().run("--cov=katas", "--cov-report=term", apart=True).out


def test_the_page_of_html_is_written(desk):
    desk.solve("double").run("--html=report.html", "--self-contained-html", apart=True)
    assert "test_negate" in (desk.path / "report.html").read_text(encoding="utf-8")

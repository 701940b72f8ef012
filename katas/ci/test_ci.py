"""Kata: continuous integration. The README tells the story; these tests are the contract, task by task."""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from pprint import pformat
from textwrap import fill, shorten
from typing import Any

import pytest
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from .fresh_machine import NotUnderstood, Run, run_workflow
from .pipeline import (
    expand_matrix,
    load_workflow,
    practice_report,
    restore_cache,
    run_job,
    run_matrix,
    run_step,
    schema_errors,
    stages,
)

CI_YML = Path(__file__).with_name("ci.yml")


@pytest.fixture(autouse=True)
def a_place_to_write(tmp_path, monkeypatch):
    """Whatever a step or a script writes stays under tmp_path."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


# --- Two ways to ask the code under test, and one to give its scripts something to read -


def assert_returns(expected: object, function: Callable[..., object], *arguments: object, **named: object) -> None:
    """Call the function; anything but the expected value fails with the call and both values."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments, named)}\n  expected: {_laid_out(expected)}"
    actual = _ask(partial(function, *arguments, **named), asked)
    if actual != expected:
        pytest.fail(f"{asked}\n  actual:   {_laid_out(actual)}")


def assert_raises(error: type[Exception], function: Callable[..., object], *arguments: object) -> None:
    """Call the function; anything but this kind of exception fails with the call and what came instead."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments, {})}\n  expected: raises {error.__name__}"
    try:
        actual = _ask(partial(function, *arguments), asked)
    except error:
        return
    pytest.fail(f"{asked}\n  actual:   returned {_laid_out(actual)}")


@contextmanager
def standard_input(text: str) -> Iterator[None]:
    """Let what is started meanwhile find this text on its standard input, unless it is given another one."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    before = os.dup(0)
    os.dup2(reading, 0)
    os.close(reading)
    try:
        yield
    finally:
        os.dup2(before, 0)
        os.close(before)


def _ask(function: Callable[[], object], asked: str) -> Any:
    __tracebackhide__ = True
    try:
        # A script writes into the folder it is in. Only for the call: where we are is where a traceback begins.
        with chdir(tempfile.gettempdir()):
            return function()
    except Exception as error:
        what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"
        error.add_note(f"{asked}\n  actual:   {what}")
        raise


def _call(function: Callable[..., object], arguments: tuple[object, ...], named: dict[str, object]) -> str:
    name = getattr(function, "__name__", repr(function))
    shown = [*(("", value) for value in arguments), *((f"{key}=", value) for key, value in named.items())]
    line = f"{name}({', '.join(f'{key}{_readable(value)!r}' for key, value in shown)})"
    if len(line) <= 78:
        return line
    return "\n    ".join([f"{name}(", *(f"{key}{_laid_out(value, 4 + len(key))}," for key, value in shown)]) + "\n)"


def _laid_out(value: object, indent: int = 12) -> str:
    text = repr(value) if isinstance(value, str) else pformat(_readable(value), width=78 - indent, sort_dicts=False)
    shown = text.splitlines() if len(text) < 2000 else [*text[:1000].splitlines(), "... and more"]
    return f"\n{indent * ' '}".join(shown)


class _Time(str):
    """A time, or a span of it, as one would write it."""

    __slots__ = ()
    __repr__ = str.__str__


def _readable(value: object) -> object:
    match value:
        case str():
            return value.replace(tempfile.gettempdir(), "TMP")
        case dict():
            return {key: _readable(inner) for key, inner in value.items()}
        case list() | tuple():
            return type(value)(map(_readable, value))
        case datetime():
            return _Time(f"{value:%d %b %H:%M}")
        case timedelta():
            return _Time(value)
    return value


# --- Task 1: YAML and schema --------------------------------------------------


@pytest.mark.task(taskno=1)
def test_on_is_a_text():
    """YAML 1.1 reads `on` as True, and a workflow without the key "on" is none."""
    assert_returns({"on": "push", "jobs": {}}, load_workflow, "on: push\njobs: {}\n")
    assert_returns({"on": {"push": None}}, load_workflow, "# comment\non:\n  push:\n")


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("no", "no", id="Norway"),
        pytest.param("010", 10, id="leading-zero"),
        pytest.param("12:30:00", "12:30:00", id="sexagesimal"),
        pytest.param("3.10", 3.1, id="unquoted-version"),
        pytest.param('"3.10"', "3.10", id="quoted-version"),
    ],
)
def test_values_are_those_of_yaml_1_2(written, meant):
    """A number is a number, a version needs its quotes, and two letters for a country are a text."""
    assert_returns({"value": meant}, load_workflow, f"value: {written}\n")


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("- on: push\n", id="a-list"),
        pytest.param("push\n", id="a-text"),
        pytest.param("on: push\n---\non: push\n", id="two-documents"),
        pytest.param("on: push\non: pull_request\n", id="a-key-twice"),
        pytest.param("on: push\njobs:\n  test: {}\n  test: {}\n", id="a-job-twice"),
        pytest.param("on: [push\njobs: {}\n", id="a-bracket-left-open"),
        pytest.param("on: push: x\n", id="two-colons"),
        pytest.param("!x y\n", id="a-tag-nobody-knows"),
    ],
)
def test_what_is_not_one_mapping_is_refused(text):
    """ValueError, whatever the YAML library calls it."""
    assert_raises(ValueError, load_workflow, text)


JOB = {"runs-on": "ubuntu-latest", "steps": [{"run": "pytest"}]}
NO_MACHINE = {"steps": [{"run": "pytest"}]}


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize(
    ("doc", "paths"),
    [
        pytest.param({"on": "push", "jobs": {"t": JOB}}, [], id="valid"),
        pytest.param({"on": "push"}, ["."], id="no-jobs"),
        pytest.param({"on": "push", "jobs": {"t": NO_MACHINE}}, ["jobs/t"], id="a-job-on-no-machine"),
        pytest.param(
            {"on": "push", "jobs": {"b": NO_MACHINE, "ok": JOB, "a": JOB | {"need": "b"}}},
            ["jobs/a", "jobs/b"],
            id="two-jobs",
        ),
        pytest.param({"run-name": 7, "name": 3}, [".", "name", "run-name"], id="each-place-once"),
        pytest.param(
            {"on": "push", "jobs": {"t": JOB}, "defaults": {"run": {"shel": "bash"}}}, ["defaults/run"], id="a-typo"
        ),
    ],
)
def test_the_schema_says_where_it_is_wrong(doc, paths):
    """The path of each place that the schema does not allow."""
    assert_returns(paths, schema_errors, doc)


@pytest.mark.task(taskno=1)
def test_the_schema_does_not_see_everything():
    """A branch, a job and a command that do not exist: all of it is text, and text is allowed."""
    doc = {
        "on": {"push": {"branches": ["trunk"]}},
        "jobs": {"t": {"runs-on": "ubuntu-oldest", "needs": "nobody", "steps": [{"run": "pyttest || true"}]}},
    }
    assert_returns([], schema_errors, doc)


# --- Task 2: the matrix -------------------------------------------------------

TWO_BY_TWO = {"os": ["linux", "mac"], "python": ["3.12", "3.13"]}


@pytest.mark.task(taskno=2)
def test_a_matrix_is_the_product_of_its_axes():
    """In the order of the axes, the last of them changing fastest."""
    jobs = [
        {"os": "linux", "python": "3.12"},
        {"os": "linux", "python": "3.13"},
        {"os": "mac", "python": "3.12"},
        {"os": "mac", "python": "3.13"},
    ]
    assert_returns(jobs, expand_matrix, TWO_BY_TWO)
    assert_returns([{"python": "3.13"}, {"python": "3.12"}], expand_matrix, {"python": ["3.13", "3.12"]})


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        pytest.param([{"os": "mac"}], ["linux 3.12", "linux 3.13"], id="a-part-of-several"),
        pytest.param([{"os": "mac"}, {"os": "linux", "python": "3.13"}], ["linux 3.12"], id="two-entries"),
        pytest.param(
            [{"os": "mac", "python": "3.11"}], ["linux 3.12", "linux 3.13", "mac 3.12", "mac 3.13"], id="no-such-one"
        ),
    ],
)
def test_exclude_takes_away_what_it_matches(exclude, left):
    """All that an entry says has to fit; what it does not mention may be anything."""
    jobs = [dict(zip(("os", "python"), job.split(), strict=True)) for job in left]
    assert_returns(jobs, expand_matrix, TWO_BY_TWO | {"exclude": exclude})


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    ("include", "jobs"),
    [
        pytest.param(
            [{"color": True}],
            [{"python": "3.12", "color": True}, {"python": "3.13", "color": True}],
            id="nothing-in-common-fits-everywhere",
        ),
        pytest.param(
            [{"python": "3.13", "coverage": True}],
            [{"python": "3.12"}, {"python": "3.13", "coverage": True}],
            id="fits-one",
        ),
        pytest.param(
            [{"extra": "small"}, {"python": "3.13", "extra": "large"}],
            [{"python": "3.12", "extra": "small"}, {"python": "3.13", "extra": "large"}],
            id="overwrites-what-was-added",
        ),
        pytest.param(
            [{"python": "3.14", "beta": True}],
            [{"python": "3.12"}, {"python": "3.13"}, {"python": "3.14", "beta": True}],
            id="never-overwrites-an-original",
        ),
        pytest.param(
            [{"python": "3.15"}, {"python": "3.14"}, {"python": "3.15", "beta": True}, {"color": True}],
            [
                {"python": "3.12", "color": True},
                {"python": "3.13", "color": True},
                {"python": "3.15"},
                {"python": "3.14"},
                {"python": "3.15", "beta": True},
            ],
            id="adds-nothing-to-a-new-one",
        ),
    ],
)
def test_include_extends_the_originals_or_adds_a_job(include, jobs):
    """An entry joins every original none of whose values it would overwrite; if there is none, it is a job itself."""
    assert_returns(jobs, expand_matrix, {"include": include, "python": ["3.12", "3.13"]})


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    ("matrix", "jobs"),
    [
        pytest.param(
            {"python": ["3.12", "3.13"], "exclude": [{"python": "3.12"}], "include": [{"python": "3.12", "old": True}]},
            [{"python": "3.13"}, {"python": "3.12", "old": True}],
            id="what-was-excluded-comes-back",
        ),
        pytest.param(
            {"python": ["3.13"], "exclude": [{"python": "3.13"}], "include": [{"lint": True}, {"docs": True}]},
            [{"lint": True}, {"docs": True}],
            id="after-all-was-excluded",
        ),
        pytest.param(
            {"os": ["linux", "mac"], "python": ["3.13"], "include": [{"os": "linux", "python": "3.14"}]},
            [{"os": "linux", "python": "3.13"}, {"os": "mac", "python": "3.13"}, {"os": "linux", "python": "3.14"}],
            id="one-value-in-common-and-one-not",
        ),
        pytest.param(
            {"include": [{"site": "production"}, {"branch": "main"}]},
            [{"site": "production"}, {"branch": "main"}],
            id="without-any-axis",
        ),
    ],
)
def test_include_comes_after_exclude(matrix, jobs):
    """Where no original is left that it fits, each entry is a job of its own."""
    assert_returns(jobs, expand_matrix, matrix)


@pytest.mark.task(taskno=2)
def test_a_matrix_makes_256_jobs_at_most():
    """What is excluded does not count, what is included does."""
    numbers = list(range(16))
    square = {"a": numbers, "b": numbers}
    assert len(expand_matrix(square)) == 256
    assert len(expand_matrix({"a": [*numbers, 16], "b": numbers, "exclude": [{"a": 3}]})) == 256
    assert_raises(ValueError, expand_matrix, square | {"include": [{"a": 16, "b": 16}]})


@pytest.mark.task(taskno=2)
def test_the_jobs_share_nothing_with_the_matrix():
    """The matrix is as it was, also when somebody changes a job later on."""
    matrix = {
        "service": [{"image": "postgres", "tags": ["17"]}, {"image": "redis", "tags": ["8"]}],
        "exclude": [{"service": {"image": "redis", "tags": ["8"]}}],
        "include": [{"options": ["fast"]}, {"service": "none", "options": ["slow"]}],
    }
    before = deepcopy(matrix)
    jobs = _ask(partial(expand_matrix, matrix), "expand_matrix of services, their tags and options")
    if matrix != before:
        pytest.fail(
            f"expand_matrix changed its argument\n  expected: {_laid_out(before)}\n  actual:   {_laid_out(matrix)}"
        )
    if len(jobs) != 2:
        pytest.fail(f"the jobs of the matrix\n  expected: a service and an included one\n  actual:   {_laid_out(jobs)}")
    jobs[0]["service"]["tags"].append("18")
    for job in jobs:
        job["options"].append("loud")
        job["owner"] = "ada"
    for name, value in matrix.items():
        if value != before[name]:
            said = f"expected: {_laid_out(before[name])}\n  actual:   {_laid_out(value)}"
            pytest.fail(f'when a job is changed, "{name}" of the matrix changes with it\n  {said}')


# --- Task 3: needs ------------------------------------------------------------


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    ("jobs", "order"),
    [
        pytest.param({}, [], id="no-jobs"),
        pytest.param(
            {"release": {"needs": "test"}, "test": {"needs": ["build"]}, "build": {}},
            [["build"], ["test"], ["release"]],
            id="a-chain",
        ),
        pytest.param(
            {"ab": {"needs": "b"}, "a": {}, "b": {"needs": "a"}, "c": {"needs": "ab"}, "d": {"needs": ["a", "b"]}},
            [["a"], ["b"], ["ab", "d"], ["c"]],
            id="a-text-is-one-name",
        ),
        pytest.param(
            {
                "z": {},
                "test": {"needs": "build"},
                "docs": {"needs": []},
                "ship": {"needs": ["docs", "test"]},
                "build": {},
            },
            [["build", "docs", "z"], ["test"], ["ship"]],
            id="as-early-as-possible",
        ),
    ],
)
def test_jobs_start_as_soon_as_what_they_need_is_done(jobs, order):
    """Jobs run side by side unless one needs another; the order in the file does not matter."""
    assert_returns(order, stages, jobs)


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    "jobs",
    [
        pytest.param({"test": {"needs": "builds"}, "build": {}}, id="an-unknown-job"),
        pytest.param({"test": {}, "ship": {"needs": ["test", "ship"]}}, id="itself"),
        pytest.param({"a": {"needs": "c"}, "b": {"needs": "a"}, "c": {"needs": "b"}, "free": {}}, id="a-circle"),
    ],
)
def test_jobs_that_could_never_start_are_refused(jobs):
    """Better an error today than a workflow that waits for ever."""
    assert_raises(ValueError, stages, jobs)


# --- Task 4: exit codes -------------------------------------------------------


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param("exit 3", 3, id="exit-3"),
        pytest.param("false\ntrue\n", 1, id="the-first-failure-ends-it"),
        pytest.param("set +e\nfalse\ntrue\n", 0, id="unless-somebody-says-set-plus-e"),
        pytest.param("false || true", 0, id="or-true"),
        pytest.param("false | cat", 0, id="a-pipe-is-its-last-command"),
        pytest.param("surely-nobody-has-this-command", 127, id="no-such-command"),
        pytest.param("[[ ci == c* ]] && ! shopt -qo posix", 0, id="it-is-bash"),
        pytest.param('[[ -e "$0" ]]', 0, id="it-is-in-a-file"),
    ],
)
def test_a_step_is_as_green_as_the_exit_code_of_its_script(script, code):
    """With no `shell:` it is bash -e."""
    assert_returns(code, run_step, script)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    ("script", "shell", "code"),
    [
        pytest.param("false | cat", "bash", 1, id="bash-has-pipefail"),
        pytest.param("false\nexit 3\n", "bash", 1, id="bash-ends-at-a-failure"),
        pytest.param("false | cat", "sh", 0, id="sh-has-no-pipefail"),
        pytest.param("false\nexit 3\n", "sh", 1, id="sh-ends-at-a-failure"),
        pytest.param('test -z "$BASH_VERSION" || shopt -qo posix', "sh", 0, id="sh-is-not-bash"),
    ],
)
def test_the_shell_decides_what_fails(script, shell, code):
    """The same script, another shell, another colour."""
    assert_returns(code, run_step, script, shell)


@pytest.mark.task(taskno=4)
def test_a_script_has_nothing_to_read():
    """Nobody sits at a build machine: a script that asks for something must not wait, nor get an answer."""
    script = 'answer=$(cat)\ntest -z "$answer"\nexit 3\n'
    with standard_input("yes\n"):
        assert_returns(3, run_step, script)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([], ("success", []), id="no-steps"),
        pytest.param([{"run": "exit 0"}, {"run": "true"}], ("success", ["success", "success"]), id="all-well"),
        pytest.param(
            [{"run": "true"}, {"run": "exit 4"}, {"run": "true"}, {"run": "true", "if": "success()"}],
            ("failure", ["success", "failure", "skipped", "skipped"]),
            id="a-failure-skips-the-rest",
        ),
        pytest.param(
            [{"run": "true", "if": "failure()"}, {"run": "true", "if": "always()"}],
            ("success", ["skipped", "success"]),
            id="conditions-while-all-is-well",
        ),
        pytest.param(
            [
                {"run": "false"},
                {"run": "true", "if": "failure()"},
                {"run": "true"},
                {"run": "true", "if": "always()"},
                {"run": "false", "if": "failure()"},
            ],
            ("failure", ["failure", "success", "skipped", "success", "failure"]),
            id="conditions-after-a-failure",
        ),
        pytest.param(
            [{"run": "false", "if": "always()"}, {"run": "true"}],
            ("failure", ["failure", "skipped"]),
            id="always-may-fail-too",
        ),
        pytest.param(
            [
                {"run": "false", "continue-on-error": True},
                {"run": "true"},
                {"run": "true", "if": "failure()"},
                {"run": "true", "continue-on-error": True},
            ],
            ("success", ["failure (ignored)", "success", "skipped", "success"]),
            id="continue-on-error-hides-a-failure",
        ),
        pytest.param(
            [
                {"run": "false", "continue-on-error": False},
                {"run": "true", "continue-on-error": True},
                {"run": "false", "if": "always()", "continue-on-error": True},
            ],
            ("failure", ["failure", "skipped", "failure (ignored)"]),
            id="continue-on-error-does-not-bring-back-green",
        ),
        pytest.param(
            [{"run": "false | cat"}, {"run": "false | cat", "shell": "bash"}],
            ("failure", ["success", "failure"]),
            id="each-step-has-its-shell",
        ),
        pytest.param(
            [{"run": "export COLOR=red\nexit 0"}, {"run": 'test -z "$COLOR"'}],
            ("success", ["success", "success"]),
            id="each-step-is-a-process",
        ),
    ],
)
def test_a_job_is_as_red_as_its_steps(steps, expected):
    """How each of them ended, and what became of the job."""
    assert_returns(expected, run_job, steps)


@pytest.mark.task(taskno=4)
def test_a_skipped_step_is_not_run(tmp_path):
    """And those that are run, are run in order, each once."""
    seen = tmp_path / "seen"
    steps = [{"run": f"echo {word} >> '{seen}'"} for word in ("build", "test", "ship")]
    steps[1]["run"] += "\nfalse"
    assert_returns(("failure", ["success", "failure", "skipped"]), run_job, steps)
    assert seen.read_text().split() == ["build", "test"], "these steps were run"


# --- Task 5: fail-fast --------------------------------------------------------


def job(name: str, minutes: float, *, ok: bool = True, **more: bool) -> dict[str, Any]:
    """Describe a job of a matrix; experimental=... is its continue-on-error."""
    described = {"name": name, "ok": ok, "minutes": minutes}
    return described | ({"continue-on-error": more["experimental"]} if more else {})


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        pytest.param([job("a", 3), job("b", 9)], ("success", {"a": "success", "b": "success"}), id="all-well"),
        pytest.param(
            [job("long", 9), job("red", 4, ok=False), job("short", 2)],
            ("failure", {"long": "cancelled", "red": "failure", "short": "success"}),
            id="by-time-and-not-by-order",
        ),
        pytest.param(
            [job("late", 5, ok=False), job("early", 2.5, ok=False), job("fine", 2.6)],
            ("failure", {"late": "cancelled", "early": "failure", "fine": "cancelled"}),
            id="a-failure-nobody-sees",
        ),
        pytest.param(
            [job("red", 4, ok=False), job("green", 4), job("too", 4, ok=False)],
            ("failure", {"red": "failure", "green": "success", "too": "failure"}),
            id="at-the-same-minute",
        ),
        pytest.param(
            [job("broken", 0, ok=False), job("other", 1)],
            ("failure", {"broken": "failure", "other": "cancelled"}),
            id="at-once",
        ),
        pytest.param(
            [job("beta", 1, ok=False, experimental=True), job("fine", 5, experimental=False)],
            ("success", {"beta": "failure", "fine": "success"}),
            id="an-experiment-may-fail",
        ),
        pytest.param(
            [
                job("beta", 1, ok=False, experimental=True),
                job("red", 3, ok=False, experimental=False),
                job("slow", 5),
                job("slow beta", 5, experimental=True),
                job("early", 2),
            ],
            (
                "failure",
                {
                    "beta": "failure",
                    "red": "failure",
                    "slow": "cancelled",
                    "slow beta": "cancelled",
                    "early": "success",
                },
            ),
            id="an-experiment-can-be-cancelled",
        ),
    ],
)
def test_the_first_failure_cancels_what_still_runs(jobs, expected):
    """That is fail-fast, and the default."""
    assert_returns(expected, run_matrix, jobs)


@pytest.mark.task(taskno=5)
def test_without_fail_fast_you_see_everything():
    """Which of the versions are broken? All the jobs end by themselves, and tell."""
    jobs = [job("a", 3, ok=False), job("b", 9), job("c", 5, ok=False)]
    results = {"a": "failure", "b": "success", "c": "failure"}
    assert_returns(("failure", results), run_matrix, jobs, fail_fast=False)
    beta = [job("a", 3), job("beta", 1, ok=False, experimental=True)]
    assert_returns(("success", {"a": "success", "beta": "failure"}), run_matrix, beta, fail_fast=False)


# --- Task 6: caches -----------------------------------------------------------


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    ("restore_keys", "caches", "expected"),
    [
        pytest.param([], {}, (None, False), id="no-caches"),
        pytest.param(["pip-linux-"], {"npm-1": 5, "my-pip-linux-1": 6}, (None, False), id="nothing-that-begins-so"),
        pytest.param(["pip-3.12-"], {"pip-3x12-1": 9, "pip-3.12-1": 4}, ("pip-3.12-1", False), id="a-point-is-a-point"),
        pytest.param(
            ["pip-"], {"pip-linux-12": 9, "pip-linux-1": 0, "pip-z": 8}, ("pip-linux-1", True), id="the-exact-one"
        ),
        pytest.param(
            ["pip-mac-"],
            {"pip-linux-12": 3, "pip-linux-14": 7, "pip-linux-13": 5, "pip-mac-1": 9},
            ("pip-linux-14", False),
            id="then-the-newest-that-begins-with-the-key",
        ),
        pytest.param(
            ["none-", "pip-linux-", "pip-"],
            {"pip-mac-1": 9, "pip-linux-0": 2, "pip-linux-2": 4, "pip-linux-3": 3},
            ("pip-linux-2", False),
            id="restore-keys-in-their-order",
        ),
        pytest.param(["pip-"], {"pip-": 4}, ("pip-", False), id="no-hit-though-a-restore-key-is-exact"),
        pytest.param([], {"pip-linux": 4, "pip-linux-": 5}, (None, False), id="a-shorter-one-does-not-match"),
    ],
)
def test_a_cache_is_found_by_its_key(restore_keys, caches, expected):
    """Only the exact key is a hit: everything else is a start, and has to be completed."""
    assert_returns(expected, restore_cache, "pip-linux-1", restore_keys, caches)


# --- Task 7: the practice -----------------------------------------------------

NOW = datetime(2026, 3, 20, 18, 0, tzinfo=UTC)


def branch(name: str, days: float, *, hours_ago: float | None = None) -> dict[str, Any]:
    """Describe a branch that lived that many days, and was merged some hours ago or is still open."""
    merged = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    return {"name": name, "started": (merged or NOW) - timedelta(days=days), "merged": merged}


def build(commit: str, clock: str, *, ok: bool = True, took: int = 360, days_ago: int = 0) -> dict[str, Any]:
    """Describe a build of today or before, by what the clock said; it took that many seconds."""
    hour, minute = map(int, clock.split(":"))
    return {
        "commit": commit,
        "at": NOW.replace(hour=hour, minute=minute) - timedelta(days=days_ago),
        "took": timedelta(seconds=took),
        "ok": ok,
    }


RED = "mainline red for more than an hour"


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    ("branches", "builds", "expected"),
    [
        pytest.param([], [], [], id="nothing-happened"),
        pytest.param(
            [branch("login", 0.3, hours_ago=30), branch("search", 1, hours_ago=2), branch("open", 0.9)],
            [build("c1", "9:00"), build("c2", "10:00", ok=False), build("c3", "11:00", took=600), build("c4", "12:00")],
            [],
            id="a-healthy-team",
        ),
        pytest.param(
            [branch("rewrite", 21, hours_ago=1), branch("fix", 0.1, hours_ago=90)],
            [build("c1", "9:00"), build("c2", "16:00")],
            ["rewrite: integrated less than daily"],
            id="green-and-three-weeks-old",
        ),
        pytest.param(
            [branch("z", 1.01), branch("a", 1.01, hours_ago=200)],
            [],
            ["z: integrated less than daily", "a: integrated less than daily"],
            id="an-open-branch-grows-older",
        ),
        pytest.param(
            [],
            [
                build("c3", "11:00", took=24 * 3600 + 300),
                build("c1", "9:00", took=601),
                build("c2", "10:00", took=600),
            ],
            ["c1: build slower than ten minutes", "c3: build slower than ten minutes"],
            id="slow-builds-by-time",
        ),
    ],
)
def test_branches_are_short_and_builds_are_quick(branches, builds, expected):
    """Everybody integrates daily, and the build answers within ten minutes."""
    assert_returns(expected, practice_report, branches, builds, NOW)


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    ("builds", "expected"),
    [
        pytest.param(
            [build("c3", "10:10"), build("c1", "9:00", ok=False), build("c2", "9:50", ok=False)],
            [RED],
            id="from-the-first-red-build",
        ),
        pytest.param(
            [build("c1", "12:00"), build("c2", "16:58", ok=False), build("c3", "17:30", ok=False)],
            [RED],
            id="still-red",
        ),
        pytest.param([build("c1", "17:50", ok=False, days_ago=2)], [RED], id="red-for-two-days-and-ten-minutes"),
        pytest.param([build("c1", "17:00", ok=False)], [], id="red-for-an-hour-now"),
        pytest.param(
            [
                build("c1", "9:00", ok=False),
                build("c2", "9:40"),
                build("c3", "10:00", ok=False),
                build("c4", "10:40"),
            ],
            [],
            id="mended-twice",
        ),
        pytest.param(
            [
                build("c1", "9:00", ok=False),
                build("c2", "11:00"),
                build("c3", "11:05"),
                build("c4", "13:00", ok=False),
                build("c5", "14:30"),
            ],
            [RED, RED],
            id="red-twice",
        ),
    ],
)
def test_a_red_mainline_is_mended_at_once(builds, expected):
    """Each red period counts by itself, and once."""
    assert_returns(expected, practice_report, [], builds, NOW)


@pytest.mark.task(taskno=7)
def test_branches_come_first_then_builds_by_time():
    """A red period is told when it ends."""
    branches = [branch("rewrite", 3)]
    builds = [
        build("c1", "8:00", ok=False),
        build("c2", "9:00", ok=False, took=900),
        build("c3", "10:00"),
        build("c4", "11:00", took=900),
        build("c5", "12:00", ok=False),
    ]
    expected = [
        "rewrite: integrated less than daily",
        "c2: build slower than ten minutes",
        RED,
        "c4: build slower than ten minutes",
        RED,
    ]
    assert_returns(expected, practice_report, branches, builds, NOW)


# --- Task 8: your own ci.yml --------------------------------------------------

PASSING = {
    "README.md": "# prices\n",
    "requirements.txt": "pytest\n",
    "pyproject.toml": '[project]\nname = "prices"\nversion = "1"\n',
    "prices.py": "def total(items):\n    return sum(items)\n",
    "tests/test_prices.py": "def test_nothing_costs_nothing():\n    assert True\n",
}
FAILING = PASSING | {"tests/test_prices.py": "def test_nothing_costs_nothing():\n    assert False\n"}


def my_workflow() -> dict[str, Any]:
    """Read ci.yml; what is no valid workflow fails here, in every test."""
    __tracebackhide__ = True
    try:
        doc = YAML(typ="safe", pure=True).load(CI_YML.read_text(encoding="utf-8"))
    except YAMLError as error:
        doc = error
    if doc is None:
        raise NotImplementedError("ci.yml is not written yet")
    if isinstance(doc, YAMLError):
        pytest.fail(f"ci.yml\n  expected: YAML\n  actual:   {_said(doc)}")
    schema = get_builtin_schema("vendor.github-workflows")
    errors = list(Draft7Validator(schema).iter_errors(doc))
    if errors:
        places = sorted({_place(error) for error in errors})
        said = "\n".join(f"    {line}" for error in errors for line in _causes(error))
        pytest.fail(f"ci.yml\n  expected: a valid workflow\n  actual:   wrong at {', '.join(places)}\n{said}")
    return doc


def _said(error: YAMLError) -> str:
    """Return what is wrong, and where; the rest of what the library says is about the library."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return _cut(f"{where}{problem or error}")


def _place(error: Any) -> str:
    return "/".join(map(str, error.absolute_path)) or "."


def _causes(error: Any) -> list[str]:
    """Return what an error says, or what is said against that possibility which is meant most likely."""
    branches: dict[int, list[Any]] = {}
    for cause in error.context or []:
        branches.setdefault(cause.schema_path[0], []).append(cause)
    if not branches:
        return [_cut(f"{_place(error)}: {error.message}")]

    def distance(branch: list[Any]) -> tuple[bool, int, int]:
        # Another type, or words that it does not know, are the sign of another possibility.
        here = [cause for cause in branch if cause.absolute_path == error.absolute_path]
        strange = [cause for cause in here if cause.validator == "additionalProperties"]
        words = sum(len(cause.instance.keys() - cause.schema.get("properties", {}).keys()) for cause in strange)
        return any(cause.validator == "type" for cause in here), words, len(branch)

    distances = {number: distance(branch) for number, branch in branches.items()}
    nearest = [number for number, far in distances.items() if far == min(distances.values())]
    lines = []
    for number in nearest:
        said = [line for cause in branches[number] for line in _causes(cause)]
        if nearest[1:]:
            said[0] = f"{'either' if number == nearest[0] else 'or'} {said[0]}"
        lines += said
    return list(dict.fromkeys(lines))


def _cut(text: str) -> str:
    return fill(shorten(text, 200, placeholder=" ..."), 72, subsequent_indent=" " * 6, break_long_words=False)


def refuse(expected: str, actual: object) -> None:
    """Fail with what ci.yml should say and what it says."""
    __tracebackhide__ = True
    shown = actual if isinstance(actual, str) else _laid_out(actual)
    pytest.fail(f"ci.yml\n  expected: {expected}\n  actual:   {shown}")


def trigger(workflow: dict[str, Any], event: str) -> dict[str, Any]:
    """Return the filters of an event that starts the workflow; fail if it does not."""
    __tracebackhide__ = True
    on = workflow["on"]
    events = {on: None} if isinstance(on, str) else dict.fromkeys(on) if isinstance(on, list) else on
    if event not in events:
        refuse(f"on: {event}", f"on: {', '.join(map(str, events))}")
    return events[event] or {}


def selected(name: str, filters: dict[str, Any]) -> bool:
    """Say whether a branch of this name passes the filters; the last pattern that matches decides."""
    if filters.keys() & {"paths", "paths-ignore"}:
        return False
    if "branches" in filters:
        chosen = False
        for pattern in _listed(filters["branches"]):
            if _matches(pattern.removeprefix("!"), name):
                chosen = not pattern.startswith("!")
        return chosen
    if "branches-ignore" in filters:
        return not any(_matches(pattern, name) for pattern in _listed(filters["branches-ignore"]))
    return not filters.keys() & {"tags", "tags-ignore"}


def _matches(pattern: str, name: str) -> bool:
    """Match as GitHub does: * stops at a slash, ** does not, ? and + are about the character before them."""
    parts = re.findall(r"\*\*|\[[^\]]*\]|\\.|.", pattern)
    translated = [
        {"**": ".*", "*": "[^/]*", "?": "?", "+": "+"}.get(part) or (part if len(part) > 1 else re.escape(part))
        for part in parts
    ]
    return re.fullmatch("".join(translated), name) is not None


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def matrix_of(job: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the values that each variable of a job's matrix can have, in the axes and in what is included."""
    matrix = job.get("strategy", {}).get("matrix", {})
    if not isinstance(matrix, dict):
        return {}
    values = {name: list(listed) for name, listed in matrix.items() if isinstance(listed, list)}
    values.pop("exclude", None)
    for entry in values.pop("include", []):
        for name, value in entry.items():
            values.setdefault(name, []).append(value)
    return values


def versions_of(job: dict[str, Any]) -> dict[str, list[str]]:
    """Return the variables of a job's matrix that hold versions such as "3.12", in quotes, and more than one."""
    held = {
        name: sorted({value for value in values if isinstance(value, str) and re.search(r"\d\.\d", value)})
        for name, values in matrix_of(job).items()
    }
    return {name: versions for name, versions in held.items() if len(versions) > 1}


def run(workflow: dict[str, Any], project: dict[str, str], folder: Path) -> Run:
    """Run the workflow on a pull request of the project."""
    __tracebackhide__ = True
    try:
        return run_workflow(workflow, project, folder)
    except NotUnderstood as error:
        said = _cut(str(error))
    pytest.fail(f"ci.yml\n  says what this kata's machine does not understand:\n  {said}")


@pytest.mark.task(taskno=8)
def test_it_is_valid_and_runs_on_every_push_to_main():
    """Integrating means main, and main is built each time."""
    filters = trigger(my_workflow(), "push")
    if not selected("main", filters):
        refuse("runs on every push to main", {"on": {"push": filters}})


@pytest.mark.task(taskno=8)
def test_it_runs_on_every_pull_request():
    """Whatever its target, whatever files it touches, and again when something is pushed to it."""
    filters = trigger(my_workflow(), "pull_request")
    types = filters.get("types", ["opened", "synchronize"])
    branches_of_all_kinds = selected("main", filters) and selected("release/1.0", filters)
    if not branches_of_all_kinds or not {"opened", "synchronize"} <= set(_listed(types)):
        refuse("runs on every pull request", {"on": {"pull_request": filters}})


@pytest.mark.task(taskno=8)
def test_it_may_read_and_nothing_else():
    """Whoever opens a pull request runs code in there: say what it may do, or it gets what the repository allows."""
    workflow = my_workflow()
    for name, described in workflow["jobs"].items():
        allowed = described.get("permissions", workflow.get("permissions"))
        if allowed is None:
            refuse("permissions: that only read", f"no permissions, neither at the top nor in job {name}")
        if "write" in str(allowed):
            refuse("permissions: that only read", f"{allowed!r} for job {name}")


@pytest.mark.task(taskno=8)
def test_its_matrix_has_versions_in_quotes():
    """At least two of them; and no number with a point, since 3.10 is 3.1."""
    jobs = my_workflow()["jobs"]
    for name, described in jobs.items():
        for variable, values in matrix_of(described).items():
            if numbers := [value for value in values if isinstance(value, float)]:
                refuse(f'"{variable}" in quotes, as in "3.10"', f"the numbers {numbers} in job {name}")
    if not any(map(versions_of, jobs.values())):
        refuse('a matrix of two versions or more, as in ["3.12", "3.13"]', [matrix_of(one) for one in jobs.values()])


@pytest.mark.task(taskno=8)
def test_its_matrix_is_used():
    """A variable that no step asks for makes the same job twice."""
    jobs = my_workflow()["jobs"]
    names = set()
    for described in jobs.values():
        steps = [{key: value for key, value in step.items() if key != "name"} for step in described.get("steps", [])]
        used = json.dumps([steps, [described.get(key) for key in ("env", "container", "runs-on")]], default=str)
        names |= versions_of(described).keys()
        if any(re.search(rf"matrix(\.|\[')({re.escape(name)})(?![\w-])", used) for name in versions_of(described)):
            return
    wanted = ", ".join(f"${{{{ matrix.{name} }}}}" for name in sorted(names)) or "a matrix of versions"
    refuse(f"{wanted} in a step", "no step asks for it")


@pytest.mark.task(taskno=8)
def test_no_version_hides_what_the_others_have_to_say():
    """fail-fast is on unless you say otherwise."""
    jobs = my_workflow()["jobs"]
    strategies = {name: described["strategy"] for name, described in jobs.items() if matrix_of(described)}
    if not strategies:
        refuse("a matrix with fail-fast: false", "no matrix")
    for name, strategy in strategies.items():
        if strategy.get("fail-fast") is not False:
            refuse("fail-fast: false", f"fail-fast: {strategy.get('fail-fast', '(not said)')} in job {name}")


@pytest.mark.task(taskno=8)
def test_it_has_a_time_limit():
    """Each job: a test that hangs costs six hours otherwise."""
    for name, described in my_workflow()["jobs"].items():
        limit = described.get("timeout-minutes")
        if not isinstance(limit, int | float) or not 0 < limit < 360:
            refuse("timeout-minutes: less than GitHub's 360", f"{limit} in job {name}")


@pytest.mark.task(taskno=8)
def test_it_is_green_when_the_tests_pass(tmp_path):
    """On a machine with Python and pip, on which nothing is checked out and no pytest is installed."""
    done = run(my_workflow(), PASSING, tmp_path)
    if not done.green:
        refuse("green, for the tests of the project pass", "\n    ".join(["red", *done.steps]))


@pytest.mark.task(taskno=8)
def test_it_goes_red_when_a_test_fails(tmp_path):
    """The reason why it is there at all. A workflow that cannot fail says nothing when it does not."""
    done = run(my_workflow(), FAILING, tmp_path)
    if done.green:
        refuse("red, for a test of the project fails", "\n    ".join(["green", *done.steps]))

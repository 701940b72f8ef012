"""Kata: continuous integration. The machinery behind a workflow, in nine small functions.

What GitHub Actions does with a workflow file, written down so that you can predict it: read it, check it, multiply it
by its matrix, order its jobs, run its steps, stop them, find a cache. And a look at the team behind it.

The standard library, plus ruamel.yaml (YAML 1.2) and check-jsonschema (it brings the workflow schema along, and
jsonschema to apply it).

Another right answer: plain loops, no helper but the standard library's, one thing after the other.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import resources
from tempfile import NamedTemporaryFile
from typing import Any

import jsonschema
from check_jsonschema.builtin_schemas import get_builtin_schema
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


def workflow_schema() -> dict[str, Any]:
    """Return the JSON Schema of a workflow file. This one is written already."""
    return get_builtin_schema("vendor.github-workflows")


# --- Task 1: YAML and schema --------------------------------------------------


def load_workflow(text: str) -> dict[str, Any]:
    """Return the mapping that a YAML 1.2 text holds: its "on" is a text, and not True.

    Raises ValueError for anything that is not one mapping without duplicate keys.
    """
    try:
        value = YAML(typ="safe", pure=True).load(text)
        if type(value) is dict:
            return value
    except YAMLError as error:
        raise ValueError(str(error)) from error
    raise ValueError(f"a {type(value).__name__} is no workflow")


def schema_errors(doc: dict[str, Any]) -> list[str]:
    """Return where the workflow breaks the schema: sorted, distinct paths such as "jobs/t", "." for the root.

    >>> schema_errors({"on": "push", "jobs": {"t": {"steps": []}}})
    ['jobs/t']
    """
    file = resources.files("check_jsonschema.builtin_schemas.vendor") / "github-workflows.json"
    places = set()
    waiting = list(jsonschema.Draft7Validator(json.loads(file.read_text(encoding="utf-8"))).iter_errors(doc))
    while waiting:
        error = waiting.pop()
        # Of a choice that nothing fits, the places inside are told as well.
        waiting += error.context
        place = ""
        for part in error.absolute_path:
            place += f"/{part}"
        places.add(place[1:] or ".")
    # Whoever is told of jobs/t/steps/0 need not be told of jobs/t.
    return sorted(place for place in places if not any(other.startswith(f"{place}/") for other in places))


# --- Task 2: the matrix -------------------------------------------------------


def expand_matrix(matrix: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one dict a job: the product without what is excluded, then what "include" adds.

    Raises ValueError for more than 256 jobs. The argument is not changed, and shares nothing with the result.

    >>> expand_matrix({"python": ["3.12", "3.13"], "include": [{"python": "3.13", "coverage": True}]})
    [{'python': '3.12'}, {'python': '3.13', 'coverage': True}]
    """
    jobs = [{}]
    axes = [name for name in matrix if name not in ("include", "exclude")]
    for name in axes:
        jobs = [{**job, name: value} for job in jobs for value in matrix[name]]
    if not axes:
        jobs = []
    for entry in matrix.get("exclude") or []:
        jobs = [job for job in jobs if any(name not in job or job[name] != entry[name] for name in entry)]
    originals = len(jobs)
    for entry in matrix.get("include") or []:
        found = False
        for place in range(originals):
            for name in axes:
                if name in entry and entry[name] != jobs[place][name]:
                    break
            else:
                jobs[place] = {**jobs[place], **entry}
                found = True
        if not found:
            jobs = [*jobs, entry]
    if len(jobs) >= 257:
        raise ValueError(f"{len(jobs)} jobs")
    return [{name: _copied(value) for name, value in job.items()} for job in jobs]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_copied(inner) for inner in value]
    return value


# --- Task 3: needs ------------------------------------------------------------


def stages(jobs: dict[str, dict[str, Any]]) -> list[list[str]]:
    """Return what can start at once, then what can start after that, and so on; each stage is sorted.

    Raises ValueError for a job that needs an unknown job, itself, or one that waits for it.

    >>> stages({"test": {}, "lint": {}, "release": {"needs": ["test", "lint"]}})
    [['lint', 'test'], ['release']]
    """
    stage_of: dict[str, int] = {}
    for name in jobs:
        _place(name, jobs, stage_of, ())
    order: list[list[str]] = [[] for _ in range(max(stage_of.values(), default=-1) + 1)]
    for name in sorted(stage_of):
        order[stage_of[name]].append(name)
    return order


def _place(name: str, jobs: dict[str, Any], stage_of: dict[str, int], waiting: tuple[str, ...]) -> int:
    if name not in jobs:
        raise ValueError(f"{name} does not exist")
    if name in waiting:
        raise ValueError(f"{name} waits for itself")
    if name not in stage_of:
        needs = jobs[name].get("needs", [])
        if isinstance(needs, str):
            needs = [needs]
        stage_of[name] = max((_place(need, jobs, stage_of, (*waiting, name)) + 1 for need in needs), default=0)
    return stage_of[name]


# --- Task 4: exit codes -------------------------------------------------------


def run_step(script: str, shell: str | None = None) -> int:
    """Run the script in the shell that GitHub would take, and return its exit code.

    * None:   bash -e FILE
    * "bash": bash --noprofile --norc -eo pipefail FILE
    * "sh":   sh -e FILE

    Standard input is empty.

    >>> run_step("exit 3")
    3
    """
    command = ["bash", "-e"]
    if shell == "bash":
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
    elif shell == "sh":
        command = ["sh", "-e"]
    with NamedTemporaryFile("w", encoding="utf-8", dir=".") as file:
        file.write(script)
        file.flush()
        done = subprocess.run([*command, file.name], input=b"", capture_output=True, check=False)
    # Killed by a signal: as a shell would tell it.
    return 128 - done.returncode if done.returncode < 0 else done.returncode


def run_job(steps: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """Run the steps one after the other; return "success" or "failure", and how each step ended.

    A step is {"run": script, "if": condition, "shell": shell, "continue-on-error": bool}, all but "run" optional.
    A condition is "success()", "failure()" or "always()".
    A step ends as "success", "failure", "failure (ignored)" or "skipped".
    """
    job = "success"
    ends = []
    for step in steps:
        condition = step.get("if", "success()")
        if condition == "success()" and job == "failure":
            ends.append("skipped")
            continue
        if condition == "failure()" and job == "success":
            ends.append("skipped")
            continue
        if run_step(step["run"], shell=step.get("shell", None)) == 0:
            ends.append("success")
            continue
        if step.get("continue-on-error") is True:
            ends.append("failure (ignored)")
            continue
        ends.append("failure")
        job = "failure"
    return job, ends


# --- Task 5: fail-fast --------------------------------------------------------


def run_matrix(jobs: list[dict[str, Any]], *, fail_fast: bool = True) -> tuple[str, dict[str, str]]:
    """Return "success" or "failure", and by name how each job ended: "success", "failure" or "cancelled".

    A job is {"name": text, "ok": bool, "minutes": number, "continue-on-error": bool (optional)}.
    All start together, and each takes its minutes. Nothing is run here: this is a prediction.
    """
    first = None
    for job in jobs:
        counts = not job["ok"] and job.get("continue-on-error") is not True
        if counts and (first is None or job["minutes"] < first):
            first = job["minutes"]
    ends = {}
    for job in jobs:
        ends[job["name"]] = "success" if job["ok"] else "failure"
        if fail_fast and first is not None and first < job["minutes"]:
            ends[job["name"]] = "cancelled"
    return ("success" if first is None else "failure"), ends


# --- Task 6: caches -----------------------------------------------------------


def restore_cache(key: str, restore_keys: list[str], caches: dict[str, int]) -> tuple[str | None, bool]:
    """Return the key of the cache that is restored, or None, and whether it was a hit.

    `caches` maps the keys of all caches to the times when they were made; a larger one is newer.
    """
    for wanted in [key, *restore_keys]:
        if wanted in caches:
            # What is named exactly is taken, though a newer one begins with it.
            return wanted, wanted == key
        newest = None
        for name, made in caches.items():
            if name.startswith(wanted) and (newest is None or made > newest[0]):
                newest = made, name
        if newest is not None:
            return newest[1], False
    return None, False


# --- Task 7: the practice -----------------------------------------------------


def practice_report(branches: Sequence[dict[str, Any]], builds: Sequence[dict[str, Any]], now: datetime) -> list[str]:
    """Return what keeps this team from continuous integration; nothing, if all is well.

    A branch is {"name": text, "started": datetime, "merged": datetime or None}.
    A build is {"commit": text, "at": datetime, "took": timedelta, "ok": bool}.

    * "NAME: integrated less than daily"
    * "COMMIT: build slower than ten minutes"
    * "mainline red for more than an hour"
    """
    texts = []
    for branch in branches:
        age = (now if branch["merged"] is None else branch["merged"]) - branch["started"]
        if age.total_seconds() > 24 * 60 * 60:
            texts.append(branch["name"] + ": integrated less than daily")
    red = None
    end = {"at": now, "ok": True, "took": timedelta()}
    for build in [*sorted(builds, key=lambda build: build["at"]), end]:
        if build["took"] > timedelta(minutes=10):
            texts.append(build["commit"] + ": build slower than ten minutes")
        if build["ok"] and red is not None:
            if build["at"] > red + timedelta(hours=1):
                texts.append("mainline red for more than an hour")
            red = None
        if not build["ok"] and red is None:
            red = build["at"]
    return texts

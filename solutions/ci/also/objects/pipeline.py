"""Kata: continuous integration. The machinery behind a workflow, in nine small functions.

What GitHub Actions does with a workflow file, written down so that you can predict it: read it, check it, multiply it
by its matrix, order its jobs, run its steps, stop them, find a cache. And a look at the team behind it.

The standard library, plus ruamel.yaml (YAML 1.2) and check-jsonschema (it brings the workflow schema along, and
jsonschema to apply it).

Another right answer: the things a workflow is made of are values that know what they do.
"""

from __future__ import annotations

import functools
import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema.validators import validator_for
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


class Outcome(StrEnum):
    """How a step or a job ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    IGNORED = "failure (ignored)"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass
class Combination:
    """A job of a matrix: what it is, for good, and what was added to it."""

    original: dict[str, Any]
    added: dict[str, Any] = field(default_factory=dict)
    closed: bool = False

    def accepts(self, entry: dict[str, Any]) -> bool:
        return not self.closed and all(entry[name] == self.original[name] for name in entry.keys() & self.original)

    def matches(self, entry: dict[str, Any]) -> bool:
        return all(name in self.original and self.original[name] == value for name, value in entry.items())

    def as_dict(self) -> dict[str, Any]:
        return deepcopy(self.original | self.added)


@dataclass
class RedPeriods:
    """Watches one mainline."""

    since: datetime | None = None

    def see(self, at: datetime, *, ok: bool) -> Iterator[str]:
        if ok and self.since is not None:
            if at - self.since > timedelta(hours=1):
                yield "mainline red for more than an hour"
            self.since = None
        elif not ok and self.since is None:
            self.since = at


@functools.cache
def _validator() -> Any:
    schema = workflow_schema()
    return validator_for(schema)(schema)


def workflow_schema() -> dict[str, Any]:
    """Return the JSON Schema of a workflow file. This one is written already."""
    return get_builtin_schema("vendor.github-workflows")


# --- Task 1: YAML and schema --------------------------------------------------


def load_workflow(text: str) -> dict[str, Any]:
    """Return the mapping that a YAML 1.2 text holds: its "on" is a text, and not True.

    Raises ValueError for anything that is not one mapping without duplicate keys.
    """
    documents = YAML(typ="rt", pure=True).load_all(text)
    try:
        (doc,) = documents
    except YAMLError as error:
        raise ValueError("not a YAML document") from error
    if not hasattr(doc, "keys"):
        raise ValueError("not a mapping")
    return doc


def schema_errors(doc: dict[str, Any]) -> list[str]:
    """Return where the workflow breaks the schema: sorted, distinct paths such as "jobs/t", "." for the root.

    >>> schema_errors({"on": "push", "jobs": {"t": {"steps": []}}})
    ['jobs/t']
    """
    places = {tuple(error.absolute_path) for error in _validator().iter_errors(doc)}
    return sorted("/".join(str(part) for part in place) if place else "." for place in places)


# --- Task 2: the matrix -------------------------------------------------------


def expand_matrix(matrix: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one dict a job: the product without what is excluded, then what "include" adds.

    Raises ValueError for more than 256 jobs. The argument is not changed, and shares nothing with the result.

    >>> expand_matrix({"python": ["3.12", "3.13"], "include": [{"python": "3.13", "coverage": True}]})
    [{'python': '3.12'}, {'python': '3.13', 'coverage': True}]
    """
    axes = dict(matrix)
    include, exclude = axes.pop("include", ()), axes.pop("exclude", ())
    every = itertools.product(*([(name, value) for value in values] for name, values in axes.items()))
    jobs = [Combination(dict(pairs)) for pairs in every if pairs]
    jobs = [job for job in jobs if not any(job.matches(entry) for entry in exclude)]
    for entry in include:
        accepting = [job for job in jobs if job.accepts(entry)]
        for job in accepting:
            job.added |= entry
        if not accepting:
            jobs.append(Combination({}, dict(entry), closed=True))
    if len(jobs) > 256:
        raise ValueError("a matrix of more than 256 jobs")
    return [job.as_dict() for job in jobs]


# --- Task 3: needs ------------------------------------------------------------


def stages(jobs: dict[str, dict[str, Any]]) -> list[list[str]]:
    """Return what can start at once, then what can start after that, and so on; each stage is sorted.

    Raises ValueError for a job that needs an unknown job, itself, or one that waits for it.

    >>> stages({"test": {}, "lint": {}, "release": {"needs": ["test", "lint"]}})
    [['lint', 'test'], ['release']]
    """
    graph = {name: _names(job.get("needs")) for name, job in jobs.items()}
    if not {need for needs in graph.values() for need in needs} <= graph.keys():
        raise ValueError("a job needs one that does not exist")
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError("jobs need each other") from error
    order = []
    while sorter.is_active():
        ready = sorter.get_ready()
        sorter.done(*ready)
        order.append(sorted(ready))
    return order


def _names(needs: str | list[str] | None) -> list[str]:
    match needs:
        case None:
            return []
        case str():
            return [needs]
    return needs


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
    command = {
        None: ("bash", "-e"),
        "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"),
        "sh": ("sh", "-e"),
    }[shell]
    handle, path = tempfile.mkstemp(suffix=".sh")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(script)
        process = subprocess.Popen([*command, path], stdin=subprocess.PIPE)
        process.communicate(b"")
    finally:
        Path(path).unlink()
    return process.returncode


def run_job(steps: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """Run the steps one after the other; return "success" or "failure", and how each step ended.

    A step is {"run": script, "if": condition, "shell": shell, "continue-on-error": bool}, all but "run" optional.
    A condition is "success()", "failure()" or "always()".
    A step ends as "success", "failure", "failure (ignored)" or "skipped".
    """
    outcomes: list[str] = []
    for step in steps:
        outcomes.append(_outcome(step, failed=Outcome.FAILURE in outcomes))
    return (Outcome.FAILURE if Outcome.FAILURE in outcomes else Outcome.SUCCESS), outcomes


def _outcome(step: dict[str, Any], *, failed: bool) -> Outcome:
    condition = step.get("if") or "success()"
    if condition != "always()" and failed is not (condition == "failure()"):
        return Outcome.SKIPPED
    if not run_step(step["run"], step.get("shell")):
        return Outcome.SUCCESS
    return Outcome.IGNORED if step.get("continue-on-error") else Outcome.FAILURE


# --- Task 5: fail-fast --------------------------------------------------------


def run_matrix(jobs: list[dict[str, Any]], *, fail_fast: bool = True) -> tuple[str, dict[str, str]]:
    """Return "success" or "failure", and by name how each job ended: "success", "failure" or "cancelled".

    A job is {"name": text, "ok": bool, "minutes": number, "continue-on-error": bool (optional)}.
    All start together, and each takes its minutes. Nothing is run here: this is a prediction.
    """
    whole, first = Outcome.SUCCESS, None
    results = {}
    for job in sorted(jobs, key=lambda job: job["minutes"]):
        if first is not None and fail_fast and job["minutes"] > first:
            results[job["name"]] = Outcome.CANCELLED
            continue
        results[job["name"]] = Outcome.SUCCESS if job["ok"] else Outcome.FAILURE
        if not job["ok"] and not job.get("continue-on-error"):
            whole = Outcome.FAILURE
            first = job["minutes"] if first is None else first
    return whole, results


# --- Task 6: caches -----------------------------------------------------------


def restore_cache(key: str, restore_keys: list[str], caches: dict[str, int]) -> tuple[str | None, bool]:
    """Return the key of the cache that is restored, or None, and whether it was a hit.

    `caches` maps the keys of all caches to the times when they were made; a larger one is newer.
    """
    by_age = sorted(caches, key=lambda name: caches[name], reverse=True)
    searches = itertools.chain([key], restore_keys)
    found = (name for wanted in searches for name in by_age if name.startswith(wanted))
    return (key, True) if key in caches else (next(found, None), False)


# --- Task 7: the practice -----------------------------------------------------


def practice_report(branches: Sequence[dict[str, Any]], builds: Sequence[dict[str, Any]], now: datetime) -> list[str]:
    """Return what keeps this team from continuous integration; nothing, if all is well.

    A branch is {"name": text, "started": datetime, "merged": datetime or None}.
    A build is {"commit": text, "at": datetime, "took": timedelta, "ok": bool}.

    * "NAME: integrated less than daily"
    * "COMMIT: build slower than ten minutes"
    * "mainline red for more than an hour"
    """
    report = []
    for branch in branches:
        end = now if branch["merged"] is None else branch["merged"]
        if end > branch["started"] + timedelta(days=1):
            report.append(f"{branch['name']}: integrated less than daily")
    mainline = RedPeriods()
    for build in sorted(builds, key=lambda build: build["at"]):
        # The other order for one and the same build.
        report.extend(mainline.see(build["at"], ok=build["ok"]))
        if build["took"].total_seconds() > 600:
            report.append(f"{build['commit']}: build slower than ten minutes")
    report.extend(mainline.see(now, ok=True))
    return report

"""Kata: continuous integration. The machinery behind a workflow, in nine small functions.

What GitHub Actions does with a workflow file, written down so that you can predict it: read it, check it, multiply it
by its matrix, order its jobs, run its steps, stop them, find a cache. And a look at the team behind it.

The standard library, plus ruamel.yaml (YAML 1.2) and check-jsonschema (it brings the workflow schema along, and
jsonschema to apply it).
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import product
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

#: What a matrix may come to in one run of a workflow.
MOST_JOBS = 256

#: How a step's script is run, by its "shell:". Only the one who asks for bash gets pipefail.
SHELLS = {
    None: ["bash", "-e"],
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"],
    "sh": ["sh", "-e"],
}


def workflow_schema() -> dict[str, Any]:
    """Return the JSON Schema of a workflow file. This one is written already."""
    return get_builtin_schema("vendor.github-workflows")


# --- Task 1: YAML and schema --------------------------------------------------


def load_workflow(text: str) -> dict[str, Any]:
    """Return the mapping that a YAML 1.2 text holds: its "on" is a text, and not True.

    Raises ValueError for anything that is not one mapping without duplicate keys.
    """
    try:
        doc = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ValueError("this is not YAML, or more than one document, or says something twice") from error
    if not isinstance(doc, dict):
        raise ValueError("a workflow is a mapping")  # noqa: TRY004 - the text is to blame, not the call
    return doc


def schema_errors(doc: dict[str, Any]) -> list[str]:
    """Return where the workflow breaks the schema: sorted, distinct paths such as "jobs/t", "." for the root.

    >>> schema_errors({"on": "push", "jobs": {"t": {"steps": []}}})
    ['jobs/t']
    """
    errors = Draft7Validator(workflow_schema()).iter_errors(doc)
    return sorted({"/".join(map(str, error.absolute_path)) or "." for error in errors})


# --- Task 2: the matrix -------------------------------------------------------


def expand_matrix(matrix: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one dict a job: the product without what is excluded, then what "include" adds.

    Raises ValueError for more than 256 jobs. The argument is not changed, and shares nothing with the result.

    >>> expand_matrix({"python": ["3.12", "3.13"], "include": [{"python": "3.13", "coverage": True}]})
    [{'python': '3.12'}, {'python': '3.13', 'coverage': True}]
    """
    axes = {name: values for name, values in matrix.items() if name not in {"include", "exclude"}}
    originals: list[dict[str, Any]] = []
    # The product of nothing is one empty combination; a matrix without axes has none.
    if axes:
        originals = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    for unwanted in matrix.get("exclude", []):
        originals = [one for one in originals if not unwanted.items() <= one.items()]
    # An entry is held against the originals, which do not grow; what it adds may be overwritten by the next one.
    grown = [dict(one) for one in originals]
    extras = []
    for entry in matrix.get("include", []):
        fitting = [
            combination
            for original, combination in zip(originals, grown, strict=True)
            if all(original[name] == value for name, value in entry.items() if name in original)
        ]
        for combination in fitting:
            combination.update(entry)
        if not fitting:
            extras.append(entry)
    jobs = [*grown, *extras]
    if len(jobs) > MOST_JOBS:
        raise ValueError(f"{len(jobs)} jobs; a matrix makes {MOST_JOBS} at most")
    return [deepcopy(job) for job in jobs]


# --- Task 3: needs ------------------------------------------------------------


def stages(jobs: dict[str, dict[str, Any]]) -> list[list[str]]:
    """Return what can start at once, then what can start after that, and so on; each stage is sorted.

    Raises ValueError for a job that needs an unknown job, itself, or one that waits for it.

    >>> stages({"test": {}, "lint": {}, "release": {"needs": ["test", "lint"]}})
    [['lint', 'test'], ['release']]
    """
    waiting = {name: _needs(job) for name, job in jobs.items()}
    if unknown := set().union(*waiting.values()) - waiting.keys():
        raise ValueError(f"nobody defines {', '.join(sorted(unknown))}")
    order = []
    while waiting:
        ready = sorted(name for name, needs in waiting.items() if not needs & waiting.keys())
        if not ready:
            raise ValueError(f"{', '.join(sorted(waiting))} wait for each other")
        order.append(ready)
        for name in ready:
            del waiting[name]
    return order


def _needs(job: dict[str, Any]) -> set[str]:
    needs = job.get("needs", [])
    return {needs} if isinstance(needs, str) else set(needs)


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
    with TemporaryDirectory() as folder:
        file = Path(folder, "step.sh")
        file.write_text(script, encoding="utf-8", newline="\n")
        return subprocess.run([*SHELLS[shell], str(file)], stdin=subprocess.DEVNULL, check=False).returncode


def run_job(steps: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """Run the steps one after the other; return "success" or "failure", and how each step ended.

    A step is {"run": script, "if": condition, "shell": shell, "continue-on-error": bool}, all but "run" optional.
    A condition is "success()", "failure()" or "always()".
    A step ends as "success", "failure", "failure (ignored)" or "skipped".
    """
    failed = False
    results = []
    for step in steps:
        runs = {"success()": not failed, "failure()": failed, "always()": True}[step.get("if", "success()")]
        if not runs:
            results.append("skipped")
        elif run_step(step["run"], step.get("shell")) == 0:
            results.append("success")
        elif step.get("continue-on-error", False):
            results.append("failure (ignored)")
        else:
            results.append("failure")
            failed = True
    return ("failure" if failed else "success"), results


# --- Task 5: fail-fast --------------------------------------------------------


def run_matrix(jobs: list[dict[str, Any]], *, fail_fast: bool = True) -> tuple[str, dict[str, str]]:
    """Return "success" or "failure", and by name how each job ended: "success", "failure" or "cancelled".

    A job is {"name": text, "ok": bool, "minutes": number, "continue-on-error": bool (optional)}.
    All start together, and each takes its minutes. Nothing is run here: this is a prediction.
    """
    counting = [job["minutes"] for job in jobs if not job["ok"] and not job.get("continue-on-error", False)]
    end = min(counting) if counting and fail_fast else math.inf
    results = {
        job["name"]: "cancelled" if job["minutes"] > end else "success" if job["ok"] else "failure" for job in jobs
    }
    return ("failure" if counting else "success"), results


# --- Task 6: caches -----------------------------------------------------------


def restore_cache(key: str, restore_keys: list[str], caches: dict[str, int]) -> tuple[str | None, bool]:
    """Return the key of the cache that is restored, or None, and whether it was a hit.

    `caches` maps the keys of all caches to the times when they were made; a larger one is newer.
    """
    if key in caches:
        return key, True
    for prefix in (key, *restore_keys):
        matches = [name for name in caches if name.startswith(prefix)]
        if matches:
            return max(matches, key=caches.__getitem__), False
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
    report = [
        f"{branch['name']}: integrated less than daily"
        for branch in branches
        if (branch["merged"] or now) - branch["started"] > timedelta(days=1)
    ]
    red_since = None
    for build in sorted(builds, key=itemgetter("at")):
        if build["took"] > timedelta(minutes=10):
            report.append(f"{build['commit']}: build slower than ten minutes")
        if not build["ok"]:
            red_since = red_since or build["at"]
        elif red_since:
            report += _red(red_since, build["at"])
            red_since = None
    if red_since:
        report += _red(red_since, now)
    return report


def _red(since: datetime, until: datetime) -> list[str]:
    return ["mainline red for more than an hour"] if until - since > timedelta(hours=1) else []

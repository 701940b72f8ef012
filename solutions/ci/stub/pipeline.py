"""Kata: continuous integration. The machinery behind a workflow, in nine small functions.

What GitHub Actions does with a workflow file, written down so that you can predict it: read it, check it, multiply it
by its matrix, order its jobs, run its steps, stop them, find a cache. And a look at the team behind it.

The standard library, plus ruamel.yaml (YAML 1.2) and check-jsonschema (it brings the workflow schema along, and
jsonschema to apply it).
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator
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
    raise NotImplementedError


def schema_errors(doc: dict[str, Any]) -> list[str]:
    """Return where the workflow breaks the schema: sorted, distinct paths such as "jobs/t", "." for the root.

    >>> schema_errors({"on": "push", "jobs": {"t": {"steps": []}}})
    ['jobs/t']
    """
    raise NotImplementedError


# --- Task 2: the matrix -------------------------------------------------------


def expand_matrix(matrix: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one dict a job: the product without what is excluded, then what "include" adds.

    Raises ValueError for more than 256 jobs. The argument is not changed, and shares nothing with the result.

    >>> expand_matrix({"python": ["3.12", "3.13"], "include": [{"python": "3.13", "coverage": True}]})
    [{'python': '3.12'}, {'python': '3.13', 'coverage': True}]
    """
    raise NotImplementedError


# --- Task 3: needs ------------------------------------------------------------


def stages(jobs: dict[str, dict[str, Any]]) -> list[list[str]]:
    """Return what can start at once, then what can start after that, and so on; each stage is sorted.

    Raises ValueError for a job that needs an unknown job, itself, or one that waits for it.

    >>> stages({"test": {}, "lint": {}, "release": {"needs": ["test", "lint"]}})
    [['lint', 'test'], ['release']]
    """
    raise NotImplementedError


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
    raise NotImplementedError


def run_job(steps: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """Run the steps one after the other; return "success" or "failure", and how each step ended.

    A step is {"run": script, "if": condition, "shell": shell, "continue-on-error": bool}, all but "run" optional.
    A condition is "success()", "failure()" or "always()".
    A step ends as "success", "failure", "failure (ignored)" or "skipped".
    """
    raise NotImplementedError


# --- Task 5: fail-fast --------------------------------------------------------


def run_matrix(jobs: list[dict[str, Any]], *, fail_fast: bool = True) -> tuple[str, dict[str, str]]:
    """Return "success" or "failure", and by name how each job ended: "success", "failure" or "cancelled".

    A job is {"name": text, "ok": bool, "minutes": number, "continue-on-error": bool (optional)}.
    All start together, and each takes its minutes. Nothing is run here: this is a prediction.
    """
    raise NotImplementedError


# --- Task 6: caches -----------------------------------------------------------


def restore_cache(key: str, restore_keys: list[str], caches: dict[str, int]) -> tuple[str | None, bool]:
    """Return the key of the cache that is restored, or None, and whether it was a hit.

    `caches` maps the keys of all caches to the times when they were made; a larger one is newer.
    """
    raise NotImplementedError


# --- Task 7: the practice -----------------------------------------------------


def practice_report(branches: Sequence[dict[str, Any]], builds: Sequence[dict[str, Any]], now: datetime) -> list[str]:
    """Return what keeps this team from continuous integration; nothing, if all is well.

    A branch is {"name": text, "started": datetime, "merged": datetime or None}.
    A build is {"commit": text, "at": datetime, "took": timedelta, "ok": bool}.

    * "NAME: integrated less than daily"
    * "COMMIT: build slower than ten minutes"
    * "mainline red for more than an hour"
    """
    raise NotImplementedError

"""A machine as GitHub lends one to each job: it runs the steps of a workflow, and nothing on it is installed yet.

`python`, `pip` and `pytest` are stand-ins, small scripts in front of the PATH. pip installs nothing; pytest is not
found until pip has installed something, and then it fails if a test of the project contains "assert False". Both look
whether the files and folders are there that they are told to read. The exit codes are those of the real ones, and your
`run:` steps are run by real shells.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PIP = """\
#!/usr/bin/env bash
before=
for word in "$@"; do
    file=
    case $before in
        -r | --requirement | -c | --constraint) file=$word ;;
    esac
    case $word in
        --requirement=* | --constraint=*) file=${word#*=} ;;
        -r?* | -c?*) file=${word:2} ;;
        . | .\\[*) if [[ $before != -* || $before == -e || $before == --editable ]]; then file=pyproject.toml; fi ;;
    esac
    if [[ $file && $file != *://* && ! -f $file && " $* " == *" install "* ]]; then
        echo "pip: there is no file '$file' here" >&2
        exit 1
    fi
    before=$word
done
case " $* " in
    *" install "*) touch "$MACHINE/installed" ;;
esac
"""

PYTEST = """\
#!/usr/bin/env bash
shopt -s globstar nullglob
if [[ ! -e $MACHINE/installed ]]; then
    echo "pytest: not installed" >&2
    exit 127
fi
case " $* " in
    *" --collect-only "* | *" --co "* | *" --version "* | *" --help "* | *" -h "*) exit 0 ;;
esac
before=
for word in "$@"; do
    case $word in
        -*) before=$word; continue ;;
    esac
    # What follows an option that is not known here may be its value.
    if [[ ! $before || $before =~ ^(-[qvxsl]+|-r.+|--(quiet|verbose|exitfirst|lf|ff|strict-.*|.*=.*))$ ]]; then
        if [[ ! -e ${word%%::*} ]]; then
            echo "ERROR: file or directory not found: $word"
            exit 4
        fi
    fi
    before=
done
tests=(**/test_*.py)
if [[ ${#tests[@]} == 0 ]]; then
    echo "no tests ran"
    exit 5
fi
for file in "${tests[@]}"; do
    if [[ $(<"$file") == *"assert False"* ]]; then
        echo "1 failed"
        exit 1
    fi
done
echo "1 passed"
"""

PYTHON = """\
#!/usr/bin/env bash
for ((at = 1; at < $#; at++)); do
    next=$((at + 1))
    if [[ ${!at} == -m ]]; then
        case ${!next} in
            pip | pytest | ruff | flake8) exec "$MACHINE/bin/${!next}" "${@:next + 1}" ;;
            venv)
                mkdir -p "${!#}/bin"
                cp "$MACHINE/bin/"* "${!#}/bin"
                echo "PATH=\\"$(cd "${!#}" && pwd)/bin:\\$PATH\\"" >"${!#}/bin/activate"
                exit ;;
        esac
    fi
done
exec "$PYTHON" "$@"
"""

#: What GitHub's guide calls before the tests; nothing is wrong with the style of the projects here.
LINTER = "#!/usr/bin/env bash\n"

PYTHONS = ["python", "python3", *(f"python3.{minor}" for minor in range(9, 17))]
SHIMS = {"pip": PIP, "pip3": PIP, "pytest": PYTEST, "py.test": PYTEST, "ruff": LINTER, "flake8": LINTER}
SHIMS.update(dict.fromkeys(PYTHONS, PYTHON))

SHELLS = {
    None: "bash -e {0}",
    "bash": "bash --noprofile --norc -eo pipefail {0}",
    "sh": "sh -e {0}",
}


class NotUnderstood(ValueError):
    """The workflow says something that this machine, unlike GitHub's, cannot do."""


@dataclass
class Run:
    """What became of a workflow: green or red, and a line for each step that was run or left out."""

    green: bool = True
    steps: list[str] = field(default_factory=list)


def run_workflow(workflow: dict[str, Any], project: dict[str, str], folder: Path) -> Run:
    """Run every job of a workflow, the first combination of its matrix, on a pull request of this project."""
    run = Run()
    ended: dict[str, bool] = {}
    waiting = dict(workflow["jobs"])
    for name, job in waiting.items():
        if unknown := _needs(job) - waiting.keys():
            raise NotUnderstood(f"job {name} needs {', '.join(sorted(unknown))}, and there is no such job")
    while waiting:
        name = next((name for name, job in waiting.items() if not _needs(job) & waiting.keys()), None)
        if name is None:
            raise NotUnderstood("the jobs wait for each other")
        job = waiting.pop(name)
        needs = [ended.get(need, False) for need in _needs(job)]
        if not _holds(job.get("if"), ok=all(needs)):
            run.steps.append(f"job {name}: skipped")
            ended[name] = False
            continue
        machine = _Machine(workflow, job, project, folder / name)
        ended[name] = machine.run(run.steps, name) or machine.filled_in(job.get("continue-on-error")) in (True, "true")
        run.green = run.green and ended[name]
    return run


def _needs(job: dict[str, Any]) -> set[str]:
    needs = job.get("needs", [])
    return {needs} if isinstance(needs, str) else set(needs)


def _holds(condition: object, *, ok: bool) -> bool:
    """Say whether a step or job runs, given whether all was well before it."""
    text = re.sub(r"\s", "", "success()" if condition is None else str(condition)).lower()
    text = text.removeprefix("${{").removesuffix("}}")
    known = {"success()": ok, "failure()": not ok, "always()": True, "!cancelled()": True, "true": ok, "false": False}
    if text not in known:
        raise NotUnderstood(f"if: {condition} (for run: steps and jobs it knows success(), failure() and always())")
    return known[text]


class _Machine:
    def __init__(self, workflow: dict[str, Any], job: dict[str, Any], project: dict[str, str], folder: Path) -> None:
        self.job, self.project = job, project
        self.matrix = _first_combination(job.get("strategy", {}).get("matrix", {}))
        self.defaults = workflow.get("defaults", {}).get("run", {}) | job.get("defaults", {}).get("run", {})
        self.home, self.workspace = folder / "machine", folder / "workspace"
        for made in (self.home / "bin", self.workspace):
            made.mkdir(parents=True)
        for name, text in SHIMS.items():
            shim = self.home / "bin" / name
            shim.write_text(text, encoding="utf-8", newline="\n")
            shim.chmod(0o755)
        self.env = {
            **os.environ,
            "PATH": f"{self.home / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "MACHINE": str(self.home),
            "PYTHON": sys.executable,
            "HOME": str(self.home),
            "CI": "true",
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.home),
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            **{f"GITHUB_{name}": str(self.home / name.lower()) for name in ("ENV", "OUTPUT", "PATH", "STEP_SUMMARY")},
        }
        for place in (workflow, job):
            self.env |= self.variables(place)

    def run(self, told: list[str], job: str) -> bool:
        """Run the steps; say whether the job succeeded."""
        ok = True
        for number, step in enumerate(self.job.get("steps", []), 1):
            title = f"job {job}, step {number}"
            if "run" not in step:
                told.append(f"{title}: uses {step['uses'].partition('@')[0]}")
                if step["uses"].startswith("actions/checkout@"):
                    self.check_out(self.workspace / (step.get("with") or {}).get("path", "."))
            elif not _holds(step.get("if"), ok=ok):
                told.append(f"{title}: skipped")
            else:
                code, output = self.execute(step, self.home / f"step-{number}")
                told += [f"{title}: exit code {code}", *(f"  $ {line}" for line in step["run"].splitlines())]
                told += [f"  {line}" for line in output.splitlines()[-3:]]
                if code and self.filled_in(step.get("continue-on-error")) not in (True, "true"):
                    ok = False
        return ok

    def check_out(self, folder: Path) -> None:
        for name, text in self.project.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def execute(self, step: dict[str, Any], file: Path) -> tuple[int, str]:
        shell = step.get("shell", self.defaults.get("shell"))
        template = SHELLS.get(shell, shell)
        if "{0}" not in template:
            raise NotUnderstood(f"shell: {shell} (bash and sh are on this machine)")
        env = self.env | self.variables(step)
        file.write_text(self.filled_in(step["run"], env), encoding="utf-8", newline="\n")
        folder = self.filled_in(step.get("working-directory", self.defaults.get("working-directory", ".")), env)
        if not (self.workspace / folder).is_dir():
            return 1, f"working-directory: there is no folder {folder!r} here"
        try:
            done = subprocess.run(
                [str(file) if part == "{0}" else part for part in template.split()],
                cwd=self.workspace / folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except FileNotFoundError:
            return 127, f"shell: {shell} is not on this machine"
        return done.returncode, done.stdout

    def variables(self, place: dict[str, Any]) -> dict[str, str]:
        env = place.get("env") or {}
        return {name: str(self.filled_in(value)) for name, value in env.items()} if isinstance(env, dict) else {}

    def filled_in(self, value: Any, env: dict[str, str] | None = None) -> Any:
        """Put in what ${{ matrix.NAME }} and ${{ env.NAME }} ask for, and nothing for other expressions."""
        if not isinstance(value, str):
            return value

        def meant(expression: re.Match[str]) -> str:
            asked = re.fullmatch(r"""(matrix|env)(?:\.|\[['"])([\w-]+)(?:['"]\])?""", expression[1])
            known = {"matrix": self.matrix, "env": self.env if env is None else env}
            found = known[asked[1]].get(asked[2], "") if asked else ""
            return str(found).lower() if isinstance(found, bool) else str(found)

        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", meant, value)


def _first_combination(matrix: object) -> dict[str, Any]:
    """Return one combination: it is enough, as the steps of all are the same."""
    if not isinstance(matrix, dict):
        return {}
    axes = {name: values for name, values in matrix.items() if name not in {"include", "exclude"}}
    first = {name: values[0] for name, values in axes.items() if isinstance(values, list) and values}
    for entry in matrix.get("include", []):
        if not first or all(first.get(name, value) == value for name, value in entry.items()):
            first = entry | first
    return first

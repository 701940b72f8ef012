"""Virtual environments in which one plugin, or none, meets the same pytest."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent

# What would make a run of the benchmarks another run than a person's.
_FOREIGN = ("CI", "COLUMNS", "PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH", "VIRTUAL_ENV")


class Plugin(NamedTuple):
    """A plugin as its documentation tells people to use it.

    :ivar package: what pip is asked for; empty for none.
    :ivar options: what makes it record; it gets these on every run.
    """

    name: str
    package: str = ""
    options: tuple[str, ...] = ()


BARE = Plugin("bare")
OURS = Plugin("katas", str(ROOT))
PEERS = (
    Plugin("history", "pytest-history"),
    Plugin("reportlog", "pytest-reportlog", ("--report-log=report.jsonl",)),
    Plugin("sugar", "pytest-sugar", ("--force-sugar",)),
    Plugin("json-report", "pytest-json-report", ("--json-report", "--json-report-file=report.json")),
    Plugin("html", "pytest-html", ("--html=report.html",)),
)


class Environment:
    """A virtual environment with pytest and one plugin.

    :param folder: where it is; one that is there already is used again, but for the plugin of this checkout.
    :param pytest: the version that all have in common; empty for the newest.
    """

    def __init__(self, plugin: Plugin, folder: Path, pytest: str = "") -> None:
        self.plugin = plugin
        self._python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        wanted = f"pytest=={pytest}" if pytest else "pytest"
        if not self._python.exists():
            venv.create(folder, with_pip=True)
            # First with all that this pytest needs: the one that a peer asks for may need less.
            self._pip(wanted)
            if plugin.package:
                self._pip(plugin.package)
        if plugin is OURS:
            self._pip("--force-reinstall", "--no-deps", plugin.package)
        # Without the dependencies: some peer asks for an old pytest and works with this one.
        self._pip("--no-deps", wanted)

    def pytest(self, *args: str) -> tuple[str, ...]:
        """Return the command that runs pytest with the plugin at work."""
        return self.python("-m", "pytest", *self.plugin.options, *args)

    def python(self, *args: str) -> tuple[str, ...]:
        """Return the command that runs this environment's Python."""
        return str(self._python), *args

    def versions(self) -> dict[str, str]:
        """Return the versions of all that is installed, by name."""
        listed = subprocess.run(
            self.python("-m", "pip", "list", "--format=json"), check=True, capture_output=True, env=variables()
        )
        return {each["name"]: each["version"] for each in json.loads(listed.stdout)}

    def _pip(self, *args: str) -> None:
        command = self.python("-m", "pip", "install", "--quiet", "--disable-pip-version-check", *args)
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=variables())
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\n{done.stderr}")


def variables() -> dict[str, str]:
    """Return the environment variables of every process that is measured: the same hash seed, nothing of our own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _FOREIGN and not name.startswith(("KATA_", "PYTEST_"))
    }
    return kept | {"PYTHONHASHSEED": "0"}


def environments(folder: Path, plugins: Sequence[Plugin]) -> dict[str, Environment]:
    """Make an environment for no plugin and one for each of these, all with the same pytest."""
    bare = Environment(BARE, folder / BARE.name)
    version = bare.versions()["pytest"]
    made = (Environment(plugin, folder / plugin.name, version) for plugin in plugins)
    return {BARE.name: bare} | {each.plugin.name: each for each in made}

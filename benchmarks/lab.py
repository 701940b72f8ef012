"""Where measurements are made: the environments side by side, each with a copy of the project."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from cost import TURNS, Costs, Run, has_valgrind, output, processor, ratio, seconds
from environment import BARE, OURS, Environment

PROBES = Path(__file__).parent / "probes"


class Lab:
    """Runs the same in every environment.

    :ivar folder: for whatever a measurement writes.
    :ivar quick: take fewer turns and smaller projects.
    """

    def __init__(self, environments: Mapping[str, Environment], folder: Path, *, quick: bool) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.quick = quick
        self._environments = environments
        self._turns = 5 if quick else TURNS
        #: How :meth:`processor` counts.
        self.by = "instructions" if has_valgrind() else "wall"

    @property
    def ours(self) -> Environment:
        """The environment with the plugin of this checkout."""
        return self._environments[OURS.name]

    @property
    def peers(self) -> list[str]:
        """The names of the other plugins."""
        return [name for name in self._environments if name not in {BARE.name, OURS.name}]

    def runs(self, make: Callable[[Path], Path], *args: str) -> dict[str, Run]:
        """Return a run of pytest in each environment, each on its own copy of a project.

        :param make: writes the project into a folder.
        :param args: pytest's arguments.
        """
        made = {}
        for name, environment in self._environments.items():
            folder = self.folder / name / str(len(list(self.folder.glob(f"{name}/*"))))
            made[name] = Run(environment.pytest(*args), make(folder))
        return made

    def probe(self, name: str, *args: str) -> dict[str, float]:
        """Run a script of ``probes/`` with our plugin installed, and return what it measured."""
        command = self.ours.python(str(PROBES / f"{name}.py"), *args)
        return dict(json.loads(output(Run(command, self.folder))))

    def processor(self, runs: Mapping[str, Run]) -> Costs:
        """Measure instructions, else seconds."""
        return processor(runs, self._turns)

    def seconds(self, runs: Mapping[str, Run]) -> Costs:
        """Measure seconds."""
        return seconds(runs, self._turns)

    def ratios(self, costs: Costs) -> tuple[dict[str, float], float]:
        """Return how many times dearer than bare pytest the peers are, and we are."""
        return {name: ratio(costs, name, BARE.name) for name in self.peers}, ratio(costs, OURS.name, BARE.name)

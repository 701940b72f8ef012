"""What one session of pytest has of ours, from the first kata it meets to its end.

Wiring only: which hook objects this process needs, and that each kata is told to all of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_katas.attempt import LiveAttempt, Run
from pytest_katas.catalogue import Catalogue, CatalogueError, Kata
from pytest_katas.focus import Focus, opens
from pytest_katas.proctor import Proctor
from pytest_katas.recorder import Recorder
from pytest_katas.settings import Settings, left_out_by
from pytest_katas.summary import Summary
from pytest_katas.watchdog import Watchdog


class Session:
    """The hook objects of this process, registered while it lasts.

    A worker of pytest-xdist runs tests and records nothing, its controller records and runs none; a plain session does
    both, and only there can one task open after the other.
    """

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        _require_importlib(config)
        options = vars(config.option)
        is_worker = hasattr(config, "workerinput")
        is_controller = not is_worker and options.get("dist", "no") != "no"
        args = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else ()
        self.settings = settings
        self._config = config
        self._catalogue = Catalogue()
        self._run = Run()
        self._in_order = not is_worker and not is_controller and opens(options, args, show_all=self.settings.show_all)
        watchdog = None if is_controller else _watchdog(config, self.settings)
        self._proctor = Proctor(self._catalogue, self._run, watchdog)
        self._recorder = Recorder(
            self.settings,
            self._catalogue,
            self._run,
            self._proctor.roster,
            config.rootpath,
            left_out_by(options, args),
        )
        self._plugins: dict[str, object] = {}
        if not is_controller:
            self._plugins["kata-proctor"] = self._proctor
        if not is_worker:
            self._plugins["kata-recorder"] = self._recorder
            self._plugins["kata-summary"] = Summary(config, self.settings, self._run)
        for name, plugin in self._plugins.items():
            config.pluginmanager.register(plugin, name)

    def meet(self, folder: str) -> None:
        """Take in the kata in ``folder``, once.

        :raises CatalogueError: its ``kata.toml`` cannot be used.
        """
        if folder in self._run.attempts:
            return
        kata = self._catalogue.kata_of(Path(folder))
        assert kata is not None, "a folder with a kata.toml is a kata"
        _require_root_above(self._config, kata)
        _refuse_suites(self._config, kata)
        self._run.attempts[folder] = LiveAttempt(kata, Focus(by_test=kata.unlock == "test", off=not self._in_order))
        self._proctor.meet(kata)
        if "kata-recorder" in self._plugins:
            self._recorder.meet(kata)

    def close(self) -> None:
        """Unregister everything, and leave signals and timers as they were."""
        for name in self._plugins:
            self._config.pluginmanager.unregister(name=name)
        self._proctor.close()


def _require_importlib(config: pytest.Config) -> None:
    """Refuse to go on where every kata would import the stub of the first one, or the package that it teaches."""
    if config.getoption("importmode") != "importlib":
        where = config.inipath or config.rootpath / "pyproject.toml"
        raise CatalogueError(
            f"katas need --import-mode=importlib; add it to addopts in {where},"
            ' as in addopts = ["--import-mode=importlib"]'
        )


def _require_root_above(config: pytest.Config, kata: Kata) -> None:
    """Refuse a root folder from which pytest would name a kata's modules like the package that it teaches, or alike."""
    track = kata.path.parent
    if config.rootpath.is_relative_to(track):
        raise CatalogueError(
            f"--rootdir is {config.rootpath}, where the files of a kata cannot import each other;"
            f" leave the option out, or write --rootdir={track.parent}"
        )


def _refuse_suites(config: pytest.Config, kata: Kata) -> None:
    """Refuse to run a learner's own tests by name: without an implementation under them they would say nothing."""
    here = config.invocation_params.dir
    named = {os.path.abspath(here / arg.partition("::")[0]) for arg in config.args}
    for suite in kata.suites:
        if str(kata.path / suite) in named:
            raise CatalogueError(
                f"{suite} is not run by itself but judged, on right and on wrong implementations;"
                f" run: pytest {os.path.relpath(kata.path, here)}"
            )


def _watchdog(config: pytest.Config, settings: Settings) -> Watchdog | None:
    """Make the watchdog, unless a debugger or another keeper of time is at work."""
    options = vars(config.option)
    others = (
        options.get("usepdb"),
        options.get("trace"),
        options.get("timeout"),
        config.pluginmanager.hasplugin("timeout") and (config.getini("timeout") or os.environ.get("PYTEST_TIMEOUT")),
        config.pluginmanager.hasplugin("faulthandler") and float(config.getini("faulthandler_timeout") or 0),
    )
    if not settings.deadline or any(others) or not Watchdog.supported():
        return None
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is None:
        return Watchdog(settings.deadline, [], os.dup(2))
    # Last words of a process that must be ended are for the terminal, not for the file that captures output.
    with capture.global_and_fixture_disabled():
        return Watchdog(settings.deadline, [], os.dup(2))

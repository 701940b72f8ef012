"""The plugin as pytest loads it: the options, and the few hooks that fire whether or not there is a kata.

Everything else is imported when the first kata is met or a verb is asked for: a project that merely has this plugin
installed pays for hooks that find nothing to do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_katas.flags import OPTIONS, VERBS
from pytest_katas.folders import Folders

if TYPE_CHECKING:
    from pytest_katas.session import Session
    from pytest_katas.settings import Settings

FOLDERS: pytest.StashKey[Folders] = pytest.StashKey()
SESSION: pytest.StashKey[Session] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the verbs and the options; every name begins with ``kata``."""
    group = parser.getgroup("katas", "katas: test-driven exercises, and the record of your red, amber and green")
    for option in OPTIONS:
        # Without a name of its own pytest looks for one in every option there is.
        if option.metavar:
            group.addoption(option.flag, dest=option.dest, metavar=option.metavar, help=option.purpose)
        else:
            group.addoption(option.flag, dest=option.dest, action="store_true", help=option.purpose)
    parser.addini("kata_learner", "whose record it is, unless --kata-learner or KATA_LEARNER says so", default="")
    parser.addini(
        "kata_deadline", "seconds that a test of a kata may take; 0 for no deadline (default: 10)", default=""
    )


def pytest_configure(config: pytest.Config) -> None:
    """Fires once in every process: declare the marker, so that --strict-markers knows it everywhere."""
    config.addinivalue_line("markers", "task(taskno, guard): the task of its kata that a test belongs to")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Fires before a session is made: a verb is carried out instead of one."""
    if hasattr(config, "workerinput") or not any(config.getoption(verb.dest) for verb in VERBS):
        return None
    # A verb runs no test in this process, and imports what it needs as it goes.
    with _as_written(config), _usage_errors():
        from pytest_katas.verbs import carry_out

        return carry_out(config, _settings(config))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Fires before collection: say which kata was meant; the controller of xdist collects nothing and begins here."""
    config = session.config
    here = config.invocation_params.dir
    # As pytest will name them: links stay, ".." goes.
    paths = [Path(os.path.abspath(here / arg.partition("::")[0])) for arg in config.args]
    missing = [] if config.getoption("pyargs") else [path for path in paths if not path.exists()]
    is_controller = config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput")
    if missing or is_controller:
        from pytest_katas.catalogue import katas_at, meant_by

        with _usage_errors():
            for path in missing:
                meant_by(path, here)
            if is_controller:
                for kata in chain.from_iterable(map(katas_at, paths)):
                    _session(config).meet(str(kata.path))
    for path in paths:
        # Here and not when it is collected, where an error in use would become one of the file.
        if path.is_file():
            _begin(config, str(path))


@pytest.hookimpl(tryfirst=True)
def pytest_collectstart(collector: pytest.Collector) -> None:
    """Fires before a folder's conftest or a test file is imported: begin, if it is the first one of a kata.

    Not ``pytest_collect_directory``: that one also fires for the neighbours of the folder that was asked for.
    """
    if not isinstance(collector, pytest.Session):
        _begin(collector.config, os.fspath(collector.path))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Fires in the controller of xdist when a worker knows its tests: begin with katas that no argument led to."""
    root = node.config.rootpath
    for path in {nodeid.partition("::")[0] for nodeid in ids}:
        _begin(node.config, os.path.normpath(root / path))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Fires last in every process: leave it as it was."""
    if session := config.stash.get(SESSION, None):
        del config.stash[SESSION]
        session.close()


def _begin(config: pytest.Config, path: str) -> None:
    folder = config.stash.setdefault(FOLDERS, Folders()).kata_of(path)
    if folder is not None:
        with _usage_errors():
            _session(config).meet(folder)


def _session(config: pytest.Config) -> Session:
    if SESSION not in config.stash:
        with _as_written(config):
            from pytest_katas.session import Session

        config.stash[SESSION] = Session(config, _settings(config))
    return config.stash[SESSION]


def _settings(config: pytest.Config) -> Settings:
    from pytest_katas.settings import decide

    ini = {key: str(config.getini(key)) for key in ("kata_learner", "kata_deadline")}
    return decide(vars(config.option), ini, os.environ, config.invocation_params.dir)


@contextmanager
def _as_written(config: pytest.Config) -> Iterator[None]:
    """Import without pytest's rewriting of assert statements, which it means to do to every module of a plugin.

    Nothing here asserts for a test, and its cache is slow to read: a run of one test would take 6 % longer.
    """
    hook: Any = config.pluginmanager.rewrite_hook
    finders = sys.meta_path[:]
    sys.meta_path[:] = [finder for finder in finders if finder is not hook]
    try:
        yield
    finally:
        sys.meta_path[:] = finders


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Turn a sentence for the person at the keyboard into pytest's exit code 4."""
    from pytest_katas.errors import KataError

    try:
        yield
    except KataError as error:
        raise pytest.UsageError(str(error)) from error

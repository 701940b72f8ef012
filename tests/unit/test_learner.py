"""Who is at the keyboard: the one named, the one known, the one git knows, the one logged in."""

from __future__ import annotations

import getpass
import os
import subprocess
from pathlib import Path

import pytest

from pytest_katas.learner import learner_of
from pytest_katas.names import folder_name
from pytest_katas.store import Store


class Machine:
    """A machine on which git knows nobody, and ``kit`` is logged in."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
        self.path = path
        self.store = Store(path / ".katas")
        self.monkeypatch = monkeypatch
        monkeypatch.chdir(path)
        for name in ("GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_DIR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(path.parent))
        monkeypatch.setattr(getpass, "getuser", lambda: "kit")

    def git_knows(self, name: str) -> None:
        self.monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        self.monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
        self.monkeypatch.setenv("GIT_CONFIG_VALUE_0", name)

    def record_of(self, *learners: str) -> None:
        for learner in learners:
            self.store.append(learner, "jwt", "spoil")

    def ask(self, named: str | None = None) -> str:
        return learner_of(named, self.store)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


class TestNamed:
    """The name somebody gave."""

    def test_it_comes_before_every_other(self, machine: Machine) -> None:
        machine.record_of("grace")
        machine.git_knows("Ada Lovelace")

        assert machine.ask("edsger") == "edsger"

    def test_it_is_made_a_safe_folder_name(self, machine: Machine) -> None:
        assert machine.ask("../ada") == folder_name("../ada")
        assert machine.ask("../ada") != "../ada"

    @pytest.mark.parametrize("hidden", ["Zo\udcc3\udcab", "Zo\xeb", "Zoe\u0308"])
    def test_where_the_locale_is_ascii_it_is_the_same_learner(self, machine: Machine, hidden: str) -> None:
        assert machine.ask(hidden) == "Zo\xeb"

    def test_bytes_that_are_no_text_still_name_somebody(self, machine: Machine) -> None:
        assert machine.ask("Zo\udceb") == folder_name("Zo\ufffd")
        assert machine.ask("Zo\ud800") == folder_name("Zo\ud800")


class TestKnown:
    """The one learner of the record."""

    def test_a_single_one_is_meant_and_git_is_not_asked(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        machine.record_of("grace")
        monkeypatch.setattr(subprocess, "run", None)

        assert machine.ask() == "grace"

    @pytest.mark.parametrize("named", [None, ""])
    def test_of_several_none_is_meant(self, machine: Machine, named: str | None) -> None:
        machine.record_of("ada", "grace")

        assert machine.ask(named) == "kit"


class TestGit:
    """The name in git's configuration."""

    def test_it_comes_before_the_login_name(self, machine: Machine) -> None:
        machine.git_knows("Ada Lovelace")

        assert machine.ask() == "Ada Lovelace"

    def test_it_is_made_a_safe_folder_name(self, machine: Machine) -> None:
        machine.git_knows("ada/grace")

        assert machine.ask() == folder_name("ada/grace")

    @pytest.mark.skipif(os.name == "nt", reason="there the environment is text")
    def test_it_may_be_any_bytes(self, machine: Machine) -> None:
        machine.git_knows("Zo\udceb")

        assert machine.ask() == folder_name("Zo\ufffd")

    @pytest.mark.parametrize("name", ["", "  "])
    def test_an_empty_one_is_none(self, machine: Machine, name: str) -> None:
        machine.git_knows(name)

        assert machine.ask() == "kit"

    def test_without_git_the_login_name_counts(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        machine.git_knows("Ada Lovelace")
        monkeypatch.setenv("PATH", str(machine.path))

        assert machine.ask() == "kit"

    def test_a_git_that_does_not_answer_is_not_waited_for(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def hang(command: list[str], *, timeout: float, **_: object) -> None:
            assert 0 < timeout <= 10
            raise subprocess.TimeoutExpired(command, timeout)

        monkeypatch.setattr(subprocess, "run", hang)

        assert machine.ask() == "kit"


class TestLogin:
    """The name somebody logged in with."""

    def test_it_is_made_a_safe_folder_name(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(getpass, "getuser", lambda: "domain\\kit")

        assert machine.ask() == folder_name("domain\\kit")

    @pytest.mark.parametrize("error", [OSError, KeyError, ImportError])
    def test_where_the_system_knows_no_name_it_is_learner(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
    ) -> None:
        def nobody() -> str:
            raise error

        monkeypatch.setattr(getpass, "getuser", nobody)

        assert machine.ask() == "learner"

    def test_an_empty_one_is_none(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(getpass, "getuser", lambda: "")

        assert machine.ask() == "learner"

"""Whether another process is still there, asked of real ones."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pytest_katas.process import alive


class TestAlive:
    """What decides whether a run that never reported may still do so."""

    def test_a_process_is_alive_until_it_has_ended(self) -> None:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        try:
            assert alive(child.pid) is True
        finally:
            child.communicate(b"\n", timeout=30)
        assert alive(child.pid) is False

    def test_this_process_is_alive(self) -> None:
        assert alive(os.getpid()) is True

    @pytest.mark.parametrize("pid", [0, -1, -os.getpid(), -(2**80)], ids=["ours", "all", "of-one-group", "too-large"])
    def test_no_process_has_such_an_id_although_the_system_would_take_it_for_a_group(self, pid: int) -> None:
        assert alive(pid) is False

    def test_an_id_too_large_for_the_system_is_no_process(self) -> None:
        assert alive(2**80) is False

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows is not asked by a signal")
    def test_a_process_of_somebody_else_is_alive(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(pid: int, signal: int) -> None:
            assert (pid, signal) == (4321, 0)
            raise PermissionError

        monkeypatch.setattr(os, "kill", refuse)

        assert alive(4321) is True

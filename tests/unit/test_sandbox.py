from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_katas.sandbox import Sandbox, files_of


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path / "sandbox")


def test_the_files_are_laid_out_below_the_desk_and_nothing_is_astray(sandbox: Sandbox):
    sandbox.lay("katas/jwt", {"anatomy.py": b"1", "data/a.bin": b"\0\r\n"})
    assert sandbox.home == sandbox.desk / "katas" / "jwt"
    assert files_of(sandbox.home) == {"anatomy.py": b"1", "data/a.bin": b"\0\r\n"}
    assert sandbox.strays() == []


def test_the_next_job_finds_its_own_files_only(sandbox: Sandbox):
    sandbox.lay("katas/jwt", {"anatomy.py": b"1", "old.py": b"2"})
    (sandbox.temporary / "left").touch()
    sandbox.findings.write_bytes(b"{}")
    sandbox.lay("katas/jwt", {"anatomy.py": b"1", "new.py": b"3"})
    assert files_of(sandbox.home) == {"anatomy.py": b"1", "new.py": b"3"}
    assert list(sandbox.temporary.iterdir()) == []
    assert sandbox.findings.read_bytes() == b""


def test_another_folder_is_another_desk(sandbox: Sandbox):
    sandbox.lay("katas/jwt", {"anatomy.py": b"1"})
    before = sandbox.desk
    sandbox.lay("katas/tdd", {})
    assert not before.exists()
    assert [path.name for path in (sandbox.desk / "katas").iterdir()] == ["tdd"]


def test_a_file_that_stays_the_same_is_not_written_again(sandbox: Sandbox):
    sandbox.lay("k", {"test_a.py": b"1", "a.py": b"1"})
    same, changed = (sandbox.home / name for name in ("test_a.py", "a.py"))
    before = same.stat().st_mtime_ns, changed.stat().st_mtime_ns
    sandbox.lay("k", {"test_a.py": b"1", "a.py": b"2"})
    assert same.stat().st_mtime_ns == before[0]
    assert changed.stat().st_mtime_ns != before[1]


def test_a_compiled_file_of_an_earlier_content_is_never_used(sandbox: Sandbox):
    """Same path, same size, written within the same second: what Python goes by must differ all the same."""
    said = []
    for number in b"123":
        sandbox.lay("k", {"module.py": b"print(%c)" % number})
        kept_out = {"PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH"}
        environment = {name: value for name, value in os.environ.items() if name not in kept_out}
        command = [sys.executable, "-c", "import module"]
        said.append(
            subprocess.run(command, cwd=sandbox.home, env=environment, stdout=subprocess.PIPE, check=True).stdout
        )
        assert (sandbox.home / "__pycache__").is_dir()
    assert [int(text) for text in said] == [1, 2, 3]


def test_what_a_job_adds_changes_and_removes_is_astray(sandbox: Sandbox):
    sandbox.lay("k", {"changed.py": b"1", "removed.py": b"1", "kept.py": b"1"})
    (sandbox.home / "changed.py").write_bytes(b"2")
    (sandbox.home / "removed.py").unlink()
    (sandbox.home / "made").mkdir()
    (sandbox.home / "made" / "added.txt").touch()
    (sandbox.temporary / "left").touch()
    (sandbox.home / "__pycache__").mkdir()
    (sandbox.home / "__pycache__" / "kept.pyc").touch()
    expected = ["changed.py", "made/added.txt", "removed.py", str(sandbox.temporary / "left")]
    assert sandbox.strays() == expected


def test_turning_back_a_files_clock_hides_nothing(sandbox: Sandbox):
    sandbox.lay("k", {"a.py": b"1"})
    path = sandbox.home / "a.py"
    before = path.stat()
    path.write_bytes(b"2")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert sandbox.strays() == ["a.py"]


def test_a_cleared_sandbox_starts_anew(sandbox: Sandbox):
    sandbox.lay("k", {"a.py": b"1"})
    (sandbox.home / "__pycache__").mkdir()
    sandbox.clear()
    sandbox.lay("k", {"a.py": b"1"})
    assert [path.name for path in sandbox.home.iterdir()] == ["a.py"]


def test_a_folder_is_read_without_what_tools_leave_in_it(tmp_path: Path):
    for name in ("a.py", ".env", "__pycache__/a.pyc", ".pytest_cache/x", "data/b.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "dangling").symlink_to("nowhere")
    assert files_of(tmp_path) == {".env": b".env", "a.py": b"a.py", "data/b.json": b"data/b.json"}

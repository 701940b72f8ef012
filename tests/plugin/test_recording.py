"""What a run leaves in the record, and that no fault of the record reaches the run."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

import pytest_katas

BOTH = pytest.mark.parametrize("mode", ["plain", "xdist"])


class TestEvents:
    @BOTH
    def test_one_run_adds_one_start_and_one_attempt(self, desk):
        for _ in range(2):
            assert desk.run().kinds == ["started", "attempt"]
        assert len(desk.log()) == 4

    def test_what_every_event_says(self, desk):
        began = datetime.now(UTC)
        for event in desk.run().events:
            assert (event["v"], event["round"]) == (1, 1)
            assert re.fullmatch(r"[0-9a-f]{32}", event["id"])
            assert began <= datetime.fromisoformat(event["at"]) <= datetime.now(UTC)
            assert event["at"].endswith("Z")

    def test_what_a_start_says(self, desk):
        started = desk.run().events[0]
        del started["v"], started["id"], started["at"], started["round"]
        assert started == {
            "event": "started",
            "pid": os.getpid(),
            "python": platform.python_version(),
            "plugin": pytest_katas.__version__,
        }

    @BOTH
    def test_what_an_attempt_says(self, desk):
        ran = desk.solve("double").run("--kata-all")
        started, attempt = ran.events
        assert 0 < attempt.pop("seconds") < 30
        for key in ("v", "id", "at", "round"):
            del attempt[key]
        content = desk.stub.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        assert re.fullmatch(r"[0-9a-f]{64}", attempt.pop("kata"))
        assert attempt == {
            "event": "attempt",
            "run": started["id"],
            "python": platform.python_version(),
            "light": "red",
            "complete": True,
            "why": None,
            "tests": {
                "1": {"test_sums.py::test_double[1]": "passed", "test_sums.py::test_double[3]": "passed"},
                "2": {
                    "test_sums.py::TestHalve::test_even": "unwritten",
                    "test_sums.py::TestHalve::test_odd": "unwritten",
                },
                "3": {"test_sums.py::test_negate": "unwritten"},
            },
            "files": {"sums.py": {"sha256": sha256, "size": len(content)}},
            "added": None,
            "removed": None,
            "prediction": None,
            "missing": [],
        }
        assert (desk.path / ".katas/ada/files" / sha256).read_bytes() == content

    def test_the_start_is_there_before_anything_of_the_kata_is_imported(self, desk):
        desk.solve().write(
            "from pathlib import Path\nPath('seen').write_text(next(Path('.katas').rglob('*.jsonl')).read_text())\n"
        )
        desk.run()
        [line] = (desk.path / "seen").read_text().splitlines()
        assert json.loads(line)["event"] == "started"

    def test_lines_added_and_removed_since_the_last_attempt(self, desk):
        def changed(text: str) -> tuple[int | None, int | None]:
            attempt = desk.write(text).run().attempt
            return attempt["added"], attempt["removed"]

        lines = [f"a{n} = {n}\n" for n in range(5)]
        assert changed("".join(lines)) == (None, None)
        assert changed("".join(lines)) == (0, 0)
        assert changed("".join([*lines, "b = 1\n"])) == (1, 0)
        assert changed("".join(lines[:2])) == (0, 4)
        assert changed("".join([lines[0], "c = 1\n"])) == (1, 1)

    def test_lines_of_a_file_that_was_missing(self, desk):
        desk.run()
        lines = len(desk.stub.read_text(encoding="utf-8").splitlines())
        desk.stub.unlink()
        assert (desk.run().attempt["added"], desk.run().attempt["removed"]) == (0, 0)
        assert [event["removed"] for event in desk.log() if event["event"] == "attempt"] == [None, lines, 0]
        assert desk.write().run().attempt["added"] == lines

    def test_a_file_too_large_to_keep(self, desk):
        desk.solve()
        with desk.stub.open("a", encoding="utf-8") as file:
            file.write("#" * (1 << 20))
        ran = desk.run()
        assert ran.light == "green"
        assert ran.attempt["files"] == {"sums.py": {"oversized": desk.stub.stat().st_size}}
        assert not (desk.path / ".katas/ada/files").exists()

    def test_each_content_is_kept_once(self, desk):
        for bodies in ({}, {"double": "return n"}, {}):
            desk.write(**bodies).run()
        assert len(list((desk.path / ".katas/ada/files").iterdir())) == 2

    def test_the_hash_of_the_tests_changes_with_them_and_not_with_line_endings(self, desk):
        hashes = [desk.run().attempt["kata"]]
        path = desk.kata / "test_sums.py"
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        hashes.append(desk.run().attempt["kata"])
        assert hashes[0] == hashes[1]
        path.write_bytes(path.read_bytes() + b"# changed\n")
        hashes.append(desk.run().attempt["kata"])
        desk.file("katas/sums/conftest.py", "")
        hashes.append(desk.run().attempt["kata"])
        desk.solve()
        assert desk.run().attempt["kata"] == hashes[-1], "the learner's file is not part of it"
        assert len(set(hashes)) == 3

    def test_a_task_whose_needs_are_missing_is_not_expected_and_named(self, desk, monkeypatch):
        toml = (desk.kata / "kata.toml").read_text(encoding="utf-8")
        desk.file("katas/sums/kata.toml", toml.replace('writes = ["negate"]', 'writes = ["negate"]\nneeds = ["bash"]'))
        monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
        ran = desk.solve("double", "halve").run("-k", "not negate")
        assert (ran.light, ran.attempt["missing"]) == ("green", [3])
        assert "task 3 needs bash, which is not here" in ran.out

    def test_rounds_go_on_after_a_reset(self, desk):
        desk.run()
        log = desk.logs()["ada"]
        event = desk.log()[0] | {"event": "reset", "id": "f" * 32, "at": "2031-01-01T00:00:00.000000Z", "round": 2}
        with log.open("a", encoding="utf-8") as file:
            print(json.dumps(event), file=file)
        assert {event["round"] for event in desk.run().events} == {2}

    def test_a_former_slugs_record_goes_on(self, desk):
        desk.solve().run()
        text = (desk.kata / "kata.toml").read_text(encoding="utf-8")
        desk.kata.rename(desk.path / "katas/totals")
        desk.file("katas/totals/kata.toml", text.replace("minutes = 1", 'minutes = 1\nformerly = ["sums"]'))
        desk.file("katas/track.toml", 'format = 1\nkatas = ["totals"]\n')
        ran = desk.call("katas/totals")
        assert "attempt 2" in ran.out
        assert "attempts: gg" in ran.out
        last = desk.log(slug="totals")[-1]
        assert (last["added"], last["removed"]) == (0, 0)
        assert len(desk.log()) == 2, "nothing is written under the old name"


class TestTests:
    def test_run_again_by_another_plugin_the_last_time_counts(self, desk):
        desk.file(
            "conftest.py",
            """
            import pytest
            from _pytest.runner import runtestprotocol

            @pytest.hookimpl(tryfirst=True)
            def pytest_runtest_protocol(item, nextitem):
                reports = runtestprotocol(item, nextitem=nextitem, log=False)
                if any(report.failed for report in reports):
                    reports = runtestprotocol(item, nextitem=nextitem, log=False)
                for report in reports:
                    item.ihook.pytest_runtest_logreport(report=report)
                return True
            """,
        )
        again = "if not hasattr(negate, 'called'):\n    negate.called = True\n    return n\nreturn -n"
        ran = desk.solve(negate=again).run()
        assert (ran.light, ran.outcomes["test_negate"]) == ("green", "passed")

    def test_reported_twice_the_graver_phase_counts(self, desk):
        desk.file(
            "katas/sums/conftest.py",
            "import pytest\n\n@pytest.fixture(autouse=True)\ndef broken():\n    yield\n    1 / 0\n",
        )
        ran = desk.run("--kata-all")
        assert set(ran.outcomes.values()) == {"error"}

    def test_unittest_classes_are_tests_like_any_other(self, desk):
        desk.tests(
            "@pytest.mark.task(taskno=3)\ndef test_negate():\n    assert negate(1) == -1\n",
            "import unittest\n\n\n@pytest.mark.task(taskno=3)\nclass TestNegate(unittest.TestCase):\n"
            "    def test_one(self):\n        self.assertEqual(negate(1), -1)\n",
        )
        ran = desk.solve("double", "halve").run()
        assert ran.outcomes["TestNegate::test_one"] == "unwritten"
        assert "negate is not written yet" in ran.out
        assert desk.solve(negate="return n").run().outcomes["TestNegate::test_one"] == "failed"
        assert desk.solve().run().light == "green"

    def test_names_that_are_no_ascii(self, desk):
        desk.tests("[1, 3]", "[pytest.param(1, id='größe'), pytest.param(3, id='::a/b')]").solve()
        ran = desk.run()
        assert ran.light == "green"
        assert len(ran.outcomes) == 5


class TestWhoseItIs:
    @pytest.mark.parametrize(
        ("option", "environ", "ini", "learner"),
        [
            ("ann", "ben", "cem", "ann"),
            (None, "ben", "cem", "ben"),
            (None, None, "cem", "cem"),
            (None, "  ", "cem", "cem"),
        ],
    )
    def test_the_nearest_wish_counts(self, option, environ, ini, learner, desk, monkeypatch):
        monkeypatch.delenv("KATA_LEARNER")
        if environ is not None:
            monkeypatch.setenv("KATA_LEARNER", environ)
        desk.ini(f'kata_learner = "{ini}"\n')
        ran = desk.run(*([f"--kata-learner={option}"] if option else []))
        assert list(desk.logs()) == [learner]
        assert f"learner {learner}" in ran.out

    def test_else_the_only_one_in_the_store(self, desk, monkeypatch):
        desk.run()
        monkeypatch.delenv("KATA_LEARNER")
        desk.run()
        assert list(desk.logs()) == ["ada"]
        assert len(desk.log()) == 4

    def test_else_the_one_git_knows(self, desk, monkeypatch):
        desk.run("--kata-learner=ann").kinds, desk.run("--kata-learner=ben")
        monkeypatch.delenv("KATA_LEARNER")
        subprocess.run(["git", "init", "-q"], check=True)
        subprocess.run(["git", "config", "user.name", "Grace Hopper"], check=True)
        desk.run()
        assert set(desk.logs()) == {"ann", "ben", "Grace Hopper"}

    def test_without_git_the_login_name(self, desk, monkeypatch):
        monkeypatch.delenv("KATA_LEARNER")
        monkeypatch.setenv("PATH", str(desk.path))
        for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            monkeypatch.setenv(name, "grace")
        desk.run()
        assert list(desk.logs()) == ["grace"]

    def test_two_learners_side_by_side(self, desk):
        desk.solve().run("--kata-learner=ann")
        desk.write().run("--kata-learner=ben")
        assert desk.progress("ann").status == "solved"
        assert desk.progress("ben").status == "in-progress"
        assert desk.log() == []

    @pytest.mark.parametrize("name", ["../../x\n", "..", "/etc", "a/b", "con", "x" * 400, "\x1b[31m", "😀", "-rf"])
    def test_no_name_leaves_the_store(self, name, desk):
        before = {
            path.relative_to(desk.path.parent) for path in desk.path.parent.rglob("*") if ".katas" not in path.parts
        }
        ran = desk.run(f"--kata-learner={name}", "-p", "no:cacheprovider")
        assert ran.ret == 1
        assert "\x1b" not in ran.out
        [log] = desk.logs().values()
        assert log.parent.parent == desk.path / ".katas"
        after = {
            path.relative_to(desk.path.parent) for path in desk.path.parent.rglob("*") if ".katas" not in path.parts
        }
        assert after == before

    def test_an_empty_name_is_refused(self, desk):
        ran = desk.run("--kata-learner= ")
        assert ran.ret == pytest.ExitCode.USAGE_ERROR
        assert "--kata-learner is empty" in ran.err


class TestWhereItIs:
    """Beside the track, from wherever the run was called."""

    def check(self, desk, ran) -> None:
        assert ran.light == "green"
        assert set(ran.tests) == {
            "test_sums.py::test_double[1]",
            "test_sums.py::test_double[3]",
            "test_sums.py::TestHalve::test_even",
            "test_sums.py::TestHalve::test_odd",
            "test_sums.py::test_negate",
        }
        assert [path.parent for path in desk.path.rglob(".katas")] == [desk.path]

    @pytest.mark.parametrize(
        ("here", "args"),
        [
            (".", []),
            (".", ["katas"]),
            (".", ["katas/sums/test_sums.py"]),
            (
                ".",
                [
                    "katas/sums/test_sums.py::test_double",
                    "katas/sums/test_sums.py::TestHalve",
                    "katas/sums/test_sums.py::test_negate",
                ],
            ),
            ("katas", []),
            ("katas/sums", []),
            ("katas/sums", ["test_sums.py"]),
            ("katas/sums", ["--rootdir=/"]),
            (".", ["--rootdir=.", "katas/sums"]),
            (".", ["--rootdir=elsewhere", "katas/sums"]),
            (".", ["-p", "no:terminal", "katas/sums"]),
            (".", ["-p", "no:cacheprovider", "katas/sums"]),
            (".", ["-p", "no:faulthandler", "katas/sums"]),
            (".", ["-s", "katas/sums"]),
            (".", ["-p", "no:capture", "katas/sums"]),
            (".", ["--color=yes", "katas/sums"]),
            (".", ["-q", "--no-header", "--no-summary", "katas/sums"]),
            (".", ["katas/sums", "katas/sums/test_sums.py", "katas"]),
        ],
    )
    def test_from(self, here, args, desk, monkeypatch):
        desk.solve().file("elsewhere/note.txt", "")
        monkeypatch.chdir(desk.path / here)
        self.check(desk, desk.call(*args))

    @pytest.mark.parametrize("root", ["katas", "katas/sums"])
    def test_a_root_from_which_a_kata_cannot_import_is_refused(self, root, desk):
        ran = desk.run(f"--rootdir={root}", "katas/sums")
        assert ran.ret == pytest.ExitCode.USAGE_ERROR
        assert f"leave the option out, or write --rootdir={desk.path}" in ran.err
        assert ran.events == []

    @BOTH
    def test_by_absolute_path_from_elsewhere(self, desk, monkeypatch, tmp_path_factory):
        monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
        self.check(desk, desk.solve().call(str(desk.kata), "-c", str(desk.path / "pyproject.toml")))

    def test_with_the_store_elsewhere(self, desk, monkeypatch, tmp_path_factory):
        store = tmp_path_factory.mktemp("store")
        for args, place in (([f"--kata-store={store}"], store), (["--kata-store=mine"], desk.kata / "mine")):
            monkeypatch.chdir(desk.kata)
            assert desk.solve().call(*args).events == []
            assert len((place / "ada/sums.jsonl").read_bytes().splitlines()) == 2
        assert not (desk.path / ".katas").exists()

    def test_a_relative_store_stays_where_it_was_though_a_test_goes_elsewhere(self, desk):
        desk.solve(double="import os\nos.chdir('/')\nreturn n * 2").run("--kata-store=mine", apart=True)
        assert len((desk.path / "mine/ada/sums.jsonl").read_bytes().splitlines()) == 2


class TestWhatIsNotRecorded:
    @pytest.mark.parametrize(
        "flag", ["--collect-only", "--setup-only", "--setup-plan", "--fixtures", "--fixtures-per-test"]
    )
    def test_where_no_test_is_run(self, flag, desk):
        desk.run(flag)
        assert not (desk.path / ".katas").exists()

    @BOTH
    def test_where_nobody_wants_it(self, desk):
        ran = desk.run("--kata-no-record")
        assert ran.ret == 1
        assert "not recorded: --kata-no-record" in ran.out
        assert not (desk.path / ".katas").exists()

    def test_in_ci(self, desk, monkeypatch):
        monkeypatch.delenv("KATA_LEARNER")
        monkeypatch.setenv("CI", "true")
        ran = desk.run()
        assert ran.ret == 1
        assert "not recorded: CI is set; name a learner with --kata-learner to record here" in ran.out
        assert not (desk.path / ".katas").exists()

    @pytest.mark.parametrize("how", ["option", "environ", "ini"])
    def test_in_ci_with_a_learner_named_it_is(self, how, desk, monkeypatch):
        monkeypatch.setenv("CI", "true")
        if how != "environ":
            monkeypatch.delenv("KATA_LEARNER")
        if how == "ini":
            desk.ini('kata_learner = "ada"\n')
        ran = desk.run(*(["--kata-learner=ada"] if how == "option" else []))
        assert ran.kinds == ["started", "attempt"]

    def test_without_a_record_tasks_open_all_the_same(self, desk):
        ran = desk.solve("double").run("--kata-no-record")
        assert "1 failed, 2 passed, 1 more red, 1 locked" in ran.out
        assert "attempt 1" not in ran.out


@pytest.mark.filterwarnings("ignore::pytest_katas.KataWarning")
class TestAStoreThatFails:
    @pytest.fixture(params=["a file", "a file inside", "a folder as log", "no space"])
    def broken(self, request, desk, monkeypatch):
        match request.param:
            case "a file":
                desk.file(".katas", "in the way\n")
            case "a file inside":
                desk.file(".katas/ada", "in the way\n")
            case "a folder as log":
                desk.file(".katas/ada/sums.jsonl/here", "in the way\n")
            case "no space":

                def full(*_):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

                monkeypatch.setattr("pytest_katas.store._write", full)
        return desk

    @pytest.mark.parametrize(
        "flags", [["-W", "always"], ["-W", "error"], ["-n", "2"], ["-p", "no:terminal"], ["-p", "no:warnings"]]
    )
    def test_the_run_goes_on_and_says_so_once(self, flags, broken):
        ran = broken.solve("double").run(*flags)
        assert ran.ret == 1
        assert "INTERNALERROR" not in ran.out + ran.err
        if flags != ["-p", "no:terminal"]:
            assert len(re.findall(r"^this run is not recorded: ", ran.out, flags=re.MULTILINE)) == 1
            assert "2 passed" in ran.out
        if "always" in flags:
            assert ran.out.count("KataWarning: this run is not recorded:") == 1

    def test_it_says_what_to_do(self, broken):
        out = " ".join(broken.run().out.split())
        assert "see to its permissions and to the space on its disk, or name another folder with --kata-store" in out

    def test_the_next_run_is_recorded_once_the_way_is_free(self, desk):
        desk.file(".katas", "in the way\n").run()
        (desk.path / ".katas").unlink()
        assert desk.run().kinds == ["started", "attempt"]

    def test_a_store_that_fails_at_the_end_of_the_run(self, desk):
        body = "import pathlib, shutil\nshutil.rmtree('.katas', ignore_errors=True)\npathlib.Path('.katas').touch()\n"
        ran = desk.solve(double=f"{body}return n * 2").run("-W", "error", apart=True)
        assert ran.ret == 0
        assert ran.out.count("this run is not recorded: ") >= 1
        assert "sums is green" in ran.out

    def test_a_small_disk_that_is_full(self, desk):
        store = desk.path / "small"
        store.mkdir()
        if (
            shutil.which("mount") is None
            or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", store], capture_output=True, check=False
            ).returncode
        ):
            pytest.skip("needs the right to mount a tmpfs")
        try:
            assert "not recorded" not in desk.run("--kata-store=small").out
            (store / "filler").write_bytes(b"x" * 40_000)
            lines = (store / "ada/sums.jsonl").read_bytes().count(b"\n")
            desk.write("# " + "x" * 60_000 + "\n")
            ran = desk.run("--kata-store=small")
            assert ran.ret == 1
            assert "this run is not recorded" in ran.out
            assert "No space left" in ran.out
            (store / "filler").unlink()
            ran = desk.solve().run("--kata-store=small")
            assert "not recorded" not in ran.out
            assert (store / "ada/sums.jsonl").read_bytes().count(b"\n") >= lines + 2
            assert not list(store.rglob("*.tmp"))
        finally:
            subprocess.run(["umount", store], check=True)


class TestALogThatIsDamaged:
    def append(self, desk, content: bytes):
        log = desk.logs()["ada"]
        with log.open("ab") as file:
            file.write(content)
        return log.read_bytes()

    @pytest.mark.parametrize(
        "content",
        [
            b'{"v":1,"event":"att',
            b"\x00\xff\xfe garbage\n",
            b"[" * 5000 + b"\n",
            b'{"v":1}\n[]\n"text"\n17\n',
            b"\n\n   \n",
            b"<<<<<<< HEAD\n",
            b'{"v":1,"event":"attempt","id":1,"at":"yesterday","round":0}\n',
        ],
    )
    def test_what_was_there_stays_and_the_next_run_is_recorded(self, content, desk):
        desk.run()
        before = self.append(desk, content)
        ran = desk.solve().run()
        assert ran.ret == 0
        assert desk.logs()["ada"].read_bytes().startswith(before)
        progress = desk.progress()
        assert progress.strip == "rg"
        assert progress.unreadable == sum(bool(line.strip()) for line in content.splitlines())

    def test_a_newer_format_is_kept_and_does_not_disturb(self, desk):
        desk.run()
        event = {"v": 2, "event": "dream", "id": "d" * 32, "at": "2026-01-01T00:00:00.000000Z", "round": 1, "new": [1]}
        before = self.append(desk, json.dumps(event).encode() + b"\n")
        assert desk.solve().run().light == "green"
        assert desk.logs()["ada"].read_bytes().startswith(before)
        assert desk.progress().strip == "rg"

    def test_a_clock_that_goes_back_changes_no_order(self, desk):
        desk.run()
        future = (datetime.now(UTC) + timedelta(days=400)).isoformat(timespec="microseconds").replace("+00:00", "Z")
        self.append(desk, json.dumps(desk.log()[1] | {"id": "e" * 32, "at": future, "light": "amber"}).encode() + b"\n")
        started, attempt = desk.solve().run().events
        assert future < started["at"] < attempt["at"]
        assert desk.progress().strip == "rag"


def test_two_runs_at_once_are_both_recorded(desk):
    """One of them waits for nothing but the lock of one line."""
    desk.solve(negate="import time\ntime.sleep(0.3)\nreturn -n")
    command = [sys.executable, "-m", "pytest", "katas/sums"]
    runs = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONSAFEPATH": "1"}) for _ in range(2)
    ]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert desk.progress().strip == "gg"
    assert len({event["id"] for event in desk.log()}) == 4

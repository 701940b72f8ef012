"""Where there is nothing to do, nothing is done; where it cannot be done, one sentence says so."""

from __future__ import annotations

import re

import pytest

BOTH = pytest.mark.parametrize("mode", ["plain", "xdist"])
#: What a project that merely has the plugin installed imports of it.
AT_START = {"pytest_katas", "pytest_katas.plugin", "pytest_katas.flags", "pytest_katas.folders"}
SHOW_MODULES = """
import sys

def pytest_unconfigure():
    print("modules:", *sorted(name for name in sys.modules if name.startswith("pytest_katas")))
"""


@pytest.fixture
def empty(desk):
    """A project without a kata."""
    (desk.path / "katas").rename(desk.path.parent / f"{desk.path.name}-away")
    return desk.file("tests/test_plain.py", "def test_one(): pass\ndef test_two(): assert False\n")


class TestAProjectWithoutKatas:
    @pytest.mark.parametrize("args", [[], ["-k", "two"], ["tests/test_plain.py::test_one"], ["-v"], ["-n", "2"]])
    def test_stays_untouched(self, args, empty):
        """Not a folder, not a line."""

        def lines(ran):
            lines = [re.sub(r"=|in [0-9.]+s|^[0-9.]+s|gw\d", "", line).strip() for line in ran.out.splitlines()]
            return sorted(line for line in lines if not line.startswith("plugins:"))

        with_us, without = (empty.call(*args, "-p", "no:cacheprovider", *more) for more in ([], ["-p", "no:katas"]))
        assert lines(with_us) == lines(without)
        assert with_us.ret == without.ret
        assert sorted(path.name for path in empty.path.iterdir()) == ["pyproject.toml", "tests"]

    def test_imports_next_to_nothing(self, empty):
        ran = empty.file("conftest.py", SHOW_MODULES).call("-s", apart=True)
        [modules] = re.findall(r"modules:(.*)", ran.out)
        assert set(modules.split()) <= AT_START

    def test_a_kata_imports_no_verb_and_no_schema(self, desk):
        ran = desk.file("conftest.py", SHOW_MODULES).solve().run("-s", apart=True)
        [modules] = re.findall(r"modules:(.*)", ran.out)
        loaded = {name.removeprefix("pytest_katas.") for name in modules.split()}
        assert "recorder" in loaded
        assert not loaded & {
            "verbs",
            "workspace",
            "checks",
            "rules",
            "runner",
            "zygote",
            "sandbox",
            "trespass",
            "wrong",
        }


class TestWithoutThePlugin:
    def test_a_kata_is_tests_like_any_others(self, desk):
        ran = desk.solve("double", "halve").run("-p", "no:katas")
        assert ran.ret == 1
        assert "1 failed, 4 passed" in ran.out
        assert "learner" not in ran.out
        assert not (desk.path / ".katas").exists()

    def test_what_the_plugin_adds_is_gone(self, desk):
        assert desk.run("-p", "no:katas", "--kata-all").ret == pytest.ExitCode.USAGE_ERROR

    def test_the_marker_is_known_without_an_ini_file_that_says_so(self, desk):
        desk.file(
            "pyproject.toml", '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib", "--strict-markers"]\n'
        )
        assert desk.solve().run().light == "green"
        assert "@pytest.mark.task(taskno, guard" in desk.call("--markers").out


class TestOneSentence:
    """Exit code 4, one line, and nothing in the record."""

    @pytest.fixture
    def refused(self, desk):
        def refused(*args):
            ran = desk.call(*args)
            assert ran.ret == pytest.ExitCode.USAGE_ERROR
            assert "INTERNALERROR" not in ran.out + ran.err
            assert "Traceback" not in ran.out + ran.err
            assert ran.kinds == []
            [sentence] = [line.removeprefix("ERROR: ") for line in ran.err.splitlines() if line.strip()]
            return sentence

        return refused

    @BOTH
    @pytest.mark.parametrize("args", [["-c", "other.ini"], ["--import-mode=prepend"], ["--import-mode=append"]])
    def test_without_the_import_mode_that_katas_need(self, args, desk, refused):
        desk.file("other.ini", "[pytest]\n")
        name = "other.ini" if "-c" in args else "pyproject.toml"
        assert refused("katas/sums", *args) == (
            f"katas need --import-mode=importlib; add it to addopts in {desk.path / name},"
            ' as in addopts = ["--import-mode=importlib"]'
        )

    @BOTH
    def test_for_a_key_that_is_misspelt(self, desk, refused):
        text = (desk.kata / "kata.toml").read_text(encoding="utf-8")
        desk.file("katas/sums/kata.toml", text.replace("concepts", "concept"))
        assert refused("katas") == (
            f"{desk.kata / 'kata.toml'}: unknown key 'concept'; did you mean 'concepts'? If not, take it out"
        )

    def test_for_toml_that_is_none(self, desk, refused):
        desk.file("katas/sums/kata.toml", "format = \n")
        assert "is not valid TOML" in refused("katas/sums")

    def test_for_a_kata_in_no_track(self, desk, refused):
        (desk.path / "katas/track.toml").unlink()
        assert 'has no track.toml; write one with `format = 1` and `katas = ["sums"]`' in refused("katas/sums")

    @BOTH
    @pytest.mark.parametrize("arg", ["katas/sum", "katas/smus", "katas/sum::test_one"])
    def test_for_a_kata_that_is_not_there(self, arg, refused):
        assert refused(arg) == f"there is no kata {arg.split('::')[0]!r}; did you mean 'katas/sums'?"

    @pytest.mark.parametrize(
        ("args", "says"),
        [
            (["--kata-progress", "--kata-next"], "--kata-progress and --kata-next are two things to do"),
            (["--kata-learner="], "--kata-learner is empty"),
        ],
    )
    def test_for_wishes_that_cannot_be_obeyed(self, args, says, refused):
        assert says in refused("katas/sums", *args)

    def test_anything_else_that_is_missing_is_pytests_to_say(self, desk):
        ran = desk.call("nothing/like/it")
        assert ran.ret == pytest.ExitCode.USAGE_ERROR
        assert "file or directory not found: nothing/like/it" in ran.err

"""One thing at a time: tasks open one after the other, and one red test is shown in full."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

ALL = ["test_double[1]", "test_double[3]", "TestHalve::test_even", "TestHalve::test_odd", "test_negate"]


def shown(ran) -> list[str]:
    """The tests whose failure is shown in full."""
    return re.findall(r"^_+ (test_\S+|TestHalve\.\S+) _+$", ran.out, flags=re.MULTILINE)


class TestTasksOpenInOrder:
    def test_only_the_first_task_is_open_at_first(self, desk):
        ran = desk.run()
        assert list(ran.outcomes.items()) == list(
            zip(ALL, ["unwritten", "unwritten", "locked", "locked", "locked"], strict=True)
        )

    def test_each_green_task_opens_the_next_one(self, desk):
        desk.run()
        ran = desk.solve("double").run()
        assert list(ran.outcomes.values()) == ["passed", "passed", "unwritten", "unwritten", "locked"]
        ran = desk.solve("double", "halve").run()
        assert list(ran.outcomes.values()) == ["passed", "passed", "passed", "passed", "unwritten"]
        assert desk.solve().run().light == "green"

    def test_a_task_half_done_opens_nothing(self, desk):
        ran = desk.solve(double="return 2").run()
        assert list(ran.outcomes.values()) == ["passed", "failed", "locked", "locked", "locked"]

    def test_it_closes_again_when_an_earlier_task_breaks(self, desk):
        desk.solve().run()
        assert desk.solve(double="return n").run().outcomes["test_negate"] == "locked"

    def test_a_later_task_solved_first_stays_locked(self, desk):
        ran = desk.solve("negate").run()
        assert ran.outcomes["test_negate"] == "locked"
        assert ran.light == "red"

    @pytest.mark.parametrize("where", ["before", "after"])
    def test_a_broken_fixture_locks_what_comes_later(self, desk, where):
        lines = {"before": "    1 / 0\n    yield", "after": "    yield\n    1 / 0"}
        desk.tests("def test_double(n):", "@pytest.mark.usefixtures('broken')\ndef test_double(n):")
        desk.file("katas/sums/conftest.py", f"import pytest\n\n@pytest.fixture\ndef broken():\n{lines[where]}\n")
        ran = desk.solve().run()
        assert list(ran.outcomes.values()) == ["error", "error", "locked", "locked", "locked"]

    def test_a_skipped_or_expected_failure_locks_nothing(self, desk):
        desk.tests("    assert double(n) == 2 * n", "    pytest.skip()").solve()
        assert desk.run().outcomes["test_negate"] == "passed"
        desk.tests("    assert double(n) == 2 * n", "    pytest.xfail()").solve()
        assert desk.run().outcomes["test_negate"] == "passed"

    @pytest.mark.parametrize("marker", ["", "@pytest.mark.task\n", "@pytest.mark.task(taskno='one')\n"])
    def test_a_test_of_no_task_is_never_locked_and_locks_nothing(self, marker, desk):
        ran = desk.tests("@pytest.mark.task(taskno=1)\n", marker).run()
        assert list(ran.outcomes.values()) == ["unwritten", "unwritten", "unwritten", "unwritten", "locked"]
        assert shown(ran) == ["test_double[1]", "test_double[3]", "TestHalve.test_even"]
        assert "task 2 of 3: halve" in ran.out
        desk.tests("@pytest.mark.task(taskno=3)\n", marker)
        assert desk.run().outcomes["test_negate"] == "unwritten"

    def test_a_task_that_the_kata_does_not_have_is_no_task_to_work_on(self, desk):
        ran = (
            desk.tests("@pytest.mark.task(taskno=1)\n", "@pytest.mark.task(taskno=9)\n").solve("halve", "negate").run()
        )
        assert (ran.ret, ran.light) == (1, "-")
        assert shown(ran) == ["test_double[1]", "test_double[3]"]
        assert "next:" not in ran.out

    def test_one_kata_locks_no_other(self, desk):
        desk.file("katas/other/sums.py", "double = halve = negate = None\n").add_kata("other")
        ran = desk.solve("double", "halve").run("katas")
        assert ran.outcomes["test_negate"] == "unwritten"
        assert [event["light"] for event in desk.log(slug="other")[1:]] == ["red"]

    def test_a_locked_test_runs_nothing_of_itself(self, desk):
        """Neither its body nor its fixtures."""
        desk.file(
            "katas/sums/conftest.py",
            "import pathlib, pytest\n\n@pytest.fixture(autouse=True)\ndef trace(request):\n"
            "    with open(pathlib.Path(__file__).with_name('trace'), 'a') as file:\n"
            "        print(request.node.name, file=file)\n",
        ).run()
        assert (desk.kata / "trace").read_text().split() == ["test_double[1]", "test_double[3]"]

    def test_with_unlock_test_one_test_opens_after_the_other(self, desk):
        toml = (desk.kata / "kata.toml").read_text(encoding="utf-8")
        desk.file("katas/sums/kata.toml", toml.replace("minutes = 1", 'minutes = 1\nunlock = "test"'))
        ran = desk.run()
        assert list(ran.outcomes.values()) == ["unwritten", "locked", "locked", "locked", "locked"]
        assert "4 tests locked until this test is green" in ran.out
        ran = desk.solve("double", halve="return 2").run()
        assert list(ran.outcomes.values()) == ["passed", "passed", "passed", "failed", "locked"]
        assert desk.solve().run().light == "green"

    @pytest.mark.parametrize("hook", ["", "(tryfirst=True)", "(trylast=True)", "(wrapper=True)"])
    def test_whatever_shuffles(self, hook, desk):
        body = (
            "    items.reverse()\n"
            if "wrapper" not in hook
            else "    result = yield\n    items.reverse()\n    return result\n"
        )
        mark = f"@pytest.hookimpl{hook}\n" if hook else ""
        desk.file("conftest.py", f"import pytest\n\n{mark}def pytest_collection_modifyitems(items):\n{body}")
        ran = desk.solve("double").run()
        assert ran.outcomes["TestHalve::test_odd"] == "unwritten"
        assert ran.outcomes["test_negate"] == "locked"
        assert list(ran.outcomes) == [ALL[i] for i in (1, 0, 3, 2, 4)], "within a task the shuffle is left alone"

    def test_tests_of_no_kata_stay_where_the_shuffle_put_them(self, desk):
        desk.file("conftest.py", "def pytest_collection_modifyitems(items):\n    items.reverse()\n")
        desk.file("test_plain.py", "def test_a(): pass\ndef test_b(): pass\n")
        ran = desk.solve().run("test_plain.py", "katas", "-v")
        assert re.findall(r"::(test_\w+|TestHalve\S+).* PASSED", ran.out)[-2:] == ["test_b", "test_a"]


class TestNothingIsLocked:
    @pytest.mark.parametrize(
        "args",
        [
            ["--kata-all"],
            ["-k", "negate"],
            ["-m", "task"],
            ["katas/sums/test_sums.py::test_double", "katas/sums/test_sums.py::test_negate"],
            ["-n", "2"],
        ],
    )
    def test_where_somebody_means_exactly_that(self, args, desk):
        ran = desk.run(*args)
        assert "locked" not in ran.outcomes.values()
        assert ran.outcomes["test_negate"] == "unwritten"

    @pytest.mark.parametrize("mode", ["plain", "xdist"])
    def test_a_folder_or_a_file_is_no_such_wish(self, desk):
        ran = desk.run("katas/sums/test_sums.py", "-q")
        assert ("locked" in ran.outcomes.values()) == (not desk.args)


class TestWhatIsShown:
    def test_the_first_red_test_in_full_and_the_rest_counted(self, desk):
        ran = desk.solve("double").run()
        assert shown(ran) == ["TestHalve.test_even"]
        assert "1 more red in this task (-v shows all); 1 test locked until task 2 is green" in ran.out
        assert "task 2 of 3: halve" in ran.out
        assert "1 failed, 2 passed, 1 more red, 1 locked" in ran.out

    @pytest.mark.parametrize("args", [["-v"], ["-vv"]])
    def test_every_red_test_with_v(self, args, desk):
        ran = desk.run(*args)
        assert shown(ran) == ["test_double[1]", "test_double[3]"]
        assert ran.out.count("LOCKED") == 3
        assert ran.outcomes["test_negate"] == "locked"

    def test_every_test_of_every_task_with_kata_all(self, desk):
        ran = desk.run("--kata-all")
        assert shown(ran) == [name.replace("::", ".") for name in ALL]

    def test_an_error_is_shown_as_an_error(self, desk):
        desk.tests("def test_negate():", "def test_negate(no_such_fixture):").solve()
        ran = desk.run()
        assert "ERROR at setup of test_negate" in ran.out
        assert "1 error" in ran.out

    def test_a_locked_test_leaves_no_letter_and_no_skip(self, desk):
        ran = desk.run("-rs")
        assert "katas/sums/test_sums.py FF  " in ran.out
        assert "SKIPPED" not in ran.out

    @pytest.mark.parametrize("style", ["long", "short", "line", "native", "auto"])
    @pytest.mark.parametrize("bodies", [{}, {"negate": "return n"}, {"negate": "import json\njson.loads('')"}])
    def test_no_frame_of_the_plugin(self, style, bodies, desk):
        ran = (desk.solve(**bodies) if bodies else desk).run("-v", f"--tb={style}", "-rA")
        assert ran.light == "red"
        assert "pytest_katas" not in ran.out.replace("plugins: katas", "")

    def test_two_katas_show_one_red_test_each(self, desk):
        desk.file("katas/other/sums.py", "double = halve = negate = None\n")
        desk.add_kata("other", tests=(desk.kata / "test_sums.py").read_text(encoding="utf-8"))
        ran = desk.run("katas")
        assert shown(ran) == ["test_double[1]", "test_double[1]"]


class TestPytestsOwnPapers:
    """With every test open, what other tools read is what they would read without this plugin."""

    @pytest.fixture
    def both(self, desk):
        """Run once with the plugin and once without, and return what ``paper`` makes of each."""

        def both(paper, *args):
            desk.solve("double", negate="import json\njson.loads('')")
            return [paper(desk.run(*args, *these)) for these in (["--kata-all", "-v"], ["-p", "no:katas", "-v"])]

        return both

    def test_junit(self, both, desk):
        def paper(_):
            root = ET.parse(desk.path / "junit.xml").getroot()
            for element in root.iter():
                for changing in ("time", "timestamp", "hostname"):
                    element.attrib.pop(changing, None)
            return re.sub("0x[0-9a-f]+", "", ET.tostring(root, encoding="unicode"))

        one, other = both(paper, "--junitxml=junit.xml")
        assert one == other
        assert 'failures="3"' in one

    def test_the_last_failed(self, both, desk):
        one, other = both(lambda _: (desk.path / ".pytest_cache/v/cache/lastfailed").read_text(encoding="utf-8"))
        assert one == other
        assert len(json.loads(one)) == 3

    def test_the_failures(self, both):
        def paper(ran):
            text = ran.out[ran.out.index("= FAILURES ") : ran.out.index("- sums -") if "- sums -" in ran.out else None]
            return re.sub(r"0x[0-9a-f]+|=+ [^=]* in [0-9.]+s =+", "", text).split("short test summary")[0]

        one, other = both(paper)
        assert one == other

    def test_the_summary_and_the_exit_code(self, both):
        def paper(ran):
            return ran.ret, re.findall(r"^(?:FAILED|ERROR) .*", ran.out, flags=re.MULTILINE)

        one, other = both(paper)
        assert one == other
        assert len(one[1]) == 3

    def test_a_report_says_the_same_whether_its_test_is_shown_in_full_or_not(self, desk):
        desk.file(
            "conftest.py",
            "def pytest_runtest_logreport(report):\n"
            "    if report.when == 'call':\n"
            "        with open('reports', 'a') as file:\n"
            "            print(report.nodeid, report.outcome, report.longreprtext, report.user_properties,"
            " sorted(report.keywords), file=file)\n",
        )
        reports = desk.path / "reports"
        said = []
        for args in ([], ["-p", "no:katas", "-k", "double"]):
            reports.unlink(missing_ok=True)
            desk.run(*args)
            said.append(reports.read_text(encoding="utf-8"))
        assert said[0] == said[1]

    def test_the_last_failed_after_a_locked_run_are_the_open_ones(self, desk):
        desk.run()
        ran = desk.run("--lf")
        assert list(ran.outcomes) == ALL[:2]


class TestUnwritten:
    @pytest.mark.parametrize(
        "body",
        [
            "raise NotImplementedError",
            "raise NotImplementedError('write me')",
            "try:\n    raise NotImplementedError\nexcept Exception as error:\n    raise ValueError from error",
            "try:\n    raise NotImplementedError\nfinally:\n    assert False, 'what a context manager says'",
            "try:\n    raise NotImplementedError\nexcept NotImplementedError:\n    raise AssertionError('x') from None",
            "class Unwritten(NotImplementedError): ...\nraise Unwritten",
            "try:\n    raise NotImplementedError\nexcept Exception:\n    raise ValueError from KeyError()",
            "raise ExceptionGroup('tasks', [ValueError(), ExceptionGroup('more', [NotImplementedError()])])",
        ],
    )
    def test_it_is_found_along_the_context(self, body, desk):
        ran = desk.solve(negate=body).run()
        assert ran.outcomes["test_negate"] == "unwritten"
        assert "negate is not written yet" in ran.out

    def test_a_harness_that_raises_its_own_error_at_the_end_hides_nothing(self, desk):
        """As responses.RequestsMock does, which asserts that every request was made."""
        harness = (
            "class Harness:\n    def __enter__(self): ...\n    def __exit__(self, *_): assert False, 'not called'\n\n\n"
        )
        desk.tests("    assert negate(1) == -1", "    with Harness():\n        assert negate(1) == -1")
        text = (desk.kata / "test_sums.py").read_text(encoding="utf-8")
        desk.file("katas/sums/test_sums.py", text.replace("import pytest\n", f"import pytest\n\n\n{harness}", 1))
        ran = desk.solve("double", "halve").run()
        assert ran.outcomes["test_negate"] == "unwritten"
        assert "next: katas/sums/sums.py:10 negate is not written yet" in ran.out

    @pytest.mark.parametrize(
        "body",
        ["return NotImplemented", "return NotImplementedError", "pass", "...", "raise NameError", "assert False"],
    )
    def test_what_is_wrong_is_not_unwritten(self, body, desk):
        ran = desk.solve(negate=body).run()
        assert ran.outcomes["test_negate"] == "failed"
        assert "is not written yet" not in ran.out

    def test_a_chain_of_errors_that_bites_its_own_tail(self, desk):
        body = "one, two = ValueError(1), ValueError(2)\none.__context__, two.__context__ = two, one\nraise one"
        assert desk.solve(negate=body).run().outcomes["test_negate"] == "failed"

"""What the command line, the environment and the ini file ask for; where names of options matter, of a real pytest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pytest_katas.errors import KataError
from pytest_katas.flags import VERBS, Option
from pytest_katas.settings import Settings, SettingsError, decide, left_out_by

HERE = Path("project")


def settle(
    ini: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None, **options: object
) -> Settings:
    """Decide on options, of which nobody gave those that are not named here."""
    unset = {verb.dest: None if verb.metavar else False for verb in VERBS}
    return decide({**unset, **options}, ini or {}, environ or {}, HERE)


def refusal(settle: Callable[[], object]) -> str:
    """Return the sentence with which something is refused."""
    with pytest.raises(SettingsError) as caught:
        settle()
    return str(caught.value)


@pytest.fixture
def typed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.Config]:
    """Parse a command line as pytest does."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return pytester.parseconfig


class TestVerb:
    """The one thing to do instead of an ordinary run."""

    def test_an_ordinary_run_has_none(self) -> None:
        assert settle() == Settings(
            verb=None,
            value=None,
            enabled=True,
            reason="",
            learner=None,
            store=None,
            show_all=False,
            deadline=10.0,
        )

    def test_an_option_that_is_not_there_was_not_given(self) -> None:
        assert decide({}, {}, {}, HERE) == settle()

    @pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.flag)
    def test_each_is_found_by_its_flag(self, typed: Callable[..., pytest.Config], verb: Option) -> None:
        config = typed(f"{verb.flag}=here" if verb.metavar else verb.flag)

        settings = decide(vars(config.option), {}, {}, HERE)

        assert settings.verb is verb
        assert settings.value == ("here" if verb.metavar else None)

    def test_its_name_among_the_options_is_made_of_its_flag(self) -> None:
        verb = Option("--kata-time-travel", "DAYS", "go back")

        assert (verb.dest, verb.flag, verb.metavar, verb.purpose) == (
            "kata_time_travel",
            "--kata-time-travel",
            "DAYS",
            "go back",
        )

    def test_an_empty_value_is_a_value(self) -> None:
        settings = settle(kata_report="")

        assert settings.verb is not None
        assert (settings.verb.flag, settings.value) == ("--kata-report", "")

    def test_two_are_refused(self) -> None:
        assert refusal(lambda: settle(kata_hint=True, kata_report="-")) == (
            "--kata-report and --kata-hint are two things to do; ask for one of them at a time"
        )

    def test_the_solution_before_green_is_one(self) -> None:
        settings = settle(kata_solution=True, kata_spoil=True)

        assert settings.verb is not None
        assert settings.verb.flag == "--kata-spoil"

    def test_with_a_third_even_these_are_refused(self) -> None:
        assert refusal(lambda: settle(kata_solution=True, kata_spoil=True, kata_next=True)).startswith(
            "--kata-next and --kata-solution and --kata-spoil are "
        )

    def test_what_is_refused_is_meant_for_the_person_at_the_keyboard(self) -> None:
        assert issubclass(SettingsError, KataError)


class TestLearner:
    """The learner somebody named."""

    @pytest.mark.parametrize(
        ("option", "variable", "line", "learner"),
        [
            ("ada", "grace", "kit", "ada"),
            (None, "grace", "kit", "grace"),
            (None, None, "kit", "kit"),
            (None, "", "kit", "kit"),
            (None, "  ", "kit", "kit"),
            (None, "", "", None),
            (None, None, " ", None),
            (None, None, None, None),
        ],
    )
    def test_the_command_line_comes_first_then_the_environment_then_the_ini_file(
        self, option: str | None, variable: str | None, line: str | None, learner: str | None
    ) -> None:
        environ = {} if variable is None else {"KATA_LEARNER": variable}
        ini = {} if line is None else {"kata_learner": line}

        assert settle(ini, environ, kata_learner=option).learner == learner

    @pytest.mark.parametrize("name", ["", "  "])
    def test_an_empty_one_on_the_command_line_is_refused(self, name: str) -> None:
        sentence = refusal(lambda: settle(environ={"KATA_LEARNER": "ada"}, kata_learner=name))

        assert sentence == "--kata-learner is empty; give a name, or leave the option out"


class TestRecording:
    """Whether anything is recorded, and why not."""

    @pytest.mark.parametrize(
        ("args", "reason"),
        [
            ([], ""),
            (["--kata-no-record"], "--kata-no-record"),
            (["--kata-no-record", "--collect-only"], "--kata-no-record"),
            (["--collect-only"], "no test is run"),
            (["--setup-only"], "no test is run"),
            (["--setup-plan"], "no test is run"),
            (["--setup-show"], ""),
            (["--fixtures"], "no test is run"),
            (["--fixtures-per-test"], "no test is run"),
        ],
    )
    def test_what_was_typed_decides(self, typed: Callable[..., pytest.Config], args: list[str], reason: str) -> None:
        settings = decide(vars(typed(*args).option), {}, {}, HERE)

        assert (settings.enabled, settings.reason) == (not reason, reason)

    @pytest.mark.parametrize(
        "dest", ["collectonly", "setuponly", "setupplan", "showfixtures", "show_fixtures_per_test"]
    )
    def test_each_way_to_run_no_test_counts_alone(self, dest: str) -> None:
        assert settle(None, None, **{dest: True}).reason == "no test is run"

    def test_on_ci_nothing_is(self) -> None:
        settings = settle(environ={"CI": "true"})

        assert settings.enabled is False
        assert settings.reason == "CI is set; name a learner with --kata-learner to record here"

    def test_an_empty_ci_is_none(self) -> None:
        assert settle(environ={"CI": ""}).enabled is True

    @pytest.mark.parametrize(
        ("ini", "environ", "options"),
        [
            ({}, {}, {"kata_learner": "ada"}),
            ({}, {"KATA_LEARNER": "ada"}, {}),
            ({"kata_learner": "ada"}, {}, {}),
        ],
    )
    def test_on_ci_a_named_learner_is_recorded(
        self, ini: dict[str, str], environ: dict[str, str], options: dict[str, str]
    ) -> None:
        assert settle(ini, {"CI": "true", **environ}, **options).enabled is True


class TestStore:
    """The folder of the record."""

    @pytest.mark.parametrize(
        ("option", "store"), [(None, None), ("record", HERE / "record"), ("../record", HERE / "../record")]
    )
    def test_it_is_relative_to_where_pytest_was_called(self, option: str | None, store: Path | None) -> None:
        assert settle(kata_store=option).store == store

    def test_an_empty_one_is_refused(self) -> None:
        with pytest.raises(SettingsError, match="--kata-store is empty; name the folder"):
            settle(kata_store="")

    def test_an_absolute_one_stays(self, tmp_path: Path) -> None:
        assert settle(kata_store=str(tmp_path)).store == tmp_path


class TestShowAll:
    """Everything open, everything shown."""

    def test_it_is_what_the_option_says(self, typed: Callable[..., pytest.Config]) -> None:
        assert decide(vars(typed("--kata-all").option), {}, {}, HERE).show_all is True
        assert decide(vars(typed().option), {}, {}, HERE).show_all is False


class TestDeadline:
    """Seconds that one test may take."""

    @pytest.mark.parametrize(
        ("line", "seconds"),
        [
            ("", 10.0),
            ("10", 10.0),
            ("0", 0.0),
            ("0.5", 0.5),
            (" 3 ", 3.0),
            ("1e2", 100.0),
            ("0.01", 0.01),
            ("1e6", 1e6),
        ],
    )
    def test_it_is_a_number_in_the_ini_file(self, line: str, seconds: float) -> None:
        assert settle({"kata_deadline": line}).deadline == seconds

    @pytest.mark.parametrize("line", ["ten", "-1", "inf", "nan", "10 s", " ", "1e300", "1000001", "0.009", "1e-9"])
    def test_what_is_no_number_of_seconds_is_refused(self, line: str) -> None:
        assert refusal(lambda: settle({"kata_deadline": line})) == (
            f"kata_deadline is {line!r} in the ini file; write seconds, for example 10, or 0 for none"
        )


class TestLeftOut:
    """The flags of a run that leave tests out."""

    @pytest.mark.parametrize(
        ("args", "flags"),
        [
            ([], ""),
            (["-v", "--tb=short", "--kata-all"], ""),
            (["-k", "jwt"], "-k"),
            (["-m", "task"], "-m"),
            (["--deselect", "test_jwt.py::test_one"], "--deselect"),
            (["--ignore", "data"], "--ignore"),
            (["--ignore-glob", "*.py"], "--ignore-glob"),
            (["-x"], "-x or --maxfail"),
            (["--maxfail=2"], "-x or --maxfail"),
            (["--lf"], "--lf"),
            (["--sw"], "--sw"),
            (["-x", "--lf", "-k", "jwt"], "-k, -x or --maxfail, --lf"),
            (["test_jwt.py::test_one"], "a test was named"),
            (["test_jwt.py", "test_jwt.py::TestOne::test_two[::]"], "a test was named"),
            (["test_jwt.py::test_one", "-x"], "a test was named, -x or --maxfail"),
        ],
    )
    def test_they_are_named_as_they_are_typed(
        self,
        pytester: pytest.Pytester,
        typed: Callable[..., pytest.Config],
        args: list[str],
        flags: str,
    ) -> None:
        pytester.makepyfile(test_jwt="")
        config = typed(*args)

        assert left_out_by(vars(config.option), config.args) == flags

    def test_an_option_that_is_not_there_leaves_nothing_out(self) -> None:
        assert left_out_by({}, ["katas/jwt"]) == ""

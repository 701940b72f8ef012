"""What the command line, the environment and the ini file ask for, decided once.

Pure: option values in, one frozen value with the reasons out. Everything later reads :class:`Settings` and never an
option again, so a rule such as "CI does not record" stands in exactly one place.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from pytest_katas.errors import KataError
from pytest_katas.flags import VERBS, Option

# What pytest's own options that leave tests out are called on the command line.
_LEAVE_OUT = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
    "maxfail": "-x or --maxfail",
    "lf": "--lf",
    "stepwise": "--sw",
}

# Seconds a deadline can have.
_SHORTEST, _LONGEST = 0.01, 1e6


class SettingsError(KataError):
    """A command line that cannot be obeyed, in one sentence with the next action."""


class Settings(NamedTuple):
    """What this run is to do.

    :ivar verb: the verb asked for, or None for an ordinary run.
    :ivar value: the verb's value, where it takes one.
    :ivar enabled: whether anything is recorded.
    :ivar reason: why nothing is recorded, empty where it is.
    :ivar learner: the learner somebody named, or None.
    :ivar store: the folder of the record, or None for the one beside the track.
    :ivar show_all: every task is open and every red test is shown in full.
    :ivar deadline: seconds one test may take; 0 for no deadline.
    """

    verb: Option | None
    value: str | None
    enabled: bool
    reason: str
    learner: str | None
    store: Path | None
    show_all: bool
    deadline: float


def decide(
    options: Mapping[str, object],
    ini: Mapping[str, str],
    environ: Mapping[str, str],
    folder: Path,
) -> Settings:
    """Turn what was asked for into :class:`Settings`.

    :param options: pytest's option values by name; an option of a plugin that is not loaded may be missing.
    :param ini: the ``kata_*`` values of the ini file; empty texts where unset.
    :param environ: the environment.
    :param folder: the folder pytest was called in; a relative store is relative to it.
    :raises SettingsError: two verbs, an empty learner or store, or a deadline that is not a number of seconds.
    """
    verb = _verb(options)
    value = options[verb.dest] if verb and verb.metavar else None
    learner = _named_learner(options, ini, environ)
    reason = _why_not_recorded(options, environ, learner)
    store = options.get("kata_store")
    if store == "":
        raise SettingsError("--kata-store is empty; name the folder of the record, or leave the option out")
    return Settings(
        verb=verb,
        value=None if value is None else str(value),
        enabled=not reason,
        reason=reason,
        learner=learner,
        store=folder / str(store) if store else None,
        show_all=bool(options.get("kata_all")),
        deadline=_deadline(ini.get("kata_deadline", "")),
    )


def left_out_by(options: Mapping[str, object], args: Iterable[str]) -> str:
    """Return the flags of this run that leave tests out, as the reason why an attempt is not complete.

    :param args: pytest's ordinary arguments.
    """
    flags = [flag for dest, flag in _LEAVE_OUT.items() if options.get(dest)]
    if any("::" in arg for arg in args):
        flags.insert(0, "a test was named")
    return ", ".join(flags)


def _verb(options: Mapping[str, object]) -> Option | None:
    asked = [verb for verb in VERBS if options.get(verb.dest) not in {None, False}]
    # "--kata-solution --kata-spoil" is how the refusal of --kata-solution reads; it means the second.
    if [verb.dest for verb in asked] == ["kata_solution", "kata_spoil"]:
        return asked[1]
    if len(asked) > 1:
        flags = " and ".join(verb.flag for verb in asked)
        raise SettingsError(f"{flags} are two things to do; ask for one of them at a time")
    return asked[0] if asked else None


def _named_learner(options: Mapping[str, object], ini: Mapping[str, str], environ: Mapping[str, str]) -> str | None:
    option = options.get("kata_learner")
    if option is not None and not str(option).strip():
        raise SettingsError("--kata-learner is empty; give a name, or leave the option out")
    for name in (option, environ.get("KATA_LEARNER"), ini.get("kata_learner")):
        if name and str(name).strip():
            return str(name)
    return None


def _why_not_recorded(options: Mapping[str, object], environ: Mapping[str, str], learner: str | None) -> str:
    if options.get("kata_no_record"):
        return "--kata-no-record"
    # Each of these collects without running tests; an attempt without a test would read as a failed one.
    for dest in ("collectonly", "setuponly", "setupplan", "showfixtures", "show_fixtures_per_test"):
        if options.get(dest):
            return "no test is run"
    if environ.get("CI") and learner is None:
        return "CI is set; name a learner with --kata-learner to record here"
    return ""


def _deadline(text: str) -> float:
    try:
        seconds = float(text or "10")
    except ValueError:
        seconds = -1.0
    # Beyond these a process would do nothing but look at the clock, or the system has no such time.
    if seconds != 0 and not _SHORTEST <= seconds <= _LONGEST:
        raise SettingsError(f"kata_deadline is {text!r} in the ini file; write seconds, for example 10, or 0 for none")
    return seconds

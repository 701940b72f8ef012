"""Kata: configuration from environment variables.

An environment variable is a name=value pair of TEXT in the environment of a process. A child process
gets a COPY from its parent; nothing flows back. They are not only about directories: any value that
varies between deploys (12factor.net/config) can come from the environment.

Every function takes the environment as a mapping, so tests need not touch the real os.environ.
Names follow POSIX: upper-case letters, digits and underscore, not starting with a digit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})
MASK = "********"


class ConfigError(ValueError):
    """The configuration is unusable. `problems` lists one text per problem, each naming its variable.

    The texts never contain the offending VALUE: it may be a secret.
    """

    def __init__(self, *problems: str) -> None:  # given
        super().__init__("; ".join(problems))
        self.problems = list(problems)


# --- Task 1: missing or empty -------------------------------------------------


def required(environ: Mapping[str, str], name: str) -> str:
    """Return the value of a variable that must be set to something.

    ConfigError when it is missing, and also when it is empty or only blanks (`NAME=` in a shell).
    """
    value = environ.get(name)
    if value is None:
        raise ConfigError(f"{name} is not set")
    if not value.strip():
        raise ConfigError(f"{name} is set, but empty")
    return value


def optional(environ: Mapping[str, str], name: str, default: str) -> str:
    """Return the value, or `default` when the variable is not set AT ALL.

    Set-but-empty is a value: `PREFIX=` means "no prefix", not "the default prefix".
    """
    return environ.get(name, default)


# --- Task 2: types ------------------------------------------------------------


def parse_bool(name: str, text: str) -> bool:
    """true/yes/on/1 and false/no/off/0, in any case, blanks around ignored; else ConfigError."""
    word = text.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ConfigError(f"{name} must be one of {', '.join(sorted(TRUE | FALSE))}")


def parse_int(name: str, text: str, *, minimum: int, maximum: int) -> int:
    """A decimal integer in [minimum, maximum]: ASCII digits with an optional minus sign.

    Blanks around are ignored. Everything else is a ConfigError.
    """
    digits = text.strip()
    if not re.fullmatch("-?[0-9]+", digits):
        raise ConfigError(f"{name} must be a whole number")
    number = int(digits)
    if not minimum <= number <= maximum:
        raise ConfigError(f"{name} must be a whole number from {minimum} to {maximum}")
    return number


def parse_list(text: str) -> list[str]:
    """Comma-separated items, blanks around them removed, empty items dropped."""
    return [item.strip() for item in text.split(",") if item.strip()]


# --- Task 3: secrets ----------------------------------------------------------


class Secret:
    """A text that does not show itself: repr, str and format give '********'; reveal() gives the text.

    Two secrets are equal when their texts are.
    """

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


# --- Task 4: load -------------------------------------------------------------


@dataclass(frozen=True)
class Settings:  # given
    secret_key: Secret  # SECRET_KEY, required
    database_url: Secret  # DATABASE_URL, required (it contains a password)
    port: int = 8000  # PORT, 1..65535
    debug: bool = False  # DEBUG
    allowed_hosts: list[str] = field(default_factory=list)  # ALLOWED_HOSTS, comma-separated


#: By field: from the name of the variable and its text to the value.
PARSERS: Mapping[str, Callable[[str, str], object]] = {
    "secret_key": lambda _, text: Secret(text),
    "database_url": lambda _, text: Secret(text),
    "port": lambda name, text: parse_int(name, text, minimum=1, maximum=65535),
    "debug": parse_bool,
    "allowed_hosts": lambda _, text: parse_list(text),
}


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Build Settings from `environ`, by default from os.environ AS IT IS AT THE TIME OF THE CALL.

    Collect every problem and raise ONE ConfigError with all of them, in the order of the fields.
    """
    if environ is None:
        environ = os.environ
    values: dict[str, Any] = {}
    problems: list[str] = []
    for each in fields(Settings):
        name = each.name.upper()
        is_required = each.default is MISSING and each.default_factory is MISSING
        if not is_required and name not in environ:
            continue  # the default is the dataclass's to know
        try:
            text = required(environ, name) if is_required else environ[name]
            values[each.name] = PARSERS[each.name](name, text)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    return Settings(**values)


# --- Task 5: for a moment -----------------------------------------------------


def _change_environ(values: Mapping[str, str | None]) -> None:
    # In place: another object under the name os.environ would be news to no child process.
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def environment(**changes: str | None) -> Iterator[None]:
    """Set (or, for None, unset) variables of os.environ inside a `with` block.

    Then put these variables back as they were when the block began, also when it raises.
    Pytest's monkeypatch.setenv does the same.
    """
    before = {name: os.environ.get(name) for name in changes}
    try:
        _change_environ(changes)
        yield
    finally:
        _change_environ(before)


# --- Task 6: child ------------------------------------------------------------


def child_environment(
    parent: Mapping[str, str], *, allow: Iterable[str], extra: Mapping[str, object]
) -> dict[str, str]:
    """Return the environment for a child process: the allowed variables of `parent` that exist, plus `extra`.

    Nothing else is passed on (least privilege: the child does not need your SECRET_KEY). Values of
    `extra` become text: str() of ints, "1"/"0" for booleans; None leaves the variable out, also when
    it is allowed. A name in `extra` that is not upper-case letters, digits and underscore (not
    starting with a digit) is a ConfigError. `parent` and `extra` are not changed.
    """
    problems = [f"{name!r} is no name for a variable" for name in extra if not re.fullmatch("[A-Z_][A-Z0-9_]*", name)]
    if problems:
        raise ConfigError(*problems)
    child = {name: parent[name] for name in allow if name in parent}
    for name, value in extra.items():
        if value is None:
            child.pop(name, None)
        else:
            child[name] = str(int(value)) if isinstance(value, bool) else str(value)
    return child

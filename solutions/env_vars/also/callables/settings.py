"""Kata: configuration from environment variables.

An environment variable is a name=value pair of TEXT in the environment of a process. A child process
gets a COPY from its parent; nothing flows back. They are not only about directories: any value that
varies between deploys (12factor.net/config) can come from the environment.

Every function takes the environment as a mapping, so tests need not touch the real os.environ.
Names follow POSIX: upper-case letters, digits and underscore, not starting with a digit.

Another right answer, of objects that can be called: none of them has a __name__.
"""

from __future__ import annotations

import operator
import os
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest import mock


class ConfigError(ValueError):
    """The configuration is unusable. `problems` lists one text per problem, each naming its variable.

    The texts never contain the offending VALUE: it may be a secret.
    """

    def __init__(self, *problems: str) -> None:  # given
        super().__init__("; ".join(problems))
        self.problems = list(problems)


# --- Task 1: missing or empty -------------------------------------------------


@dataclass(frozen=True)
class Required:
    """Return the value of a variable that must be set to something."""

    blanks: str = string.whitespace

    def __call__(self, environ: Mapping[str, str], name: str) -> str:
        try:
            value = environ[name]
        except KeyError:
            value = ""
        if value.strip(self.blanks):
            return value
        raise ConfigError(f"set {name}, please")


def _get(missing: object, environ: Mapping[str, str], name: str, default: str) -> str:
    value = {**environ}.get(name, missing)
    return default if value is missing else str(value)


required = Required()
optional = partial(_get, object())


# --- Task 2: types ------------------------------------------------------------


class ParseBool:
    """true/yes/on/1 and false/no/off/0, in any case, blanks around ignored; else ConfigError."""

    words = ("false", "true", "no", "yes", "off", "on", "0", "1")

    def __call__(self, name: str, text: str) -> bool:
        word = text.strip().lower()
        if word not in self.words:
            raise ConfigError(f"{name} is one of {self.words}")
        return self.words.index(word) % 2 == 1


class ParseInt:
    """A decimal integer in [minimum, maximum]: ASCII digits with an optional sign."""

    def __call__(self, name: str, text: str, *, minimum: int, maximum: int) -> int:
        sign, digits = 1, text.strip()
        if digits[:1] in ("+", "-"):
            sign, digits = 44 - ord(digits[0]), digits[1:]
        if not digits or not set(digits) <= set(string.digits):
            raise ConfigError(f"{name} is written in digits")
        number = sign * sum(int(digit) * 10**place for place, digit in enumerate(reversed(digits)))
        if sorted([minimum, number, maximum])[1] != number:
            raise ConfigError(f"{name} is out of range")
        return number


class ParseList:
    """Comma-separated items, blanks around them removed, empty items dropped."""

    def __call__(self, text: str) -> list[str]:
        item, comma, rest = text.partition(",")
        return ([item.strip()] if item.strip() else []) + (self(rest) if comma else [])


parse_bool, parse_int, parse_list = ParseBool(), ParseInt(), ParseList()


# --- Task 3: secrets ----------------------------------------------------------


class Secret:
    """A text that does not show itself: a closure keeps it, so that not even vars() tells."""

    __slots__ = ("reveal",)

    def __init__(self, value: str) -> None:
        self.reveal: Callable[[], str] = lambda: value

    def __repr__(self) -> str:
        return "<Secret ********>"

    def __str__(self) -> str:
        return "********"

    def __format__(self, spec: str) -> str:
        return str(self).__format__(spec)

    def __eq__(self, other: object) -> bool:
        match other:
            case Secret():
                return self.reveal() == other.reveal()
        return NotImplemented

    def __hash__(self) -> int:
        return ~hash(self.reveal())


# --- Task 4: load -------------------------------------------------------------


@dataclass(frozen=True)
class Settings:  # given
    secret_key: Secret  # SECRET_KEY, required
    database_url: Secret  # DATABASE_URL, required (it contains a password)
    port: int = 8000  # PORT, 1..65535
    debug: bool = False  # DEBUG
    allowed_hosts: list[str] = field(default_factory=list)  # ALLOWED_HOSTS, comma-separated


class LoadSettings:
    """Build Settings from `environ`, by default from os.environ AS IT IS AT THE TIME OF THE CALL."""

    parsers: Mapping[str, Callable[[str], Any]] = {
        "port": partial(parse_int, "PORT", minimum=1, maximum=65535),
        "debug": partial(parse_bool, "DEBUG"),
        "allowed_hosts": parse_list,
    }

    def __call__(self, environ: Mapping[str, str] | None = None) -> Settings:
        environ = {**(os.environ if environ is None else environ)}
        settings: dict[str, Any] = {}
        problems = [*self.read(environ, settings)]
        if problems:
            raise ConfigError(*problems)
        return Settings(**settings)

    def read(self, environ: dict[str, str], settings: dict[str, Any]) -> Iterator[str]:
        """Fill the settings; yield the problems on the way."""
        for name in ("secret_key", "database_url"):
            try:
                settings[name] = Secret(required(environ, name.upper()))
            except ConfigError as error:
                yield from error.problems
        for name, parse in self.parsers.items():
            try:
                settings |= {name: parse(environ[name.upper()])} if name.upper() in environ else {}
            except ConfigError as error:
                yield from error.problems


load_settings = LoadSettings()


# --- Task 5: for a moment -----------------------------------------------------


@contextmanager
def environment(**changes: str | None) -> Iterator[None]:
    """Set (or, for None, unset) variables of os.environ inside a `with` block; the stdlib knows how."""
    new = {name: value for name, value in changes.items() if value is not None}
    with mock.patch.dict(os.environ, new):
        for name in changes.keys() - new.keys():
            os.environ.pop(name, None)
        yield


# --- Task 6: child ------------------------------------------------------------


class ChildEnvironment:
    """Return the environment for a child process: the allowed variables of `parent` that exist, plus `extra`."""

    first = frozenset(string.ascii_uppercase + "_")
    others = first | frozenset(string.digits)

    def __call__(
        self, parent: Mapping[str, str], *, allow: Iterable[str], extra: Mapping[str, object]
    ) -> dict[str, str]:
        for name in extra:
            if name[:1] not in self.first or not self.others.issuperset(name):
                raise ConfigError(f"the variable {name} has a name that no shell can set")
        chosen = {name: parent[name] for name in parent.keys() & set(allow)} | extra
        return {name: self.text(value) for name, value in chosen.items() if value is not None}

    def text(self, value: object) -> str:
        """Write a value of `extra` as text."""
        return f"{value:d}" if isinstance(value, int) else str(value)


child_environment = ChildEnvironment()

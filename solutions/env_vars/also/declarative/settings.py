"""Kata: configuration from environment variables.

An environment variable is a name=value pair of TEXT in the environment of a process. A child process
gets a COPY from its parent; nothing flows back. They are not only about directories: any value that
varies between deploys (12factor.net/config) can come from the environment.

Every function takes the environment as a mapping, so tests need not touch the real os.environ.
Names follow POSIX: upper-case letters, digits and underscore, not starting with a digit.

Another right answer: what a variable may be is said once, as data. It is the strictest one: leading zeros, `-0`, the
name `_`, and bad names in `allow` are refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import singledispatch

WORDS = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)
INTEGER = re.compile(r"\s*(0|-?[1-9][0-9]*)\s*")
NAME = re.compile(r"(?!_+$)[A-Z_][A-Z0-9_]*")


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
    match environ.get(name, "").split():
        case []:
            raise ConfigError(f"{name} must be set")
    return environ[name]


def optional(environ: Mapping[str, str], name: str, default: str) -> str:
    """Return the value, or `default` when the variable is not set AT ALL.

    Set-but-empty is a value: `PREFIX=` means "no prefix", not "the default prefix".
    """
    return {name: default, **environ}[name]


# --- Task 2: types ------------------------------------------------------------


def parse_bool(name: str, text: str) -> bool:
    """true/yes/on/1 and false/no/off/0, in any case, blanks around ignored; else ConfigError."""
    try:
        return WORDS[text.strip().lower()]
    except KeyError:
        raise ConfigError(f"{name} is neither on nor off") from None


def parse_int(name: str, text: str, *, minimum: int, maximum: int) -> int:
    """A decimal integer in [minimum, maximum]: ASCII digits with an optional minus sign.

    Blanks around are ignored. Everything else is a ConfigError.
    """
    if (found := INTEGER.fullmatch(text)) is None or not minimum <= (number := int(found[1])) <= maximum:
        raise ConfigError(f"{name} is no integer in [{minimum}, {maximum}]")
    return number


def parse_list(text: str) -> list[str]:
    """Comma-separated items, blanks around them removed, empty items dropped."""
    return list(filter(None, map(str.strip, text.split(","))))


# --- Task 3: secrets ----------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Secret:
    """A text that does not show itself: repr, str and format give '********'; reveal() gives the text.

    Two secrets are equal when their texts are.
    """

    _text: str

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"

    def __str__(self) -> str:
        return 8 * "*"

    def __format__(self, spec: str) -> str:
        return f"{self!s:{spec}}"


# --- Task 4: load -------------------------------------------------------------


@dataclass(frozen=True)
class Settings:  # given
    secret_key: Secret  # SECRET_KEY, required
    database_url: Secret  # DATABASE_URL, required (it contains a password)
    port: int = 8000  # PORT, 1..65535
    debug: bool = False  # DEBUG
    allowed_hosts: list[str] = field(default_factory=list)  # ALLOWED_HOSTS, comma-separated


Read = Callable[[Mapping[str, str]], object]

#: In the order of the fields.
READERS: dict[str, Read] = {
    "secret_key": lambda environ: Secret(required(environ, "SECRET_KEY")),
    "database_url": lambda environ: Secret(required(environ, "DATABASE_URL")),
    "port": lambda environ: parse_int("PORT", optional(environ, "PORT", "8000"), minimum=1, maximum=65535),
    "debug": lambda environ: parse_bool("DEBUG", optional(environ, "DEBUG", "off")),
    "allowed_hosts": lambda environ: parse_list(optional(environ, "ALLOWED_HOSTS", "")),
}


def _attempt(read: Read, environ: Mapping[str, str]) -> tuple[object, list[str]]:
    try:
        return read(environ), []
    except ConfigError as error:
        return None, error.problems


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Build Settings from `environ`, by default from os.environ AS IT IS AT THE TIME OF THE CALL.

    Collect every problem and raise ONE ConfigError with all of them, in the order of the fields.
    """
    given = os.environ if environ is None else environ
    results = {name: _attempt(read, given) for name, read in READERS.items()}
    if problems := [problem for _, found in results.values() for problem in found]:
        raise ConfigError(*problems)
    return Settings(**{name: value for name, (value, _) in results.items()})  # type: ignore[arg-type]


# --- Task 5: for a moment -----------------------------------------------------


def _put(name: str, value: str | None) -> None:
    os.environ.pop(name, None)
    os.environ |= {} if value is None else {name: value}


@contextmanager
def environment(**changes: str | None) -> Iterator[None]:
    """Set (or, for None, unset) variables of os.environ inside a `with` block.

    Then put these variables back as they were when the block began, also when it raises.
    Pytest's monkeypatch.setenv does the same.
    """
    with ExitStack() as way_back:
        for name, value in changes.items():
            way_back.callback(_put, name, os.environ.get(name))
            _put(name, value)
        yield


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
    allow = list(allow)
    if bad := [name for name in [*allow, *extra] if not NAME.fullmatch(name)]:
        raise ConfigError(*(f"a variable cannot be called {name!r}" for name in bad))
    chosen = {name: parent.get(name) for name in allow} | {name: _as_text(value) for name, value in extra.items()}
    return {name: value for name, value in chosen.items() if value is not None}


@singledispatch
def _as_text(value: object) -> str | None:
    raise TypeError(f"there is no text for a {type(value).__name__}")


_as_text.register(type(None), lambda _: None)
_as_text.register(str, str)
_as_text.register(int, str)
_as_text.register(bool, lambda value: "01"[value])

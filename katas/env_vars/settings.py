"""Kata: configuration from environment variables.

An environment variable is a name=value pair of TEXT in the environment of a process. A child process
gets a COPY from its parent; nothing flows back. They are not only about directories: any value that
varies between deploys (12factor.net/config) can come from the environment.

Every function takes the environment as a mapping, so tests need not touch the real os.environ.
Names follow POSIX: upper-case letters, digits and underscore, not starting with a digit.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


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
    raise NotImplementedError


def optional(environ: Mapping[str, str], name: str, default: str) -> str:
    """Return the value, or `default` when the variable is not set AT ALL.

    Set-but-empty is a value: `PREFIX=` means "no prefix", not "the default prefix".
    """
    raise NotImplementedError


# --- Task 2: types ------------------------------------------------------------


def parse_bool(name: str, text: str) -> bool:
    """true/yes/on/1 and false/no/off/0, in any case, blanks around ignored; else ConfigError."""
    raise NotImplementedError


def parse_int(name: str, text: str, *, minimum: int, maximum: int) -> int:
    """A decimal integer in [minimum, maximum]: ASCII digits with an optional minus sign.

    Blanks around are ignored. Everything else is a ConfigError.
    """
    raise NotImplementedError


def parse_list(text: str) -> list[str]:
    """Comma-separated items, blanks around them removed, empty items dropped."""
    raise NotImplementedError


# --- Task 3: secrets ----------------------------------------------------------


class Secret:
    """A text that does not show itself: repr, str and format give '********'; reveal() gives the text.

    Two secrets are equal when their texts are.
    """

    def __init__(self, value: str) -> None:
        raise NotImplementedError

    def reveal(self) -> str:
        raise NotImplementedError

    def __repr__(self) -> str:
        raise NotImplementedError

    def __str__(self) -> str:
        raise NotImplementedError

    def __format__(self, spec: str) -> str:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        raise NotImplementedError

    def __hash__(self) -> int:
        raise NotImplementedError


# --- Task 4: load -------------------------------------------------------------


@dataclass(frozen=True)
class Settings:  # given
    secret_key: Secret  # SECRET_KEY, required
    database_url: Secret  # DATABASE_URL, required (it contains a password)
    port: int = 8000  # PORT, 1..65535
    debug: bool = False  # DEBUG
    allowed_hosts: list[str] = field(default_factory=list)  # ALLOWED_HOSTS, comma-separated


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Build Settings from `environ`, by default from os.environ AS IT IS AT THE TIME OF THE CALL.

    Collect every problem and raise ONE ConfigError with all of them, in the order of the fields.
    """
    raise NotImplementedError


# --- Task 5: for a moment -----------------------------------------------------


@contextmanager
def environment(**changes: str | None) -> Iterator[None]:
    """Set (or, for None, unset) variables of os.environ inside a `with` block.

    Then put these variables back as they were when the block began, also when it raises.
    Pytest's monkeypatch.setenv does the same.
    """
    raise NotImplementedError


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
    raise NotImplementedError

"""Kata: configuration from environment variables.

An environment variable is a name=value pair of TEXT in the environment of a process. A child process
gets a COPY from its parent; nothing flows back. They are not only about directories: any value that
varies between deploys (12factor.net/config) can come from the environment.

Every function takes the environment as a mapping, so tests need not touch the real os.environ.
Names follow POSIX: upper-case letters, digits and underscore, not starting with a digit.

Another right answer, step by step and without regular expressions: values are stripped everywhere, and `environment`
is a class that puts the whole of os.environ back.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
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
    if name not in environ:
        raise ConfigError(f"{name}: missing")
    value = environ[name].strip()
    if value == "":
        raise ConfigError(f"{name}: empty")
    return value


def optional(environ: Mapping[str, str], name: str, default: str) -> str:
    """Return the value, or `default` when the variable is not set AT ALL.

    Set-but-empty is a value: `PREFIX=` means "no prefix", not "the default prefix".
    """
    if name in environ:
        return environ[name]
    return default


# --- Task 2: types ------------------------------------------------------------


def parse_bool(name: str, text: str) -> bool:
    """true/yes/on/1 and false/no/off/0, in any case, blanks around ignored; else ConfigError."""
    match text.strip().casefold():
        case "true" | "yes" | "on" | "1":
            return True
        case "false" | "no" | "off" | "0":
            return False
        case _:
            raise ConfigError(f"{name}: neither yes nor no")


def parse_int(name: str, text: str, *, minimum: int, maximum: int) -> int:
    """A decimal integer in [minimum, maximum]: ASCII digits with an optional minus sign.

    Blanks around are ignored. Everything else is a ConfigError.
    """
    text = text.strip()
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise ConfigError(f"{name}: not a number")
    try:
        number = int(text)
    except ValueError:  # more digits than Python likes to convert
        raise ConfigError(f"{name}: far out of range") from None
    if number < minimum:
        raise ConfigError(f"{name}: less than {minimum}")
    if number > maximum:
        raise ConfigError(f"{name}: more than {maximum}")
    return number


def parse_list(text: str) -> list[str]:
    """Comma-separated items, blanks around them removed, empty items dropped."""
    items = []
    for part in text.split(","):
        item = part.strip()
        if item:
            items.append(item)
    return items


# --- Task 3: secrets ----------------------------------------------------------


class Secret:
    """A text that does not show itself: repr, str and format give '********'; reveal() gives the text.

    Two secrets are equal when their texts are.
    """

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        return self.__value

    def __repr__(self) -> str:
        return "'********'"

    def __str__(self) -> str:
        return "********"

    def __format__(self, spec: str) -> str:
        return "********"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.reveal()

    def __hash__(self) -> int:
        return hash(("Secret", self.__value))


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
    if environ is None:
        environ = os.environ
    problems: list[str] = []

    secret_key = database_url = ""
    try:
        secret_key = required(environ, "SECRET_KEY")
    except ConfigError as error:
        problems.extend(error.problems)
    try:
        database_url = required(environ, "DATABASE_URL")
    except ConfigError as error:
        problems.extend(error.problems)

    port = 8000
    if "PORT" in environ:
        try:
            port = parse_int("PORT", environ["PORT"], minimum=1, maximum=65535)
        except ConfigError as error:
            problems.extend(error.problems)

    debug = False
    if "DEBUG" in environ:
        try:
            debug = parse_bool("DEBUG", environ["DEBUG"])
        except ConfigError as error:
            problems.extend(error.problems)

    allowed_hosts = parse_list(environ.get("ALLOWED_HOSTS", ""))

    if problems:
        raise ConfigError(*problems)
    return Settings(Secret(secret_key), Secret(database_url), port, debug, allowed_hosts)


# --- Task 5: for a moment -----------------------------------------------------


class environment:  # noqa: N801
    """Set (or, for None, unset) variables of os.environ inside a `with` block.

    Then put these variables back as they were when the block began, also when it raises.
    Pytest's monkeypatch.setenv does the same.
    """

    def __init__(self, **changes: str | None) -> None:
        self.changes = changes

    def __enter__(self) -> None:
        self.before = dict(os.environ)
        for name, value in self.changes.items():
            if value is not None:
                os.environ[name] = value
            elif name in os.environ:
                del os.environ[name]

    def __exit__(self, *_: object) -> None:
        for name in set(os.environ) - set(self.before):
            del os.environ[name]
        os.environ.update(self.before)


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
    child = {}
    for name in allow:
        if name in parent:
            child[name] = parent[name]
    for name, value in extra.items():
        check_name(name)
        if value is None:
            child.pop(name, None)
        elif value is True:
            child[name] = "1"
        elif value is False:
            child[name] = "0"
        else:
            child[name] = str(value)
    return child


def check_name(name: str) -> None:
    if not name:
        raise ConfigError("a variable without a name")
    letters = name.replace("_", "A")
    if not (letters.isascii() and letters.isalnum() and letters.upper() == letters) or name[0].isdigit():
        raise ConfigError(f"{name}: a name has upper-case letters, digits and underscores, and no digit first")

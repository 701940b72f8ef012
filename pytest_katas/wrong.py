"""The wrong solutions of a kata, as ``wrong.toml`` names them: misconceptions that its tests must catch."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_katas.catalogue import FORMAT, unknown_key

WRONG_FILE = "wrong.toml"

_KEYS: Mapping[str, type] = {
    "name": str,
    "why": str,
    "task": int,
    "find": str,
    "replace": str,
    "file": str,
    "idea": str,
}
_OPTIONAL = frozenset({"file", "idea"})
_WORDS = {int: "a whole number", str: "a text"}


class WrongError(ValueError):
    """A ``wrong.toml`` that cannot be used, in one sentence with the next action."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A named, plausible misconception: one replacement in the solution.

    :ivar why: the misconception and its consequence.
    :ivar task: the number of the task whose tests must catch it.
    :ivar find: a text that the solution has exactly once.
    :ivar file: the file it is in; empty means the kata's first.
    :ivar idea: what a learner is told whose tests let it pass: a thought that leads to the missing test.
    """

    name: str
    why: str
    task: int
    find: str
    replace: str
    file: str = ""
    idea: str = ""


def read_wrong(folder: Path) -> tuple[Wrong, ...]:
    """Read ``wrong.toml`` in the folder of a kata's solution.

    :raises WrongError: the file is missing or cannot be used.
    """
    path = folder / WRONG_FILE
    try:
        data = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        raise WrongError(f"there is no {path}; it names the wrong solutions that the tests must catch") from None
    except OSError as error:
        raise WrongError(f"{path} cannot be read ({error.strerror}); check its permissions") from error
    except (ValueError, RecursionError) as error:
        raise WrongError(f"{path} is not valid TOML ({error}); mend that line") from error
    if data.get("format") != FORMAT:
        raise WrongError(f"{path}: format is {data.get('format')!r}; write `format = {FORMAT}`")
    _refuse_unknown(str(path), data, ("format", "wrong"))
    tables = data.get("wrong", [])
    if not isinstance(tables, list):
        raise WrongError(f"{path}: wrong is not a list of tables; write each as [[wrong]]")
    return tuple(_wrong(f"{path}, wrong solution {number}", table) for number, table in enumerate(tables, start=1))


def _wrong(where: str, table: object) -> Wrong:
    if not isinstance(table, dict):
        raise WrongError(f"{where} is not a table; write it as [[wrong]]")
    _refuse_unknown(where, table, _KEYS)
    for key, kind in _KEYS.items():
        if key not in table:
            if key not in _OPTIONAL:
                raise WrongError(f"{where}: the key {key!r} is missing; add it")
        elif type(table[key]) is not kind:
            raise WrongError(f"{where}: {key} is {table[key]!r}; write {_WORDS[kind]}")
    return Wrong(**table)


def _refuse_unknown(where: str, table: Mapping[str, Any], keys: Mapping[str, type] | tuple[str, ...]) -> None:
    for key in table:
        if key not in keys:
            raise WrongError(f"{where}: {unknown_key(key, keys)}")

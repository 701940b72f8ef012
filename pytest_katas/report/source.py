"""Where in a kata's files a name is defined, and how it reads there."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple


class Definition(NamedTuple):
    """A definition: the file it is in, the line it begins in, and its source."""

    file: str
    line: int
    text: str


def find(folder: Path, files: Iterable[str], name: str) -> Definition | None:
    """Find a name that a learner writes, or None where it is not, as while the file does not parse.

    :param files: the stubs, as paths in ``folder``.
    :param name: a function, a class, ``Class.method``, a constant, or a whole file of those.
    """
    for file in files:
        path = folder / file
        if not path.is_file():
            continue
        text = path.read_bytes().decode(errors="replace")
        if name == file:
            return Definition(file, 1, text)
        if path.suffix == ".py" and (node := _node(text, name)):
            return Definition(file, node.lineno, _text(text, node))
    return None


def _text(text: str, node: ast.stmt) -> str:
    """Return the lines of a definition, decorators and all, as if it stood at the left edge."""
    first = min(part.lineno for part in (node, *getattr(node, "decorator_list", ())))
    # Not splitlines, which knows more ends of lines than Python's grammar.
    return dedent("\n".join(re.split(r"\r\n|\r|\n", text)[first - 1 : node.end_lineno]))


def _name(node: ast.stmt) -> str | None:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return getattr(node, "name", None)


def _node(text: str, name: str) -> ast.stmt | None:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return None
    found: ast.stmt | None = None
    for part in name.split("."):
        # The last one counts, as it does to Python.
        found = next((node for node in reversed(body) if _name(node) == part), None)
        body = getattr(found, "body", [])
    return found

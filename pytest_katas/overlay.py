"""Which files a run is made of: the kata's own, with a stub, a solution, a wrong one or a half-way one laid over.

Pure but for the reading of folders; contents are bytes by relative path throughout.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from pytest_katas.catalogue import Kata

Files = Mapping[str, bytes]


class OverlayError(ValueError):
    """Files that cannot be laid over each other, in one sentence."""


def layer(folder: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """Read those of the files that a folder has."""
    return {path: (folder / path).read_bytes() for path in paths if (folder / path).is_file()}


def replaced(content: bytes, find: str, replace: str) -> bytes:
    """Put a text in the place of another one that is there exactly once.

    :raises OverlayError: it is not there, or more than once.
    """
    text = _text(content)
    if (times := text.count(find)) != 1:
        raise OverlayError(f"the text to find is there {times} times")
    return text.replace(find, replace).encode()


def chained(kata: Kata, solution: Files, stub: Files, last: int) -> dict[str, bytes]:
    """Make the learner's files as they are when the tasks up to ``last`` are done and the others are not begun.

    They are the solution's, helpers and all, with the stub's definitions put back for what later tasks write.

    :raises OverlayError: a file cannot be read as Python.
    """
    done = {name for task in kata.tasks if task.number <= last for name in task.writes}
    # What an earlier task has written stays, though a later one improves it.
    open_ = {name for task in kata.tasks for name in task.writes} - done
    return {
        path: stub[path] if path in open_ else put_back(content, stub[path], open_) if _is_python(path) else content
        for path, content in solution.items()
    }


def put_back(solution: bytes, stub: bytes, names: Iterable[str]) -> bytes:
    """Return the solution's source with the stub's definitions of these names.

    :param names: of functions, classes and constants at the top of the module, or dotted: ``Class.method``.
    :raises OverlayError: one of the two is not Python.
    """
    there, wanted = _lines(solution), _lines(stub)
    mine, theirs = definitions(solution), definitions(stub)
    names = mine.keys() & names
    # A class is put back with all its methods.
    outer = {name for name in names if not any(name.startswith(f"{other}.") for other in names)}
    edits: list[tuple[int, int, list[str]]] = []
    for name in outer:
        (first, last), *others = mine[name]
        edits += [(begin, end, []) for begin, end in others]
        lines = [line for begin, end in theirs.get(name, ()) for line in wanted[begin - 1 : end]]
        # The stub may leave it to the learner to define the name at all; a class needs a body even so.
        edits.append((first, last, lines or [there[first - 1][: _indent(there[first - 1])] + "pass"]))
    if outer:
        # The stub's signatures may need what only the stub imports.
        edits.append((_first_statement(solution), 0, sorted(_imports(stub) - _imports(solution))))
    for first, last, lines in sorted(edits, reverse=True):
        there[first - 1 : max(last, first - 1)] = lines
    return "\n".join(there).encode()


def definitions(source: bytes) -> dict[str, list[tuple[int, int]]]:
    """Return the first and last lines, decorators included, of what a module defines, by dotted name.

    A name that is defined more than once, such as a property with its setter, has more than one pair.

    :raises OverlayError: the source is not Python.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for name, node in _defined(_parse(source).body):
        first = min(part.lineno for part in (node, *getattr(node, "decorator_list", ())))
        found.setdefault(name, []).append((first, node.end_lineno or first))
    return found


def names_in(path: str, content: bytes) -> Iterable[str]:
    """Return what a file defines, if it is one of Python's.

    :raises OverlayError: it should be Python, and is not.
    """
    return definitions(content) if _is_python(path) else ()


def same_code(one: Files, other: Files) -> bool:
    """Say whether two sets of files differ in comments and layout at most."""
    return one.keys() == other.keys() and all(_essence(path, one[path]) == _essence(path, other[path]) for path in one)


def imported(source: bytes) -> set[str]:
    """Return the modules that a module imports by absolute name at its top; none of one that is not Python."""
    try:
        body = _parse(source).body
    except OverlayError:
        return set()
    names = {alias.name for node in body if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in body if isinstance(node, ast.ImportFrom) and node.module and not node.level}


def _essence(path: str, content: bytes) -> object:
    return ast.dump(_parse(content)) if _is_python(path) else content


def _defined(body: Iterable[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.stmt]]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield prefix + name, node
            case ast.ClassDef(name=name):
                yield prefix + name, node
                yield from _defined(node.body, f"{prefix}{name}.")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name, node


def _imports(source: bytes) -> set[str]:
    return {ast.unparse(node) for node in _parse(source).body if isinstance(node, (ast.Import, ast.ImportFrom))}


def _first_statement(source: bytes) -> int:
    """Return the line before which an import may stand: after the docstring and what is from the future."""
    body = _parse(source).body
    start = 1 if ast.get_docstring(_parse(source)) is not None else 0
    while start < len(body) and getattr(body[start], "module", None) == "__future__":
        start += 1
    return (body[start - 1].end_lineno or 0) + 1 if start else 1


def _parse(source: bytes) -> ast.Module:
    try:
        return ast.parse(_text(source))
    except (SyntaxError, ValueError) as error:
        raise OverlayError(f"it is not Python: {error}") from error


def _text(content: bytes) -> str:
    try:
        return content.decode().replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise OverlayError(f"it is not UTF-8: {error}") from error


def _lines(content: bytes) -> list[str]:
    # Not splitlines, which knows more ends of lines than Python's grammar.
    return _text(content).split("\n")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_python(path: str) -> bool:
    return PurePosixPath(path).suffix == ".py"

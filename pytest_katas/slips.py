"""The classic slips of people who write tests, found by reading the tests: each of them is green for no reason.

Pure, and careful: what is reported here is wrong in every project, for a learner will believe it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

#: Everything that a mock asserts when it is called, and does nothing when it is not (unittest.mock).
_ASSERTS = frozenset(
    {
        *("assert_any_call", "assert_called", "assert_called_once", "assert_called_once_with", "assert_called_with"),
        *("assert_has_calls", "assert_not_called", "assert_any_await", "assert_awaited", "assert_awaited_once"),
        *("assert_awaited_once_with", "assert_awaited_with", "assert_has_awaits", "assert_not_awaited"),
    }
)
#: Of the same names without "assert_", those that mocks do have.
_REAL = frozenset({"called", "awaited"})
_BARE = frozenset(name.removeprefix("assert_") for name in _ASSERTS) - _REAL
_TOO_BROAD = frozenset({"Exception", "BaseException"})
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex"})


class Slip(NamedTuple):
    """One slip, and what to do about it.

    :ivar line: its number in the file.
    :ivar what: one sentence.
    """

    line: int
    what: str


def named_tests(source: str) -> tuple[str, ...]:
    """Return the names of the test functions of a file, ``Class::test`` where they are in a class, in their order."""
    return tuple(name for name, _ in _tests(_parsed(source)))


def slips_in(source: str, looked_up: Mapping[str, str] | None = None, helpers: Iterable[str] = ()) -> list[Slip]:
    """Return the slips in the source of a test file; none in one that is not Python, which pytest will say.

    :param looked_up: by the dotted name where something is defined, the one where the code under test looks it up.
    :param helpers: the sources of files that the tests may import from: what asserts there, asserts for them.
    """
    tree = _parsed(source)
    functions = [*_functions(tree), *(each for helper in helpers for each in _functions(_parsed(helper)))]
    defined = {node.name for node in functions}
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    known = _imported_as(tree)
    found = [Slip(node.lineno, f"{name} asserts nothing") for name, node in _without_assertion(tree, functions)]
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name not in defined:
                found += [Slip(node.lineno, what) for what in _of_name(name, is_called=id(node) in called)]
            case ast.Assert(test=ast.Constant(value=value)) if value:
                found.append(Slip(node.lineno, f"assert {value!r} is always true"))
            case ast.Assert(test=ast.Tuple(elts=[_, *_])):
                found.append(Slip(node.lineno, "assert (..., ...) is always true: take the brackets away"))
            case ast.Expr(value=ast.Compare() as comparison):
                found.append(Slip(node.lineno, f"{ast.unparse(comparison)} is compared, not asserted: write assert"))
            case ast.Call():
                several = (*_no_calls(node), *_too_broad(node), *_misplaced(node, looked_up or {}, known))
                found += [Slip(node.lineno, what) for what in several]
    return sorted(set(found))


def _of_name(name: str, *, is_called: bool) -> Iterator[str]:
    if name in _ASSERTS or re.fullmatch(r"assert[A-Z]\w*", name):
        if not is_called:
            yield f"{name} is not called, so it asserts nothing: write {name}(...)"
    elif name in _BARE:
        yield f"{name} is no assertion: a mock makes up every attribute; write assert_{name}(...)"
    elif (
        is_called
        and name not in _REAL
        # Only what nobody but a mock would have; a fake of the learner's own may have any name.
        and (meant := get_close_matches(name, _ASSERTS if name.startswith("as") else _BARE, n=1, cutoff=0.85))
    ):
        right = f"assert_{meant[0].removeprefix('assert_')}"
        yield f"{name} is no assertion of a mock: did you mean {right}(...)?"


def _no_calls(call: ast.Call) -> Iterator[str]:
    if _last(call.func) == "assert_has_calls":
        given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "calls")]
        if any(isinstance(calls, (ast.List, ast.Tuple)) and not calls.elts for calls in given):
            yield "assert_has_calls([]) is true of every mock: name the calls"


def _too_broad(call: ast.Call) -> Iterator[str]:
    # With a word of its message an exception is known well enough.
    if _last(call.func) not in _RAISES or any(keyword.arg == "match" for keyword in call.keywords):
        return
    given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "expected_exception")]
    for kind in (each for one in given for each in (one.elts if isinstance(one, ast.Tuple) else [one])):
        if (name := _last(kind)) in _TOO_BROAD:
            yield f"{_last(call.func)}({name}) is content with every error, a slip in your test included: name one"


def _misplaced(call: ast.Call, looked_up: Mapping[str, str], known: Mapping[str, str]) -> Iterator[str]:
    if not {"patch", "setattr"} & set(ast.unparse(call.func).split(".")):
        return
    match call:
        case ast.Call(args=[ast.Name(id=owner), ast.Constant(value=str(name)), *_]):
            targets = [f"{known.get(owner, owner)}.{name}"]
        case ast.Call(args=[ast.Constant(value=str(target)), *_]):
            # patch.multiple names the attributes as keywords.
            targets = [target, *(f"{target}.{keyword.arg}" for keyword in call.keywords)]
        case _:
            targets = []
    for target in targets:
        if target in looked_up:
            yield f"{target} is replaced where it is defined; the code looks it up as {looked_up[target]}: replace that"


def _without_assertion(tree: ast.Module, functions: Sequence[_Definition]) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the tests that neither assert nor use a function or a class that does."""
    asserting: set[str] = set()
    while more := {node.name for node in functions if node.name not in asserting and _asserts(node, asserting)}:
        asserting |= more
    for name, node in _tests(tree):
        if name.rpartition("::")[2] not in asserting:
            yield name, node


def _asserts(function: ast.AST, asserting: Iterable[str]) -> bool:
    for node in ast.walk(function):
        match node:
            case ast.Assert():
                return True
            case ast.Raise(exc=exception) if exception is not None:
                if _last(exception.func if isinstance(exception, ast.Call) else exception) == "AssertionError":
                    return True
            case ast.Call(func=called):
                name = _last(called)
                if name in asserting or name in {"raises", "fail", "warns"} or name.lower().startswith("assert"):
                    return True
            # A fixture is used by its name.
            case ast.arg(arg=name) if name in asserting:
                return True
    return False


def _functions(tree: ast.Module) -> list[_Definition]:
    """Return the functions and classes of a file; a class asserts if a method does."""
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]


def _imported_as(tree: ast.Module) -> dict[str, str]:
    """Return the modules that a file imports under another name, by that name."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Import))
    return {alias.asname: alias.name for node in nodes for alias in node.names if alias.asname}


def _tests(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name.startswith("test"):
                    yield f"{node.name}::{inner.name}", inner


def _last(node: ast.AST) -> str:
    """Return the last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])

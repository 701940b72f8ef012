"""How many slips the tests of the katas notice: generated mutants of every solution, killed or not.

python benchmarks/strength.py [--jobs N] [kata ...]

The operators are mutmut's (numbers, texts, comparisons, operators, arguments, assignments, conditions), and three more:
a condition that is always true or always false, a return of nothing, and a call that is not made. What nobody promised
is left alone: annotations, docstrings, the words of an exception. Mutants that are no slip because nobody could tell
them from the solution are listed in ``equivalents.toml``, each with its reason.

The katas are those of this checkout. Needs the dependency group ``strength``.
"""

from __future__ import annotations

import argparse
import ast
import os
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

import libcst as cst
from mutmut.mutation.mutators import mutation_operators

from pytest_katas.catalogue import Kata, read_track
from pytest_katas.outcomes import Light
from pytest_katas.overlay import Files, imported, layer
from pytest_katas.runner import Runner
from pytest_katas.sandbox import files_of

ROOT = Path(__file__).parent.parent
EQUIVALENTS = Path(__file__).parent / "equivalents.toml"
#: What Exercism's Python track (20 exercises) and pythonlings (278) reach with the same kind of mutants.
PEERS = "Exercism 0.926, pythonlings 0.841"
OVERALL, EACH = 0.98, 0.95


class Mutant(NamedTuple):
    """One slip in one file of a solution.

    :ivar change: the lines taken out and put in, without their indentation.
    """

    file: str
    change: str
    files: Files


def main() -> None:
    """Print the table; end with 1 where the tests are not strong enough."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("slugs", nargs="*", metavar="kata", help="slugs; all katas if none is named")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many runs at a time")
    asked = parser.parse_args()
    track = read_track(ROOT / "katas")
    if unknown := set(asked.slugs) - set(track.slugs):
        parser.error(f"there is no kata {' or '.join(sorted(unknown))}; there are {', '.join(track.slugs)}")
    katas = [kata for kata in track.katas() if not asked.slugs or kata.slug in asked.slugs]
    equivalents = _equivalents()
    print("| kata | mutants | killed | share | survivors |\n| --- | --- | --- | --- | --- |")
    all_made = all_killed = 0
    weakest = 1.0
    for kata in katas:
        excused = equivalents.get(kata.slug, frozenset())
        mutants = [mutant for mutant in mutants_of(kata) if mutant.change not in excused]
        survivors = surviving(kata, mutants, asked.jobs)
        killed = len(mutants) - len(survivors)
        share = killed / len(mutants) if mutants else 1.0
        weakest = min(weakest, share)
        all_made, all_killed = all_made + len(mutants), all_killed + killed
        print(f"| {kata.slug} | {len(mutants)} | {killed} | {share:.3f} | {len(survivors)} |", flush=True)
        for mutant in survivors:
            print(f"    {mutant.file}: {mutant.change}")
    overall = all_killed / all_made if all_made else 1.0
    print(f"| all | {all_made} | {all_killed} | {overall:.3f} | >= {OVERALL}, each >= {EACH}; {PEERS} |")
    raise SystemExit(overall < OVERALL or weakest < EACH)


def surviving(kata: Kata, mutants: list[Mutant], jobs: int) -> list[Mutant]:
    """Return the mutants on which every test of the kata is green."""
    ahead = sorted(set().union(*(imported(content) for mutant in mutants[:1] for content in mutant.files.values())))
    with Runner(jobs, preload=ahead) as runner, ThreadPoolExecutor(jobs) as pool:

        def survives(mutant: Mutant) -> bool:
            # A mutant in an endless loop is caught by the deadline of a test, too; nobody needs to wait for it here.
            run = runner.run(mutant.files, folder=f"katas/{kata.slug}", ignore=kata.suites, deadline=5.0)
            return run.light(kata.expected) is Light.GREEN

        return [mutant for mutant, alive in zip(mutants, pool.map(survives, mutants), strict=True) if alive]


def mutants_of(kata: Kata) -> Iterator[Mutant]:
    """Make every mutant of a kata's solution.

    Not of a suite that the learner writes: one test less, and it may be as right as before.
    """
    solution = layer(ROOT / "solutions" / kata.slug, kata.stubs)
    base = {**files_of(kata.path), **solution}
    for file, content in solution.items():
        if file.endswith(".py") and file not in kata.suites:
            for change, code in mutated(content.decode()):
                yield Mutant(file, change, {**base, file: code.encode()})


def mutated(source: str) -> Iterator[tuple[str, str]]:
    """Yield each mutant of a module, with its change; those that mean the same to Python are left out."""
    module = cst.parse_module(source)
    seen = {ast.dump(ast.parse(source))}
    collected = _Mutations()
    module.visit(collected)
    for original, node in collected.found:
        code = module.deep_replace(original, node).code  # type: ignore[arg-type]  # one node for another
        try:
            meaning = ast.dump(ast.parse(code))
        except SyntaxError:
            continue
        if meaning not in seen:
            seen.add(meaning)
            yield _change(source, code), code


class _Mutations(cst.CSTVisitor):
    """Collects pairs of a node and what to put in its place."""

    def __init__(self) -> None:
        self.found: list[tuple[cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, (cst.Annotation, cst.Import, cst.ImportFrom)) or _is_docstring(node):
            return False
        self.found += [(node, other) for other in _others(node)]
        # The words of an exception are nobody's business; its kind is.
        return not isinstance(node, cst.Raise)


def _others(node: cst.CSTNode) -> Iterable[cst.CSTNode]:
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            yield from operator(node)
    match node:
        case cst.If():
            for answer in ("True", "False"):
                yield node.with_changes(test=cst.Name(answer), whitespace_before_test=cst.SimpleWhitespace(" "))
        case cst.While():
            # A loop that never ends is killed by the deadline, and shows nothing.
            yield node.with_changes(test=cst.Name("False"), whitespace_after_while=cst.SimpleWhitespace(" "))
        case cst.Return(value=cst.BaseExpression()):
            yield node.with_changes(value=cst.Name("None"), whitespace_after_return=cst.SimpleWhitespace(" "))
        case cst.Expr(value=cst.Call() | cst.Await()):
            yield cst.Pass()
        case cst.Raise():
            yield cst.Pass()


def _is_docstring(node: cst.CSTNode) -> bool:
    match node:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]):
            return True
    return False


def _change(before: str, after: str) -> str:
    diff = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))[3:]
    out = " ".join(line[1:].strip() for line in diff if line.startswith("-"))
    put = " ".join(line[1:].strip() for line in diff if line.startswith("+"))
    return f"{out} => {put}"


def _equivalents() -> dict[str, frozenset[str]]:
    tables = tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8"))
    return {slug: frozenset(each["change"] for each in found) for slug, found in tables.items()}


if __name__ == "__main__":
    main()

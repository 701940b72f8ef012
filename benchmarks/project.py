"""Projects to run pytest on: one without katas, and a track of katas. Every test in them passes."""

from __future__ import annotations

from pathlib import Path

_PYPROJECT = """\
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "--continue-on-collection-errors", "--strict-markers"]
markers = ["task(taskno, guard): the task of its kata that a test belongs to"]
"""
_TEST = """\
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_number(number):
    assert number >= 0
"""
_KATA = """\
format = 1
title = "Doubling"
question = "What is twice a number?"
summary = "Double a number."
concepts = ["arithmetic"]
difficulty = 1
minutes = 1
stubs = ["doubling.py"]

[[task]]
title = "double"
tests = {tests}
writes = ["double"]
hints = ["Once is not enough.", "Add it to itself.", "Return number + number."]
"""
_STUB = """\
def double(number):
    return number + number
"""
_KATA_TEST = """\
import pytest

from .doubling import double

@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("number", range({tests}))
def test_double(number):
    assert double(number) == 2 * number
"""


def plain(folder: Path, tests: int) -> Path:
    """Make a project that has no kata."""
    return _written(folder, {"pyproject.toml": _PYPROJECT, "test_numbers.py": _TEST.format(tests=tests)})


def track(folder: Path, katas: int, tests: int) -> Path:
    """Make a track of solved katas, each with one task of this many tests."""
    slugs = [f"doubling_{number}" for number in range(katas)]
    files = {"pyproject.toml": _PYPROJECT, "katas/track.toml": f"format = 1\nkatas = {slugs}\n"}
    for slug in slugs:
        files[f"katas/{slug}/kata.toml"] = _KATA.format(tests=tests)
        files[f"katas/{slug}/doubling.py"] = _STUB
        files[f"katas/{slug}/test_{slug}.py"] = _KATA_TEST.format(tests=tests)
    return _written(folder, files)


def _written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder

"""The sample output in the README is what a newcomer sees."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def sample() -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^\$ pytest katas/jwt\n(.*?)^```", readme, flags=re.DOTALL | re.MULTILINE)
    assert found, "README.md shows no output of pytest katas/jwt"
    return [line for line in found[1].splitlines() if line not in {"", "(...)"}]


def test_every_line_of_the_sample_is_printed_in_its_order(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("KATA_LEARNER", "ada")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    for name in ("katas", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, pytester.path / name)
    shutil.copytree(ROOT / "solutions/jwt/stub", pytester.path / "katas/jwt", dirs_exist_ok=True)

    printed = pytester.runpytest_subprocess("katas/jwt", "-p", "no:randomly").outlines

    def timeless(line: str) -> str:
        return re.sub(r"\d+\.\d\ds", "0.00s", line).strip("= ")

    remaining = iter(map(timeless, printed))
    missing = [line for line in map(timeless, sample()) if line not in remaining]
    assert missing == []

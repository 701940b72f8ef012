"""What a run of a kata with 20 tests records."""

from __future__ import annotations

from typing import Any

SLUG = "doubling_0"
STARTED: dict[str, Any] = {"pid": 1, "python": "3.11.7", "plugin": "0.1.0"}
FIELDS: dict[str, Any] = {
    "run": "0" * 32,
    "python": "3.11.7",
    "seconds": 0.25,
    "light": "green",
    "complete": True,
    "why": None,
    "tests": {"1": {f"test_doubling_0.py::test_double[{number}]": "passed" for number in range(20)}},
    "kata": "0" * 64,
    "files": {"doubling.py": {"sha256": "0" * 64, "size": 42}},
    "added": 0,
    "removed": 0,
    "prediction": None,
    "missing": [],
}

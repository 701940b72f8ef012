"""What it takes to bring one run to the disk, beside SQLite and beside the disk itself."""

from __future__ import annotations

from collections.abc import Iterator

from lab import Lab
from table import Row


def rows(lab: Lab) -> Iterator[Row]:
    """Measure in the plugin's own Python."""
    medians = lab.probe("append", str(lab.folder / "append"), "50" if lab.quick else "400")
    ours = medians.pop("katas")
    yield Row("record of one run on disk, 20 outcomes, unchanged files; wall", medians, ours, 1.0, "{:.2f} ms")

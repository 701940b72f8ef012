"""The wheel's data: the katas and their solutions, as one file.

Every run of pytest reads the list of files of every installed plugin, and it takes longer over each line of it than
over some of our hooks. So hundreds of files that a run does not need travel as one, in every project that has us.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("katas", "solutions")


class DataHook(BuildHookInterface):  # type: ignore[type-arg]  # any builder will do
    """Puts the folders into ``pytest_katas/_data.zip`` of a wheel; an editable install reads the folders themselves."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel is built."""
        if version == "standard":
            with ZipFile(self._archive, "w") as archive:
                for name in self._names():
                    # ZipInfo has the same date in every build, and so has the wheel the same hash.
                    archive.writestr(ZipInfo(name), (Path(self.root) / name).read_bytes(), ZIP_DEFLATED)
            build_data["force_include"][str(self._archive)] = "pytest_katas/_data.zip"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  # hatchling's
        """Called when the wheel is built."""
        self._archive.unlink(missing_ok=True)

    @property
    def _archive(self) -> Path:
        return Path(self.directory) / "_data.zip"

    def _names(self) -> list[str]:
        """Return the files by their paths here, but for those that git ignores."""
        root = Path(self.root)
        paths = (path.relative_to(root) for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in paths if not self.build_config.path_is_excluded(path.as_posix()))

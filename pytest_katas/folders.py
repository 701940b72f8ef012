"""Where katas are, told from the names of files alone.

The one part of the catalogue that every run of every project pays for, so it imports nothing and asks once a folder.
"""

from __future__ import annotations

import os

KATA_FILE = "kata.toml"
TRACK_FILE = "track.toml"


class Folders:
    """Remembers which files and folders lie in a kata."""

    def __init__(self) -> None:
        self._katas: dict[str, str | None] = {}

    def kata_of(self, path: str) -> str | None:
        """Return the nearest folder with a ``kata.toml``, from ``path`` upward, or None.

        :param path: an absolute path of a file or folder.
        """
        if path not in self._katas:
            if os.path.exists(os.path.join(path, KATA_FILE)):
                self._katas[path] = path
            else:
                parent = os.path.dirname(path)
                self._katas[path] = None if parent == path else self.kata_of(parent)
        return self._katas[path]

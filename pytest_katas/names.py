"""Names of people as names of folders."""

from __future__ import annotations

import hashlib
import unicodedata

# Harmless in a name on every file system, and common in names of people and in their addresses.
_NAME_MARKS = frozenset(" _-.,'@+()")
_NAME_BYTES = 80
# Windows keeps these for devices, whatever follows the dot.
_PORTS = {port + digit for port in ("com", "lpt") for digit in "0123456789¹²³"}
_DEVICES = frozenset({"con", "prn", "aux", "nul", *_PORTS})


def folder_name(name: str) -> str:
    """Make any text a folder name that is safe on every file system.

    A safe name stays as it is, in its composed Unicode form, as most names of people do. Of another one the letters,
    digits and usual marks stay, and a hash tells it from its neighbours: ``../ada`` is not ``ada``.
    """
    name = unicodedata.normalize("NFC", name)
    kept = "".join(char if char in _NAME_MARKS or unicodedata.category(char)[0] in "LMN" else "-" for char in name)
    kept = kept.lstrip(" -.").rstrip(" .")
    is_device = kept.partition(".")[0].rstrip(" ").lower() in _DEVICES
    if kept and kept == name and len(kept.encode()) <= _NAME_BYTES and not is_device:
        return name
    digest = f"-{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}"
    mark = "_" if is_device else ""
    room = _NAME_BYTES - len(mark) - len(digest)
    return f"{mark}{kept.encode()[:room].decode(errors='ignore').rstrip(' -.') or 'learner'}{digest}"

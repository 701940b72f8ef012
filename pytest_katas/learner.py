"""Who is at the keyboard."""

from __future__ import annotations

import subprocess
from contextlib import suppress

from pytest_katas.names import folder_name
from pytest_katas.store import Store


def learner_of(named: str | None, store: Store) -> str:
    """Return the learner whose record is meant, as the name of a folder.

    The one somebody named; else the one in the store, if it holds exactly one; else git's ``user.name``; else the
    login name. Git is asked only when nothing better is known, because it costs a process.
    """
    if named:
        # Where the locale is ASCII, Python hides the bytes of a name in surrogates: the same name is the same learner.
        with suppress(UnicodeEncodeError):
            named = named.encode(errors="surrogateescape").decode(errors="replace")
        return folder_name(named)
    known = store.learners()
    if len(known) == 1:
        return known[0]
    return folder_name(_git_name() or _login() or "learner")


def _git_name() -> str:
    with suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(["git", "config", "user.name"], capture_output=True, timeout=5, check=False)
        return asked.stdout.decode(errors="replace").strip()
    return ""


def _login() -> str:
    import getpass

    # getpass raises KeyError, ImportError or, from Python 3.13, OSError where the system knows no name.
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return ""

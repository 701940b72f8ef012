"""The one kind of error that is meant for the person at the keyboard."""

from __future__ import annotations


class KataError(Exception):
    """Says in one sentence what is wrong and what to do next; the plugin ends with pytest's exit code 4."""

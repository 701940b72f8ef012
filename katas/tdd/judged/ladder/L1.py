"""Rung 1: seconds."""


def format_duration(seconds):
    return f"{seconds}s"

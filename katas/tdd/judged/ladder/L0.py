"""Rung 0: nothing is written yet."""


def format_duration(seconds):
    raise NotImplementedError

"""Rung 2: minutes and seconds."""


def format_duration(seconds):
    minutes, seconds = divmod(seconds, 60)
    if minutes:
        return f"{minutes}m{seconds}s"
    return f"{seconds}s"

"""Rung 6, the last: what is not an int is refused. A bool is one to Python, and none to us."""


def format_duration(seconds):
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise TypeError("a number of seconds is an int")
    if seconds < 0:
        raise ValueError("a length of time is not negative")
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "m"), (seconds, "s")]
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"

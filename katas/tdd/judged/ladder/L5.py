"""Rung 5: negative numbers are refused."""


def format_duration(seconds):
    if seconds < 0:
        raise ValueError("a length of time is not negative")
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "m"), (seconds, "s")]
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"

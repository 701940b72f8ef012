"""No rung either: one thing too much in every answer, and the two errors mixed up."""


def format_duration(seconds):
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise ValueError("a number of seconds is an int")  # noqa: TRY004  mixed up on purpose
    if seconds < 0:
        raise TypeError("a length of time is not negative")
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "m"), (seconds, "s")]
    return "".join(f"{number}{unit}" for number, unit in parts if number) + "0m"

"""No rung, but the wall beside the ladder: the same answer to everything."""


def format_duration(seconds):
    return "0h0m0s"

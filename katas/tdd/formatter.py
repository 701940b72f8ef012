"""Kata: TDD, task 4. What you write tests for; nothing is to be written here.

Your tests in test_formatter.py meet other code under this name: the seven rungs of the ladder.
"""


def format_duration(seconds: int) -> str:
    """Write a number of seconds as people do, the other way round: 5400 is "1h30m".

    The list of tests, in the order of the ladder:

    1. seconds, below a minute: 45 is "45s"
    2. minutes and seconds: 90 is "1m30s"
    3. hours, as many as there are: 3723 is "1h2m3s", 90061 is "25h1m1s"
    4. no parts that are zero: 3600 is "1h"; but 0 is "0s"
    5. a negative number: ValueError
    6. not an int (a bool, a float, a text, None): TypeError
    """
    raise NotImplementedError

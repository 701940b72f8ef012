"""Kata: what to test. The specification of what you write tests for; nothing is to be written here.

Your tests in test_parcel.py meet other code under this name: right implementations, and wrong ones.
"""

from collections.abc import Sequence


def quote(weights_g: Sequence[int], zone: str, *, express: bool = False) -> int:
    """Return the price of a parcel in cents, an int.

    `weights_g` are the weights of its items in grams: one or more positive ints. Their total decides the base price:

        up to and including    500 g     390
        up to and including  2 000 g     590
        up to and including 10 000 g     990
        up to and including 30 000 g   1 690

    The zone decides how much of the base price is charged: "domestic" 100 %, "eu" 150 %, "world" 240 %. Capitals do not
    matter.

    Express adds 25 % of the zone's price; the sum is rounded to the nearest cent, half a cent up.

    After that, each item over 5 000 g adds 200.

    Raises TypeError for a weight that is a bool or a float. Raises ValueError for a weight of zero or less, for no
    weights at all, for a total of more than 30 000 g, and for any other zone.

    The caller's list stays as it is, and no call has an influence on another one.
    """
    raise NotImplementedError

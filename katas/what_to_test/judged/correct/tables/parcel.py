"""The price of a parcel, with tables, bisect and Decimal."""

from bisect import bisect_left
from decimal import ROUND_HALF_UP, Decimal
from numbers import Integral

LIMITS = (500, 2_000, 10_000, 30_000)
PRICES = (Decimal(390), Decimal(590), Decimal(990), Decimal(1690))
ZONES = {"DOMESTIC": Decimal("1.00"), "EU": Decimal("1.50"), "WORLD": Decimal("2.40")}


def quote(weights_g, zone, *, express=False):
    if zone.upper() not in ZONES:
        raise ValueError(f"zone: {zone!r} is not one of {', '.join(ZONES)}")
    weights = tuple(weights_g)
    if bool in map(type, weights) or not all(isinstance(weight, Integral) for weight in weights):
        raise TypeError(f"weights: ints expected, got {weights}")
    if min(weights, default=0) < 1 or sum(weights) > LIMITS[-1]:
        raise ValueError(f"weights: {weights}")
    price = PRICES[bisect_left(LIMITS, sum(weights))] * ZONES[zone.upper()]
    if express:
        price *= Decimal("1.25")
    heavy = sum(weight > 5_000 for weight in weights)
    return int(price.quantize(Decimal(1), rounding=ROUND_HALF_UP)) + 200 * heavy

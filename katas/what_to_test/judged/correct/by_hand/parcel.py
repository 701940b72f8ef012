"""The price of a parcel, with loops, branches and whole cents."""


def quote(weights_g, zone, *, express=False):
    if not weights_g:
        raise ValueError("a parcel has at least one item")
    total = 0
    for weight in weights_g:
        if isinstance(weight, bool) or not isinstance(weight, int):
            raise TypeError("a weight is a whole number of grams")
        if weight <= 0:
            raise ValueError("a weight is more than nothing")
        total += weight
    if total <= 500:
        price = 390
    elif total <= 2_000:
        price = 590
    elif total <= 10_000:
        price = 990
    elif total <= 30_000:
        price = 1_690
    else:
        raise ValueError("a parcel has at most 30 kg")
    zone = zone.lower()
    if zone == "eu":
        price = price * 150 // 100
    elif zone == "world":
        price = price * 240 // 100
    elif zone != "domestic":
        raise ValueError("there is no such zone")
    if express:
        price = (price * 125 + 50) // 100
    for weight in weights_g:
        if weight > 5_000:
            price += 200
    return price

"""What a row of the ladder means: on which rungs a test was green, and what that says about the test.

A row is a text with a letter a rung, L0 to L6: "P" for passed, "." for anything else.
"""

RUNGS = 7


def wanted(item: int) -> str:
    """Return the row of a good test for this item of the list: red below its rung, green from it on."""
    return "." * item + "P" * (RUNGS - item)


def verdict(item: int, row: str) -> str:
    """Say what is wrong with a test that has this row, in one line, then what to do; nothing for a good one."""
    first = row.find("P")
    red_again = row.find(".", first)
    if row == wanted(item):
        return ""
    if first < 0:
        return "it is never green, not even on L6, the finished code\nDoes it expect what the list says?"
    if first == 0 and red_again < 0:
        return "it is trivial: green on L0, before there is any code\nWhat would have to be wrong for it to fail?"
    if first == 0:
        return (
            "it is red for the wrong reason, for on L0 it is green\n"
            "Nothing is written there: NotImplementedError is an exception, too. Name the\n"
            "one you want."
        )
    if red_again > 0:
        return (
            f"it pins an intermediate state: green on L{first}, red on L{red_again}\n"
            f"Nothing is broken on L{red_again}. Leave out what a later item changes."
        )
    if first < item:
        return (
            f"it is green too early: L{first} knows nothing of item {item}\n"
            "What does that rung answer to your example? Choose one that it gets wrong."
        )
    return (
        f"it is too big: L{item} does items 1 to {item}, and it is still red\n"
        f"It asks for what only L{first} can do. One item at a time."
    )


def drawn(item: int, row: str) -> str:
    """Draw the wanted row above the one that was seen."""
    rungs = "  ".join(f"L{rung}" for rung in range(RUNGS))
    above, below = ("   ".join(letters) for letters in (wanted(item), row))
    return f"          {rungs}\n  wanted:  {above}\n  it was:  {below}    (. red, P green)"

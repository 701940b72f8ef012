"""What a row of the ladder means: on which rungs a test was green, and what that says about the test.

A row is a text with a letter a rung, L0 to L6: "P" for passed, "." for anything else.
"""

RUNGS = 7


def wanted(item: int) -> str:
    """Return the row of a good test for this item of the list: red below its rung, green from it on."""
    return "." * item + "P" * (RUNGS - item)


def verdict(item: int, row: str) -> str:
    """Say what is wrong with a test that has this row; nothing if it is the wanted one."""
    first = row.find("P")
    red_again = row.find(".", first)
    if row == wanted(item):
        return ""
    if first < 0:
        return "Never green: it is red even on L6, the finished code.\nDoes it expect what the list says?"
    if first == 0 and red_again < 0:
        return "Trivial: it is green on L0, before there is any code.\nWhat would have to be wrong for it to fail?"
    if first == 0:
        return (
            "Red for the wrong reason: on L0 nothing is written, and the test is\n"
            "content. NotImplementedError is an exception, too. Name the one you want."
        )
    if red_again > 0:
        return (
            f"It pins an intermediate state: green on L{first}, red again on L{red_again},\n"
            "though nothing is broken there. Leave out what a later item changes."
        )
    if first < item:
        return (
            f"Green too early: L{first} passes it, and knows nothing of item {item}. What does\n"
            "that rung answer to your example? Choose one that it gets wrong."
        )
    return (
        f"Too big: L{item} does items 1 to {item}, and the test is still red. It asks for\n"
        f"what only L{first} can do. One item at a time."
    )


def drawn(item: int, row: str) -> str:
    """Draw the wanted row above the one that was seen."""
    rungs = "  ".join(f"L{rung}" for rung in range(RUNGS))
    above, below = ("   ".join(letters) for letters in (wanted(item), row))
    return f"          {rungs}\n  wanted:  {above}\n  it was:  {below}    (. red, P green)"

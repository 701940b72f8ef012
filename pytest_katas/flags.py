"""The verbs as they are typed; apart from ``settings``, because every run of every project declares them."""


class Verb:
    """A flag that makes pytest do one thing of ours; ``metavar`` is None where it takes no value."""

    # No NamedTuple: making one costs more than all the rest of this module.
    __slots__ = ("dest", "flag", "metavar", "purpose")

    def __init__(self, flag: str, metavar: str | None, purpose: str) -> None:
        self.flag = flag
        self.metavar = metavar
        self.purpose = purpose
        #: The option's name in pytest's namespace.
        self.dest = flag.removeprefix("--").replace("-", "_")


VERBS = (
    Verb("--kata-progress", None, "show where you stand: every kata, or those given in detail"),
    Verb("--kata-report", "FILE", "write the progress to FILE (.json, .md or .csv); - is JSON on the terminal"),
    Verb("--kata-next", None, "run the next kata that is not green"),
    Verb("--kata-hint", None, "show the next hint for the first red task; each call says one more"),
    Verb("--kata-solution", None, "after green: your code beside the reference, and the debrief"),
    Verb("--kata-spoil", None, "the same before green; the record remembers that you looked"),
    Verb("--kata-start", "DIR", "write the track into a new folder, ready to run"),
    Verb("--kata-check", None, "for authors: prove the katas against their solutions and wrong solutions"),
)

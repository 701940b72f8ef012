"""The options as they are typed; apart from ``settings``, because every run of every project declares them."""


class Option:
    """A flag of ours; ``metavar`` is None where it takes no value."""

    # No NamedTuple: making one costs more than all the rest of this module.
    __slots__ = ("dest", "flag", "metavar", "purpose")

    def __init__(self, flag: str, metavar: str | None, purpose: str) -> None:
        self.flag = flag
        self.metavar = metavar
        self.purpose = purpose
        #: The option's name in pytest's namespace.
        self.dest = flag.removeprefix("--").replace("-", "_")


#: Flags that make pytest do one thing of ours.
VERBS = (
    Option("--kata-progress", None, "show where you stand: every kata, or those given in detail"),
    Option("--kata-report", "FILE", "write the progress to FILE (.json, .md or .csv); - is JSON on the terminal"),
    Option("--kata-next", None, "run the next kata that is not green"),
    Option("--kata-hint", None, "show the next hint for the first red task; each call says one more"),
    Option("--kata-solution", None, "after green: your code beside the reference, and the debrief"),
    Option("--kata-spoil", None, "the same before green; the record remembers that you looked"),
    Option("--kata-start", "DIR", "write the track into a new folder, ready to run"),
    Option("--kata-check", None, "for authors: prove the katas against their solutions and wrong solutions"),
)
#: And those that say how.
OPTIONS = (
    *VERBS,
    Option("--kata-all", None, "open every task, show every red test in full"),
    Option("--kata-no-record", None, "do not record this run"),
    Option("--kata-learner", "NAME", "whose record it is (also KATA_LEARNER)"),
    Option("--kata-store", "DIR", "where the record is, instead of .katas"),
)

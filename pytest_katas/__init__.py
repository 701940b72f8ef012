"""TDD katas for back-end developers, and the pytest plugin that records red, amber and green."""

__all__ = ["KataWarning", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # pytest's warning class costs an import of pytest; readers of the version should not pay it.
    if name == "KataWarning":
        from pytest_katas.recorder import KataWarning

        return KataWarning
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

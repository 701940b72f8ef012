"""Each test of this kata says its level; a unit test that leaves its process fails, and says what it did."""

from collections.abc import Generator

import pytest

from .audit import Guard, listening


def pytest_configure(config: pytest.Config) -> None:
    """Fires when this file is loaded."""
    config.addinivalue_line("markers", "level(name): unit, integration or end-to-end, in the kata `levels`.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fires to run a test."""
    __tracebackhide__ = True
    marker = item.get_closest_marker("level")
    if marker is None or marker.args != ("unit",):
        return (yield)
    guard = Guard()
    with listening(guard):
        result = yield
    if guard.caught:
        pytest.fail(guard.caught)
    return result

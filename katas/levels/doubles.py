"""The fake that stands in for the database. Task 3 holds it to the same contract as the real thing."""


class FakeStore:
    """A store in a list: add and get, and nothing else.

    :param urls: what is in it from the beginning.
    """

    def __init__(self, *urls: str) -> None:
        self._urls = list(urls)

    def add(self, url: str) -> int:
        if url not in self._urls:
            self._urls.append(url)
        return self._urls.index(url) + 1

    def get(self, link_id: int) -> str | None:
        return self._urls[link_id - 1] if 0 < link_id <= len(self._urls) else None


def stored_in(store: FakeStore) -> list[str]:
    """Return what a fake store holds: for tests, not for a Shortener."""
    return list(store._urls)  # noqa: SLF001 - the test's own double

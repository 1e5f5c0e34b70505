"""The stores under test: in memory, in an encrypted file, and in the dictionaries of the fake.

Must never be told apart by a test.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import COUNTER_KEY, make_identity
from tests.fakes.shop import CountingRandomness, FakeClock
from tests.fakes.store import FakeStore
from urs_desktop.counter.ports import Store
from urs_desktop.counter.store.book import open_store, store_in_memory
from urs_desktop.counter.use_cases.recording import Recorder

IDENTITY = make_identity()


@pytest.fixture(params=["memory", "file", "fake"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "fake":
        fake = FakeStore()
        fake.write(lambda book: book.settings.put_identity(IDENTITY))
        yield fake
        return
    opened = store_in_memory() if request.param == "memory" else open_store(tmp_path, bytes(range(32)))
    opened.write(lambda book: book.settings.put_identity(IDENTITY))
    yield opened
    opened.close()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(COUNTER_KEY, FakeClock(), CountingRandomness())

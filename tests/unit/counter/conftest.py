"""The real retail journal, read once for all tests that want it.

Must never be changed by a test: it is shared.
"""

import pytest

from tests.builders import GBP
from tests.shared_data import RETAIL, shared
from urs_desktop.counter.use_cases.journal import Journal, read_journal


@pytest.fixture(scope="session")
def retail() -> Journal:
    return read_journal(shared(*RETAIL), GBP)

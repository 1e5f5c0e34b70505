"""What two transactions at once must not do to each other, on a server that lets both write.

Each test holds one transaction open until the other waits for it, so that they meet for certain.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop, open_shop
from tests.contract.central.till import CENTRAL_KEY, NOW, CountedRandomness, Till
from tests.postgresql.databases import Databases
from urs_desktop.central import accounts, customer_import, customers, feed, policies
from urs_desktop.central.accounts import SessionOverError
from urs_desktop.central.policies import Terms
from urs_desktop.central.schema import counters, customer_records, dirty_customers, feed_items, streams
from urs_desktop.database.engine import Database
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import EnrolReply, EnrolRequest
from urs_desktop.protocol.signatures import SigningKey

KEYS = [SigningKey(bytes([number]) * 32) for number in (0x31, 0x32)]
SECRETS = [b"0123456789", b"9876543210"]
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
_MOST_LOOKS = 1000


@pytest.fixture
def shop(postgresql_database: Database) -> Shop:
    """A central store with one medium vendor, its policy and a counter."""
    return open_shop(postgresql_database)


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    """Threads for the other transactions."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


class Meeting:
    """Two transactions: the first stays open until the second waits for it or is through."""

    def __init__(self, shop: Shop, pool: ThreadPoolExecutor, server: Databases) -> None:
        self.database = shop.database
        self._pool = pool
        self._server = server

    def of[T](self, first: Callable[[sa.Connection], T], second: Callable[[sa.Connection], T]) -> tuple[T, Future[T]]:
        """Return what the first gives and what the second will have given."""
        raise NotImplementedError


@pytest.fixture
def meet(shop: Shop, beside: ThreadPoolExecutor, postgresql: Databases) -> Callable[..., tuple[object, Future[object]]]:
    """Run two pieces of work in two transactions: the first commits once the other waits for it, or is through."""

    def run(first: Work, second: Work) -> tuple[object, Future[object]]:
        with shop.database.write() as connection:
            one = first(connection)
            other = beside.submit(in_transaction, shop.database, second)
            until_it_waits(postgresql, shop.database, other)
        other.exception()
        return one, other

    return run


Work = Callable[[sa.Connection], object]
Meet = Callable[[Work, Work], tuple[object, Future[object]]]

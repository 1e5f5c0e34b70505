"""Rules about what a counter forgot or must forget, broken one at a time: epochs and erased customers.

Must never break two rules at once but for what would hide the first.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from tests.simulation import counter_node
from tests.simulation.mutants.replacing import defenceless, replaced
from tests.simulation.run import Run
from urs_desktop.central import erased
from urs_desktop.counter.store import journal, schema
from urs_desktop.counter.store.catalogue import SqlCustomers
from urs_desktop.counter.store.epochs import SqlEpochs
from urs_desktop.counter.sync import engine
from urs_desktop.counter.values import Epoch, Link


@contextmanager
def rejoin_forgets_operations(run: Run) -> Iterator[None]:
    """A counter that begins an epoch takes everything it has for acknowledged, and sends none of it again."""
    del run
    begin = SqlEpochs.begin

    def begin_done(self: SqlEpochs, epoch: Epoch, links: Sequence[Link]) -> None:
        begin(self, epoch, links)
        self._connection.execute(sa.update(schema.chain).values(acknowledged=schema.chain.c.seq))

    with (
        replaced(SqlEpochs, "begin", begin_done),
        replaced(engine, "_is_own", lambda *_: True),
        replaced(journal.SqlOperations, "rewind", lambda self, seq: None),
    ):
        yield


@contextmanager
def sentinel_is_not_read(run: Run) -> Iterator[None]:
    """An older database that somebody put back is not noticed before the central store contradicts it."""
    del run
    with replaced(counter_node, "fence_if_put_back", lambda store, seen: None):
        yield


@contextmanager
def numbers_are_given_again(run: Run) -> Iterator[None]:
    """A counter in doubt goes on with the receipt numbers of its older database."""
    del run
    with replaced(SqlEpochs, "skip_receipts", lambda self, receipt: None):
        yield


@contextmanager
def erased_and_kept(run: Run) -> Iterator[None]:
    """A counter keeps what it knows of a customer who was erased."""
    del run
    with replaced(SqlCustomers, "forget", lambda self, gone: None):
        yield


@contextmanager
def erased_is_made_anew(run: Run) -> Iterator[None]:
    """A late receipt of an erased card makes its customer anew."""
    with defenceless(run.shop.central), replaced(erased, "by_card", lambda connection, card: None):
        yield

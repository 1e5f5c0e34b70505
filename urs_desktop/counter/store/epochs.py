"""The epochs of the counter's chain in SQL: each has signed every operation there was anew, with the same numbers.

What an epoch signed is kept for ever, so that every chain the centre ever saw can be proved. Must never change a link.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert

from urs_desktop.counter.store import schema
from urs_desktop.counter.values import CounterState, Epoch, Link, SkippedReceipts
from urs_desktop.database.columns import INTEGER
from urs_desktop.protocol.chain import genesis
from urs_desktop.protocol.operations import Operation

_o = schema.operations.c
_l = schema.links.c
_e = schema.epochs.c


def signed_in(epoch: sa.ColumnElement[int] | sa.ScalarSelect[int]) -> sa.Select[*tuple[Any, ...]]:
    """Return what selects operations as an epoch signed them: anew, or as they were made in it."""
    return select(
        _o.seq,
        _o.op_id,
        _o.kind,
        _o.schema,
        _o.body,
        sa.func.coalesce(_l.prev, _o.prev),
        sa.func.coalesce(_l.hash, _o.hash),
        sa.func.coalesce(_l.sig, _o.sig),
    ).select_from(schema.operations.outerjoin(schema.links, sa.and_(_l.seq == _o.seq, _l.epoch == epoch)))


_EPOCHS = select(_e.epoch, _e.nonce, _e.first_seq, _e.began_at).order_by(_e.epoch)
_CHAIN = (
    signed_in(bindparam("of_epoch", type_=INTEGER))
    .where(
        _o.seq > bindparam("seq"),
        _o.seq
        < sa.func.coalesce(
            select(sa.func.min(_e.first_seq)).where(_e.epoch > bindparam("of_epoch")).scalar_subquery(),
            sa.literal_column(str(2**63 - 1)),
        ),
    )
    .order_by(_o.seq)
    .limit(bindparam("limit"))
)
_IDENTITY = select(schema.identity.c.device_id, schema.identity.c.epoch)
_SEQ_AND_RECEIPT = select(schema.chain.c.seq, schema.chain.c.receipt)
_NOW = sa.update(schema.identity).values(epoch=bindparam("new_epoch"), nonce=bindparam("new_nonce"))
_RESTART = sa.update(schema.chain).values(head=bindparam("new_head"), acknowledged=0, state=CounterState.OPEN.value)
_ADD: Final = insert(schema.epochs)
_LINK: Final = insert(schema.links)
_SKIP = insert(schema.skipped_receipts)
_RAISE = sa.update(schema.chain).values(receipt=bindparam("new_receipt"))
_SKIPPED = select(schema.skipped_receipts.c.after_seq, schema.skipped_receipts.c.receipt).order_by(
    schema.skipped_receipts.c.receipt
)


class SqlEpochs:
    """The lives of the chain, as counter.ports.Epochs."""

    def __init__(self, connection: sa.Connection, changed: Callable[[], None]) -> None:
        """Take the transaction's connection and whom to tell that head and identity are others now."""
        self._connection = connection
        self._changed = changed

    def all(self) -> Sequence[Epoch]:
        """Return every epoch in order."""
        return tuple(Epoch(*row) for row in self._connection.execute(_EPOCHS))

    def chain(self, epoch: int, after: int, limit: int) -> Sequence[Operation]:
        """Return up to `limit` operations after seq `after` as that epoch signed them."""
        rows = self._connection.execute(_CHAIN, {"of_epoch": epoch, "seq": after, "limit": limit})
        return tuple(Operation(*row) for row in rows)

    def begin(self, epoch: Epoch, links: Sequence[Link]) -> None:
        """Begin an epoch with the links of every operation there is."""
        device_id, before = self._connection.execute(_IDENTITY).one()
        seq, _ = self._connection.execute(_SEQ_AND_RECEIPT).one()
        numbers = [link.seq for link in links]
        if epoch.epoch <= before or epoch.first_seq != seq + 1 or numbers != list(range(1, seq + 1)):
            message = f"epoch {epoch.epoch} does not follow epoch {before} with {seq} operations"
            raise ValueError(message)
        fields = {name: getattr(epoch, name) for name in Epoch.__slots__}
        self._connection.execute(_ADD, fields)
        if links:
            rows = [{"epoch": epoch.epoch, "seq": e.seq, "prev": e.prev, "hash": e.hash, "sig": e.sig} for e in links]
            self._connection.execute(_LINK, rows)
        head = links[-1].hash if links else genesis(device_id, epoch.epoch, epoch.nonce)
        self._connection.execute(_NOW, {"new_epoch": epoch.epoch, "new_nonce": epoch.nonce})
        self._connection.execute(_RESTART, {"new_head": head})
        self._changed()

    def skip_receipts(self, receipt: int) -> None:
        """Let receipt numbers go on above `receipt`."""
        seq, newest = self._connection.execute(_SEQ_AND_RECEIPT).one()
        if receipt > newest:
            self._connection.execute(_SKIP, {"after_seq": seq, "receipt": receipt})
            self._connection.execute(_RAISE, {"new_receipt": receipt})
            self._changed()

    def skipped(self) -> Sequence[SkippedReceipts]:
        """Return where receipt numbers were skipped, in order."""
        return tuple(SkippedReceipts(*row) for row in self._connection.execute(_SKIPPED))

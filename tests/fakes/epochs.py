"""The epochs of the counter's store in dictionaries: which links an operation has in which life of the chain.

Held to the same contract as the SQLite store. Must never change an operation itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from urs_desktop.counter.values import CounterState, Epoch, Link, SkippedReceipts
from urs_desktop.protocol.chain import genesis
from urs_desktop.protocol.operations import Operation

if TYPE_CHECKING:
    from tests.fakes.tables import Tables


def signed_in(tables: "Tables", epoch: int) -> list[Operation]:
    """Return every operation, with the link of that epoch where it signed one anew."""
    signed = []
    for operation in tables.operations:
        link = tables.links.get((epoch, operation.seq))
        fields = {name: getattr(operation, name) for name in operation.__struct_fields__}
        if link is not None:
            fields |= {"prev": link.prev, "hash": link.hash, "sig": link.sig}
        signed.append(Operation(**fields))
    return signed


def current(tables: "Tables") -> list[Operation]:
    return signed_in(tables, tables.identity[0].epoch) if tables.links else tables.operations


class FakeEpochs:
    """The epochs over one state, as counter.ports.Epochs."""

    def __init__(self, tables: "Tables", *, writable: bool) -> None:
        self.tables = tables
        self._writable = writable

    def _write(self) -> "Tables":
        if not self._writable:
            raise RuntimeError("attempt to write in a reading transaction")
        return self.tables

    def all(self) -> Sequence[Epoch]:
        return list(self.tables.epochs)

    def chain(self, epoch: int, after: int, limit: int) -> Sequence[Operation]:
        end = min((each.first_seq for each in self.tables.epochs if each.epoch > epoch), default=None)
        signed = [each for each in signed_in(self.tables, epoch) if end is None or each.seq < end]
        return [each for each in signed if each.seq > after][:limit]

    def begin(self, epoch: Epoch, links: Sequence[Link]) -> None:
        tables = self._write()
        identity, head = tables.identity[0], tables.head[0]
        numbers = [link.seq for link in links]
        whole = numbers == list(range(1, head.seq + 1)) and epoch.first_seq == head.seq + 1
        if epoch.epoch <= identity.epoch or not whole:
            raise ValueError(f"epoch {epoch.epoch} does not follow")
        tables.epochs.append(epoch)
        tables.links.update({(epoch.epoch, link.seq): link for link in links})
        tables.identity[0] = replace(identity, epoch=epoch.epoch, nonce=epoch.nonce)
        start = links[-1].hash if links else genesis(identity.device_id, epoch.epoch, epoch.nonce)
        tables.head[0] = replace(head, head=start, acknowledged=0, state=CounterState.OPEN)

    def skip_receipts(self, receipt: int) -> None:
        tables, head = self._write(), self.tables.head[0]
        if receipt > head.receipt:
            tables.skipped.append(SkippedReceipts(head.seq, receipt))
            tables.head[0] = replace(head, receipt=receipt)

    def skipped(self) -> Sequence[SkippedReceipts]:
        return sorted(self.tables.skipped, key=lambda each: each.receipt)

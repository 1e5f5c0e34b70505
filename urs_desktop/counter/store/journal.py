"""Sales, the chain of operations (which is the outbox) and leases, in SQL.

Everything of one sale is written by one transaction of the caller. Must never commit by itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert

from urs_desktop.counter.store import schema
from urs_desktop.counter.store.epochs import signed_in
from urs_desktop.counter.values import ChainHead, CounterState, ParkedOperation, StoredSale
from urs_desktop.domain.lease import CounterLease
from urs_desktop.domain.ledger import EntryKind
from urs_desktop.domain.points import Points
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import Operation, SaleBody, SaleLine, SaleTender

_ch = schema.chain.c
_HEAD = select(_ch.seq, _ch.head, _ch.hlc, _ch.receipt, _ch.acknowledged, _ch.state)
_MOVE = sa.update(schema.chain).values(
    seq=bindparam("new_seq"),
    head=bindparam("new_head"),
    hlc=bindparam("new_hlc"),
    receipt=bindparam("new_receipt"),
)
_ACKNOWLEDGE = sa.update(schema.chain).values(acknowledged=bindparam("upto"))
_FENCE = sa.update(schema.chain).values(state=CounterState.FENCED.value)
_NO_HEAD: Final = ChainHead(0, b"", 0, 0, 0, CounterState.OPEN)

_o = schema.operations.c
_OPERATION = signed_in(select(schema.identity.c.epoch).scalar_subquery())
_AFTER = _OPERATION.where(_o.seq > bindparam("seq")).order_by(_o.seq).limit(bindparam("limit"))
_AT = _OPERATION.where(_o.seq == bindparam("seq"))
_ALL = _OPERATION.order_by(_o.seq)
_APPEND = insert(schema.operations)
_PARK = insert(schema.parked_operations).on_conflict_do_nothing()
_PARKED = (
    select(schema.parked_operations)
    .where(schema.parked_operations.c.seq.not_in(select(schema.resolved_operations.c.seq)))
    .order_by(schema.parked_operations.c.seq)
)
_RESOLVE = insert(schema.resolved_operations).on_conflict_do_nothing()

_s = schema.sales.c
_r = schema.refunds.c
_RECEIPTS_AFTER = sa.union_all(
    select(_s.receipt).where(_s.seq > bindparam("seq")), select(_r.receipt).where(_r.seq > bindparam("seq"))
).order_by("receipt")
_SALE = select(_s.receipt, _o.op_id, _s.seq, _o.schema, _o.body).join_from(schema.sales, schema.operations)
_SALE_BY_RECEIPT = _SALE.where(_s.receipt == bindparam("receipt"))
_SALE_BY_SOURCE = _SALE.where(_s.journal == bindparam("journal"), _s.invoice == bindparam("invoice"))
_SALE_BY_OPERATION = _SALE.where(_o.op_id == bindparam("op_id"))
_OF_CUSTOMER = _SALE.where(
    _s.card == bindparam("card"),
    _s.happened_at <= bindparam("until"),
    select(schema.sale_lines.c.receipt)
    .where(schema.sale_lines.c.sku == bindparam("sku"), schema.sale_lines.c.receipt == _s.receipt)
    .exists(),
).order_by(_s.happened_at, _s.receipt)
_FLOOR: Final = "FLOOR"
"""The kind of entry that says how many of the points redeemed were taken without a lease."""

_p = schema.point_entries.c
_FLOOR_TAKEN = (
    select(sa.func.coalesce(sa.func.sum(_p.points), 0))
    .join_from(schema.sales, schema.point_entries, _p.receipt == _s.receipt)
    .where(_s.seq > select(_ch.acknowledged).scalar_subquery(), _p.kind == _FLOOR)
)
_FLOOR_TAKEN_OF = _FLOOR_TAKEN.where(_p.card == bindparam("card"))
_COUNT = select(sa.func.count()).select_from(schema.sales)
_LATEST = _SALE.order_by(_s.receipt.desc()).limit(bindparam("limit"))
_PUT_ROWS: Final = {
    table: insert(table) for table in (schema.sales, schema.sale_lines, schema.tenders, schema.point_entries)
}

_l = schema.leases.c
_LEASE = select(*(_l[name] for name in CounterLease.__slots__))
_LEASE_BY_ID = _LEASE.where(_l.lease_id == bindparam("lease_id"))
_UNFINISHED = _LEASE.where(_l.finished == 0).order_by(_l.lease_id)
_NEW_LEASE = insert(schema.leases)
_PUT_LEASE = _NEW_LEASE.on_conflict_do_update(
    index_elements=["lease_id"],
    set_={
        name: _NEW_LEASE.excluded[name]
        for name in ("granted", "spent", "returned", "spend_until", "in_payment", "recalled", "renew_at")
    },
)
_LINE = _LEASE.where(_l.finished == 0, _l.card == bindparam("card"), _l.standing == 1).order_by(
    _l.spend_until, _l.lease_id
)
_RECALL = (
    sa.update(schema.leases)
    .where(_l.lease_id == bindparam("id"), _l.standing == 1, _l.finished == 0)
    .values(recalled=1)
)
_q = schema.line_requests.c
NEWEST: Final = 2000
"""Who should have a line is looked for among so many newest receipts, however many there are."""

_WANTING = (
    select(_s.card)
    .outerjoin_from(schema.sales, schema.customers, schema.customers.c.card == _s.card)
    .outerjoin(schema.line_requests, _q.card == _s.card)
    .where(
        _s.receipt > select(sa.func.max(schema.sales.c.receipt) - NEWEST).scalar_subquery(),
        _s.recorded_at > bindparam("since"),
        _s.seq <= select(_ch.acknowledged).scalar_subquery(),
        _s.card.is_not(None),
        sa.func.coalesce(schema.customers.c.available, 1) > 0,
        ~select(_l.lease_id).where(_l.finished == 0, _l.card == _s.card, _l.standing == 1).exists(),
    )
    .group_by(_s.card)
    .having(
        sa.func.max(sa.func.coalesce(_q.asked_at, -1))
        < sa.func.max(bindparam("asked_before"), sa.func.max(_s.recorded_at))
    )
    .order_by(sa.func.max(_s.receipt).desc())
    .limit(bindparam("limit"))
)
_NEW_ASK = insert(schema.line_requests)
_ASK = _NEW_ASK.on_conflict_do_update(index_elements=["card"], set_={"asked_at": _NEW_ASK.excluded.asked_at})
_FINISH = sa.update(schema.leases).where(_l.lease_id == bindparam("id")).values(finished=1)


class SqlOperations:
    """The chain and outbox, as counter.ports.Operations."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection
        self._head: ChainHead | None = None
        self.moved = False

    def forget(self) -> None:
        """Note that the head was moved in this transaction by another part of the book, and read it anew."""
        self._head, self.moved = None, True

    def head(self) -> ChainHead:
        """Return where the chain stands; read once in a transaction, then kept in step by what changes it here."""
        if self._head is None:
            row = self._connection.execute(_HEAD).one_or_none()
            if row is None:
                return _NO_HEAD
            seq, head, hlc, receipt, acknowledged, state = row
            self._head = ChainHead(seq, head, hlc, receipt, acknowledged, CounterState(state))
        return self._head

    def append(self, operation: Operation, hlc: int, receipt: int) -> None:
        """Add a sealed operation and move the head; `receipt` is its number if it has one, else 0."""
        head = self.head()
        fields = {name: getattr(operation, name) for name in Operation.__struct_fields__}
        self._connection.execute(_APPEND, fields)
        moved = replace(head, seq=operation.seq, head=operation.hash, hlc=hlc, receipt=receipt or head.receipt)
        self._connection.execute(
            _MOVE,
            {"new_seq": moved.seq, "new_head": moved.head, "new_hlc": moved.hlc, "new_receipt": moved.receipt},
        )
        self._head, self.moved = moved, True

    def waiting(self, limit: int, limit_bytes: int) -> Sequence[Operation]:
        """Return the first operations not acknowledged yet, in order, at least one if any waits."""
        seq = self.head().acknowledged
        chosen: list[Operation] = []
        size = 0
        for row in self._connection.execute(_AFTER, {"seq": seq, "limit": limit}):
            operation = Operation(*row)
            size += len(operation.body)
            if chosen and size > limit_bytes:
                break
            chosen.append(operation)
        return chosen

    def at(self, seq: int) -> Operation | None:
        """Return the operation with this seq."""
        row = self._connection.execute(_AT, {"seq": seq}).one_or_none()
        return None if row is None else Operation(*row)

    def acknowledge(self, seq: int, parked: Sequence[ParkedOperation]) -> None:
        """Mark everything up to `seq` as confirmed, and what was parked; never moves back."""
        for operation in parked:
            fields = {"seq": operation.seq, "kind": operation.kind, "code": operation.code}
            self._connection.execute(_PARK, fields)
        if seq > self.head().acknowledged:
            self._connection.execute(_ACKNOWLEDGE, {"upto": seq})
            self._head = None

    def rewind(self, seq: int) -> None:
        """Mark everything after `seq` as not confirmed, to be sent again."""
        if seq < self.head().acknowledged:
            self._connection.execute(_ACKNOWLEDGE, {"upto": seq})
            self._head = None

    def parked(self) -> Sequence[ParkedOperation]:
        """Return the operations the central store parked and that are not resolved."""
        return tuple(ParkedOperation(*row) for row in self._connection.execute(_PARKED))

    def resolve(self, seq: int, result: str, code: str) -> None:
        """Note what became of a parked operation; the first word stays."""
        self._connection.execute(_RESOLVE, {"seq": seq, "result": result, "code": code})

    def receipts_waiting(self) -> Sequence[int]:
        """Return the receipt numbers whose operations are not acknowledged, in order."""
        seq = self.head().acknowledged
        return tuple(self._connection.execute(_RECEIPTS_AFTER, {"seq": seq}).scalars())

    def fence(self) -> None:
        """Mark the counter's history as in doubt."""
        self._connection.execute(_FENCE)
        self._head = None

    def all(self) -> Sequence[Operation]:
        """Return the whole chain in order."""
        return tuple(Operation(*row) for row in self._connection.execute(_ALL))


class SqlSales:
    """The completed sales, as counter.ports.Sales."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def put(self, sale: StoredSale) -> None:
        """Store a sale with its lines, tenders and points."""
        for table, rows in _rows(sale).items():
            if rows:
                self._connection.execute(_PUT_ROWS[table], rows)

    def agrees(self, sale: StoredSale) -> bool:
        """Return whether the rows kept for reports say what the signed body says."""
        return all(self._stored(table, sale.receipt) == rows for table, rows in _rows(sale).items())

    def _stored(self, table: sa.Table, receipt: int) -> list[dict[str, Any]]:
        chosen = select(table).where(table.c.receipt == receipt).order_by(*table.primary_key)
        return [dict(row) for row in self._connection.execute(chosen).mappings()]

    def by_receipt(self, receipt: int) -> StoredSale | None:
        """Return the sale with this receipt number."""
        return _sale(self._connection.execute(_SALE_BY_RECEIPT, {"receipt": receipt}).one_or_none())

    def by_operation(self, op_id: bytes) -> StoredSale | None:
        """Return the sale whose operation has this id."""
        return _sale(self._connection.execute(_SALE_BY_OPERATION, {"op_id": op_id}).one_or_none())

    def of_customer(self, card: str, sku: str, until: int) -> Sequence[StoredSale]:
        """Return a customer's sales of a product, none later than `until`, oldest first."""
        rows = self._connection.execute(_OF_CUSTOMER, {"card": card, "sku": sku, "until": until})
        return tuple(sale for sale in map(_sale, rows) if sale is not None)

    def by_source(self, journal: str, invoice: str) -> StoredSale | None:
        """Return the sale replayed from this invoice of this journal."""
        key = {"journal": journal, "invoice": invoice}
        return _sale(self._connection.execute(_SALE_BY_SOURCE, key).one_or_none())

    def latest(self, limit: int) -> Sequence[StoredSale]:
        """Return the newest sales, newest first."""
        rows = self._connection.execute(_LATEST, {"limit": limit})
        return tuple(sale for sale in map(_sale, rows) if sale is not None)

    def floor_taken(self, card: str | None = None) -> int:
        """Return the points that sales not acknowledged yet took without a lease, of one card or in all."""
        statement, keys = (_FLOOR_TAKEN, {}) if card is None else (_FLOOR_TAKEN_OF, {"card": card})
        return int(self._connection.execute(statement, keys).scalar_one())

    def count(self) -> int:
        """Return the number of sales."""
        return self._connection.execute(_COUNT).scalar_one()


def _rows(sale: StoredSale) -> dict[sa.Table, list[dict[str, Any]]]:
    """Return the rows of a sale, table by table, as they are stored and as verification expects them."""
    body, source = sale.body, sale.body.source
    key = {"receipt": sale.receipt}
    entries = {  # in the order of their key, as verification reads them
        EntryKind.EARN.value: body.earned,
        _FLOOR: sum(spend.points for spend in body.spends if not spend.lease),
        EntryKind.REDEEM.value: body.points_paid,
    }
    return {
        schema.sales: [
            {
                **key,
                "seq": sale.seq,
                "happened_at": body.happened_at,
                "recorded_at": body.recorded_at,
                "card": body.card,
                "total": body.total,
                "points_paid": body.points_paid,
                "earned": body.earned,
                "journal": source.journal if source else None,
                "invoice": source.invoice if source else None,
            }
        ],
        schema.sale_lines: [{**key, "n": n, **_plain(line, SaleLine)} for n, line in enumerate(body.lines, 1)],
        schema.tenders: [{**key, "n": n, **_plain(tender, SaleTender)} for n, tender in enumerate(body.tenders, 1)],
        schema.point_entries: [
            {**key, "kind": kind, "card": body.card, "points": points} for kind, points in entries.items() if points
        ],
    }


def _plain(part: Struct, kind: type[Struct]) -> dict[str, Any]:
    """Return what a part of a sale says in every schema: what was worked on only its signed body says."""
    return {name: getattr(part, name) for name in kind.__struct_fields__}


def _sale(row: sa.Row[*tuple[Any, ...]] | None) -> StoredSale | None:
    if row is None:
        return None
    receipt, op_id, seq, schema_number, data = row
    body = decode_body("sale", schema_number, data)
    if not isinstance(body, SaleBody):
        message = f"operation {seq} of receipt {receipt} is no sale"
        raise TypeError(message)
    return StoredSale(receipt, op_id, seq, body)


class SqlLeases:
    """The points set aside, as counter.ports.Leases."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def put(self, lease: CounterLease) -> None:
        """Store or replace a lease by its id."""
        fields = {name: getattr(lease, name) for name in CounterLease.__slots__}
        flags = {name: int(fields[name]) for name in ("standing", "in_payment", "recalled")}
        self._connection.execute(_PUT_LEASE, {**fields, **flags, "finished": 0})

    def get(self, lease_id: str) -> CounterLease | None:
        """Return the lease with this id."""
        row = self._connection.execute(_LEASE_BY_ID, {"lease_id": lease_id}).one_or_none()
        return None if row is None else _lease(row)

    def unfinished(self) -> Sequence[CounterLease]:
        """Return the leases that were asked for and are neither spent out nor given back."""
        return tuple(_lease(row) for row in self._connection.execute(_UNFINISHED))

    def line(self, card: str) -> Sequence[CounterLease]:
        """Return the unfinished standing leases of a card, the one that can be spent the shortest first."""
        return tuple(_lease(row) for row in self._connection.execute(_LINE, {"card": card}))

    def recall(self, lease_id: str) -> None:
        """Mark a standing lease as wanted back; an unknown or finished one is left alone."""
        self._connection.execute(_RECALL, {"id": lease_id})

    def wanting(self, since: int, asked_before: int, limit: int) -> Sequence[str]:
        """Return up to `limit` cards that should have a line, those that bought last first."""
        bounds = {"since": since, "asked_before": asked_before, "limit": limit}
        return tuple(self._connection.execute(_WANTING, bounds).scalars())

    def ask(self, card: str, at: int) -> None:
        """Note that a standing lease is asked for; at 0 it may be asked for again at once."""
        self._connection.execute(_ASK, {"card": card, "asked_at": at})

    def finish(self, lease_id: str) -> None:
        """Mark a lease as spent out or given back."""
        self._connection.execute(_FINISH, {"id": lease_id})


def _lease(row: sa.Row[*tuple[Any, ...]]) -> CounterLease:
    lease_id, card, epoch, granted, spent, returned, spend_until, standing, in_payment, recalled, renew_at = row
    return CounterLease(
        lease_id,
        card,
        epoch,
        Points(granted),
        Points(spent),
        Points(returned),
        spend_until,
        standing=bool(standing),
        in_payment=bool(in_payment),
        recalled=bool(recalled),
        renew_at=renew_at,
    )

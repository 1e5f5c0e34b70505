"""What moved a customer's points of late, for the counter before which the customer stands.

Only of the vendor's own customers, and never which other vendor it was. Must never change anything.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central import erased, merged
from urs_desktop.central.origin import Counter, counter
from urs_desktop.central.schema import (
    counters,
    customer_records,
    customer_vendors,
    entries,
    refunds,
    transactions,
    wallets,
)
from urs_desktop.domain.ledger import EntryKind
from urs_desktop.domain.purchase import printed
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import card_code
from urs_desktop.protocol.people import StatementEntry, StatementReply, StatementRequest

MOST: Final = 50
_OWN: Final = sa.select(customer_vendors.c.customer_id).where(
    customer_vendors.c.customer_id == sa.bindparam("customer"), customer_vendors.c.vendor_id == sa.bindparam("vendor")
)
_WALLET: Final = (
    sa.select(wallets, customer_records.c.card_code)
    .select_from(wallets.join(customer_records, customer_records.c.customer_id == wallets.c.customer_id))
    .where(wallets.c.customer_id == sa.bindparam("customer"))
)
_HELD_BACK: Final = (EntryKind.HOLD.value, EntryKind.VOID.value)
"""What keeps points ready at counters and gives them back: the shop's housekeeping, and nothing the customer did."""

_RECEIPT = sa.func.coalesce(transactions.c.receipt, refunds.c.receipt)
_ENTRIES: Final = (
    sa.select(entries, _RECEIPT.label("receipt"), counters.c.number)
    .select_from(
        entries.outerjoin(transactions, transactions.c.op_id == entries.c.op_id)
        .outerjoin(refunds, refunds.c.op_id == entries.c.op_id)
        .outerjoin(counters, counters.c.device_id == sa.func.coalesce(transactions.c.device_id, refunds.c.device_id))
    )
    .where(entries.c.customer_id == sa.bindparam("customer"), entries.c.kind.not_in(_HELD_BACK))
    .order_by(entries.c.created_at.desc(), entries.c.entry_id.desc())
    .limit(sa.bindparam("most"))
)


def tell(connection: sa.Connection, device_id: bytes, request: StatementRequest, now: int) -> StatementReply:
    """Return a wallet's newest entries, at most MOST.

    Raises Refusal(COUNTER_UNKNOWN, CARD_MALFORMED, CUSTOMER_ERASED, or CUSTOMER_UNKNOWN for another vendor's too).
    """
    till = counter(connection, device_id)
    card = card_code(request.card)
    customer_id = merged.by_card(connection, card)
    if customer_id is None:
        raise erased.nobody(connection, card)
    if connection.execute(_OWN, {"customer": customer_id, "vendor": till.vendor_id}).first() is None:
        raise Refusal(RefusalCode.CUSTOMER_UNKNOWN)
    wallet = connection.execute(_WALLET, {"customer": customer_id}).one()
    most = max(1, min(request.limit, MOST))
    rows = connection.execute(_ENTRIES, {"customer": customer_id, "most": most})
    return StatementReply(
        card=wallet.card_code,
        entries=tuple(_entry(row, till) for row in rows),
        available=wallet.available,
        held=wallet.held,
        pending=wallet.pending,
        owed=wallet.owed,
        as_of=now,
    )


def _entry(row: sa.Row[*tuple[object, ...]], till: Counter) -> StatementEntry:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    own = values["vendor_id"] == till.vendor_id
    number = printed(values["number"], values["receipt"]) if own and values["receipt"] is not None else ""
    return StatementEntry(kind=values["kind"], points=values["points"], at=values["created_at"], own=own, number=number)

"""What the command line shows of the store: counters, and one customer with balance, lots and entries.

Must never change anything but what time does to one customer's points: leases come back, points vest and expire.
"""

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import closing, due, erased, leases, locks, merged
from urs_desktop.central.schema import (
    counters,
    customer_records,
    customer_vendors,
    entries,
    lots,
    refunds,
    transactions,
    vendors,
    wallets,
)
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import as_stored, phone_digits

_MS: Final = 1000

_RECORD = sa.select(
    customer_records, wallets.c.pending, wallets.c.available, wallets.c.held, wallets.c.owed
).select_from(customer_records.join(wallets, wallets.c.customer_id == customer_records.c.customer_id))
_BY_PHONE = _RECORD.where(customer_records.c.phone == sa.bindparam("phone")).limit(2)
_BY_ID = _RECORD.where(customer_records.c.customer_id == sa.bindparam("customer"))
_VENDORS = (
    sa.select(vendors.c.vendor_id, vendors.c.name)
    .select_from(customer_vendors.join(vendors, vendors.c.vendor_id == customer_vendors.c.vendor_id))
    .where(customer_vendors.c.customer_id == sa.bindparam("customer"))
    .order_by(vendors.c.name, vendors.c.vendor_id)
)
_LOTS = (
    sa.select(lots, vendors.c.name.label("vendor"), transactions.c.receipt)
    .select_from(
        lots.outerjoin(vendors, vendors.c.vendor_id == lots.c.vendor_id).outerjoin(
            transactions, transactions.c.op_id == lots.c.op_id
        )
    )
    .where(lots.c.customer_id == sa.bindparam("customer"))
    .order_by(lots.c.created_at, lots.c.lot_id)
)
_ENTRIES = (
    sa.select(
        entries,
        vendors.c.name.label("vendor"),
        sa.func.coalesce(transactions.c.receipt, refunds.c.receipt).label("receipt"),
    )
    .select_from(
        entries.outerjoin(vendors, vendors.c.vendor_id == entries.c.vendor_id)
        .outerjoin(transactions, transactions.c.op_id == entries.c.op_id)
        .outerjoin(refunds, refunds.c.op_id == entries.c.op_id)
    )
    .where(entries.c.customer_id == sa.bindparam("customer"))
    .order_by(entries.c.created_at, entries.c.entry_id)
)
_COUNTERS = (
    sa.select(counters, vendors.c.name.label("vendor"))
    .select_from(counters.join(vendors, vendors.c.vendor_id == counters.c.vendor_id))
    .order_by(counters.c.vendor_id, counters.c.number)
)


def time_text(milliseconds: int | None) -> str | None:
    """Return a time as ISO 8601 in UTC, or None."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds // _MS, UTC).isoformat()


def customer(connection: sa.Connection, code_or_phone: str, now: int) -> dict[str, Any]:
    """Return all the store knows of one customer, found by card code or else by phone.

    Raises Refusal(CUSTOMER_UNKNOWN), with `matches` if several share the phone.
    """
    row = _find(connection, code_or_phone)
    key = {"customer": row.customer_id}
    locks.wallets_of(connection, [row.customer_id])
    leases.reclaim_due(connection, now, row.customer_id)
    due.of_customer(connection, row.customer_id, now)
    row = connection.execute(_BY_ID, key).one()
    return {
        "code": row.card_code,
        "customer_id": row.customer_id,
        "name": row.name,
        "phone": row.phone,
        "email": row.email,
        "blocked": row.blocked_at is not None,
        "vendors": [vendor.name for vendor in connection.execute(_VENDORS, key)],
        "wallet_balance": row.available + row.held,
        "available": row.available,
        "held": row.held,
        "pending": row.pending,
        "owed": row.owed,
        "lots": [_lot(lot) for lot in connection.execute(_LOTS, key)],
        "entries": [_entry(entry) for entry in connection.execute(_ENTRIES, key)],
    }


def customer_id(connection: sa.Connection, code_or_phone: str) -> str:
    """Return the id of the customer with this card code or else this phone; raises Refusal(CUSTOMER_UNKNOWN)."""
    found: str = _find(connection, code_or_phone).customer_id
    return found


def all_counters(connection: sa.Connection) -> list[dict[str, Any]]:
    """Return every counter with its vendor, how far its chain has come, and which of its receipts are missing."""
    receipts = closing.of_counters(connection)
    return [
        {
            "device": row.device_id.hex(),
            "number": row.number,
            "name": row.name,
            "vendor": row.vendor,
            "vendor_id": row.vendor_id,
            "state": row.state,
            "epoch": row.epoch,
            "operations": row.last_seq,
            "enrolled_at": time_text(row.enrolled_at),
            "last_seen": time_text(row.last_seen),
            **_receipts(receipts.get(row.device_id, closing.Closing())),
        }
        for row in connection.execute(_COUNTERS)
    ]


def _receipts(here: closing.Closing) -> dict[str, Any]:
    return {
        "receipts_told": here.told,
        "receipts_received": here.received,
        "receipts_set_aside": list(here.set_aside),
        "missing": [{"first": each.first, "last": each.last} for each in here.missing],
        "missing_count": sum(each.count for each in here.missing),
        "refunds_waiting": here.refunds_waiting,
    }


def _find(connection: sa.Connection, code_or_phone: str) -> sa.Row[*tuple[Any, ...]]:
    by_card = merged.by_card(connection, as_stored(code_or_phone))
    if by_card is not None:
        return connection.execute(_BY_ID, {"customer": by_card}).one()
    phone = phone_digits(code_or_phone)
    found = connection.execute(_BY_PHONE, {"phone": phone}).all() if phone else []
    if not found:
        raise erased.nobody(connection, as_stored(code_or_phone))
    if len(found) > 1:
        raise Refusal(RefusalCode.CUSTOMER_UNKNOWN, matches=len(found))
    return found[0]


def _lot(row: sa.Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "vendor": row.vendor,
        "vendor_id": row.vendor_id,
        "receipt": row.receipt,
        "granted": row.granted,
        "remaining": row.pending + row.available + row.held,
        "pending": row.pending,
        "available": row.available,
        "held": row.held,
        "created_at": time_text(row.created_at),
        "vests_at": time_text(row.vests_at),
        "expires_at": time_text(row.expires_at),
    }


def _entry(row: sa.Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "points": row.points,
        "vendor": row.vendor,
        "vendor_id": row.vendor_id,
        "receipt": row.receipt,
        "lease": row.lease_id,
        "policy": row.policy_digest.hex() if row.policy_digest else None,
        "created_at": time_text(row.created_at),
    }

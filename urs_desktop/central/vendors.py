"""Vendors: who takes part in the programme, in which category and currency.

A vendor that changes its category reckons by other policies from then on: its counters get them by the feed, and what
it was of before is remembered, because counters learn of the change later. Must never change a vendor's currency: its
receipts and policies are in it for ever.
"""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from urs_desktop.central import feed, policies, records
from urs_desktop.central.schema import counters, former_categories, sessions, vendors
from urs_desktop.domain.currency import currency as known_currency
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import MAX_TEXT, clean_text
from urs_desktop.system.ids import Randomness, uuid7

_ALL = sa.select(vendors).order_by(vendors.c.created_at, vendors.c.vendor_id)
_ONE = sa.select(vendors).where(vendors.c.vendor_id == sa.bindparam("vendor"))
_CHANGE = (
    sa.update(vendors)
    .where(vendors.c.vendor_id == sa.bindparam("vendor"))
    .values(name=sa.bindparam("new_name"), category=sa.bindparam("new_category"), location=sa.bindparam("new_location"))
)
_LAST_CHANGE = sa.select(sa.func.max(former_categories.c.left_at)).where(
    former_categories.c.vendor_id == sa.bindparam("vendor")
)
_END_SESSIONS = sa.delete(sessions).where(
    sessions.c.device_id.in_(sa.select(counters.c.device_id).where(counters.c.vendor_id == sa.bindparam("vendor")))
)


@dataclass(frozen=True, slots=True)
class VendorRecord:
    """One vendor; `currency` is an ISO 4217 code."""

    vendor_id: str
    name: str
    category: Category
    currency: str
    location: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What of a vendor shall be another; None leaves it as it is."""

    name: str | None = None
    category: Category | None = None
    location: str | None = None


def add(
    connection: sa.Connection,
    name: str,
    category: Category,
    currency: str,
    location: str,
    now: int,
    randomness: Randomness,
) -> str:
    """Add a vendor and return its id; raises Refusal(TEXT_MALFORMED or CURRENCY_UNKNOWN)."""
    vendor_id = str(uuid7(now, randomness))
    row = {
        "vendor_id": vendor_id,
        "name": _name(name),
        "category": category.value,
        "currency": known_currency(currency.strip().upper()).code,
        "location": clean_text(location),
        "created_at": now,
    }
    connection.execute(sa.insert(vendors), row)
    return vendor_id


def change(connection: sa.Connection, vendor_id: str, changes: Changes, now: int) -> VendorRecord:
    """Change a vendor and return it as it is then.

    Its counters have to say hello before their next request, and learn what is new from the answer; the policies of a
    new category go to their stream. Raises Refusal(VENDOR_UNKNOWN or TEXT_MALFORMED).
    """
    policies.lock(connection, vendor_id)
    before = one(connection, vendor_id)
    after = replace(
        before,
        name=before.name if changes.name is None else _name(changes.name),
        category=changes.category or before.category,
        location=before.location if changes.location is None else clean_text(changes.location),
    )
    if after == before:
        return before
    values = {"new_name": after.name, "new_category": after.category.value, "new_location": after.location}
    connection.execute(_CHANGE, {"vendor": vendor_id, **values})
    end_sessions(connection, vendor_id)
    if after.category is not before.category:
        _leave(connection, before, policies.moment(connection, now))
        found = policies.of_vendor(connection, after.category, vendor_id, after.currency)
        policies.publish(connection, feed.vendor_stream(vendor_id), found)
    return after


def end_sessions(connection: sa.Connection, vendor_id: str) -> None:
    """Have a vendor's counters say hello before their next request: the answer tells them what is new."""
    connection.execute(_END_SESSIONS, {"vendor": vendor_id})


def one(connection: sa.Connection, vendor_id: str) -> VendorRecord:
    """Return a vendor; raises Refusal(VENDOR_UNKNOWN)."""
    row = connection.execute(_ONE, {"vendor": vendor_id}).one_or_none()
    if row is None:
        raise Refusal(RefusalCode.VENDOR_UNKNOWN, vendor=vendor_id)
    return _record(row)


def every(connection: sa.Connection) -> list[VendorRecord]:
    """Return all vendors in the order in which they joined."""
    return [_record(row) for row in connection.execute(_ALL)]


def _leave(connection: sa.Connection, before: VendorRecord, now: int) -> None:
    """Remember the category a vendor leaves; a second change in one millisecond counts for the next."""
    last = connection.execute(_LAST_CHANGE, {"vendor": before.vendor_id}).scalar()
    left_at = now if last is None else max(now, last + 1)
    row = {"vendor_id": before.vendor_id, "left_at": left_at, "category": before.category.value}
    records.write(connection, former_categories, [row])


def _name(text: str) -> str:
    cleaned = clean_text(text)
    if not cleaned:
        raise Refusal(RefusalCode.TEXT_MALFORMED, text="''", maximum=MAX_TEXT)
    return cleaned


def _record(row: sa.Row[*tuple[object, ...]]) -> VendorRecord:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return VendorRecord(
        values["vendor_id"], values["name"], Category(values["category"]), values["currency"], values["location"]
    )

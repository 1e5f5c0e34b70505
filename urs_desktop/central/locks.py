"""Which rows a transaction locks before it begins, always in the same order, so that no two wait for each other.

Own counter, own vendor, the programme, the vendor's sales, merges, new customers, wallets by id; then leases and lots
of those customers, and the feed's streams last. SQLite has one writer and needs none of it. Must never be taken in
another order.
"""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from urs_desktop.central.schema import customer_merges, customer_records, leases, transactions, vendors, wallets

_NEW_CUSTOMERS: Final = 0x5552535F
"""The advisory lock under which customers are made: two pushes with the same new cards would wait for each other."""

_MERGES: Final = 0x5552534D
"""The advisory lock under which customers are merged or erased; whoever locks wallets takes it together."""

_PROGRAMME: Final = 0x55525350
"""The advisory lock of what is no vendor's alone: policies, vendors' categories, the breakage."""

_VENDOR = (
    sa.select(vendors.c.vendor_id).where(vendors.c.vendor_id == sa.bindparam("vendor")).with_for_update(key_share=True)
)
_CARDS = sa.select(customer_records.c.card_code, customer_records.c.customer_id).where(
    customer_records.c.card_code.in_(sa.bindparam("cards", expanding=True))
)
_OF_LEASES = sa.select(leases.c.customer_id).where(
    leases.c.lease_id.in_(sa.bindparam("leases", expanding=True)), leases.c.customer_id.is_not(None)
)
_OF_SALES = sa.select(transactions.c.customer_id).where(
    transactions.c.op_id.in_(sa.bindparam("sales", expanding=True)), transactions.c.customer_id.is_not(None)
)
_MET = (
    sa.select(wallets.c.customer_id)
    .where(wallets.c.customer_id.in_(sa.bindparam("customers", expanding=True)))
    .cte("met", recursive=True)
)
_MET = _MET.union(
    sa.select(customer_merges.c.into_id).select_from(
        customer_merges.join(_MET, _MET.c.customer_id == customer_merges.c.from_id)
    )
)
_WALLETS = (
    sa.select(wallets.c.customer_id)
    .where(wallets.c.customer_id.in_(sa.select(_MET.c.customer_id)))
    .order_by(wallets.c.customer_id)
    .with_for_update(key_share=True)
)
_SALE_KNOWN = sa.select(transactions.c.op_id).where(transactions.c.op_id.in_(sa.bindparam("sales", expanding=True)))
_SALES_ALONE = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("vendor"), 0)))
_SALES_TOGETHER = sa.select(sa.func.pg_advisory_xact_lock_shared(sa.func.hashtextextended(sa.bindparam("vendor"), 0)))
_MERGES_STAND = sa.select(sa.func.pg_advisory_xact_lock_shared(sa.bindparam("lock")))
_SERIALISE = sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("lock")))


def needed(connection: sa.Connection) -> bool:
    """Return whether this database has more than one writer."""
    return connection.dialect.name == "postgresql"


def vendor(connection: sa.Connection, vendor_id: str) -> None:
    """Let one transaction at a time change what belongs to a vendor as a whole."""
    if needed(connection):
        connection.execute(_VENDOR, {"vendor": vendor_id})


def programme(connection: sa.Connection) -> None:
    """Let one transaction at a time change policies, move a vendor to another category or share the breakage."""
    if needed(connection):
        connection.execute(_SERIALISE, {"lock": _PROGRAMME})


def sales_of(connection: sa.Connection, vendor_id: str, refunded: Collection[bytes]) -> None:
    """Let no sale of a vendor arrive unseen beside a refund that waits for it; `refunded` are the sales refunded now.

    Each would miss the other and neither post what the refund moves. Sales of a vendor do not wait for each other.
    """
    if not needed(connection):
        return
    known = connection.execute(_SALE_KNOWN, {"sales": sorted(refunded)}).all() if refunded else []
    statement = _SALES_ALONE if len(known) < len(refunded) else _SALES_TOGETHER
    connection.execute(statement, {"vendor": vendor_id})


def new_customers(connection: sa.Connection) -> None:
    """Let one transaction at a time make customers."""
    if needed(connection):
        connection.execute(_SERIALISE, {"lock": _NEW_CUSTOMERS})


def merges_stand(connection: sa.Connection) -> None:
    """Let nobody be merged or erased until the end of the transaction: who forwards to whom can be relied on."""
    if needed(connection):
        connection.execute(_MERGES_STAND, {"lock": _MERGES})


def merges_alone(connection: sa.Connection) -> None:
    """Let one transaction merge or erase customers, beside which nobody moves points."""
    if needed(connection):
        connection.execute(_SERIALISE, {"lock": _MERGES})


def wallets_of(connection: sa.Connection, customers: Collection[str]) -> None:
    """Lock the wallets of these customers and of all to whom they forward, who get what becomes available."""
    if customers and needed(connection):
        merges_stand(connection)
        connection.execute(_WALLETS, {"customers": sorted(customers)}).all()


def concerned(
    connection: sa.Connection, *, cards: Collection[str], lease_ids: Collection[str], sales: Collection[bytes]
) -> None:
    """Lock the wallets of all customers whom these cards, leases or sales concern."""
    if not needed(connection):
        return
    merges_stand(connection)
    found = _customers(connection, cards)
    if len(found) < len(cards):
        new_customers(connection)
        found = _customers(connection, cards)
    customers = set(found.values())
    if lease_ids:
        customers.update(connection.execute(_OF_LEASES, {"leases": sorted(lease_ids)}).scalars())
    if sales:
        customers.update(connection.execute(_OF_SALES, {"sales": sorted(sales)}).scalars())
    wallets_of(connection, customers)


def _customers(connection: sa.Connection, cards: Collection[str]) -> dict[str, str]:
    if not cards:
        return {}
    return {row.card_code: row.customer_id for row in connection.execute(_CARDS, {"cards": sorted(cards)})}

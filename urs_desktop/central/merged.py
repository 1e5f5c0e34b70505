"""Where a customer who was merged into another forwards to, for ever: always to the end.

Must never be asked once and remembered beyond a transaction that lets merges stand (locks.merges_stand).
"""

import sqlalchemy as sa

from urs_desktop.central.schema import customer_merges, customer_records

_INTO = sa.select(customer_merges.c.into_id).where(customer_merges.c.from_id == sa.bindparam("customer"))
_BY_CARD = (
    sa.select(customer_records.c.customer_id, customer_merges.c.into_id)
    .select_from(
        customer_records.outerjoin(customer_merges, customer_merges.c.from_id == customer_records.c.customer_id)
    )
    .where(customer_records.c.card_code == sa.bindparam("card"))
)
_EVERY = sa.select(customer_merges.c.from_id, customer_merges.c.into_id)


def into(connection: sa.Connection, customer_id: str) -> str | None:
    """Return whom a customer forwards to in the end, or None for one who was not merged."""
    found = None
    step: str | None = connection.execute(_INTO, {"customer": customer_id}).scalar()
    while step is not None:
        found = step
        step = connection.execute(_INTO, {"customer": step}).scalar()
    return found


def end(connection: sa.Connection, customer_id: str) -> str:
    """Return whom a customer is today: the one forwarded to in the end, or the customer as such."""
    return into(connection, customer_id) or customer_id


def by_card(connection: sa.Connection, card: str) -> str | None:
    """Return the id of the customer whom this card code concerns today, or None if nobody has it."""
    row = connection.execute(_BY_CARD, {"card": card}).one_or_none()
    if row is None or row.into_id is None:
        return None if row is None else str(row.customer_id)
    return end(connection, row.into_id)


def own_card(connection: sa.Connection, card: str) -> str | None:
    """Return the id of the customer whose own card this is, merged or not, or None."""
    row = connection.execute(_BY_CARD, {"card": card}).one_or_none()
    return None if row is None else str(row.customer_id)


def ends(connection: sa.Connection) -> dict[str, str]:
    """Return whom every merged customer forwards to in the end, for those who look at all of them."""
    steps: dict[str, str] = {row.from_id: row.into_id for row in connection.execute(_EVERY)}
    found = {}
    for customer_id, first in steps.items():
        seen, place = {customer_id}, first
        while place in steps and place not in seen:
            seen.add(place)
            place = steps[place]
        found[customer_id] = place
    return found

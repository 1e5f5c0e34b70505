"""Operators of a store, made without the work of hashing a password."""

import sqlalchemy as sa

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import operators
from urs_desktop.central.operators import Operator, Role
from urs_desktop.central.schema import operators as operator_rows


def operator(shop: Shop, name: str = "Ann", role: Role = Role.PROGRAMME) -> Operator:
    """Return an operator of this name, added if there is none."""
    with shop.database.write() as connection:
        known = connection.execute(sa.select(operator_rows).where(operator_rows.c.name == name)).one_or_none()
        if known is not None:
            return Operator(known.operator_id, name, Role(known.role), known.created_at)
        operator_id = operators.add(connection, name, role, "no hash", NOW, shop.randomness)
    return Operator(operator_id, name, role, NOW)

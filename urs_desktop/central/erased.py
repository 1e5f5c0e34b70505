"""Who was erased: known by the customer's number and by the mark of the card, and by nothing else.

Must never find a person: a mark is compared, a card is never got back from it.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central.schema import erasures
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import tombstones

NO_CARD: Final = "\x7f"
"""What stands for the card of a tombstone begins with this, which no card code can have (domain.text.card_code)."""

_IS = sa.select(erasures.c.customer_id).where(erasures.c.customer_id == sa.bindparam("customer"))
_BY_MARK = sa.select(erasures.c.customer_id).where(erasures.c.mark == sa.bindparam("mark")).limit(1)
_MARKS = sa.select(erasures.c.mark)


def is_erased(connection: sa.Connection, customer_id: str) -> bool:
    """Return whether a customer is a tombstone."""
    return connection.execute(_IS, {"customer": customer_id}).first() is not None


def by_card(connection: sa.Connection, card: str) -> str | None:
    """Return the number of the tombstone of whoever had this card, or None if the card was not erased."""
    found: str | None = connection.execute(_BY_MARK, {"mark": tombstones.mark(card)}).scalar()
    return found


def nobody(connection: sa.Connection, card: str) -> Refusal:
    """Return why a card finds nobody: CUSTOMER_ERASED or CUSTOMER_UNKNOWN."""
    gone = by_card(connection, card) is not None
    return Refusal(RefusalCode.CUSTOMER_ERASED if gone else RefusalCode.CUSTOMER_UNKNOWN)


def check(connection: sa.Connection, card: str) -> None:
    """Raise Refusal(CUSTOMER_ERASED) for a card that was erased: nobody is made anew by it."""
    if by_card(connection, card) is not None:
        raise Refusal(RefusalCode.CUSTOMER_ERASED)


def marks(connection: sa.Connection) -> frozenset[str]:
    """Return the marks of all cards that were erased."""
    return frozenset(connection.execute(_MARKS).scalars())

"""Customers at the central store: found by card or phone, made when a card first appears, linked to their vendors.

Must never hand out more than one customer at a time: whoever wants all of them has to steal the database.
"""

import uuid
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import erased, feed, locks, merged
from urs_desktop.central.feed_items import customer_reply
from urs_desktop.central.origin import ADJUSTED, Origin, Outcome, counter
from urs_desktop.central.schema import customer_records, customer_vendors, wallets
from urs_desktop.central.upserts import insert_or_keep, insert_or_move_on
from urs_desktop.central.visibility import HIDDEN
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import as_stored, card_code, phone_digits
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import CustomerReply, CustomerRequest
from urs_desktop.protocol.operations import EnrolBody
from urs_desktop.system.ids import Randomness, uuid7

_ID_TAKEN = sa.select(customer_records.c.customer_id).where(customer_records.c.customer_id == sa.bindparam("customer"))
_ADD = insert_or_keep(customer_records)
_ADD_WALLET = sa.insert(wallets)
_DAY_MS: Final = 24 * 60 * 60 * 1000
_SEEN = insert_or_move_on(customer_vendors, ["customer_id", "vendor_id"], "seen_at", _DAY_MS)
_WITHDRAW = (
    sa.update(customer_records)
    .where(customer_records.c.customer_id == sa.bindparam("customer"), customer_records.c.consent_at.is_not(None))
    .values(consent_at=None)
)
_FOUND = (
    sa.select(customer_records, wallets.c.available, wallets.c.held, customer_vendors.c.vendor_id)
    .select_from(
        customer_records.join(wallets, wallets.c.customer_id == customer_records.c.customer_id).outerjoin(
            customer_vendors,
            sa.and_(
                customer_vendors.c.customer_id == customer_records.c.customer_id,
                customer_vendors.c.vendor_id == sa.bindparam("vendor"),
            ),
        )
    )
    .order_by(customer_vendors.c.vendor_id.nulls_last(), customer_records.c.customer_id)
    .limit(2)
)
_FOUND_BY_ID = _FOUND.where(customer_records.c.customer_id == sa.bindparam("customer"))
_FOUND_BY_PHONE = _FOUND.where(customer_records.c.phone == sa.bindparam("phone"))

NOBODY: Final[dict[str, object]] = {"name": "", "phone": "", "email": "", "consent_at": None, "person": None}
"""The record of a customer of whom only the card is known."""

EMPTY_WALLET: Final = {"pending": 0, "available": 0, "held": 0, "owed": 0}
"""The balances of a new customer."""


def by_card(connection: sa.Connection, card: str) -> str | None:
    """Return the id of the customer whom this card code concerns, or None."""
    return merged.by_card(connection, card)


def add(connection: sa.Connection, card: str, customer_id: str, now: int, person: str | None = None) -> str:
    """Return the id of the customer with this card, made with an empty wallet under `customer_id` if new.

    Raises LookupError if that id is another customer's.
    """
    row = {**NOBODY, "customer_id": customer_id, "card_code": card, "person": person, "created_at": now}
    if connection.execute(_ADD, row).rowcount == 1:
        connection.execute(_ADD_WALLET, {"customer_id": customer_id, **EMPTY_WALLET})
        return customer_id
    found = by_card(connection, card)
    if found is None:
        raise LookupError(f"customer id {customer_id} belongs to another card")
    return found


def link(connection: sa.Connection, customer_id: str, vendor_id: str, now: int) -> None:
    """Make a customer one of a vendor's, seen there today, and let the vendor's counters know if that is new."""
    row = {"customer_id": customer_id, "vendor_id": vendor_id, "since": now, "seen_at": now, "shown": HIDDEN}
    if connection.execute(_SEEN, row).rowcount == 1:
        feed.mark_customer(connection, customer_id)


def at_counter(connection: sa.Connection, origin: Origin, card: str) -> str:
    """Return the id of the customer who bought with this card, made if new, and a customer of the vendor from now.

    Raises Refusal(CUSTOMER_ERASED).
    """
    customer_id = by_card(connection, card)
    if customer_id is None:
        erased.check(connection, card)
        customer_id = add(connection, card, new_id(origin.now, origin.randomness), origin.now)
    link(connection, customer_id, origin.counter.vendor_id, origin.now)
    return customer_id


def new_id(now: int, randomness: Randomness) -> str:
    """Return a fresh customer id."""
    return str(uuid7(now, randomness))


def apply_enrolment(connection: sa.Connection, origin: Origin, body: EnrolBody) -> Outcome:
    """Enrol a customer as a counter did: an upsert by card; raises Refusal(CARD_MALFORMED)."""
    card = card_code(body.card)
    customer_id = by_card(connection, card)
    if customer_id is None:
        if erased.by_card(connection, card) is not None:
            return Outcome(ADJUSTED, RefusalCode.CUSTOMER_ERASED)
        customer_id = _free_id(connection, body.customer_id) or new_id(origin.now, origin.randomness)
        customer_id = add(connection, card, customer_id, origin.now, body.person)
    link(connection, customer_id, origin.counter.vendor_id, origin.now)
    return Outcome()


def withdraw(connection: sa.Connection, card: str) -> bool:
    """Note that a card's customer no longer agrees to be seen; return whether one did. Raises Refusal."""
    customer_id = known(connection, card)
    locks.wallets_of(connection, [customer_id])
    withdrawn = connection.execute(_WITHDRAW, {"customer": customer_id}).rowcount == 1
    if withdrawn:
        feed.mark_customer(connection, customer_id)
    return withdrawn


def known(connection: sa.Connection, card: str) -> str:
    """Return the id of a card's customer as somebody typed it; raises Refusal(CUSTOMER_UNKNOWN or CUSTOMER_ERASED)."""
    customer_id = by_card(connection, as_stored(card))
    if customer_id is None:
        raise erased.nobody(connection, as_stored(card))
    return customer_id


def look_up(connection: sa.Connection, device_id: bytes, request: CustomerRequest, now: int) -> CustomerReply:
    """Return the one customer with this card or phone; phone and e-mail only of the vendor's own.

    A phone shared by several counts if exactly one of them is the vendor's own. Raises MalformedError unless exactly
    one of both is asked for, Refusal(CUSTOMER_UNKNOWN or COUNTER_UNKNOWN).
    """
    till = counter(connection, device_id)
    phone = phone_digits(request.phone)
    if bool(request.card) == bool(request.phone) or (request.phone and not phone):
        raise MalformedError("ask for a card or for a phone number")
    wanted: dict[str, str | None] = {"vendor": till.vendor_id, "phone": phone}
    if request.card:
        wanted["customer"] = by_card(connection, card_code(request.card))
    rows = connection.execute(_FOUND_BY_ID if request.card else _FOUND_BY_PHONE, wanted).all()
    own = [row for row in rows if row.vendor_id is not None]
    candidates = own or rows
    if len(candidates) != 1:
        raise erased.nobody(connection, card_code(request.card)) if request.card else _unknown()
    return customer_reply(candidates[0], now, whole=bool(own))


def _unknown() -> Refusal:
    return Refusal(RefusalCode.CUSTOMER_UNKNOWN)


def _free_id(connection: sa.Connection, text: str) -> str | None:
    """Return the id a counter proposes if it is one and nobody's: a wrong or hostile one must not stop the customer."""
    try:
        proposed = str(uuid.UUID(text))
    except ValueError:
        return None
    return None if connection.execute(_ID_TAKEN, {"customer": proposed}).first() else proposed

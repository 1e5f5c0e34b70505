"""The person of an enrolment: the record a counter sends beside the signed operation is taken in, once.

The record must have the hash that was signed. Must never overwrite what is known of somebody, give a phone number to
two, or write a name, a phone or an e-mail anywhere but into the one row that erasing empties.
"""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import erased, feed, locks, merged, records
from urs_desktop.central.origin import counter
from urs_desktop.central.schema import consents, customer_records, erasures, operations
from urs_desktop.domain.person import Person, person
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import EnrolBody
from urs_desktop.protocol.people import PersonRecord, PersonReply, digest

_SIGNED: Final = sa.select(operations.c.kind, operations.c.schema, operations.c.body).where(
    operations.c.op_id == sa.bindparam("op"), operations.c.device_id == sa.bindparam("device")
)
_KNOWN: Final = (
    sa.select(consents.c.op_id, customer_records.c.card_code)
    .select_from(consents.outerjoin(customer_records, customer_records.c.customer_id == consents.c.phone_of))
    .where(consents.c.op_id == sa.bindparam("op"))
)
_RECORD: Final = sa.select(customer_records).where(customer_records.c.customer_id == sa.bindparam("customer"))
_OF_PHONE: Final = (
    sa.select(customer_records.c.customer_id, customer_records.c.card_code)
    .where(customer_records.c.phone == sa.bindparam("phone"), customer_records.c.customer_id != sa.bindparam("but"))
    .order_by(customer_records.c.customer_id)
    .limit(1)
)
_TWICE: Final = (
    sa.select(consents.c.customer_id, consents.c.phone_of, consents.c.asked_at)
    .where(consents.c.phone_of.is_not(None))
    .order_by(consents.c.asked_at, consents.c.op_id)
)
_ERASED: Final = sa.select(erasures.c.customer_id)
_CARD: Final = sa.select(customer_records.c.card_code).where(customer_records.c.customer_id == sa.bindparam("customer"))
_FILL: Final = (
    sa.update(customer_records)
    .where(customer_records.c.customer_id == sa.bindparam("customer"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("name", "phone", "email", "consent_at")})
)


def take(connection: sa.Connection, device_id: bytes, record: PersonRecord, now: int) -> PersonReply:
    """Take a record in; one that was taken before changes nothing and gets the same answer.

    Raises Refusal(COUNTER_UNKNOWN, PERSON_DIFFERS for a record nobody signed, CUSTOMER_ERASED, and those of
    domain.person).
    """
    counter(connection, device_id, locked=True)
    who = person(
        record.phone,
        record.name,
        record.email,
        agreed=record.agreed,
        wording=record.wording,
        asked_at=record.asked_at,
    )
    _check_signed(connection, device_id, record, who)
    known = connection.execute(_KNOWN, {"op": record.op_id}).one_or_none()
    if known is not None:
        return PersonReply(phone_of=known.card_code or "")
    locks.merges_stand(connection)
    locks.new_customers(connection)
    customer_id = merged.by_card(connection, record.card)
    if customer_id is None:
        raise erased.nobody(connection, record.card)
    locks.wallets_of(connection, [customer_id])
    other = connection.execute(_OF_PHONE, {"phone": who.phone, "but": customer_id}).one_or_none()
    _fill(connection, customer_id, who, has_phone=other is None)
    row = {
        "op_id": record.op_id,
        "customer_id": customer_id,
        "agreed": int(who.agreed),
        "wording": who.wording,
        "asked_at": who.asked_at,
        "received_at": now,
        "phone_of": None if other is None else other.customer_id,
    }
    records.write(connection, consents, [row])
    feed.mark_customer(connection, customer_id)
    return PersonReply(phone_of="" if other is None else other.card_code)


@dataclass(frozen=True, slots=True)
class Twice:
    """A customer, by `card`, who was enrolled at `asked_at` with the phone number of another, by `same_phone_as`."""

    card: str
    same_phone_as: str
    asked_at: int


def enrolled_twice(connection: sa.Connection) -> list[Twice]:
    """Return who may be one person with two cards, the oldest first; merged and erased customers are done with."""
    now, gone = merged.ends(connection), set(connection.execute(_ERASED).scalars())
    pairs = [
        (now.get(row.customer_id, row.customer_id), now.get(row.phone_of, row.phone_of), row.asked_at)
        for row in connection.execute(_TWICE)
    ]
    pairs = [pair for pair in pairs if pair[0] != pair[1] and not gone & set(pair[:2])]
    return [Twice(_card(connection, one), _card(connection, other), at) for one, other, at in pairs]


def _card(connection: sa.Connection, customer_id: str) -> str:
    return str(connection.execute(_CARD, {"customer": customer_id}).scalar_one())


def _check_signed(connection: sa.Connection, device_id: bytes, record: PersonRecord, who: Person) -> None:
    signed = connection.execute(_SIGNED, {"op": record.op_id, "device": device_id}).one_or_none()
    body = None if signed is None else decode_body(signed.kind, signed.schema, signed.body)
    named = body.person if isinstance(body, EnrolBody) and body.card == record.card else None
    if named != digest(record.card, record.salt, who):
        raise Refusal(RefusalCode.PERSON_DIFFERS)


def _fill(connection: sa.Connection, customer_id: str, who: Person, *, has_phone: bool) -> None:
    """Give the customer's row what it lacks; who agreed before goes on agreeing, taking it back is another act."""
    known: Any = connection.execute(_RECORD, {"customer": customer_id}).one()
    values = {
        "customer": customer_id,
        "new_name": known.name or who.name,
        "new_phone": known.phone or (who.phone if has_phone else ""),
        "new_email": known.email or who.email,
        "new_consent_at": who.asked_at if known.consent_at is None and who.agreed else known.consent_at,
    }
    connection.execute(_FILL, values)

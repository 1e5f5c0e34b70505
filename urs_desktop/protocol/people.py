"""What counters and the central store say of persons: the record beside an enrolment, and the statement of a wallet.

A record travels beside its operation, which holds a salted hash of it alone, so that the ledger never names anybody.
Must never be signed or stored with operations.
"""

from hashlib import sha256

import msgspec

from urs_desktop.domain.person import Person
from urs_desktop.protocol.messages import Message, Reply

SALT_BYTES = 16


class PersonRecord(Message, frozen=True, kw_only=True):
    """The person of the enrolment `op_id` (16 bytes): see domain.person.Person; `salt` is 16 random bytes."""

    op_id: bytes
    card: str
    salt: bytes
    phone: str
    name: str
    email: str
    agreed: bool
    wording: str
    asked_at: int


class PersonReply(Reply, frozen=True, kw_only=True):
    """A record was taken in, now or before.

    `phone_of` is the card of the customer who has this phone number already and keeps it, empty when nobody has.
    """

    phone_of: str = ""


class StatementRequest(Message, frozen=True, kw_only=True):
    """Asks for the newest `limit` entries of a card's wallet, of a customer of the counter's vendor."""

    card: str
    limit: int = 20


class StatementEntry(Reply, frozen=True, kw_only=True):
    """One entry: `kind` as in domain.ledger.EntryKind, `points` more than zero, `at` in milliseconds.

    `number` is the receipt as it is printed where the vendor itself made it; `own` whether it is this vendor's doing.
    """

    kind: str
    points: int
    at: int
    own: bool
    number: str = ""


class StatementReply(Reply, frozen=True, kw_only=True):
    """The newest entries of a wallet, newest first, and its balances in points as of `as_of` (milliseconds)."""

    card: str
    entries: tuple[StatementEntry, ...]
    available: int
    held: int
    pending: int
    owed: int
    as_of: int


def digest(card: str, salt: bytes, who: Person) -> str:
    """Return the salted hash (SHA-256, hexadecimal) of a person's record, which the enrolment signs."""
    said = [salt, card, who.phone, who.name, who.email, who.agreed, who.wording, who.asked_at]
    return sha256(msgspec.msgpack.encode(said)).hexdigest()

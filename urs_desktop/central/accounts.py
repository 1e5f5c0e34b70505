"""Counters' identities: enrolment by a one-time code, the signed hello, and the sessions it opens.

Must never store a secret or a token in clear, nor tell a stranger why it was not let in.
"""

import hashlib
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import closing, locks, parked
from urs_desktop.central.origin import ACTIVE, REVOKED, Counter, counter
from urs_desktop.central.schema import challenges, counters, enrolment_codes, sessions, vendors
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import clean_text
from urs_desktop.protocol import chain
from urs_desktop.protocol import sessions as hellos
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import Challenge, EnrolReply, EnrolRequest, HelloReply, HelloRequest
from urs_desktop.system.ids import Randomness, uuid7

CODE_LIFE_MS: Final = 60 * 60 * 1000
"""An enrolment code can be used for this long."""

CHALLENGE_LIFE_MS: Final = 2 * 60 * 1000
"""A challenge can be signed for this long."""

SESSION_LIFE_MS: Final = 10 * 60 * 1000
"""A session lasts this long; a hello opens the next."""

FIRST_EPOCH: Final = 1
_NONCE_BYTES: Final = 32
_TOKEN_BYTES: Final = 32
_KEY_BYTES: Final = 32
_MOST_CHALLENGES: Final = 32

_CODE = sa.select(enrolment_codes).where(enrolment_codes.c.secret_hash == sa.bindparam("secret")).with_for_update()
_LAST_NUMBER = sa.select(sa.func.coalesce(sa.func.max(counters.c.number), 0)).where(
    counters.c.vendor_id == sa.bindparam("vendor")
)
_SPEND_CODE = (
    sa.update(enrolment_codes)
    .where(enrolment_codes.c.secret_hash == sa.bindparam("secret"))
    .values(spent_at=sa.bindparam("now"), public_key=sa.bindparam("key"), device_id=sa.bindparam("device"))
)
_OLD_CHALLENGES = sa.delete(challenges).where(
    challenges.c.device_id == sa.bindparam("device"), challenges.c.expires_at <= sa.bindparam("now")
)
_COUNT_CHALLENGES = sa.select(sa.func.count()).where(challenges.c.device_id == sa.bindparam("device"))
_ALL_CHALLENGES = sa.delete(challenges).where(challenges.c.device_id == sa.bindparam("device"))
_SPEND_CHALLENGE = sa.delete(challenges).where(
    challenges.c.challenge == sa.bindparam("given"),
    challenges.c.device_id == sa.bindparam("device"),
    challenges.c.expires_at > sa.bindparam("now"),
)
_OLD_SESSIONS = sa.delete(sessions).where(
    sessions.c.device_id == sa.bindparam("device"), sessions.c.expires_at <= sa.bindparam("now")
)
_SEEN = sa.update(counters).where(counters.c.device_id == sa.bindparam("device")).values(last_seen=sa.bindparam("now"))
_SESSION = (
    sa.select(sessions.c.expires_at)
    .select_from(sessions.join(counters, counters.c.device_id == sessions.c.device_id))
    .where(
        sessions.c.token_hash == sa.bindparam("token"),
        sessions.c.device_id == sa.bindparam("device"),
        sessions.c.epoch == counters.c.epoch,
        counters.c.state != REVOKED,
    )
)


class SessionOverError(Exception):
    """The counter has not proved itself, or no longer: it shall ask for a challenge and say hello."""


def secret_hash(secret: bytes) -> bytes:
    """Return what is stored of a code's secret or a session's token."""
    return hashlib.sha256(secret).digest()


def add_code(connection: sa.Connection, vendor_id: str, secret: bytes, now: int) -> None:
    """Make a code's secret good for one enrolment at a vendor; raises Refusal(VENDOR_UNKNOWN)."""
    known = sa.select(vendors.c.vendor_id).where(vendors.c.vendor_id == vendor_id)
    if connection.execute(known).first() is None:
        raise Refusal(RefusalCode.VENDOR_UNKNOWN, vendor=vendor_id)
    row = {
        "secret_hash": secret_hash(secret),
        "vendor_id": vendor_id,
        "created_at": now,
        "expires_at": now + CODE_LIFE_MS,
    }
    connection.execute(sa.insert(enrolment_codes), row)


def enrol(
    connection: sa.Connection, request: EnrolRequest, now: int, randomness: Randomness, central_key: bytes
) -> EnrolReply:
    """Spend an enrolment code on a new counter; `central_key` is the public key that signs grants.

    The reply can be lost, so the same secret and key get the same answer within the code's life. Raises
    Refusal(ENROLMENT_CODE_UNKNOWN, _EXPIRED or _SPENT), MalformedError for a key that is none.
    """
    if len(request.public_key) != _KEY_BYTES:
        raise MalformedError("a public key has 32 bytes")
    name = clean_text(request.name)
    code = connection.execute(_CODE, {"secret": secret_hash(request.secret)}).one_or_none()
    if code is None:
        raise Refusal(RefusalCode.ENROLMENT_CODE_UNKNOWN)
    if code.spent_at is not None and code.public_key != request.public_key:
        raise Refusal(RefusalCode.ENROLMENT_CODE_SPENT)
    if now >= code.expires_at:
        raise Refusal(RefusalCode.ENROLMENT_CODE_EXPIRED)
    if code.spent_at is None:
        device_id = _add_counter(connection, code.vendor_id, name, request.public_key, now, randomness)
        spent = {"secret": code.secret_hash, "now": now, "key": request.public_key, "device": device_id}
        connection.execute(_SPEND_CODE, spent)
    else:
        device_id = code.device_id
    return _enrolled(counter(connection, device_id), central_key)


def challenge(connection: sa.Connection, device_id: bytes, now: int, randomness: Randomness) -> Challenge:
    """Return fresh bytes for a counter to sign in its next hello; raises Refusal(COUNTER_UNKNOWN)."""
    counter(connection, device_id)
    connection.execute(_OLD_CHALLENGES, {"device": device_id, "now": now})
    if connection.execute(_COUNT_CHALLENGES, {"device": device_id}).scalar_one() >= _MOST_CHALLENGES:
        connection.execute(_ALL_CHALLENGES, {"device": device_id})
    given = randomness.token_bytes(_NONCE_BYTES)
    row = {"challenge": given, "device_id": device_id, "expires_at": now + CHALLENGE_LIFE_MS}
    connection.execute(sa.insert(challenges), row)
    return Challenge(challenge=given)


def hello(
    connection: sa.Connection, device_id: bytes, request: HelloRequest, now: int, randomness: Randomness
) -> HelloReply:
    """Compare a counter's chain with the centre's copy and, if they fit, open a session.

    Raises Refusal(COUNTER_UNKNOWN or COUNTER_REVOKED), SessionOverError for a wrong signature or a challenge that was
    not given, is spent or too old.
    """
    till = counter(connection, device_id, locked=True)
    if not hellos.is_authentic(till.public_key, device_id, request):
        raise SessionOverError
    spend_challenge(connection, device_id, request.challenge, now)
    if till.state == REVOKED:
        raise Refusal(RefusalCode.COUNTER_REVOKED)
    connection.execute(_SEEN, {"device": device_id, "now": now})
    closing.note_told(connection, device_id, request.receipt, now)
    verdict = _verdict(till, request)
    token, expires_at = "", now
    if verdict == "hi":
        token, expires_at = _open_session(connection, till, now, randomness)
    return HelloReply(
        verdict=verdict,
        epoch=till.epoch,
        seq=till.last_seq,
        head=till.head,
        token=token,
        expires_at=expires_at,
        server_time=now,
        vendor=till.vendor,
        resolved=parked.resolved_here(connection, device_id),
    )


def spend_challenge(connection: sa.Connection, device_id: bytes, given: bytes, now: int) -> None:
    """Use a challenge up; raises SessionOverError for one that was not given to this counter, is spent or too old."""
    spent = connection.execute(_SPEND_CHALLENGE, {"given": given, "device": device_id, "now": now})
    if spent.rowcount != 1:
        raise SessionOverError


def check_session(connection: sa.Connection, device_id: bytes, token: str, now: int) -> None:
    """Raise SessionOverError unless the token opens a session of this counter, its epoch and state now."""
    keys = {"token": secret_hash(token.encode()), "device": device_id}
    expires_at = connection.execute(_SESSION, keys).scalar()
    if expires_at is None or now >= expires_at:
        raise SessionOverError


def _add_counter(
    connection: sa.Connection, vendor_id: str, name: str, public_key: bytes, now: int, randomness: Randomness
) -> bytes:
    device_id = uuid7(now, randomness).bytes
    nonce = randomness.token_bytes(_NONCE_BYTES)
    locks.vendor(connection, vendor_id)  # two counters that join at once must not both take the next number
    row = {
        "device_id": device_id,
        "number": connection.execute(_LAST_NUMBER, {"vendor": vendor_id}).scalar_one() + 1,
        "vendor_id": vendor_id,
        "name": name,
        "public_key": public_key,
        "epoch": FIRST_EPOCH,
        "nonce": nonce,
        "last_seq": 0,
        "head": chain.genesis(device_id, FIRST_EPOCH, nonce),
        "checked_seq": 0,
        "state": ACTIVE,
        "enrolled_at": now,
    }
    connection.execute(sa.insert(counters), row)
    return device_id


def _enrolled(till: Counter, central_key: bytes) -> EnrolReply:
    return EnrolReply(
        device_id=till.device_id,
        number=till.number,
        epoch=till.epoch,
        nonce=till.nonce,
        central_key=central_key,
        vendor=till.vendor,
    )


def _verdict(till: Counter, request: HelloRequest) -> str:
    if request.epoch != till.epoch:
        return "epoch"
    behind = request.seq < till.last_seq
    other = request.seq == till.last_seq and request.head != till.head
    return "fork" if behind or other else "hi"


def _open_session(connection: sa.Connection, till: Counter, now: int, randomness: Randomness) -> tuple[str, int]:
    connection.execute(_OLD_SESSIONS, {"device": till.device_id, "now": now})
    token = randomness.token_bytes(_TOKEN_BYTES).hex()
    expires_at = now + SESSION_LIFE_MS
    row = {
        "token_hash": secret_hash(token.encode()),
        "device_id": till.device_id,
        "epoch": till.epoch,
        "expires_at": expires_at,
    }
    connection.execute(sa.insert(sessions), row)
    return token, expires_at

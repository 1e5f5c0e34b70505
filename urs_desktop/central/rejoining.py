"""A counter whose history is in doubt gets a new epoch, which this store alone allocates: compare-and-set.

Two copies of one machine never share an epoch, because only one of them can end the one they saw. Must never give an
epoch to a wish that ended none, nor leave a lease of an ended epoch open. Source: sync.md 2.1, 2.4.
"""

import logging
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import checking, leases, records, standing
from urs_desktop.central.accounts import SessionOverError, spend_challenge
from urs_desktop.central.origin import PARKED, REVOKED, Counter, counter
from urs_desktop.central.schema import counters, ended_epochs, operations, refunds, transactions
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import chain, sessions
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.messages import RejoinReply, RejoinRequest
from urs_desktop.protocol.operations import RefundBody, SaleBody
from urs_desktop.system.ids import Randomness

JOINED: Final = "joined"
EPOCH: Final = "epoch"
"""The verdicts of a rejoin, see protocol.messages.RejoinReply."""

MOST_REJOINS: Final = 5
REJOINS_MS: Final = 24 * 60 * 60 * 1000
"""A counter that rejoins more often than MOST_REJOINS in this time is quarantined."""

MOST_AHEAD: Final = 1_000_000
"""A counter may have seen an epoch this far beyond the store's, which was then restored from a backup."""

_NONCE_BYTES: Final = 32

_log = logging.getLogger(__name__)

_ASKED = sa.select(ended_epochs.c.next_epoch).where(
    ended_epochs.c.device_id == sa.bindparam("device"), ended_epochs.c.asked == sa.bindparam("nonce")
)
_RECENT = (
    sa.select(sa.func.count())
    .select_from(ended_epochs)
    .where(ended_epochs.c.device_id == sa.bindparam("device"), ended_epochs.c.ended_at > sa.bindparam("since"))
)
_BEGIN = (
    sa.update(counters)
    .where(counters.c.device_id == sa.bindparam("device"))
    .values(
        epoch=sa.bindparam("next"),
        nonce=sa.bindparam("start"),
        last_seq=0,
        head=sa.bindparam("genesis"),
        checked_seq=0,
        last_seen=sa.bindparam("now"),
    )
)
_NEWEST = tuple(
    sa.select(sa.func.max(table.c.receipt)).where(table.c.device_id == sa.bindparam("device"))
    for table in (transactions, refunds)
)
_PARKED_RECEIPTS = sa.select(operations.c.kind, operations.c.schema, operations.c.body).where(
    operations.c.device_id == sa.bindparam("device"),
    operations.c.result == PARKED,
    operations.c.kind.in_(("sale", "refund")),
)


def rejoin(
    connection: sa.Connection, device_id: bytes, request: RejoinRequest, now: int, randomness: Randomness
) -> RejoinReply:
    """End the epoch a counter has seen, if it still is, with all its leases, and begin the next.

    The same nonce gets the same answer as long as that epoch lasts; whoever saw an epoch that is over is told the one
    that is. Raises Refusal(COUNTER_UNKNOWN or COUNTER_REVOKED), SessionOverError for a wrong signature or a challenge
    that was not given or is spent, MalformedError for an epoch or a nonce that can be none.
    """
    till = counter(connection, device_id, locked=True)
    if not sessions.is_authentic_rejoin(till.public_key, device_id, request):
        raise SessionOverError
    spend_challenge(connection, device_id, request.challenge, now)
    if till.state == REVOKED:
        raise Refusal(RefusalCode.COUNTER_REVOKED)
    if len(request.nonce) != _NONCE_BYTES or not 1 <= request.seen_epoch <= till.epoch + MOST_AHEAD:
        raise MalformedError("a rejoin has seen an epoch that cannot be, or its nonce has not 32 bytes")
    came_by = connection.execute(_ASKED, {"device": device_id, "nonce": request.nonce}).scalar()
    if came_by == till.epoch:
        return _reply(connection, JOINED, till.epoch, till, now, nonce=till.nonce)
    if came_by is not None or request.seen_epoch < till.epoch:
        return _reply(connection, EPOCH, till.epoch, till, now)
    return _begin(connection, till, request, now, randomness)


def _begin(
    connection: sa.Connection, till: Counter, request: RejoinRequest, now: int, randomness: Randomness
) -> RejoinReply:
    checking.finish(connection, till, now)
    taken = leases.reclaim_counter(connection, till.device_id, now)
    epoch = max(till.epoch, request.seen_epoch) + 1
    nonce = randomness.token_bytes(_NONCE_BYTES)
    ended = {
        "device_id": till.device_id,
        "epoch": till.epoch,
        "nonce": till.nonce,
        "last_seq": till.last_seq,
        "head": till.head,
        "ended_at": now,
        "next_epoch": epoch,
        "seen_epoch": request.seen_epoch,
        "asked": request.nonce,
    }
    records.write(connection, ended_epochs, [ended])
    start = chain.genesis(till.device_id, epoch, nonce)
    values = {"device": till.device_id, "next": epoch, "start": nonce, "genesis": start, "now": now}
    connection.execute(_BEGIN, values)
    _log.warning(
        "counter %s rejoins in epoch %s after %s operations; %s leases with %s points are reclaimed",
        *(till.device_id.hex(), epoch, till.last_seq, taken.leases, taken.points),
    )
    recent = connection.execute(_RECENT, {"device": till.device_id, "since": now - REJOINS_MS}).scalar_one()
    if recent > MOST_REJOINS:
        till = counter(connection, till.device_id, locked=True)
        standing.quarantine(connection, till, standing.REJOINED_TOO_OFTEN, f"{recent} times", now)
    return _reply(connection, JOINED, epoch, till, now, nonce=nonce)


def _reply(
    connection: sa.Connection, verdict: str, epoch: int, till: Counter, now: int, nonce: bytes = b""
) -> RejoinReply:
    receipt = _newest_receipt(connection, till.device_id)
    return RejoinReply(verdict=verdict, epoch=epoch, nonce=nonce, receipt=receipt, server_time=now)


def _newest_receipt(connection: sa.Connection, device_id: bytes) -> int:
    """Return the highest receipt number that a counter has ever sent, in whichever epoch."""
    device = {"device": device_id}
    known = [connection.execute(statement, device).scalar() or 0 for statement in _NEWEST]
    for row in connection.execute(_PARKED_RECEIPTS, device):
        try:
            body = decode_body(row.kind, row.schema, row.body)
        except MalformedError:
            continue
        if isinstance(body, SaleBody | RefundBody):
            known.append(body.receipt)
    return max(known)

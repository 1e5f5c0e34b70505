"""Redeeming points online: ask for an exact grant, spend it in the sale, or give it back.

Every request is stored before it is sent, so that a reply that never came, an abandoned Pay or a crash leaves nothing
locked: what is unfinished at the next start is returned. Must never let points pay that were not granted.
"""

from dataclasses import replace

from urs_desktop.counter.ports import Book, CentralStore, Store
from urs_desktop.counter.use_cases.blocking import check_not_blocked
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import identity_of, policy_now
from urs_desktop.counter.values import CounterState
from urs_desktop.domain.lease import EXACT_GRANT_MS, CounterLease
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.purchase import check_redemption
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import grants
from urs_desktop.protocol.messages import GrantReply, GrantRequest
from urs_desktop.protocol.operations import ReturnBody


class Redeem:
    """Gets points for one sale at a time and gives back what is not spent."""

    def __init__(self, store: Store, recorder: Recorder, central: CentralStore) -> None:
        """Take the store, the recorder and the way to the central store."""
        self._store = store
        self._recorder = recorder
        self._central = central

    def obtain(self, card: str, want: Points, total: Money) -> CounterLease:
        """Ask the central store for `want` points towards a sale of `total`; waits for its answer.

        Returns the lease, granted <= want. Raises Refusal where the rules or the centre say no, and
        CentralUnavailableError when it cannot be reached; nothing stays locked then.
        """
        request = self.prepare(card, want, total)
        try:
            return self.accept(self._central.grant(request))
        except Exception:
            self.give_back(request.lease_id)
            raise

    def prepare(self, card: str, want: Points, total: Money) -> GrantRequest:
        """Store that a grant is about to be asked for and return the request; raises Refusal."""
        return self._store.write(lambda book: self._prepare(book, card, want, total))

    def _prepare(self, book: Book, card: str, want: Points, total: Money) -> GrantRequest:
        identity = identity_of(book)
        policy = policy_now(book, identity, self._recorder.now())
        if book.operations.head().state is CounterState.FENCED:
            raise Refusal(RefusalCode.COUNTER_FENCED)
        check_not_blocked(book, card)
        check_redemption(want, total, identity.category, policy)
        if policy is None:
            raise Refusal(RefusalCode.POLICY_MISSING)
        lease = CounterLease(self._recorder.new_id(), card, identity.epoch, NO_POINTS, NO_POINTS, NO_POINTS, 0)
        book.leases.put(lease)
        return GrantRequest(
            lease_id=lease.lease_id,
            epoch=identity.epoch,
            card=card,
            want=want,
            total=total.minor,
            policy_id=policy.policy_id,
            policy_version=policy.version,
        )

    def accept(self, reply: GrantReply) -> CounterLease:
        """Store a grant; a reply of another epoch, of no open request or not signed by the centre changes nothing.

        Raises Refusal(GRANT_OVER) then. Granted points only ever grow: a copy of the reply adds nothing. The points
        can be spent for EXACT_GRANT_MS by the counter's hybrid clock, which also stamps the sale: the two ends' clocks
        need not agree, a corrected one locks nobody out, and no rule's safety depends on any.
        """
        return self._store.write(lambda book: _accept(book, reply, self._recorder.stamp(book).hlc))

    def give_back(self, lease_id: str) -> None:
        """Return what is unspent of a lease; one that is finished or unknown is left alone."""
        self._store.write(lambda book: _give_back(book, self._recorder, lease_id))

    def give_back_all(self) -> int:
        """Return every unfinished lease, as at a start after a crash; returns how many there were."""
        return self._store.write(self._give_back_all)

    def _give_back_all(self, book: Book) -> int:
        leases = book.leases.unfinished()
        for lease in leases:
            _give_back(book, self._recorder, lease.lease_id)
        return len(leases)


def _accept(book: Book, reply: GrantReply, now: int) -> CounterLease:
    identity = identity_of(book)
    lease = book.leases.get(reply.lease_id)
    if (
        lease is None
        or lease not in book.leases.unfinished()
        or lease.card != reply.card
        or reply.epoch != identity.epoch
        or not grants.is_authentic(identity.central_key, identity.device_id, reply)
    ):
        raise Refusal(RefusalCode.GRANT_OVER)
    granted = Points(max(lease.granted, reply.granted))
    lease = replace(lease, granted=granted, spend_until=now + EXACT_GRANT_MS)
    book.leases.put(lease)
    return lease


def _give_back(book: Book, recorder: Recorder, lease_id: str) -> None:
    for lease in book.leases.unfinished():
        if lease.lease_id == lease_id:
            stamp = recorder.stamp(book)
            body = ReturnBody(hlc=stamp.hlc, recorded_at=stamp.now, lease=lease_id, points=lease.rest)
            recorder.append(book, body)
            book.leases.put(lease.give_back())
            book.leases.finish(lease_id)

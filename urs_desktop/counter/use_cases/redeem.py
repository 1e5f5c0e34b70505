"""Redeeming points: from the customer's line here, by an exact grant of the central store, or up to the vendor's floor.

Every request is stored before it is sent, so that a reply that never came, an abandoned Pay or a crash leaves nothing
locked: what is unfinished at the next start is returned. Must never let points pay that were not granted or that the
vendor does not answer for.
"""

from dataclasses import dataclass, replace

from urs_desktop.counter.ports import Book, CentralStore, CentralUnavailableError, Store
from urs_desktop.counter.use_cases import floor
from urs_desktop.counter.use_cases.blocking import check_not_blocked
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.returning import give_back
from urs_desktop.counter.use_cases.ring_up import identity_of, policy_now
from urs_desktop.counter.use_cases.timekeeping import clock_is_suspect
from urs_desktop.counter.values import CounterState
from urs_desktop.domain.lease import EXACT_GRANT_MS, Backing, CounterLease
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.purchase import check_redemption
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import carried, endpoints, grants
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import GrantReply, GrantRequest


@dataclass(frozen=True, slots=True)
class Here:
    """The points a customer can spend at this counter without a connection: kept ready in the `line`, or by `floor`."""

    line: Points = NO_POINTS
    floor: Points = NO_POINTS

    @property
    def points(self) -> Points:
        """Both together."""
        return Points(self.line + self.floor)


@dataclass(frozen=True, slots=True)
class Carried:
    """A request for a customer's phone: the lease it is about, and the address to be shown as a QR code."""

    lease_id: str
    address: str


NOTHING_HERE = Here()
"""No points without a connection."""


class Redeem:
    """Gets points for one sale at a time and gives back what is not spent."""

    def __init__(self, store: Store, recorder: Recorder, central: CentralStore) -> None:
        """Take the store, the recorder and the way to the central store."""
        self._store = store
        self._recorder = recorder
        self._central = central

    def here(self, card: str) -> Here:
        """Return what a customer can spend at this counter without a connection."""
        return self._store.read(lambda book: self._here(book, card))

    def _here(self, book: Book, card: str) -> Here:
        customer = book.customers.by_card(card)
        if not _redeems_alone(book, self._recorder.now()) or (customer is not None and customer.blocked):
            return NOTHING_HERE
        hlc = self._recorder.stamp(book).hlc
        return Here(Backing(_spendable(book, card, hlc)).rest, floor.left(book, card))

    def obtain(self, card: str, want: Points, total: Money) -> Backing:
        """Get `want` points towards a sale of `total`: from the line, else online, else up to the vendor's floor.

        Returns what there is, which may be less than wanted. Raises Refusal where the rules or the centre say no, and
        CentralUnavailableError when there is nothing here and it cannot be reached; nothing stays locked then.
        """
        line = self._store.write(lambda book: self._take_line(book, card, want, total))
        missing = Points(want - line.rest)
        if missing <= 0:
            return line
        try:
            return Backing((self._exact(card, missing, total), *line.leases))
        except Refusal as refusal:
            if refusal.code is RefusalCode.POINTS_NOT_AVAILABLE and line.leases:
                return line
            self.give_back(line)
            raise
        except CentralUnavailableError:
            alone = Backing(line.leases, Points(min(missing, self._store.read(lambda book: self._floor(book, card)))))
            if alone.rest:
                return alone
            raise
        except Exception:
            self.give_back(line)
            raise

    def _floor(self, book: Book, card: str) -> Points:
        return floor.left(book, card) if _redeems_alone(book, self._recorder.now()) else NO_POINTS

    def _take_line(self, book: Book, card: str, want: Points, total: Money) -> Backing:
        """Mark as many leases of the line as the payment needs; raises Refusal as `obtain`."""
        self._check(book, card, want, total)
        taken: list[CounterLease] = []
        if not _redeems_alone(book, self._recorder.now()):
            return Backing()
        for lease in _spendable(book, card, self._recorder.stamp(book).hlc):
            if Backing(tuple(taken)).rest < want:
                taken.append(replace(lease, in_payment=True))
                book.leases.put(taken[-1])
        return Backing(tuple(taken))

    def _check(self, book: Book, card: str, want: Points, total: Money) -> RewardPolicy:
        identity = identity_of(book)
        policy = policy_now(book, identity, self._recorder.now())
        if book.operations.head().state is CounterState.FENCED:
            raise Refusal(RefusalCode.COUNTER_FENCED)
        check_not_blocked(book, card)
        check_redemption(want, total, identity.category, policy)
        if policy is None:
            raise Refusal(RefusalCode.POLICY_MISSING)
        return policy

    def _exact(self, card: str, want: Points, total: Money) -> CounterLease:
        request = self.prepare(card, want, total)
        try:
            return self.accept(self._central.grant(request))
        except Exception:
            self.give_up(request.lease_id)
            raise

    def prepare(self, card: str, want: Points, total: Money) -> GrantRequest:
        """Store that an exact grant is about to be asked for and return the request; raises Refusal."""
        return self._store.write(lambda book: self._prepare(book, card, want, total))

    def _prepare(self, book: Book, card: str, want: Points, total: Money) -> GrantRequest:
        policy = self._check(book, card, want, total)
        epoch = identity_of(book).epoch
        lease = CounterLease(self._recorder.new_id(), card, epoch, NO_POINTS, NO_POINTS, NO_POINTS, 0)
        book.leases.put(lease)
        return GrantRequest(
            lease_id=lease.lease_id,
            epoch=epoch,
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

    def carry(self, card: str, want: Points, total: Money) -> Carried:
        """Store that an exact grant is asked for by the customer's phone; return what to show it. Raises Refusal.

        What is not brought back is given back like any other: `give_up` with its lease.
        """
        request = self.prepare(card, want, total)
        identity = self._store.read(identity_of)
        text = self._recorder.request_text(identity.device_id, request)
        path = endpoints.CARRIED.format(request=text)
        return Carried(request.lease_id, f"{identity.central_url.rstrip('/')}{path}")

    def accept_carried(self, text: str) -> Backing:
        """Take the grant a phone shows; raises Refusal(GRANT_OVER) unless it answers an open request made here."""
        try:
            reply = carried.read_grant(text.strip())
        except MalformedError:
            raise Refusal(RefusalCode.GRANT_OVER) from None
        return Backing((self.accept(reply),))

    def give_back(self, backing: Backing) -> None:
        """Return what is unspent of an exact grant and let the line go; what is finished or unknown is left alone."""
        if backing.leases:
            self._store.write(lambda book: self._let_go(book, {lease.lease_id for lease in backing.leases}))

    def give_up(self, lease_id: str) -> None:
        """Return an exact grant whose answer did not come or is not wanted any more."""
        self._store.write(lambda book: self._let_go(book, {lease_id}))

    def give_back_all(self) -> int:
        """Let go of what no payment can count on any more, as at a start after a crash; returns how many leases."""
        return self._store.write(self._give_back_all)

    def _give_back_all(self, book: Book) -> int:
        # A standing lease without a grant was asked for by a process that did not live to see the answer.
        leases = book.leases.unfinished()
        left = {lease.lease_id for lease in leases if lease.in_payment or not (lease.standing and lease.granted)}
        self._let_go(book, left)
        return len(left)

    def _let_go(self, book: Book, lease_ids: set[str]) -> None:
        for lease in book.leases.unfinished():
            if lease.lease_id not in lease_ids:
                continue
            if lease.standing and lease.granted:
                book.leases.put(replace(lease, in_payment=False))
            else:
                give_back(book, self._recorder, lease)


def _redeems_alone(book: Book, now: int) -> bool:
    """Return whether points may be redeemed here without asking the central store, at `now` by this machine's clock."""
    fenced = book.operations.head().state is CounterState.FENCED
    return identity_of(book).category.redeems and not fenced and not clock_is_suspect(book, now)


def _spendable(book: Book, card: str, hlc: int) -> tuple[CounterLease, ...]:
    """Return the leases of a customer's line that a payment can count on now, those that are over soonest first."""
    epoch = identity_of(book).epoch
    free = [lease for lease in book.leases.line(card) if not lease.in_payment and not lease.recalled]
    return tuple(lease for lease in free if lease.rest and lease.epoch == epoch and hlc < lease.spend_until)


def _accept(book: Book, reply: GrantReply, now: int) -> CounterLease:
    identity = identity_of(book)
    lease = book.leases.get(reply.lease_id)
    if (
        lease is None
        or lease.standing
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

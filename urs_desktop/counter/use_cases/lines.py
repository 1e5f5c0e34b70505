"""Keeping points ready at this counter for customers likely to come: their standing leases, asked for and given back.

Done after a good sync while nobody waits. A lease is exchanged for a fresh one halfway through its time by a return
and a new request, so that a spend on its way never becomes the vendor's debt. Must never give back what a payment is
counting on.
"""

from dataclasses import replace
from typing import Final

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.returning import give_back
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.values import CounterState
from urs_desktop.domain.lease import CounterLease
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import grants
from urs_desktop.protocol.messages import GrantReply, LineRequest

WANT: Final = 1_000_000
"""So many points are asked for; the programme's terms say how many are given."""

_DAY_MS: Final = 24 * 60 * 60 * 1000
_LIKELY_MS: Final = 90 * _DAY_MS
"""Who bought here within this time is likely to come again."""

_ASK_AGAIN_MS: Final = _DAY_MS
"""A customer for whom there was nothing is asked for again after the next purchase, or after this long."""


class Lines:
    """Looks after the standing leases of one counter."""

    def __init__(self, store: Store, recorder: Recorder) -> None:
        """Take the store and the recorder of this counter's operations."""
        self._store = store
        self._recorder = recorder

    def urgent(self) -> int:
        """Return how many leases the central store wants back and no payment counts on."""
        return self._store.read(lambda book: sum(_is_to_go(lease) for lease in book.leases.unfinished()))

    def tidy(self) -> int:
        """Give back what is recalled, over or due to be exchanged; return how many leases went."""
        return self._store.write(self._tidy)

    def _tidy(self, book: Book) -> int:
        hlc = self._recorder.stamp(book).hlc
        going = [lease for lease in book.leases.unfinished() if _is_to_go(lease) or _is_old(lease, hlc)]
        for lease in going:
            give_back(book, self._recorder, lease)
            if not lease.recalled:
                book.leases.ask(lease.card, 0)
        return len(going)

    def next_request(self) -> LineRequest | None:
        """Store that a standing lease is asked for and return the request; None when nobody wants one now."""
        now = self._recorder.now()
        bounds = (now - _LIKELY_MS, now - _ASK_AGAIN_MS, 1)
        if not self._store.read(lambda book: _may_ask(book) and book.leases.wanting(*bounds)):
            return None
        return self._store.write(lambda book: self._next_request(book, bounds, now))

    def _next_request(self, book: Book, bounds: tuple[int, int, int], now: int) -> LineRequest | None:
        cards = book.leases.wanting(*bounds)
        if not cards:
            return None
        identity, card = identity_of(book), cards[0]
        lease_id = self._recorder.new_id()
        book.leases.ask(card, now)
        book.leases.put(CounterLease(lease_id, card, identity.epoch, NO_POINTS, NO_POINTS, NO_POINTS, 0, standing=True))
        return LineRequest(lease_id=lease_id, epoch=identity.epoch, card=card, want=WANT)

    def refused(self, lease_id: str) -> None:
        """Note that the central store said no: there is no lease, so nothing has to be given back."""
        self._store.write(lambda book: book.leases.finish(lease_id))

    def accept(self, reply: GrantReply) -> None:
        """Store a standing lease; a reply of another epoch, of no open request or not signed changes nothing.

        Raises Refusal(GRANT_OVER) then. Its time is counted from now, by the counter's hybrid clock.
        """
        self._store.write(lambda book: self._accept(book, reply))

    def _accept(self, book: Book, reply: GrantReply) -> None:
        identity = identity_of(book)
        asked = {lease.lease_id: lease for lease in book.leases.line(reply.card)}
        lease = asked.get(reply.lease_id)
        if (
            lease is None
            or lease.granted
            or reply.epoch != identity.epoch
            or lease.epoch != identity.epoch
            or not grants.is_authentic(identity.central_key, identity.device_id, reply)
        ):
            raise Refusal(RefusalCode.GRANT_OVER)
        hlc = self._recorder.stamp(book).hlc
        granted = replace(
            lease,
            granted=Points(reply.granted),
            spend_until=hlc + reply.lasts,
            renew_at=hlc + reply.lasts // 2,
        )
        book.leases.put(granted)

    def give_up(self, lease_id: str) -> None:
        """Return a lease whose grant did not come: should it have been made, it is closed."""
        self._store.write(lambda book: self._give_up(book, lease_id))

    def _give_up(self, book: Book, lease_id: str) -> None:
        lease = book.leases.get(lease_id)
        if lease is not None and lease in book.leases.unfinished():
            give_back(book, self._recorder, lease)


def _may_ask(book: Book) -> bool:
    identity = book.settings.identity()
    fenced = book.operations.head().state is CounterState.FENCED
    return identity is not None and identity.category.redeems and not fenced


def _is_to_go(lease: CounterLease) -> bool:
    return lease.standing and lease.recalled and not lease.in_payment


def _is_old(lease: CounterLease, hlc: int) -> bool:
    """Return whether a lease is over or due to be exchanged; one that was only asked for has no time yet."""
    return lease.standing and not lease.in_payment and bool(lease.granted) and hlc >= lease.renew_at

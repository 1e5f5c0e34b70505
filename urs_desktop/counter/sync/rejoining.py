"""A counter whose history is in doubt starts anew: it asks for an epoch of its own and signs all it has for it.

What it held of customers' points is gone: the centre gave them back when it ended the old epoch. Must never take an
epoch it did not ask for, give a receipt number twice that it or the centre knows, or lose an operation.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from urs_desktop.counter.ports import Book, CentralUnavailableError, Store
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.use_cases.timekeeping import LAST_SYNC
from urs_desktop.counter.values import Epoch, Identity, Link
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import sessions
from urs_desktop.protocol.chain import genesis, seal
from urs_desktop.protocol.messages import RejoinReply, RejoinRequest
from urs_desktop.protocol.operations import Operation
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.clock import Clock
from urs_desktop.system.ids import Randomness

OFTEN: Final = 5
OFTEN_MS: Final = 24 * 60 * 60 * 1000
PAUSE_MS: Final = 60 * 60 * 1000
"""A counter that has rejoined more than OFTEN times in OFTEN_MS waits PAUSE_MS between two: it may be two machines."""

_NONCE_BYTES: Final = 32
_PAGE: Final = 1000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is being asked for: it ends the epoch `seen`, and counts only while this counter is still in `own`."""

    own: int
    seen: int
    nonce: bytes


class Rejoining:
    """Decides one counter's rejoin; remembers only what it asks for, until it has it.

    That is in memory alone: two copies of one disk must not ask with the same nonce.
    """

    def __init__(self, store: Store, key: SigningKey, clock: Clock, randomness: Randomness) -> None:
        """Take the store, the counter's key, the clock and the source of nonces."""
        self._store = store
        self._key = key
        self._clock = clock
        self._randomness = randomness
        self._wish: _Wish | None = None

    def request(self, challenge: bytes) -> RejoinRequest:
        """Return the signed wish for a new epoch, the same until it is answered.

        Raises Refusal(COUNTER_FENCED) when it rejoined so often that it has to wait.
        """
        now = self._clock.now()
        identity, epochs = self._store.read(lambda book: (identity_of(book), book.epochs.all()))
        recent = [each for each in epochs if each.began_at > now - OFTEN_MS]
        if len(recent) > OFTEN and now - PAUSE_MS < recent[-1].began_at <= now:
            raise Refusal(RefusalCode.COUNTER_FENCED)
        if self._wish is None or self._wish.own != identity.epoch:
            self._wish = _Wish(identity.epoch, identity.epoch, self._randomness.token_bytes(_NONCE_BYTES))
        return sessions.rejoin(
            self._key,
            identity.device_id,
            seen_epoch=self._wish.seen,
            nonce=self._wish.nonce,
            challenge=challenge,
            wall=now,
        )

    def accept(self, reply: RejoinReply) -> bool:
        """Take the centre's answer; return whether the counter is in a new epoch now, False to ask once more.

        Raises CentralUnavailableError for an answer nobody can give.
        """
        wish = self._wish
        if wish is None:
            return False
        if reply.verdict != "joined" and reply.epoch > wish.seen:
            self._wish = replace(wish, seen=reply.epoch, nonce=self._randomness.token_bytes(_NONCE_BYTES))
            return False
        if reply.verdict != "joined" or reply.epoch <= wish.seen:
            message = "the central store gave an epoch that is over"
            raise CentralUnavailableError(message)
        identity = self._store.read(identity_of)
        signed = self._signed(identity, reply)
        self._store.write(lambda book: self._begin(book, wish, reply, signed))
        self._wish = None
        return True

    def _signed(self, identity: Identity, reply: RejoinReply) -> list[Link]:
        """Sign what is there while the cashier goes on; what comes meanwhile is signed as the epoch begins."""
        signed: list[Link] = []
        while page := self._store.read(lambda book: book.epochs.chain(identity.epoch, len(signed), _PAGE)):
            self._sign(identity, reply, page, signed)
        return signed

    def _sign(self, identity: Identity, reply: RejoinReply, made: Sequence[Operation], signed: list[Link]) -> None:
        head = signed[-1].hash if signed else genesis(identity.device_id, reply.epoch, reply.nonce)
        for each in made:
            draft = Operation(each.seq, each.op_id, each.kind, each.schema, each.body, head)
            sealed = seal(self._key, identity.device_id, reply.epoch, draft)
            signed.append(Link(sealed.seq, sealed.prev, sealed.hash, sealed.sig))
            head = sealed.hash

    def _begin(self, book: Book, wish: _Wish, reply: RejoinReply, signed: list[Link]) -> None:
        identity, now = identity_of(book), self._clock.now()
        if identity.epoch != wish.own:
            return
        while page := book.epochs.chain(identity.epoch, len(signed), _PAGE):
            self._sign(identity, reply, page, signed)
        for lease in book.leases.unfinished():
            book.leases.put(lease.give_back())
            book.leases.finish(lease.lease_id)
            book.leases.ask(lease.card, 0)
        book.epochs.begin(Epoch(reply.epoch, reply.nonce, len(signed) + 1, now), signed)
        book.epochs.skip_receipts(reply.receipt)
        book.settings.put(LAST_SYNC, str(now))
        _log.warning("this counter goes on in epoch %s after %s operations", reply.epoch, len(signed))

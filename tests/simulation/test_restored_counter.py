"""A counter put back to an older state, or run twice, finds its way back by itself, and each rule of that is needed.

Must never leave a rule without the story that fails when it is broken.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from tests.simulation.restoring import (
    STORIES,
    Story,
    late_copy_of_a_rejoin,
    lost_and_synced,
    lost_answer,
    lost_for_good,
    points_not_spent_twice,
    sentinel_gone,
    stale_grant,
    two_clones,
)
from urs_desktop.central import leases, rejoining
from urs_desktop.central.accounts import spend_challenge
from urs_desktop.central.origin import counter
from urs_desktop.counter.store import book as counter_book
from urs_desktop.counter.store.journal import SqlLeases
from urs_desktop.counter.use_cases import redeem
from urs_desktop.domain.lease import CounterLease
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.protocol.messages import GrantReply, RejoinReply


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = Story(tmp_path)
    yield told
    told.close()


@pytest.mark.parametrize("told", STORIES)
def test_story(story: Story, told: str) -> None:
    """It ends well."""
    STORIES[told](story)


def no_sentinel(patch: pytest.MonkeyPatch) -> None:
    """The counter does not look at what it remembers outside its database."""
    patch.setattr(counter_book, "contradicts", lambda *_: False)


def numbers_of_the_sentinel_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(counter_book, "fence", lambda book, _: book.operations.fence())


def numbers_of_the_centre_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rejoining, "_newest_receipt", lambda *_: 0)


def epoch_given_twice(patch: pytest.MonkeyPatch) -> None:
    """Whoever saw an epoch that is over is given the current one, which is another's."""
    original = rejoining._reply

    def reply(connection: Any, verdict: str, epoch: int, till: Any, now: int, nonce: bytes = b"") -> RejoinReply:  # noqa: ANN401
        del verdict
        return original(connection, "joined", epoch, till, now, nonce or till.nonce)

    patch.setattr(rejoining, "_reply", reply)


def no_compare_and_set(patch: pytest.MonkeyPatch) -> None:
    """Every wish ends the current epoch, whatever it saw and however often it comes."""

    def rejoin(connection: Any, device: bytes, request: Any, now: int, randomness: Any) -> RejoinReply:  # noqa: ANN401
        till = counter(connection, device, locked=True)
        spend_challenge(connection, device, request.challenge, now)
        seen = max(till.epoch, request.seen_epoch)
        anew = msgspec.structs.replace(request, seen_epoch=seen, nonce=randomness.token_bytes(32))
        return rejoining._begin(connection, till, anew, now, randomness)

    patch.setattr(rejoining, "rejoin", rejoin)


def wish_not_remembered(patch: pytest.MonkeyPatch) -> None:
    """The same wish again is told that the epoch is over."""
    patch.setattr(rejoining, "_ASKED", sa.select(sa.null()).where(sa.false()))


def leases_left_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(leases, "reclaim_counter", lambda *_: leases.Reclaimed(0, 0))


def leases_kept_by_the_counter(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SqlLeases, "unfinished", lambda _: ())


def stale_grant_accepted(patch: pytest.MonkeyPatch) -> None:
    """A grant is taken for what it says, of whatever epoch and request it is."""

    def accept(book: Any, reply: GrantReply, now: int) -> CounterLease:  # noqa: ANN401
        lease = CounterLease(reply.lease_id, reply.card, reply.epoch, Points(reply.granted), *_NONE, now + 1)
        book.leases.put(lease)
        return lease

    patch.setattr(redeem, "_accept", accept)


_NONE = (NO_POINTS, NO_POINTS)

FAULTS: list[tuple[Callable[[pytest.MonkeyPatch], None], Callable[[Story], None]]] = [
    (no_sentinel, lost_for_good),
    (no_sentinel, lost_and_synced),
    (numbers_of_the_sentinel_ignored, lost_for_good),
    (numbers_of_the_centre_ignored, sentinel_gone),
    (epoch_given_twice, two_clones),
    (no_compare_and_set, late_copy_of_a_rejoin),
    (wish_not_remembered, lost_answer),
    (leases_left_open, stale_grant),
    (leases_kept_by_the_counter, points_not_spent_twice),
    (stale_grant_accepted, stale_grant),
]
"""What is broken, and the story that shows it."""


@pytest.mark.parametrize(("fault", "told"), FAULTS, ids=lambda each: each.__name__)
def test_a_broken_rule_is_seen(
    story: Story,
    fault: Callable[[pytest.MonkeyPatch], None],
    told: Callable[[Story], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The story does not end well."""
    fault(monkeypatch)
    with pytest.raises((Exception, pytest.fail.Exception)):
        told(story)

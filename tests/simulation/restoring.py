"""A counter put back to an older state, or run twice, finds its way back by itself; nobody's points come to harm.

Its store is the encrypted file that ships, with the sentinel beside it. Must never need anybody's hand at the till.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from tests.simulation import invariants
from tests.simulation.counter_node import CounterNode, basket_of
from tests.simulation.faults import HOUR, MINUTE
from tests.simulation.run import Run
from urs_desktop.central import rejoining, verification
from urs_desktop.central.schema import counters, ended_epochs, transactions
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.store.book import FILE, SENTINEL, SqlStore, open_store
from urs_desktop.counter.sync.transport import SessionOverError
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.counter.values import CounterState
from urs_desktop.domain.lease import Backing
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.codec import decode, encode
from urs_desktop.protocol.messages import Challenge, GrantReply, RejoinReply

KEY = bytes(range(32))
CARD = "C1"


class OnDisk(CounterNode):
    """A counter whose store is opened as the program opens it, with the sentinel beside the file."""

    disk: SqlStore

    def _opened(self) -> SqlStore:
        return self.disk


class Story:
    """One counter with its file, in a world without faults, and what is done to it."""

    def __init__(self, folder: Path) -> None:
        self.run = Run.calm()
        self.folder = folder / "till"
        self.folder.mkdir()
        vendor = self.run.central.add_vendor("store", Category.MEDIUM)
        world, central = self.run.world, self.run.central
        self.till = object.__new__(OnDisk)
        self.till.disk = self._opened(self.folder)
        CounterNode.__init__(self.till, world, central, "store-1", vendor, Category.MEDIUM)
        self.till.sync()

    def _opened(self, folder: Path) -> SqlStore:
        return open_store(folder, KEY)

    def sell(self, *amounts: int, till: CounterNode | None = None) -> None:
        """Ring up sales of these amounts."""
        for amount in amounts:
            (till or self.till).sell(basket_of(amount), CARD)

    def backup(self) -> Path:
        """Return a copy of the database as it is now."""
        copy = self.folder.with_name("backup.sqlite")
        self.till.store.database.copy_to(copy)
        return copy

    def restore(self, copy: Path, *, sentinel: bool = True) -> None:
        """Put an older database in the place of the counter's, and start the program."""
        self.till.store.close()
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(copy, self.folder / FILE)
        if not sentinel:
            (self.folder / SENTINEL).unlink()
        self.till.disk = self._opened(self.folder)
        self.till.start()

    def clone(self) -> CounterNode:
        """Return a second machine that runs a copy of this counter's disk."""
        other = self.folder.with_name("clone")
        self.till.store.close()
        shutil.copytree(self.folder, other)
        self.till.disk = self._opened(self.folder)
        self.till.start()
        twin = object.__new__(OnDisk)
        twin.__dict__.update(self.till.__dict__)
        twin.name = "store-twin"
        twin.disk = self._opened(other)
        twin.start()
        return twin

    @property
    def state(self) -> CounterState:
        """Whether the counter is fenced."""
        return self.till.store.read(lambda book: book.operations.head()).state

    def totals(self) -> list[int]:
        """Return the amounts of the counter's sales at the centre."""
        return sorted(row["total"] for row in self.rows(transactions))

    def numbers(self) -> list[int]:
        """Return the numbers of the receipts that were printed, in the order of printing."""
        mine = [receipt for receipt in self.run.world.printed if receipt.counter.startswith("store")]
        return [int(receipt.number.rpartition("-")[2]) for receipt in mine]

    def epoch(self) -> int:
        """Return the epoch the centre says the counter is in."""
        return int(self.rows(counters)[0]["epoch"])

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """Return the counter's rows of a table at the centre."""
        mine = sa.select(table).where(table.c.device_id == self.till.identity.device_id)
        with self.run.central.database.read() as connection:
            return [dict(row) for row in connection.execute(mine).mappings()]

    def earned(self) -> int:
        """Return what the customer has got of the centre, however much of it may be spent now."""
        with self.run.central.database.read() as connection:
            return int(connection.exec_driver_sql("SELECT sum(points) FROM entries WHERE kind = 'EARN'").scalar_one())

    def ends_well(self, *tills: CounterNode) -> None:
        """Check everything there is, at the centre and at each machine."""
        for till in tills or (self.till,):
            head = till.store.read(lambda book: book.operations.head())
            assert (head.state, head.acknowledged) == (CounterState.OPEN, head.seq)
            assert verify(till.store, till.key.public_key) == []
            assert till.store.check() == []
        self.run.check()
        with self.run.central.database.read() as connection:
            assert verification.verify(connection) == []

    def nothing_is_locked(self) -> None:
        """Check that no lease for one sale is open."""
        self.run.check()
        invariants.hold(self.run.evidence, (invariants.nothing_is_locked,))

    def close(self) -> None:
        """Close the file."""
        self.till.store.close()
        self.run.shop.close()


def lost_and_synced(story: Story) -> None:
    """Sales made after the backup are at the centre alone: nothing is lost, and no number is printed twice."""
    story.sell(5_000, 6_000)
    story.till.sync()
    copy = story.backup()
    story.sell(7_000, 8_000)
    story.till.sync()
    story.restore(copy)
    assert story.state is CounterState.FENCED
    story.sell(9_000)
    assert story.numbers() == [1, 2, 3, 4, 5]
    story.till.sync()
    story.sell(10_000)
    story.till.sync()
    assert story.totals() == [5_000, 6_000, 7_000, 8_000, 9_000, 10_000]
    assert story.numbers() == [1, 2, 3, 4, 5, 6]
    assert story.epoch() == 2
    story.ends_well()


def lost_for_good(story: Story) -> None:
    """A sale that was never sent and is not in the backup is gone; its number is not given to another."""
    story.sell(5_000)
    story.till.sync()
    copy = story.backup()
    story.sell(7_000)
    story.restore(copy)
    story.sell(8_000)
    story.till.sync()
    assert story.totals() == [5_000, 8_000]
    assert story.numbers() == [1, 2, 3]
    story.ends_well()


def kept_and_not_synced(story: Story) -> None:
    """Sales in the backup that were never sent arrive once, with their points."""
    story.sell(5_000)
    story.till.sync()
    story.sell(6_000, 7_000)
    copy = story.backup()
    story.sell(8_000)
    story.restore(copy)
    story.till.sync()
    assert story.totals() == [5_000, 6_000, 7_000]
    assert story.earned() == 250 + 300 + 350
    story.ends_well()


def sentinel_gone(story: Story) -> None:
    """Without the sentinel the next hello finds it: one number is printed twice, and both sales are at the centre."""
    story.sell(5_000)
    story.till.sync()
    copy = story.backup()
    story.sell(6_000, 7_000)
    story.till.sync()
    story.restore(copy, sentinel=False)
    assert story.state is CounterState.OPEN
    story.sell(8_000)
    story.till.sync()
    story.sell(9_000)
    story.till.sync()
    assert story.totals() == [5_000, 6_000, 7_000, 8_000, 9_000]
    assert story.numbers() == [1, 2, 3, 2, 4]
    story.ends_well()


def points_not_spent_twice(story: Story) -> None:
    """Points in the image are spent already: the counter that comes back spends none of them again."""
    story.sell(99_999)
    story.till.sync()
    basket = basket_of(5_000)
    lease = story.till.ask_points(basket, CARD, 500)
    assert lease is not None
    copy = story.backup()
    story.till.pay_with(lease, basket, CARD, use=500)
    story.till.sync()
    story.restore(copy)
    held = story.till.store.read(lambda book: book.leases.get(lease.leases[0].lease_id))
    assert held is not None
    assert held.rest == lease.rest
    spends_nothing(story, lease)
    story.till.sync()
    spends_nothing(story, lease)
    story.till.sync()
    kinds = [receipt.points_paid for receipt in story.run.world.printed]
    assert kinds == [0, 500, 0, 0]
    story.nothing_is_locked()
    story.ends_well()


def spends_nothing(story: Story, lease: Backing) -> None:
    """Try to pay with a lease; the sale is made for cash."""
    story.till.pay_with(lease, basket_of(5_000), CARD, use=500)


def stale_grant(story: Story) -> None:
    """A grant of the epoch that is over, arriving late, opens nothing."""
    story.sell(99_999)
    story.till.sync()
    replies: list[GrantReply] = []
    request = story.till.redeem.prepare(CARD, Points(500), basket_of(5_000).total)
    replies.append(story.till.link.grant(request))
    story.till.store.write(lambda book: book.operations.fence())
    story.till.sync()
    with pytest.raises(Refusal) as caught:
        story.till.redeem.accept(replies[0])
    assert caught.value.code is RefusalCode.GRANT_OVER
    story.nothing_is_locked()
    story.ends_well()


def centre_before_the_rejoin(story: Story) -> None:
    """The centre is put back to before the rejoin: the counter ends the epoch it is in, which nobody else knows."""
    story.sell(5_000)
    story.till.sync()
    before = story.run.central.machine.copy()
    copy = story.backup()
    story.sell(6_000)
    story.restore(copy)
    story.sell(7_000)
    story.till.sync()
    assert story.epoch() == 2
    story.run.central.put_back(before)
    story.till.start()
    story.sell(8_000)
    story.till.sync()
    assert story.totals() == [5_000, 7_000, 8_000]
    assert (story.epoch(), len(story.rows(ended_epochs))) == (3, 1)
    story.ends_well()


def two_clones(story: Story) -> None:
    """Two machines with one disk both sell and sync: every sale arrives once, no epoch has two histories."""
    story.sell(5_000)
    story.till.sync()
    twin = story.clone()
    expected = [5_000]
    for turn in range(8):
        for n, till in enumerate((story.till, twin)):
            amount = 6_000 + 100 * turn + n
            story.sell(amount, till=till)
            till.sync()
            expected.append(amount)
        story.run.world.now += HOUR + MINUTE
    for till in (story.till, twin, story.till):
        till.sync()
        story.run.world.now += HOUR + MINUTE
    assert story.totals() == sorted(expected)
    assert story.rows(counters)[0]["state"] == "quarantined"
    assert story.till.ask_points(basket_of(5_000), CARD, 10) is None
    story.till.sync()
    spoken = [row["next_epoch"] for row in story.rows(ended_epochs)]
    assert len(set(spoken)) == len(spoken)
    story.ends_well(story.till)
    assert verify(twin.store, twin.key.public_key) == []
    twin.store.close()


def late_copy_of_a_rejoin(story: Story) -> None:
    """A copy of the wish that comes after it was granted ends no epoch, even with the challenge's defence off."""
    story.sell(5_000)
    story.till.sync()
    story.till.store.write(lambda book: book.operations.fence())
    device, central = story.till.identity.device_id, story.run.central
    challenge = central.handle(endpoints.CHALLENGE, device, b"", {}, "")
    assert isinstance(challenge, Challenge)
    wishing = story.till.link._engine.rejoining
    wish = encode(wishing.request(challenge.challenge))
    answer = central.handle(endpoints.REJOIN, device, wish, {}, "")
    with pytest.raises(SessionOverError):  # the challenge is spent
        central.handle(endpoints.REJOIN, device, wish, {}, "")
    with unchallenged():
        assert central.handle(endpoints.REJOIN, device, wish, {}, "") == answer
        assert wishing.accept(decode(encode(answer), RejoinReply))
        story.till.sync()
        central.handle(endpoints.REJOIN, device, wish, {}, "")
    story.sell(6_000)
    story.till.sync()
    assert (story.epoch(), len(story.rows(ended_epochs))) == (2, 1)
    story.ends_well()


@contextmanager
def unchallenged() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rejoining, "spend_challenge", lambda *_: None)
        yield


def lost_answer(story: Story) -> None:
    """The answer to a rejoin is lost: asked again it is the same one; after a restart another epoch is ended."""
    story.sell(5_000)
    story.till.sync()
    for epoch, restart in ((2, False), (4, True)):
        story.till.store.write(lambda book: book.operations.fence())
        with losing_the_next_rejoin(story), pytest.raises(CentralUnavailableError):
            story.till.sync()
        if restart:
            story.till.start()
        story.sell(6_000)
        story.till.sync()
        assert story.epoch() == epoch
    story.ends_well()


@contextmanager
def losing_the_next_rejoin(story: Story) -> Iterator[None]:
    handle = story.run.central.handle

    def lose(path: str, *rest: Any) -> msgspec.Struct:  # noqa: ANN401 - what the transport hands on
        answer = handle(path, *rest)
        if path == endpoints.REJOIN:
            raise CentralUnavailableError("the network lost it")
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(story.run.central, "handle", lose)
        yield


STORIES: dict[str, Callable[[Story], None]] = {
    told.__name__: told
    for told in (
        lost_and_synced,
        lost_for_good,
        kept_and_not_synced,
        sentinel_gone,
        points_not_spent_twice,
        stale_grant,
        centre_before_the_rejoin,
        two_clones,
        late_copy_of_a_rejoin,
        lost_answer,
    )
}

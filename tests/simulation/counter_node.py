"""A counter of the simulation: the store, use cases, engine and link that ship, over a hostile network.

A blow may fall at any SQL statement; what was committed stays, everything in memory is gone. Must never print a
receipt that its store has not committed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from tests.simulation.central_node import CentralNode
from tests.simulation.chance import SeededBytes
from tests.simulation.machine import Machine, Strike, Template
from tests.simulation.network import SimulatedTransport
from tests.simulation.world import Crash, Printed, Refunded, Violation, World, WorldClock
from urs_desktop.counter.ports import Book, CentralUnavailableError
from urs_desktop.counter.store import schema
from urs_desktop.counter.store.book import SqlStore, fence_if_put_back
from urs_desktop.counter.store.sentinel import Mark, Sentinel
from urs_desktop.counter.sync.engine import SyncEngine
from urs_desktop.counter.sync.handing_over import drain
from urs_desktop.counter.sync.link import CentralLink
from urs_desktop.counter.use_cases.lines import Lines
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.refund import Refunding, RefundOrder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder, identity_of
from urs_desktop.counter.values import Identity
from urs_desktop.database.engine import Database, trouble_of
from urs_desktop.database.guards import guard
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.currency import currency
from urs_desktop.domain.lease import Backing
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal
from urs_desktop.protocol.chain import seal
from urs_desktop.protocol.operations import Operation
from urs_desktop.protocol.signatures import SigningKey

GBP = currency("GBP")
_PIECES = 5


def make_schema(database: Database) -> None:
    """Make the schema in an empty database."""
    with database.change_schema() as connection:
        schema.create_all(connection)


TEMPLATE: Final = Template(make_schema, guard(schema.metadata))


class Remembered(Sentinel):
    """The sentinel's file, which is no part of the database and is not put back with it."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        super().__init__(Path())
        self.mark: Mark | None = None

    def read(self) -> Mark | None:
        """Return the newest mark."""
        return self.mark

    def write(self, mark: Mark) -> None:
        """Remember a mark."""
        self.mark = mark


class CounterNode:
    """One till and the cashier before it."""

    def __init__(
        self,
        world: World,
        central: CentralNode,
        name: str,
        vendor_id: str,
        category: Category,
        folder: Path | None = None,
    ) -> None:
        """Enrol a counter of a vendor; `name` keys its choices, its file is in `folder` or else in memory."""
        self.world = world
        self.name = name
        self._central = central
        self._randomness = SeededBytes(world.chance.of("counter", name))
        self.key = SigningKey(self._randomness.token_bytes(32))
        self.machine = Machine(name, TEMPLATE, folder)
        self.category = category
        self.clock = WorldClock(world)
        self.is_lost = False
        self.sentinel = Remembered()
        self.was_put_back = False
        """Whether its database was once put back to an older state: what it did between is lost to it."""

        self.lost_sentinel = False
        """Whether its sentinel was lost as well, so that nothing at the till could tell."""

        self.is_touched = False
        """Whether anything may have changed since the last check."""

        reply = central.enrol(vendor_id, self.key.public_key)
        self.identity = Identity(
            reply.device_id,
            reply.number,
            reply.epoch,
            reply.nonce,
            vendor_id,
            name,
            category,
            GBP,
            "",
            "https://simulated",
            reply.central_key,
            b"",
        )
        self.start()
        self.store.write(lambda book: book.settings.put_identity(self.identity))

    def forget_foreign_keys(self) -> None:
        """Take SQLite's own defence away, for a mutant."""
        self.machine.keep = False
        driver = self.machine.driver
        driver.set_authorizer(None)
        driver.execute("PRAGMA foreign_keys = OFF")

    def start(self) -> None:
        """Begin a new life of the process: nothing in memory, everything on disk."""
        self.store = self._opened()
        self.recorder = Recorder(self.key, self.clock, self._randomness)
        engine = SyncEngine(self.store, self.key, self.clock, self._randomness)
        transport: Any = SimulatedTransport(self.world, self._central, self.name, self.identity.device_id)
        lines = Lines(self.store, self.recorder)
        self.link = CentralLink(transport, engine, self.identity.device_id, lines)
        self.redeem = Redeem(self.store, self.recorder, self.link)
        self.ring_up = RingUp(self.store, self.recorder)
        self.refunding = Refunding(self.store, self.recorder, self.link, self.link.push_all)

    def _opened(self) -> SqlStore:
        store = SqlStore(self.machine.database, self.sentinel)
        fence_if_put_back(store, self.sentinel.read())
        return store

    def restart(self) -> None:
        """Start anew after a crash, as the program does: what was not finished is given back."""
        self.machine.restart()
        self.start()
        self.redeem.give_back_all()

    def act(self, what: str, action: Callable[[], None]) -> bool:
        """Do something as this process, which may die at any statement of it and then starts anew.

        Returns whether it was done.
        """
        if self.is_lost:
            return False
        self.is_touched = True
        self.machine.arm(Strike.drawn(self.world, "counter"))
        try:
            action()
        except Crash:
            self.world.note(self.name, f"DIES while it is to {what}, and starts anew")
            self.restart()
        except (Refusal, CentralUnavailableError) as reason:
            self.world.note(self.name, f"{what} came to nothing: {reason}")
        except DBAPIError as error:
            if trouble_of(error) is None:
                raise Violation("no_bug_of_ours", f"{self.name}, {what}: {error}") from error
            self.world.note(self.name, f"{what} came to nothing: {trouble_of(error)}")
        else:
            return True
        finally:
            self.machine.disarm()
        return False

    def sync(self) -> None:
        """Push what waits and read the feed."""
        drain(self.link)

    def sell(self, basket: Basket, card: str | None) -> None:
        """Ring up a sale for cash."""
        self._complete(SaleOrder(basket, card=card))

    def ask_points(self, basket: Basket, card: str, want: int) -> Backing | None:
        """Get points for a sale; None if the answer is no."""
        try:
            return self.redeem.obtain(card, Points(want), basket.total)
        except (Refusal, CentralUnavailableError) as reason:
            self.world.note(self.name, f"no points for {card}: {reason}")
            return None

    def pay_with(self, lease: Backing | None, basket: Basket, card: str, *, use: int) -> None:
        """Complete a sale with up to `use` of the granted points, without any if the lease is over."""
        points = Points(min(use, lease.rest)) if lease is not None else NO_POINTS
        if lease is None or not points:
            self.sell(basket, card)
            return
        try:
            self._complete(SaleOrder(basket, card=card, points=points, backing=lease))
        except Refusal as reason:
            self.world.note(self.name, f"the points are not taken: {reason}")
            self.redeem.give_back(lease)
            self.sell(basket, card)

    def refund(self, receipt: str, pieces: int) -> None:
        """Take up to so many pieces of the first line of a receipt back, whichever counter printed it."""
        sale = self.refunding.find(receipt)
        left = sale.remaining[0]
        refund = self.refunding.complete(RefundOrder(sale=sale, pieces={1: min(pieces, max(1, left))}))
        body = refund.refund
        self.world.refunded.append(Refunded(self.name, refund.number, body.total, body.points_back, body.clawed))
        self.world.note(
            self.name,
            f"refund {refund.number} of {receipt}: {body.total}, {body.cash_back} in cash, "
            f"{body.points_back} points back, {body.clawed} taken back",
        )

    def poison(self) -> None:
        """Put an operation of an unknown kind into the chain, as a newer program might."""
        self.store.write(self._poison)
        self.world.note(self.name, "writes an operation no central store knows")

    def _poison(self, book: Book) -> None:
        head = book.operations.head()
        stamp = self.recorder.stamp(book)
        draft = Operation(head.seq + 1, self._randomness.token_bytes(16), "poison", 1, b'{"what":"ever"}', head.head)
        identity = identity_of(book)
        book.operations.append(seal(self.key, identity.device_id, identity.epoch, draft), stamp.hlc, 0)

    def _complete(self, order: SaleOrder) -> None:
        receipt = self.ring_up.complete(order)
        body = receipt.sale
        self.world.printed.append(
            Printed(self.name, receipt.number, body.card, body.total, body.earned, body.points_paid)
        )
        self.world.note(
            self.name,
            f"receipt {receipt.number} for {body.card}: {body.total}, {body.points_paid} points paid, "
            f"{body.earned} earned",
        )


def basket_of(minor: int) -> Basket:
    """Return a basket that comes to this many minor units: five pieces of one article, and what is over."""
    each, rest = divmod(minor, _PIECES)
    pieces = LineItem("A", "Article", _PIECES, UnitPrice(each, 2, GBP))
    over = (LineItem("B", "Bag", 1, UnitPrice(rest, 2, GBP)),) if rest else ()
    return Basket(GBP, (pieces, *over))

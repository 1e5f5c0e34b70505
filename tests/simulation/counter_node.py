"""A counter of the simulation: the store, use cases, engine and link that ship, over a hostile network.

A crash may strike at any SQL statement; what was committed stays, everything in memory is gone. Must never print a
receipt that its store has not committed.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import event

from tests.simulation.central_node import CentralNode
from tests.simulation.chance import SeededBytes
from tests.simulation.world import Crash, Printed, Refunded, World, WorldClock
from urs_desktop.counter.ports import Book, CentralUnavailableError
from urs_desktop.counter.store.book import SqlStore, store_in_memory
from urs_desktop.counter.sync.engine import SyncEngine
from urs_desktop.counter.sync.link import CentralLink, drain
from urs_desktop.counter.use_cases.lines import Lines
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.refund import Refunding, RefundOrder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import Identity
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.currency import currency
from urs_desktop.domain.lease import Backing
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal
from urs_desktop.protocol.chain import seal
from urs_desktop.protocol.codec import decode, encode
from urs_desktop.protocol.operations import Operation
from urs_desktop.protocol.signatures import SigningKey

_T = TypeVar("_T", bound=msgspec.Struct)
_STATEMENTS = 40
"""A crash strikes at one of this many statements after it was drawn, if the process gets so far."""

GBP = currency("GBP")
_PIECES = 5


class SimulatedTransport:
    """The network between one counter and the central store, as urs_desktop.counter.sync.transport.Transport."""

    def __init__(self, world: World, central: CentralNode, name: str, device: bytes) -> None:
        """Take the two ends; `name` keys this link's faults."""
        self._world = world
        self._central = central
        self._name = name
        self._device = device
        self._messages = 0

    def post(self, path: str, message: msgspec.Struct | None, reply: type[_T], token: str | None = None) -> _T:
        """Send a message and return the answer, if the network lets both through."""
        return self._exchange(path, b"" if message is None else encode(message), {}, reply, token or "")

    def get(self, path: str, query: dict[str, str | int], reply: type[_T], token: str, seconds: int) -> _T:
        """Ask for something."""
        del seconds
        return self._exchange(path, b"", query, reply, token)

    def healthy(self) -> bool:
        """Return whether the world has healed."""
        return self._world.healed

    def close(self) -> None:
        """Do nothing: there is no socket."""

    def _exchange(self, path: str, body: bytes, query: dict[str, str | int], reply: type[_T], token: str) -> _T:
        self._messages += 1
        fate = self._world.chance.of("link", self._name, self._messages)
        faults = self._world.faults
        endpoint = path.replace(self._device.hex(), "{device}")

        def deliver() -> msgspec.Struct:
            return self._central.handle(endpoint, self._device, body, query, token)

        lost = CentralUnavailableError("the network lost it")
        if not self._world.healed:
            if fate.random() < faults.drop:
                raise lost
            if fate.random() < faults.late:
                self._later(fate.randrange(1, faults.longest_delay), deliver)
                raise lost
            if fate.random() < faults.duplicate:
                self._later(fate.randrange(1, faults.longest_delay), deliver)
        answer = deliver()
        if not self._world.healed and fate.random() < faults.lose_reply:
            self._world.note(f"{self._name}: the reply of {endpoint.rsplit('/', 1)[-1]} is lost")
            raise lost
        return decode(encode(answer), reply)

    def _later(self, delay: int, deliver: Callable[[], msgspec.Struct]) -> None:
        def arrive() -> None:
            try:
                deliver()
            except Exception as error:  # noqa: BLE001 - nobody waits for this answer any more
                self._world.note(f"{self._name}: a late copy came to nothing ({type(error).__name__})")

        self._world.after(delay, arrive)


class CounterNode:
    """One till and the cashier before it."""

    def __init__(
        self,
        world: World,
        central: CentralNode,
        name: str,
        vendor_id: str,
        category: Category,
        store: SqlStore | None = None,
    ) -> None:
        """Enrol a counter of a vendor; `name` keys its choices, `store` is one in memory unless it is given."""
        self.world = world
        self.name = name
        self._central = central
        self._randomness = SeededBytes(world.chance.of("counter", name))
        self.key = SigningKey(self._randomness.token_bytes(32))
        self.store = store or store_in_memory()
        self.category = category
        self._doomed_in = 0
        self._dead = False
        self._lives = 0
        event.listen(self.store.database.engine, "before_cursor_execute", self._before_statement)
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
        self.store.write(lambda book: book.settings.put_identity(self.identity))
        self.start()

    def forget_foreign_keys(self) -> None:
        """Take SQLite's own defence away, for a mutant."""
        with self.store.database.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.set_authorizer(None)
            raw.execute("PRAGMA foreign_keys = OFF")

    def start(self) -> None:
        """Begin a new life of the process: nothing in memory, everything on disk."""
        self._lives += 1
        self._dead, self._doomed_in = False, 0
        clock = WorldClock(self.world)
        self.recorder = Recorder(self.key, clock, self._randomness)
        engine = SyncEngine(self.store, self.key, clock, self._randomness)
        transport: Any = SimulatedTransport(
            self.world, self._central, f"{self.name}.{self._lives}", self.identity.device_id
        )
        lines = Lines(self.store, self.recorder)
        self.link = CentralLink(transport, engine, self.identity.device_id, lines)
        self.redeem = Redeem(self.store, self.recorder, self.link)
        self.ring_up = RingUp(self.store, self.recorder)
        self.refunding = Refunding(self.store, self.recorder, self.link, self.link.push_all)

    def act(self, what: str, action: Callable[[], None], number: int) -> None:
        """Do something as this process, which may die at any statement of it and then starts anew."""
        fate = self.world.chance.of("counter", self.name, "crash", number)
        doomed = not self.world.healed and fate.random() < self.world.faults.counter_crash
        self._doomed_in = fate.randrange(1, _STATEMENTS) if doomed else 0
        try:
            action()
        except Crash:
            self.world.note(f"{self.name} dies while it is to {what}, and starts anew")
            self.start()
            self.redeem.give_back_all()
        except (Refusal, CentralUnavailableError) as reason:
            self.world.note(f"{self.name}: {what} came to nothing: {reason}")
        self._doomed_in = 0

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
            self.world.note(f"{self.name}: no points for {card}: {reason}")
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
            self.world.note(f"{self.name}: the points are not taken: {reason}")
            self.redeem.give_back(lease)
            self.sell(basket, card)

    def refund(self, receipt: str, pieces: int) -> None:
        """Take up to so many pieces of the first line of a receipt back, whichever counter printed it."""
        sale = self.refunding.find(receipt)
        left = sale.remaining[0]
        refund = self.refunding.complete(RefundOrder(sale=sale, pieces={1: min(pieces, max(1, left))}))
        if self._doomed_in % 3 == 1:
            self._die()
        body = refund.refund
        self.world.refunded.append(Refunded(self.name, refund.number, body.total, body.points_back, body.clawed))
        self.world.note(
            f"{self.name}: refund {refund.number} of {receipt}: {body.total}, {body.cash_back} in cash, "
            f"{body.points_back} points back, {body.clawed} taken back"
        )

    def poison(self) -> None:
        """Put an operation of an unknown kind into the chain, as a newer program might."""
        self.store.write(self._poison)
        self.world.note(f"{self.name}: writes an operation no central store knows")

    def _poison(self, book: Book) -> None:
        head = book.operations.head()
        stamp = self.recorder.stamp(book)
        draft = Operation(head.seq + 1, self._randomness.token_bytes(16), "poison", 1, b'{"what":"ever"}', head.head)
        book.operations.append(seal(self.key, self.identity.device_id, self.identity.epoch, draft), stamp.hlc, 0)

    def _complete(self, order: SaleOrder) -> None:
        receipt = self.ring_up.complete(order)
        if self._doomed_in % 3 == 1:
            self._die()
        body = receipt.sale
        self.world.printed.append(
            Printed(self.name, receipt.number, body.card, body.total, body.earned, body.points_paid)
        )
        self.world.note(
            f"{self.name}: receipt {receipt.number} for {body.card}: {body.total}, "
            f"{body.points_paid} points paid, {body.earned} earned"
        )

    def _before_statement(self, connection: sa.Connection, *_: object) -> None:
        del connection
        if self._dead:
            raise Crash
        if self._doomed_in:
            self._doomed_in -= 1
            if not self._doomed_in:
                self._die()

    def _die(self) -> None:
        self._dead = True
        raise Crash


def basket_of(minor: int) -> Basket:
    """Return a basket that comes to this many minor units: five pieces of one article, and what is over."""
    each, rest = divmod(minor, _PIECES)
    pieces = LineItem("A", "Article", _PIECES, UnitPrice(each, 2, GBP))
    over = (LineItem("B", "Bag", 1, UnitPrice(rest, 2, GBP)),) if rest else ()
    return Basket(GBP, (pieces, *over))

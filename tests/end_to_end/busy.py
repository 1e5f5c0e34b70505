"""A counter that never rests: it sells, pays with points and refunds as fast as it can, through the parts that ship.

Run by tests.end_to_end.forking. Each receipt is printed as one line after its transaction was committed, so that what
was printed outlives the process. Must never print what is not on disk, nor end for anything the world does to it.
"""

import argparse
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from tests.end_to_end.processes import say
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.database.engine import DatabaseFileError, trouble_of
from urs_desktop.database.migrations import SchemaError
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.refusals import Refusal
from urs_desktop.system.logs import log_to
from urs_desktop.wiring import open_counter, running

TROUBLE: Final = 3
"""The exit status of a counter whose machine does not let it start."""

_REMEMBERED: Final = 40
_AFTER_TROUBLE_SECONDS: Final = 0.2
_MOST_WAITING: Final = 300
_AHEAD_SECONDS: Final = 0.5
"""So long it rests after each customer while so many operations wait: a day is short, and all must arrive in it."""


class Busy:
    """The cashier: whatever goes wrong, the next customer is served."""

    def __init__(self, till: Till, chance: random.Random, counters: int, cards: int) -> None:
        """Take the use cases of a counter at work, and how many counters and cards there are."""
        self._till = till
        self._chance = chance
        self._counters = counters
        self._cards = cards
        self._receipts: list[str] = []

    def serve(self) -> None:
        """Serve one customer; raises what the use cases raise."""
        what: Sequence[Callable[[], None]] = (self._sell, self._pay_with_points, self._refund)
        self._chance.choices(what, (10, 4, 3))[0]()

    def is_far_ahead(self) -> bool:
        """Return whether much waits to be sent, as far as the machine lets it know."""
        try:
            return self._till.reporting.connection().waiting > _MOST_WAITING
        except sa.exc.DBAPIError:
            return False

    def _sell(self) -> None:
        card = self._card() if self._chance.random() < 0.8 else None
        self._complete(SaleOrder(self._basket(), card=card))

    def _pay_with_points(self) -> None:
        basket, card = self._basket(), self._card()
        lease = self._till.redeem.obtain(
            card, Points(self._chance.randint(1, max(1, basket.total.minor // 2))), basket.total
        )
        if self._chance.random() < 0.15:
            self._till.redeem.give_back(lease)
            return
        points = Points(self._chance.randint(1, lease.rest)) if lease.rest else NO_POINTS
        self._complete(SaleOrder(basket, card=card, points=points, backing=lease))

    def _refund(self) -> None:
        number = self._chance.choice(self._receipts or [""])
        if self._chance.random() < 0.3:
            number = f"{self._chance.randint(1, self._counters)}-{self._chance.randint(1, 400):06d}"
        sale = self._till.refunding.find(number)
        left = {line: pieces for line, pieces in enumerate(sale.remaining, 1) if pieces}
        line = self._chance.choice(sorted(left) or [1])
        pieces = {line: self._chance.randint(1, left.get(line, 1))}
        receipt = self._till.refunding.complete(RefundOrder(sale=sale, pieces=pieces))
        body = receipt.refund
        self._printed("refund", body.receipt, -body.total, -body.points_back, -body.clawed)

    def _complete(self, order: SaleOrder) -> None:
        receipt = self._till.ring_up.complete(order)
        body = receipt.sale
        self._printed("sale", body.receipt, body.total, body.points_paid, body.earned)
        self._receipts = [*self._receipts[-_REMEMBERED:], receipt.number]

    def _printed(self, kind: str, receipt: int, total: int, points: int, earned: int) -> None:
        say({kind: [self._till.identity.device_id.hex(), receipt, total, points, earned]})

    def _card(self) -> str:
        return f"C-{self._chance.randrange(self._cards)}"

    def _basket(self) -> Basket:
        money = self._till.identity.currency
        prices = [self._chance.choice((150, 999, 2500, 6000, 19_900)) for _ in range(self._chance.randint(1, 3))]
        lines = (
            LineItem(f"A-{price}", "Article", self._chance.randint(1, 4), UnitPrice(price, 2, money))
            for price in dict.fromkeys(prices)
        )
        return Basket(money, tuple(lines))


def main(arguments: Sequence[str]) -> int:
    """Open a counter and serve customers until SIGTERM."""
    parser = argparse.ArgumentParser("busy")
    parser.add_argument("folder", type=Path)
    parser.add_argument("passphrase", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("counters", type=int)
    parser.add_argument("cards", type=int)
    options = parser.parse_args(arguments)
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    try:
        counter = open_counter(options.folder, options.passphrase)
    except (DatabaseFileError, SchemaError, OSError, sa.exc.DBAPIError) as error:
        say({"no start": f"{type(error).__name__}: {error}"})
        return TROUBLE
    log_to(options.folder, "urs-desktop")
    try:
        with running(counter) as at_work:
            busy = Busy(at_work.till, random.Random(options.seed), options.counters, options.cards)
            _serve(busy, over)
    except sa.exc.DBAPIError as error:
        say({"no start": f"{type(error).__name__}: {error.orig}"})
        return TROUBLE
    finally:
        counter.store.close()
    return 0


def _serve(busy: Busy, over: threading.Event) -> None:
    """Serve customer after customer, and say now and then what came to nothing, by reason."""
    nothing: Counter[str] = Counter()
    while not over.is_set():
        reason = _attempt(busy.serve)
        if reason:
            nothing[reason] += 1
            say({"nothing": reason})
        if reason.startswith("machine"):
            over.wait(_AFTER_TROUBLE_SECONDS)
        if busy.is_far_ahead():
            over.wait(_AHEAD_SECONDS)


def _attempt(serve: Callable[[], Any]) -> str:
    try:
        serve()
    except Refusal as refusal:
        return f"refused {refusal.code}"
    except CentralUnavailableError:
        return "unavailable"
    except sa.exc.DBAPIError as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        return f"machine: {error.orig}"
    return ""

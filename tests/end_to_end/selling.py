"""A counter at work, as its window starts it but without the window: it sells when told to and says how long that took.

Run by tests.end_to_end.forking; reads commands from a named pipe, answers each with one line of JSON. Must never talk
to the central store but through the counter's own threads.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from tests.end_to_end.processes import say
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.use_cases.enrolling import NewCustomer
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.money import Money, parse_amount, parse_unit_price
from urs_desktop.domain.points import Points
from urs_desktop.domain.purchase import CardPayment
from urs_desktop.domain.refusals import Refusal
from urs_desktop.system.logs import log_to
from urs_desktop.wiring import open_counter, running

PRICE: Final = "30.00"
_MS: Final = 1_000_000


def milliseconds(work: Callable[[], object]) -> int:
    """Return how long some work took."""
    began = time.monotonic_ns()
    work()
    return (time.monotonic_ns() - began) // _MS


class Cashier:
    """Carries the commands out."""

    def __init__(self, till: Till) -> None:
        """Take the use cases of a counter at work."""
        self._till = till

    def sell(self, card: str, count: str) -> dict[str, Any]:
        """Sell to a customer some times over, in cash."""
        basket = self._basket()
        order = SaleOrder(basket, card=card)
        took = sorted(milliseconds(lambda: self._till.ring_up.complete(order)) for _ in range(int(count)))
        return {"slowest_ms": took[-1], "median_ms": took[len(took) // 2]}

    def points(self, card: str, want: str) -> dict[str, Any]:
        """Ask for points towards a sale, and sell for cash where there are none."""
        basket = self._basket()
        order, refused = SaleOrder(basket, card=card), ""
        began = time.monotonic_ns()
        try:
            lease = self._till.redeem.obtain(card, Points(int(want)), basket.total)
            order = SaleOrder(basket, card=card, points=lease.rest, backing=lease)
        except CentralUnavailableError:
            refused = "unavailable"
        except Refusal as refusal:
            refused = refusal.code.value
        waited = (time.monotonic_ns() - began) // _MS
        receipt = self._till.ring_up.complete(order)
        return {"refused": refused, "waited_ms": waited, "points_paid": receipt.sale.points_paid}

    def obtain(self, card: str, want: str) -> dict[str, Any]:
        """Ask for points, and leave the payment open."""
        return {"points": self._till.redeem.obtain(card, Points(int(want)), self._basket().total).rest}

    def hold(self, card: str) -> dict[str, Any]:
        """Put a sale aside."""
        return {"number": self._till.holding.hold(self._basket(), card).number}

    def recall(self, number: str) -> dict[str, Any]:
        """Take a held sale up again, and do nothing with it."""
        return {"card": self._till.holding.recall(int(number)).card}

    def pay_held(self, number: str) -> dict[str, Any]:
        """Take a held sale up again and complete it."""
        sale = self._till.holding.recall(int(number))
        return {"receipt": self._till.ring_up.complete(SaleOrder(sale.basket, sale.card, held=sale.number)).number}

    def held(self) -> dict[str, Any]:
        """Return which held sales wait."""
        return {"numbers": [sale.number for sale in self._till.holding.waiting()]}

    def enrol(self, phone: str, name: str, answer: str) -> dict[str, Any]:
        """Enrol a customer in person, who answers `yes` or `no`."""
        told = NewCustomer(phone, name, agreed=answer == "yes", wording="May we keep your name?")
        done = self._till.enrolling.enrol(told)
        return {"card": done.customer.card, "new": done.is_new}

    def statement(self, card: str) -> dict[str, Any]:
        """Return why a customer's points moved, and whether the central store says so."""
        told = self._till.statements.of(card)
        return {"whole": told.is_whole, "lines": [[line.reason.value, line.points] for line in told.lines]}

    def open_shift(self, opening: str) -> dict[str, Any]:
        """Open a shift with a float."""
        return {"shift": self._till.shifts.open(self._money(opening)).number}

    def move_cash(self, amount: str, reason: str) -> dict[str, Any]:
        """Pay cash in, or out below nothing."""
        return {"amount": self._till.shifts.pay(self._money(amount), reason).amount}

    def sell_by_card(self, card: str, by_card: str) -> dict[str, Any]:
        """Sell to a customer who pays a part by card and the rest in cash."""
        cards = (CardPayment(self._money(by_card), "T-1"),)
        return {"receipt": self._till.ring_up.complete(SaleOrder(self._basket(), card=card, cards=cards)).number}

    def refund(self, receipt: str) -> dict[str, Any]:
        """Refund a sale."""
        refunding = self._till.refunding
        return {"cash": refunding.complete(RefundOrder(refunding.find(receipt))).refund.cash_back}

    def close_shift(self, *counted: str) -> dict[str, Any]:
        """Close the shift with coins and notes, each as value in minor units and pieces."""
        pieces = [each.split("x") for each in counted]
        report = self._till.shifts.close({int(value): int(count) for value, count in pieces})
        return {"expected": report.expected, "difference": report.difference}

    def shift(self) -> dict[str, Any]:
        """Return the number of the shift that is open, or none."""
        current = self._till.shifts.current()
        return {"open": current.number if current else None}

    def state(self) -> dict[str, Any]:
        """Return what the status line shows, and how much of the processor this program has used so far."""
        connection = self._till.reporting.connection()
        return {"online": connection.online, "waiting": connection.waiting, "cpu_ms": time.process_time_ns() // _MS}

    def _money(self, amount: str) -> Money:
        sign, digits = (-1, amount[1:]) if amount.startswith("-") else (1, amount)
        return Money(sign * parse_amount(digits, self._till.identity.currency).minor, self._till.identity.currency)

    def _basket(self) -> Basket:
        line = LineItem("MUG", "Mug", 1, parse_unit_price(PRICE, self._till.identity.currency))
        return Basket(self._till.identity.currency).add(line)


def main(arguments: Sequence[str]) -> int:
    """Open a counter and carry out commands until `close`."""
    parser = argparse.ArgumentParser("sell")
    parser.add_argument("folder", type=Path)
    parser.add_argument("passphrase", type=Path)
    parser.add_argument("commands", type=Path)
    options = parser.parse_args(arguments)
    counter = open_counter(options.folder, options.passphrase)
    log = log_to(options.folder, "urs-desktop")
    at_work = running(counter)
    cashier = Cashier(at_work.__enter__().till)
    # Opened for both ways, so that the pipe does not end with its first writer.
    with os.fdopen(os.open(options.commands, os.O_RDWR)) as commands:
        say({})
        while (command := commands.readline().split()) != ["close"]:
            say(getattr(cashier, command[0])(*command[1:]))
    say({"ms": milliseconds(lambda: at_work.__exit__(None, None, None))})
    counter.store.close()
    log.close()
    return 0

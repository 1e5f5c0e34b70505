"""One Pay with points at a counter, by the parts that ship, which ends where it is told to: by SIGKILL.

Run by tests.end_to_end.forking. Must never catch what it does to itself, nor sell any other way than a screen does.
"""

import argparse
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import urllib3.connection

from tests.end_to_end.processes import say
from urs_desktop.counter.sync.link import CentralLink
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import parse_unit_price
from urs_desktop.domain.points import Points
from urs_desktop.protocol.messages import (
    CustomerReply,
    CustomerRequest,
    GrantReply,
    GrantRequest,
    SaleReply,
    SaleRequest,
)
from urs_desktop.wiring import OpenCounter, open_counter

STEPS: Final = (
    "grant-in-transaction",  # the grant is written, not committed
    "grant-stored",  # committed, not sent
    "grant-sent",  # sent, not answered
    "granted",  # answered, not stored
    "reply-stored",  # points in hand, no sale yet
    "sale-uncommitted",  # everything of the sale is written, not committed
    "sale-committed",  # on disk, no receipt yet
)
STATEMENT: Final = "sale-statement-"
"""With a number: after that many statements of the sale's transaction."""


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


class Victim:
    """Dies at the step it was given, and counts the statements of the sale's transaction."""

    def __init__(self, engine: sa.Engine, step: str) -> None:
        """Watch the engine of a counter's database."""
        self.statements = 0
        self._step = step
        self._phase = ""
        sa.event.listen(engine, "after_cursor_execute", self._after_statement)
        sa.event.listen(engine, "commit", self._before_commit)

    def at(self, step: str) -> None:
        """Die here, if this is the step."""
        if step == self._step:
            die()

    def during(self, phase: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the work gives
        """Do work whose transaction is called `phase`."""
        self._phase = phase
        try:
            return work()
        finally:
            self._phase = ""

    def _after_statement(self, *_: object) -> None:
        if self._phase == "sale":
            self.statements += 1
            self.at(f"{STATEMENT}{self.statements}")

    def _before_commit(self, _: sa.Connection) -> None:
        self.at({"grant": "grant-in-transaction", "sale": "sale-uncommitted"}.get(self._phase, "none"))


class MortalCentral:
    """The way to the central store, on which the victim may die before, during or after a grant."""

    def __init__(self, link: CentralLink, victim: Victim, hang: int | None) -> None:
        """Take the real link, and the process id of a central store that shall hang when it is asked."""
        self._link = link
        self._hang = hang
        self._victim = victim

    def grant(self, request: GrantRequest) -> GrantReply:
        """Ask for points."""
        self._link.push_all()  # opens the session, so that the next request on the wire is the grant
        self._victim.at("grant-stored")
        if self._hang is not None:
            os.kill(self._hang, signal.SIGSTOP)
        with_answer = urllib3.connection.HTTPConnection.getresponse

        def getresponse(connection: Any) -> Any:  # noqa: ANN401 - urllib3's own
            self._victim.at("grant-sent")
            return with_answer(connection)

        urllib3.connection.HTTPConnection.getresponse = getresponse  # type: ignore[assignment,method-assign]
        try:
            reply = self._link.grant(request)
        finally:
            urllib3.connection.HTTPConnection.getresponse = with_answer  # type: ignore[method-assign]
        self._victim.at("granted")
        return reply

    def customer(self, request: CustomerRequest) -> CustomerReply:
        """Look a customer up."""
        return self._link.customer(request)

    def sale(self, request: SaleRequest) -> SaleReply:
        """Find a sale."""
        return self._link.sale(request)


class DyingRedeem(Redeem):
    """Redeeming as it ships, which tells the victim when its first transaction begins."""

    victim: Victim

    def prepare(self, card: str, want: Points, total: Any) -> GrantRequest:  # noqa: ANN401 - as the method it wraps
        """Store that a grant is about to be asked for."""
        request: GrantRequest = self.victim.during("grant", lambda: super(DyingRedeem, self).prepare(card, want, total))
        return request


def pay(counter: OpenCounter, card: str, price: str, want: int, step: str, hang: int | None) -> dict[str, Any]:
    """Sell one article to a customer, with points if any are wanted; returns what the receipt says."""
    victim = Victim(counter.store.database.engine, step)
    gbp = currency("GBP")
    line = LineItem("MUG", "Mug", 1, parse_unit_price(price, gbp))
    basket = Basket(gbp).add(line)
    order = SaleOrder(basket, card=card)
    link = counter.link()
    if want:
        redeem = DyingRedeem(counter.store, counter.recorder, MortalCentral(link, victim, hang))
        redeem.victim = victim
        lease = redeem.obtain(card, Points(want), basket.total)
        victim.at("reply-stored")
        order = SaleOrder(basket, card=card, points=lease.rest, backing=lease)
    ring_up = RingUp(counter.store, counter.recorder)
    receipt = victim.during("sale", lambda: ring_up.complete(order))
    victim.at("sale-committed")
    link.close()
    return {
        "number": receipt.number,
        "earned": receipt.sale.earned,
        "points_paid": receipt.sale.points_paid,
        "statements": victim.statements,
    }


def main(arguments: Sequence[str]) -> int:
    """Pay once and print the receipt, or die on the way."""
    parser = argparse.ArgumentParser("pay")
    parser.add_argument("folder", type=Path)
    parser.add_argument("passphrase", type=Path)
    parser.add_argument("card")
    parser.add_argument("price")
    parser.add_argument("want", type=int)
    parser.add_argument("--die-at", default="never")
    parser.add_argument("--hang", type=int, metavar="PID")
    options = parser.parse_args(arguments)
    counter = open_counter(options.folder, options.passphrase)
    try:
        receipt = pay(counter, options.card, options.price, options.want, options.die_at, options.hang)
    finally:
        counter.store.close()
    say(receipt)
    return 0

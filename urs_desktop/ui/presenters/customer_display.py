"""What the customer sees on their own screen: a frozen state made from the sell screen's, of what concerns them alone.

Must never hold a notice to the cashier, a search, a phone number, a family name, a card payment's reference or anything
of another customer; nor reckon: what it shows, the sell screen's state holds already.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import Money
from urs_desktop.domain.text import looks_like_payment_card
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.formatting import NO_AGE, Age, Formats
from urs_desktop.ui.presenters.sell_state import PAYMENT, CartLine, CustomerCard, Phase, SellState
from urs_desktop.ui.presenters.watched import Watched

THANKS_STAY_MS: Final = 20_000
"""How long the thanks stay after a sale; then the display waits for the next customer."""


class Scene(StrEnum):
    """What the display is about."""

    WELCOME = "welcome"
    SALE = "sale"
    PAYING = "paying"
    CONSENT = "consent"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class DisplayLine:
    """One line of the sale; `list_price` where another is charged, `discount` what is taken off."""

    description: str
    quantity: str
    total: str
    list_price: str = ""
    discount: str = ""


@dataclass(frozen=True, slots=True)
class Wallet:
    """The customer: first name (may be empty), points and their worth (empty when not known here) and how old that is.

    `asking` while the central store is looking.
    """

    first_name: str = ""
    points: str = ""
    worth: str = ""
    age: Age = NO_AGE
    asking: bool = False


@dataclass(frozen=True, slots=True)
class DisplayState:
    """Everything the customer display shows; `newest` is the line that changed last.

    `due` is what is left to pay, `paid` what has been paid by kind (`points`, `card`). `consent` are the points the
    customer is asked about and their worth. `earned` and `code` are those of the sale just made: the card code for the
    customer's phone, empty where there is none to show.
    """

    scene: Scene = Scene.WELCOME
    vendor: str = ""
    lines: tuple[DisplayLine, ...] = ()
    newest: int | None = None
    total: str = ""
    discount: str = ""
    tax: str = ""
    earns: str = ""
    earns_is_sure: bool = False
    wallet: Wallet | None = None
    due: str = ""
    paid: tuple[tuple[str, str], ...] = ()
    change: str = ""
    consent: tuple[str, str] | None = None
    earned: str = ""
    code: str = ""


def display_state(sell: SellState, newest: int | None = None) -> DisplayState:
    """Return what the customer sees of the sell screen's state; `newest` is the place of the line that changed last."""
    if sell.receipt is not None and sell.phase is Phase.RECEIPT:
        return _thanks(sell)
    if not sell.lines and sell.customer is None:
        return DisplayState(vendor=sell.status.vendor)
    totals, pay = sell.totals, sell.pay
    consent = pay.consent if pay else None
    paying = sell.phase in PAYMENT and pay is not None
    asked = consent is not None and consent.on_display
    return DisplayState(
        scene=Scene.CONSENT if asked else Scene.PAYING if paying else Scene.SALE,
        vendor=sell.status.vendor,
        lines=tuple(_line(line) for line in sell.lines),
        newest=newest if newest is not None and newest < len(sell.lines) else None,
        total=totals.total,
        discount=totals.discount,
        tax=totals.tax,
        earns=totals.earns if totals.has_policy and totals.earns != "0" else "",
        earns_is_sure=totals.earns_is_sure,
        wallet=_wallet(sell.customer),
        due=(pay.rounded or pay.due) if pay else "",
        paid=_paid(sell),
        change=pay.change if pay else "",
        consent=(consent.points, consent.worth) if asked and consent else None,
    )


def sample(vendor: str, word: str, formats: Formats, currency: Currency) -> DisplayState:
    """Return a sale that is none, to see whether the display is where it should be; `word` says so on each line."""
    first, second, total = (formats.money(Money(minor, currency)) for minor in (1_00, 24_68, 25_68))
    lines = (DisplayLine(word, "1", first), DisplayLine(word, "2", second))
    return DisplayState(Scene.SALE, vendor, lines, newest=1, total=total, earns=formats.number(25))


def _line(line: CartLine) -> DisplayLine:
    return DisplayLine(line.description, line.quantity, line.total, line.list_price, line.discount)


def _paid(sell: SellState) -> tuple[tuple[str, str], ...]:
    pay = sell.pay
    if pay is None:
        return ()
    points = (("points", pay.points_worth),) if pay.points_worth else ()
    return (*points, *(("card", amount) for amount, _ in pay.cards))


def _wallet(customer: CustomerCard | None) -> Wallet | None:
    if customer is None:
        return None
    return Wallet(_first_name(customer.name), customer.points, customer.worth, customer.age, customer.asking)


def _first_name(name: str) -> str:
    """Return the first word of a name, behind the comma where the family name stands before one."""
    given = name.rpartition(",")[2] or name
    return (given.split() or [""])[0]


def _thanks(sell: SellState) -> DisplayState:
    receipt = sell.receipt
    if receipt is None:
        return DisplayState(vendor=sell.status.vendor)
    return DisplayState(
        scene=Scene.THANKS,
        vendor=sell.status.vendor,
        total=receipt.total,
        discount=receipt.discount,
        tax=sell.totals.tax,
        wallet=_wallet(sell.customer),
        paid=tuple((kind, amount) for kind, amount in receipt.tenders if kind != "cash"),
        change=receipt.change if receipt.has_change else "",
        earned=receipt.earned if receipt.card and receipt.earned != "0" else "",
        code="" if looks_like_payment_card(receipt.card) else receipt.card,
    )


def newest_line(before: tuple[CartLine, ...], after: tuple[CartLine, ...], newest: int | None) -> int | None:
    """Return the place of the line that was added or changed last; `newest` is the answer for `before`.

    A line that is taken away makes none newest: the one that was stays, if it is still there.
    """
    if len(after) < len(before):
        kept = before[newest] if newest is not None and newest < len(before) else None
        return after.index(kept) if kept in after else None
    changed = [place for place, line in enumerate(after) if place >= len(before) or line != before[place]]
    return changed[-1] if changed else newest


class DisplayPresenter(Watched[DisplayState]):
    """Presents the sale in hand to the customer."""

    def __init__(self, clock: Clock, pressed: Callable[[bool], None]) -> None:
        """Take the clock and who takes the customer's answer."""
        super().__init__(DisplayState())
        self._clock = clock
        self._pressed = pressed
        self._sell: SellState | None = None
        self._newest: int | None = None
        self._thanked_at = 0
        self._shut = False
        self._tried: DisplayState | None = None

    def try_out(self, state: DisplayState | None) -> None:
        """Show this instead of the sale in hand until None comes; what the customer is asked goes before."""
        self._tried = state
        self._publish()

    def sold(self, sell: SellState) -> None:
        """Take the sell screen's state; it comes at every change, and at least about once a second."""
        before = self._sell
        lines = before.lines if before is not None and before.phase is not Phase.RECEIPT else ()
        self._newest = newest_line(lines, sell.lines, self._newest)
        if sell.phase is Phase.RECEIPT and (before is None or before.phase is not Phase.RECEIPT):
            self._thanked_at = self._clock.now()
        self._sell = sell
        self._publish()

    def shut(self, *, is_shut: bool) -> None:
        """Take whether the counter is locked: nothing of a sale is shown then."""
        if is_shut != self._shut:
            self._shut = is_shut
            self._publish()

    def _publish(self) -> None:
        if self._sell is None:
            return
        state = display_state(self._sell, self._newest)
        over = state.scene is Scene.THANKS and self._clock.now() - self._thanked_at >= THANKS_STAY_MS
        if self._tried is not None and state.scene is not Scene.CONSENT:
            state = self._tried
        elif self._shut or over:
            state = DisplayState(vendor=state.vendor)
        if state != self.state:
            self._show(state)

    def answer(self, *, yes: bool) -> None:
        """Take what the customer pressed; where nobody asks it means nothing."""
        if self.state.scene is Scene.CONSENT:
            self._pressed(yes)

"""What the refund room shows, whole and frozen: the widgets render it and know nothing else.

Figures are formatted text, words are codes. Must never hold anything a widget could change.
"""

from dataclasses import dataclass
from enum import StrEnum

from urs_desktop.ui.presenters.notices import Notice


class RefundPhase(StrEnum):
    """Where a refund stands; only CHOOSING leads to COMPLETING, and only its result leads out of it."""

    LOOKING = "looking"
    FINDING = "finding"
    CHOOSING = "choosing"
    COMPLETING = "completing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RefundLineView:
    """One line of the sale: pieces sold, already back, chosen to come back now out of `left`, and what that gives."""

    description: str
    sold: str
    back: str
    left: int
    chosen: int
    worth: str


@dataclass(frozen=True, slots=True)
class QuoteView:
    """What the refund gives and takes, before anything is confirmed; empty text where there is nothing of it.

    `cash` goes back in money, `points` to the wallet, `clawed` points earned are taken back, `owed` of them the
    customer no longer has; `tax` is what of the total is tax.
    """

    total: str
    cash: str
    points: str = ""
    clawed: str = ""
    owed: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True)
class RefundDoneView:
    """A refund that is on disk, by its number as printed."""

    number: str
    sale_number: str
    total: str
    cash: str
    points: str
    clawed: str
    customer: str = ""


@dataclass(frozen=True, slots=True)
class RefundState:
    """Everything the refund room shows.

    `found` are receipts as rows (number, moment, total, customer); `number`, `moment` and `customer` are the sale's.
    `confirmed` whether the central store said which refunds it knows.
    """

    phase: RefundPhase = RefundPhase.LOOKING
    text: str = ""
    found: tuple[tuple[str, ...], ...] = ()
    number: str = ""
    moment: str = ""
    customer: str = ""
    lines: tuple[RefundLineView, ...] = ()
    selected: int | None = None
    quote: QuoteView | None = None
    confirmed: bool = False
    done: RefundDoneView | None = None
    notice: Notice | None = None

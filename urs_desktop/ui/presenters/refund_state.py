"""What the refund room shows, whole and frozen: the widgets render it and know nothing else.

Figures are formatted text, words are codes. Must never hold anything a widget could change.
"""

from dataclasses import dataclass
from enum import StrEnum

from urs_desktop.ui.presenters.notices import Notice


class RefundPhase(StrEnum):
    """Where a refund stands; GATHERING goods without a receipt.

    Only CHOOSING and GATHERING lead to COMPLETING, and only its result leads out of it.
    """

    LOOKING = "looking"
    FINDING = "finding"
    CHOOSING = "choosing"
    GATHERING = "gathering"
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

    `cash` goes back in money, `card` by the terminal, `points` to the wallet; `clawed` points earned are taken back,
    `owed` of them the customer no longer has; `tax` is what of the total is tax.
    """

    total: str
    cash: str
    card: str = ""
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
    card: str = ""


@dataclass(frozen=True, slots=True)
class RefundState:
    """Everything the refund room shows.

    `found` are receipts as rows (number, moment, total, customer); `number`, `moment` and `customer` are the sale's.
    `confirmed` whether the central store said which refunds it knows. `may_use_card` whether a terminal took some of
    the money, `by_card` whether it gives it back, with `reference`.
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
    may_use_card: bool = False
    by_card: bool = False
    reference: str = ""
    done: RefundDoneView | None = None
    notice: Notice | None = None

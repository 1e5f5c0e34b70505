"""A purchase settled: who paid what with which tender, and the points it earns.

The arithmetic of ledger.md's "Rules": points are a tender, never a discount; what is earned follows from what was paid
otherwise. Must never refuse a purchase that has been paid: every check comes before.
"""

from dataclasses import dataclass
from enum import StrEnum

from urs_desktop.domain import rounding
from urs_desktop.domain.basket import Basket
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points, value_of
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.pricing import Priced
from urs_desktop.domain.refusals import Refusal, RefusalCode


def printed(counter: int, receipt: int) -> str:
    """Return a receipt's number as it is printed."""
    return f"{counter}-{receipt:06d}"


class TenderKind(StrEnum):
    """A means of payment."""

    CASH = "cash"
    CARD = "card"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Tender:
    """One payment line: `amount` of the total it covers, `tendered` what the customer handed over.

    `reference` is what the card terminal printed, never a card number.
    """

    kind: TenderKind
    amount: Money
    tendered: Money
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CardPayment:
    """A part of the total that an external terminal took, with its `reference`; never a card number."""

    amount: Money
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """A settled purchase. `total` = `points_paid` + `cash_paid`; `shares` are the earned points line by line.

    `priced` is what each line comes to; `rounding` what rounding adds to the cash that is taken, in minor units.
    """

    basket: Basket
    priced: tuple[Priced, ...]
    total: Money
    tenders: tuple[Tender, ...]
    points_paid: Points
    earned: Points
    shares: tuple[int, ...]
    policy: RewardPolicy | None
    rounding: int = 0

    @property
    def cash_paid(self) -> Money:
        """The part of the total that was not paid with points: in cash or by card."""
        return self.total - value_of(self.points_paid, self.total.currency)

    @property
    def change(self) -> Money:
        """What goes back to the customer in cash."""
        over = sum(tender.tendered.minor - tender.amount.minor for tender in self.tenders)
        return Money(over - self.rounding, self.total.currency)


def round_cash(due: Money, step: int) -> Money:
    """Return what is taken in cash for `due`: the nearest multiple of the smallest coin, halves up."""
    return Money(rounding.half_up(due.minor, step) * step, due.currency)


def redemption_cap(total: Money, category: Category, policy: RewardPolicy | None, spendable: Points) -> Points:
    """Return the most points this customer may pay with now: min(spendable, the policy's share of the total)."""
    if not category.redeems or policy is None:
        return NO_POINTS
    return Points(min(spendable, policy.redeemable(total)))


def check_redemption(points: Points, total: Money, category: Category, policy: RewardPolicy | None) -> None:
    """Refuse points as a tender where the programme does not allow them; the counter and the grant both ask here.

    Raises Refusal(POINTS_NOT_REDEEMED_HERE) at small vendors and where no policy holds, Refusal(POINTS_OVER_CAP)
    beyond the policy's share of the total or for a number below one.
    """
    if not category.redeems or policy is None:
        raise Refusal(RefusalCode.POINTS_NOT_REDEEMED_HERE, category=category.value)
    cap = policy.redeemable(total)
    if not 0 < points <= cap:
        raise Refusal(RefusalCode.POINTS_OVER_CAP, points=points, cap=cap)


def settle(
    basket: Basket,
    *,
    category: Category,
    policy: RewardPolicy | None,
    has_customer: bool,
    points: Points = NO_POINTS,
    cards: tuple[CardPayment, ...] = (),
    cash_tendered: Money | None = None,
    cash_step: int = 1,
) -> Purchase:
    """Settle a basket with `points`, `cards` and cash; `cash_tendered` None means exactly what is left.

    Cash is rounded to `cash_step` minor units. A purchase without a customer earns nobody points. Raises
    Refusal(BASKET_EMPTY), POINTS_WITHOUT_CUSTOMER, POINTS_NOT_REDEEMED_HERE, POINTS_OVER_CAP, CURRENCIES_MIXED,
    PAYMENT_OVER for more by card than is left, or PAYMENT_SHORT.
    """
    if not basket.lines:
        raise Refusal(RefusalCode.BASKET_EMPTY)
    priced, total = basket.priced(), basket.total
    if points:
        if not has_customer:
            raise Refusal(RefusalCode.POINTS_WITHOUT_CUSTOMER)
        check_redemption(points, total, category, policy)
    due = total - value_of(points, total.currency)
    in_cash = _left_after(cards, due)
    rounded = round_cash(in_cash, cash_step)
    handed = rounded if cash_tendered is None else cash_tendered
    missing = (rounded - handed).minor
    if missing > 0:
        raise Refusal(RefusalCode.PAYMENT_SHORT, missing=missing)
    earned = policy.earn(due) if policy is not None and has_customer else NO_POINTS
    return Purchase(
        basket=basket,
        priced=priced,
        total=total,
        tenders=_tenders(points, cards, in_cash, handed),
        points_paid=points,
        earned=earned,
        shares=rounding.largest_remainder(earned, [each.total for each in priced]),
        policy=policy,
        rounding=(rounded - in_cash).minor,
    )


def _left_after(cards: tuple[CardPayment, ...], due: Money) -> Money:
    """Return what is left to take in cash once the cards have paid."""
    for card in cards:
        if card.amount.minor <= 0 or card.amount.minor > due.minor:
            raise Refusal(RefusalCode.PAYMENT_OVER, amount=card.amount.minor, due=due.minor)
        due -= card.amount
    return due


def _tenders(points: Points, cards: tuple[CardPayment, ...], in_cash: Money, handed: Money) -> tuple[Tender, ...]:
    tenders: list[Tender] = []
    if points:
        worth = value_of(points, in_cash.currency)
        tenders.append(Tender(TenderKind.POINTS, worth, worth))
    tenders += [Tender(TenderKind.CARD, card.amount, card.amount, card.reference) for card in cards]
    if in_cash.minor or handed.minor:
        tenders.append(Tender(TenderKind.CASH, in_cash, handed))
    return tuple(tenders)

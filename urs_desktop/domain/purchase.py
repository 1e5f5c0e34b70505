"""A purchase settled: who paid what with which tender, and the points it earns.

The arithmetic of ledger.md's "Rules": points are a tender, never a discount; what is earned follows from what was paid
otherwise. Must never refuse a purchase that has been paid: every check comes before.
"""

from dataclasses import dataclass
from enum import StrEnum

from urs_desktop.domain import rounding
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points, value_of
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode


class TenderKind(StrEnum):
    """A means of payment."""

    CASH = "cash"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Tender:
    """One payment line: `amount` of the total it covers, `tendered` what the customer handed over (>= amount)."""

    kind: TenderKind
    amount: Money
    tendered: Money

    @property
    def change(self) -> Money:
        """What goes back to the customer."""
        return self.tendered - self.amount


@dataclass(frozen=True, slots=True)
class Purchase:
    """A settled purchase. `total` = `points_paid` + `cash_paid`; `shares` are the earned points line by line."""

    lines: tuple[LineItem, ...]
    total: Money
    tenders: tuple[Tender, ...]
    points_paid: Points
    earned: Points
    shares: tuple[int, ...]
    policy: RewardPolicy | None

    @property
    def cash_paid(self) -> Money:
        """The part of the total that was not paid with points."""
        return self.total - value_of(self.points_paid, self.total.currency)

    @property
    def change(self) -> Money:
        """What goes back to the customer over all tenders."""
        tenders = [tender.change for tender in self.tenders]
        return Money(sum(change.minor for change in tenders), self.total.currency)


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
    cash_tendered: Money | None = None,
) -> Purchase:
    """Settle a basket with `points` and cash; `cash_tendered` None means exact.

    A purchase without a customer earns nobody points. Raises Refusal(BASKET_EMPTY), POINTS_WITHOUT_CUSTOMER,
    POINTS_NOT_REDEEMED_HERE, POINTS_OVER_CAP, CURRENCIES_MIXED or PAYMENT_SHORT.
    """
    if not basket.lines:
        raise Refusal(RefusalCode.BASKET_EMPTY)
    total = basket.total
    if points:
        if not has_customer:
            raise Refusal(RefusalCode.POINTS_WITHOUT_CUSTOMER)
        check_redemption(points, total, category, policy)
    due = total - value_of(points, total.currency)
    handed = due if cash_tendered is None else cash_tendered
    missing = (due - handed).minor
    if missing > 0:
        raise Refusal(RefusalCode.PAYMENT_SHORT, missing=missing)
    earned = policy.earn(due) if policy is not None and has_customer else NO_POINTS
    return Purchase(
        lines=basket.lines,
        total=total,
        tenders=_tenders(points, due, handed),
        points_paid=points,
        earned=earned,
        shares=rounding.largest_remainder(earned, [line.total.minor for line in basket.lines]),
        policy=policy,
    )


def _tenders(points: Points, due: Money, handed: Money) -> tuple[Tender, ...]:
    tenders: list[Tender] = []
    if points:
        worth = value_of(points, due.currency)
        tenders.append(Tender(TenderKind.POINTS, worth, worth))
    if due.minor or handed.minor:
        tenders.append(Tender(TenderKind.CASH, due, handed))
    return tuple(tenders)

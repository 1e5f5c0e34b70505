"""Figures about the sale in hand that its rules give: what it earns, how many points it may take, and why none.

Asks the domain, never repeats it. Must never change the draft.
"""

from urs_desktop.counter.use_cases.redeem import NOTHING_HERE, Here
from urs_desktop.counter.use_cases.reporting import Connection
from urs_desktop.counter.values import Customer, Identity
from urs_desktop.domain.currency import cash_step
from urs_desktop.domain.money import Money, parse_amount
from urs_desktop.domain.points import NO_POINTS, Points, value_of
from urs_desktop.domain.purchase import Purchase, redemption_cap, round_cash, settle
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.sale_draft import Draft


def preview(draft: Draft, identity: Identity) -> Purchase | None:
    """Return the sale as if a known customer paid now with the points applied so far; None for an empty cart."""
    try:
        return settle(
            draft.basket,
            category=identity.category,
            policy=draft.policy,
            has_customer=True,
            points=draft.payment.points,
            cards=draft.payment.cards,
        )
    except Refusal:
        return None


def left_to_pay(draft: Draft) -> Money:
    """Return what is left to pay once the points set aside and the cards have paid."""
    cards = Money(sum(card.amount.minor for card in draft.payment.cards), draft.basket.currency)
    return draft.basket.total - value_of(draft.payment.points, draft.basket.currency) - cards


def cash_due(draft: Draft) -> Money:
    """Return what is taken in cash for what is left: rounded to the smallest coin."""
    return round_cash(left_to_pay(draft), cash_step(draft.basket.currency))


def card_offer(draft: Draft) -> Money:
    """Return what a card would pay now: all that is left, less the cash typed that does not cover it."""
    left = left_to_pay(draft)
    try:
        cash = parse_amount(draft.payment.cash_text, left.currency)
    except Refusal:
        return left
    return left - cash if 0 < cash.minor < left.minor else left


def most_points(draft: Draft, identity: Identity, *, by_phone: bool = False) -> Points:
    """Return the most points this customer may pay with; with an unknown balance the policy's share of the total.

    Without a connection those that can be spent here, unless they are asked for `by_phone`.
    """
    customer = draft.customer.customer if draft.customer else None
    if customer is None or draft.policy is None:
        return NO_POINTS
    allowed = draft.policy.redeemable(draft.basket.total)
    held = max(draft.payment.backing.rest, here(draft).points)
    available = allowed if customer.available is None else customer.available
    most = held if alone(draft.connection) and not by_phone else max(available, held)
    by_card = sum(card.amount.minor for card in draft.payment.cards)
    left = min(most, draft.basket.total.minor - by_card)
    return redemption_cap(draft.basket.total, identity.category, draft.policy, Points(left))


def here(draft: Draft) -> Here:
    """Return what the customer can spend at this counter without a connection."""
    return draft.customer.here if draft.customer else NOTHING_HERE


def may_carry(draft: Draft, identity: Identity) -> bool:
    """Return whether the customer's phone may ask for points, because this counter cannot and has too few itself."""
    customer = draft.customer.customer if draft.customer else None
    fenced = draft.connection is not None and draft.connection.fenced
    if customer is None or draft.policy is None or not identity.category.redeems or fenced:
        return False
    more = most_points(draft, identity, by_phone=True) > here(draft).points
    return alone(draft.connection) and not draft.payment.backing.rest and more


def alone(connection: Connection | None) -> bool:
    """Return whether the central store cannot be asked now; a counter that has never met it may try."""
    return connection is not None and connection.last_sync is not None and not connection.online


def why_no_points(draft: Draft, identity: Identity) -> RefusalCode | None:
    """Return why points cannot pay for this sale now, or None when they can be asked for."""
    if not identity.category.redeems:
        return RefusalCode.POINTS_NOT_REDEEMED_HERE
    if draft.customer is None or draft.customer.customer is None:
        return RefusalCode.POINTS_WITHOUT_CUSTOMER
    if draft.customer.customer.blocked:
        return RefusalCode.CUSTOMER_BLOCKED
    if draft.policy is None:
        return RefusalCode.POLICY_MISSING
    if draft.connection is not None and draft.connection.fenced:
        return RefusalCode.COUNTER_FENCED
    return _why_none_left(draft, draft.customer.customer)


def _why_none_left(draft: Draft, customer: Customer) -> RefusalCode | None:
    """Return why there are no points to ask for, here or at the central store."""
    if max(draft.payment.backing.rest, here(draft).points):
        return None
    if customer.available == 0:
        return RefusalCode.POINTS_NOT_AVAILABLE
    return RefusalCode.POINTS_NEED_CONNECTION if alone(draft.connection) else None

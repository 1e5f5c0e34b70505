"""Figures about the sale in hand that its rules give: what it earns, how many points it may take, and why none.

Asks the domain, never repeats it. Must never change the draft.
"""

from urs_desktop.counter.use_cases.reporting import Connection
from urs_desktop.counter.values import Identity
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points, value_of
from urs_desktop.domain.purchase import Purchase, redemption_cap, settle
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
        )
    except Refusal:
        return None


def left_to_pay(draft: Draft) -> Money:
    """Return what is left to pay in cash once the points set aside have paid."""
    return draft.basket.total - value_of(draft.payment.points, draft.basket.currency)


def most_points(draft: Draft, identity: Identity) -> Points:
    """Return the most points this customer may pay with; with an unknown balance the policy's share of the total."""
    customer = draft.customer.customer if draft.customer else None
    if customer is None or draft.policy is None:
        return NO_POINTS
    allowed = draft.policy.redeemable(draft.basket.total)
    available = allowed if customer.available is None else customer.available
    held = draft.payment.lease.rest if draft.payment.lease else NO_POINTS
    return redemption_cap(draft.basket.total, identity.category, draft.policy, Points(max(available, held)))


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
    if draft.customer.customer.available == 0 and draft.payment.lease is None:
        return RefusalCode.POINTS_NOT_AVAILABLE
    return _why_no_grant(draft.connection)


def _why_no_grant(connection: Connection | None) -> RefusalCode | None:
    """Return why the central store cannot be asked; a counter that has never met it may try."""
    if connection is None:
        return None
    if connection.fenced:
        return RefusalCode.COUNTER_FENCED
    offline = connection.last_sync is not None and not connection.online
    return RefusalCode.POINTS_NEED_CONNECTION if offline else None

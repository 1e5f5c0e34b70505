"""A sale arrives: it is stored as it is on the receipt, and its points are posted as the programme's rules say.

Points are recomputed with the policy version the receipt names. Must never refuse a sale: what does not fit is posted
as the rules say and marked with a code, the receipt stays what it was.
"""

from dataclasses import replace
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import customers, erased, floor, leases, merged, points, policies, records, refunds, rows
from urs_desktop.central.origin import ADJUSTED, Origin, Outcome
from urs_desktop.central.schema import tenders, transaction_lines, transactions
from urs_desktop.domain.currency import Currency, currency
from urs_desktop.domain.money import MAX_MINOR, Money, unit_price
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import ENGINE_VERSION, RewardPolicy
from urs_desktop.domain.pricing import price, tax_rate
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import card_code
from urs_desktop.protocol.operations import PricedLine, PricedSaleBody, SaleBody

POINTS_DIFFER: Final = "points_differ"
"""The rules give other points than the receipt promises."""

ENGINE_UNKNOWN: Final = "engine_unknown"
"""The receipt was reckoned by an arithmetic this store does not have: nothing was posted."""

LINES_INCONSISTENT: Final = "lines_inconsistent"
TENDERS_INCONSISTENT: Final = "tenders_inconsistent"
SHARES_INCONSISTENT: Final = "shares_inconsistent"
SPENDS_INCONSISTENT: Final = "spends_inconsistent"
"""The receipt's lines, tenders, shares or spends do not add up to its totals."""

POINTS_LATE: Final = "points_late"
"""Points were paid with that no open lease covers: the vendor gave them."""


def apply_sale(connection: sa.Connection, origin: Origin, body: SaleBody) -> Outcome:
    """Store a sale and post its points; the code of the outcome is the first thing that did not fit."""
    _check_range(body)
    customer_id, card_problem = _customer(connection, origin, body)
    policy = policies.cited(connection, origin, body.policy, body.recorded_at)
    origin = replace(origin, policy=policy.reference() if policy else None)
    posted, points_problem = _earned(origin, body, policy, has_customer=customer_id is not None and not card_problem)
    _store(connection, origin, body, customer_id, posted)
    if posted and policy is not None:
        points.earn(connection, origin.cause(customer_id), posted, policy)
    late = _settle(connection, origin, body, customer_id)
    refunds.post_waiting(connection, origin)
    problems = [card_problem, points_problem, *_inconsistencies(body), POINTS_LATE if late else ""]
    code = next((problem for problem in problems if problem), "")
    return Outcome(ADJUSTED, code) if code else Outcome()


def _check_range(body: SaleBody) -> None:
    """Park what no till can have rung up: sums over such figures would overflow. Raises AMOUNT_OUT_OF_RANGE."""
    figures = [body.total, body.points_paid, body.earned]
    figures += [figure for line in body.lines for figure in (line.quantity, line.total, line.earned)]
    figures += [figure for tender in body.tenders for figure in (tender.amount, tender.tendered)]
    figures += [figure for spend in body.spends for figure in (spend.points, spend.returned)]
    if any(abs(figure) >= MAX_MINOR for figure in figures):
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=MAX_MINOR - 1)


def _customer(connection: sa.Connection, origin: Origin, body: SaleBody) -> tuple[str | None, str]:
    if body.card is None:
        return None, ""
    try:
        card = card_code(body.card)
        return customers.at_counter(connection, origin, card), ""
    except Refusal as refusal:
        return _tombstone(connection, body.card, refusal), refusal.code


def _tombstone(connection: sa.Connection, card: str, refusal: Refusal) -> str | None:
    """Return the tombstone of whoever had the card: what a lease of theirs paid for settles, and nothing is earned."""
    if refusal.code is not RefusalCode.CUSTOMER_ERASED:
        return None
    number = erased.by_card(connection, card_code(card))
    return None if number is None else merged.end(connection, number)


def _earned(origin: Origin, body: SaleBody, policy: RewardPolicy | None, *, has_customer: bool) -> tuple[Points, str]:
    if not has_customer:
        return NO_POINTS, RefusalCode.POINTS_WITHOUT_CUSTOMER if body.earned else ""
    if body.policy is None:
        return NO_POINTS, RefusalCode.POLICY_UNKNOWN if body.earned else ""
    if body.currency != origin.counter.vendor.currency:
        return NO_POINTS, RefusalCode.CURRENCIES_MIXED
    if policy is None:
        return NO_POINTS, RefusalCode.POLICY_UNKNOWN
    if body.engine != ENGINE_VERSION:
        return NO_POINTS, ENGINE_UNKNOWN
    base = Money(body.total - max(0, body.points_paid), currency(body.currency))
    posted = policy.earn(base)
    return posted, "" if posted == body.earned else POINTS_DIFFER


def _settle(connection: sa.Connection, origin: Origin, body: SaleBody, customer_id: str | None) -> bool:
    """Book the points paid with; return whether any were not covered by a lease."""
    unbooked = max(0, body.points_paid)
    covered = True
    for spend in body.spends:
        if spend.lease:
            booked, backed = leases.settle(connection, origin, customer_id, spend, unbooked)
        else:
            booked = Points(max(0, min(spend.points, unbooked)))
            backed = floor.settle(connection, origin, customer_id, booked)
        unbooked -= booked
        covered = covered and backed == booked
    leases.book_late(connection, origin, customer_id, unbooked)
    return not covered or unbooked > 0


def _inconsistencies(body: SaleBody) -> list[str]:
    fits = {
        LINES_INCONSISTENT: sum(line.total for line in body.lines) == body.total and _prices_add_up(body),
        TENDERS_INCONSISTENT: sum(tender.amount for tender in body.tenders) == body.total,
        SHARES_INCONSISTENT: sum(line.earned for line in body.lines) == body.earned,
        SPENDS_INCONSISTENT: sum(spend.points for spend in body.spends) == body.points_paid
        and all(spend.points >= 0 and spend.returned >= 0 for spend in body.spends),
    }
    return [code for code, holds in fits.items() if not holds]


def _prices_add_up(body: SaleBody) -> bool:
    """Return whether every line that was worked on comes to what its price, discount and tax give."""
    if not isinstance(body, PricedSaleBody):
        return True
    try:
        return all(_line_adds_up(line, currency(body.currency)) for line in body.lines)
    except Refusal:
        return False


def _line_adds_up(line: PricedLine, own: Currency) -> bool:
    gross = unit_price(line.price, line.scale, own).times(line.quantity).minor
    tax = tax_rate(line.tax_rate, included=line.tax_included)
    worked = price(gross, line.discount, tax)
    return 0 <= line.discount <= gross and (worked.tax, worked.total) == (line.tax, line.total)


def _store(connection: sa.Connection, origin: Origin, body: SaleBody, customer_id: str | None, posted: Points) -> None:
    row = {
        **rows.receipt(origin, body, customer_id),
        "points_paid": body.points_paid,
        "points_promised": body.earned,
        "points_posted": posted,
    }
    records.write(connection, transactions, [row])
    records.write(connection, transaction_lines, _line_rows(origin, body))
    records.write(connection, tenders, rows.tenders(origin, body.tenders))


def _line_rows(origin: Origin, body: SaleBody) -> list[dict[str, object]]:
    return [
        {
            "op_id": origin.op_id,
            "n": n,
            "sku": line.sku,
            "description": line.description,
            "quantity": line.quantity,
            "price": line.price,
            "scale": line.scale,
            "total": line.total,
            "earned": line.earned,
        }
        for n, line in enumerate(body.lines, 1)
    ]

"""The bodies a counter signs for sales and refunds, filled from a tally of its own.

Must never reckon with the rules of the package: the figures are those of tests.end_to_end.tallies.
"""

import random
from collections import Counter
from collections.abc import Mapping
from typing import Final

from tests.contract.central.till import Till
from tests.end_to_end.tallies import Sold
from urs_desktop.domain.policy import ENGINE_VERSION, RewardPolicy
from urs_desktop.protocol.operations import (
    Operation,
    ProductItem,
    ProductsBody,
    RefundBody,
    RefundLine,
    RefundOverride,
    SaleBody,
    SaleLine,
    SalePolicy,
    SaleSpend,
    SaleTender,
)

CURRENCY: Final = "GBP"
PRICES: Final = (range(1, 700, 7), range(5, 3000, 23), range(30, 16_000, 160))
"""What articles cost in minor units: cheap ones, dearer ones, dear ones."""

_SCALE: Final = 2


def goods(chance: random.Random) -> tuple[tuple[int, int], ...]:
    """Return the lines of a basket as (pieces, minor units)."""
    lines = []
    for _ in range(chance.choice((1, 1, 2, 2, 3, 5))):
        pieces = chance.choice((1, 1, 1, 2, 3, 12))
        lines.append((pieces, pieces * chance.choice(chance.choice(PRICES))))
    return tuple(lines)


def some_of(chance: random.Random, left: Mapping[int, int]) -> Counter[int]:
    """Return pieces to bring back of those that are left: all of them, or some of some lines."""
    if chance.random() < 0.4:
        return Counter(left)
    lines = chance.sample(sorted(left), chance.randint(1, len(left)))
    return Counter({n: chance.randint(1, left[n]) for n in lines})


def sell(till: Till, sold: Sold, policy: RewardPolicy, now: int, spends: tuple[SaleSpend, ...] = ()) -> Operation:
    """Return the operation of a sale."""
    till.receipt += 1
    earned = sold.earned
    shares = [earned * amount // sold.total for _, amount in sold.lines]
    shares[-1] += earned - sum(shares)
    cash = sold.total - sold.paid
    paid = ((kind, amount) for kind, amount in (("cash", cash), ("points", sold.paid)) if amount)
    body = SaleBody(
        hlc=now + len(till.operations),
        recorded_at=now,
        receipt=till.receipt,
        happened_at=now,
        currency=CURRENCY,
        total=sold.total,
        points_paid=sold.paid,
        earned=earned,
        lines=tuple(
            SaleLine(_sku(amount // pieces), "Thing", pieces, amount // pieces, _SCALE, amount, share)
            for (pieces, amount), share in zip(sold.lines, shares, strict=True)
        ),
        tenders=tuple(SaleTender(kind, amount, amount) for kind, amount in paid),
        card=sold.card,
        policy=cite(policy),
        spends=spends,
        engine=ENGINE_VERSION,
    )
    return till.make(body)


def refund(
    till: Till, sold: Sold, sale: Operation, pieces: Mapping[int, int], policy: RewardPolicy, now: int
) -> Operation:
    """Note that pieces of a sale came back and return the operation of their refund."""
    till.receipt += 1
    before, worth = sold.standing, _worth(sold)
    sold.back.update(pieces)
    since, now_worth = sold.standing.since(before), _worth(sold)
    amounts = {n: now_worth[n] - worth[n] for n in sorted(pieces)}
    body = RefundBody(
        hlc=now + len(till.operations),
        recorded_at=now,
        receipt=till.receipt,
        happened_at=now,
        currency=CURRENCY,
        sale=sale.op_id.hex(),
        total=since.value,
        cash_back=since.cash_back,
        points_back=since.points_back,
        clawed=since.clawed,
        lines=tuple(
            RefundLine(n, _sku(sold.lines[n - 1][1] // sold.lines[n - 1][0]), "Thing", pieces[n], amount)
            for n, amount in amounts.items()
        ),
        tenders=(SaleTender("cash", since.cash_back, since.cash_back),) if since.cash_back else (),
        card=sold.card,
        policy=cite(policy),
        engine=ENGINE_VERSION,
    )
    return till.make(body)


def refund_without_receipt(till: Till, amount: int, now: int) -> Operation:
    """Return the operation of a refund for which no sale is named."""
    till.receipt += 1
    body = RefundBody(
        hlc=now + len(till.operations),
        recorded_at=now,
        receipt=till.receipt,
        happened_at=now,
        currency=CURRENCY,
        sale=None,
        total=amount,
        cash_back=amount,
        points_back=0,
        clawed=0,
        lines=(RefundLine(1, _sku(amount), "Thing", 0, amount),),
        tenders=(SaleTender("cash", amount, amount),),
        card=None,
        policy=None,
        engine=ENGINE_VERSION,
        override=RefundOverride("chief", "no-receipt"),
    )
    return till.make(body)


def stock(till: Till, chance: random.Random, now: int, most: int = 30) -> Operation:
    """Return the operation of products learned from sales and of products whose price changes, in any order."""
    prices = chance.sample(chance.choice(PRICES), chance.randint(1, most))
    items = tuple(
        ProductItem(_sku(price), f"Thing of {price}", price, _SCALE, learned=chance.random() < 0.5) for price in prices
    )
    return till.make(ProductsBody(hlc=now + len(till.operations), recorded_at=now, items=items))


def cite(policy: RewardPolicy) -> SalePolicy:
    """Return a policy as receipts name it."""
    return SalePolicy(policy.policy_id, policy.version, policy.digest().hex())


def _sku(price: int) -> str:
    return f"S{price:05}"


def _worth(sold: Sold) -> dict[int, int]:
    return {n: amount * sold.back[n] // pieces for n, (pieces, amount) in enumerate(sold.lines, 1)}

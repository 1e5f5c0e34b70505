"""Splitting a refund gains nothing: however the goods come back, the ledger ends as if they came back at once.

And at no step is a point made or lost: what is given back is redeemed or the vendor's gift, what is taken back was
earned, cash is never more than was paid. Source: ledger.md "Rules".
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.central.shop import Shop, empty_shop, open_shop
from tests.contract.central.till import NOW
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.domain.policy import DAY_MS
from urs_desktop.protocol.operations import Operation, SaleSpend

Pieces = dict[int, int]


@dataclass(frozen=True)
class Case:
    """A sale with what was before it, and how it comes back.

    `earnings` are points and the days they last; `redeemed` and `late` of them pay for the sale, `drained`
    are spent after it; `days` pass before goods come back in the order of `refunds`.
    """

    earnings: list[tuple[int, int]]
    lines: list[tuple[int, int]]
    redeemed: int
    late: int
    drained: int
    earned_after: int
    waits: bool
    owes: bool
    days: int
    refunds: list[Pieces]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A sale of up to three lines, paid with points of up to three lots, that comes back in up to six parts."""
    lines = draw(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4000)), min_size=1, max_size=3))
    single = [n for n, (pieces, _) in enumerate(lines, 1) for _ in range(draw(st.integers(0, pieces)))]
    order = draw(st.permutations(single))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=5)))
    parts = [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    return Case(
        earnings=draw(st.lists(st.tuples(st.integers(51, 300), st.sampled_from([0, 3, 9])), min_size=1, max_size=3)),
        lines=lines,
        redeemed=draw(st.integers(0, 600)),
        late=draw(st.integers(0, 50)),
        drained=draw(st.integers(0, 600)),
        earned_after=draw(st.sampled_from([0, 60, 150])),
        waits=draw(st.booleans()),
        owes=draw(st.booleans()),
        days=draw(st.sampled_from([0, 0, 5])),
        refunds=[dict(Counter(part)) for part in parts if part],
    )


def begin(case: Case) -> tuple[Shop, Operation]:
    """Return a store with the sale of a case, and all that came before any of it came back."""
    database = Database(sqlite_engine(None))
    empty_shop(database)
    shop = open_shop(database)
    plain = shop.policy
    for points, days in case.earnings:
        shop.change_policy(expires_after=days)
        shop.earn(points)
    shop.policy = plain
    total = sum(amount for _, amount in case.lines)
    grant = min(case.redeemed, shop.wallet()[0], total - 1)
    late = min(case.late, total - 1 - grant)
    spends = (SaleSpend(shop.grant(grant, total=2 * grant).lease_id, grant + late, 0),) if grant > 0 else ()
    paid = grant + late if spends else 0
    sale = shop.till.sale(policy=plain, points_paid=paid, spends=spends, sold=case.lines)
    shop.push()
    if case.earned_after:
        shop.change_policy(vests_after=7 if case.waits else 0)
        shop.earn(case.earned_after)
        shop.policy = plain
    _drain(shop, case)
    return shop, sale


def _drain(shop: Shop, case: Case) -> None:
    """Spend points elsewhere, maybe all and more, so that something is owed to another vendor."""
    other = shop.another_till(shop.another_vendor())
    sale = other.sale(policy=shop.policy, sold=[(1, 2400)])
    shop.push(till=other)
    drained = shop.wallet()[0] if case.owes else min(case.drained, shop.wallet()[0])
    if drained:
        spend = SaleSpend(shop.grant(drained, till=other, total=2 * drained).lease_id, drained, 0)
        other.sale(policy=shop.policy, points_paid=drained, spends=(spend,), sold=[(1, drained)])
        shop.push(till=other)
    if case.owes:
        other.refund(sale, {1: 1}, policy=shop.policy)
        shop.push(till=other)


def end(shop: Shop) -> tuple[Any, ...]:
    """Return everything that refunds move, as it stands."""
    return shop.balances(), shop.lots(), shop.accounts()


def value_of(case: Case, refunds: list[Pieces]) -> int:
    """Return what came back was sold for."""
    back: Counter[int] = Counter()
    for pieces in refunds:
        back.update(pieces)
    return sum(amount * back[n] // pieces for n, (pieces, amount) in enumerate(case.lines, 1))


@settings(max_examples=30, deadline=None)
@given(case=cases())
def test_splitting_a_refund_gains_nothing(case: Case) -> None:
    now = NOW + case.days * DAY_MS + 1  # what is owed from before is older
    at_once, sale = begin(case)
    whole = Counter[int]()
    for pieces in case.refunds:
        whole.update(pieces)
    if whole:
        at_once.till.refund(sale, dict(whole), policy=at_once.policy)
        at_once.push(now=now)
    in_parts, sale = begin(case)
    tills = [in_parts.till, in_parts.another_till()]
    earlier = {"back": 0, "clawed": 0, "cash": 0}
    before = in_parts.booked()
    total = sum(amount for _, amount in case.lines)
    paid = in_parts.rows("transactions")[len(case.earnings)]["points_paid"]
    assert isinstance(paid, int)
    for n, pieces in enumerate(case.refunds):
        tills[n % 2].refund(sale, pieces, policy=in_parts.policy, before=case.refunds[:n])
        in_parts.push(till=tills[n % 2], now=now)
        booked = Counter(in_parts.booked())
        booked.subtract(before)
        back = booked["UNREDEEM"] + booked["UNLATE"]
        step = {
            "back": back,
            "clawed": booked["CLAWBACK"] + booked["DEBT"],
            "cash": value_of(case, case.refunds[: n + 1]) - back,
        }
        assert all(step[name] >= earlier[name] for name in step), (earlier, step)
        assert 0 <= step["back"] <= paid
        assert 0 <= step["cash"] <= total - paid
        earlier = step
    assert in_parts.findings() == []
    assert at_once.findings() == []
    assert end(in_parts) == end(at_once)
    at_once.database.close()
    in_parts.database.close()


@settings(max_examples=20, deadline=None)
@given(case=cases())
def test_a_full_refund_is_as_if_nothing_had_been_sold(case: Case) -> None:
    """Everything earned is taken back, everything redeemed is given back, no more and no less."""
    shop, sale = begin(case)
    shop.till.refund(sale, {n: pieces for n, (pieces, _) in enumerate(case.lines, 1)}, policy=shop.policy)
    shop.push(now=NOW + case.days * DAY_MS)
    [row] = [row for row in shop.rows("reward_allocations") if row["transaction_id"] == sale.op_id]
    assert (row["reward_points"], row["redeemed_points"]) == (0, 0)
    assert shop.findings() == []
    shop.database.close()

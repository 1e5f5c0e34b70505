"""Whatever signed receipts of sales and refunds say, both are stored and every invariant of the ledger holds."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.central.shop import Shop, empty_shop, open_shop
from tests.contract.central.till import NOW
from urs_desktop.central.schema import refunds, transactions
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.domain.policy import DAY_MS
from urs_desktop.protocol.operations import RefundLine, SaleLine, SaleSpend

_SMALL = st.integers(-3, 6)
_FIGURES = st.one_of(_SMALL, st.integers(-5000, 9000), st.integers(-(10**14), 10**14))
_SALE_LINES = st.lists(st.tuples(_SMALL, st.integers(-500, 4000)), max_size=3)
_REFUND_LINES = st.lists(st.tuples(_SMALL, _FIGURES, _FIGURES), max_size=3)
_CURRENCIES = st.sampled_from(["GBP", "GBP", "GBP", "JPY", "?"])


def _sale(shop: Shop, lines: list[tuple[int, int]], total: int, paid: int, currency: str, spend: SaleSpend) -> Any:  # noqa: ANN401
    body = shop.till.sale_body(max(2, total), policy=shop.policy, points_paid=0)
    hostile = [SaleLine("S", "s", pieces, 1, 2, amount, 0) for pieces, amount in lines]
    changes = {"lines": tuple(hostile), "total": total, "points_paid": paid, "currency": currency, "spends": (spend,)}
    return shop.till.make(msgspec.structs.replace(body, **changes))


@settings(max_examples=40, deadline=None)
@given(
    lines=_SALE_LINES,
    total=st.integers(-500, 9000),
    paid=st.integers(-50, 1500),
    currency=_CURRENCIES,
    spent=st.tuples(st.integers(-10, 700), st.integers(-10, 700)),
    backs=st.lists(st.tuples(_REFUND_LINES, st.booleans(), st.integers(0, 2)), max_size=4),
    sale_first=st.booleans(),
    days=st.sampled_from([0, 3, 30]),
    figures=st.tuples(_FIGURES, _FIGURES, _FIGURES, _FIGURES),
)
def test_whatever_they_say_the_ledger_holds(  # noqa: PLR0913, PLR0917 - each figure is drawn by itself
    lines: list[tuple[int, int]],
    total: int,
    paid: int,
    currency: str,
    spent: tuple[int, int],
    backs: list[tuple[list[tuple[int, int, int]], bool, int]],
    sale_first: bool,
    days: int,
    figures: tuple[int, int, int, int],
) -> None:
    database = Database(sqlite_engine(None))
    empty_shop(database)
    shop = open_shop(database)
    plain = shop.policy
    shop.change_policy(expires_after=12)
    shop.earn(300)
    shop.policy = plain
    shop.earn(400)
    grant = shop.grant(600, total=1300)
    tills = [shop.another_till(), shop.another_till(), shop.another_till(shop.another_vendor())]
    sale = _sale(shop, lines, total, paid, currency, SaleSpend(grant.lease_id, *spent))
    if sale_first:
        assert shop.push().results[-1].result in {"applied", "adjusted"}
    for refund_lines, own, till in backs:
        source = shop.till if own and sale_first else tills[till]
        body = source.refund_body(sale, {}, policy=shop.policy)
        said = tuple(RefundLine(n, "S", "s", quantity, amount) for n, quantity, amount in refund_lines)
        names = ("total", "cash_back", "points_back", "clawed")
        source.make(msgspec.structs.replace(body, lines=said, **dict(zip(names, figures, strict=True))))
        reply = shop.push(till=source, now=shop_time(days))
        assert reply.results[-1].result in {"applied", "adjusted"}
        assert shop.findings() == []
    assert shop.push(now=shop_time(days)).results[-1].result in {"applied", "adjusted"}
    assert shop.findings() == []
    assert len(shop.rows(transactions)) == 3
    assert len(shop.rows(refunds)) == len(backs)
    shop.tidy(shop_time(days + 60))
    assert shop.findings() == []
    database.close()


def shop_time(days: int) -> int:
    """Return a time so many days after the store was opened."""
    return NOW + days * DAY_MS

"""Points earned and redeemed by journals: never above the policy's share or the wallet, exact at both ends."""

import json
from typing import Any

import pytest

from tests.end_to_end import books
from tests.end_to_end.reckoning import Row, invented, reckon, written
from tests.end_to_end.shop import COUNTERS, POLICIES, Counter, Shop


def replayed(shop: Shop, counter: Counter, rows: list[Row], report: str = "report.json") -> Any:  # noqa: ANN401 - JSON
    """Replay a journal and return its report."""
    path = shop.folder / report
    counter.ask("replay", written(rows, shop.folder / "journal.csv"), "--report", path)
    return json.loads(path.read_text())


@pytest.mark.parametrize(
    ("name", "store"),
    [("medium", "sqlite"), ("large", "sqlite"), ("small", "sqlite"), ("medium", "postgresql")],
    indirect=["store"],
)
def test_redeemed_by_journal(shop: Shop, name: str) -> None:
    rows = invented(120, customers=10, points=True)
    counter, terms, vendor = shop.counter(name), POLICIES[COUNTERS[name]], shop.vendors[COUNTERS[name]]
    report = replayed(shop, counter, rows)
    expected = reckon(rows, terms)
    assert report["invoices"] == [sale.document for sale in expected.sales]
    assert (sum(sale.redeemed for sale in expected.sales) > 0) is (name != "small")
    assert counter.ask("sync", "--once")["waiting"] == 0
    assert books.sales(shop.central, vendor) == expected.sales
    assert books.wallets(shop.central) == +expected.wallets
    contents, arrived = books.contents(counter), books.operations(shop.central)
    assert replayed(shop, counter, rows, "again.json") == report
    assert books.contents(counter) == contents
    assert books.operations(shop.central) == arrived
    assert counter.ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]


def test_without_the_central_store_no_points_but_every_sale(closed_shop: Shop) -> None:
    rows = invented(60, customers=6, points=True)
    counter = closed_shop.counter("medium")
    report = replayed(closed_shop, counter, rows)
    expected = reckon([{**row, "Points": "0"} for row in rows], POLICIES["medium"])
    assert report["invoices"] == [sale.document for sale in expected.sales]
    closed_shop.central.serve()
    assert replayed(closed_shop, counter, rows, "again.json") == report
    counter.ask("sync", "--once")
    assert books.wallets(closed_shop.central) == +expected.wallets


def test_points_of_two_vendors_are_one_wallet(shop: Shop) -> None:
    """Earned at a small vendor, spent at a medium one."""
    earning = invented(80, prefix="7", seed=3, customers=5)
    spending = invented(80, prefix="8", seed=4, customers=5, points=True)
    replayed(shop, shop.counter("small"), earning)
    shop.counter("small").ask("sync", "--once")
    report = replayed(shop, shop.counter("medium"), spending)
    shop.counter("medium").ask("sync", "--once")
    first = reckon(earning, POLICIES["small"])
    second = reckon(spending, POLICIES["medium"], first.wallets)
    assert report["invoices"] == [sale.document for sale in second.sales]
    assert books.wallets(shop.central) == +second.wallets
    card, points = next(iter((+second.wallets).items()))
    shown = shop.central.ask("customer", "show", card)
    assert (shown["code"], shown["wallet_balance"], shown["available"], shown["held"]) == (card, points, points, 0)
    assert sum(lot["remaining"] for lot in shown["lots"]) == points
    signs = {"EARN": 1, "REDEEM": -1}
    assert sum(signs.get(entry["kind"], 0) * entry["points"] for entry in shown["entries"]) == points
    assert shop.central.ask("verify")["ok"]

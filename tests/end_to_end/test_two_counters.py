"""Counters of several vendors share customers and push at the same time: no wallet is a point off."""

import json
from collections import Counter

import pytest

from tests.end_to_end import books
from tests.end_to_end.reckoning import Sale, invented, reckon, written
from tests.end_to_end.shop import COUNTERS, POLICIES, Shop

INVOICES = 400
CUSTOMERS = 8

pytestmark = pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)


def test_pushing_at_the_same_time(shop: Shop) -> None:
    wallets: Counter[str] = Counter()
    journals = {}
    for seed, name in enumerate(COUNTERS):
        rows = invented(INVOICES, prefix=str(seed), seed=seed, customers=CUSTOMERS)
        journals[name] = written(rows, shop.folder / f"{name}.csv")
        wallets += reckon(rows, POLICIES[COUNTERS[name]]).wallets
    commands = [
        shop.counter(name).command("replay", path, "--report", shop.folder / f"{name}.json")
        for name, path in journals.items()
    ]
    for done in shop.processes.together(*commands):
        done.expect()
    for done in shop.processes.together(*(shop.counter(name).command("sync", "--once") for name in COUNTERS)):
        done.expect()
    assert books.wallets(shop.central) == +wallets
    assert not books.receipts(shop.central)
    assert shop.central.ask("verify")["ok"]
    for name in COUNTERS:
        assert shop.counter(name).ask("verify")["ok"]


def test_spending_the_same_points_at_the_same_time(shop: Shop) -> None:
    """Who gets them depends on who asks first; no point is spent twice, and both journals say what was."""
    commands, names = [], ("medium", "second", "large")
    for seed, name in enumerate(names):
        rows = invented(100, prefix=str(seed), seed=seed, customers=4, points=True)
        path = written(rows, shop.folder / f"{name}.csv")
        commands.append(shop.counter(name).command("replay", path, "--report", shop.folder / f"{name}.json"))
    for done in shop.processes.together(*commands):
        done.expect()
    wallets: Counter[str] = Counter()
    redeemed = 0
    for name in names:
        shop.counter(name).ask("sync", "--once")
        for invoice in json.loads((shop.folder / f"{name}.json").read_text())["invoices"]:
            if invoice["customer"]:
                wallets[invoice["customer"]] += invoice["points_earned"] - invoice["points_redeemed"]
                redeemed += invoice["points_redeemed"]
    assert redeemed > 0
    assert min(wallets.values()) >= 0
    assert books.wallets(shop.central) == +wallets
    sales: list[Sale] = [sale for vendor in shop.vendors.values() for sale in books.sales(shop.central, vendor)]
    assert sum(sale.redeemed for sale in sales) == redeemed
    assert not books.receipts(shop.central)
    assert shop.central.ask("verify")["ok"]

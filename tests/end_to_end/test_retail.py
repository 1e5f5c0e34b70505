"""The whole of the real retail journal, against a reckoning that shares no line with the package."""

import json
from collections import Counter

from tests.end_to_end import books
from tests.end_to_end.reckoning import POINTS, read, reckon
from tests.end_to_end.shop import POLICIES, Shop
from tests.shared_data import RETAIL, shared


def test_the_whole_journal(shop: Shop) -> None:
    journal = shared(*RETAIL)
    rows = read(journal)
    assert POINTS not in rows[0]
    expected = reckon(rows, POLICIES["medium"])
    counter, report = shop.counter("medium"), shop.folder / "report.json"
    counter.ask("replay", journal, "--report", report)
    document = json.loads(report.read_text())
    assert document["invoices"] == [sale.document for sale in expected.sales]
    assert (document["rows_read"], document["rows_stored"]) == (expected.rows, expected.sold) == (105_335, 102_891)
    assert document["rows_reported"] == expected.rows - expected.sold == sum(document["reasons"].values())
    assert (document["purchases"], document["refunds"]) == (len(expected.sales), 0) == (3745, 0)
    assert counter.ask("sync", "--once")["waiting"] == 0
    assert books.sales(shop.central, shop.vendors["medium"]) == expected.sales
    assert not books.receipts(shop.central)
    assert books.wallets(shop.central) == +expected.wallets
    status = counter.ask("status")
    assert (status["receipts"], status["acknowledged"], status["parked"]) == (3745, 3745, 0)
    assert books.customers(shop.central) == {sale.customer for sale in expected.sales if sale.customer}
    most: Counter[str] = expected.wallets
    for card, points in most.most_common(2):
        assert shop.central.ask("customer", "show", card)["wallet_balance"] == points
    assert counter.ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]

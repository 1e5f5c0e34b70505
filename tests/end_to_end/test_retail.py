"""The whole of the real retail journal, against a reckoning that shares no line with the package."""

import json
from collections import Counter

from tests.end_to_end import books, goods_back
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
    assert document["invoices"] == expected.documents
    stored = expected.sold + expected.returned
    assert (document["rows_read"], document["rows_stored"]) == (expected.rows, stored) == (105_335, 103_999)
    assert document["rows_reported"] == expected.rows - stored == sum(document["reasons"].values())
    returns = {code: rows for code, rows in document["reasons"].items() if code.startswith("return")}
    assert returns == expected.reasons == {"return_without_sale": 778, "return_exceeds_sale": 18}
    assert (document["purchases"], document["refunds"]) == (len(expected.sales), len(expected.refunds)) == (3745, 599)
    before = report.read_bytes()
    counter.ask("replay", journal, "--report", report)
    assert report.read_bytes() == before
    assert counter.ask("sync", "--once")["waiting"] == 0
    assert books.sales(shop.central, shop.vendors["medium"]) == expected.sales
    assert goods_back.refunds(shop.central, shop.vendors["medium"]) == expected.refunds
    assert not goods_back.missing_or_double(shop.central)
    assert books.wallets(shop.central) == +expected.wallets
    status = counter.ask("status")
    assert (status["receipts"], status["acknowledged"], status["parked"]) == (4344, 4344, 0)
    assert books.customers(shop.central) == {sale.customer for sale in expected.sales if sale.customer}
    most: Counter[str] = expected.wallets
    for card, points in most.most_common(2):
        assert shop.central.ask("customer", "show", card)["wallet_balance"] == points
    assert counter.ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]

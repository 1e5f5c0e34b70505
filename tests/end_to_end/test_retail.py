"""The whole of the real retail journal, in a store on SQLite and in one on PostgreSQL, against a reckoning of its own.

The reckoning shares no line with the package.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end import books, goods_back
from tests.end_to_end.processes import Forker
from tests.end_to_end.reckoning import POINTS, Reckoning, read, reckon
from tests.end_to_end.shop import POLICIES
from tests.end_to_end.twice import Twice, twice
from tests.postgresql.databases import Databases
from tests.shared_data import RETAIL, shared


@pytest.fixture(scope="module")
def retail(
    prepared: tuple[Path, int], forker: Forker, postgresql: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Twice]:
    """The journal, rung up once and sent to two stores."""
    with twice(prepared, forker, postgresql, tmp_path_factory.mktemp("retail"), shared(*RETAIL)) as both:
        yield both


@pytest.fixture(scope="module")
def expected() -> Reckoning:
    """What the journal must come to."""
    rows = read(shared(*RETAIL))
    assert POINTS not in rows[0]
    return reckon(rows, POLICIES["medium"])


def test_the_whole_journal_rung_up(retail: Twice, expected: Reckoning) -> None:
    """Every row is sold, refunded or reported, and a second run changes nothing."""
    document = retail.report
    assert document["invoices"] == expected.documents
    stored = expected.sold + expected.returned
    assert (document["rows_read"], document["rows_stored"]) == (expected.rows, stored) == (105_335, 103_999)
    assert document["rows_reported"] == expected.rows - stored == sum(document["reasons"].values())
    returns = {code: rows for code, rows in document["reasons"].items() if code.startswith("return")}
    assert returns == expected.reasons == {"return_without_sale": 778, "return_exceeds_sale": 18}
    assert (document["purchases"], document["refunds"]) == (len(expected.sales), len(expected.refunds)) == (3745, 599)
    counter, report = retail.shop.counter("medium"), retail.shop.folder / "report.json"
    before, contents = report.read_bytes(), books.contents(counter)
    counter.ask("replay", shared(*RETAIL), "--report", report)
    assert report.read_bytes() == before
    assert books.contents(counter) == contents
    status = counter.ask("status")
    assert (status["receipts"], status["parked"]) == (4344, 0)


def test_the_whole_journal_in_a_central_store(retail: Twice, expected: Reckoning) -> None:
    """Every sale, refund and wallet is the one that was reckoned."""
    central = retail.on_sqlite
    assert books.sales(central, retail.vendor_id) == expected.sales
    assert goods_back.refunds(central, retail.vendor_id) == expected.refunds
    assert books.wallets(central) == +expected.wallets
    assert books.customers(central) == {sale.customer for sale in expected.sales if sale.customer}
    most: Counter[str] = expected.wallets
    for card, points in most.most_common(2):
        assert central.ask("customer", "show", card)["wallet_balance"] == points


def test_both_stores_say_the_same(retail: Twice) -> None:
    """All receipts, wallets, lots, accounts, entries by kind and projections, to the last point."""
    on_sqlite = retail.books(retail.on_sqlite)
    assert on_sqlite == retail.books(retail.on_postgresql)
    assert not goods_back.missing_or_double(retail.on_sqlite)
    assert not goods_back.missing_or_double(retail.on_postgresql)
    assert on_sqlite.totals["refunds"][0] == retail.report["refunds"] > 0
    assert on_sqlite.totals["sales"][0] == retail.report["purchases"]
    assert on_sqlite.totals["entries"]["CLAWBACK"][1] > 0

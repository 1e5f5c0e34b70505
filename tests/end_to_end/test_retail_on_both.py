"""The whole of the real retail journal, its returns too, in a store on SQLite and in one on PostgreSQL."""

from tests.end_to_end import books, twice
from tests.end_to_end.shop import Shop
from tests.shared_data import RETAIL, shared
from urs_desktop.database.engine import Database


def test_the_same_to_the_last_point(closed_shop: Shop, postgresql_database: Database) -> None:
    twice.replayed(closed_shop, shared(*RETAIL), closed_shop.folder / "report.json")
    both = []
    for site in twice.sites(closed_shop, postgresql_database):
        site.take()
        assert not books.receipts(site.central)
        both.append(site.books())
    on_sqlite, on_postgresql = both
    assert on_sqlite == on_postgresql
    assert on_sqlite.totals["refunds"][0] > 0, "no return became a refund"

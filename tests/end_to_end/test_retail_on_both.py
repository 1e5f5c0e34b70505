"""The whole of the real retail journal, its returns too, in a store on SQLite and in one on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end import goods_back
from tests.end_to_end.processes import Forker
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


def test_both_stores_say_the_same(retail: Twice) -> None:
    """All receipts, wallets, lots, accounts, entries by kind and projections, to the last point."""
    on_sqlite = retail.books(retail.on_sqlite)
    assert on_sqlite == retail.books(retail.on_postgresql)
    assert not goods_back.missing_or_double(retail.on_sqlite)
    assert not goods_back.missing_or_double(retail.on_postgresql)
    assert on_sqlite.totals["refunds"][0] == retail.report["refunds"] > 0
    assert on_sqlite.totals["sales"][0] == retail.report["purchases"]
    assert on_sqlite.totals["entries"]["CLAWBACK"][1] > 0

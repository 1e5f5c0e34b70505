"""Seven days without the central store: nothing lost, nothing twice, every wallet exact to the point.

5,000 sales: `python -m tests.outage`. Must never mend a difference between the stores and what was kept by hand.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outage.week import DAYS, Week, on_file
from urs_desktop.database.engine import Database

SALES = 250


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A central store's database with all tables and no rows, on files or on a server."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgresql_database")
        return
    made = on_file(tmp_path)
    yield made
    made.close()


def test_a_week_without_the_central_store(tmp_path: Path, database: Database) -> None:
    """One sync brings everything, and what lines paid during the week is settled, late by a week or not."""
    report = Week(tmp_path, database, SALES).play()
    assert report.sales == SALES + 1 + report.redeemed_offline
    assert report.redeemed_offline > 0
    assert report.restarts == DAYS - 1
    assert report.operations_synced > SALES
    assert report.refunds > 0
    assert report.refused_offline > 0
    assert report.points_late == 0

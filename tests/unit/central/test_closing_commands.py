"""What the store's command line says of receipts that are missing, and of operations set aside."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.central.till import Till, enrolled
from urs_desktop.central import bootstrap, cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["--data-dir", str(tmp_path / "store"), *arguments])
        output = capsys.readouterr()
        return status, output.out.strip(), output.err.strip()

    password = tmp_path / "password"
    password.write_text("a good password\n")
    assert call("init", "--admin", "boss", "--admin-password-file", str(password))[0] == 0
    return call


@pytest.fixture
def till(store: Run, tmp_path: Path) -> Till:
    """A counter that sold and sent receipts 1 and 2, and told of 5."""
    vendor_id = store("vendor", "add", "--name", "Shop", "--category", "medium")[1]
    with bootstrap.opened(bootstrap.place(tmp_path / "store", None)) as central:
        now = central.clock.now()
        with central.database.write() as connection:
            made = enrolled(connection, vendor_id, now=now)
            made.sale(card=None)
            made.sale(card=None)
            made.push(connection, now=now)
            made.receipt = 5
            made.hello(connection, now=now)
    return made


def test_missing_receipts_are_listed_as_ranges(store: Run, till: Till) -> None:
    [row] = json.loads(store("counter", "list", "--json")[1])
    assert row["device"] == till.device_id.hex()
    assert (row["receipts_told"], row["receipts_received"], row["missing"]) == (5, 2, [{"first": 3, "last": 5}])
    cells = store("counter", "list")[1].split("\t")
    assert {"receipts_told=5", "receipts_received=2", "missing=3-5", "missing_count=3"} <= set(cells)
    assert "receipts_set_aside=none" in cells

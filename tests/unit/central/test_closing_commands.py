"""What the store's command line says of receipts that are missing, and of operations set aside."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.central.till import Till, enrolled
from urs_desktop.central import bootstrap, cli, ingest
from urs_desktop.protocol.operations import SaleBody

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


def test_parked_operations_are_listed_and_tried_again(
    store: Run, till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pushed() -> str:
        with bootstrap.opened(bootstrap.place(tmp_path / "store", None)) as central:
            now = central.clock.now()
            with central.database.write() as connection:
                return till.push(connection, now=now).results[-1].result

    riddle = till.make_raw("riddle", 1, b"?")
    assert pushed() == "parked"
    with monkeypatch.context() as patch:
        patch.delitem(ingest._HANDLERS, SaleBody)
        sale = till.sale(card=None)
        assert pushed() == "parked"
    rows = json.loads(store("parked", "list", "--json")[1])
    assert [(row["operation"], row["kind"], row["reason"], row["seq"]) for row in rows] == [
        (riddle.op_id.hex(), "riddle", "kind_unknown", 3),
        (sale.op_id.hex(), "sale", "internal", 4),
    ]
    who = ("--operator", "boss", "--password-file", str(tmp_path / "password"))
    assert store("parked", "retry", sale.op_id.hex(), *who) == (0, "The operation is applied.", "")
    assert store("parked", "retry", riddle.op_id.hex(), *who)[:2] == (1, "The operation stays parked (kind_unknown).")
    status, out, err = store("parked", "retry", sale.op_id.hex(), *who)
    assert (status, out, err) == (1, "", f"The operation {sale.op_id.hex()} is not parked, or no longer.")
    assert store("parked", "retry", "zz", *who)[0] == 1
    assert [row["kind"] for row in json.loads(store("parked", "list", "--json")[1])] == ["riddle"]
    assert store("verify")[0] == 0

"""Files that cannot be used: one clear sentence, or a code for each row, and nothing done by halves."""

import gzip
import json
from pathlib import Path

import pytest

from tests.end_to_end import books
from tests.end_to_end.reckoning import invented, reckon, written
from tests.end_to_end.shop import POLICIES, Shop

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
GOOD = "1,A,Apple,2,2010-12-01 08:26:00,1.50,C1\n"

REFUSED = {
    "wrong header": (b"Invoice;Stock;Price\n1;2;3\n", "has no column InvoiceNo"),
    "a column missing": (HEADER.replace("UnitPrice,", "").encode() + GOOD.encode(), "has no column UnitPrice"),
    "nothing": (b"", "has no column"),
    "a header alone": (HEADER.encode(), "holds no rows"),
    "not UTF-8": (
        (HEADER + GOOD).encode() + "2,B,Birne süß,1,2010-12-01 08:26:00,1.50,C1\n".encode("latin-1"),
        "line 3",
    ),
    "UTF-16": ((HEADER + GOOD).encode("utf-16"), "not UTF-8"),
    "bytes": (bytes(range(256)) * 10, "not UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "not UTF-8"),
}

REPORTED = {
    "price_malformed": GOOD.replace("1.50", '"1,50"'),
    "quantity_out_of_range": GOOD.replace(",2,", ",10000000,"),
    "price_out_of_range": GOOD.replace("1.50", "99999999999999.00"),
    "quantity_malformed": GOOD.replace(",2,", ",two,"),
    "date_malformed": GOOD.replace("2010-12-01 08:26:00", "yesterday"),
    "text_malformed": GOOD.replace(",A,", ",,"),
    "card_malformed": GOOD.replace("C1", "C" * 65),
    "price_zero": GOOD.replace("1.50", "0"),
    "price_negative": GOOD.replace("1.50", "-1.50"),
    "return_without_sale": GOOD.replace(",2,", ",-2,"),
    "invoice_missing": GOOD.replace("1,A", ",A"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_journal_that_is_none(closed_shop: Shop, what: str) -> None:
    content, said = REFUSED[what]
    counter, report = closed_shop.counter("medium"), closed_shop.folder / "out.json"
    before = books.contents(counter)
    for journal in (
        closed_shop.file("journal.csv", content),
        closed_shop.file("journal.csv.gz", gzip.compress(content)),
    ):
        done = counter.try_to("replay", journal, "--report", report)
        assert said in done.refusal()
        assert "nothing was taken" in done.refusal()
    assert books.contents(counter) == before
    assert not report.exists()


def test_a_packed_journal_that_is_cut_off(closed_shop: Shop) -> None:
    counter, report = closed_shop.counter("medium"), closed_shop.folder / "out.json"
    before = books.contents(counter)
    packed = gzip.compress((HEADER + GOOD * 1000).encode())
    for content in (packed[:-20], packed[:5], b"", b"no gzip at all", packed[:100] + b"\0" * 20 + packed[120:]):
        closed_shop.file("journal.csv.gz", content)
        done = counter.try_to("replay", closed_shop.folder / "journal.csv.gz", "--report", report)
        assert "nothing was taken" in done.refusal()
    assert books.contents(counter) == before
    assert not report.exists()


def test_rows_that_are_none_are_reported_and_the_others_sold(closed_shop: Shop) -> None:
    rows = "".join(row.replace("1,A", f"{n},A", 1) for n, row in enumerate(REPORTED.values(), 1))
    journal = closed_shop.file("journal.csv", HEADER + rows + GOOD.replace("1,A", "last,A"))
    counter, report = closed_shop.counter("medium"), closed_shop.folder / "out.json"
    counter.ask("replay", journal, "--report", report)
    document = json.loads(report.read_text())
    assert document["reasons"] == dict.fromkeys(sorted(REPORTED), 1)
    assert (document["rows_read"], document["rows_stored"]) == (len(REPORTED) + 1, 1)
    assert [invoice["invoice"] for invoice in document["invoices"]] == ["last"]
    assert document["invoices"][0]["gross_minor"] == 300
    assert counter.ask("verify")["ok"]


def test_amounts_beyond_32_bits(shop: Shop) -> None:
    row = "9,GOLD,Gold,999999,2010-12-01 08:26:00,99999.99,C9\n"
    counter, report = shop.counter("medium"), shop.folder / "out.json"
    counter.ask("replay", shop.file("journal.csv", HEADER + row), "--report", report)
    (invoice,) = json.loads(report.read_text())["invoices"]
    assert (invoice["gross_minor"], invoice["points_earned"]) == (9_999_989_000_001, 499_999_450_000)
    counter.ask("sync", "--once")
    assert books.wallets(shop.central) == {"C9": 499_999_450_000}
    assert shop.central.ask("verify")["ok"]


def test_files_that_are_not_there(closed_shop: Shop) -> None:
    counter, nowhere = closed_shop.counter("medium"), closed_shop.folder / "nowhere"
    before = books.contents(counter)
    report = closed_shop.folder / "out.json"
    for journal in (nowhere / "journal.csv", closed_shop.folder):
        assert "cannot be read" in counter.try_to("replay", journal, "--report", report).refusal()
        assert "cannot be read" in counter.try_to("import-products", journal).refusal()
    assert not report.exists()
    assert books.contents(counter) == before
    central = closed_shop.central
    before = books.central_contents(central)
    central.try_to("customer", "import", nowhere / "customers.csv").refusal()
    init = ("init", "--admin", "boss", "--admin-password-file", nowhere)
    assert "nothing was changed" in central.try_to(*init).refusal()
    fresh = closed_shop.processes.run("urs-central", "--data-dir", closed_shop.folder / "fresh", *init)
    assert "cannot be read" in fresh.refusal()
    assert books.central_contents(central) == before


def unwritable(shop: Shop, what: str, as_root: bool) -> Path:
    """Return a path at which no report can be written."""
    if what == "missing folder":
        return shop.folder / "nowhere" / "out.json"
    if what == "a folder":
        return shop.folder
    if what == "below a file":
        return shop.file("file", "x") / "out.json"
    folder = shop.folder / "locked"
    folder.mkdir(mode=0o500)
    return Path("/proc/out.json") if as_root else folder / "out.json"


@pytest.mark.parametrize("what", ["missing folder", "a folder", "below a file", "read-only"])
def test_a_report_that_cannot_be_written(closed_shop: Shop, what: str, *, as_root: bool) -> None:
    """It is refused before anything is rung up."""
    counter = closed_shop.counter("medium")
    journal = written(invented(40), closed_shop.folder / "journal.csv")
    before = books.contents(counter)
    path = unwritable(closed_shop, what, as_root)
    files = set(closed_shop.folder.iterdir())
    counter.try_to("replay", journal, "--report", path).refusal()
    assert books.contents(counter) == before
    assert set(closed_shop.folder.iterdir()) == files


def test_a_report_that_is_there_is_replaced_only_by_a_whole_one(closed_shop: Shop) -> None:
    counter, report = closed_shop.counter("medium"), closed_shop.file("out.json", "old")
    rows = invented(20)
    counter.try_to("replay", closed_shop.file("bad.csv", "x"), "--report", report).refusal()
    assert report.read_text() == "old"
    counter.ask("replay", written(rows, closed_shop.folder / "journal.csv"), "--report", report)
    assert json.loads(report.read_text())["invoices"] == [s.document for s in reckon(rows, POLICIES["medium"]).sales]


PRODUCTS = {
    "wrong header": (b"a,b,c\n1,2,3\n", "has no column sku"),
    "nothing": (b"", "no rows"),
    "not UTF-8": ("sku,description,price\nA,süß,1.00\n".encode("latin-1"), "line 2"),
}


@pytest.mark.parametrize("what", PRODUCTS)
def test_products_that_are_none(closed_shop: Shop, what: str) -> None:
    content, said = PRODUCTS[what]
    counter = closed_shop.counter("medium")
    before = books.contents(counter)
    assert said in counter.try_to("import-products", closed_shop.file("p.csv", content)).refusal()
    assert books.contents(counter) == before


def test_products_row_by_row(shop: Shop) -> None:
    content = 'sku,description,price\nA,Apple,1.50\nB,Pear,"1,50"\n,Nothing,2\nC,Plum,-1\nA,Apple again,1.60\n'
    counter = shop.counter("medium")
    done = counter.ask("import-products", shop.file("p.csv", content))
    assert (done["rows_read"], done["rows_stored"], done["rows_reported"]) == (5, 2, 3)
    assert [(row["row"], row["code"]) for row in done["rows"]] == [
        (2, "price_malformed"),
        (3, "text_malformed"),
        (4, "price_out_of_range"),
    ]
    counter.ask("sync", "--once")
    second = shop.counter("second")
    second.ask("sync", "--once")
    assert counter.ask("verify")["ok"]

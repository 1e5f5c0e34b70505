"""Reading journals: good ones to the last row, bad ones refused whole, and every row in between accounted for.

Must never need a store.
"""

import base64
import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import GBP
from tests.shared_data import RETAIL, shared
from urs_desktop.counter.use_cases.journal import (
    COLUMNS,
    FileRefusedError,
    Journal,
    ReturnedRow,
    read_journal,
    read_rows,
)

HEADER = ",".join(COLUMNS)
ROW = "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def journal(folder: Path, *rows: str, header: str = HEADER, end: str = "\n") -> Journal:
    """Return a journal read from a file of these rows."""
    path = folder / "journal.csv"
    path.write_bytes(end.join([header, *rows, ""]).encode())
    return read_journal(path, GBP)


def row(**cells: str) -> str:
    """Return a good row with some of its cells changed."""
    good = dict(zip(COLUMNS, next(csv.reader([ROW])), strict=True)) | cells
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(good.values())
    return line.getvalue().removesuffix("\n")


def refused(folder: Path, data: bytes, name: str = "journal.csv") -> str:
    """Return the one sentence with which a file is refused as a whole."""
    path = folder / name
    path.write_bytes(data)
    with pytest.raises(FileRefusedError) as caught:
        read_journal(path, GBP)
    sentence = str(caught.value)
    assert "nothing was taken from it" in sentence
    assert "\n" not in sentence
    assert name in sentence
    assert str(folder) not in sentence
    return sentence


def reported(folder: Path, *rows: str, header: str = HEADER) -> list[str]:
    """Return the codes under which rows are reported, after seeing that every row is sold, returned or reported."""
    read = journal(folder, *rows, header=header)
    codes = [code for invoice in read.invoices for code in invoice.reported]
    assert read.rows == len(codes) + sum(len(invoice.lines) + len(invoice.returns) for invoice in read.invoices)
    return codes


def test_a_row_is_read_as_it_stands(folder: Path) -> None:
    read = journal(folder, ROW)
    (invoice,) = read.invoices
    assert (read.name, read.rows, invoice.number, invoice.customer) == ("journal", 1, "536365", "17850")
    assert invoice.happened_at == 1_291_191_960_000
    (line,) = invoice.lines
    assert (line.sku, line.description, line.quantity, line.total.minor) == ("85123A", "WHITE HANGING HEART", 6, 1530)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no column InvoiceNo"),
        (b"\xef\xbb\xbf", "no column InvoiceNo"),
        (f"{HEADER}\n".encode(), "holds no rows"),
        (f"{HEADER}\n\n\r\n".encode(), "holds no rows"),
        (b"sku,description,price\nA,b,1\n", "no column InvoiceNo, StockCode"),
        (f"{HEADER.replace('UnitPrice', 'Price')}\n{ROW}\n".encode(), "no column UnitPrice;"),
        (f"{HEADER.lower()}\n{ROW}\n".encode(), "no column InvoiceNo"),
        (f"{ROW}\n{ROW}\n".encode(), "no column InvoiceNo"),
        (f"{HEADER.replace(',', ';')}\n{ROW}\n".encode(), "no column"),
        (f"{HEADER}\n{ROW}\n{ROW}".encode().replace(b"WHITE", b"WH\xccTE"), "line 2"),
        (f"{HEADER}\n{ROW}\n{ROW}".encode("utf-16"), "not UTF-8"),
        (b"\x00" * 100, "no column"),
        (b"\x89PNG\r\n\x1a\n\x00", "not UTF-8"),
        (f'{HEADER}\n{ROW}\n"{"x" * 200_000}\n'.encode(), "no CSV"),
    ],
    ids=range(14),
)
def test_a_file_that_is_no_journal_is_refused_whole(folder: Path, data: bytes, reason: str) -> None:
    assert reason in refused(folder, data)


def test_the_line_that_is_no_utf_8_is_named(folder: Path) -> None:
    data = f"{HEADER}\n{ROW}\n".encode() * 3 + b"\xff" + ROW.encode()
    assert "(line 7)" in refused(folder, data)


@pytest.mark.parametrize("keep", [0, 5, 20, -9, -1])
def test_a_gzip_file_cut_short_is_refused(folder: Path, keep: int) -> None:
    refused(folder, gzip.compress(f"{HEADER}\n{ROW}\n".encode())[:keep], "journal.csv.gz")


def test_what_is_no_gzip_or_not_there_is_refused(folder: Path) -> None:
    refused(folder, f"{HEADER}\n{ROW}\n".encode(), "journal.csv.gz")
    damaged = bytearray(gzip.compress(f"{HEADER}\n{ROW}\n".encode() * 50))
    damaged[30] ^= 0xFF
    refused(folder, bytes(damaged), "journal.csv.gz")
    for path in (folder / "none.csv", folder):
        with pytest.raises(FileRefusedError, match="cannot be read"):
            read_journal(path, GBP)


def test_gzip_bom_line_ends_and_the_order_of_columns_do_not_matter(folder: Path) -> None:
    plain = journal(folder, ROW, row(InvoiceNo="2"))
    assert journal(folder, ROW, row(InvoiceNo="2"), end="\r\n") == plain
    bom = folder / "b" / "journal.csv"
    bom.parent.mkdir()
    bom.write_bytes(b"\xef\xbb\xbf" + (folder / "journal.csv").read_bytes())
    assert read_journal(bom, GBP) == plain
    packed = folder / "journal.csv.gz"
    packed.write_bytes(gzip.compress((folder / "journal.csv").read_bytes()))
    assert read_journal(packed, GBP) == plain
    backwards = [",".join(reversed(next(csv.reader([line])))) for line in (HEADER, ROW, row(InvoiceNo="2"))]
    assert journal(folder, *backwards[1:], header=backwards[0]) == plain
    assert journal(folder, f"{ROW},United Kingdom", f"{row(InvoiceNo='2')},x", header=f" {HEADER} ,Country") == plain


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"UnitPrice": "1,50"}, "price_malformed"),
        ({"UnitPrice": ""}, "price_malformed"),
        ({"UnitPrice": "1e3"}, "price_malformed"),
        ({"UnitPrice": "£2.55"}, "price_malformed"),
        ({"UnitPrice": "0"}, "price_zero"),
        ({"UnitPrice": "-11062.06"}, "price_negative"),
        ({"UnitPrice": "0.0000000001"}, "price_out_of_range"),
        ({"UnitPrice": "99999999999999"}, "price_out_of_range"),
        ({"UnitPrice": "9999999999999.99"}, "amount_out_of_range"),
        ({"Quantity": "10000000"}, "quantity_out_of_range"),
        ({"Quantity": "1.5"}, "quantity_malformed"),
        ({"Quantity": ""}, "quantity_malformed"),
        ({"Quantity": "6 pcs"}, "quantity_malformed"),
        ({"Quantity": "0"}, "quantity_zero"),
        ({"Quantity": "-1", "UnitPrice": "0"}, "stock_movement"),
        ({"Quantity": "-1", "UnitPrice": "-2.55"}, "stock_movement"),
        ({"Quantity": "-1", "StockCode": ""}, "text_malformed"),
        ({"Quantity": "-1", "StockCode": "x" * 65}, "text_malformed"),
        ({"Quantity": "-1", "Description": "x" * 501}, "text_malformed"),
        ({"Quantity": "-1", "CustomerID": "\x07"}, "card_malformed"),
        ({"Quantity": "-1", "InvoiceDate": ""}, "date_malformed"),
        ({"Quantity": "-1000000"}, "quantity_out_of_range"),
        ({"Quantity": "-1", "UnitPrice": "1,50"}, "price_malformed"),
        ({"InvoiceDate": ""}, "date_malformed"),
        ({"InvoiceDate": "2010-13-01 08:26:00"}, "date_malformed"),
        ({"InvoiceDate": "yesterday"}, "date_malformed"),
        ({"InvoiceNo": ""}, "invoice_missing"),
        ({"InvoiceNo": "x" * 65}, "text_malformed"),
        ({"StockCode": ""}, "text_malformed"),
        ({"StockCode": "x" * 65}, "text_malformed"),
        ({"StockCode": "a\x00b"}, "text_malformed"),
        ({"Description": "x" * 501}, "text_malformed"),
        ({"Description": "two\nlines"}, "text_malformed"),
        ({"CustomerID": "\x07"}, "card_malformed"),
    ],
    ids=str,
)
def test_a_bad_row_is_reported_and_the_good_ones_beside_it_sold(folder: Path, cells: dict[str, str], code: str) -> None:
    assert reported(folder, ROW, row(**cells), ROW) == [code]


@pytest.mark.parametrize(
    "cells",
    [
        {"Quantity": "-4", "InvoiceNo": "C536379"},
        {"Quantity": "-4", "InvoiceNo": "c1", "UnitPrice": "0"},
        {"Quantity": "-4", "InvoiceNo": "C1", "UnitPrice": "-2.55"},
        {"Quantity": "-4"},
        {"Quantity": "-4", "StockCode": " 85123a ", "CustomerID": " 7 "},
        {"Quantity": "-4", "CustomerID": ""},
    ],
    ids=str,
)
def test_goods_that_came_back_are_returns(folder: Path, cells: dict[str, str]) -> None:
    read = journal(folder, row(**cells))
    (invoice,) = read.invoices
    assert (invoice.lines, invoice.reported) == ([], [])
    assert invoice.returns == [
        ReturnedRow(
            cells.get("StockCode", "85123A").strip(),
            4,
            1_291_191_960_000,
            cells.get("CustomerID", "17850").strip() or None,
        )
    ]


def test_sold_and_returned_rows_of_one_invoice_keep_their_own_customer_and_time(folder: Path) -> None:
    back = row(Quantity="-1", CustomerID="", InvoiceDate="2010-11-01 08:26:00")
    (invoice,) = journal(folder, back, ROW, row(Quantity="-2", CustomerID="9")).invoices
    assert (invoice.customer, invoice.happened_at, len(invoice.lines)) == ("17850", 1_291_191_960_000, 1)
    assert [(r.customer, r.quantity) for r in invoice.returns] == [(None, 1), ("9", 2)]
    assert invoice.returns[0].happened_at < invoice.happened_at


def test_missing_and_surplus_cells(folder: Path) -> None:
    codes = reported(folder, "536365", "536365,85123A,X,6", f"{ROW},,,", ROW, " ")
    assert codes == ["quantity_malformed", "price_malformed", "quantity_malformed"]
    assert reported(folder, "", ROW, "") == []


def test_exact_duplicates_are_both_sold_and_codes_in_another_case_are_others(folder: Path) -> None:
    (invoice,) = journal(folder, ROW, ROW, row(StockCode="85123a")).invoices
    assert [line.sku for line in invoice.lines] == ["85123A", "85123A", "85123a"]


def test_rows_of_one_invoice_are_one_receipt_wherever_they_stand(folder: Path) -> None:
    rows = [ROW, row(InvoiceNo="2", CustomerID=""), row(InvoiceNo=" 536365 ", StockCode=" B ", Description=" d ")]
    one, two = journal(folder, *rows, row(InvoiceNo="2", CustomerID="9")).invoices
    assert [(line.sku, line.description) for line in one.lines][1] == ("B", "d")
    assert (one.number, two.number, two.customer) == ("536365", "2", "9")


def test_the_first_sold_row_says_when(folder: Path) -> None:
    (invoice,) = journal(
        folder, row(Quantity="-1", InvoiceDate="2009-01-01 00:00:00"), ROW, row(InvoiceDate="2011-01-01 00:00:00")
    ).invoices
    assert invoice.happened_at == 1_291_191_960_000


@pytest.mark.parametrize(
    "text", ["2010-12-01 08:26:00", "2010-12-01 08:26", "2010-12-01T08:26:00", "12/1/2010 8:26", "12/01/2010 08:26"]
)
def test_dates_as_journals_write_them(folder: Path, text: str) -> None:
    assert journal(folder, row(InvoiceDate=text)).invoices[0].happened_at == 1_291_191_960_000


def test_points_wanted_stand_on_any_row_of_the_invoice(folder: Path) -> None:
    header = f"{HEADER},Points"
    read = journal(folder, f"{ROW},", f"{ROW},500", ROW, f"{row(InvoiceNo='2')},0", header=header)
    assert [invoice.points for invoice in read.invoices] == [500, 0]
    read = journal(folder, f"{ROW},1.5", f"{ROW},-1", f"{ROW},7", header=header)
    assert [(len(i.lines), i.reported, i.points, i.points_malformed) for i in read.invoices] == [(3, [], 7, True)]


def test_the_digest_is_of_the_invoices_own_cells_alone(folder: Path) -> None:
    def digests(*rows: str, header: str = HEADER) -> list[str]:
        return [invoice.digest for invoice in journal(folder, *rows, header=header).invoices]

    first, second = digests(ROW, row(InvoiceNo="2"))
    assert first != second
    assert digests(row(InvoiceNo="3"), ROW)[1] == first
    assert digests(f"{ROW},UK", header=f"{HEADER},Country") == [first]
    assert digests(ROW, ROW) != [first]
    assert digests(row(Quantity="7")) != [first]
    assert digests(row(StockCode="85123AW", Description="HITE HANGING HEART")) != [first]


@given(st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6))
def test_any_rows_are_sold_returned_or_reported(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    path = tmp_path_factory.mktemp("any") / "journal.csv"
    path.write_bytes(text.getvalue().encode("utf-8", "replace"))
    try:
        read = read_journal(path, GBP)
    except FileRefusedError:
        return
    sold = sum(len(invoice.lines) + len(invoice.returns) for invoice in read.invoices)
    assert read.rows == sold + sum(len(invoice.reported) for invoice in read.invoices)


def test_csv_as_others_write_it(folder: Path) -> None:
    cases = json.loads(shared("vectors", "csv_spectrum.json").read_text("utf-8"))["cases"]
    for case in cases:
        path = folder / "case.csv"
        path.write_bytes(base64.b64decode(case["csv_base64"]))
        expected = case["rows"] if isinstance(case["rows"], list) else [case["rows"]]
        if case["name"] == "location_coordinates":  # the vector's own answer names another phone number
            expected[0]["Contact Phone Number"] = "2095257564"
        assert list(read_rows(path, ())) == expected, case["name"]
    assert len(cases) >= 10


def test_the_real_journal_row_by_row(retail: Journal) -> None:
    path = shared(*RETAIL)
    expected: Counter[str] = Counter()
    sold = returned = 0
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            quantity, price = int(cells["Quantity"]), cells["UnitPrice"]
            if quantity > 0 and not price.startswith("-") and price.strip("0."):
                sold += 1
            elif quantity > 0:
                expected["price_negative" if price.startswith("-") else "price_zero"] += 1
            elif cells["InvoiceNo"].startswith("C") or price.strip("0."):
                returned += 1
            else:
                expected["stock_movement"] += 1
    assert retail.rows == sold + returned + sum(expected.values()) == 105_335
    assert sum(len(invoice.returns) for invoice in retail.invoices) == returned == 1_904
    assert sum(len(invoice.lines) for invoice in retail.invoices) == sold
    assert Counter(code for invoice in retail.invoices for code in invoice.reported) == expected
    assert len(retail.invoices) == 4_894

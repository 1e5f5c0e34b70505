"""Replaying journals: every row accounted for, every receipt once, whatever happens in between.

Must never compare a second run with anything but the first.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CARD, COUNTER_KEY, GBP, Counter, make_counter, make_policy
from tests.end_to_end.reckoning import read as read_rows_again
from tests.end_to_end.reckoning import reckon
from tests.end_to_end.shop import POLICIES
from tests.fakes.shop import NOON
from tests.shared_data import RETAIL, shared
from tests.unit.counter.faults import PowerCutError, content, counted, cut_at
from tests.unit.counter.test_journal import HEADER, row
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.store.book import SqlStore
from urs_desktop.counter.use_cases.journal import Journal, read_journal
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.replay import Replay, Replayed
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.messages import (
    CustomerReply,
    CustomerRequest,
    GrantReply,
    GrantRequest,
    SaleReply,
    SaleRequest,
)
from urs_desktop.protocol.operations import ProductsBody, RefundBody, SaleBody


def read(folder: Path, *rows: str, header: str = HEADER, name: str = "journal") -> Journal:
    """Return a journal of these rows."""
    path = folder / f"{name}.csv"
    path.write_text("\n".join([header, *rows, ""]), "utf-8", newline="")
    return read_journal(path, GBP)


def run(counter: Counter, journal: Journal, push: Callable[[], object] | None = None) -> Replayed:
    """Replay a journal as a fresh start of the program would, and see that its report adds up."""
    push = push or (lambda: counter.central.sync(counter.store))
    done: list[tuple[int, int]] = []
    replay = Replay(counter.store, counter.recorder, counter.redeem, push)
    result = replay.run(journal, lambda *step: done.append(step))
    document = result.document
    assert document["rows_read"] == document["rows_stored"] + document["rows_reported"] == journal.rows
    assert document["rows_reported"] == sum(document["reasons"].values())
    assert document["purchases"] == sum(invoice_is_sold(counter, journal, entry) for entry in document["invoices"])
    assert list(document["reasons"]) == sorted(document["reasons"])
    assert [step for step, _ in done] == sorted(step for step, _ in done)
    if journal.invoices:
        assert done[-1] == (len(journal.invoices), len(journal.invoices))
    return result


def invoice_is_sold(counter: Counter, journal: Journal, entry: dict[str, Any]) -> bool:
    return counter.read(lambda book: book.sales.by_source(journal.name, entry["invoice"])) is not None


def bodies(counter: Counter) -> list[SaleBody]:
    decoded = [decode_body(o.kind, o.schema, o.body) for o in counter.operations()]
    return [body for body in decoded if isinstance(body, SaleBody)]


@pytest.fixture
def counter() -> Counter:
    return make_counter()


def refund_bodies(counter: Counter) -> list[RefundBody]:
    decoded = [decode_body(o.kind, o.schema, o.body) for o in counter.operations()]
    return [body for body in decoded if isinstance(body, RefundBody)]


class Real:
    """The real journal replayed twice, with what it left."""

    def __init__(self, journal: Journal) -> None:
        self.counter = make_counter()
        self.first = run(self.counter, journal)
        assert isinstance(self.counter.store, SqlStore)
        self.after_first = self.counter.read(lambda book: book.operations.head())
        self.second = run(self.counter, journal)


@pytest.fixture(scope="module")
def real(retail: Journal) -> Real:
    return Real(retail)


def test_the_real_journal_is_stored_to_the_row(real: Real, retail: Journal) -> None:
    document = real.first.document
    assert document["rows_read"] == 105_335
    sold = sum(len(invoice.lines) for invoice in retail.invoices)
    unmatched = document["reasons"]["return_without_sale"] + document["reasons"]["return_exceeds_sale"]
    assert document["rows_stored"] == sold + 1904 - unmatched
    assert set(document["reasons"]) == {"price_zero", "return_exceeds_sale", "return_without_sale", "stock_movement"}
    assert document["purchases"] == 3745
    assert document["refunds"] == len(refund_bodies(real.counter)) > 500
    assert document["journal"] == RETAIL[-1].removesuffix(".csv.gz")


def test_the_real_journal_a_second_time_changes_nothing(real: Real) -> None:
    assert real.second.document == real.first.document
    assert real.counter.read(lambda book: book.operations.head()) == real.after_first


def test_the_real_totals_and_points_by_decimals(real: Real) -> None:
    gross: dict[str, Decimal] = defaultdict(Decimal)
    customers: dict[str, str] = {}
    with gzip.open(shared(*RETAIL), "rt", encoding="utf-8", newline="") as file:
        header = file.readline().strip().split(",")
        for cells in csv.reader(file):
            record = dict(zip(header, cells, strict=True))
            quantity, price = Decimal(record["Quantity"]), Decimal(record["UnitPrice"])
            if quantity > 0 and price > 0:
                gross[record["InvoiceNo"]] += (quantity * price).quantize(Decimal("0.01"), ROUND_HALF_UP)
                if record["CustomerID"]:
                    customers.setdefault(record["InvoiceNo"], record["CustomerID"])
    reported = {entry["invoice"]: entry for entry in real.first.document["invoices"]}
    assert set(reported) >= set(gross)
    assert all(entry["gross_minor"] <= 0 for number, entry in reported.items() if number not in gross)
    for invoice, total in gross.items():
        customer = customers.get(invoice)
        points = (total * 5).to_integral_value(ROUND_FLOOR) if customer and total > 10 else 0
        assert reported[invoice] == {
            "invoice": invoice,
            "customer": customer,
            "gross_minor": total * 100,
            "points_earned": points,
            "points_redeemed": 0,
        }


def test_the_real_invoices_against_a_reckoning_that_shares_no_line(real: Real) -> None:
    expected = reckon(read_rows_again(shared(*RETAIL)), POLICIES["medium"])
    document = real.first.document
    assert document["invoices"] == expected.documents
    assert document["refunds"] == len(expected.refunds)
    returns = {code: rows for code, rows in document["reasons"].items() if code.startswith("return")}
    assert returns == expected.reasons


def test_the_real_chain_verifies_and_every_customer_is_enrolled_once(real: Real) -> None:
    assert verify(real.counter.store, COUNTER_KEY.public_key) == []
    enrolled = [operation for operation in real.counter.operations() if operation.kind == "enrol"]
    cards = {entry["customer"] for entry in real.first.document["invoices"]} - {None}
    assert len(enrolled) == len(cards)
    body = bodies(real.counter)[0]
    assert body.happened_at < body.recorded_at == NOON


def test_the_real_codes_that_differ_in_case_are_products_of_their_own(real: Real, retail: Journal) -> None:
    codes = {line.sku for invoice in retail.invoices for line in invoice.lines}
    assert real.counter.read(lambda book: book.catalogue.count()) == len(codes) + 1
    for code in codes:
        product = real.counter.read(lambda book, code=code: book.catalogue.find(code))  # type: ignore[misc]
        assert product is not None
        assert product.sku == code


def test_a_crash_at_any_statement_and_a_second_run_give_the_same_report(tmp_path: Path) -> None:
    rows = [row(InvoiceNo=str(n), CustomerID=f"C{n % 3}", StockCode=f"S{n % 4}") for n in range(30)]
    journal = read(tmp_path, *rows, row(InvoiceNo="7", Quantity="0"))
    expected = run(make_counter(), journal).document
    statements = 0
    whole = make_counter()
    assert isinstance(whole.store, SqlStore)
    with counted(whole.store) as seen:
        run(whole, journal)
    statements = len(seen)
    for number in range(0, statements, 17):
        counter = make_counter()
        assert isinstance(counter.store, SqlStore)
        with pytest.raises(PowerCutError), cut_at(counter.store, number):
            run(counter, journal)
        assert run(counter, journal).document == expected
        assert [body.receipt for body in bodies(counter)] == list(range(1, 31))
        assert verify(counter.store, COUNTER_KEY.public_key) == []


def test_duplicates_are_both_sold_and_the_first_description_is_kept(counter: Counter, tmp_path: Path) -> None:
    journal = read(
        tmp_path,
        row(StockCode="85123A"),
        row(StockCode="85123A"),
        row(StockCode="85123a", Description="lower case"),
        row(StockCode="85123A", Description="wrongly marked", UnitPrice="9.99", InvoiceNo="2"),
        row(StockCode="POST", Description="POSTAGE", InvoiceNo="2"),
        row(StockCode="BANK CHARGES", Description="", InvoiceNo="2"),
    )
    assert run(counter, journal).document["rows_stored"] == 6
    first, second = bodies(counter)
    assert [line.sku for line in first.lines] == ["85123A", "85123A", "85123a"]
    assert [line.description for line in second.lines] == ["wrongly marked", "POSTAGE", ""]
    product = counter.read(lambda book: book.catalogue.find("85123A"))
    assert product is not None
    assert (product.description, product.unit_price.units) == ("WHITE HANGING HEART", 255)


def test_a_product_the_counter_knows_keeps_its_own_description(counter: Counter, tmp_path: Path) -> None:
    run(counter, read(tmp_path, row(StockCode="MUG", Description="something else")))
    product = counter.read(lambda book: book.catalogue.find("MUG"))
    assert product is not None
    assert product.description == "White metal mug"
    assert [operation.kind for operation in counter.operations()] == ["enrol", "sale"]


def test_a_journal_of_another_name_is_another_journal(counter: Counter, tmp_path: Path) -> None:
    run(counter, read(tmp_path, row()))
    run(counter, read(tmp_path, row(), name="other"))
    assert [body.source.journal for body in bodies(counter) if body.source] == ["journal", "other"]


def test_an_invoice_that_changed_since_is_reported_and_stays_as_it_was(counter: Counter, tmp_path: Path) -> None:
    first = run(counter, read(tmp_path, row(), row(InvoiceNo="2"))).document
    changed = run(counter, read(tmp_path, row(), row(Quantity="7"), row(InvoiceNo="2"))).document
    assert changed["reasons"] == {"invoice_changed": 2}
    assert changed["invoices"] == first["invoices"]
    assert run(counter, read(tmp_path, row(), row(InvoiceNo="2"))).document == first


def test_an_invoice_beyond_any_amount_is_reported_and_takes_no_other_with_it(counter: Counter, tmp_path: Path) -> None:
    dear = row(InvoiceNo="2", UnitPrice="999999999999.99", Quantity="9")
    journal = read(tmp_path, row(), dear, dear, row(InvoiceNo="3"))
    document = run(counter, journal).document
    assert document["reasons"] == {"amount_out_of_range": 2}
    assert [entry["invoice"] for entry in document["invoices"]] == ["536365", "3"]
    assert run(counter, journal).document == document


def test_an_invoice_too_large_for_one_operation_is_reported_whole(counter: Counter, tmp_path: Path) -> None:
    large = [row(InvoiceNo="2", StockCode=f"S{n}", Description="ж" * 500) for n in range(300)]
    journal = read(tmp_path, row(), *large, row(InvoiceNo="3"))
    document = run(counter, journal).document
    assert document["reasons"] == {"receipt_too_large": 300}
    assert run(counter, journal).document == document
    assert counter.read(lambda book: book.catalogue.count()) == 2


def test_a_hundred_articles_with_the_longest_texts_fit_into_operations(counter: Counter, tmp_path: Path) -> None:
    wide = "\U0001f642"
    rows = [
        row(InvoiceNo=str(n), StockCode=f"{n:03d}{wide * 61}", Description=f"{n:03d}{wide * 497}") for n in range(100)
    ]
    journal = read(tmp_path, *rows)
    assert run(counter, journal).document["rows_stored"] == 100
    one = [row(InvoiceNo="all", StockCode=f"x{n:03d}{wide * 60}", Description="x" * 10) for n in range(300)]
    assert run(counter, read(tmp_path, *one, name="one")).document["rows_stored"] == 300


POINTS = f"{HEADER},Points"


def wanting(points: str, **cells: str) -> str:
    return f"{row(**({'CustomerID': CARD, 'UnitPrice': '10.00', 'Quantity': '2'} | cells))},{points}"


def redeemed(document: dict[str, Any]) -> list[int]:
    return [entry["points_redeemed"] for entry in document["invoices"]]


def test_points_pay_as_far_as_the_rules_and_the_wallet_allow(counter: Counter, tmp_path: Path) -> None:
    journal = read(
        tmp_path,
        wanting("300", InvoiceNo="1"),
        wanting("99999", InvoiceNo="2"),
        wanting("100", InvoiceNo="3", CustomerID=""),
        wanting("100", InvoiceNo="4", CustomerID="C-NEW"),
        wanting("", InvoiceNo="5"),
        header=POINTS,
    )
    result = run(counter, journal)
    assert redeemed(result.document) == [300, 1000, 0, 0, 0]
    assert result.points_refused == {"customer_unknown": 1, "points_not_redeemed_here": 1}
    counter.central.sync(counter.store)
    assert counter.central.held(CARD) == 0
    again = run(counter, journal)
    assert again.document == result.document
    assert again.points_refused == {}


def test_offline_the_receipts_are_rung_up_all_the_same(counter: Counter, tmp_path: Path) -> None:
    counter.central.online = False

    def push() -> None:
        raise CentralUnavailableError("no route")

    result = run(counter, read(tmp_path, wanting("300"), header=POINTS), push)
    assert (redeemed(result.document), result.points_refused) == ([0], {"points_need_connection": 1})


@dataclass
class Slow:
    """A central store whose answers take so long that something happens to the counter meanwhile."""

    counter: Counter
    meanwhile: Callable[[], object]

    def grant(self, request: GrantRequest) -> GrantReply:
        """Answer after what happened meanwhile."""
        reply = self.counter.central.grant(request)
        self.meanwhile()
        return reply

    def customer(self, request: CustomerRequest) -> CustomerReply:
        """Answer at once."""
        return self.counter.central.customer(request)

    def sale(self, request: SaleRequest) -> SaleReply:
        """Answer at once."""
        return self.counter.central.sale(request)


def test_points_that_cannot_pay_after_all_cost_the_points_not_the_receipt(counter: Counter, tmp_path: Path) -> None:
    slow = Slow(counter, lambda: counter.store.write(lambda book: book.operations.fence()))
    counter.redeem = Redeem(counter.store, counter.recorder, slow)
    result = run(counter, read(tmp_path, wanting("300"), header=POINTS))
    assert (redeemed(result.document), result.points_refused) == ([0], {"counter_fenced": 1})
    assert result.document["rows_stored"] == 1
    counter.central.sync(counter.store)
    assert counter.central.held(CARD) == 0


def test_a_fenced_counter_replays_without_points(counter: Counter, tmp_path: Path) -> None:
    counter.store.write(lambda book: book.operations.fence())
    result = run(counter, read(tmp_path, wanting("300"), header=POINTS), lambda: 0)
    assert (redeemed(result.document), result.points_refused) == ([0], {"counter_fenced": 1})


def test_a_crash_while_points_pay_doubles_and_locks_nothing(tmp_path: Path) -> None:
    journal = read(tmp_path, wanting("300", InvoiceNo="1"), row(InvoiceNo="2"), header=POINTS)
    number, finished = 0, False
    while not finished:
        counter = make_counter()
        assert isinstance(counter.store, SqlStore)
        try:
            with cut_at(counter.store, number):
                run(counter, journal)
            finished = True
        except PowerCutError:
            Redeem(counter.store, counter.recorder, counter.central).give_back_all()
        document = run(counter, journal).document
        assert document["purchases"] == 2
        assert sum(redeemed(document)) in (0, 300)
        counter.central.sync(counter.store)
        assert counter.central.held(CARD) == 0
        assert all(lease[7] for lease in content(counter.store)["leases"])
        number += 5
    assert number > 50


def test_products_of_a_journal_travel_with_their_first_price(counter: Counter, tmp_path: Path) -> None:
    run(counter, read(tmp_path, row(UnitPrice="0.0833", StockCode="N"), row(UnitPrice="1.00", StockCode="N")))
    operations = [decode_body(o.kind, o.schema, o.body) for o in counter.operations()]
    (products,) = [body for body in operations if isinstance(body, ProductsBody)]
    assert [(item.sku, item.price, item.scale) for item in products.items] == [("N", 833, 4)]


def test_points_at_a_small_policy_share(tmp_path: Path) -> None:
    counter = make_counter(policy=make_policy(redeemable_bp=1))
    result = run(counter, read(tmp_path, wanting("300"), header=POINTS))
    assert redeemed(result.document) == [0]
    assert result.points_refused == {"points_not_redeemed_here": 1}

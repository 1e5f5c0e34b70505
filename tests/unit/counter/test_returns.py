"""Returns in a journal: matched with what the customer bought before, refunded at what was paid, once for ever.

Must never take a row's own price for what the goods are worth.
"""

from collections import Counter as Tally
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CARD, COUNTER_KEY, GBP, Counter, make_counter, make_line
from tests.end_to_end.reckoning import invented, reckon, written
from tests.end_to_end.shop import POLICIES
from tests.unit.counter.faults import PowerCutError, content, counted, cut_at, forged
from tests.unit.counter.test_journal import row
from tests.unit.counter.test_replay import POINTS, bodies, read, refund_bodies, run, wanting
from urs_desktop.counter.store.book import SqlStore
from urs_desktop.counter.use_cases.journal import read_journal
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.counter.use_cases.verification import verify

BUYER = "17850"


@pytest.fixture
def counter() -> Counter:
    return make_counter()


def bought(invoice: str, quantity: int = 6, day: int = 1, **cells: str) -> str:
    """Return a row that was sold: heart holders at 10.00, on a day of December 2010."""
    sold = {"InvoiceNo": invoice, "Quantity": str(quantity), "UnitPrice": "10.00", **cells}
    return row(**{"InvoiceDate": f"2010-12-{day:02} 08:26:00", **sold})


def back(invoice: str = "C1", quantity: int = 1, day: int = 20, **cells: str) -> str:
    """Return a row of goods that came back, at a price that is not what was paid."""
    return bought(invoice, -quantity, day, **{"UnitPrice": "3.33", **cells})


def refunds(counter: Counter) -> list[tuple[int, int, int]]:
    """Return the receipt of the sale, the pieces and the value of every refunded line."""
    sales = {s.op_id.hex(): s.receipt for s in counter.read(lambda book: book.sales.latest(1000))}
    return [
        (sales[body.sale or ""], line.quantity, line.total) for body in refund_bodies(counter) for line in body.lines
    ]


def entries(document: dict[str, Any]) -> dict[str, tuple[str | None, int, int, int]]:
    return {
        entry["invoice"]: (
            entry["customer"],
            entry["gross_minor"],
            entry["points_earned"],
            entry["points_redeemed"],
        )
        for entry in document["invoices"]
    }


def proven(counter: Counter) -> bool:
    return verify(counter.store, COUNTER_KEY.public_key) == []


def test_a_return_is_refunded_at_what_was_paid_then(counter: Counter, tmp_path: Path) -> None:
    document = run(counter, read(tmp_path, bought("1"), back(quantity=2))).document
    assert refunds(counter) == [(1, 2, 2000)]
    assert entries(document) == {"1": (BUYER, 6000, 300, 0), "C1": (BUYER, -2000, -100, 0)}
    assert (document["purchases"], document["refunds"], document["rows_stored"], document["reasons"]) == (1, 1, 2, {})
    (body,) = refund_bodies(counter)
    assert body.source is not None
    assert (body.source.journal, body.source.invoice, body.receipt) == ("journal", "C1", 2)
    assert (body.card, body.cash_back, body.clawed, body.override) == (BUYER, 2000, 100, None)
    assert body.happened_at - bodies(counter)[0].happened_at == 19 * 86_400_000
    assert proven(counter)


def test_the_oldest_purchase_comes_back_first_and_each_gets_a_refund_of_its_own(
    counter: Counter, tmp_path: Path
) -> None:
    rows = (bought("1", 2, day=5), bought("2", 2, day=3, UnitPrice="20.00"), bought("3", 2, day=5), back(quantity=5))
    document = run(counter, read(tmp_path, *rows)).document
    assert refunds(counter) == [(2, 2, 4000), (1, 2, 2000), (3, 1, 1000)]
    assert document["refunds"] == 3
    assert [body.receipt for body in refund_bodies(counter)] == [4, 5, 6]
    assert entries(document)["C1"][1] == -7000
    assert proven(counter)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"CustomerID": ""}, "return_without_sale"),
        ({"CustomerID": "17851"}, "return_without_sale"),
        ({"StockCode": "85123a"}, "return_without_sale"),
        ({"StockCode": "85123"}, "return_without_sale"),
        ({"InvoiceDate": "2010-12-04 23:59:59"}, "return_without_sale"),
        ({"Quantity": "-7"}, "return_exceeds_sale"),
    ],
    ids=str,
)
def test_what_no_purchase_explains_is_reported(
    counter: Counter, tmp_path: Path, cells: dict[str, str], code: str
) -> None:
    document = run(counter, read(tmp_path, bought("1", day=5), back("C1", 1, 20, **cells))).document
    assert document["reasons"] == {code: 1}
    assert document["rows_stored"] == 1
    assert refunds(counter) == ([(1, 6, 6000)] if code == "return_exceeds_sale" else [])
    assert set(entries(document)) == ({"1", "C1"} if refunds(counter) else {"1"})


def test_the_moment_of_the_purchase_itself_is_early_enough(counter: Counter, tmp_path: Path) -> None:
    run(counter, read(tmp_path, bought("1", day=5), back(day=5)))
    assert refunds(counter) == [(1, 1, 1000)]


def test_what_came_back_already_cannot_come_back_again(counter: Counter, tmp_path: Path) -> None:
    rows = (bought("1", 3), back("C1", 2), back("C2", 2), back("C3", 1))
    document = run(counter, read(tmp_path, *rows)).document
    assert document["reasons"] == {"return_exceeds_sale": 2}
    assert refunds(counter) == [(1, 2, 2000), (1, 1, 1000)]
    assert set(entries(document)) == {"1", "C1", "C2"}
    assert [entry["invoice"] for entry in document["reported"]] == ["C2", "C3"]
    assert proven(counter)


def test_rows_count_once_each_however_their_pieces_are_found(counter: Counter, tmp_path: Path) -> None:
    rows = (bought("1", 1), bought("1", 2), bought("2", 2), back("C1", 2), back("C1", 2), back("C1", 2))
    document = run(counter, read(tmp_path, *rows)).document
    assert (document["rows_stored"], document["reasons"]) == (5, {"return_exceeds_sale": 1})
    assert refunds(counter) == [(1, 1, 1000), (1, 2, 2000), (2, 2, 2000)]
    assert document["refunds"] == 2
    assert proven(counter)


def test_an_invoice_that_sells_and_takes_back_is_one_transaction(counter: Counter, tmp_path: Path) -> None:
    journal = read(tmp_path, bought("1", 4), bought("2", 1, day=2, StockCode="NEW"), back("2", 1, day=2))
    document = run(counter, journal).document
    assert entries(document) == {"1": (BUYER, 4000, 200, 0), "2": (BUYER, 0, -50, 0)}
    assert (document["purchases"], document["refunds"], document["rows_stored"]) == (2, 1, 3)
    assert [operation.kind for operation in counter.operations()][-2:] == ["sale", "refund"]


def test_goods_sold_and_taken_back_on_the_same_invoice(counter: Counter, tmp_path: Path) -> None:
    document = run(counter, read(tmp_path, back("1", 2, day=1), bought("1", 3, day=1))).document
    assert entries(document) == {"1": (BUYER, 1000, 0, 0)}
    assert refunds(counter) == [(1, 2, 2000)]


def test_points_that_paid_go_back(counter: Counter, tmp_path: Path) -> None:
    rows = (wanting("300", InvoiceNo="1"), f"{back('C1', 1, day=20, CustomerID=CARD)},500")
    document = run(counter, read(tmp_path, *rows, header=POINTS)).document
    # Two at 10.00, 300 of it in points: 85 earned; one comes back with 150 points and 8.50, below the threshold.
    assert entries(document) == {"1": (CARD, 2000, 85, 300), "C1": (CARD, -1000, -85, -150)}
    counter.central.sync(counter.store)
    assert counter.central.wallets[CARD] == 1240 - 300 + 150


def test_purchases_of_other_journals_and_of_the_till_itself_count(counter: Counter, tmp_path: Path) -> None:
    run(counter, read(tmp_path, bought("1", 1), name="other"))
    counter.clock.time = 1_292_000_000_000
    counter.sell(make_line("5.00", 2, sku="85123A"), card=BUYER)
    document = run(counter, read(tmp_path, back(quantity=3))).document
    assert refunds(counter) == [(1, 1, 1000), (2, 2, 1000)]
    assert (document["purchases"], document["refunds"], document["rows_stored"]) == (0, 2, 1)


def test_what_was_refunded_by_hand_is_not_refunded_again(counter: Counter, tmp_path: Path) -> None:
    run(counter, read(tmp_path, bought("1", 3), name="other"))
    counter.refunding.complete(RefundOrder(counter.refunding.find("1"), {1: 2}))
    assert run(counter, read(tmp_path, back(quantity=2))).document["reasons"] == {"return_exceeds_sale": 1}
    assert refunds(counter) == [(1, 2, 2000), (1, 1, 1000)]


def test_a_second_run_changes_nothing_even_if_purchases_came_since(counter: Counter, tmp_path: Path) -> None:
    journal = read(tmp_path, bought("1", 1), back("C1", 2), back("C2", 1, StockCode="Z"), back("C3", CustomerID=""))
    first = run(counter, journal).document
    assert first["reasons"] == {"return_exceeds_sale": 1, "return_without_sale": 2}
    run(counter, read(tmp_path, bought("8", 9), bought("8", 9, StockCode="Z"), name="more"))
    assert isinstance(counter.store, SqlStore)
    before = content(counter.store)
    assert run(counter, journal).document == first
    assert content(counter.store) == before


def test_an_invoice_of_returns_that_changed_is_reported_and_stays_as_it_was(counter: Counter, tmp_path: Path) -> None:
    first = run(counter, read(tmp_path, bought("1"), back(quantity=1))).document
    for changed in (back(quantity=2), back(StockCode="Z"), back() + "\n" + bought("C1", 1)):
        document = run(counter, read(tmp_path, bought("1"), changed)).document
        assert set(document["reasons"]) == {"invoice_changed"}
        assert entries(document) == entries(first)
    assert refunds(counter) == [(1, 1, 1000)]
    sold = run(counter, read(tmp_path, bought("1"), back("1"), back(quantity=1))).document
    assert sold["reasons"] == {"invoice_changed": 2}
    assert refunds(counter) == [(1, 1, 1000)]
    assert run(counter, read(tmp_path, bought("1"), back(quantity=1))).document == first


def test_returns_of_a_journal_that_was_replayed_before_there_were_refunds(counter: Counter, tmp_path: Path) -> None:
    journal = read(tmp_path, bought("1"), bought("2", 1, day=2, StockCode="B"), back("2", 1, day=2), back())
    expected = run(make_counter(), journal).document
    returns = [list(invoice.returns) for invoice in journal.invoices]
    for invoice in journal.invoices:
        invoice.returns.clear()
    journal_then = type(journal)(journal.name, 2, journal.invoices)
    run(counter, journal_then)
    for invoice, rows in zip(journal.invoices, returns, strict=True):
        invoice.returns.extend(rows)
    assert run(counter, journal).document == expected
    assert proven(counter)


def test_a_crash_at_any_statement_and_a_second_run_give_the_same_report(tmp_path: Path) -> None:
    rows = [bought(str(n), 3, day=1 + n % 5, CustomerID=f"C{n % 3}", StockCode=f"S{n % 2}") for n in range(12)]
    rows += [back(f"R{n}", 1 + 3 * (n % 5), CustomerID=f"C{n % 4}", StockCode=f"S{n % 3}") for n in range(12)]
    rows += [bought("9", 1, StockCode="S1", CustomerID="C0"), back("9", 1, CustomerID="C0", StockCode="S0")]
    journal = read(tmp_path, *rows)
    whole = make_counter()
    assert isinstance(whole.store, SqlStore)
    with counted(whole.store) as seen:
        expected = run(whole, journal).document
    assert expected["refunds"] > 5
    assert len(expected["reasons"]) == 2
    for number in range(0, len(seen), 13):
        counter = make_counter()
        assert isinstance(counter.store, SqlStore)
        with pytest.raises(PowerCutError), cut_at(counter.store, number):
            run(counter, journal)
        assert run(counter, journal).document == expected
        numbers = {body.receipt for body in bodies(counter)} | {body.receipt for body in refund_bodies(counter)}
        assert numbers == set(range(1, expected["purchases"] + expected["refunds"] + 1))
        assert proven(counter)


@pytest.mark.parametrize("points", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_invented_journals_against_a_reckoning_that_shares_no_line(tmp_path: Path, seed: int, *, points: bool) -> None:
    rows = invented(150, seed=seed, customers=8, points=points, returns=True)
    expected = reckon(rows, POLICIES["medium"])
    counter = make_counter()
    journal = read_journal(written(rows, tmp_path / "journal.csv"), GBP)
    document = run(counter, journal).document
    assert document["invoices"] == expected.documents
    assert document["rows_stored"] == expected.sold + expected.returned
    assert (document["purchases"], document["refunds"]) == (len(expected.sales), len(expected.refunds))
    returns = {code: rows for code, rows in document["reasons"].items() if code.startswith("return")}
    assert returns == expected.reasons
    counter.central.sync(counter.store)
    del counter.central.wallets[CARD]
    assert +Tally(counter.central.wallets) == +expected.wallets
    assert proven(counter)


def test_a_sale_that_is_refused_takes_no_return_with_it(counter: Counter, tmp_path: Path) -> None:
    dear = bought("2", 9, day=2, UnitPrice="999999999999.99")
    journal = read(tmp_path, bought("1"), dear, dear, back("2", 2, day=2))
    document = run(counter, journal).document
    assert document["reasons"] == {"amount_out_of_range": 2}
    assert entries(document)["2"] == (BUYER, -2000, -100, 0)
    assert run(counter, journal).document == document


def test_returns_that_cannot_be_reckoned_take_no_sale_with_them(counter: Counter, tmp_path: Path) -> None:
    run(counter, read(tmp_path, bought("1"), name="other"))
    assert isinstance(counter.store, SqlStore)
    forged(counter.store, "UPDATE policies SET reward_bp = 1")
    journal = read(tmp_path, bought("2", 1, StockCode="B"), back("2", 1), bought("3", 1, StockCode="B"))
    document = run(counter, journal).document
    assert document["reasons"] == {"policy_unknown": 1}
    assert (document["purchases"], document["refunds"]) == (2, 0)
    assert run(counter, journal).document == document

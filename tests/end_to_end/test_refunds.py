"""Refunds with the real programs: at the counter that sold, at another one, without a receipt, without the centre.

Must never look at anything but what the programs print and the two ends' own proofs.
"""

import csv
import io
import json
from typing import Any

import pytest
from filelock import FileLock

from tests.end_to_end import books
from tests.end_to_end.shop import Counter, Shop

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Points\n"


def sell(shop: Shop, counter: Counter, *invoices: str) -> None:
    """Ring up three mugs at 20.00 and a bag at 4.99 for C1 on each invoice, which may name points that pay."""
    text = io.StringIO()
    for invoice in invoices:
        number, _, points = invoice.partition(":")
        for stock, quantity, price in (("MUG", "3", "20.00"), ("BAG", "1", "4.99")):
            row = (number, stock, f"{stock} of ours", quantity, "2026-10-01 10:00:00", price, "C1", points or "0")
            csv.writer(text, lineterminator="\n").writerow(row)
    journal = shop.file("journal.csv", HEADER + text.getvalue())
    counter.ask("replay", journal, "--report", shop.folder / "report.json")


def number(counter: Counter, receipt: int) -> str:
    return f"{counter.ask('status')['counter']}-{receipt:06d}"


def balance(shop: Shop) -> int:
    shown: int = shop.central.ask("customer", "show", "C1")["wallet_balance"]
    return shown


def proven(shop: Shop, *counters: Counter) -> None:
    for counter in counters:
        assert counter.ask("sync", "--once")["waiting"] == 0
        status = counter.ask("status")
        assert (status["parked"], status["missing"], status["receipts"]) == (0, [], status["acknowledged"])
        assert counter.ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]


def figures(document: dict[str, Any]) -> tuple[int, int, int, int]:
    return (
        document["total_minor"],
        document["cash_back_minor"],
        document["points_back"],
        document["clawed"],
    )


def test_a_sale_comes_back_in_parts_where_it_was_sold(shop: Shop) -> None:
    counter = shop.counter("medium")
    sell(shop, counter, "1", "2:300")
    # 324 earned, then 300 paid with and 6199 * 5 % = 309 earned
    counter.ask("sync", "--once")
    assert balance(shop) == 324 - 300 + 309
    receipt = number(counter, 2)
    before = books.contents(counter)
    quoted = counter.ask("refund", receipt, "--line", "1:1", "--quote")
    # floor(300 * 2000 / 6499) = 92; 6199 - 1908 = 4291, of which 5 % are 214
    assert figures(quoted) == (2000, 1908, 92, 95)
    assert (quoted["quote"], quoted["receipt"], quoted["confirmed"]) == (True, None, True)
    assert quoted["remaining"] == [{"line": 1, "quantity": 2}, {"line": 2, "quantity": 1}]
    assert counter.ask("status")["receipts"] == 2
    done = counter.ask("refund", receipt, "--line", "1:1")
    assert figures(done) == figures(quoted)
    assert (done["receipt"], done["sale"], done["quote"]) == (number(counter, 3), receipt, False)
    assert books.contents(counter) != before
    said = counter.try_to("refund", "2", "--line", "1").expect().out
    assert "Left to refund: 1 of line 2." in said
    rest = counter.ask("refund", receipt)
    assert rest["lines"] == [{"line": 2, "sku": "BAG", "description": "BAG of ours", "quantity": 1, "total_minor": 499}]
    assert "that could still be refunded" in counter.try_to("refund", receipt).refusal()
    for line in ("1", "1:1", "2:1"):
        assert "0 can still be refunded" in counter.try_to("refund", receipt, "--line", line).refusal()
    proven(shop, counter)
    assert balance(shop) == 324


def test_a_receipt_of_another_counter(shop: Shop) -> None:
    seller, other = shop.counter("medium"), shop.counter("second")
    sell(shop, seller, "1")
    receipt = number(seller, 1)
    assert "There is no sale" in other.try_to("refund", receipt).refusal()
    seller.ask("sync", "--once")
    done = other.ask("refund", receipt, "--line", "2")
    assert (done["receipt"], done["sale"], figures(done)) == (number(other, 1), receipt, (499, 499, 0, 24))
    other.ask("sync", "--once")
    # The seller learns of it from the central store, and can take back only what is left.
    assert "0 can still be refunded" in seller.try_to("refund", receipt, "--line", "2").refusal()
    rest = seller.ask("refund", receipt)
    assert figures(rest) == (6000, 6000, 0, 300)
    explained = seller.ask("why", receipt)
    assert [each["receipt"] for each in explained["refunds"]] == [None, number(seller, 2)]
    proven(shop, seller, other)
    assert balance(shop) == 0
    shop.central.stop()
    assert "the central store is out of reach" in other.try_to("refund", receipt).refusal()
    assert "that could still be refunded" in seller.try_to("refund", receipt).refusal()
    offline = seller.ask("why", "1")
    assert (offline["confirmed"], len(offline["refunds"])) == (False, 2)


def test_a_receipt_of_another_vendor_is_unknown(shop: Shop) -> None:
    seller, stranger = shop.counter("medium"), shop.counter("large")
    sell(shop, seller, "1")
    seller.ask("sync", "--once")
    assert "There is no sale" in stranger.try_to("refund", number(seller, 1)).refusal()
    assert "There is no sale" in stranger.try_to("why", number(seller, 1)).refusal()


def test_without_the_central_store_the_counters_own_sale_comes_back(closed_shop: Shop) -> None:
    counter = closed_shop.counter("medium")
    sell(closed_shop, counter, "1")
    done = counter.ask("refund", "1", "--line", "1:2")
    assert (done["confirmed"], figures(done)) == (False, (4000, 4000, 0, 200))
    assert counter.ask("why", "2")["refunds"][0]["receipt"] == done["receipt"]
    closed_shop.central.serve()
    proven(closed_shop, counter)
    assert balance(closed_shop) == 124


def test_goods_without_a_receipt(shop: Shop) -> None:
    counter = shop.counter("medium")
    goods = ("refund", "--without-receipt", "--sku", "MUG", "--quantity", "2", "--price", "19.99")
    assert "somebody else's permission" in counter.try_to(*goods).refusal()
    assert "somebody else's permission" in counter.try_to(*goods, "--override-by", "boss").refusal()
    allowed = (*goods, "--override-by", "boss", "--reason", "broken")
    assert "Ask somebody else" in counter.try_to(*allowed, "--operator", "Boss").refusal()
    assert counter.ask("status")["receipts"] == 0
    done = counter.ask(*allowed, "--operator", "anna")
    assert (figures(done), done["sale"]) == ((3998, 3998, 0, 0), None)
    assert done["override"] == {"operator": "boss", "reason": "broken"}
    assert "Allowed by boss: broken." in counter.try_to(*allowed).expect().out
    told = counter.ask("why", done["receipt"])
    assert (told["receipt"], told["override"]) == (done["receipt"], done["override"])
    proven(shop, counter)


def test_why_says_every_figure_it_was_reckoned_with(shop: Shop) -> None:
    counter = shop.counter("medium")
    sell(shop, counter, "1", "2:300")
    counter.ask("refund", "2", "--line", "1:1")
    document = counter.ask("why", "2")
    policy = document["policy"]
    (listed,) = (p for p in shop.central.ask("policy", "list") if p["policy_id"] == policy["policy_id"])
    assert (policy["version"], policy["threshold_minor"], policy["reward_bp"]) == (listed["version"], 1000, 500)
    assert len(bytes.fromhex(policy["hash"])) == 32
    assert (document["total_minor"], document["points_paid"], document["base_minor"]) == (6499, 300, 6199)
    assert (document["product"], document["scale"]) == (6199 * 500, 10_000)
    assert document["points_earned"] == document["points_by_rule"] == 6199 * 500 // 10_000 == 309
    assert [line["points"] for line in document["lines"]] == [285, 24]
    (refund,) = document["refunds"]
    assert figures(refund) == (2000, 1908, 92, 95)
    assert (refund["points_product"], refund["base_left_minor"], refund["base_left_earns"]) == (600_000, 4291, 214)
    text = counter.try_to("why", "2").expect().out
    for words in (
        "Why 309 points?",
        f"Policy {policy['policy_id']}, version {policy['version']}, hash {policy['hash']}.",
        "£64.99 less 300 points that paid = £61.99",
        "6199 \u00d7 500 / 10000 = 309.95, rounded down: 309 points.",
        "line 1: 3 \u00d7 MUG of ours  £60.00  285 points",
        "R = £20.00 so far",
        "300 \u00d7 2000 / 6499 rounded down = 92 so far, 92 now.",
        "309 earned less 214 still earned = 95 so far, 95 now.",
    ):
        assert words in text
    assert "otherwise" not in text


def test_why_is_answered_beside_an_open_window_and_a_refund_is_not(shop: Shop) -> None:
    counter = shop.counter("medium")
    sell(shop, counter, "1")
    lock = FileLock(counter.folder / "counter.lock", timeout=0)
    with lock:
        assert counter.ask("why", "1")["confirmed"] is False
        assert "is open in another window" in counter.try_to("refund", "1").refusal()
    assert counter.ask("why", "1")["confirmed"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("1", "--without-receipt"),
        ("--without-receipt", "--sku", "A"),
        ("--without-receipt", "--sku", "A", "--quantity", "1", "--price", "1", "--line", "1"),
        ("--without-receipt", "--sku", "A", "--quantity", "1", "--price", "1", "--quote"),
        ("1", "--sku", "A"),
        ("1", "--line", "x"),
        ("1", "--line", "1:"),
        ("1", "--line", "1:-1"),
        ("1", "--line", ":1"),
    ],
    ids=" ".join,
)
def test_wrong_usage(closed_shop: Shop, arguments: tuple[str, ...]) -> None:
    done = closed_shop.counter("medium").try_to("refund", *arguments)
    assert done.status == 2
    assert "usage" in done.err


def test_a_refusal_leaves_nothing_behind(closed_shop: Shop) -> None:
    counter = closed_shop.counter("medium")
    sell(closed_shop, counter, "1")
    before = books.contents(counter)
    for arguments, said in (
        (("1", "--line", "1:4"), "3 can still be refunded, not 4"),
        (("1", "--line", "3"), "There is no line 3"),
        (("1", "--line", "1:0"), "from 1 to 3"),
        (("1", "--line", "1:2", "--line", "1:2"), "3 can still be refunded, not 4"),
        (("7",), "There is no sale with the receipt number 7"),
        (("x",), "There is no sale with the receipt number x"),
        (("99-000001",), "the central store is out of reach"),
    ):
        assert said in counter.try_to("refund", *arguments).refusal()
    assert books.contents(counter) == before
    assert json.loads((closed_shop.folder / "report.json").read_text())["purchases"] == 1

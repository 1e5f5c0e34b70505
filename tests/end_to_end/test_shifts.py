"""Shifts of real processes: open after kill -9, closed whole or not at all, and a Z report of what was signed."""

import json
import random
from collections import Counter as Sums
from typing import Any

from tests.end_to_end.cashier import Cashier
from tests.end_to_end.processes import eventually, pause
from tests.end_to_end.shop import Shop
from urs_desktop.wiring import open_counter

FLOAT, PRICE = 10_000, 3000
KILLS = 3


def again(cashier: Cashier) -> Cashier:
    """Kill the counter and start it anew."""
    shop = cashier.shop
    cashier.process.kill()
    (shop.folder / "commands").unlink()
    return Cashier(shop)


def signed(shop: Shop) -> list[Any]:
    """Return what the counter signed, kind and body, read without the program's own codec."""
    counter = shop.counter("medium")
    opened = open_counter(counter.folder, counter.passphrase)
    try:
        operations = opened.store.read(lambda book: book.operations.all())
    finally:
        opened.store.close()
    return [(operation.kind, json.loads(operation.body)) for operation in operations]


def added_up(bodies: list[Any], number: int) -> Sums[str]:
    """Add up what was signed in a shift, a second way."""
    sums: Sums[str] = Sums()
    inside = False
    for kind, body in bodies:
        if kind == "shift" and body["shift"] == number:
            inside = body["action"] != "close"
            sign = {"open": 1, "pay_in": 1, "pay_out": -1, "close": 0}[body["action"]]
            sums["cash"] += sign * body["amount"]
        elif inside and kind in ("sale", "refund"):
            sums[kind] += 1
            sign = 1 if kind == "sale" else -1
            for tender in body["tenders"]:
                sums[tender["kind"]] += sign * tender["amount"]
            sums["total"] += sign * body["total"]
            sums["earned"] += body.get("earned", 0)
    return sums


def pence(amount: str) -> int:
    return int(amount.replace(".", ""))


def test_a_day_survives_and_adds_up(shop: Shop) -> None:
    cashier = Cashier(shop)
    counter = shop.counter("medium")
    cashier.do("sell", "C-1", "2")
    assert cashier.do("open_shift", "100.00") == {"shift": 1}
    cashier.do("sell", "C-1", "5")
    cashier = again(cashier)
    assert cashier.do("shift") == {"open": 1}
    cashier.do("sell_by_card", "C-1", "10.00")
    assert cashier.do("move_cash", "-12.34", "milk") == {"amount": -1234}
    cashier = again(cashier)
    assert cashier.do("refund", "1-000004") == {"cash": PRICE}
    assert cashier.do("move_cash", "5.00", "coins") == {"amount": 500}
    assert "expected" not in json.dumps(counter.ask("shift", "x")), "the count is blind"
    wanted = FLOAT + 5 * PRICE + 2000 - 1234 - PRICE + 500
    closed = cashier.do("close_shift", "5000x4", "2000x1", "1000x1", "200x1", "50x1", "10x1", "5x1", "1x1")
    assert closed == {"expected": wanted, "difference": 0}
    cashier = again(cashier)
    assert cashier.do("shift") == {"open": None}
    cashier.do("sell", "C-1", "1")
    cashier.until_recovered()
    cashier.close()
    told = counter.ask("shift", "z")
    sums = added_up(signed(shop), 1)
    assert (told["sales"], told["refunds"], told["first_receipt"], told["last_receipt"]) == (6, 1, 3, 9)
    assert (told["sales"], told["refunds"]) == (sums["sale"], sums["refund"])
    assert pence(told["expected"]) == wanted == sums["cash"]
    assert pence(told["total"]) - pence(told["refunded"]) == sums["total"]
    assert (pence(told["tenders"]["card"]), told["points"]["earned"]) == (sums["card"], sums["earned"])
    assert (told["missing"], told["set_aside"]) == ([], [])
    text = counter.try_to("shift", "z", "1").expect().out
    assert "All 7 receipts acknowledged by the central store" in text
    assert (counter.ask("verify")["ok"], shop.central.ask("verify")["ok"]) == (True, True)


def test_killed_while_closing_it_is_closed_or_open(shop: Shop) -> None:
    """The moment of the kill is drawn; afterwards the row and what was signed say the same."""
    moments = random.Random(7)
    cashier = Cashier(shop)
    for kill in range(1, KILLS + 1):
        cashier.do("open_shift", "100.00")
        cashier.do("sell", "C-1", "3")
        cashier.start("close_shift", "5000x3", "2000x2")
        pause(moments.uniform(0, 0.03))
        cashier = again(cashier)
        is_open = cashier.do("shift") == {"open": kill}
        if is_open:
            assert cashier.do("close_shift", "5000x3", "2000x2") == {"expected": 19_000, "difference": 0}
        assert cashier.do("shift") == {"open": None}
    eventually(lambda: cashier.do("state")["waiting"] == 0, "everything sent")
    cashier.close()
    bodies = signed(shop)
    steps = [(body["shift"], body["action"]) for kind, body in bodies if kind == "shift"]
    assert steps == [(number, action) for number in range(1, KILLS + 1) for action in ("open", "close")]
    listed = shop.counter("medium").ask("shift", "list")["shifts"]
    assert [(each["shift"], each["state"], each["difference"]) for each in listed] == [
        (number, "closed", "0.00") for number in range(KILLS, 0, -1)
    ]
    assert shop.counter("medium").ask("verify")["ok"]


def test_a_shift_on_the_command_line(shop: Shop) -> None:
    counter = shop.counter("medium")
    assert counter.ask("shift", "list") == {"shifts": []}
    assert counter.try_to("shift", "x").expect(1).err.startswith("No shift is open")
    assert counter.ask("shift", "open", "50.00")["float"] == "50.00"
    assert counter.try_to("shift", "open", "50.00").expect(1).err.startswith("A shift is open already")
    assert counter.ask("shift", "pay-out", "7.50", "--reason", "stamps") == {"amount": "-7.50", "reason": "stamps"}
    counter.try_to("shift", "pay-in", "-7.50", "--reason", "stamps").expect(1)
    counter.try_to("shift", "pay-in", "0", "--reason", "stamps").expect(1)
    refused = counter.try_to("shift", "close", "20x1").expect(1)
    assert "42" not in refused.err, "how far off it is, is not said"
    counter.try_to("shift", "close", "3x1").expect(1)
    counter.try_to("shift", "close", "20").expect(2)
    counter.try_to("shift", "close", "20x1").expect(1)
    closed = counter.ask("shift", "close", "20x2", "2x1", "--override-by", "Mia", "--reason", "looked twice")
    assert (closed["expected"], closed["counted"], closed["difference"]) == ("42.50", "42.00", "-0.50")
    assert (closed["miscounts"], closed["allowed_by"], closed["pieces"]) == (2, "Mia", {"20.00": 2, "2.00": 1})
    assert counter.ask("shift", "z", "1") == closed | {"last_sync": counter.ask("shift", "z", "1")["last_sync"]}
    assert counter.try_to("shift", "z", "7").expect(1).err.startswith("This counter has no shift 7")
    assert "Short" in counter.try_to("shift", "z").expect().out

"""Customers enrolled in person at a real counter, offline and killed too: known at the centre, once."""

from typing import Any

from tests.end_to_end.cashier import Cashier
from tests.end_to_end.processes import eventually
from tests.end_to_end.shop import Shop

EVA, PHONE = "Eva", "+46705556677"


def known(shop: Shop, card: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.central.ask("customer", "show", card)
    return found


def until_known(shop: Shop, card: str, name: str) -> None:
    eventually(lambda: known(shop, card)["name"] == name, f"{name} at the centre")


def test_enrolled_and_known_at_both_ends(shop: Shop) -> None:
    cashier = Cashier(shop)
    card = cashier.do("enrol", PHONE, EVA, "yes")["card"]
    cashier.do("sell", card, "1")
    cashier.until_recovered()
    until_known(shop, card, EVA)
    shown = known(shop, card)
    assert (shown["phone"], shown["vendors"]) == (PHONE, known(shop, PHONE)["vendors"])
    told = cashier.do("statement", card)
    assert (told["whole"], told["lines"][-1][0]) == (True, "earned")
    assert cashier.do("enrol", PHONE, EVA, "yes") == {"card": card, "new": False}
    cashier.close()
    assert shop.counter("medium").ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]


def test_enrolled_offline_and_killed_before_the_sync(shop: Shop) -> None:
    shop.central.stop()
    cashier = Cashier(shop)
    cashier.until("offline", online=False)
    card = cashier.do("enrol", PHONE, EVA, "no")["card"]
    cashier.do("sell", card, "1")
    told = cashier.do("statement", card)
    assert not told["whole"]
    assert [reason for reason, _ in told["lines"]] == ["earned"]
    cashier.process.kill()
    (shop.folder / "commands").unlink()
    shop.central.serve()
    counter = shop.counter("medium")
    assert counter.ask("sync", "--once")["waiting"] == 0
    assert (known(shop, card)["name"], known(shop, card)["phone"]) == (EVA, PHONE)
    assert counter.ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]
    again = Cashier(shop)
    again.until_recovered()
    assert again.do("enrol", PHONE, EVA, "no") == {"card": card, "new": False}, "the centre finds the phone"
    again.close()

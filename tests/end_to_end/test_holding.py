"""Held sales of real processes: neither kill -9 nor a restart takes one, and what was paid does not come back."""

from tests.end_to_end.cashier import Cashier
from tests.end_to_end.shop import Shop


def again(cashier: Cashier) -> Cashier:
    """Kill the counter and start it anew."""
    shop = cashier.shop
    cashier.process.kill()
    (shop.folder / "commands").unlink()
    return Cashier(shop)


def test_held_sales_survive(shop: Shop) -> None:
    cashier = Cashier(shop)
    assert [cashier.do("hold", card)["number"] for card in ("C-1", "C-2", "C-3")] == [1, 2, 3]
    assert cashier.do("recall", "2") == {"card": "C-2"}
    assert cashier.do("held") == {"numbers": [1, 3]}
    cashier = again(cashier)
    assert cashier.do("held") == {"numbers": [1, 2, 3]}
    assert cashier.do("pay_held", "2")["receipt"]
    cashier = again(cashier)
    assert cashier.do("held") == {"numbers": [1, 3]}
    assert cashier.do("hold", "C-4") == {"number": 4}
    cashier.close()
    status = shop.counter("medium").ask("status")
    assert (status["receipts"], status["parked"]) == (1, 0)
    assert shop.counter("medium").ask("verify")["ok"]

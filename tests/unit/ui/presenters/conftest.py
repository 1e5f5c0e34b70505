"""A shop over fakes and its sell presenter, with work done at once or when the test says so."""

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop, open_shop
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import PayState, Phase, ReceiptView


def present(shop: Shop, runner: Runner) -> SellPresenter:
    """Return the shop's sell presenter, started."""
    presenter = SellPresenter(shop.till, runner, shop.clock, Formats("en_GB"))
    presenter.start()
    return presenter


def said(sell: SellPresenter) -> object:
    """Return the code of the notice on the screen, or None."""
    return sell.state.notice.code if sell.state.notice else None


def phase(sell: SellPresenter) -> Phase:
    """Return where the sale stands now."""
    return sell.state.phase


def pay(sell: SellPresenter) -> PayState:
    """Return the pay panel, which must be open."""
    assert sell.state.pay is not None
    return sell.state.pay


def receipt(sell: SellPresenter) -> ReceiptView:
    """Return the receipt, which must be shown."""
    assert sell.state.phase is Phase.RECEIPT
    assert sell.state.receipt is not None
    return sell.state.receipt


def ring_up(sell: SellPresenter, *codes: str, card: str = "") -> None:
    """Scan the codes, attach the customer and open the payment."""
    for code in codes:
        sell.entry.submit(code)
    if card:
        sell.customer.find(card)
    sell.begin_pay()


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def sell(shop: Shop) -> SellPresenter:
    return present(shop, ImmediateRunner())


@pytest.fixture
def runner() -> ManualRunner:
    return ManualRunner()


@pytest.fixture
def late(shop: Shop, runner: ManualRunner) -> SellPresenter:
    """A presenter whose answers come when the test steps the runner; it knows how the counter stands already."""
    presenter = present(shop, runner)
    runner.drain()
    return presenter

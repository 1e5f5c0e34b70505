"""A shop over fakes and its sell presenter, with work done at once or when the test says so."""

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop, open_shop
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.sell import SellPresenter


def present(shop: Shop, runner: Runner) -> SellPresenter:
    """Return the shop's sell presenter, started."""
    presenter = SellPresenter(shop.till, runner, shop.clock, Formats("en_GB"))
    presenter.start()
    return presenter


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

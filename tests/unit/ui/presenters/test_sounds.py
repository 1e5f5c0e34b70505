"""What is heard of a scan: the sound of each step, and silence for all others."""

import pytest

from tests.fakes.runners import ManualRunner
from tests.fakes.shop import Shop, open_shop
from tests.fakes.sounds import SilentPlayer
from tests.unit.counter.test_barcodes import with_check_digit
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, Phase
from urs_desktop.ui.sounds import Sounds


class Ears:
    """A presenter whose states are listened to, as the window does."""

    def __init__(self, shop: Shop, *, wanted: bool = True, language: str = "en_GB") -> None:
        self.shop = shop
        self.runner = ManualRunner()
        self.player = SilentPlayer()
        self.sounds = Sounds(self.player, self.runner, wanted=wanted)
        self.sell = SellPresenter(shop.till, self.runner, shop.clock, Formats(language))
        self.sell.watch(self.sounds.render_state)
        self.sell.start()
        self.runner.drain()

    def scan(self, *codes: str) -> list[str]:
        """Scan these and return what was heard of it."""
        self.player.played.clear()
        for code in codes:
            self.sell.entry.scanned(code)
            self.runner.drain()
        return list(self.player.played)


@pytest.fixture
def ears() -> Ears:
    return Ears(open_shop())


def test_found_unknown_and_refused(ears: Ears) -> None:
    assert ears.scan("BAG") == ["found"]
    assert ears.scan("NO SUCH THING") == ["unknown"]
    misread = with_check_digit("400638133393")[:-1] + "2"
    assert ears.scan(misread) == ["refused"]


@pytest.mark.parametrize("language", ["en_GB", "ar_EG", "hi_IN"])
def test_every_piece_is_heard(language: str) -> None:
    ears = Ears(open_shop(), language=language)
    assert ears.scan("BAG", "BAG", "MUG") == ["found"] * 3
    assert ears.scan("1200*BAG") == ["found"]
    assert ears.scan("BAG") == ["found"], "1,203 pieces to 1,204"


def test_the_same_unknown_code_is_heard_again(ears: Ears) -> None:
    assert ears.scan("4006381333901", "4006381333901") == ["refused"] * 2
    assert ears.scan("NOTHING", "NOTHING") == ["unknown"] * 2


def test_a_customers_card_is_found(ears: Ears) -> None:
    assert ears.scan("C-1001") == ["found"]
    assert ears.scan("C-1001") == []


def test_a_price_that_is_checked_is_found(ears: Ears) -> None:
    ears.sell.entry.start(EntryMode.CHECK)
    assert ears.scan("BAG") == ["found"]


def test_fewer_pieces_are_not_heard(ears: Ears) -> None:
    ears.scan("BAG", "BAG", "MUG")
    ears.player.played.clear()
    ears.sell.cart.void_line()
    ears.runner.drain()
    ears.sell.refresh_status()
    ears.runner.drain()
    ears.sell.toggle_theme()
    assert ears.player.played == []


def test_paying_is_silent_and_the_first_scan_after_it_is_heard(ears: Ears) -> None:
    ears.scan("BAG", "BAG")
    ears.player.played.clear()
    ears.sell.begin_pay()
    ears.sell.back()
    ears.sell.begin_pay()
    ears.sell.pay.confirm()
    ears.runner.drain()
    assert ears.sell.state.phase is Phase.RECEIPT
    assert ears.player.played == []
    ears.sell.shelf.take(0)
    ears.runner.drain()
    assert ears.player.played == ["found"], "one piece of the next sale, after two of the last"


def test_what_is_refused_while_paying_is_heard(ears: Ears) -> None:
    ears.scan("BAG")
    ears.sell.begin_pay()
    assert ears.scan("MUG") == ["refused"]


def test_a_silent_counter(ears: Ears) -> None:
    ears.sounds.wanted = False
    assert ears.scan("BAG", "NOTHING") == []
    ears.sounds.wanted = True
    assert ears.scan("BAG") == ["found"]

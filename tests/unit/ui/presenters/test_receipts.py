"""The room of receipts: found by what one knows of them, printed again only as copies, and never in anybody's way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import make_basket, make_line
from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop, open_shop
from tests.unit.ui.presenters.test_print_desk import WatchedGate
from urs_desktop.counter.paper.document import NOTHING, Document, Row
from urs_desktop.counter.print_ports import PrinterError, Trouble
from urs_desktop.counter.use_cases.refund import Override, RefundOrder
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.domain.permissions import Permission
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import OpenGate
from urs_desktop.ui.presenters.navigation import Navigator, Place, Whereabouts
from urs_desktop.ui.presenters.notices import TROUBLE_CODE, NoticeCode
from urs_desktop.ui.presenters.print_view import PrintStage
from urs_desktop.ui.presenters.receipts import ReceiptsPresenter
from urs_desktop.ui.presenters.runner import Runner

Make = Callable[..., ReceiptsPresenter]


class Folder:
    """Where PDFs go: their names, or an error."""

    def __init__(self) -> None:
        self.saved: list[tuple[str, Document]] = []
        self.fails: Exception | None = None

    def __call__(self, document: Document, name: str) -> Path:
        if self.fails is not None:
            raise self.fails
        self.saved.append((name, document))
        return Path(name)


@pytest.fixture
def shop() -> Shop:
    """A shop with three sales, the second Maria's and printed, and a refund of it."""
    shop = open_shop()
    shop.prefer(printer="tcp://printer")
    receipts = []
    for price, card in (("1.00", None), ("20.00", "C-1001"), ("3.00", None)):
        receipts.append(shop.till.ring_up.complete(SaleOrder(make_basket(make_line(price)), card=card)))
    shop.till.printing.completed(receipts[1])
    sale = shop.till.refunding.find(receipts[1].number)
    shop.till.refunding.complete(RefundOrder(sale=sale))
    return shop


@pytest.fixture
def gate() -> WatchedGate:
    return WatchedGate(Override("BO", "asked for"))


@pytest.fixture
def folder() -> Folder:
    return Folder()


@pytest.fixture
def places() -> list[Whereabouts]:
    return []


@pytest.fixture
def make(shop: Shop, gate: WatchedGate, folder: Folder, places: list[Whereabouts]) -> Make:
    def made(runner: Runner | None = None) -> ReceiptsPresenter:
        navigator = Navigator(OpenGate(), lambda: True, (Place.RECEIPTS, Place.REFUND))
        navigator.watch(places.append)
        return ReceiptsPresenter(shop.till, runner or ImmediateRunner(), Formats("en_GB"), gate, navigator, folder)

    return made


@pytest.fixture
def room(make: Make) -> ReceiptsPresenter:
    presenter = make()
    presenter.enter("")
    return presenter


def numbers(room: ReceiptsPresenter) -> list[str]:
    return [row.number for row in room.state.rows]


def said(room: ReceiptsPresenter) -> object:
    """Return the code of what the room says, or None."""
    return room.state.notice.code if room.state.notice is not None else None


def title(document: Document) -> str:
    first = document.blocks[0]
    assert isinstance(first, Row)
    return first.text


def test_the_latest_are_listed_and_the_first_is_shown(room: ReceiptsPresenter) -> None:
    assert numbers(room) == ["1-000004", "1-000003", "1-000002", "1-000001"]
    assert [row.total for row in room.state.rows] == ["-\u00a320.00", "\u00a33.00", "\u00a320.00", "\u00a31.00"]
    assert [row.is_refund for row in room.state.rows] == [True, False, False, False]
    assert [row.customer for row in room.state.rows] == ["Maria Lindqvist", "", "Maria Lindqvist", ""]
    assert [row.stage for row in room.state.rows][1:3] == [PrintStage.UNASKED, PrintStage.PRINTED]
    assert room.state.selected == 0
    assert room.state.paper.blocks


def test_they_are_found_by_number_and_by_customer(room: ReceiptsPresenter) -> None:
    for text, found in (("1-000003", ["1-000003"]), ("maria", ["1-000004", "1-000002"]), ("nobody", [])):
        room.edit(text)
        room.refresh()
        assert numbers(room) == found
    assert room.state.paper == NOTHING
    assert room.state.selected is None


def test_entered_for_one_it_is_the_one(make: Make) -> None:
    room = make()
    room.enter("1-000002")
    assert numbers(room) == ["1-000002"]


def test_what_is_shown_is_what_would_be_printed(room: ReceiptsPresenter) -> None:
    room.select(2)
    assert title(room.state.paper) == "* COPY *", "it came out already"
    room.select(1)
    assert title(room.state.paper) != "* COPY *"
    room.select(99)
    assert room.state.selected == 1


def test_an_answer_that_comes_late_changes_nothing(make: Make) -> None:
    runner = ManualRunner()
    room = make(runner)
    room.enter("")
    room.edit("1-000003")
    room.refresh()
    runner.step(1)
    runner.step(0)
    assert numbers(room) == ["1-000003"]


def test_a_sheet_that_comes_late_is_not_shown_for_another_receipt(make: Make) -> None:
    runner = ManualRunner()
    room = make(runner)
    room.enter("")
    runner.step()
    room.select(2)
    room.select(1)
    of_first, of_third, of_second = runner.waiting
    of_second()
    shown = room.state.paper
    of_third()
    of_first()
    assert room.state.paper is shown


def test_the_chosen_one_stays_chosen_while_others_come(room: ReceiptsPresenter, shop: Shop) -> None:
    room.select(2)
    shop.till.ring_up.complete(SaleOrder(make_basket(make_line("5.00"))))
    room.refresh()
    chosen = room.state.chosen
    assert chosen is not None
    assert (room.state.selected, chosen.number) == (3, "1-000002")


def test_printed_again_it_is_a_copy_somebody_allowed(room: ReceiptsPresenter, shop: Shop, gate: WatchedGate) -> None:
    room.select(2)
    room.print_again()
    assert gate.asked == [(Permission.REPRINT, "1-000002")]
    assert "COPY" in shop.printers.texts()[-1]
    assert room.state.notice is not None
    assert (room.state.notice.code, room.state.notice.values) == (NoticeCode.PRINT_DONE, (("number", "1-000002"),))


def test_not_allowed_it_is_not_printed(room: ReceiptsPresenter, shop: Shop, gate: WatchedGate) -> None:
    gate.opens = False
    sent = len(shop.printers.sent)
    room.print_again()
    assert len(shop.printers.sent) == sent
    assert room.state.notice is None


def test_while_it_waits_nothing_is_said_to_be_printed(room: ReceiptsPresenter, shop: Shop) -> None:
    shop.spool.held = True
    room.select(1)
    room.print_again()
    assert said(room) is NoticeCode.PRINT_QUEUED
    chosen = room.state.chosen
    assert chosen is not None
    assert chosen.stage is PrintStage.WAITING
    shop.printers.fails = PrinterError(Trouble.STALLED, reached=True)
    shop.spool.held = False
    shop.spool.wake()
    room.refresh()
    assert said(room) is NoticeCode.RECEIPT_MAYBE_PRINTED
    assert (TROUBLE_CODE, "stalled") in (room.state.notice.values if room.state.notice else ())


def test_a_refund_is_entered_for_the_chosen_sale(room: ReceiptsPresenter, places: list[Whereabouts]) -> None:
    room.refund()
    assert not places, "a refund is not refunded"
    room.select(1)
    room.refund()
    assert places == [Whereabouts(Place.REFUND, "1-000003")]


def test_it_is_saved_under_its_number(room: ReceiptsPresenter, folder: Folder) -> None:
    room.select(1)
    room.save()
    assert [name for name, _ in folder.saved] == ["1-000003"]
    assert said(room) is NoticeCode.PDF_SAVED
    folder.fails = OSError(13, "Permission denied")
    room.save()
    assert said(room) is NoticeCode.PDF_NOT_SAVED
    folder.fails = RuntimeError("a bug")
    room.save()
    assert said(room) is NoticeCode.BUG


def test_a_book_that_cannot_be_read_is_said_and_the_list_stays(room: ReceiptsPresenter, shop: Shop) -> None:
    def fail() -> None:
        raise OSError("disk")

    shop.store.before_read = fail
    room.refresh()
    assert said(room) is NoticeCode.DISK_TROUBLE
    assert len(room.state.rows) == 4


def test_without_a_printer_it_says_so(make: Make, shop: Shop) -> None:
    shop.prefer(printer="")
    room = make()
    room.enter("")
    assert not room.state.prints
    assert room.state.loaded


def test_an_empty_shop(make: Make) -> None:
    room = make()
    room._till = open_shop().till
    room.enter("")
    assert room.state.loaded
    assert room.state.chosen is None
    for act in (room.print_again, room.save, room.refund):
        act()
    assert room.state.notice is None

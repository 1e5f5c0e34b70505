"""Printing at the window: the receipts' room by keyboard and touch, the virtual printer, and a printer that hangs."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.shop import Shop, open_shop
from tests.ui.conftest import Cashier, column
from urs_desktop.counter.devices.worker import PrintWorker
from urs_desktop.counter.executors import Pool
from urs_desktop.counter.paper.reader import Drawn, Kicked
from urs_desktop.counter.print_ports import JobState, PrinterError, Trouble
from urs_desktop.counter.use_cases.spooling import Spooling
from urs_desktop.ui.app import open_window
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.print_view import PrintStage
from urs_desktop.ui.presenters.sell_state import Phase

KEY = Qt.Key


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.prefer(printer="virtual", columns=42)
    shop.stock("TEA", "\u304a\u8336 \u7384\u7c73\u8336", "4.00")
    shop.stock("KOS", "\u05db\u05d5\u05e1 \u05ea\u05d4", "3.00")
    return shop


def sell(cashier: Cashier, *codes: str) -> None:
    if cashier.phase is Phase.RECEIPT:
        cashier.key(KEY.Key_Escape)
    for code in codes:
        cashier.scan(code)
    cashier.key(KEY.Key_F12)
    cashier.until_phase(Phase.PAYING)
    cashier.key(KEY.Key_Return)
    cashier.until_phase(Phase.RECEIPT)


def printed(cashier: Cashier) -> None:
    cashier.until(lambda: cashier.state.printing.stage is PrintStage.PRINTED)


class TestAfterPay:
    def test_it_is_printed_and_printed_again_by_key(self, cashier: Cashier) -> None:
        sell(cashier, "MUG")
        printed(cashier)
        assert cashier.text("receipt_paper") == "The receipt was printed."
        cashier.key(KEY.Key_F6)
        cashier.until(lambda: cashier.state.printing.is_copy)
        assert cashier.text("receipt_paper") == "A marked copy was printed."
        assert "COPY" in cashier.shop.printers.texts()[1]

    def test_by_touch(self, cashier: Cashier) -> None:
        sell(cashier, "MUG")
        printed(cashier)
        cashier.click("print_again_button")
        cashier.until(lambda: cashier.state.printing.is_copy)

    def test_where_it_is_asked_for(self, cashier: Cashier) -> None:
        cashier.shop.prefer(print_receipts="ask")
        sell(cashier, "MUG")
        cashier.until(lambda: cashier.state.printing.stage is PrintStage.UNASKED)
        assert cashier.button("print_again_button").text() == "Print receipt (F6)"
        cashier.click("print_again_button")
        printed(cashier)
        assert "COPY" not in cashier.shop.printers.texts()[1]

    def test_without_a_printer_there_is_no_button(self, cashier: Cashier) -> None:
        cashier.shop.prefer(printer="")
        sell(cashier, "MUG")
        assert not cashier.button("print_again_button").isVisible()
        assert cashier.button("save_pdf_button").isVisible()

    def test_a_dead_printer_is_said_with_the_next_sale_one_key_away(self, cashier: Cashier) -> None:
        cashier.shop.printers.fails = PrinterError(Trouble.NOT_FOUND, reached=False)
        sell(cashier, "MUG")
        cashier.until(lambda: cashier.state.printing.stage is PrintStage.KEPT)
        assert cashier.text("receipt_paper").startswith("The receipt was not printed: The printer is not there")
        assert "1-000001 was not printed" in cashier.text("notice_text")
        cashier.key(KEY.Key_Escape)
        cashier.until_phase(Phase.SELLING)

    def test_the_drawer_by_key(self, cashier: Cashier) -> None:
        cashier.key(KEY.Key_F10)
        cashier.until(lambda: cashier.state.notice is not None)
        assert cashier.state.notice is not None
        assert cashier.state.notice.code is NoticeCode.DRAWER_ASKED
        assert cashier.shop.printers.printed() == [Kicked()]


class TestReceiptsRoom:
    @pytest.fixture(autouse=True)
    def _three_sales(self, cashier: Cashier) -> None:
        """Two sales, then the room is entered."""
        sell(cashier, "MUG")
        printed(cashier)
        sell(cashier, "TEA", "KOS")
        printed(cashier)
        cashier.window.navigator.go(Place.RECEIPTS)
        cashier.until(lambda: bool(column(cashier.table("receipts_table"), 0)))

    def test_it_lists_and_shows(self, cashier: Cashier) -> None:
        assert column(cashier.table("receipts_table"), 0) == ["1-000002", "1-000001"]
        assert column(cashier.table("receipts_table"), 4) == ["printed", "printed"]
        sheet = cashier.window.findChild(QWidget, "receipt_preview_sheet")
        assert sheet is not None
        cashier.until(lambda: "1-000002" in sheet.accessibleName())

    def test_by_keyboard_alone(self, cashier: Cashier) -> None:
        assert cashier.focus().objectName() == "receipts_search"
        cashier.key(KEY.Key_Down)
        assert cashier.focus().objectName() == "receipts_table"
        cashier.key(KEY.Key_Down)
        cashier.key(KEY.Key_F6)
        cashier.until(lambda: "was printed" in cashier.text("receipts_notice_text"))
        assert "1-000001" in cashier.shop.printers.texts()[-1]
        assert "COPY" in cashier.shop.printers.texts()[-1]
        cashier.key(KEY.Key_F2)
        assert cashier.focus().objectName() == "receipts_search"
        cashier.key(KEY.Key_Escape)
        assert cashier.window.room() is None

    def test_typing_searches(self, cashier: Cashier) -> None:
        cashier.keys("1-000001")
        cashier.until(lambda: column(cashier.table("receipts_table"), 0) == ["1-000001"])
        cashier.keys("x")
        cashier.until(lambda: not cashier.button("receipts_print").isEnabled())
        assert "fits" in cashier.text("receipts_empty")

    def test_by_touch_alone(self, cashier: Cashier) -> None:
        cashier.click_row("receipts_table", 1)
        cashier.click("receipts_print")
        cashier.until(lambda: "1-000001" in cashier.shop.printers.texts()[-1])

    def test_enter_after_a_scan_prints_nothing(self, cashier: Cashier) -> None:
        sent = len(cashier.shop.printers.sent)
        field = cashier.window.findChild(QLineEdit, "receipts_search")
        assert field is not None
        cashier.keys("1-000001")
        cashier.key(KEY.Key_Return)
        cashier.until(lambda: column(cashier.table("receipts_table"), 0) == ["1-000001"])
        assert len(cashier.shop.printers.sent) == sent

    def test_a_printer_that_fails_is_told_here(self, cashier: Cashier) -> None:
        cashier.shop.printers.fails = PrinterError(Trouble.STALLED, reached=True)
        cashier.click("receipts_print")
        cashier.until(lambda: "may have been printed" in cashier.text("receipts_notice_text"))
        assert "look for paper" in cashier.text("receipts_notice_text")


class TestVirtualPrinter:
    def test_it_opens_with_the_first_sheet_and_keeps_off_the_keyboard(self, cashier: Cashier) -> None:
        assert cashier.window.printing.virtual is None or not cashier.window.printing.virtual.isVisible()
        sell(cashier, "TEA", "KOS")
        cashier.until(lambda: cashier.window.printing.virtual is not None)
        virtual = cashier.window.printing.virtual
        assert virtual is not None
        cashier.until(virtual.isVisible)
        assert "TOTAL" in virtual.paper.accessibleName()
        assert bool(virtual.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus)
        drawn = [each for each in cashier.shop.printers.printed() if isinstance(each, Drawn)]
        assert len(drawn) >= 2, "names no code page has are drawn"
        cashier.key(KEY.Key_Escape)
        cashier.scan("MUG")

    def test_it_closes_with_the_counter(self, cashier: Cashier) -> None:
        sell(cashier, "MUG")
        cashier.until(lambda: cashier.window.printing.virtual is not None)
        virtual = cashier.window.printing.virtual
        assert virtual is not None
        cashier.window.end()
        assert cashier.window.printing.virtual is None
        assert not virtual.isVisible()


class HangingPrinter:
    """Takes nothing for as long as it lives, and holds the thread that serves it."""

    def __init__(self) -> None:
        self.reached = threading.Event()

    def deliver(self, address: str, data: bytes, stop: threading.Event) -> None:
        self.reached.set()
        stop.wait(60)
        raise PrinterError(Trouble.STOPPED, reached=True)


@pytest.fixture
def hanging(qapp: QApplication, qtbot: QtBot) -> Iterator[Cashier]:
    """A counter with its own pool and printing thread, whose printer hangs."""
    shop = open_shop()
    shop.prefer(printer="tcp://printer")
    spooling = Spooling(shop.store, shop.clock, HangingPrinter(), shop.till.setup)
    worker, pool = PrintWorker(spooling), Pool()
    shop.till.printing.spooling = spooling
    shop.till.printing._wake = worker.wake
    worker.start()
    window = open_window(shop.till, pool, clock=shop.clock)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    hand = Cashier(qtbot, window, shop)
    hand.until(lambda: hand.state.totals.has_policy)
    yield hand
    window.end()
    worker.close()
    pool.close()


def test_a_printer_that_hangs_never_stops_the_window(hanging: Cashier) -> None:
    """Three sales while the printer holds its thread; the event loop is looked at every few milliseconds."""
    longest, clock, beat = [0], QElapsedTimer(), QTimer()

    def look() -> None:
        longest[0] = max(longest[0], clock.restart())

    beat.setInterval(5)
    beat.timeout.connect(look)
    begun = time.monotonic()
    for n in range(1, 4):
        sell(hanging, "MUG")
        if n == 1:
            clock.start()
            beat.start()
        hanging.until(lambda n=n: hanging.state.printing.waiting == str(n))  # type: ignore[misc]
    beat.stop()
    assert hanging.shop.receipts() == 3
    assert time.monotonic() - begun < 20, "nobody waited for the printer"
    assert longest[0] < 1000, f"the window stood still for {longest[0]} ms"
    states = [job.state for n in (1, 2, 3) if (job := hanging.shop.till.printing.paper(f"1-{n:06d}").job)]
    assert states == [JobState.SENDING, JobState.WAITING, JobState.WAITING]


def test_the_window_is_told_by_the_printing_thread(hanging: Cashier) -> None:
    sell(hanging, "MUG")
    hanging.until(lambda: hanging.state.printing.stage is PrintStage.WAITING)
    assert hanging.text("status_printing") == "Printing: 1"
    assert not hanging.button("print_again_button").isEnabled()


def test_a_receipt_is_saved_as_pdf(cashier: Cashier, tmp_path: Path) -> None:
    from urs_desktop.ui.printing import save_pdf

    cashier.window.presenter.printing.write_pdf = lambda document, name: save_pdf(document, name, tmp_path)
    sell(cashier, "MUG", "TEA")
    cashier.click("save_pdf_button")
    cashier.until(lambda: cashier.state.notice is not None)
    assert (tmp_path / "1-000001.pdf").read_bytes().startswith(b"%PDF")
    assert str(tmp_path) in cashier.text("notice_text")

"""Printing at the sell screen: the next sale is never held up, and nothing is said to be printed that is not."""

from pathlib import Path

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop, open_shop
from urs_desktop.counter.paper.document import Document
from urs_desktop.counter.paper.reader import Kicked
from urs_desktop.counter.print_ports import JobKind, PrinterError, Trouble
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Act
from urs_desktop.ui.presenters.notices import TROUBLE_CODE, NoticeCode
from urs_desktop.ui.presenters.print_view import PrintStage
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Phase


class WatchedGate:
    """A gate that lets everybody sell and asks for another person's word for the rest, given by `answer`."""

    def __init__(self, answer: Override | None = None, *, opens: bool = True) -> None:
        self.asked: list[tuple[Permission, str]] = []
        self.answer = answer
        self.opens = opens

    def demand(self, permission: Permission, subject: str, act: Act) -> None:
        if permission is Permission.SELL:
            act(None)
            return
        self.asked.append((permission, subject))
        if self.opens:
            act(self.answer)


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.prefer(printer="tcp://printer", columns=32)
    return shop


@pytest.fixture
def gate() -> WatchedGate:
    return WatchedGate(Override("BO", "asked for"))


@pytest.fixture
def sell(shop: Shop, gate: WatchedGate) -> SellPresenter:
    presenter = SellPresenter(shop.till, ImmediateRunner(), shop.clock, Formats("en_GB"), gate=gate)
    presenter.start()
    return presenter


def ring_up(sell: SellPresenter) -> None:
    if sell.state.phase is Phase.RECEIPT:
        sell.new_sale()
    sell.entry.edit("MUG")
    sell.entry.submit()
    sell.begin_pay()
    sell.pay.confirm()
    assert sell.state.phase is Phase.RECEIPT


def said(sell: SellPresenter) -> tuple[NoticeCode | RefusalCode | None, dict[str, str]]:
    notice = sell.state.notice
    return (None, {}) if notice is None else (notice.code, dict(notice.values))


def test_a_sale_is_printed_and_says_so(sell: SellPresenter, shop: Shop) -> None:
    ring_up(sell)
    assert sell.state.printing.stage is PrintStage.PRINTED
    assert shop.printers.printed()[0] == Kicked()
    assert sell.state.notice is None


def test_without_a_printer_nothing_is_said_of_one(shop: Shop) -> None:
    shop.prefer(printer="")
    sell = SellPresenter(shop.till, ImmediateRunner(), shop.clock, Formats("en_GB"))
    ring_up(sell)
    assert sell.state.printing.stage is PrintStage.NONE
    sell.printing.again()
    assert said(sell)[0] is RefusalCode.NO_PRINTER


def test_a_dead_printer_is_a_notice_beside_a_finished_sale(sell: SellPresenter, shop: Shop) -> None:
    shop.printers.fails = PrinterError(Trouble.UNREACHABLE, reached=False)
    ring_up(sell)
    assert said(sell) == (
        NoticeCode.RECEIPT_NOT_PRINTED,
        {"what": "1-000001", TROUBLE_CODE: Trouble.UNREACHABLE.value},
    )
    assert (sell.state.printing.stage, sell.state.printing.trouble) == (PrintStage.KEPT, "unreachable")
    shop.printers.fails = None
    ring_up(sell)
    assert shop.receipts() == 2
    assert sell.state.notice is None, "one failure is told once"


def test_a_printer_that_died_in_the_middle_may_have_printed(sell: SellPresenter, shop: Shop) -> None:
    shop.printers.fails = PrinterError(Trouble.GONE, reached=True)
    ring_up(sell)
    assert said(sell)[0] is NoticeCode.RECEIPT_MAYBE_PRINTED
    assert sell.state.printing.stage is PrintStage.UNKNOWN


def test_a_notice_waits_until_another_one_is_gone(sell: SellPresenter, shop: Shop) -> None:
    shop.spool.held = True
    ring_up(sell)
    sell.new_sale()
    sell.entry.edit("NOSUCH")
    sell.entry.submit()
    shop.printers.fails = PrinterError(Trouble.REFUSED, reached=False)
    shop.spool.held = False
    shop.spool.wake()
    sell.printing.look()
    assert said(sell)[0] is NoticeCode.UNKNOWN_CODE
    sell.back()
    sell.entry.edit("MUG")
    sell.entry.submit()
    sell.printing.look()
    assert said(sell)[0] is NoticeCode.RECEIPT_NOT_PRINTED


def test_while_the_printer_hangs_the_next_sale_goes_on(sell: SellPresenter, shop: Shop) -> None:
    shop.spool.held = True
    ring_up(sell)
    assert sell.state.printing.stage is PrintStage.WAITING
    assert sell.state.printing.waiting == "1"
    ring_up(sell)
    assert sell.state.printing.waiting == "2"
    shop.spool.held = False
    shop.spool.wake()
    sell.printing.look()
    assert (sell.state.printing.stage, sell.state.printing.waiting) == (PrintStage.PRINTED, "")


def test_a_copy_needs_permission_and_is_marked(sell: SellPresenter, shop: Shop, gate: WatchedGate) -> None:
    ring_up(sell)
    sell.printing.again()
    assert gate.asked == [(Permission.REPRINT, "1-000001")]
    assert "COPY" in shop.printers.texts()[1]
    assert sell.state.printing.is_copy
    gate.opens = False
    sell.printing.again()
    assert len(shop.printers.sent) == 2


def test_asked_for_first_it_is_no_copy_and_needs_no_permission(
    sell: SellPresenter, shop: Shop, gate: WatchedGate
) -> None:
    shop.prefer(print_receipts="ask")
    ring_up(sell)
    assert sell.state.printing.stage is PrintStage.UNASKED
    assert shop.printers.printed() == [Kicked()], "the drawer does not wait for the answer"
    sell.printing.again()
    assert not gate.asked
    assert "COPY" not in shop.printers.texts()[1]
    assert not sell.state.printing.is_copy


def test_pressed_twice_it_is_one_copy(shop: Shop) -> None:
    runner = ManualRunner()
    sell = SellPresenter(shop.till, runner, shop.clock, Formats("en_GB"))
    sell.entry.edit("MUG")
    sell.entry.submit()
    runner.drain()
    sell.begin_pay()
    sell.pay.confirm()
    runner.drain()
    shop.spool.held = True
    for _ in range(3):
        sell.printing.again()
    runner.drain()
    kinds = [job.kind for job in shop.store.read(lambda book: book.prints.of_subject("1-000001"))]
    assert kinds == [JobKind.RECEIPT, JobKind.COPY]


def test_the_drawer_opens_only_for_whom_it_may(sell: SellPresenter, shop: Shop, gate: WatchedGate) -> None:
    sell.printing.open_drawer()
    assert gate.asked == [(Permission.OPEN_DRAWER, "")]
    assert shop.printers.printed() == [Kicked()]
    assert said(sell)[0] is NoticeCode.DRAWER_ASKED
    gate.opens = False
    sell.printing.open_drawer()
    assert shop.printers.printed() == [Kicked()]


def test_a_drawer_that_stays_shut_is_told(sell: SellPresenter, shop: Shop) -> None:
    shop.printers.fails = PrinterError(Trouble.NOT_FOUND, reached=False)
    sell.printing.open_drawer()
    sell.back()
    sell.entry.edit("MUG")
    sell.entry.submit()
    sell.printing.look()
    assert said(sell)[0] is NoticeCode.DRAWER_NOT_OPENED


def test_a_book_that_fails_keeps_the_sale_and_says_so(sell: SellPresenter, shop: Shop) -> None:
    writes: list[int] = []

    def fail_second() -> None:
        writes.append(1)
        if len(writes) == 2:
            raise OSError("disk")

    sell.entry.edit("MUG")
    sell.entry.submit()
    sell.begin_pay()
    shop.store.before_commit = fail_second
    sell.pay.confirm()
    shop.store.before_commit = lambda: None
    assert sell.state.phase is Phase.RECEIPT
    assert said(sell) == (NoticeCode.PRINT_NOT_QUEUED, {"number": "1-000001"})
    assert shop.receipts() == 1
    sell.printing.again()
    assert "COPY" not in shop.printers.texts()[0]


def test_a_receipt_is_saved_where_the_notice_says(sell: SellPresenter) -> None:
    saved: list[tuple[Document, str]] = []

    def write(document: Document, name: str) -> Path:
        saved.append((document, name))
        return Path("Documents") / name

    sell.printing.write_pdf = write
    ring_up(sell)
    sell.printing.save()
    [(document, name)] = saved
    assert (bool(document.blocks), name) == (True, "1-000001")
    assert said(sell) == (NoticeCode.PDF_SAVED, {"path": str(Path("Documents") / "1-000001")})


def test_a_receipt_that_cannot_be_saved(sell: SellPresenter) -> None:
    def write(document: Document, name: str) -> Path:
        raise OSError(28, "No space left on device")

    sell.printing.write_pdf = write
    ring_up(sell)
    sell.printing.save()
    assert said(sell) == (NoticeCode.PDF_NOT_SAVED, {"kind": "No space left on device"})


def test_nothing_is_printed_or_saved_without_a_receipt(sell: SellPresenter, shop: Shop) -> None:
    sell.printing.again()
    sell.printing.save()
    assert not shop.printers.sent
    assert sell.state.notice is None


def test_what_failed_long_ago_is_not_told_at_the_next_start(sell: SellPresenter, shop: Shop) -> None:
    shop.printers.fails = PrinterError(Trouble.REFUSED, reached=False)
    ring_up(sell)
    shop.clock.advance(2 * 60 * 60_000)
    later = SellPresenter(shop.till, ImmediateRunner(), shop.clock, Formats("en_GB"))
    later.start()
    assert later.state.notice is None

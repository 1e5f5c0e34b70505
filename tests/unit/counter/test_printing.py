"""What a counter prints: receipts once, copies marked and signed, reports, and its drawer."""

import pytest

from tests.builders import make_basket, make_line
from tests.fakes.shop import Shop, open_shop
from urs_desktop.counter.paper.reader import Kicked
from urs_desktop.counter.print_ports import JobKind, JobState, PrinterError, Trouble
from urs_desktop.counter.use_cases.events import EventKind
from urs_desktop.counter.use_cases.printing import PrintMode
from urs_desktop.counter.use_cases.receipts import Receipt, RefundReceipt
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.spooling import KEEP_MS
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import EventBody, RefundOverride


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.prefer(printer="virtual", columns=32)
    return shop


def sell(shop: Shop, card: str | None = None) -> Receipt:
    return shop.till.ring_up.complete(SaleOrder(make_basket(make_line("20.00")), card=card))


def refund(shop: Shop, receipt: Receipt) -> RefundReceipt:
    sale = shop.till.refunding.find(receipt.number)
    return shop.till.refunding.complete(RefundOrder(sale=sale))


def events(shop: Shop) -> list[EventBody]:
    operations = shop.store.read(lambda book: book.operations.all())
    bodies = [decode_body(each.kind, each.schema, each.body) for each in operations]
    return [body for body in bodies if isinstance(body, EventBody)]


class TestSold:
    def test_a_sale_is_printed_once_and_opens_the_drawer(self, shop: Shop) -> None:
        receipt = sell(shop)
        job = shop.till.printing.completed(receipt)
        assert job is not None
        assert (job.kind, job.subject, job.kick) == (JobKind.RECEIPT, "1-000001", True)
        assert shop.till.printing.completed(receipt) == shop.till.printing.paper("1-000001").job
        assert len(shop.printers.sent) == 1
        assert shop.printers.printed()[0] == Kicked()
        assert "1-000001" in shop.printers.texts()[0]

    @pytest.mark.parametrize("mode", ["ask", "never"])
    def test_where_it_is_not_printed_the_drawer_opens_all_the_same(self, shop: Shop, mode: str) -> None:
        shop.prefer(print_receipts=mode)
        receipt = sell(shop)
        for _ in range(2):
            shop.till.printing.completed(receipt)
        assert shop.printers.printed() == [Kicked()]
        assert shop.till.printing.paper("1-000001").job is None
        again = shop.till.printing.reprint("1-000001")
        assert again.kind is JobKind.RECEIPT, "the first that comes out is no copy"
        assert shop.printers.printed().count(Kicked()) == 1

    def test_a_sale_paid_with_points_alone_opens_no_drawer(self, shop: Shop) -> None:
        receipt = sell(shop)
        points = receipt.sale.tenders[0].__class__("points", 2000, 2000)
        from msgspec.structs import replace as changed

        body = changed(receipt.sale, tenders=(points,))
        from dataclasses import replace

        shop.till.printing.completed(replace(receipt, sale=body))
        assert Kicked() not in shop.printers.printed()

    def test_where_drawers_are_not_opened(self, shop: Shop) -> None:
        shop.prefer(opens_drawer=False)
        shop.till.printing.completed(sell(shop))
        assert Kicked() not in shop.printers.printed()
        assert len(shop.printers.sent) == 1

    def test_without_a_printer_there_is_nothing_to_do(self, shop: Shop) -> None:
        shop.prefer(printer="")
        assert shop.till.printing.completed(sell(shop)) is None
        assert shop.till.printing.mode() is PrintMode.NONE
        assert not shop.printers.addresses

    def test_an_unknown_way_of_printing_asks(self, shop: Shop) -> None:
        shop.prefer(print_receipts="sometimes")
        assert shop.till.printing.mode() is PrintMode.ASK


class TestReprint:
    def test_a_copy_is_marked_and_signed(self, shop: Shop) -> None:
        shop.till.printing.completed(sell(shop))
        job = shop.till.printing.reprint("1", RefundOverride("boss", "customer lost it"))
        assert job.kind is JobKind.COPY
        original, copy = shop.printers.texts()
        assert "COPY" not in original
        assert "COPY" in copy
        [event] = events(shop)
        assert (event.what, event.subject) == (EventKind.RECEIPT_REPRINTED, "1-000001")
        assert event.override == RefundOverride("boss", "customer lost it")
        assert shop.printers.printed().count(Kicked()) == 1, "a copy opens no drawer"

    def test_what_never_came_out_is_no_copy(self, shop: Shop) -> None:
        shop.printers.fails = PrinterError(Trouble.REFUSED, reached=False)
        shop.till.printing.completed(sell(shop))
        shop.printers.fails = None
        job = shop.till.printing.reprint("1-000001")
        assert job.kind is JobKind.RECEIPT
        assert not events(shop)
        assert "COPY" not in shop.printers.texts()[0]
        assert Kicked() not in shop.printers.printed(), "the drawer was for the sale"

    def test_what_may_have_come_out_is_a_copy(self, shop: Shop) -> None:
        shop.printers.fails = PrinterError(Trouble.GONE, reached=True)
        shop.till.printing.completed(sell(shop))
        shop.printers.fails = None
        assert shop.till.printing.reprint("1-000001").kind is JobKind.COPY
        assert len(events(shop)) == 1

    def test_what_is_on_its_way_is_not_added_again(self, shop: Shop) -> None:
        shop.spool.held = True
        first = shop.till.printing.completed(sell(shop))
        assert first is not None
        for _ in range(3):
            assert shop.till.printing.reprint("1-000001").job_id == first.job_id
        assert not events(shop)

    def test_a_receipt_older_than_the_jobs_counts_as_printed(self, shop: Shop) -> None:
        shop.till.printing.completed(sell(shop))
        shop.clock.advance(KEEP_MS + 1)
        shop.spool.spooling.recover()
        assert shop.till.printing.reprint("1-000001").kind is JobKind.COPY

    @pytest.mark.parametrize("number", ["7", "2-000001", "nothing", "", "\u0661"])
    def test_a_receipt_nobody_knows(self, shop: Shop, number: str) -> None:
        sell(shop)
        with pytest.raises(Refusal) as caught:
            shop.till.printing.reprint(number)
        assert caught.value.code is RefusalCode.RECEIPT_UNKNOWN

    def test_no_printer_no_reprint(self, shop: Shop) -> None:
        shop.prefer(printer="")
        sell(shop)
        with pytest.raises(Refusal) as caught:
            shop.till.printing.reprint("1-000001")
        assert caught.value.code is RefusalCode.NO_PRINTER
        assert not events(shop)

    def test_a_refund_is_printed_and_reprinted(self, shop: Shop) -> None:
        receipt = refund(shop, sell(shop))
        assert shop.till.printing.print_receipt(receipt).kind is JobKind.RECEIPT
        assert shop.till.printing.reprint("1-000002").kind is JobKind.COPY
        assert "1-000001" in shop.printers.texts()[0], "it names the receipt it is for"

    def test_a_refund_just_made_is_printed_once_and_opens_the_drawer_for_cash(self, shop: Shop) -> None:
        receipt = refund(shop, sell(shop))
        for _ in range(2):
            job = shop.till.printing.completed(receipt)
            assert job is not None
            assert (job.subject, job.kick) == ("1-000002", True)
        assert len(shop.printers.sent) == 1
        assert shop.printers.printed()[0] == Kicked()


class TestDrawer:
    def test_it_is_signed_and_opens_once(self, shop: Shop) -> None:
        job = shop.till.printing.open_drawer(override=RefundOverride("boss", "change"))
        assert job.kind is JobKind.DRAWER
        assert shop.printers.printed() == [Kicked()]
        [event] = events(shop)
        assert (event.what, event.override) == (EventKind.DRAWER_OPENED, RefundOverride("boss", "change"))

    def test_without_a_printer_nothing_is_signed(self, shop: Shop) -> None:
        shop.prefer(printer="")
        with pytest.raises(Refusal) as caught:
            shop.till.printing.open_drawer()
        assert caught.value.code is RefusalCode.NO_PRINTER
        assert not events(shop)


class TestReports:
    def test_labels_and_figures_line_up(self, shop: Shop) -> None:
        job = shop.till.printing.print_lines("Z report 3", [("Sales", "1,234.50"), ("", ""), ("Over/short", "-0.05")])
        assert (job.kind, job.subject) == (JobKind.REPORT, "Z report 3")
        text = shop.printers.texts()[0]
        assert "           Z report 3" in text
        assert "Sales                   1,234.50\n" + "-" * 32 + "\nOver/short                 -0.05" in text

    def test_a_page_to_try_the_printer(self, shop: Shop) -> None:
        assert shop.till.printing.print_test_page().kind is JobKind.TEST
        assert "Printer test" in shop.printers.texts()[0]


class TestPaper:
    def test_it_says_what_became_of_a_receipt(self, shop: Shop) -> None:
        shop.spool.held = True
        shop.till.printing.completed(sell(shop))
        paper = shop.till.printing.paper("1-000001")
        assert (paper.waiting, paper.failed, paper.is_virtual) == (1, None, True)
        assert paper.job is not None
        assert paper.job.state is JobState.WAITING
        shop.printers.fails = PrinterError(Trouble.REFUSED, reached=False)
        shop.spool.held = False
        shop.spool.wake()
        paper = shop.till.printing.paper("1-000001")
        assert paper.failed == paper.job
        assert paper.waiting == 0

    def test_the_list_says_it_of_each(self, shop: Shop) -> None:
        first, _ = sell(shop, "C-1001"), sell(shop)
        shop.till.printing.completed(first)
        refund(shop, first)
        listed = shop.till.printing.receipts()
        assert [(number, each.is_refund, job is not None) for each, number, job in listed] == [
            ("1-000003", True, False),
            ("1-000002", False, False),
            ("1-000001", False, True),
        ]
        assert [number for _, number, _ in shop.till.printing.receipts("Lindq")] == ["1-000003", "1-000001"]
        assert [number for _, number, _ in shop.till.printing.receipts("1-000002")] == ["1-000002"]
        assert [number for _, number, _ in shop.till.printing.receipts("2")][:1] == ["1-000002"]


def test_a_sale_is_complete_whatever_printing_does(shop: Shop) -> None:
    shop.printers.fails = RuntimeError("a printer nobody thought of")
    receipt = sell(shop)
    shop.till.printing.completed(receipt)
    assert shop.receipts() == 1

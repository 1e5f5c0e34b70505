"""Print jobs on their way: each at most once, whatever the printer does and wherever the program dies."""

import threading
from collections.abc import Callable

import pytest

from tests.fakes.shop import NOON, Shop, open_shop
from urs_desktop.counter.paper.document import NOTHING, Document, Row
from urs_desktop.counter.paper.escpos import Bitmap
from urs_desktop.counter.paper.layout import Line
from urs_desktop.counter.paper.reader import Drawn, Kicked, Written, read
from urs_desktop.counter.print_ports import JobKind, JobState, PrinterError, PrintJob, Trouble
from urs_desktop.counter.use_cases.spooling import DRAWER_WAITS_MS, KEEP_MS, SHEET_WAITS_MS

SHEET = Document((Row("Tea", "2.00"),))


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.prefer(printer="tcp://printer", columns=32)
    shop.spool.held = True
    return shop


def add(shop: Shop, job_id: str = "job-1", *, kind: JobKind = JobKind.RECEIPT, kick: bool = False) -> None:
    sheet = NOTHING if kind is JobKind.DRAWER else SHEET
    job = PrintJob(job_id, kind, "1-000001", shop.clock.now(), sheet, kick)
    shop.store.write(lambda book: book.prints.put(job))


def job(shop: Shop, job_id: str = "job-1") -> PrintJob:
    found = shop.store.read(lambda book: book.prints.get(job_id))
    assert found is not None
    return found


def work(shop: Shop) -> int:
    """Work everything off; returns the number of steps."""
    steps = 0
    while shop.spool.spooling.step(shop.spool.stop):
        steps += 1
        assert steps < 20, "a job is worked on for ever"
    return steps


def test_a_job_is_sent_to_the_printer_of_the_preferences(shop: Shop) -> None:
    add(shop)
    assert work(shop) == 1
    assert shop.printers.addresses == ["tcp://printer"]
    assert shop.printers.texts()[0].startswith("Tea                         2.00")
    assert job(shop).state is JobState.PRINTED
    assert work(shop) == 0


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (PrinterError(Trouble.REFUSED, reached=False), JobState.KEPT),
        (PrinterError(Trouble.GONE, reached=True), JobState.UNKNOWN),
        (PrinterError(Trouble.STALLED, reached=True), JobState.UNKNOWN),
        (RuntimeError("a bug"), JobState.UNKNOWN),
    ],
)
def test_one_that_fails_is_not_sent_again(shop: Shop, failure: Exception, state: JobState) -> None:
    add(shop)
    shop.printers.fails = failure
    work(shop)
    trouble = failure.trouble if isinstance(failure, PrinterError) else Trouble.BUG
    assert (job(shop).state, job(shop).trouble) == (state, trouble)
    shop.printers.fails = None
    assert work(shop) == 0
    shop.spool.spooling.recover()
    assert work(shop) == 0
    assert len(shop.printers.addresses) == 1


def test_the_next_one_goes_on(shop: Shop) -> None:
    add(shop, "job-1")
    add(shop, "job-2")
    shop.printers.fails = PrinterError(Trouble.UNREACHABLE, reached=False)
    shop.spool.spooling.step(shop.spool.stop)
    shop.printers.fails = None
    work(shop)
    assert (job(shop, "job-1").state, job(shop, "job-2").state) == (JobState.KEPT, JobState.PRINTED)


@pytest.mark.parametrize("at", ["before", "after"])
def test_a_crash_while_it_is_sent_never_sends_it_twice(shop: Shop, at: str) -> None:
    """The commit that says SENDING, or the one that says PRINTED, is the last thing that happens."""
    add(shop)
    commits: list[str] = []

    def die() -> None:
        commits.append("commit")
        if len(commits) == (1 if at == "before" else 2):
            raise SystemExit

    shop.store.after_commit = die
    with pytest.raises(SystemExit):
        work(shop)
    shop.store.after_commit = lambda: None
    sent = len(shop.printers.sent)
    assert sent == (0 if at == "before" else 1)
    shop.spool.spooling.recover()
    work(shop)
    assert len(shop.printers.sent) == sent
    expected = JobState.UNKNOWN if at == "before" else JobState.PRINTED
    assert job(shop).state is expected


def test_what_waits_survives_a_restart_and_is_sent_once(shop: Shop) -> None:
    add(shop)
    shop.spool.spooling.recover()
    work(shop)
    shop.spool.spooling.recover()
    work(shop)
    assert len(shop.printers.sent) == 1


def test_what_was_broken_off_before_a_byte_waits_for_the_next_start(shop: Shop) -> None:
    add(shop)
    shop.printers.fails = PrinterError(Trouble.STOPPED, reached=False)
    shop.spool.spooling.step(shop.spool.stop)
    assert job(shop).state is JobState.WAITING


def test_a_sheet_nobody_waits_for_any_more_is_kept(shop: Shop) -> None:
    add(shop)
    shop.clock.advance(SHEET_WAITS_MS + 1)
    work(shop)
    assert (job(shop).state, job(shop).trouble) == (JobState.KEPT, Trouble.TOO_LATE)
    assert not shop.printers.sent


def test_a_drawer_never_springs_open_late(shop: Shop) -> None:
    add(shop, "drawer", kind=JobKind.DRAWER, kick=True)
    add(shop, "sheet", kick=True)
    shop.clock.advance(DRAWER_WAITS_MS + 1)
    work(shop)
    assert (job(shop, "drawer").state, job(shop, "sheet").state) == (JobState.DROPPED, JobState.PRINTED)
    assert Kicked() not in shop.printers.printed()


def test_a_drawer_that_fails_is_not_opened_by_the_next_start(shop: Shop) -> None:
    add(shop, kind=JobKind.DRAWER, kick=True)
    shop.printers.fails = PrinterError(Trouble.REFUSED, reached=False)
    work(shop)
    assert job(shop).state is JobState.DROPPED


def test_in_time_it_opens_with_the_receipt(shop: Shop) -> None:
    add(shop, kick=True)
    work(shop)
    assert shop.printers.printed()[0] == Kicked()


def test_without_a_printer_a_job_says_so(shop: Shop) -> None:
    add(shop)
    shop.prefer(printer="")
    shop.printers.fails = PrinterError(Trouble.NO_PRINTER, reached=False)
    work(shop)
    assert (job(shop).state, job(shop).trouble) == (JobState.KEPT, Trouble.NO_PRINTER)


def test_old_jobs_are_forgotten_but_none_that_waits(shop: Shop) -> None:
    add(shop, "old")
    work(shop)
    add(shop, "waits")
    shop.clock.time = NOON + KEEP_MS + 1
    shop.spool.spooling.recover()
    assert shop.store.read(lambda book: book.prints.get("old")) is None
    assert job(shop, "waits").state is JobState.WAITING


def test_whoever_watches_is_told_of_each_change(shop: Shop) -> None:
    seen: list[JobState] = []
    watch: Callable[[], None] = lambda: seen.append(job(shop).state)  # noqa: E731 - needed twice
    shop.spool.spooling.watch(watch)
    add(shop)
    work(shop)
    assert seen == [JobState.SENDING, JobState.PRINTED]
    shop.spool.spooling.unwatch(watch)
    add(shop, "job-2")
    work(shop)
    assert len(seen) == 2


def test_lines_no_page_has_are_drawn(shop: Shop) -> None:
    def draw(line: Line, dots: int) -> Bitmap:
        del line
        return Bitmap(dots, (b"\xff" * (dots // 8),))

    shop.spool.spooling.draw_by(draw)
    row = Document((Row("\u304a\u8336", "2.00"),))
    shop.store.write(lambda book: book.prints.put(PrintJob("j", JobKind.RECEIPT, "n", shop.clock.now(), row)))
    work(shop)
    assert isinstance(shop.printers.printed()[0], Drawn)


def test_an_impact_printer_gets_letters_alone(shop: Shop) -> None:
    shop.prefer(printer="tcp://printer?model=text")
    shop.spool.spooling.draw_by(lambda _, dots: Bitmap(dots, (b"",)))
    row = Document((Row("\u304a\u8336", "2.00"),))
    shop.store.write(lambda book: book.prints.put(PrintJob("j", JobKind.RECEIPT, "n", shop.clock.now(), row)))
    work(shop)
    assert shop.printers.printed()[0] == Written("????                        2.00")


def test_a_stop_is_handed_to_the_printer(shop: Shop) -> None:
    seen: list[threading.Event] = []

    class Watching:
        def deliver(self, address: str, data: bytes, stop: threading.Event) -> None:
            assert read(data)
            seen.append(stop)

    shop.spool.spooling._printers = Watching()
    add(shop)
    work(shop)
    assert seen == [shop.spool.stop]

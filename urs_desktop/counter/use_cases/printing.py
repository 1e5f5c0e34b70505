"""What a counter prints: receipts once, copies marked and signed for, reports, a test page; and its drawer.

Nothing here waits for a printer: a job is kept, and the printing thread sends it. Must never hold up a sale, print a
second original of a receipt that may have come out, or open the drawer unsigned without a sale.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from urs_desktop.counter.paper.document import NOTHING, Document
from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.print_ports import JobKind, JobState, ListedReceipt, PrintJob, Roll
from urs_desktop.counter.use_cases.events import MAX_SUBJECT, EventKind, note_in
from urs_desktop.counter.use_cases.preferences import Preferences, Setup
from urs_desktop.counter.use_cases.receipts import (
    Receipt,
    RefundReceipt,
    read_number,
    receipt_of,
    refund_receipt_of,
    unknown,
)
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.use_cases.spooling import KEEP_MS, Spooling
from urs_desktop.counter.values import Identity
from urs_desktop.domain.purchase import printed
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import RefundBody, RefundOverride, SaleBody

AnyReceipt = Receipt | RefundReceipt
LISTED: Final = 200
"""As many receipts are listed at once."""

_CASH: Final = "cash"
_NO_SALE: Final = "no_sale"
_DIGITS: Final = re.compile(r"[0-9-]+", re.ASCII)


class PrintMode(StrEnum):
    """When receipts of sales are printed; NONE without a printer."""

    ALWAYS = "always"
    ASK = "ask"
    NEVER = "never"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Look:
    """How a sheet is made: `language` as in the preferences, `now` in milliseconds.

    `customer` is the name if it is known here, `is_copy` marks a reprint.
    """

    language: str
    now: int
    identity: Identity
    customer: str = ""
    is_copy: bool = False


class Stationery(Protocol):
    """Makes sheets out of what is to be printed, in the words of a language."""

    def receipt(self, receipt: AnyReceipt, look: Look) -> Document:
        """Return the receipt of a sale or refund."""

    def report(self, title: str, lines: Sequence[tuple[str, str]], look: Look) -> Document:
        """Return a report of labels and figures; a pair of empty texts is a line across the paper."""

    def card(self, code: str, name: str, look: Look) -> Document:
        """Return a customer's card: the code as a QR code and in letters, with the name if there is one."""

    def test_page(self, look: Look) -> Document:
        """Return a page that shows whether the printer prints everything a receipt may need."""


@dataclass(frozen=True, slots=True)
class Paper:
    """How printing stands: `job` the newest of the receipt asked about; `waiting` jobs; `failed` the newest failed."""

    mode: PrintMode
    waiting: int = 0
    failed: PrintJob | None = None
    job: PrintJob | None = None
    is_virtual: bool = False


class Printing:
    """Prints what one counter has to print; `spooling` sends it, `roll` is the virtual printer's paper."""

    def __init__(
        self,
        store: Store,
        recorder: Recorder,
        setup: Setup,
        stationery: Stationery,
        spooling: Spooling,
        wake: Callable[[], None],
        roll: Roll,
    ) -> None:
        """Take the store, the recorder, the preferences, the words, what sends jobs, how to wake it, the paper roll."""
        self._store = store
        self._recorder = recorder
        self._setup = setup
        self._stationery = stationery
        self._wake = wake
        self.spooling = spooling
        self.roll = roll

    def mode(self) -> PrintMode:
        """Return when receipts are printed here."""
        return _mode(self._setup.read())

    def completed(self, receipt: AnyReceipt) -> PrintJob | None:
        """Print the receipt of a sale or refund just made if that is always done here, and open the drawer for cash.

        Asking again for the same receipt changes nothing. Returns the job, or None where nothing is printed.
        """
        preferences = self._setup.read()
        mode = _mode(preferences)
        kick = preferences.opens_drawer and any(tender.kind == _CASH for tender in _body(receipt).tenders)
        if mode is PrintMode.NONE or (mode is not PrintMode.ALWAYS and not kick):
            return None

        def work(book: Book) -> PrintJob:
            known = book.prints.of_subject(receipt.number)
            if known:
                return known[0]
            if mode is PrintMode.ALWAYS:
                sheet = self._sheet(book, receipt, preferences)
                return self._add(book, JobKind.RECEIPT, receipt.number, sheet, kick=kick)
            return self._add(book, JobKind.DRAWER, receipt.number, NOTHING, kick=True)

        return self._send(work)

    def print_receipt(self, receipt: AnyReceipt) -> PrintJob:
        """Print the receipt of a sale or refund that was not printed yet; one that is on its way is not added again.

        Raises Refusal(NO_PRINTER).
        """
        return self._again(receipt.number, _given(receipt), None)

    def reprint(self, number: str, override: RefundOverride | None = None) -> PrintJob:
        """Print a receipt of this counter again: marked as a copy and signed, unless none of it ever came out.

        Raises Refusal(NO_PRINTER) and Refusal(RECEIPT_UNKNOWN).
        """
        return self._again(number, _receipt, override)

    def _again(self, number: str, find: Callable[[Book, str], AnyReceipt], override: RefundOverride | None) -> PrintJob:
        preferences = _with_printer(self._setup)

        def work(book: Book) -> PrintJob:
            receipt = find(book, number)
            jobs = _sheets_of(book, receipt.number)
            for job in jobs:
                if job.state in (JobState.WAITING, JobState.SENDING):
                    return job
            is_copy = self._came_out(receipt, jobs)
            if is_copy:
                note_in(book, self._recorder, EventKind.RECEIPT_REPRINTED, receipt.number, override=override)
            sheet = self._sheet(book, receipt, preferences, is_copy=is_copy)
            return self._add(book, JobKind.COPY if is_copy else JobKind.RECEIPT, receipt.number, sheet)

        return self._send(work)

    def _came_out(self, receipt: AnyReceipt, jobs: Sequence[PrintJob]) -> bool:
        """Return whether some of it may be on paper; of receipts older than what is remembered that is assumed."""
        forgotten = not jobs and self._recorder.now() - _body(receipt).recorded_at > KEEP_MS
        return forgotten or any(job.state in (JobState.PRINTED, JobState.UNKNOWN) for job in jobs)

    def document(self, number: str) -> Document:
        """Return a receipt of this counter as it would be printed now, for the screen or a PDF.

        Raises Refusal(RECEIPT_UNKNOWN).
        """
        preferences = self._setup.read()

        def work(book: Book) -> Document:
            receipt = _receipt(book, number)
            is_copy = self._came_out(receipt, _sheets_of(book, receipt.number))
            return self._sheet(book, receipt, preferences, is_copy=is_copy)

        return self._store.read(work)

    def print_lines(self, title: str, lines: Sequence[tuple[str, str]]) -> PrintJob:
        """Print a report: labels and figures, a pair of empty texts for a line across. Raises Refusal(NO_PRINTER)."""
        look = self._look
        preferences = _with_printer(self._setup)

        def work(book: Book) -> PrintJob:
            sheet = self._stationery.report(title, lines, look(book, preferences))
            return self._add(book, JobKind.REPORT, title[:MAX_SUBJECT], sheet)

        return self._send(work)

    def print_card(self, code: str, name: str) -> PrintJob:
        """Print a customer's card; raises Refusal(NO_PRINTER)."""
        preferences = _with_printer(self._setup)

        def work(book: Book) -> PrintJob:
            return self._add(book, JobKind.REPORT, "", self._stationery.card(code, name, self._look(book, preferences)))

        return self._send(work)

    def print_test_page(self) -> PrintJob:
        """Print a page that shows what the printer can do; raises Refusal(NO_PRINTER)."""
        preferences = _with_printer(self._setup)

        def work(book: Book) -> PrintJob:
            return self._add(book, JobKind.TEST, "", self._stationery.test_page(self._look(book, preferences)))

        return self._send(work)

    def open_drawer(self, reason: str = _NO_SALE, override: RefundOverride | None = None) -> PrintJob:
        """Open the drawer without a sale, which is signed; `reason` in a code or a few words, never about a customer.

        Raises Refusal(NO_PRINTER): the drawer hangs on the printer.
        """
        _with_printer(self._setup)

        def work(book: Book) -> PrintJob:
            note_in(book, self._recorder, EventKind.DRAWER_OPENED, reason, override=override)
            return self._add(book, JobKind.DRAWER, "", NOTHING, kick=True)

        return self._send(work)

    def open_for_shift(self, reason: str = "") -> PrintJob | None:
        """Open the drawer for cash of a shift, where one is opened for cash at all; None where it is not.

        With a `reason` that is signed; without one it was: who pays cash in or out has signed that.
        """
        preferences = self._setup.read()
        if not preferences.printer or not preferences.opens_drawer:
            return None

        def work(book: Book) -> PrintJob:
            if reason:
                note_in(book, self._recorder, EventKind.DRAWER_OPENED, reason)
            return self._add(book, JobKind.DRAWER, "", NOTHING, kick=True)

        return self._send(work)

    def paper(self, number: str = "") -> Paper:
        """Return how printing stands, and what became of the receipt with this number."""
        preferences = self._setup.read()
        mode = _mode(preferences)

        def work(book: Book) -> Paper:
            jobs = _sheets_of(book, number) if number else ()
            newest = jobs[-1] if jobs else None
            is_virtual = preferences.printer.partition("?")[0] == "virtual"
            return Paper(mode, book.prints.count_waiting(), book.prints.latest_failed(), newest, is_virtual)

        return self._store.read(work)

    def receipts(self, text: str = "") -> Sequence[tuple[ListedReceipt, str, PrintJob | None]]:
        """Return this counter's newest receipts, or those that fit a number or a customer.

        Each with its number as printed and the newest job about it.
        """

        def work(book: Book) -> Sequence[tuple[ListedReceipt, str, PrintJob | None]]:
            identity = identity_of(book)
            wanted = text.strip()
            named = _number(wanted, identity)
            found = book.prints.receipts(wanted, named, LISTED)
            listed = []
            for each in sorted(found, key=lambda one: one.receipt != named):  # the one that was named comes first
                number = printed(identity.number, each.receipt)
                jobs = _sheets_of(book, number)
                listed.append((each, number, jobs[-1] if jobs else None))
            return listed

        return self._store.read(work)

    def _look(self, book: Book, preferences: Preferences, customer: str = "", *, is_copy: bool = False) -> Look:
        return Look(preferences.language, self._recorder.now(), identity_of(book), customer, is_copy)

    def _sheet(self, book: Book, receipt: AnyReceipt, preferences: Preferences, *, is_copy: bool = False) -> Document:
        card = _body(receipt).card
        customer = book.customers.by_card(card) if card else None
        look = self._look(book, preferences, customer.name if customer else "", is_copy=is_copy)
        return self._stationery.receipt(receipt, look)

    def _add(self, book: Book, kind: JobKind, subject: str, sheet: Document, *, kick: bool = False) -> PrintJob:
        job = PrintJob(self._recorder.new_id(), kind, subject, self._recorder.now(), sheet, kick)
        book.prints.put(job)
        return job

    def _send(self, work: Callable[[Book], PrintJob]) -> PrintJob:
        job = self._store.write(work)
        self._wake()
        return job


def _with_printer(setup: Setup) -> Preferences:
    preferences = setup.read()
    if not preferences.printer:
        raise Refusal(RefusalCode.NO_PRINTER)
    return preferences


def _sheets_of(book: Book, number: str) -> Sequence[PrintJob]:
    """Return the jobs that put this receipt on paper, in their order."""
    return [job for job in book.prints.of_subject(number) if job.kind in (JobKind.RECEIPT, JobKind.COPY)]


def _given(receipt: AnyReceipt) -> Callable[[Book, str], AnyReceipt]:
    def give(book: Book, number: str) -> AnyReceipt:
        del book, number
        return receipt

    return give


def _body(receipt: AnyReceipt) -> SaleBody | RefundBody:
    return receipt.sale if isinstance(receipt, Receipt) else receipt.refund


def _mode(preferences: Preferences) -> PrintMode:
    if not preferences.printer:
        return PrintMode.NONE
    try:
        return PrintMode(preferences.print_receipts)
    except ValueError:
        return PrintMode.ASK


def _number(text: str, identity: Identity) -> int | None:
    """Return the receipt of this counter that a text names, or None."""
    if not _DIGITS.fullmatch(text):
        return None
    try:
        counter, receipt = read_number(text, identity)
    except Refusal:
        return None
    return receipt if counter == identity.number else None


def _receipt(book: Book, number: str) -> AnyReceipt:
    """Return the receipt of this counter with this number; raises Refusal(RECEIPT_UNKNOWN)."""
    identity = identity_of(book)
    receipt = _number(number.strip(), identity)
    sale = None if receipt is None else book.sales.by_receipt(receipt)
    if sale is not None:
        return receipt_of(book, identity, sale.body)
    refund = None if receipt is None else book.refunds.by_receipt(receipt)
    if refund is None:
        raise unknown(number)
    return refund_receipt_of(book, identity, refund)

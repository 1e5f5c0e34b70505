"""Printing's part of the sell presenter: the receipt of the sale just made, again or as a PDF, and the drawer.

What the printer does is told in a notice, never in the way of the next sale. Must never wait for a printer, nor say
that something was printed which only waits.
"""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from urs_desktop.counter.paper.document import Document
from urs_desktop.counter.print_ports import JobKind, JobState, PrintJob
from urs_desktop.counter.use_cases.printing import Paper
from urs_desktop.counter.use_cases.receipts import Receipt
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import Refusal
from urs_desktop.protocol.operations import RefundOverride
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.notices import TROUBLE_CODE, Notice, NoticeCode, Severity, notice
from urs_desktop.ui.presenters.sale_draft import Desk

TOLD_WITHIN_MS = 60 * 60_000
"""A job that failed longer ago is nobody's concern at the next start."""

WritePdf = Callable[[Document, str], Path]
"""Writes a document under a name and returns the file; raises OSError."""

_log = logging.getLogger(__name__)


def signed_override(override: Override | None) -> RefundOverride | None:
    """Return who allowed something as it is signed."""
    return None if override is None else RefundOverride(override.operator, override.reason)


def _no_pdf(document: Document, name: str) -> Path:
    raise OSError(f"nobody writes PDFs here, so {name} was not written ({len(document.blocks)} blocks)")


class PrintDesk:
    """Prints for the sell screen."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        """Take the desk the parts share and what asks for permission."""
        self._desk = desk
        self._gate = gate
        self._told: set[str] = set()
        self.write_pdf: WritePdf = _no_pdf

    def sold(self, receipt: Receipt) -> None:
        """Have the receipt of a sale that is on disk printed, and the drawer opened, as it is done here."""
        self._desk.draft.paper = None
        self._desk.run(
            partial(self._desk.till.printing.completed, receipt),
            lambda _: self.look(),
            partial(self._not_queued, receipt.number),
        )

    def _not_queued(self, number: str, error: Exception) -> None:
        _log.error("the receipt %s was not queued for printing", number, exc_info=error)
        if isinstance(error, Refusal):
            self._desk.fail(error)
        else:
            self._desk.say(NoticeCode.PRINT_NOT_QUEUED, Severity.WARNING, number=number)

    def again(self) -> None:
        """Print the receipt on the screen: the first time as it is, afterwards as a copy, which may need permission."""
        draft = self._desk.draft
        receipt = draft.receipt
        if receipt is None:
            return
        if draft.paper is not None and draft.paper.job is None:
            work = partial(self._desk.till.printing.print_receipt, receipt)
            self._desk.run(work, lambda _: self.look(), partial(self._not_queued, receipt.number))
        else:
            self._gate.demand(Permission.REPRINT, receipt.number, partial(self._reprint, receipt.number))
        self._desk.publish()

    def _reprint(self, number: str, override: Override | None) -> None:
        work = partial(self._desk.till.printing.reprint, number, signed_override(override))
        self._desk.run(work, lambda _: self.look(), partial(self._not_queued, number))

    def save(self) -> None:
        """Save the receipt on the screen as a PDF."""
        receipt = self._desk.draft.receipt
        if receipt is not None:
            number, printing, write = receipt.number, self._desk.till.printing, self.write_pdf
            self._desk.run(lambda: write(printing.document(number), number), self._saved, self._not_saved)
        self._desk.publish()

    def _saved(self, path: Path) -> None:
        self._desk.say(NoticeCode.PDF_SAVED, Severity.SUCCESS, path=str(path))

    def _not_saved(self, error: Exception) -> None:
        if isinstance(error, OSError):
            _log.warning("no PDF was written", exc_info=error)
            self._desk.say(NoticeCode.PDF_NOT_SAVED, Severity.WARNING, kind=error.strerror or type(error).__name__)
        else:
            self._desk.fail(error)

    def open_drawer(self) -> None:
        """Open the drawer without a sale, if the person at the counter may."""
        self._gate.demand(Permission.OPEN_DRAWER, "", self._open_drawer)
        self._desk.publish()

    def _open_drawer(self, override: Override | None) -> None:
        signed = signed_override(override)
        self._desk.run(lambda: self._desk.till.printing.open_drawer(override=signed), self._drawer_asked)

    def _drawer_asked(self, _: PrintJob) -> None:
        self._desk.say(NoticeCode.DRAWER_ASKED)
        self.look()

    def look(self) -> None:
        """Read how printing stands, for the receipt on the screen and whatever failed."""
        receipt = self._desk.draft.receipt
        number = receipt.number if receipt is not None else ""
        self._desk.run(partial(self._desk.till.printing.paper, number), partial(self._seen, number), _unseen)

    def _seen(self, number: str, paper: Paper) -> None:
        shown = self._desk.draft.receipt
        if number == (shown.number if shown is not None else ""):
            self._desk.draft.paper = paper
            self.tell(paper)

    def tell(self, paper: Paper) -> None:
        """Say once of each job that it failed, unless something else is being said."""
        job, draft = paper.failed, self._desk.draft
        if job is None or job.job_id in self._told or draft.notice is not None:
            return
        self._told.add(job.job_id)
        if self._desk.clock.now() - job.made_at <= TOLD_WITHIN_MS:
            draft.notice = notice_of(job)


def _unseen(error: Exception) -> None:
    _log.warning("how printing stands could not be read", exc_info=error)


def notice_of(job: PrintJob) -> Notice:
    """Return what there is to say of a job that failed."""
    trouble = {TROUBLE_CODE: job.trouble.value if job.trouble is not None else ""}
    return notice(_code_of(job), Severity.WARNING, what=job.subject, **trouble)


def _code_of(job: PrintJob) -> NoticeCode:
    unknown = job.state is JobState.UNKNOWN
    match job.kind:
        case JobKind.DRAWER:
            return NoticeCode.DRAWER_NOT_OPENED
        case JobKind.RECEIPT | JobKind.COPY:
            return NoticeCode.RECEIPT_MAYBE_PRINTED if unknown else NoticeCode.RECEIPT_NOT_PRINTED
        case _:
            return NoticeCode.PAPER_MAYBE_PRINTED if unknown else NoticeCode.PAPER_NOT_PRINTED

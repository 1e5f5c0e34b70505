"""The room of receipts: the latest ones, found by number or customer, seen as on paper, printed again, saved, refunded.

Must never change a receipt, nor wait for a printer.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from urs_desktop.counter.paper.document import NOTHING, Document
from urs_desktop.counter.print_ports import OVER, JobState, ListedReceipt, PrintJob
from urs_desktop.counter.use_cases.printing import PrintMode
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.money import Money
from urs_desktop.domain.permissions import Permission
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.navigation import Navigator, Place
from urs_desktop.ui.presenters.notices import Notice, NoticeCode, Severity, notice, of_error
from urs_desktop.ui.presenters.print_desk import WritePdf, notice_of, signed_override
from urs_desktop.ui.presenters.print_view import PrintStage, stage_of
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.watched import Watched

_log = logging.getLogger(__name__)
LONGEST: Final = 60

Listed = tuple[ListedReceipt, str, PrintJob | None]


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One receipt of the list; `total` is below zero for a refund."""

    number: str
    moment: str
    customer: str
    total: str
    stage: PrintStage
    is_refund: bool


@dataclass(frozen=True, slots=True)
class ReceiptsState:
    """The room: what was searched and found, the one that is chosen, and how it looks on paper of so many columns.

    `loaded` is False before the first answer. `prints` is False without a printer.
    """

    query: str = ""
    rows: tuple[ReceiptRow, ...] = ()
    selected: int | None = None
    paper: Document = NOTHING
    loaded: bool = False
    prints: bool = False
    notice: Notice | None = None

    @property
    def chosen(self) -> ReceiptRow | None:
        """The receipt that is chosen."""
        return None if self.selected is None else self.rows[self.selected]


@dataclass(slots=True)
class _Answers:
    """Numbers questions, so that an answer that was overtaken by a later question is dropped."""

    asked: int = 0
    papers: dict[tuple[str, PrintStage], Document] = field(default_factory=dict)


class ReceiptsPresenter(Watched[ReceiptsState]):
    """Presents the receipts of one counter."""

    def __init__(
        self, till: Till, runner: Runner, formats: Formats, gate: Gate, navigator: Navigator, write_pdf: WritePdf
    ) -> None:
        """Take the use cases, the runner, the formats, permissions, the way to other rooms, and what writes PDFs."""
        super().__init__(ReceiptsState())
        self._till = till
        self._runner = runner
        self._formats = formats
        self._gate = gate
        self._navigator = navigator
        self._write_pdf = write_pdf
        self._answers = _Answers()
        self._printing = ""

    def _fail(self, error: Exception) -> None:
        said = of_error(error, self._formats, self._till.identity.currency)
        if said.severity is Severity.ERROR:
            _log.error("the receipts met %s", said.code, exc_info=error)
        self._show(replace(self.state, notice=said))

    def enter(self, about: str) -> None:
        """Begin with the receipt that was named, or with the latest ones."""
        self._answers.papers.clear()
        self._show(ReceiptsState(query=plain(about)[:LONGEST]))
        self.refresh()

    def edit(self, text: str) -> None:
        """Take over what is being searched for."""
        self._show(replace(self.state, query=text[:LONGEST], notice=None))

    def refresh(self) -> None:
        """Look the receipts up anew; the chosen one stays chosen where it is still found."""
        self._answers.asked += 1
        asked, query = self._answers.asked, self.state.query
        printing = self._till.printing
        self._runner.run(lambda: (asked, printing.mode(), printing.receipts(query)), self._found, self._fail)

    def _found(self, answer: tuple[int, PrintMode, Sequence[Listed]]) -> None:
        asked, mode, listed = answer
        if asked != self._answers.asked:
            return
        before = self.state.chosen
        rows = tuple(self._row(*each) for each in listed)
        kept = next((n for n, row in enumerate(rows) if before is not None and row.number == before.number), None)
        selected = kept if kept is not None else (0 if rows else None)
        state = replace(
            self.state,
            rows=rows,
            selected=selected,
            loaded=True,
            prints=mode is not PrintMode.NONE,
            notice=self._heard(listed),
        )
        self._show(state if selected is not None else replace(state, paper=NOTHING))
        self._look()

    def _row(self, each: ListedReceipt, number: str, job: PrintJob | None) -> ReceiptRow:
        minor = -each.total if each.is_refund else each.total
        return ReceiptRow(
            number=number,
            moment=self._formats.moment(each.happened_at),
            customer=plain(each.name) or plain(each.card),
            total=self._formats.money(Money(minor, self._till.identity.currency)),
            stage=stage_of(job),
            is_refund=each.is_refund,
        )

    def select(self, place: int) -> None:
        """Choose a receipt of the list."""
        if 0 <= place < len(self.state.rows) and place != self.state.selected:
            self._show(replace(self.state, selected=place, notice=None))
            self._look()

    def _look(self) -> None:
        """Show the chosen receipt as it is printed now: a copy once it was printed."""
        chosen = self.state.chosen
        if chosen is None:
            return
        known = self._answers.papers.get((chosen.number, chosen.stage))
        if known is not None:
            self._show(replace(self.state, paper=known))
        else:
            work = partial(self._till.printing.document, chosen.number)
            self._runner.run(work, partial(self._looked, chosen), self._fail)

    def _looked(self, row: ReceiptRow, document: Document) -> None:
        self._answers.papers[row.number, row.stage] = document
        chosen = self.state.chosen
        if chosen is not None and chosen.number == row.number:
            self._show(replace(self.state, paper=document))

    def print_again(self) -> None:
        """Print the chosen receipt, if the person at the counter may: a marked copy unless none of it ever came out."""
        chosen = self.state.chosen
        if chosen is not None:
            self._show(replace(self.state, notice=None))
            self._gate.demand(Permission.REPRINT, chosen.number, partial(self._reprint, chosen.number))

    def _reprint(self, number: str, override: Override | None) -> None:
        work = partial(self._till.printing.reprint, number, signed_override(override))
        self._runner.run(work, self._queued, self._fail)

    def _queued(self, job: PrintJob) -> None:
        self._printing = job.job_id
        self._show(replace(self.state, notice=notice(NoticeCode.PRINT_QUEUED, number=job.subject)))
        self.refresh()

    def _heard(self, listed: Sequence[Listed]) -> Notice | None:
        """Return what became of the job this room gave to the printer, once it is over; else what is said already."""
        job = next((job for _, _, job in listed if job is not None and job.job_id == self._printing), None)
        if job is None or job.state not in OVER:
            return self.state.notice
        self._printing = ""
        if job.state is JobState.PRINTED:
            return notice(NoticeCode.PRINT_DONE, Severity.SUCCESS, number=job.subject)
        return notice_of(job)

    def save(self) -> None:
        """Save the chosen receipt as a PDF."""
        chosen = self.state.chosen
        if chosen is not None:
            number, printing, write = chosen.number, self._till.printing, self._write_pdf
            self._runner.run(lambda: write(printing.document(number), number), self._saved, self._not_saved)

    def _saved(self, path: Path) -> None:
        said = notice(NoticeCode.PDF_SAVED, Severity.SUCCESS, path=str(path))
        self._show(replace(self.state, notice=said))

    def _not_saved(self, error: Exception) -> None:
        if not isinstance(error, OSError):
            self._fail(error)
            return
        _log.warning("no PDF was written", exc_info=error)
        said = notice(NoticeCode.PDF_NOT_SAVED, Severity.WARNING, kind=error.strerror or type(error).__name__)
        self._show(replace(self.state, notice=said))

    def refund(self) -> None:
        """Go to the refund of the chosen sale."""
        chosen = self.state.chosen
        if chosen is not None and not chosen.is_refund:
            self._navigator.go(Place.REFUND, chosen.number)

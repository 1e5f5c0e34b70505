"""What the shift room shows, whole and frozen: the widgets render it and know nothing else.

Figures are formatted text, words are codes. Must never hold, while a drawer is counted, what should be in it.
"""

from dataclasses import dataclass
from enum import StrEnum

from urs_desktop.ui.presenters.formatting import NO_AGE, Age
from urs_desktop.ui.presenters.notices import Notice


class ShiftPhase(StrEnum):
    """Where the room stands; WORKING while something is being read or stored."""

    WORKING = "working"
    CLOSED = "closed"
    OPEN = "open"
    PAYING_IN = "paying_in"
    PAYING_OUT = "paying_out"
    COUNTING = "counting"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of a report: a code for its words, a detail such as a rate or a reason, and a figure.

    `strong` for those that matter most.
    """

    code: str
    detail: str = ""
    figure: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class ReportSection:
    """Lines of a report that belong together, under a code for their heading."""

    code: str
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """An X or Z report.

    `receipts` of all; `missing` the numbers the central store has not confirmed, `set_aside` those it could not apply,
    as of `as_of`. `verdict` is what the count came to, None before it.
    """

    number: str
    is_final: bool
    sections: tuple[ReportSection, ...]
    receipts: str
    missing: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    as_of: Age = NO_AGE
    verdict: ReportRow | None = None

    @property
    def rows(self) -> tuple[ReportRow, ...]:
        """Return the lines of all sections."""
        return tuple(row for section in self.sections for row in section.rows)


@dataclass(frozen=True, slots=True)
class ShiftState:
    """Everything the shift room shows.

    `counts` are coins and notes with their pieces and what these come to, `counted` all of it; `too_far_off` once
    closing was refused for that. `shifts` are closed ones as rows.
    """

    phase: ShiftPhase = ShiftPhase.WORKING
    number: str = ""
    since: str = ""
    by: str = ""
    amount: str = ""
    reason: str = ""
    on_reason: bool = False
    counts: tuple[tuple[str, str, str], ...] = ()
    selected: int = 0
    counted: str = ""
    too_far_off: bool = False
    report: ReportView | None = None
    shifts: tuple[tuple[str, ...], ...] = ()
    notice: Notice | None = None

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
class ReportView:
    """An X or Z report; `acknowledged` receipts of all, `missing` the numbers the central store has not confirmed."""

    number: str
    is_final: bool
    rows: tuple[ReportRow, ...]
    receipts: str
    missing: tuple[str, ...] = ()
    as_of: Age = NO_AGE


@dataclass(frozen=True, slots=True)
class ShiftState:
    """Everything the shift room shows.

    `counts` are coins and notes with their pieces, `counted` what they come to; `too_far_off` once closing was refused
    for that. `shifts` are closed ones as rows.
    """

    phase: ShiftPhase = ShiftPhase.WORKING
    number: str = ""
    since: str = ""
    by: str = ""
    amount: str = ""
    reason: str = ""
    on_reason: bool = False
    counts: tuple[tuple[str, str], ...] = ()
    selected: int = 0
    counted: str = ""
    too_far_off: bool = False
    report: ReportView | None = None
    shifts: tuple[tuple[str, ...], ...] = ()
    notice: Notice | None = None

"""How printing stands, as screens show it: what became of a receipt's paper, and how many jobs wait.

Must never say that something was printed which only waits.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from urs_desktop.counter.print_ports import JobKind, JobState, PrintJob
from urs_desktop.counter.use_cases.printing import Paper, PrintMode
from urs_desktop.ui.presenters.formatting import Formats


class PrintStage(StrEnum):
    """What became of a receipt's paper; NONE where there is no printer, UNASKED while nobody wanted any."""

    NONE = "none"
    UNASKED = "unasked"
    WAITING = "waiting"
    PRINTED = "printed"
    KEPT = "kept"
    UNKNOWN = "unknown"


STAGES: Final = {
    JobState.WAITING: PrintStage.WAITING,
    JobState.SENDING: PrintStage.WAITING,
    JobState.PRINTED: PrintStage.PRINTED,
    JobState.KEPT: PrintStage.KEPT,
    JobState.DROPPED: PrintStage.KEPT,
    JobState.UNKNOWN: PrintStage.UNKNOWN,
}
"""What a state of the newest job means for its receipt."""


@dataclass(frozen=True, slots=True)
class PrintView:
    """Printing as the sell screen shows it: the receipt's `stage` with the code of its `trouble`, jobs `waiting`."""

    stage: PrintStage = PrintStage.NONE
    trouble: str = ""
    is_copy: bool = False
    waiting: str = ""
    is_virtual: bool = False


def stage_of(job: PrintJob | None) -> PrintStage:
    """Return what the newest job about a receipt means for it."""
    return PrintStage.UNASKED if job is None else STAGES[job.state]


def print_view(paper: Paper | None, formats: Formats) -> PrintView:
    """Return what is shown of how printing stands; nothing before it is known."""
    if paper is None:
        return PrintView()
    job = paper.job
    return PrintView(
        stage=PrintStage.NONE if paper.mode is PrintMode.NONE else stage_of(job),
        trouble=job.trouble.value if job is not None and job.trouble is not None else "",
        is_copy=job is not None and job.kind is JobKind.COPY,
        waiting=formats.number(paper.waiting) if paper.waiting else "",
        is_virtual=paper.is_virtual,
    )

"""What `urs-desktop status` says beyond plain figures: receipts acknowledged, posted otherwise, operations set aside.

Every answer is one document and one text with the same figures. Must never reckon or print.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from urs_desktop.counter.use_cases.receipts import Adjustment
from urs_desktop.counter.use_cases.reporting import Status
from urs_desktop.domain.ranges import ranges_of
from urs_desktop.ui.outcome_texts import adjustment_text, reason_text
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.receipt_view import adjustment_view


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answers: the document for --json, and the text."""

    document: dict[str, Any]
    text: str


_MOST_SHOWN: Final = 20
_formats: Final = Formats()


def adjusted_documents(adjusted: Sequence[Adjustment]) -> list[dict[str, Any]]:
    """Return receipts posted otherwise than promised; points `promised` and `posted` are what the customer gets."""
    return [
        {
            "receipt": each.number,
            "promised": each.promised.net,
            "posted": each.posted.net,
            "late": each.late,
            "code": each.code,
            "reason": reason_text(each.code),
        }
        for each in adjusted
    ]


def adjusted_text(adjusted: Adjustment) -> str:
    """Return in a sentence what a receipt promised, what was posted, and why."""
    return adjustment_text(adjustment_view(adjusted, _formats))


def parked_documents(status: Status) -> list[dict[str, Any]]:
    """Return the operations the central store set aside."""
    return [{"seq": seq, "kind": kind, "code": code, "reason": reason_text(code)} for seq, kind, code in status.parked]


def status_words(status: Status) -> Iterator[str]:
    """Yield sentences: are all receipts acknowledged, which are not, which were posted otherwise, what was set aside.

    Long lists are cut; the document has them whole.
    """
    if not status.receipts:
        yield "No receipt has been made yet."
    elif not status.missing:
        yield f"All {status.receipts} receipts acknowledged." if status.receipts > 1 else "The 1 receipt acknowledged."
    else:
        found = ranges_of(status.missing)
        yield f"Receipts the central store has not acknowledged: {', '.join(_cut([str(each) for each in found]))}."
    yield from _cut([adjusted_text(each) for each in reversed(status.adjusted)])
    parked = [
        f"Operation {seq} ({plain(kind)}) was set aside: {reason_text(code)}" for seq, kind, code in status.parked
    ]
    yield from _cut(parked)


def _cut(said: Sequence[str]) -> list[str]:
    more = len(said) - _MOST_SHOWN
    return [*said[:_MOST_SHOWN], f"and {more} more"] if more > 0 else list(said)

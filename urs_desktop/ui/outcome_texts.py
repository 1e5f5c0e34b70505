"""Why the central store posted a receipt otherwise, or set an operation aside, in words for people.

The codes are the central store's; one that is newer than this program is shown as it is. Must never blame the customer,
nor name a figure that did not come with the answer.
"""

from collections import defaultdict
from typing import Final

from PySide6.QtCore import QCoreApplication

from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.presenters.formatting import plain
from urs_desktop.ui.presenters.sell_state import AdjustmentView
from urs_desktop.ui.refusal_texts import REFUSALS
from urs_desktop.ui.translation import QT_TRANSLATE_NOOP

REASONS: Final[dict[str, str]] = {
    "points_differ": QT_TRANSLATE_NOOP("outcomes", "the rules give other points than the receipt promises."),
    "engine_unknown": QT_TRANSLATE_NOOP(
        "outcomes", "it was reckoned by a version of the program the central store does not know."
    ),
    "lines_inconsistent": QT_TRANSLATE_NOOP("outcomes", "its lines do not add up to its total."),
    "tenders_inconsistent": QT_TRANSLATE_NOOP("outcomes", "its payments do not add up to its total."),
    "shares_inconsistent": QT_TRANSLATE_NOOP("outcomes", "the points of its lines do not add up to what it promises."),
    "spends_inconsistent": QT_TRANSLATE_NOOP(
        "outcomes", "the points it was paid with do not add up to what it names for them."
    ),
    "points_late": QT_TRANSLATE_NOOP("outcomes", "points it was paid with were no longer set aside for it."),
    "sale_unknown": QT_TRANSLATE_NOOP(
        "outcomes", "the sale it refunds has not arrived yet; the points follow when it does."
    ),
    "sale_of_other_vendor": QT_TRANSLATE_NOOP("outcomes", "the sale it refunds is another shop's."),
    "refund_differs": QT_TRANSLATE_NOOP(
        "outcomes", "other refunds of the same sale were made elsewhere, so together they come to something else."
    ),
    "kind_unknown": QT_TRANSLATE_NOOP(
        "outcomes", "the central store is older than this counter and does not know this kind of record yet."
    ),
    "body_malformed": QT_TRANSLATE_NOOP("outcomes", "the central store cannot read it."),
    "body_too_large": QT_TRANSLATE_NOOP("outcomes", "it is larger than the central store takes."),
    "constraint": QT_TRANSLATE_NOOP("outcomes", "it contradicts something the central store has already."),
    "internal": QT_TRANSLATE_NOOP("outcomes", "the central store failed over it; its operators have to look."),
    RefusalCode.AMOUNT_OUT_OF_RANGE: QT_TRANSLATE_NOOP("outcomes", "it holds an amount no till can have rung up."),
    RefusalCode.CARD_MALFORMED: QT_TRANSLATE_NOOP("outcomes", "its card code is none."),
    RefusalCode.CURRENCIES_MIXED: QT_TRANSLATE_NOOP("outcomes", "it is in another currency than this shop's."),
    RefusalCode.OVERRIDE_NEEDED: QT_TRANSLATE_NOOP("outcomes", "nobody who may allow it is named on it."),
    RefusalCode.POINTS_WITHOUT_CUSTOMER: QT_TRANSLATE_NOOP("outcomes", "it promises points and names no customer."),
    RefusalCode.POLICY_UNKNOWN: QT_TRANSLATE_NOOP(
        "outcomes", "the reward policy it was reckoned with was not in force for this shop."
    ),
    RefusalCode.REFUND_EXCEEDS_SALE: QT_TRANSLATE_NOOP(
        "outcomes", "more came back than was sold, with the refunds made elsewhere."
    ),
    RefusalCode.TEXT_MALFORMED: QT_TRANSLATE_NOOP("outcomes", "it holds a text that cannot be stored."),
}
"""What each code means, as the end of a sentence; other refusals of the rules have theirs in ui.refusal_texts."""

_REFUSED: Final = QT_TRANSLATE_NOOP("outcomes", "the rules refused it: {sentence}")
_NEWER: Final = QT_TRANSLATE_NOOP("outcomes", "the central store gave the reason “{code}”.")
_PROMISED: Final = QT_TRANSLATE_NOOP(
    "outcomes", "Receipt {number} promised {promised} points; {posted} were posted: {reason}"
)
_REFUND: Final = QT_TRANSLATE_NOOP(
    "outcomes",
    "Receipt {number}, a refund, promised {promised} points given back and {promised_clawed} taken back; "
    "{posted} and {posted_clawed} were posted: {reason}",
)
_LATE: Final = QT_TRANSLATE_NOOP("outcomes", "Receipt {number}: this shop pays for {late} points: {reason}")
_REMARK: Final = QT_TRANSLATE_NOOP("outcomes", "Receipt {number}: its points are as promised, but {reason}")


def reason_text(code: str) -> str:
    """Return what a code of the central store means, as the end of a sentence."""
    if code in REASONS:
        return _translated(REASONS[code])
    try:
        refusal = RefusalCode(code)
    except ValueError:
        return _translated(_NEWER).format(code=plain(code))
    refused = QCoreApplication.translate("messages", REFUSALS[refusal]).format_map(defaultdict(lambda: "…"))
    return _translated(_REFUSED).format(sentence=refused)


def adjustment_text(adjusted: AdjustmentView) -> str:
    """Return in a sentence what was promised, what was posted, and why."""
    if adjusted.is_refund:
        words = _REFUND
    elif adjusted.promised != adjusted.posted:
        words = _PROMISED
    else:
        words = _LATE if adjusted.late else _REMARK
    return _translated(words).format(
        number=adjusted.number,
        promised=adjusted.promised,
        posted=adjusted.posted,
        promised_clawed=adjusted.promised_clawed,
        posted_clawed=adjusted.posted_clawed,
        late=adjusted.late,
        reason=reason_text(adjusted.code),
    )


def _translated(text: str) -> str:
    return QCoreApplication.translate("outcomes", text)

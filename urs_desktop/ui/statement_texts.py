"""Why points moved, in a customer's words, marked for translation.

Must never blame anybody, nor leave a reason without words: a test demands them.
"""

from typing import Final

from PySide6.QtCore import QCoreApplication

from urs_desktop.counter.use_cases.statements import Reason
from urs_desktop.ui.translation import QT_TRANSLATE_NOOP

REASONS: Final[dict[Reason, str]] = {
    Reason.EARNED: QT_TRANSLATE_NOOP("statement", "Earned"),
    Reason.VESTED: QT_TRANSLATE_NOOP("statement", "Ready to spend"),
    Reason.SPENT: QT_TRANSLATE_NOOP("statement", "Spent"),
    Reason.SET_ASIDE: QT_TRANSLATE_NOOP("statement", "Set aside"),
    Reason.FREED: QT_TRANSLATE_NOOP("statement", "Free again"),
    Reason.EXPIRED: QT_TRANSLATE_NOOP("statement", "Expired"),
    Reason.GIVEN_BACK: QT_TRANSLATE_NOOP("statement", "Given back: goods returned"),
    Reason.TAKEN_BACK: QT_TRANSLATE_NOOP("statement", "Taken back: goods returned"),
    Reason.OWED: QT_TRANSLATE_NOOP("statement", "Owed"),
    Reason.REPAID: QT_TRANSLATE_NOOP("statement", "Repaid of what was owed"),
    Reason.VENDOR_GAVE: QT_TRANSLATE_NOOP("statement", "Paid by the shop"),
    Reason.CORRECTED: QT_TRANSLATE_NOOP("statement", "Corrected by the programme"),
    Reason.MOVED: QT_TRANSLATE_NOOP("statement", "Moved from another card"),
}


def reason_of(reason: Reason) -> str:
    """Return the words for why points moved."""
    return QCoreApplication.translate("statement", REASONS[reason])

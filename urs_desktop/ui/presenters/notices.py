"""What a screen has to tell its cashier, as stable codes with figures; ui.messages turns them into sentences.

Refusals, troubles of the machine and bugs are told apart here, because each asks something else of the cashier. Must
never hold a sentence.
"""

import errno
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from urs_desktop.counter.ports import CentralDistrustedError, CentralUnavailableError
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import Money
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.formatting import Formats, plain


class Severity(StrEnum):
    """How much a notice matters; shown by icon and colour."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


class NoticeCode(StrEnum):
    """Everything a sell screen says that is no refusal of the rules."""

    UNKNOWN_CODE = "unknown_code"
    PRODUCT_ADDED = "product_added"
    UNKNOWN_CODE_RESULTS = "unknown_code_results"
    NO_LINE = "no_line"
    VOID_SALE_AGAIN = "void_sale_again"
    SALE_HELD = "sale_held"
    SALE_RECALLED = "sale_recalled"
    NOTHING_TO_HOLD = "nothing_to_hold"
    NOTHING_HELD = "nothing_held"
    HOLD_FIRST = "hold_first"
    CHOOSE_HELD = "choose_held"
    SALE_VOIDED = "sale_voided"
    LINE_VOIDED = "line_voided"
    DISCOUNT_GIVEN = "discount_given"
    RECEIPT_DISCOUNTED = "receipt_discounted"
    PRICE_CHANGED = "price_changed"
    PRICE_CHECKED = "price_checked"
    LINE_CHANGED_MEANWHILE = "line_changed_meanwhile"
    CARD_TAKEN = "card_taken"
    LOCKED_CARD_PAID = "locked_card_paid"
    CARDS_TAKEN_ALREADY = "cards_taken_already"
    PRESS_KEY = "press_key"
    SETTINGS_SAVED = "settings_saved"
    SETTINGS_SAVED_LANGUAGE = "settings_saved_language"
    SOUND_FOUND = "sound_found"
    SOUND_UNKNOWN = "sound_unknown"
    SOUND_REFUSED = "sound_refused"
    SAVE_FIRST = "save_first"
    TEST_PRINTING = "test_printing"
    SHIFT_NEEDED = "shift_needed"
    SHIFT_OPENED = "shift_opened"
    SHIFT_CLOSED_NOW = "shift_closed_now"
    CASH_MOVED = "cash_moved"
    CASH_MOVED_AFTER_ALL = "cash_moved_after_all"
    TEST_DISPLAY = "test_display"
    SCAN_MISSED = "scan_missed"
    CASH_IN_DOUBT = "cash_in_doubt"
    REPORT_PRINTING = "report_printing"
    CHOOSE_RECEIPT = "choose_receipt"
    ALL_REFUNDED = "all_refunded"
    REFUNDS_ELSEWHERE = "refunds_elsewhere"
    REFUND_DONE = "refund_done"
    PAYMENT_OPEN = "payment_open"
    CHANGE_IMPLAUSIBLE = "change_implausible"
    CUSTOMER_PENDING = "customer_pending"
    CUSTOMER_NEW = "customer_new"
    CUSTOMER_CHOOSE = "customer_choose"
    CUSTOMER_NOBODY = "customer_nobody"
    CUSTOMER_ENROL = "customer_enrol"
    CUSTOMER_ENROLLED = "customer_enrolled"
    CUSTOMER_KNOWN = "customer_known"
    CONSENT_NEEDED = "consent_needed"
    CARD_PRINTING = "card_printing"
    STILL_ASKING = "still_asking"
    GRANTED_LESS = "granted_less"
    GRANTED = "granted"
    PHONE_ASKED = "phone_asked"
    POINTS_GIVEN_BACK = "points_given_back"
    CONSENT_ON_DISPLAY = "consent_on_display"
    CONSENT_BY_CARD = "consent_by_card"
    CONSENT_OTHER_CARD = "consent_other_card"
    CONSENT_REFUSED = "consent_refused"
    SALE_KEPT_AFTER_ALL = "sale_kept_after_all"
    SALE_IN_DOUBT = "sale_in_doubt"
    CENTRAL_UNAVAILABLE = "central_unavailable"
    CENTRAL_DISTRUSTED = "central_distrusted"
    DISK_FULL = "disk_full"
    DISK_TROUBLE = "disk_trouble"
    DATABASE_TROUBLE = "database_trouble"
    SET_ASIDE = "set_aside"
    STAFF_ADDED = "staff_added"
    STAFF_CHANGED = "staff_changed"
    PIN_TAKEN = "pin_taken"
    ACTION_DENIED = "action_denied"
    ACTION_DENIED_TO_ALL = "action_denied_to_all"
    PRINT_NOT_QUEUED = "print_not_queued"
    RECEIPT_NOT_PRINTED = "receipt_not_printed"
    RECEIPT_MAYBE_PRINTED = "receipt_maybe_printed"
    PAPER_NOT_PRINTED = "paper_not_printed"
    PAPER_MAYBE_PRINTED = "paper_maybe_printed"
    DRAWER_ASKED = "drawer_asked"
    DRAWER_NOT_OPENED = "drawer_not_opened"
    PRINT_QUEUED = "print_queued"
    PRINT_DONE = "print_done"
    PDF_SAVED = "pdf_saved"
    PDF_NOT_SAVED = "pdf_not_saved"
    CENTRAL_NEEDED = "central_needed"
    FILE_SAVED = "file_saved"
    FILE_NOT_SAVED = "file_not_saved"
    BUG = "bug"


REASON_CODE: Final = "reason_code"
"""The name of a notice's value that is a code of the central store; its sentence says `reason` in words."""

ACTION_CODE: Final = "action_code"
"""The name of a notice's value that is a permission; its sentence says `action` in words."""

TROUBLE_CODE: Final = "trouble_code"
"""The name of a notice's value that is a printer's trouble; its sentence says `reason` in words."""

Code: TypeAlias = NoticeCode | RefusalCode
"""Everything a screen may have a sentence for."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell; `values` are the formatted figures and names its sentence may use, by name.

    `sale_not_kept` adds that the sale was not stored and the cart is as it was.
    """

    code: Code
    severity: Severity = Severity.INFO
    values: tuple[tuple[str, str], ...] = ()
    sale_not_kept: bool = False


def notice(code: Code, severity: Severity = Severity.INFO, /, **values: str) -> Notice:
    """Return a notice; values are made fit for one line."""
    return Notice(code, severity, tuple((name, plain(value)) for name, value in values.items()))


_MONEY = frozenset(
    {
        (RefusalCode.PAYMENT_SHORT, "missing"),
        (RefusalCode.AMOUNT_OUT_OF_RANGE, "maximum"),
        (RefusalCode.DISCOUNT_TOO_LARGE, "discount"),
        (RefusalCode.DISCOUNT_TOO_LARGE, "most"),
        (RefusalCode.PAYMENT_OVER, "amount"),
        (RefusalCode.PAYMENT_OVER, "due"),
    }
)
_DATABASE_MODULES = ("sqlalchemy", "sqlcipher3", "sqlite3")
_FULL = ("disk is full", "no space left")
_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT})


def of_error(error: BaseException, formats: Formats, currency: Currency, *, in_sale: bool = False) -> Notice:
    """Return what to say about a failure; `in_sale` when it kept a sale from being completed."""
    if isinstance(error, Refusal):
        values = tuple(
            (name, _figure(error.code, name, value, formats, currency)) for name, value in error.details.items()
        )
        return Notice(error.code, Severity.WARNING, values, in_sale)
    return Notice(trouble_of(error), Severity.ERROR, (("kind", type(error).__name__),), in_sale)


def _figure(code: RefusalCode, name: str, value: str | int, formats: Formats, currency: Currency) -> str:
    if isinstance(value, str):
        return plain(value)
    return formats.money(Money(value, currency)) if (code, name) in _MONEY else formats.number(value)


def trouble_of(error: BaseException) -> NoticeCode:
    """Return which trouble an error that is no refusal stands for; BUG when it is none of the machine's."""
    if isinstance(error, CentralDistrustedError):
        return NoticeCode.CENTRAL_DISTRUSTED
    if isinstance(error, CentralUnavailableError):
        return NoticeCode.CENTRAL_UNAVAILABLE
    from_database = type(error).__module__.startswith(_DATABASE_MODULES)
    if getattr(error, "errno", None) in _FULL_ERRNOS or (
        from_database and any(words in str(error).lower() for words in _FULL)
    ):
        return NoticeCode.DISK_FULL
    if from_database:
        return NoticeCode.DATABASE_TROUBLE
    return NoticeCode.DISK_TROUBLE if isinstance(error, OSError) else NoticeCode.BUG

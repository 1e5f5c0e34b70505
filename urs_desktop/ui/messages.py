"""Codes turned into sentences: what happened, what was kept, what to do.

Presenters give codes and formatted figures, because they know no Qt; the words are here and in the widgets, all marked
for Qt's translation. A test demands a sentence for every code. Must never put a figure into a text to be translated.
"""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication

from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.outcome_texts import reason_text
from urs_desktop.ui.permission_texts import action_text
from urs_desktop.ui.presenters.formatting import Age
from urs_desktop.ui.presenters.notices import ACTION_CODE, REASON_CODE, TROUBLE_CODE, Code, Notice, NoticeCode
from urs_desktop.ui.printer_texts import trouble_text
from urs_desktop.ui.refusal_texts import REFUSALS
from urs_desktop.ui.translation import QT_TRANSLATE_NOOP

NOTICES: Final[dict[NoticeCode, str]] = {
    NoticeCode.UNKNOWN_CODE: QT_TRANSLATE_NOOP(
        "messages", "No product has the code “{code}”. Check it, search by name (F2), or add the product (F6)."
    ),
    NoticeCode.PRODUCT_ADDED: QT_TRANSLATE_NOOP("messages", "Added to the catalogue: {name} ({code})."),
    NoticeCode.UNKNOWN_CODE_RESULTS: QT_TRANSLATE_NOOP(
        "messages", "No product has the code “{code}”, but these match. Choose one: arrow down, then Enter."
    ),
    NoticeCode.NO_LINE: QT_TRANSLATE_NOOP("messages", "No line is chosen. Add a product or choose a line first."),
    NoticeCode.VOID_SALE_AGAIN: QT_TRANSLATE_NOOP(
        "messages", "Press Void sale once more to empty the cart (lines: {count}). Esc keeps it."
    ),
    NoticeCode.SALE_HELD: QT_TRANSLATE_NOOP(
        "messages", "The sale is held as number {number}. Recall (F8) takes it up again, also after a restart."
    ),
    NoticeCode.SALE_RECALLED: QT_TRANSLATE_NOOP("messages", "Held sale {number} is back in the cart."),
    NoticeCode.NOTHING_TO_HOLD: QT_TRANSLATE_NOOP("messages", "The cart is empty: there is nothing to hold."),
    NoticeCode.NOTHING_HELD: QT_TRANSLATE_NOOP("messages", "No sale is held."),
    NoticeCode.HOLD_FIRST: QT_TRANSLATE_NOOP(
        "messages", "Finish this sale or hold it (F7) first; then recall the other one."
    ),
    NoticeCode.CHOOSE_HELD: QT_TRANSLATE_NOOP(
        "messages", "Choose the sale to go on with: click it, or arrow down and Enter."
    ),
    NoticeCode.SALE_VOIDED: QT_TRANSLATE_NOOP("messages", "The cart was emptied; nothing was sold."),
    NoticeCode.LINE_VOIDED: QT_TRANSLATE_NOOP("messages", "Removed: {name}"),
    NoticeCode.DISCOUNT_GIVEN: QT_TRANSLATE_NOOP("messages", "With its discount {name} comes to {total}."),
    NoticeCode.RECEIPT_DISCOUNTED: QT_TRANSLATE_NOOP("messages", "The sale now comes to {total}."),
    NoticeCode.PRICE_CHANGED: QT_TRANSLATE_NOOP("messages", "At its new price {name} comes to {total}."),
    NoticeCode.PRICE_CHECKED: QT_TRANSLATE_NOOP(
        "messages", "Price check: {name} ({code}) costs {price}. Nothing was added."
    ),
    NoticeCode.LINE_CHANGED_MEANWHILE: QT_TRANSLATE_NOOP(
        "messages", "The line was changed in the meantime, so its price stayed as it is. Choose it again."
    ),
    NoticeCode.CARD_TAKEN: QT_TRANSLATE_NOOP("messages", "Taken by card: {amount}. Left to pay: {due}."),
    NoticeCode.CARDS_TAKEN_ALREADY: QT_TRANSLATE_NOOP(
        "messages",
        "The terminal has taken {amount} for this sale. Give it back there, remove it here, then go back to the cart.",
    ),
    NoticeCode.LOCKED_CARD_PAID: QT_TRANSLATE_NOOP(
        "messages", "A card has paid into the sale in hand. Sign in and complete it, or give the money back, first."
    ),
    NoticeCode.PRESS_KEY: QT_TRANSLATE_NOOP("messages", "Press the new key, or Esc to keep the old one."),
    NoticeCode.SETTINGS_SAVED: QT_TRANSLATE_NOOP("messages", "Saved. It holds from now on."),
    NoticeCode.SETTINGS_SAVED_LANGUAGE: QT_TRANSLATE_NOOP(
        "messages", "Saved. The language holds from the next start, everything else from now on."
    ),
    NoticeCode.SOUND_FOUND: QT_TRANSLATE_NOOP("messages", "High and short: the code was found. Again for the next."),
    NoticeCode.SOUND_UNKNOWN: QT_TRANSLATE_NOOP("messages", "Falling: nobody knows the code. Again for the next."),
    NoticeCode.SOUND_REFUSED: QT_TRANSLATE_NOOP("messages", "Low three times: refused. Again for the first."),
    NoticeCode.SAVE_FIRST: QT_TRANSLATE_NOOP("messages", "Save first: what is saved is what is tried."),
    NoticeCode.TEST_PRINTING: QT_TRANSLATE_NOOP("messages", "The test is on its way to the printer."),
    NoticeCode.SHIFT_NEEDED: QT_TRANSLATE_NOOP(
        "messages", "No shift is open. {key}, or “No shift open” below, opens one; selling goes on without."
    ),
    NoticeCode.SHIFT_OPENED: QT_TRANSLATE_NOOP("messages", "Shift {number} is open. Good sales!"),
    NoticeCode.SHIFT_CLOSED_NOW: QT_TRANSLATE_NOOP("messages", "Shift {number} is closed. This is its Z report."),
    NoticeCode.CASH_MOVED: QT_TRANSLATE_NOOP("messages", "The cash is noted, with its reason."),
    NoticeCode.CASH_MOVED_AFTER_ALL: QT_TRANSLATE_NOOP(
        "messages", "{amount} ({reason}) had been noted in spite of the failure; nothing was moved again."
    ),
    NoticeCode.TEST_DISPLAY: QT_TRANSLATE_NOOP(
        "messages", "The customer display is shown for a few seconds: on the second screen, or in a window of its own."
    ),
    NoticeCode.SCAN_MISSED: QT_TRANSLATE_NOOP(
        "messages", "Scanned while the last sale was being stored, and not in the cart: {codes}. Scan again."
    ),
    NoticeCode.CASH_IN_DOUBT: QT_TRANSLATE_NOOP(
        "messages",
        "Saving failed and the book cannot be read, so it is not certain that the cash is noted. Press Enter to try "
        "again; what is noted will not be noted twice.",
    ),
    NoticeCode.REPORT_PRINTING: QT_TRANSLATE_NOOP("messages", "The report is on its way to the printer."),
    NoticeCode.CHOOSE_RECEIPT: QT_TRANSLATE_NOOP(
        "messages", "Several receipts fit. Choose one: click it, or Tab, arrows and Enter."
    ),
    NoticeCode.ALL_REFUNDED: QT_TRANSLATE_NOOP(
        "messages", "Everything of this sale has come back already: there is nothing left to refund."
    ),
    NoticeCode.REFUNDS_ELSEWHERE: QT_TRANSLATE_NOOP(
        "messages",
        "The central store cannot be asked now, so refunds at other counters may be missing. Look at the receipt.",
    ),
    NoticeCode.REFUND_DONE: QT_TRANSLATE_NOOP("messages", "Refund {number} is stored. Give the money back now."),
    NoticeCode.PAYMENT_OPEN: QT_TRANSLATE_NOOP(
        "messages", "The payment is open, so the cart stays as it is. Press Esc to go back and change it."
    ),
    NoticeCode.CHANGE_IMPLAUSIBLE: QT_TRANSLATE_NOOP(
        "messages",
        "{tendered} looks like a slip or a barcode, not cash. Nothing was sold; type what the customer gave.",
    ),
    NoticeCode.CUSTOMER_PENDING: QT_TRANSLATE_NOOP(
        "messages",
        "The customer “{text}” is still being looked up. Wait, or press Esc and remove the customer to sell without.",
    ),
    NoticeCode.CUSTOMER_NEW: QT_TRANSLATE_NOOP(
        "messages", "The card {card} is not known here yet. The sale will enrol it, and it earns points at once."
    ),
    NoticeCode.CUSTOMER_NOBODY: QT_TRANSLATE_NOOP(
        "messages", "Nobody fits “{text}”. Try the phone number, or enrol a new customer with F6."
    ),
    NoticeCode.CUSTOMER_ENROL: QT_TRANSLATE_NOOP(
        "messages", "Nobody has the phone number {text}. F6 enrols a new customer with it."
    ),
    NoticeCode.CUSTOMER_ENROLLED: QT_TRANSLATE_NOOP(
        "messages", "Enrolled with the card {card}. F5 shows the card, F12 uses it for this sale."
    ),
    NoticeCode.CUSTOMER_KNOWN: QT_TRANSLATE_NOOP(
        "messages", "This phone number belongs to a customer already, with the card {card}. Nothing was stored."
    ),
    NoticeCode.CONSENT_NEEDED: QT_TRANSLATE_NOOP(
        "messages", "Ask the customer the question, and note the answer: yes or no. Nothing was stored yet."
    ),
    NoticeCode.CARD_PRINTING: QT_TRANSLATE_NOOP("messages", "The card is on its way to the printer."),
    NoticeCode.CUSTOMER_CHOOSE: QT_TRANSLATE_NOOP(
        "messages", "Choose a customer below, or press Enter again to look up exactly “{text}”."
    ),
    NoticeCode.STILL_ASKING: QT_TRANSLATE_NOOP(
        "messages", "The central store has not answered the last request for points yet. Take cash, or try again soon."
    ),
    NoticeCode.GRANTED_LESS: QT_TRANSLATE_NOOP(
        "messages", "Only {granted} of {wanted} points are free to spend. Using {granted}; {due} is left to pay."
    ),
    NoticeCode.PHONE_ASKED: QT_TRANSLATE_NOOP(
        "messages", "Let the customer scan the code with a phone, then scan what the phone shows. Esc stops."
    ),
    NoticeCode.GRANTED: QT_TRANSLATE_NOOP("messages", "{granted} points are set aside; {due} is left to pay."),
    NoticeCode.POINTS_GIVEN_BACK: QT_TRANSLATE_NOOP("messages", "The points were given back to the customer."),
    NoticeCode.CONSENT_ON_DISPLAY: QT_TRANSLATE_NOOP(
        "messages",
        "Waiting for the customer's consent: {points} points pay {worth}. Yes on the display, or scan their card.",
    ),
    NoticeCode.CONSENT_BY_CARD: QT_TRANSLATE_NOOP(
        "messages",
        "The customer has to agree: {points} points pay {worth}. Scan their card or their wallet code. Esc stops.",
    ),
    NoticeCode.CONSENT_OTHER_CARD: QT_TRANSLATE_NOOP(
        "messages",
        "That is not the card of this sale's customer. Scan theirs to pay {worth} with {points} points. Esc stops.",
    ),
    NoticeCode.CONSENT_REFUSED: QT_TRANSLATE_NOOP(
        "messages", "The customer does not want to pay with points. They were given back."
    ),
    NoticeCode.SALE_KEPT_AFTER_ALL: QT_TRANSLATE_NOOP(
        "messages",
        "There was a failure while saving, but the sale is stored as receipt {number}. Do not ring it up again.",
    ),
    NoticeCode.SALE_IN_DOUBT: QT_TRANSLATE_NOOP(
        "messages",
        "Saving failed and the book cannot be read, so it is not certain that the sale is stored. The cart was kept: "
        "press Enter to try again; a sale that is stored will not be stored twice.",
    ),
    NoticeCode.CENTRAL_UNAVAILABLE: QT_TRANSLATE_NOOP(
        "messages", "The central store does not answer, so points cannot be spent now. Take cash; selling goes on."
    ),
    NoticeCode.CENTRAL_DISTRUSTED: QT_TRANSLATE_NOOP(
        "messages",
        "What answers is not the central store this counter trusts. Nothing was sent; sell on and tell the office.",
    ),
    NoticeCode.DISK_FULL: QT_TRANSLATE_NOOP(
        "messages", "This machine's disk is full. Make room on it, then try again."
    ),
    NoticeCode.DISK_TROUBLE: QT_TRANSLATE_NOOP(
        "messages", "This machine's disk does not work as it should ({kind}). Try again, then call the office."
    ),
    NoticeCode.DATABASE_TROUBLE: QT_TRANSLATE_NOOP(
        "messages", "The counter's book could not be used ({kind}). Try again, then call the office."
    ),
    NoticeCode.SET_ASIDE: QT_TRANSLATE_NOOP(
        "messages",
        "The central store set a record of this counter aside ({kind}): {reason} Nothing is lost and selling goes on; "
        "tell the office.",
    ),
    NoticeCode.STAFF_ADDED: QT_TRANSLATE_NOOP("messages", "Added: {code} may sign in from now on."),
    NoticeCode.STAFF_CHANGED: QT_TRANSLATE_NOOP("messages", "Changed: {code}. It holds from now on."),
    NoticeCode.PIN_TAKEN: QT_TRANSLATE_NOOP("messages", "The new PIN holds from now on; the old one opens nothing."),
    NoticeCode.ACTION_DENIED: QT_TRANSLATE_NOOP(
        "messages", "Nothing was changed: this was not allowed ({action}). Those who may: {people}."
    ),
    NoticeCode.ACTION_DENIED_TO_ALL: QT_TRANSLATE_NOOP(
        "messages", "Nothing was changed: nobody else at this counter may do this ({action}). Ask the office."
    ),
    NoticeCode.PRINT_NOT_QUEUED: QT_TRANSLATE_NOOP(
        "messages", "Receipt {number} is stored, but could not be given to the printer. Print it from Receipts (F11)."
    ),
    NoticeCode.RECEIPT_NOT_PRINTED: QT_TRANSLATE_NOOP(
        "messages", "Receipt {what} was not printed: {reason} It is kept; print it again from Receipts (F11)."
    ),
    NoticeCode.RECEIPT_MAYBE_PRINTED: QT_TRANSLATE_NOOP(
        "messages",
        "Receipt {what} may have been printed, all or in part: {reason} Look at the paper; printing it again from "
        "Receipts (F11) makes a marked copy.",
    ),
    NoticeCode.PAPER_NOT_PRINTED: QT_TRANSLATE_NOOP(
        "messages", "“{what}” was not printed: {reason} Nothing else is lost; print it again from where you were."
    ),
    NoticeCode.PAPER_MAYBE_PRINTED: QT_TRANSLATE_NOOP(
        "messages", "“{what}” may have been printed, all or in part: {reason} Look at the paper."
    ),
    NoticeCode.DRAWER_ASKED: QT_TRANSLATE_NOOP("messages", "The drawer opens; this is noted in the journal."),
    NoticeCode.DRAWER_NOT_OPENED: QT_TRANSLATE_NOOP(
        "messages", "The drawer was not opened: {reason} Open it with its key, or try again (F10)."
    ),
    NoticeCode.PRINT_QUEUED: QT_TRANSLATE_NOOP("messages", "Receipt {number} goes to the printer."),
    NoticeCode.PRINT_DONE: QT_TRANSLATE_NOOP("messages", "Receipt {number} was printed."),
    NoticeCode.PDF_SAVED: QT_TRANSLATE_NOOP("messages", "The receipt was saved as {path}."),
    NoticeCode.PDF_NOT_SAVED: QT_TRANSLATE_NOOP(
        "messages", "The receipt could not be saved as a file ({kind}). It stays in the book; make room and try again."
    ),
    NoticeCode.CENTRAL_NEEDED: QT_TRANSLATE_NOOP(
        "messages", "The central store cannot be reached, so this is what this counter alone sold. Try again later."
    ),
    NoticeCode.FILE_SAVED: QT_TRANSLATE_NOOP("messages", "Saved as {path}."),
    NoticeCode.FILE_NOT_SAVED: QT_TRANSLATE_NOOP(
        "messages", "The file could not be written ({kind}). Nothing is lost; make room and try again."
    ),
    NoticeCode.BUG: QT_TRANSLATE_NOOP(
        "messages",
        "Something unexpected went wrong ({kind}) and was noted in the log. The cart is as it was; try again.",
    ),
}

NOT_KEPT: Final = QT_TRANSLATE_NOOP("messages", "The sale was not stored; the cart is as it was.")


class _Figures(dict[str, str]):
    """The values of a notice; one that a sentence names and nobody gave is shown as three dots."""

    def __missing__(self, key: str) -> str:
        return "…"


def translated(text: str) -> str:
    """Return one of this module's texts in the language of the program."""
    return QCoreApplication.translate("messages", text)


def sentence(code: Code, values: Mapping[str, str] | None = None) -> str:
    """Return the sentence for a code with its figures put in."""
    text = REFUSALS[code] if isinstance(code, RefusalCode) else NOTICES[code]
    figures = _Figures(values or {})
    if REASON_CODE in figures:
        figures["reason"] = reason_text(figures[REASON_CODE])
    if ACTION_CODE in figures:
        figures["action"] = action_text(Permission(figures[ACTION_CODE]))
    if TROUBLE_CODE in figures:
        figures["reason"] = trouble_text(figures[TROUBLE_CODE])
    return translated(text).format_map(figures)


def notice_text(notice: Notice) -> str:
    """Return everything there is to say about a notice."""
    said = sentence(notice.code, dict(notice.values))
    return f"{said} {translated(NOT_KEPT)}" if notice.sale_not_kept else said


def age_text(age: Age) -> str:
    """Return how old a fact is: "never", "just now" or how long ago."""
    if not age.known:
        return QCoreApplication.translate("messages", "never")
    return QCoreApplication.translate("messages", "just now") if age.recent else age.text

"""The sentence for each refusal of the programme's rules, marked for translation.

Must never name a figure that is not among the refusal's details, nor blame the cashier.
"""

from typing import Final

from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.translation import QT_TRANSLATE_NOOP

REFUSALS: Final[dict[RefusalCode, str]] = {
    RefusalCode.AMOUNT_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "“{text}” is not an amount. Type digits with a point for decimals, such as 12.50."
    ),
    RefusalCode.AMOUNT_OUT_OF_RANGE: QT_TRANSLATE_NOOP(
        "messages", "That would be more than the counter can reckon with ({maximum}). Nothing was changed."
    ),
    RefusalCode.AMOUNT_TOO_PRECISE: QT_TRANSLATE_NOOP(
        "messages", "“{text}” has more decimals than the currency ({digits}). Type it again."
    ),
    RefusalCode.PERCENTAGE_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "“{text}” is not a percentage from 0 to 100 with at most two decimals."
    ),
    RefusalCode.QUANTITY_MALFORMED: QT_TRANSLATE_NOOP("messages", "“{text}” is not a whole number. Type digits only."),
    RefusalCode.QUANTITY_OUT_OF_RANGE: QT_TRANSLATE_NOOP(
        "messages", "A line takes from 1 to {maximum} pieces, not {quantity}. Nothing was changed."
    ),
    RefusalCode.PRICE_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "“{text}” is not a price. Type digits with a point for decimals, such as 2.55."
    ),
    RefusalCode.PRICE_OUT_OF_RANGE: QT_TRANSLATE_NOOP("messages", "The price “{text}” is too large or too fine."),
    RefusalCode.CURRENCY_UNKNOWN: QT_TRANSLATE_NOOP("messages", "The currency “{code}” is not known."),
    RefusalCode.CURRENCIES_MIXED: QT_TRANSLATE_NOOP(
        "messages", "This product is priced in {other}, the sale is in {one}. It was not added; tell the office."
    ),
    RefusalCode.TEXT_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "This text is empty, too long or holds characters that cannot be stored. Type it again."
    ),
    RefusalCode.CATEGORY_UNKNOWN: QT_TRANSLATE_NOOP(
        "messages", "“{text}” is not a category of vendor; they are small, medium and large."
    ),
    RefusalCode.DISCOUNT_TOO_LARGE: QT_TRANSLATE_NOOP(
        "messages", "{discount} is more than there is to take off: {most} at most. Nothing was changed."
    ),
    RefusalCode.REASON_NEEDED: QT_TRANSLATE_NOOP(
        "messages", "A changed price needs a reason. Nothing was changed; type the new price again and say why."
    ),
    RefusalCode.PAYMENT_OVER: QT_TRANSLATE_NOOP(
        "messages", "{amount} by card is not between nothing and the {due} left to pay. Type what the terminal took."
    ),
    RefusalCode.CARD_NUMBER_REFUSED: QT_TRANSLATE_NOOP(
        "messages",
        "This looks like the number of a payment card, which is never stored. "
        "Type the terminal's reference, or another card.",
    ),
    RefusalCode.PHONE_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "A phone number has from {fewest} to {most} digits. Type it as the customer dials it."
    ),
    RefusalCode.EMAIL_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "This is not an e-mail address such as name@example.org. Correct it, or leave it empty."
    ),
    RefusalCode.PERSON_DIFFERS: QT_TRANSLATE_NOOP(
        "messages", "The central store did not take a customer's record: it is not the one that was signed."
    ),
    RefusalCode.KEY_NOT_BINDABLE: QT_TRANSLATE_NOOP(
        "messages", "{key} types or moves, so it cannot be bound. Choose a function key. Nothing was changed."
    ),
    RefusalCode.KEY_TAKEN: QT_TRANSLATE_NOOP(
        "messages", "{key} does something else already. Bind that one to another key first. Nothing was changed."
    ),
    RefusalCode.LABEL_EMPTY: QT_TRANSLATE_NOOP(
        "messages", "The label “{code}” says no price and no weight. Nothing was added; weigh “{name}” again."
    ),
    RefusalCode.LABEL_MISREAD: QT_TRANSLATE_NOOP(
        "messages",
        "The label “{code}” was misread: its price or weight does not fit. Nothing was added; scan it again.",
    ),
    RefusalCode.LABEL_PATTERN_MALFORMED: QT_TRANSLATE_NOOP(
        "messages",
        "“{text}” is no pattern of a label: 02 or 20 to 29, I for the article, P for a price or W for grams, C at the "
        "end, 13 characters in all. Nothing was saved; correct it and save again.",
    ),
    RefusalCode.SETTING_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "“{text}” is no whole number from {fewest} to {most}. Nothing was saved; correct it and save again."
    ),
    RefusalCode.PRINTER_MALFORMED: QT_TRANSLATE_NOOP(
        "messages",
        "“{text}” is no address of a printer; examples stand beside the field. Nothing was saved; correct it and save "
        "again.",
    ),
    RefusalCode.SHIFT_OPEN: QT_TRANSLATE_NOOP(
        "messages", "A shift is open already. Close it before the next one is opened."
    ),
    RefusalCode.SHIFT_CLOSED: QT_TRANSLATE_NOOP("messages", "No shift is open. Open one with the cash in the drawer."),
    RefusalCode.DIFFERENCE_TOO_LARGE: QT_TRANSLATE_NOOP(
        "messages", "The cash does not fit what was sold. Count again, or have somebody who may close it as it is."
    ),
    RefusalCode.COUNTED_TOO_OFTEN: QT_TRANSLATE_NOOP(
        "messages",
        "The drawer was counted {count} times and did not fit. The shift is open; somebody who may has to close it.",
    ),
    RefusalCode.SHIFT_UNKNOWN: QT_TRANSLATE_NOOP("messages", "This counter has no shift {number}."),
    RefusalCode.FLOAT_NEEDED: QT_TRANSLATE_NOOP(
        "messages", "Type how much cash is in the drawer, 0 if there is none. The shift is not open yet."
    ),
    RefusalCode.BASKET_EMPTY: QT_TRANSLATE_NOOP(
        "messages", "The cart is empty, so there is nothing to pay. Scan a product first."
    ),
    RefusalCode.LINE_UNKNOWN: QT_TRANSLATE_NOOP("messages", "There is no line {line}."),
    RefusalCode.PRODUCT_KNOWN: QT_TRANSLATE_NOOP(
        "messages", "There is a product with the code “{code}” by now. Nothing was added; scan it again."
    ),
    RefusalCode.PRODUCT_UNKNOWN: QT_TRANSLATE_NOOP("messages", "No product has the code “{code}”."),
    RefusalCode.BARCODE_MALFORMED: QT_TRANSLATE_NOOP(
        "messages",
        "“{code}” is no article's barcode: those have 8, 12, 13 or 14 digits. Search by name.",
    ),
    RefusalCode.BARCODE_LENGTH: QT_TRANSLATE_NOOP(
        "messages",
        "“{code}” has {length} digits, an article's barcode has 8, 12, 13 or 14. Nothing was added; scan it again.",
    ),
    RefusalCode.BARCODE_MISREAD: QT_TRANSLATE_NOOP(
        "messages", "“{code}” was misread: its last digit should be {expected}. Nothing was added; scan it again."
    ),
    RefusalCode.BARCODE_WITHOUT_ARTICLE: QT_TRANSLATE_NOOP(
        "messages", "“{code}” names no article. Nothing was added; search by name."
    ),
    RefusalCode.CUSTOMER_UNKNOWN: QT_TRANSLATE_NOOP(
        "messages", "Nobody is known by this card or phone number. Check it, or sell without a customer."
    ),
    RefusalCode.CUSTOMER_BLOCKED: QT_TRANSLATE_NOOP(
        "messages", "This customer's points are blocked by the office. Selling and earning go on; take another payment."
    ),
    RefusalCode.CUSTOMER_ERASED: QT_TRANSLATE_NOOP(
        "messages", "This card is no longer valid and earns nothing. Hand out a new card, or sell without a customer."
    ),
    RefusalCode.CARD_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "This is not a card code that can be used. Scan the card again or type its code."
    ),
    RefusalCode.NO_PRINTER: QT_TRANSLATE_NOOP(
        "messages", "This counter has no printer; nothing was printed or opened. Name one in the settings."
    ),
    RefusalCode.SALE_NOT_HELD: QT_TRANSLATE_NOOP("messages", "No sale is held as number {number}."),
    RefusalCode.PAYMENT_SHORT: QT_TRANSLATE_NOOP("messages", "{missing} is still missing. Nothing was sold yet."),
    RefusalCode.LINE_NOT_HERE: QT_TRANSLATE_NOOP(
        "messages", "This customer's points are kept ready at other counters. Here they need a connection."
    ),
    RefusalCode.POINTS_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "“{text}” is not a number of points. Type digits only."
    ),
    RefusalCode.POINTS_WITHOUT_CUSTOMER: QT_TRANSLATE_NOOP(
        "messages", "Points need a customer. Press Esc, then find the customer (F3)."
    ),
    RefusalCode.POINTS_NOT_REDEEMED_HERE: QT_TRANSLATE_NOOP("messages", "Points are earned here, not redeemed."),
    RefusalCode.POINTS_OVER_CAP: QT_TRANSLATE_NOOP(
        "messages", "This sale takes at most {cap} points; {points} were asked for."
    ),
    RefusalCode.POINTS_NOT_AVAILABLE: QT_TRANSLATE_NOOP(
        "messages", "This customer has no points to spend now. Take the amount in cash."
    ),
    RefusalCode.POINTS_NEED_CONNECTION: QT_TRANSLATE_NOOP(
        "messages", "Points cannot be spent while the central store is out of reach. Selling and earning go on."
    ),
    RefusalCode.POLICY_UNKNOWN: QT_TRANSLATE_NOOP(
        "messages",
        "The reward policy of this sale is not known at both ends, so its points cannot move. Sync, then try again; "
        "a sale can be paid in cash.",
    ),
    RefusalCode.POLICY_MISSING: QT_TRANSLATE_NOOP(
        "messages", "No reward policy is in force here, so points are neither earned nor spent. Selling goes on."
    ),
    RefusalCode.GRANT_OVER: QT_TRANSLATE_NOOP(
        "messages", "The points were set aside too long ago and went back to the customer. Ask for them again."
    ),
    RefusalCode.GRANT_EXCEEDED: QT_TRANSLATE_NOOP(
        "messages", "Only {rest} points are set aside, not {points}. Ask for them again."
    ),
    RefusalCode.RECEIPT_TOO_LARGE: QT_TRANSLATE_NOOP(
        "messages", "This has too many lines for one receipt. Split it in two."
    ),
    RefusalCode.RECEIPT_UNKNOWN: QT_TRANSLATE_NOOP(
        "messages", "There is no sale with the receipt number {receipt}. Type it as it is printed."
    ),
    RefusalCode.RECEIPT_NEEDS_CONNECTION: QT_TRANSLATE_NOOP(
        "messages",
        "Receipt {receipt} is another counter's, and the central store is out of reach. Refund it there, or later.",
    ),
    RefusalCode.REFUND_EMPTY: QT_TRANSLATE_NOOP(
        "messages", "Nothing is chosen that could still be refunded. Nothing was changed."
    ),
    RefusalCode.REFUND_EXCEEDS_SALE: QT_TRANSLATE_NOOP(
        "messages",
        "Of line {line}, {remaining} can still be refunded, not {quantity}: the rest was not sold or came back before.",
    ),
    RefusalCode.OVERRIDE_NEEDED: QT_TRANSLATE_NOOP(
        "messages", "Goods without a receipt take somebody else's permission and a reason. Nothing was changed."
    ),
    RefusalCode.OVERRIDE_BY_SAME_PERSON: QT_TRANSLATE_NOOP(
        "messages", "Who refunds cannot give the permission for it. Ask somebody else; nothing was changed."
    ),
    RefusalCode.OVERRIDE_NOT_ALLOWED: QT_TRANSLATE_NOOP(
        "messages", "This is more than {name} may allow. Ask somebody else; nothing was changed."
    ),
    RefusalCode.OVERRIDE_SPENT: QT_TRANSLATE_NOOP(
        "messages", "A permission holds for one thing, once. Ask again; nothing was changed."
    ),
    RefusalCode.OVERRIDE_EXPIRED: QT_TRANSLATE_NOOP(
        "messages", "The permission is older than a minute and no longer holds. Ask again; nothing was changed."
    ),
    RefusalCode.NOT_ALLOWED: QT_TRANSLATE_NOOP(
        "messages", "Whoever is signed in may not do this, and nobody else allowed it. Nothing was changed."
    ),
    RefusalCode.STAFF_CODE_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "A code has up to {maximum} letters A to Z or digits. Choose another one."
    ),
    RefusalCode.STAFF_CODE_TAKEN: QT_TRANSLATE_NOOP(
        "messages", "The code {code} is somebody else's. Choose another one; nothing was changed."
    ),
    RefusalCode.STAFF_UNKNOWN: QT_TRANSLATE_NOOP(
        "messages", "Nobody at this counter has this code. Check it; nothing was changed."
    ),
    RefusalCode.STAFF_NAME_MISSING: QT_TRANSLATE_NOOP(
        "messages", "Type the name by which colleagues know this person."
    ),
    RefusalCode.STAFF_FIRST_MANAGES: QT_TRANSLATE_NOOP(
        "messages", "The first person at a counter has to be a manager, or nobody could add the next one."
    ),
    RefusalCode.STAFF_LAST_MANAGER: QT_TRANSLATE_NOOP(
        "messages", "There is no manager but {name} left here. Make somebody else one first; nothing was changed."
    ),
    RefusalCode.PIN_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "A PIN has {minimum} to {maximum} digits and nothing else."
    ),
    RefusalCode.PIN_TRIVIAL: QT_TRANSLATE_NOOP(
        "messages",
        "This PIN is too easy to guess. Take at least {different} different digits, no run, pattern or date.",
    ),
    RefusalCode.PINS_DIFFER: QT_TRANSLATE_NOOP(
        "messages", "The two PINs are not the same. Type both again; nothing was changed."
    ),
    RefusalCode.BADGE_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "A badge has {minimum} to {maximum} characters and cannot be one that might be a PIN."
    ),
    RefusalCode.BADGE_TAKEN: QT_TRANSLATE_NOOP(
        "messages", "This badge is somebody else's already. Take another one; nothing was changed."
    ),
    RefusalCode.BADGE_UNKNOWN: QT_TRANSLATE_NOOP(
        "messages", "This is nobody's badge here. Scan another one, or type your code and PIN."
    ),
    RefusalCode.SIGN_IN_WRONG: QT_TRANSLATE_NOOP(
        "messages", "Code and PIN do not belong together. Try again; wrong tries make you wait."
    ),
    RefusalCode.SIGN_IN_WAIT: QT_TRANSLATE_NOOP(
        "messages", "Too many wrong tries. Try again in {seconds} seconds, or let somebody else sign in."
    ),
    RefusalCode.SIGN_IN_LOCKED: QT_TRANSLATE_NOOP(
        "messages", "Locked after {failures} wrong tries. A manager has to reset {code} under Staff."
    ),
    RefusalCode.OPERATION_NOT_PARKED: QT_TRANSLATE_NOOP(
        "messages", "Operation {operation} is not set aside at the central store; “parked list” shows those that are."
    ),
    RefusalCode.REPAIR_NOT_POSSIBLE: QT_TRANSLATE_NOOP(
        "messages",
        "Operation {operation} cannot be repaired: only an enrolment's card code can. Retry it, or write it off.",
    ),
    RefusalCode.NOT_ENROLLED: QT_TRANSLATE_NOOP(
        "messages", "This counter is not enrolled with a central store yet. Enrol it first."
    ),
    RefusalCode.ALREADY_ENROLLED: QT_TRANSLATE_NOOP("messages", "This counter is enrolled already."),
    RefusalCode.COUNTER_FENCED: QT_TRANSLATE_NOOP(
        "messages",
        "This counter's history is in doubt, so it takes no points until it has synced again. Selling and earning go "
        "on; tell the office if it lasts.",
    ),
    RefusalCode.ENROLMENT_CODE_MALFORMED: QT_TRANSLATE_NOOP(
        "messages", "This is not an enrolment code. Copy it again, whole."
    ),
    RefusalCode.ENROLMENT_CODE_UNKNOWN: QT_TRANSLATE_NOOP(
        "messages", "The central store does not know this enrolment code. Ask for a new one."
    ),
    RefusalCode.ENROLMENT_CODE_SPENT: QT_TRANSLATE_NOOP(
        "messages", "This enrolment code was used already. Ask for a new one."
    ),
    RefusalCode.ENROLMENT_CODE_EXPIRED: QT_TRANSLATE_NOOP(
        "messages", "This enrolment code is too old. Ask for a new one."
    ),
    RefusalCode.VENDOR_UNKNOWN: QT_TRANSLATE_NOOP("messages", "The central store does not know this vendor."),
    RefusalCode.COUNTER_UNKNOWN: QT_TRANSLATE_NOOP("messages", "The central store does not know this counter."),
    RefusalCode.COUNTER_REVOKED: QT_TRANSLATE_NOOP(
        "messages", "This counter was taken out of service by the office. Sales are kept here; call the office."
    ),
    RefusalCode.COUNTER_QUARANTINED: QT_TRANSLATE_NOOP(
        "messages", "The office has to look at this counter before it takes points. Selling and earning go on."
    ),
}

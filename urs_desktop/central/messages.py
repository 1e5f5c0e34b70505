"""Sentences for the command line of the central store: one for every code a rule may refuse with.

Must never be needed to understand a stored or transmitted code: those stay as they are.
"""

from typing import Final

from urs_desktop.domain.refusals import Refusal, RefusalCode

_SENTENCES: Final[dict[RefusalCode, str]] = {
    RefusalCode.AMOUNT_MALFORMED: "This is not an amount such as 10 or 10.00: {text}.",
    RefusalCode.AMOUNT_OUT_OF_RANGE: "The amount is out of range.",
    RefusalCode.AMOUNT_TOO_PRECISE: "The amount {text} has more decimals than the currency.",
    RefusalCode.PERCENTAGE_MALFORMED: "This is not a percentage from 0 to 100 such as 5 or 2.5: {text}.",
    RefusalCode.QUANTITY_MALFORMED: "This is not a whole number of pieces: {text}.",
    RefusalCode.QUANTITY_OUT_OF_RANGE: "The quantity {quantity} is out of range.",
    RefusalCode.PRICE_MALFORMED: "This is not a price such as 2.55: {text}.",
    RefusalCode.PRICE_OUT_OF_RANGE: "The price {text} is out of range.",
    RefusalCode.CURRENCY_UNKNOWN: "There is no currency with the ISO 4217 code {currency}.",
    RefusalCode.CURRENCIES_MIXED: "Two currencies cannot be mixed.",
    RefusalCode.TEXT_MALFORMED: "This text is empty, too long or has characters that cannot be stored: {text}.",
    RefusalCode.CATEGORY_UNKNOWN: "There is no category {text}: it is small, medium or large.",
    RefusalCode.DISCOUNT_TOO_LARGE: "The discount {discount} is more than there is to take off.",
    RefusalCode.REASON_NEEDED: "A changed price needs a reason.",
    RefusalCode.PAYMENT_OVER: "More was paid by card than was left to pay: {amount} of {due}.",
    RefusalCode.CARD_NUMBER_REFUSED: "A reference must not be the number of a payment card.",
    RefusalCode.KEY_NOT_BINDABLE: "The key {key} cannot be bound.",
    RefusalCode.KEY_TAKEN: "The key {key} does something else already.",
    RefusalCode.LABEL_EMPTY: "The label {code} says no price and no weight.",
    RefusalCode.LABEL_MISREAD: "The label {code} was misread.",
    RefusalCode.LABEL_PATTERN_MALFORMED: "This is no pattern of a label: {text}.",
    RefusalCode.SETTING_MALFORMED: "This is no whole number from {fewest} to {most}: {text}.",
    RefusalCode.PRINTER_MALFORMED: "This is no address of a printer: {text}.",
    RefusalCode.PHONE_MALFORMED: "A phone number has from {fewest} to {most} digits.",
    RefusalCode.EMAIL_MALFORMED: "This is not an e-mail address.",
    RefusalCode.PERSON_DIFFERS: "The record is not the one with which the customer was enrolled.",
    RefusalCode.SHIFT_OPEN: "A shift is open already.",
    RefusalCode.SHIFT_CLOSED: "No shift is open.",
    RefusalCode.DIFFERENCE_TOO_LARGE: "The cash differs by more than may be closed alone.",
    RefusalCode.COUNTED_TOO_OFTEN: "The drawer was counted wrong too often to be closed alone.",
    RefusalCode.SHIFT_UNKNOWN: "There is no shift {number}.",
    RefusalCode.FLOAT_NEEDED: "The cash in the drawer is missing.",
    RefusalCode.BASKET_EMPTY: "There is nothing in the basket.",
    RefusalCode.LINE_UNKNOWN: "There is no such line.",
    RefusalCode.PRODUCT_KNOWN: "There is a product with the code {code} already.",
    RefusalCode.PRODUCT_UNKNOWN: "There is no such product.",
    RefusalCode.BARCODE_MALFORMED: "This is not the barcode of an article: {code}.",
    RefusalCode.BARCODE_LENGTH: "A barcode has 8, 12, 13 or 14 digits, not {length}: {code}.",
    RefusalCode.BARCODE_MISREAD: "The barcode {code} was misread: its last digit should be {expected}.",
    RefusalCode.BARCODE_WITHOUT_ARTICLE: "The barcode {code} names no article.",
    RefusalCode.CUSTOMER_UNKNOWN: "There is no customer with this card code or phone number.",
    RefusalCode.CUSTOMER_BLOCKED: "This customer is blocked: points are earned, not redeemed.",
    RefusalCode.CUSTOMER_ERASED: "This card was erased: its customer needs a new one.",
    RefusalCode.CARD_MALFORMED: "This is not a card code: {text}.",
    RefusalCode.NO_PRINTER: "This counter has no printer; nothing was printed or opened.",
    RefusalCode.SALE_NOT_HELD: "No sale is held as number {number}.",
    RefusalCode.PAYMENT_SHORT: "The payment does not cover the total.",
    RefusalCode.POINTS_WITHOUT_CUSTOMER: "Points need a customer.",
    RefusalCode.POINTS_NOT_REDEEMED_HERE: "Points cannot be redeemed at this vendor.",
    RefusalCode.POINTS_OVER_CAP: "So many points may not pay for this purchase.",
    RefusalCode.POINTS_NOT_AVAILABLE: "The customer has no points to spend.",
    RefusalCode.POINTS_NEED_CONNECTION: "Points can be redeemed only with a connection to the central store.",
    RefusalCode.POLICY_UNKNOWN: "This policy is not known or not in force.",
    RefusalCode.POLICY_MISSING: "No reward policy is in force for this vendor.",
    RefusalCode.GRANT_OVER: "The time for these points is over.",
    RefusalCode.GRANT_EXCEEDED: "More points than were granted.",
    RefusalCode.LINE_NOT_HERE: "The customer's points are kept ready at other counters already.",
    RefusalCode.POINTS_MALFORMED: "This is not a number of points: {text}.",
    RefusalCode.RECEIPT_UNKNOWN: "There is no such receipt.",
    RefusalCode.RECEIPT_NEEDS_CONNECTION: "That receipt is another counter's: it needs a connection.",
    RefusalCode.REFUND_EMPTY: "Nothing was chosen to be refunded.",
    RefusalCode.REFUND_EXCEEDS_SALE: "More came back than was bought, or it was refunded before.",
    RefusalCode.OVERRIDE_NEEDED: "Without a receipt a refund needs somebody else's approval.",
    RefusalCode.OVERRIDE_BY_SAME_PERSON: "The approval must be another person's.",
    RefusalCode.RECEIPT_TOO_LARGE: "The receipt is too large.",
    RefusalCode.OVERRIDE_NOT_ALLOWED: "This cannot be allowed by {name}.",
    RefusalCode.OVERRIDE_SPENT: "The permission was used before.",
    RefusalCode.OVERRIDE_EXPIRED: "The permission is no longer valid.",
    RefusalCode.NOT_ALLOWED: "This person may not do this.",
    RefusalCode.STAFF_CODE_MALFORMED: "A code of a member of staff has up to {maximum} letters or digits.",
    RefusalCode.STAFF_CODE_TAKEN: "The code {code} is somebody else's.",
    RefusalCode.STAFF_UNKNOWN: "Nobody has this code.",
    RefusalCode.STAFF_NAME_MISSING: "A member of staff needs a name.",
    RefusalCode.STAFF_FIRST_MANAGES: "The first member of staff has to be a manager.",
    RefusalCode.STAFF_LAST_MANAGER: "The only manager is {name}.",
    RefusalCode.PIN_MALFORMED: "A PIN has {minimum} to {maximum} digits.",
    RefusalCode.PIN_TRIVIAL: "The PIN is too easy to guess.",
    RefusalCode.PINS_DIFFER: "The two PINs are not the same.",
    RefusalCode.BADGE_MALFORMED: "A badge has {minimum} to {maximum} characters.",
    RefusalCode.BADGE_TAKEN: "This badge is somebody else's.",
    RefusalCode.BADGE_UNKNOWN: "This is nobody's badge.",
    RefusalCode.SIGN_IN_WRONG: "Code and PIN do not belong together.",
    RefusalCode.SIGN_IN_WAIT: "Too many wrong tries: wait {seconds} seconds.",
    RefusalCode.SIGN_IN_LOCKED: "After {failures} wrong tries {code} is locked.",
    RefusalCode.OPERATION_NOT_PARKED: "The operation {operation} is not parked, or no longer.",
    RefusalCode.REPAIR_NOT_POSSIBLE: "The operation {operation} cannot be repaired.",
    RefusalCode.NOT_ENROLLED: "The counter is not enrolled.",
    RefusalCode.ALREADY_ENROLLED: "The counter is enrolled already.",
    RefusalCode.COUNTER_FENCED: "The counter may not redeem points until it has synced again.",
    RefusalCode.ENROLMENT_CODE_MALFORMED: "This is not an enrolment code.",
    RefusalCode.ENROLMENT_CODE_UNKNOWN: "This enrolment code is not known.",
    RefusalCode.ENROLMENT_CODE_SPENT: "This enrolment code has been used.",
    RefusalCode.ENROLMENT_CODE_EXPIRED: "This enrolment code has expired.",
    RefusalCode.VENDOR_UNKNOWN: "There is no vendor {vendor}.",
    RefusalCode.COUNTER_UNKNOWN: "There is no such counter.",
    RefusalCode.COUNTER_REVOKED: "This counter has been revoked.",
    RefusalCode.COUNTER_QUARANTINED: "This counter is in quarantine: it gets no points to spend.",
}

_SEVERAL_CUSTOMERS: Final = "Several customers have this phone number: name the card code."


def sentence(refusal: Refusal) -> str:
    """Return one sentence for a person about a refusal."""
    if refusal.code is RefusalCode.CUSTOMER_UNKNOWN and "matches" in refusal.details:
        return _SEVERAL_CUSTOMERS
    template = _SENTENCES.get(refusal.code, refusal.code.value)
    return template.format_map(_Details(refusal.details))


class _Details(dict[str, str | int]):
    """The figures of a refusal; one that is missing is shown as a dash rather than lost with the sentence."""

    def __missing__(self, key: str) -> str:
        return "-"

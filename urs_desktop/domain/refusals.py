"""Why the programme says no: one stable code each, never a text for people.

The screens and command lines turn a code into a sentence. Codes are stored and compared, so a code must never be
renamed or used for a second meaning.
"""

from enum import StrEnum


class RefusalCode(StrEnum):
    """Every reason for which a rule of the programme refuses something."""

    AMOUNT_MALFORMED = "amount_malformed"
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"
    AMOUNT_TOO_PRECISE = "amount_too_precise"
    PERCENTAGE_MALFORMED = "percentage_malformed"
    QUANTITY_MALFORMED = "quantity_malformed"
    QUANTITY_OUT_OF_RANGE = "quantity_out_of_range"
    PRICE_MALFORMED = "price_malformed"
    PRICE_OUT_OF_RANGE = "price_out_of_range"
    CURRENCY_UNKNOWN = "currency_unknown"
    CURRENCIES_MIXED = "currencies_mixed"
    TEXT_MALFORMED = "text_malformed"
    CATEGORY_UNKNOWN = "category_unknown"
    DISCOUNT_TOO_LARGE = "discount_too_large"
    REASON_NEEDED = "reason_needed"
    BASKET_EMPTY = "basket_empty"
    LINE_UNKNOWN = "line_unknown"
    PRODUCT_KNOWN = "product_known"
    PRODUCT_UNKNOWN = "product_unknown"
    BARCODE_MALFORMED = "barcode_malformed"
    BARCODE_LENGTH = "barcode_length"
    BARCODE_MISREAD = "barcode_misread"
    BARCODE_WITHOUT_ARTICLE = "barcode_without_article"
    CUSTOMER_UNKNOWN = "customer_unknown"
    CUSTOMER_BLOCKED = "customer_blocked"
    CUSTOMER_ERASED = "customer_erased"
    CARD_MALFORMED = "card_malformed"
    PHONE_MALFORMED = "phone_malformed"
    EMAIL_MALFORMED = "email_malformed"
    PERSON_DIFFERS = "person_differs"
    PAYMENT_SHORT = "payment_short"
    PAYMENT_OVER = "payment_over"
    CARD_NUMBER_REFUSED = "card_number_refused"
    POINTS_MALFORMED = "points_malformed"
    POINTS_WITHOUT_CUSTOMER = "points_without_customer"
    POINTS_NOT_REDEEMED_HERE = "points_not_redeemed_here"
    POINTS_OVER_CAP = "points_over_cap"
    POINTS_NOT_AVAILABLE = "points_not_available"
    POINTS_NEED_CONNECTION = "points_need_connection"
    POLICY_UNKNOWN = "policy_unknown"
    POLICY_MISSING = "policy_missing"
    GRANT_OVER = "grant_over"
    GRANT_EXCEEDED = "grant_exceeded"
    LINE_NOT_HERE = "line_not_here"
    SALE_NOT_HELD = "sale_not_held"
    NO_PRINTER = "no_printer"
    KEY_NOT_BINDABLE = "key_not_bindable"
    KEY_TAKEN = "key_taken"
    SETTING_MALFORMED = "setting_malformed"
    LABEL_EMPTY = "label_empty"
    LABEL_MISREAD = "label_misread"
    LABEL_PATTERN_MALFORMED = "label_pattern_malformed"
    SHIFT_OPEN = "shift_open"
    SHIFT_CLOSED = "shift_closed"
    DIFFERENCE_TOO_LARGE = "difference_too_large"
    COUNTED_TOO_OFTEN = "counted_too_often"
    SHIFT_UNKNOWN = "shift_unknown"
    FLOAT_NEEDED = "float_needed"
    RECEIPT_TOO_LARGE = "receipt_too_large"
    RECEIPT_UNKNOWN = "receipt_unknown"
    RECEIPT_NEEDS_CONNECTION = "receipt_needs_connection"
    REFUND_EMPTY = "refund_empty"
    REFUND_EXCEEDS_SALE = "refund_exceeds_sale"
    OVERRIDE_NEEDED = "override_needed"
    OVERRIDE_BY_SAME_PERSON = "override_by_same_person"
    OVERRIDE_NOT_ALLOWED = "override_not_allowed"
    OVERRIDE_SPENT = "override_spent"
    OVERRIDE_EXPIRED = "override_expired"
    NOT_ALLOWED = "not_allowed"
    STAFF_CODE_MALFORMED = "staff_code_malformed"
    STAFF_CODE_TAKEN = "staff_code_taken"
    STAFF_UNKNOWN = "staff_unknown"
    STAFF_NAME_MISSING = "staff_name_missing"
    STAFF_FIRST_MANAGES = "staff_first_manages"
    STAFF_LAST_MANAGER = "staff_last_manager"
    PIN_MALFORMED = "pin_malformed"
    PIN_TRIVIAL = "pin_trivial"
    PINS_DIFFER = "pins_differ"
    BADGE_MALFORMED = "badge_malformed"
    BADGE_TAKEN = "badge_taken"
    BADGE_UNKNOWN = "badge_unknown"
    SIGN_IN_WRONG = "sign_in_wrong"
    SIGN_IN_WAIT = "sign_in_wait"
    SIGN_IN_LOCKED = "sign_in_locked"
    OPERATION_NOT_PARKED = "operation_not_parked"
    REPAIR_NOT_POSSIBLE = "repair_not_possible"
    NOT_ENROLLED = "not_enrolled"
    ALREADY_ENROLLED = "already_enrolled"
    COUNTER_FENCED = "counter_fenced"
    ENROLMENT_CODE_MALFORMED = "enrolment_code_malformed"
    ENROLMENT_CODE_UNKNOWN = "enrolment_code_unknown"
    ENROLMENT_CODE_SPENT = "enrolment_code_spent"
    ENROLMENT_CODE_EXPIRED = "enrolment_code_expired"
    VENDOR_UNKNOWN = "vendor_unknown"
    COUNTER_UNKNOWN = "counter_unknown"
    COUNTER_REVOKED = "counter_revoked"
    COUNTER_QUARANTINED = "counter_quarantined"


class Refusal(Exception):  # noqa: N818 - a refusal is an answer of the rules, not a fault of the program
    """A rule said no.

    `code` is the stable reason, `details` the figures and names a sentence about it may need (never a personal field).
    """

    def __init__(self, code: RefusalCode, /, **details: str | int) -> None:
        super().__init__(code.value, details)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        """Return the code and its details, for logs."""
        return f"{self.code.value} {self.details}" if self.details else self.code.value

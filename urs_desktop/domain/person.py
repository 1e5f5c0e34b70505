"""Who a customer is, as told at a counter: phone, perhaps name and e-mail, and whether they agreed to be known.

Also the codes of new cards, which nothing takes for a payment card. Must never decide who may see any of it.
"""

import re
from dataclasses import dataclass
from typing import Final

from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import clean_text, phone_digits

FEWEST_DIGITS: Final = 5
MOST_DIGITS: Final = 15
"""A phone number has so many digits (E.164 knows no longer one)."""

MOST_NAME: Final = 120
MOST_EMAIL: Final = 254
"""An e-mail address has at most so many characters (RFC 5321, 4.5.3.1)."""

MOST_WORDING: Final = 300
_PHONE: Final = re.compile(r"\+?[0-9]+", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like a digit."""

_PREFIX: Final = "U1"
_LETTERS: Final = 12
CODE_BYTES: Final = 8
"""A new card's code takes so many random bytes, of which it shows 60 bits."""


@dataclass(frozen=True, slots=True)
class Person:
    """A customer's record: `phone` in digits, `name` and `email` perhaps empty.

    `agreed` whether they let the vendor's counters know them, in answer to the `wording`, at `asked_at` (milliseconds).
    """

    phone: str
    name: str
    email: str
    agreed: bool
    wording: str
    asked_at: int


def person(phone: str, name: str, email: str, *, agreed: bool, wording: str, asked_at: int) -> Person:
    """Return a record as it is stored.

    Raises Refusal(PHONE_MALFORMED, EMAIL_MALFORMED, TEXT_MALFORMED), none of which repeats what was typed.
    """
    return Person(phone_number(phone), _name(name), email_address(email), agreed, _said(wording), asked_at)


def phone_number(text: str) -> str:
    """Return a phone number in digits, a leading + kept; raises Refusal(PHONE_MALFORMED)."""
    plain = "".join(c for c in text.strip() if c not in " -()./")
    digits = phone_digits(plain)
    if not _PHONE.fullmatch(plain) or not FEWEST_DIGITS <= len(digits.removeprefix("+")) <= MOST_DIGITS:
        raise Refusal(RefusalCode.PHONE_MALFORMED, fewest=FEWEST_DIGITS, most=MOST_DIGITS)
    return digits


def email_address(text: str) -> str:
    """Return an e-mail address, or nothing for nothing; raises Refusal(EMAIL_MALFORMED)."""
    try:
        cleaned = clean_text(text, MOST_EMAIL)
    except Refusal:
        raise Refusal(RefusalCode.EMAIL_MALFORMED) from None
    if cleaned and not _EMAIL.fullmatch(cleaned):
        raise Refusal(RefusalCode.EMAIL_MALFORMED)
    return cleaned


def _name(text: str) -> str:
    try:
        return clean_text(text, MOST_NAME)
    except Refusal:
        raise Refusal(RefusalCode.TEXT_MALFORMED, text="", maximum=MOST_NAME) from None


def _said(wording: str) -> str:
    cleaned = clean_text(wording, MOST_WORDING)
    if not cleaned:
        raise Refusal(RefusalCode.TEXT_MALFORMED, text="''", maximum=MOST_WORDING)
    return cleaned


def made_card_code(chance: bytes) -> str:
    """Return the code of a new card from CODE_BYTES random bytes: `U1` and twelve letters and digits.

    It begins with a letter, so no issuer's number can look like it, and a QR code holds it in its dense mode.
    """
    number = int.from_bytes(chance[:CODE_BYTES], "big")
    return _PREFIX + "".join(_ALPHABET[number >> (5 * place) & 31] for place in reversed(range(_LETTERS)))

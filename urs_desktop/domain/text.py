"""Codes, names and descriptions as people type them, made fit to store and compare.

Text is stored as it came but for outer spaces and Unicode form (NFC). Must never change case, drop a character or
accept what cannot be stored and shown again.
"""

import re
import unicodedata

from urs_desktop.domain.refusals import Refusal, RefusalCode

MAX_CODE = 64
MAX_TEXT = 500
_PAN = re.compile(r"[0-9]{13,19}", re.ASCII)
_SEPARATORS = str.maketrans("", "", " -")
_FEWEST_PHONE_DIGITS = 9
_UNSEEN = frozenset("CZ")
"""Categories of characters that leave no ink: others than letters, marks, numbers, punctuation and symbols."""

_BLANKS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and symbols that leave none either. Source: Unicode 15.0, Default_Ignorable_Code_Point; U+2800 is blank."""

_SURROGATE_OR_CONTROL = frozenset({"Cc", "Cs"})


def clean_text(text: str, maximum: int = MAX_TEXT) -> str:
    """Return the text in NFC without outer spaces.

    Raises Refusal(TEXT_MALFORMED) for control codes, excess, and characters of which not one can be seen.
    """
    cleaned = unicodedata.normalize("NFC", text).strip()
    # What is printable holds neither; asking that first spares nearly every text the look at each character.
    unfit = not cleaned.isprintable() and any(unicodedata.category(c) in _SURROGATE_OR_CONTROL for c in cleaned)
    if unfit or len(cleaned) > maximum or (cleaned and all(map(_is_unseen, cleaned))):
        raise Refusal(RefusalCode.TEXT_MALFORMED, text=ascii(cleaned[:40]), maximum=maximum)
    return cleaned


def _is_unseen(character: str) -> bool:
    return character in _BLANKS or unicodedata.category(character)[0] in _UNSEEN


def as_stored(text: str) -> str:
    """Return the text as `clean_text` would store it, to look up what somebody typed or scanned; refuses nothing.

    Halves of a surrogate pair, which no store could hold, are joined; one without its other half becomes U+FFFD.
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", whole).strip()


def product_code(text: str) -> str:
    """Return a stock code or barcode fit to store; case matters. Raises Refusal(TEXT_MALFORMED) when empty or unfit."""
    cleaned = clean_text(text, MAX_CODE)
    if not cleaned:
        raise Refusal(RefusalCode.TEXT_MALFORMED, text="''", maximum=MAX_CODE)
    return cleaned


def looks_like_payment_card(text: str) -> bool:
    """Return whether a text is 13 to 19 digits, spaces and dashes aside, with the check digit of payment cards.

    Source: ISO/IEC 7812-1 (Luhn). No such number is ever stored.
    """
    digits = text.translate(_SEPARATORS)
    if not _PAN.fullmatch(digits):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(figure // 10 + figure % 10 for figure in doubled) % 10 == 0


def card_code(text: str) -> str:
    """Return a customer's card code fit to store; raises Refusal(CARD_MALFORMED) when empty or unfit."""
    try:
        return product_code(text)
    except Refusal:
        raise Refusal(RefusalCode.CARD_MALFORMED, text=ascii(text[:40])) from None


def new_card_code(text: str) -> str:
    """Return the code of a card nobody knows yet; raises Refusal(CARD_MALFORMED) for what may be a person instead.

    A card code is signed for ever, so a name or an e-mail address must not become one: no space, no @, a digit in it.
    Nor must the number of a payment card: Refusal(CARD_NUMBER_REFUSED).
    """
    code = card_code(text)
    if looks_like_payment_card(code):
        raise Refusal(RefusalCode.CARD_NUMBER_REFUSED)
    if "@" in code or any(c.isspace() for c in code) or not any(c.isdigit() for c in code):
        raise Refusal(RefusalCode.CARD_MALFORMED, text=ascii(text[:40]))
    return code


def phone_digits(text: str) -> str:
    """Return the digits of a phone number (a leading + kept), by which phones are compared; empty without any."""
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = "".join(c for c in plain if c.isascii() and c.isdigit())
    return f"+{digits}" if digits and plain.startswith("+") else digits


def is_phone(text: str) -> bool:
    """Return whether a text can only be meant as a phone number, so that it must never become a card code."""
    plain = text.strip()
    if not plain or not all(c.isdigit() or c in "+-() ./" for c in plain):
        return False
    spaced = any(c in "() /" for c in plain)
    enough = len(phone_digits(plain)) >= _FEWEST_PHONE_DIGITS
    return plain.startswith("+") or ((spaced or plain.startswith("0")) and enough)


def national_digits(phone: str) -> str:
    """Return what a number in national form (`0...`) shares with its international form, or nothing if it is none."""
    national = phone.startswith("0") and len(phone) >= _FEWEST_PHONE_DIGITS
    return phone.lstrip("0") if national else ""

"""Money, points, percentages and times as people of a place write them, by Babel.

Amounts arrive as integers and leave as text; the number of decimals is the domain's, never CLDR's, which differ. Must
never hold a float or decide what a figure means.
"""

import copy
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_datetime, format_skeleton, format_time, format_timedelta
from babel.numbers import NumberPattern, format_decimal

from urs_desktop.domain.money import Money, UnitPrice

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JUST_NOW_MS = 60_000
_UNSEEN = frozenset({"Cc", "Cs", "Cn", "Co", "Zl", "Zp"})
_DIRECTION_MARKS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
_LONGEST = 200
_REMEMBERED = 4_096
"""Figures that are kept as they were written: a screen says the same ones again at every change."""

_LETTER_BEFORE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")
"""Where CLDR's currency spacing goes, which Babel leaves out: a code is not glued to its figure."""


def plain(text: str) -> str:
    """Return foreign text fit for one line: no control codes or direction overrides, at most 200 characters."""
    seen = "".join(
        " " if unicodedata.category(character) in _UNSEEN else character
        for character in text[: 4 * _LONGEST]
        if character not in _DIRECTION_MARKS
    )
    line = " ".join(seen.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "\u2026"


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


@dataclass(frozen=True, slots=True)
class Age:
    """How old a fact is: `known` whether there is one, `recent` under a minute, else `text` ("3 minutes ago")."""

    known: bool = False
    recent: bool = False
    text: str = ""


NO_AGE = Age()
"""The age of a fact nobody knows."""


class Formats:
    """Formats for one locale ("en_GB") and one time zone (None is the machine's)."""

    def __init__(self, locale: str = "en_GB", zone: tzinfo | None = None) -> None:
        """Take the locale's name; raises babel.UnknownLocaleError or ValueError for one Babel does not have."""
        self._locale = Locale.parse(locale)
        self._zone = zone

    def money(self, amount: Money) -> str:
        """Return an amount with its currency, all its decimals shown."""
        return self._currency(
            Decimal(amount.minor).scaleb(-amount.currency.digits), amount.currency.code, amount.currency.digits
        )

    def unit_price(self, price: UnitPrice) -> str:
        """Return an exact unit price: at least the currency's decimals, more where the price has them."""
        value = Decimal(price.units).scaleb(-price.scale)
        return self._currency(value, price.currency.code, max(_decimals(value), price.currency.digits))

    def amount(self, amount: Money) -> str:
        """Return an amount without its currency, all its decimals shown, as it stands in a column of figures."""
        return self._decimal(Decimal(amount.minor).scaleb(-amount.currency.digits), amount.currency.digits)

    def bare_price(self, price: UnitPrice) -> str:
        """Return an exact unit price without its currency."""
        value = Decimal(price.units).scaleb(-price.scale)
        return self._decimal(value, max(_decimals(value), price.currency.digits))

    def _decimal(self, value: Decimal, digits: int) -> str:
        pattern = copy.copy(self._locale.decimal_formats[None])
        pattern.frac_prec = (digits, digits)
        return str(pattern.apply(value, self._locale))

    def _currency(self, value: Decimal, code: str, digits: int) -> str:
        return _currency(self._locale, value, code, digits)

    def plain_amount(self, amount: Money) -> str:
        """Return an amount as it is typed: digits and a point ("12.50"), which domain.money reads back."""
        return f"{Decimal(amount.minor).scaleb(-amount.currency.digits):f}"

    def number(self, number: int) -> str:
        """Return a whole number with its groups, as points and pieces are shown."""
        return _number(self._locale, number)

    def exact(self, numerator: int, scale: int) -> str:
        """Return numerator / 10**scale with every decimal it has."""
        value = Decimal(numerator).scaleb(-scale)
        return format_decimal(value, locale=self._locale, decimal_quantization=False)

    def percentage(self, basis_points: int) -> str:
        """Return a rate in basis points as a percentage ("5 %", "2.5 %")."""
        return f"{self.exact(basis_points, 2)}\u00a0%"

    def moment(self, milliseconds: int) -> str:
        """Return date and time."""
        return format_datetime(self._local(milliseconds), "medium", locale=self._locale)

    def time_of_day(self, milliseconds: int) -> str:
        """Return hours and minutes."""
        return format_time(self._local(milliseconds), "short", locale=self._locale)

    def iso(self, milliseconds: int) -> str:
        """Return date and time as every program reads them (ISO 8601, to the minute)."""
        return self._local(milliseconds).isoformat(" ", "minutes")[:16]

    def day(self, milliseconds: int) -> str:
        """Return the day with its name ("Sat, 28 Nov 2026")."""
        return format_skeleton("yMMMEd", self._local(milliseconds), locale=self._locale)

    def short_day(self, milliseconds: int) -> str:
        """Return the day as it stands on an axis ("28 Nov")."""
        return format_skeleton("MMMd", self._local(milliseconds), locale=self._locale)

    def month(self, milliseconds: int) -> str:
        """Return the month ("Nov 2026")."""
        return format_skeleton("yMMM", self._local(milliseconds), locale=self._locale)

    def _local(self, milliseconds: int) -> datetime:
        return (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(self._zone)

    def age(self, milliseconds: int | None, now: int) -> Age:
        """Return how long before `now` something was; a time ahead of the clock counts as recent."""
        if milliseconds is None:
            return NO_AGE
        if now - milliseconds < _JUST_NOW_MS:
            return Age(known=True, recent=True)
        passed = timedelta(milliseconds=milliseconds - now)
        return Age(known=True, text=format_timedelta(passed, add_direction=True, locale=self._locale))


@lru_cache(maxsize=_REMEMBERED)
def _currency(locale: Locale, value: Decimal, code: str, digits: int) -> str:
    standard: NumberPattern = locale.currency_formats["standard"]
    pattern = copy.copy(standard)
    pattern.frac_prec = (digits, digits)
    shown = str(pattern.apply(value, locale, currency=code, currency_digits=False))
    return _LETTER_BEFORE_DIGIT.sub("\u00a0", shown)


@lru_cache(maxsize=_REMEMBERED)
def _number(locale: Locale, number: int) -> str:
    return format_decimal(number, locale=locale)

"""Currencies and the number of decimals their amounts have.

Source: ISO 4217 list one of 2026-01-01 (public domain), which a test compares with the published file. CLDR's
digits differ from ISO's and must never be used for minor units. Must never guess a currency it does not list.
"""

from dataclasses import dataclass
from typing import Final

from urs_desktop.domain.refusals import Refusal, RefusalCode

_CODES_BY_DIGITS: Final[dict[int, str]] = {
    0: ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "),
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
        "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
        "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK "
        "MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD "
        "RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH "
        "USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG "
    ),
    3: ("BHD IQD JOD KWD LYD OMR TND "),
    4: ("CLF UYW "),
}


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency by its ISO 4217 code and its number of decimals (0 to 4)."""

    code: str
    digits: int


CURRENCIES: Final[dict[str, Currency]] = {
    code: Currency(code, digits) for digits, codes in _CODES_BY_DIGITS.items() for code in codes.split()
}


_CASH_STEPS: Final[dict[str, int]] = {
    **dict.fromkeys(["AUD", "CAD", "CHF"], 5),
    "NZD": 10,
    "DKK": 50,
    **dict.fromkeys(["AMD", "CRC", "CZK", "GYD", "MNT", "MUR", "NOK", "RSD", "SEK", "TWD", "TZS", "UZS"], 100),
    "HUF": 500,
}
"""The smallest coin in minor units, where it is larger than one; see `cash_step`."""


def cash_step(of: Currency) -> int:
    """Return the smallest amount of cash in minor units: what is paid in cash is rounded to a multiple of it.

    Source: CLDR 48 (cash digits and cash rounding); for AUD and NZD the coins in circulation.
    """
    return _CASH_STEPS.get(of.code, 1)


def currency(code: str) -> Currency:
    """Return the currency with this ISO 4217 code; raises Refusal(CURRENCY_UNKNOWN)."""
    try:
        return CURRENCIES[code]
    except KeyError:
        raise Refusal(RefusalCode.CURRENCY_UNKNOWN, currency=code) from None

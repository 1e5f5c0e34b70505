"""The table of currencies, against the list ISO published.

Must never be corrected by CLDR, whose digits are another thing.
"""

import xml.etree.ElementTree as ET

import pytest

from tests.shared_data import shared
from urs_desktop.domain.currency import CURRENCIES, currency
from urs_desktop.domain.refusals import Refusal, RefusalCode


def test_the_table_is_isos_list_one() -> None:
    published: dict[str, int] = {}
    root = ET.parse(shared("locale", "iso4217_list_one_2026-01-01.xml")).getroot()
    for entry in root.iter("CcyNtry"):
        code, digits = entry.findtext("Ccy"), entry.findtext("CcyMnrUnts")
        if code and digits and digits.isdigit():
            published[code] = int(digits)
    assert {code: known.digits for code, known in CURRENCIES.items()} == published


@pytest.mark.parametrize("code", ["XXX", "XAU", "gbp", "", " GBP", "DEM", "£"])
def test_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(Refusal) as caught:
        currency(code)
    assert caught.value.code is RefusalCode.CURRENCY_UNKNOWN
    assert caught.value.details == {"currency": code}


def test_zero_two_three_and_four_decimals() -> None:
    assert [currency(code).digits for code in ("JPY", "GBP", "BHD", "CLF")] == [0, 2, 3, 4]

"""Refusals carry a stable code and figures, never a sentence.

Must never lose a code that was once stored.
"""

import pytest

from urs_desktop.domain.refusals import Refusal, RefusalCode


@pytest.mark.parametrize("code", list(RefusalCode))
def test_a_code_is_its_own_name(code: RefusalCode) -> None:
    assert code.value == code.name.lower()
    assert str(Refusal(code)) == code.value


def test_details_may_be_called_anything() -> None:
    refusal = Refusal(RefusalCode.PRODUCT_UNKNOWN, code="4711", self=1)
    assert refusal.code is RefusalCode.PRODUCT_UNKNOWN
    assert refusal.details == {"code": "4711", "self": 1}
    assert str(refusal) == "product_unknown {'code': '4711', 'self': 1}"

"""Every code has a sentence, and no sentence is lost over a missing figure."""

import pytest

from urs_desktop.central.messages import _SENTENCES, sentence
from urs_desktop.domain.refusals import Refusal, RefusalCode


@pytest.mark.parametrize("code", RefusalCode)
def test_every_code_has_one_sentence(code: RefusalCode) -> None:
    text = sentence(Refusal(code))
    assert code in _SENTENCES
    assert text[0].isupper()
    assert text.endswith(".")
    assert "{" not in text
    assert "\n" not in text


def test_a_sentence_names_its_figures() -> None:
    assert sentence(Refusal(RefusalCode.VENDOR_UNKNOWN, vendor="x")) == "There is no vendor x."


def test_a_shared_phone_says_so() -> None:
    assert "Several" in sentence(Refusal(RefusalCode.CUSTOMER_UNKNOWN, matches=2))

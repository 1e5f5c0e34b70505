"""Every code has its sentence, and every sentence reads whole."""

import string

import pytest

from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.messages import NOTICES, age_text, notice_text, sentence
from urs_desktop.ui.presenters.formatting import Age
from urs_desktop.ui.presenters.notices import Code, Notice, NoticeCode
from urs_desktop.ui.refusal_texts import REFUSALS

CODES: list[Code] = [*RefusalCode, *NoticeCode]


def test_every_code_has_a_sentence_and_no_sentence_lacks_a_code() -> None:
    assert set(REFUSALS) == set(RefusalCode)
    assert set(NOTICES) == set(NoticeCode)


@pytest.mark.parametrize("code", CODES)
def test_a_sentence_begins_large_and_ends(code: Code) -> None:
    text = sentence(code, {"text": "x", "name": "x."})
    assert text[0].isupper() or text[0] in "“…"
    assert text[-1] in ".!?…" or code is NoticeCode.LINE_VOIDED
    assert "{" not in text


def test_no_two_codes_say_the_same() -> None:
    texts = [*REFUSALS.values(), *NOTICES.values()]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("code", CODES)
def test_placeholders_are_plain_names(code: Code) -> None:
    text = REFUSALS[code] if isinstance(code, RefusalCode) else NOTICES[code]
    for _, name, form, conversion in string.Formatter().parse(text):
        assert name is None or name.isidentifier()
        assert not form
        assert conversion is None


def test_a_value_is_never_taken_for_a_placeholder() -> None:
    said = Notice(NoticeCode.UNKNOWN_CODE, values=(("code", "{kind}{0}%s<b>"),))
    assert "“{kind}{0}%s<b>”" in notice_text(said)


def test_a_sale_that_was_not_kept_says_so() -> None:
    said = notice_text(Notice(NoticeCode.DISK_FULL, sale_not_kept=True))
    assert said.endswith("The sale was not stored; the cart is as it was.")


def test_ages() -> None:
    assert age_text(Age()) == "never"
    assert age_text(Age(known=True, recent=True)) == "just now"
    assert age_text(Age(known=True, text="2 hours ago")) == "2 hours ago"

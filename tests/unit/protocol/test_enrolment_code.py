"""The one-time code as people copy it: forgiving in what does not matter, strict in what does.

Must never trust a code whose check sum does not fit.
"""

import hashlib
import random
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.enrolment_code import (
    FINGERPRINT_BYTES,
    SECRET_BYTES,
    EnrolmentCode,
    fingerprint,
    from_text,
    new_code,
    to_text,
)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
codes = st.builds(
    EnrolmentCode,
    st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES),
    st.binary(min_size=FINGERPRINT_BYTES, max_size=FINGERPRINT_BYTES),
)


def is_read(text: str) -> bool:
    try:
        from_text(text)
    except Refusal as refusal:
        code = refusal.code
    else:
        return True
    assert code is RefusalCode.ENROLMENT_CODE_MALFORMED
    return False


def test_ten_thousand_codes_come_back() -> None:
    draw = random.Random(20_260_101)
    for _ in range(10_000):
        code = EnrolmentCode(draw.randbytes(SECRET_BYTES), draw.randbytes(FINGERPRINT_BYTES))
        text = to_text(code)
        assert len(text) == 53
        assert set(text) <= {*ALPHABET, "-"}
        assert from_text(text) == code


@given(codes)
def test_what_people_do_to_a_code_is_forgiven(code: EnrolmentCode) -> None:
    text = to_text(code)
    misread = text.replace("0", "O").replace("1", "I")
    for copied in (
        text.lower(),
        text.replace("-", ""),
        text.replace("-", " "),
        f"  {text}\r\n",
        misread,
        misread.lower(),
        text.replace("1", "l").replace("0", "o"),
        "\n".join(text.split("-")),
    ):
        assert from_text(copied) == code


def substitutions(text: str) -> list[str]:
    plain = text.replace("-", "")
    return [
        plain[:place] + other + plain[place + 1 :]
        for place, character in enumerate(plain)
        for other in ALPHABET
        if other != character
    ]


def transpositions(text: str) -> list[str]:
    plain = text.replace("-", "")
    return [
        plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
        for place in range(len(plain) - 1)
        if plain[place] != plain[place + 1]
    ]


def test_a_wrong_or_swapped_character_is_found_as_often_as_two_bytes_can() -> None:
    draw = random.Random(7)
    tried = missed = 0
    for _ in range(60):
        code = EnrolmentCode(draw.randbytes(SECRET_BYTES), draw.randbytes(FINGERPRINT_BYTES))
        wrong = substitutions(to_text(code)) + transpositions(to_text(code))
        tried += len(wrong)
        missed += sum(is_read(text) for text in wrong)
    expected = tried / 2**16
    assert tried > 80_000
    assert missed <= expected + 5 * sqrt(expected)


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    assert not is_read(text)


@pytest.mark.parametrize("text", ["", "-", "U" * 45, "Z" * 45, "0" * 44, "0" * 46, "é" * 45, "\uff10" * 45])
def test_what_is_no_code(text: str) -> None:
    assert not is_read(text)


def test_a_code_vouches_for_one_certificate() -> None:
    code = new_code(b"certificate")
    assert code.matches(b"certificate")
    assert not code.matches(b"certificate ")
    assert not code.matches(b"")
    assert fingerprint(b"certificate") == hashlib.sha256(b"certificate").digest()[:16]
    assert new_code(b"certificate").secret != code.secret

"""Records of persons and the codes of new cards: what is taken and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain.person import CODE_BYTES, email_address, made_card_code, person, phone_number
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import looks_like_payment_card, new_card_code


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+46 70-123 45 67", "+46701234567"),
        ("070 123 45 67", "0701234567"),
        ("(070) 123/4567", "0701234567"),
        ("12345", "12345"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_phone_numbers(typed: str, stored: str) -> None:
    assert phone_number(typed) == stored


@pytest.mark.parametrize("typed", ["", "1234", "+1234567890123456", "abc12345", "12+345678", "C-10012", "١٢٣٤٥٦٧"])
def test_what_is_no_phone_number(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        phone_number(typed)
    assert refused.value.code is RefusalCode.PHONE_MALFORMED
    assert typed not in str(refused.value.details.values()) or not typed, "a refusal repeats nothing of a person"


@pytest.mark.parametrize("typed", ["", "maria@example.org", "  ö.ä@sub.example.org "])
def test_email_addresses(typed: str) -> None:
    assert email_address(typed) == typed.strip()


@pytest.mark.parametrize("typed", ["maria", "@example.org", "a@b", "a b@example.org", "a@b@c.org", "a@b..c", "\x00"])
def test_what_is_no_email_address(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        email_address(typed)
    assert refused.value.code is RefusalCode.EMAIL_MALFORMED


def test_a_record_needs_a_phone_and_a_wording_alone() -> None:
    who = person("070 123 45 67", "", "", agreed=False, wording=" May we? ", asked_at=7)
    assert (who.phone, who.name, who.email, who.agreed, who.wording) == ("0701234567", "", "", False, "May we?")
    with pytest.raises(Refusal):
        person("0701234567", "", "", agreed=True, wording="  ", asked_at=7)


@given(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES))
def test_new_codes_are_cards_and_never_payment_cards(chance: bytes) -> None:
    code = made_card_code(chance)
    assert new_card_code(code) == code
    assert not looks_like_payment_card(code)
    assert len(code) == 14
    assert code[0] == "U"
    assert set(code) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "a QR code holds it in its dense mode"


@given(st.lists(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES), min_size=2, max_size=20, unique=True))
def test_codes_hold_sixty_bits(chances: list[bytes]) -> None:
    mask = (1 << 60) - 1
    different = {int.from_bytes(chance, "big") & mask for chance in chances}
    assert len({made_card_code(chance) for chance in chances}) == len(different)


@pytest.mark.parametrize(
    "number", ["4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004", "6011000990139424"]
)
def test_a_payment_card_becomes_no_customers_card(number: str) -> None:
    with pytest.raises(Refusal) as refused:
        new_card_code(number)
    assert refused.value.code in (RefusalCode.CARD_NUMBER_REFUSED, RefusalCode.CARD_MALFORMED)


def test_the_number_of_a_payment_card_without_spaces_says_why() -> None:
    with pytest.raises(Refusal) as refused:
        new_card_code("4111111111111111")
    assert refused.value.code is RefusalCode.CARD_NUMBER_REFUSED
    assert new_card_code("4111111111111112") == "4111111111111112", "its check digit is wrong: no payment card"

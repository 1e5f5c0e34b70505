"""What a PIN opens, and what opens nothing; once at the real cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.shop import CHEAP
from urs_desktop.system.envelope import Cost
from urs_desktop.system.pin_vault import PinVault

VAULT = PinVault(b"p" * 32, CHEAP)
PIN = "284619"


def test_at_the_real_cost() -> None:
    vault = PinVault(b"p" * 32)
    assert (vault.cost.memory_kib, vault.cost.time_cost) == (64 * 1024, 3)
    sealed = vault.seal("ANNA", PIN)
    assert vault.opens("ANNA", PIN, sealed)
    assert not vault.opens("ANNA", "284618", sealed)


@given(st.text("0123456789", min_size=6, max_size=12).filter(lambda pin: pin != PIN))
def test_another_pin_opens_nothing(pin: str) -> None:
    assert not VAULT.opens("ANNA", pin, VAULT.seal("ANNA", PIN))


def test_ones_own_row_in_the_place_of_another_opens_nothing() -> None:
    assert not VAULT.opens("BOSS", PIN, VAULT.seal("ANNA", PIN))


def test_a_code_and_a_pin_that_together_read_alike_are_not_the_same() -> None:
    assert not VAULT.opens("A2", "84619", VAULT.seal("A", PIN))


def test_without_the_pepper_the_row_is_worth_nothing() -> None:
    sealed = VAULT.seal("ANNA", PIN)
    assert not PinVault(b"q" * 32, CHEAP).opens("ANNA", PIN, sealed)
    assert PinVault(b"q" * 32, CHEAP).badge_mark("STAFF-BADGE") != VAULT.badge_mark("STAFF-BADGE")


def test_two_seals_of_one_pin_are_not_alike() -> None:
    one, other = VAULT.seal("ANNA", PIN), VAULT.seal("ANNA", PIN)
    assert one != other
    assert PIN.encode() not in one


@pytest.mark.parametrize("damage", [b"", b"x", b"\xc1"])
def test_a_damaged_seal_is_opened_by_none(damage: bytes) -> None:
    assert not VAULT.opens("ANNA", PIN, damage)
    sealed = VAULT.seal("ANNA", PIN)
    for place in range(len(sealed)):
        flipped = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        assert not VAULT.opens("ANNA", PIN, flipped)


def test_it_knows_a_seal_of_another_cost() -> None:
    dearer = PinVault(VAULT.pepper, Cost(2, 8))
    sealed = VAULT.seal("ANNA", PIN)
    assert VAULT.is_current(sealed)
    assert not dearer.is_current(sealed)
    assert dearer.opens("ANNA", PIN, sealed)


def test_nothing_secret_in_its_words() -> None:
    assert "pppp" not in repr(VAULT)

"""Operators are who they say they are by a password, and a wrong one says nothing about the name."""

import argon2
import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import operators
from urs_desktop.central.operators import OperatorError, PasswordError, Role
from urs_desktop.central.schema import operators as rows
from urs_desktop.domain.refusals import Refusal

PASSWORD = "a good password"


def add(shop: Shop, name: str = "Ann", password_hash: str | None = None, role: str = "programme") -> str:
    stored = operators.hashed(PASSWORD) if password_hash is None else password_hash
    with shop.database.write() as connection:
        return operators.add(connection, name, role, stored, NOW, shop.randomness)


def test_name_and_password_open(shop: Shop) -> None:
    operator_id = add(shop)
    found = operators.authenticate(shop.database, " Ann ", PASSWORD)
    assert (found.operator_id, found.name, found.role) == (operator_id, "Ann", Role.PROGRAMME)
    with shop.database.read() as connection:
        assert operators.every(connection) == [found]


@pytest.mark.parametrize(("name", "password"), [("Ann", "a good passwore"), ("Ann", ""), ("ann", PASSWORD), ("", "")])
def test_anything_else_does_not_and_does_not_say_why(shop: Shop, name: str, password: str) -> None:
    add(shop)
    with pytest.raises(PasswordError, match="name or password is wrong"):
        operators.authenticate(shop.database, name, password)


def test_what_is_stored_may_be_no_hash(shop: Shop) -> None:
    add(shop, password_hash="no hash")
    with pytest.raises(PasswordError):
        operators.authenticate(shop.database, "Ann", "no hash")


def test_an_unknown_name_costs_the_same_work(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    add(shop)
    costs: list[argon2.Parameters] = []
    verify = argon2.PasswordHasher.verify

    def counted(hasher: argon2.PasswordHasher, stored: str, password: str) -> bool:
        costs.append(argon2.extract_parameters(stored))
        return verify(hasher, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    for name in ("Ann", "nobody"):
        with pytest.raises(PasswordError):
            operators.authenticate(shop.database, name, "wrong one")
    assert len(costs) == 2
    assert costs[0] == costs[1]


def test_nobodys_hash_opens_nothing(shop: Shop) -> None:
    with pytest.raises(PasswordError):
        operators.authenticate(shop.database, "nobody", "")


def test_a_hash_of_older_parameters_is_made_anew(shop: Shop) -> None:
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    add(shop, password_hash=old)
    with pytest.raises(PasswordError):
        operators.authenticate(shop.database, "Ann", "wrong one")
    assert shop.rows(rows)[0]["password_hash"] == old
    operators.authenticate(shop.database, "Ann", PASSWORD)
    stored = str(shop.rows(rows)[0]["password_hash"])
    assert argon2.extract_parameters(stored).memory_cost == 64 * 1024
    operators.authenticate(shop.database, "Ann", PASSWORD)
    assert shop.rows(rows)[0]["password_hash"] == stored


def test_who_cannot_be_added(shop: Shop) -> None:
    add(shop)
    with pytest.raises(OperatorError, match="already"):
        add(shop, " Ann", "x")
    with pytest.raises(OperatorError, match="role"):
        add(shop, "Bob", "x", role="king")
    with pytest.raises(Refusal):
        add(shop, " ", "x")
    assert len(shop.rows(rows)) == 1

"""What every store of the counter promises of the people who work at it.

Must never know which store it runs against.
"""

from dataclasses import replace

import pytest

from urs_desktop.counter.ports import Store
from urs_desktop.counter.values import StaffMember
from urs_desktop.domain.permissions import Role

ANNA = StaffMember("ANNA", "Anna Lindqvist \u2603", Role.MANAGER, b"sealed a", b"a" * 32)
BO = StaffMember("7", "Bo", Role.CASHIER, b"sealed b", failures=4, failed_at=1_800_000_000_123)


@pytest.fixture(autouse=True)
def _two(store: Store) -> None:
    for member in (ANNA, BO):
        put(store, member)


def put(store: Store, member: StaffMember) -> None:
    store.write(lambda book: book.staff.put(member))


def test_everybody_in_the_order_of_codes(store: Store) -> None:
    assert tuple(store.read(lambda book: book.staff.all())) == (BO, ANNA)


def test_one_by_exactly_the_code(store: Store) -> None:
    assert store.read(lambda book: book.staff.get("ANNA")) == ANNA
    assert store.read(lambda book: book.staff.get("anna")) is None


def test_one_by_badge(store: Store) -> None:
    assert store.read(lambda book: book.staff.by_badge(b"a" * 32)) == ANNA
    assert store.read(lambda book: book.staff.by_badge(b"b" * 32)) is None


def test_put_again_everything_is_as_it_is_now(store: Store) -> None:
    changed = StaffMember("7", "Bo Ek", Role.SUPERVISOR, b"new", b"c" * 32, active=False, failures=1, failed_at=5)
    put(store, changed)
    assert store.read(lambda book: book.staff.get("7")) == changed
    put(store, replace(changed, badge=None))
    assert store.read(lambda book: book.staff.by_badge(b"c" * 32)) is None


def test_a_badge_is_one_persons(store: Store) -> None:
    with pytest.raises(ValueError, match="badge of 7 is ANNA's"):
        put(store, replace(BO, badge=ANNA.badge))
    assert store.read(lambda book: book.staff.get("7")) == BO


def test_two_without_a_badge(store: Store) -> None:
    put(store, replace(ANNA, badge=None))
    assert [member.badge for member in store.read(lambda book: book.staff.all())] == [None, None]


def test_what_fails_leaves_nothing(store: Store) -> None:
    def fail(book: object) -> None:
        book.staff.put(replace(BO, failures=9))  # type: ignore[attr-defined]
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        store.write(fail)
    assert store.read(lambda book: book.staff.get("7")) == BO

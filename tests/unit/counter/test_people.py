"""The people of a counter: who may change whom, and what holds from then on."""

import pytest

from tests.fakes.shop import ANNA_BADGE, ANNA_PIN, CAS_BADGE, CAS_PIN, Shop, open_shop
from tests.unit.counter.test_sign_in import WRONG, events, refused
from urs_desktop.counter.use_cases.people import People
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.domain.permissions import Permission, Role
from urs_desktop.domain.refusals import RefusalCode


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.hire()
    return shop


class TestPeople:
    @pytest.fixture
    def people(self, shop: Shop) -> People:
        shop.till.staffing.sign_in.by_badge(ANNA_BADGE)
        return shop.till.staffing.people

    def test_only_who_may(self, shop: Shop, people: People) -> None:
        shop.till.staffing.sign_in.by_badge(CAS_BADGE)
        for call in (
            lambda: people.add("X", "X", Role.MANAGER, "480261"),
            lambda: people.change_role("7", Role.MANAGER),
            lambda: people.set_pin("ANNA", "480261"),
            lambda: people.set_badge("7", "STAFF-BADGE-NEW"),
            lambda: people.disable("BO"),
            lambda: people.enable("BO"),
            lambda: people.reset("7"),
        ):
            assert refused(call).code is RefusalCode.NOT_ALLOWED
        people.reset("7", Override("ANNA", "forgot it"))
        assert events(shop)[-1] == ("staff_changed", "7 reset", "7")

    def test_codes_and_badges_are_one_persons(self, people: People) -> None:
        assert refused(people.add, "bo", "Bob", Role.CASHIER, "480261").code is RefusalCode.STAFF_CODE_TAKEN
        assert refused(people.set_badge, "BO", CAS_BADGE).code is RefusalCode.BADGE_TAKEN
        taken = refused(people.add, "D", "Dee", Role.CASHIER, "480261", CAS_BADGE)
        assert taken.code is RefusalCode.BADGE_TAKEN
        assert refused(people.reset, "NO").code is RefusalCode.STAFF_UNKNOWN
        assert refused(people.add, "D", "  ", Role.CASHIER, "480261").code is RefusalCode.STAFF_NAME_MISSING

    def test_a_manager_stays(self, people: People) -> None:
        assert refused(people.disable, "ANNA").code is RefusalCode.STAFF_LAST_MANAGER
        assert refused(people.change_role, "ANNA", Role.CASHIER).code is RefusalCode.STAFF_LAST_MANAGER
        people.change_role("BO", Role.MANAGER)
        people.disable("ANNA")

    def test_who_is_disabled_is_out_at_once(self, shop: Shop, people: People) -> None:
        people.change_role("BO", Role.MANAGER)
        people.disable("ANNA")
        assert shop.till.session.is_locked
        assert refused(shop.till.staffing.sign_in.by_badge, ANNA_BADGE).code is RefusalCode.BADGE_UNKNOWN
        assert refused(shop.till.staffing.sign_in.by_pin, "ANNA", ANNA_PIN).code is RefusalCode.SIGN_IN_WRONG

    def test_another_role_holds_at_once(self, shop: Shop, people: People) -> None:
        people.change_role("BO", Role.MANAGER)
        people.change_role("ANNA", Role.CASHIER)
        assert not shop.till.session.may(Permission.MANAGE_STAFF)

    def test_a_new_pin_and_a_new_badge_end_the_old_ones(self, shop: Shop, people: People) -> None:
        people.set_pin("7", "480261")
        people.set_badge("7", "STAFF-BADGE-NEW")
        sign_in = shop.till.staffing.sign_in
        assert refused(sign_in.by_pin, "7", CAS_PIN).code is RefusalCode.SIGN_IN_WRONG
        assert refused(sign_in.by_badge, CAS_BADGE).code is RefusalCode.BADGE_UNKNOWN
        assert sign_in.by_pin("7", "480261") == sign_in.by_badge("STAFF-BADGE-NEW")

    def test_ones_own_pin_by_the_old_one(self, shop: Shop, people: People) -> None:
        shop.till.staffing.sign_in.by_badge(CAS_BADGE)
        assert refused(people.change_own_pin, "7", WRONG, "480261").code is RefusalCode.SIGN_IN_WRONG
        assert refused(people.change_own_pin, "7", CAS_PIN, "123456").code is RefusalCode.PIN_TRIVIAL
        people.change_own_pin("7", CAS_PIN, "480261")
        assert events(shop)[-1] == ("staff_changed", "7 pin", "7")
        assert shop.till.staffing.sign_in.by_pin("7", "480261").code == "7"

"""The staff room without Qt: every change asks the gate, says what became of it, and keeps no secret."""

from dataclasses import dataclass, field

import pytest

from tests.fakes.runners import ImmediateRunner
from tests.fakes.shop import ANNA_BADGE, CAS_BADGE, CAS_PIN, Shop, open_shop
from tests.unit.counter.test_sign_in import events
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.domain.permissions import Permission, Role
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Act
from urs_desktop.ui.presenters.notices import Code, NoticeCode
from urs_desktop.ui.presenters.staff_desk import MemberView, NewPerson, StaffDesk, StaffPage, StaffState

NEW = "480261"


@dataclass
class Hall:
    """A gate that does at once what may be done or was allowed, and what came of the desk."""

    shop: Shop
    allows: Override | None = None
    asked: list[tuple[Permission, str]] = field(default_factory=list)
    states: list[StaffState] = field(default_factory=list)
    looked: int = 0

    def demand(self, permission: Permission, subject: str, act: Act) -> None:
        self.asked.append((permission, subject))
        if self.shop.till.session.may(permission):
            act(None)
        elif self.allows is not None:
            act(self.allows)

    def look(self) -> None:
        self.looked += 1


def opened(shop: Shop) -> tuple[StaffDesk, Hall]:
    hall = Hall(shop)
    desk = StaffDesk(shop.till, ImmediateRunner(), Formats("en_GB"), hall, hall.look)
    desk.watch(hall.states.append)
    desk.begin()
    return desk, hall


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.hire()
    shop.till.staffing.sign_in.by_badge(ANNA_BADGE)
    return shop


@pytest.fixture
def desk(shop: Shop) -> StaffDesk:
    return opened(shop)[0]


def said(desk: StaffDesk) -> Code | None:
    return desk.state.notice.code if desk.state.notice else None


def person(desk: StaffDesk, code: str) -> MemberView:
    return next(each for each in desk.state.people if each.code == code)


def choose(desk: StaffDesk, code: str) -> None:
    desk.select([each.code for each in desk.state.people].index(code))


def test_where_nobody_is_set_up_the_first_is_a_manager() -> None:
    shop = open_shop()
    desk, hall = opened(shop)
    assert (desk.state.page, desk.state.role, desk.state.person) == (StaffPage.NEW, Role.MANAGER, None)
    assert not desk.back(), "there is nothing to go back to"
    desk.add(NewPerson("anna", "Anna"), NEW, NEW)
    assert shop.till.session.is_locked
    assert hall.looked == 1
    assert [each.code for each in desk.state.people] == ["ANNA"]


def test_adding_somebody(shop: Shop, desk: StaffDesk) -> None:
    desk.turn(StaffPage.NEW)
    desk.give_role(Role.SUPERVISOR)
    desk.add(NewPerson("dee", "Dee"), NEW, "480262")
    assert said(desk) is RefusalCode.PINS_DIFFER
    desk.add(NewPerson("7", "Dee"), NEW, NEW)
    assert said(desk) is RefusalCode.STAFF_CODE_TAKEN
    assert desk.state.page is StaffPage.NEW
    desk.add(NewPerson("dee", "Dee"), NEW, NEW)
    assert said(desk) is NoticeCode.STAFF_ADDED
    assert person(desk, "DEE") == MemberView("DEE", "Dee", Role.SUPERVISOR, active=True, has_badge=False, locked=False)
    assert shop.till.staffing.sign_in.by_pin("dee", NEW).code == "DEE"


def test_changing_somebody(shop: Shop, desk: StaffDesk) -> None:
    choose(desk, "7")
    desk.give_role(Role.SUPERVISOR)
    assert person(desk, "7").role is Role.SUPERVISOR
    desk.turn(StaffPage.PIN)
    desk.set_pin(NEW, NEW)
    assert (said(desk), desk.state.page) == (NoticeCode.STAFF_CHANGED, StaffPage.PERSON)
    desk.turn(StaffPage.BADGE)
    desk.set_badge("STAFF-BADGE-NEW")
    assert person(desk, "7").has_badge
    desk.set_badge(ANNA_BADGE)
    assert said(desk) is RefusalCode.BADGE_TAKEN
    desk.set_badge("")
    assert not person(desk, "7").has_badge
    desk.toggle_active()
    assert not person(desk, "7").active
    desk.toggle_active()
    assert person(desk, "7").active
    desk.reset()
    assert [subject for what, subject, _ in events(shop) if what == "staff_changed"] == [
        *("7 role supervisor", "7 pin", "7 badge", "7 no badge", "7 disabled", "7 enabled", "7 reset"),
    ]


def test_the_only_manager_stays(desk: StaffDesk) -> None:
    choose(desk, "ANNA")
    desk.toggle_active()
    assert said(desk) is RefusalCode.STAFF_LAST_MANAGER
    assert person(desk, "ANNA").active


def test_every_change_asks_anew_and_leave_is_signed_with_it(shop: Shop) -> None:
    shop.till.staffing.sign_in.by_badge(CAS_BADGE)
    desk, hall = opened(shop)
    choose(desk, "BO")
    desk.reset()
    assert said(desk) is None
    assert "reset" not in str(events(shop)[-1])
    hall.allows = Override("ANNA", "asked for it")
    desk.reset()
    desk.toggle_active()
    assert hall.asked == [(Permission.MANAGE_STAFF, "BO")] * 3
    assert events(shop)[-1] == ("staff_changed", "BO disabled", "7")


def test_no_secret_in_any_state(shop: Shop) -> None:
    desk, hall = opened(shop)
    desk.turn(StaffPage.NEW)
    desk.add(NewPerson("dee", "Dee"), NEW, CAS_PIN)
    desk.add(NewPerson("dee", "Dee"), NEW, NEW)
    desk.set_badge("STAFF-BADGE-NEW")
    for secret in (NEW, CAS_PIN, "STAFF-BADGE-NEW"):
        assert secret not in repr(hall.states)

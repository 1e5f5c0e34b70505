"""Somebody else's permission: another person's, for one thing, once, for a minute. By example and as a machine."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes.shop import ANNA_BADGE, ANNA_PIN, BO_PIN, CAS_BADGE, CAS_PIN, Shop, open_shop
from tests.unit.counter.test_sign_in import WRONG, events, refused
from urs_desktop.counter.use_cases.overriding import GRANT_LASTS_MS, Asked, Grant
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.domain.permissions import ALLOWED, Permission, Role
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.staffing import MOST_FAILURES, left_to_wait
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import EventBody, RefundOverride

PINS = {"ANNA": ANNA_PIN, "BO": BO_PIN, "7": CAS_PIN}
ROLES = {"ANNA": Role.MANAGER, "BO": Role.SUPERVISOR, "7": Role.CASHIER}
VOID = Permission.VOID_SALE


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.hire()
    shop.till.staffing.sign_in.by_badge(CAS_BADGE)
    return shop


def test_another_person_allows_one_thing_once(shop: Shop) -> None:
    overriding = shop.till.staffing.overriding
    asked = overriding.ask(VOID, "sale 3")
    assert [person.code for person in overriding.who_may(asked)] == ["ANNA", "BO"]
    grant = overriding.by_pin(asked, "bo", BO_PIN, " wrong goods ")
    assert overriding.use(grant, VOID, "sale 3") == Override("BO", "wrong goods")
    assert refused(overriding.use, grant, VOID, "sale 3").code is RefusalCode.OVERRIDE_SPENT
    assert events(shop)[-1] == ("override", "void_sale sale 3", "7")
    last = shop.store.read(lambda book: book.operations.all())[-1]
    body = decode_body(last.kind, last.schema, last.body)
    assert isinstance(body, EventBody)
    assert body.override == RefundOverride("BO", "wrong goods")
    assert shop.till.session.operator == "7", "who allows does not become who sells"


def test_by_badge(shop: Shop) -> None:
    overriding = shop.till.staffing.overriding
    grant = overriding.by_badge(overriding.ask(VOID, ""), ANNA_BADGE, "wrong goods")
    assert overriding.use(grant, VOID, "") == Override("ANNA", "wrong goods")


def test_never_the_same_person(shop: Shop) -> None:
    overriding = shop.till.staffing.overriding
    asked = overriding.ask(VOID, "")
    for call in (
        lambda: overriding.by_pin(asked, "7", CAS_PIN, "please"),
        lambda: overriding.by_badge(asked, CAS_BADGE, "please"),
    ):
        assert refused(call).code is RefusalCode.OVERRIDE_BY_SAME_PERSON


def test_never_who_could_not_do_it_either(shop: Shop) -> None:
    overriding = shop.till.staffing.overriding
    asked = overriding.ask(Permission.SEE_DASHBOARD, "dashboard")
    assert [person.code for person in overriding.who_may(asked)] == ["ANNA"]
    assert refused(overriding.by_pin, asked, "BO", BO_PIN, "please").code is RefusalCode.OVERRIDE_NOT_ALLOWED


def test_never_without_a_reason(shop: Shop) -> None:
    overriding = shop.till.staffing.overriding
    asked = overriding.ask(VOID, "")
    assert refused(overriding.by_pin, asked, "BO", BO_PIN, "  ").code is RefusalCode.OVERRIDE_NEEDED
    assert refused(overriding.by_badge, asked, ANNA_BADGE, "").code is RefusalCode.OVERRIDE_NEEDED


def test_wrong_pins_count_like_any_other(shop: Shop) -> None:
    overriding = shop.till.staffing.overriding
    asked = overriding.ask(VOID, "")
    for _ in range(3):
        assert refused(overriding.by_pin, asked, "BO", WRONG, "please").code is RefusalCode.SIGN_IN_WRONG
    assert refused(shop.till.staffing.sign_in.by_pin, "BO", BO_PIN).code is RefusalCode.SIGN_IN_WAIT


@pytest.mark.parametrize(
    ("later", "holds"), [(0, True), (GRANT_LASTS_MS, True), (GRANT_LASTS_MS + 1, False), (-1, False)]
)
def test_for_a_minute(shop: Shop, later: int, *, holds: bool) -> None:
    overriding = shop.till.staffing.overriding
    grant = overriding.by_pin(overriding.ask(VOID, ""), "BO", BO_PIN, "please")
    shop.clock.advance(later)
    if holds:
        assert overriding.use(grant, VOID, "").operator == "BO"
    else:
        assert refused(overriding.use, grant, VOID, "").code is RefusalCode.OVERRIDE_EXPIRED
        assert refused(overriding.use, grant, VOID, "").code is RefusalCode.OVERRIDE_SPENT


def test_not_for_something_else_and_not_for_somebody_else(shop: Shop) -> None:
    overriding = shop.till.staffing.overriding
    for permission, subject in ((Permission.DISCOUNT, "a"), (VOID, "b")):
        grant = overriding.by_pin(overriding.ask(VOID, "a"), "BO", BO_PIN, "please")
        assert refused(overriding.use, grant, permission, subject).code is RefusalCode.OVERRIDE_SPENT
    grant = overriding.by_pin(overriding.ask(VOID, "a"), "BO", BO_PIN, "please")
    assert refused(overriding.use, replace(grant, number=99), VOID, "a").code is RefusalCode.OVERRIDE_SPENT
    shop.till.staffing.sign_in.by_badge(ANNA_BADGE)
    assert refused(overriding.use, grant, VOID, "a").code is RefusalCode.OVERRIDE_SPENT


def test_nobody_signed_in_asks_for_nothing(shop: Shop) -> None:
    shop.till.staffing.sign_in.lock()
    assert refused(shop.till.staffing.overriding.ask, VOID, "").code is RefusalCode.NOT_ALLOWED


class Counter(RuleBasedStateMachine):
    """A day of people signing in, guessing, asking and allowing; a second book keeps what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = open_shop()
        self.asked: list[Asked] = []
        self.grants: list[Grant] = []
        self.used: set[int] = set()
        self.row: dict[str, int] = dict.fromkeys(PINS, 0)
        self.last: dict[str, int] = dict.fromkeys(PINS, 0)

    @initialize()
    def hire(self) -> None:
        self.shop.hire()

    @property
    def who(self) -> str | None:
        return self.shop.till.session.operator

    def _may_guess(self, code: str) -> bool:
        now = self.shop.clock.now()
        return self.row[code] < MOST_FAILURES and not left_to_wait(self.row[code], self.last[code], now)

    def _guessed(self, code: str, *, right: bool) -> None:
        self.row[code] = 0 if right else self.row[code] + 1
        self.last[code] = 0 if right else self.shop.clock.now()

    @rule(milliseconds=st.sampled_from([1, 999, 29_999, 30_000, 60_000, 60_001, 900_000]))
    def wait(self, milliseconds: int) -> None:
        self.shop.clock.advance(milliseconds)

    @rule(code=st.sampled_from(sorted(PINS)), right=st.booleans())
    def sign_in(self, code: str, *, right: bool) -> None:
        before, may = self.who, self._may_guess(code)
        try:
            self.shop.till.staffing.sign_in.by_pin(code, PINS[code] if right else WRONG)
        except Refusal as refusal:
            assert not (may and right)
            assert self.who == before
            tried = refusal.code is RefusalCode.SIGN_IN_WRONG or (may and refusal.code is RefusalCode.SIGN_IN_LOCKED)
            assert tried == may
            if may:
                self._guessed(code, right=False)
        else:
            assert may
            assert right
            assert self.who == code
            self._guessed(code, right=True)

    @rule()
    def lock(self) -> None:
        self.shop.till.staffing.sign_in.lock()
        assert self.shop.till.session.is_locked

    @precondition(lambda self: self.who == "ANNA")
    @rule(code=st.sampled_from(sorted(PINS)))
    def reset(self, code: str) -> None:
        self.shop.till.staffing.people.reset(code)
        self._guessed(code, right=True)

    @precondition(lambda self: self.who is not None)
    @rule(permission=st.sampled_from(Permission), subject=st.sampled_from(["", "a", "b"]))
    def ask(self, permission: Permission, subject: str) -> None:
        self.asked.append(self.shop.till.staffing.overriding.ask(permission, subject))

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), code=st.sampled_from(sorted(PINS)), right=st.booleans())
    def allow(self, data: st.DataObject, code: str, *, right: bool) -> None:
        asked, may = data.draw(st.sampled_from(self.asked)), self._may_guess(code)
        fit = code != asked.by and asked.permission in ALLOWED[ROLES[code]]
        try:
            grant = self.shop.till.staffing.overriding.by_pin(asked, code, PINS[code] if right else WRONG, "so")
        except Refusal:
            assert not (fit and right and may)
            if fit and may:
                self._guessed(code, right=False)
        else:
            assert fit
            assert right
            assert may
            assert grant.override.operator != asked.by
            self._guessed(code, right=True)
            self.grants.append(grant)

    @precondition(lambda self: self.grants)
    @rule(data=st.data(), subject=st.sampled_from([None, "", "a", "b"]))
    def use(self, data: st.DataObject, subject: str | None) -> None:
        grant = data.draw(st.sampled_from(self.grants))
        about = grant.asked.subject if subject is None else subject
        try:
            override = self.shop.till.staffing.overriding.use(grant, grant.asked.permission, about)
        except Refusal:
            pass
        else:
            assert grant.number not in self.used, "used twice"
            assert self.shop.clock.now() - grant.granted_at <= GRANT_LASTS_MS, "used too late"
            assert override.operator != self.who == grant.asked.by
            assert about == grant.asked.subject
        self.used.add(grant.number)

    @invariant()
    def guesses_are_counted(self) -> None:
        for member in self.shop.store.read(lambda book: book.staff.all()):
            assert member.failures == self.row[member.code] <= MOST_FAILURES


TestCounter = Counter.TestCase
TestCounter.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)

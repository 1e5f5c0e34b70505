"""Who is signed in, who may not be, and what the journal says of it."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.shop import (
    ANNA_BADGE,
    ANNA_PIN,
    BO_PIN,
    CAS_BADGE,
    CAS_PIN,
    CHEAP,
    CountingRandomness,
    Shop,
    open_shop,
)
from urs_desktop.counter.store.book import FILE, open_store
from urs_desktop.counter.use_cases.events import EventKind, note_in
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.session import Person
from urs_desktop.counter.use_cases.staffing import Staffing, staffing_of
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.money import Money
from urs_desktop.domain.permissions import Permission, Role
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.staffing import MOST_FAILURES, wait_after
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import EventBody
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.envelope import Cost
from urs_desktop.system.pin_vault import PinVault

WRONG = "400417"


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.hire()
    return shop


def refused(call: object, *arguments: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value


def events(shop: Shop) -> list[tuple[str, str, str | None]]:
    """Return what happened, what it was about and who did it, in order."""
    operations = shop.store.read(lambda book: book.operations.all())
    bodies = [decode_body(each.kind, each.schema, each.body) for each in operations]
    return [(body.what, body.subject, body.operator) for body in bodies if isinstance(body, EventBody)]


def last(shop: Shop) -> Person | None:
    """Return whose sale would be in hand."""
    return shop.till.session.last


def sell(shop: Shop) -> str | None:
    """Sell a mug and return who signed for it."""
    mug = shop.store.read(lambda book: book.catalogue.find("MUG"))
    assert mug is not None
    currency = shop.till.identity.currency
    basket = Basket(currency).add(LineItem(mug.sku, mug.description, 1, mug.unit_price))
    receipt = shop.till.ring_up.complete(SaleOrder(basket, cash_tendered=Money(300, currency)))
    stored = shop.store.read(lambda book: book.sales.by_receipt(receipt.sale.receipt))
    assert stored is not None
    operation = shop.store.read(lambda book: book.operations.at(stored.seq))
    assert operation is not None
    signed = decode_body(operation.kind, operation.schema, operation.body)
    assert signed == stored.body == receipt.sale
    return signed.operator


def test_a_counter_without_staff_asks_nobody() -> None:
    shop = open_shop()
    session = shop.till.session
    assert not session.staffed
    assert not session.is_locked
    assert all(session.may(permission) for permission in Permission)
    assert sell(shop) is None


def test_the_first_one_has_to_manage() -> None:
    shop = open_shop()
    people = shop.till.staffing.people
    assert refused(people.add, "7", "Cas", Role.CASHIER, CAS_PIN).code is RefusalCode.STAFF_FIRST_MANAGES
    assert not shop.till.session.staffed
    people.add("ANNA", "Anna", Role.MANAGER, ANNA_PIN)
    assert shop.till.session.is_locked
    assert not any(shop.till.session.may(permission) for permission in Permission)


def test_after_a_start_everybody_signs_in_anew(shop: Shop) -> None:
    shop.till.staffing.sign_in.by_badge(CAS_BADGE)
    again = Recorder(SigningKey(b"s" * 32), shop.clock, CountingRandomness())
    staffing_of(shop.store, again, PinVault(b"p" * 32, CHEAP))
    assert again.session.is_locked


@pytest.mark.parametrize("code", ["7", " 7 "])
def test_by_pin_and_every_operation_names_who_did_it(shop: Shop, code: str) -> None:
    person = shop.till.staffing.sign_in.by_pin(code, CAS_PIN)
    assert (person.code, person.role) == ("7", Role.CASHIER)
    assert shop.till.session.operator == "7"
    assert sell(shop) == "7"
    assert shop.till.session.may(Permission.SELL)
    assert not shop.till.session.may(Permission.DISCOUNT)
    assert events(shop)[-1] == ("signed_in", "7", "7")


def test_by_badge(shop: Shop) -> None:
    assert shop.till.staffing.sign_in.by_badge(f" {ANNA_BADGE}\n").code == "ANNA"
    assert all(shop.till.session.may(permission) for permission in Permission)


def test_an_explicit_operator_stays(shop: Shop) -> None:
    shop.till.staffing.sign_in.by_badge(CAS_BADGE)
    shop.store.write(lambda book: note_in(book, shop.recorder, EventKind.DRAWER_OPENED, operator="office"))
    assert events(shop)[-1] == ("drawer_opened", "", "office")


def test_lock_switch_and_sign_out_are_in_the_journal(shop: Shop) -> None:
    sign_in = shop.till.staffing.sign_in
    before = len(events(shop))
    sign_in.by_badge(CAS_BADGE)
    sign_in.lock()
    sign_in.lock()
    assert shop.till.session.is_locked
    assert last(shop) is not None
    assert sell(shop) is None
    sign_in.by_pin("BO", BO_PIN)
    sign_in.sign_out()
    assert last(shop) is None
    assert events(shop)[before:] == [
        ("signed_in", "7", "7"),
        ("locked", "7", "7"),
        ("signed_out", "7", "7"),
        ("signed_in", "BO", "BO"),
        ("signed_out", "BO", "BO"),
    ]


def test_who_comes_back_was_not_signed_out(shop: Shop) -> None:
    sign_in = shop.till.staffing.sign_in
    sign_in.by_badge(CAS_BADGE)
    sign_in.lock()
    sign_in.by_badge(CAS_BADGE)
    assert [what for what, _, _ in events(shop)[-3:]] == ["signed_in", "locked", "signed_in"]


def test_wrong_is_wrong_whatever_was_wrong(shop: Shop) -> None:
    shop.till.staffing.sign_in.by_badge(ANNA_BADGE)
    shop.till.staffing.people.disable("BO")
    shop.till.staffing.sign_in.sign_out()
    sign_in = shop.till.staffing.sign_in
    said = [refused(sign_in.by_pin, code, pin) for code, pin in (("7", WRONG), ("NO", CAS_PIN), ("BO", BO_PIN))]
    said.append(refused(sign_in.by_pin, CAS_PIN, CAS_PIN))
    assert {(refusal.code, str(refusal.details)) for refusal in said} == {(RefusalCode.SIGN_IN_WRONG, "{}")}
    assert shop.till.session.is_locked
    assert events(shop)[-4:] == [
        ("sign_in_refused", "7", None),
        ("sign_in_refused", "", None),
        ("sign_in_refused", "", None),
        ("sign_in_refused", "", None),
    ]


def test_three_are_free_then_waits_double_then_a_manager_has_to_reset(shop: Shop) -> None:
    sign_in = shop.till.staffing.sign_in
    for failure in range(1, MOST_FAILURES + 1):
        code = refused(sign_in.by_pin, "7", WRONG).code
        assert code is (RefusalCode.SIGN_IN_LOCKED if failure == MOST_FAILURES else RefusalCode.SIGN_IN_WRONG)
        if wait_after(failure) > 0 and failure < MOST_FAILURES:
            shop.clock.advance(wait_after(failure) - 1)
            waiting = refused(sign_in.by_pin, "7", CAS_PIN)
            assert (waiting.code, waiting.details["seconds"]) == (RefusalCode.SIGN_IN_WAIT, 1)
            shop.clock.advance(1)
    shop.clock.advance(10**9)
    assert refused(sign_in.by_pin, "7", CAS_PIN).code is RefusalCode.SIGN_IN_LOCKED
    assert refused(sign_in.by_badge, CAS_BADGE).code is RefusalCode.SIGN_IN_LOCKED
    sign_in.by_badge(ANNA_BADGE)
    shop.till.staffing.people.reset("7")
    assert sign_in.by_pin("7", CAS_PIN).code == "7"


def test_a_right_pin_begins_anew(shop: Shop) -> None:
    sign_in = shop.till.staffing.sign_in
    for _ in range(2):
        refused(sign_in.by_pin, "7", WRONG)
    sign_in.by_pin("7", CAS_PIN)
    member = shop.store.read(lambda book: book.staff.get("7"))
    assert member is not None
    assert (member.failures, member.failed_at) == (0, 0)


def test_a_guess_is_counted_before_it_is_tried(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(PinVault, "opens", killed)
    with pytest.raises(KeyboardInterrupt):
        shop.till.staffing.sign_in.by_pin("7", CAS_PIN)
    member = shop.store.read(lambda book: book.staff.get("7"))
    assert member is not None
    assert member.failures == 1


def test_many_guesses_at_once_are_no_more_guesses(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    ready = threading.Barrier(30)
    opens = PinVault.opens

    def counted(vault: PinVault, code: str, pin: str, sealed: bytes) -> bool:
        tried.append(pin)
        return opens(vault, code, pin, sealed)

    def guess(number: int) -> RefusalCode:
        ready.wait()
        return refused(shop.till.staffing.sign_in.by_pin, "7", f"{400_417 + number}").code

    monkeypatch.setattr(PinVault, "opens", counted)
    with ThreadPoolExecutor(30) as pool:
        codes = list(pool.map(guess, range(30)))
    assert len(tried) == 3
    assert codes.count(RefusalCode.SIGN_IN_WAIT) == 27


def test_guesses_at_one_person_wait_for_each_other(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    together, both = threading.Barrier(2), threading.Event()

    def slow(*_: object) -> bool:
        with suppress(threading.BrokenBarrierError):
            together.wait(timeout=0.3)
            both.set()
        return False

    monkeypatch.setattr(PinVault, "opens", slow)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: refused(shop.till.staffing.sign_in.by_pin, "7", WRONG), range(2)))
    assert not both.is_set()


def test_a_pin_that_was_changed_while_it_was_tried_opens_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    opens = PinVault.opens

    def meanwhile(vault: PinVault, code: str, pin: str, sealed: bytes) -> bool:
        member = shop.store.read(lambda book: book.staff.get(code))
        assert member is not None
        shop.store.write(lambda book: book.staff.put(replace(member, sealed=vault.seal(code, "480261"))))
        return opens(vault, code, pin, sealed)

    monkeypatch.setattr(PinVault, "opens", meanwhile)
    assert refused(shop.till.staffing.sign_in.by_pin, "7", CAS_PIN).code is RefusalCode.SIGN_IN_WRONG
    assert shop.till.session.is_locked


def test_strange_badges_only_make_badges_wait(shop: Shop) -> None:
    sign_in = shop.till.staffing.sign_in
    for number in range(10):
        assert refused(sign_in.by_badge, f"GOODS-{number:04}").code is RefusalCode.BADGE_UNKNOWN
    assert refused(sign_in.by_badge, CAS_BADGE).code is RefusalCode.SIGN_IN_WAIT
    assert sign_in.by_pin("7", CAS_PIN).code == "7"
    assert sign_in.by_badge(CAS_BADGE).code == "7"
    assert refused(sign_in.by_badge, "short").code is RefusalCode.BADGE_UNKNOWN


def test_a_database_that_was_put_back_gives_no_free_guesses(tmp_path: Path, shop: Shop) -> None:
    store = open_store(tmp_path, b"k" * 32)
    store.write(lambda book: book.settings.put_identity(shop.till.identity))
    staffing = staffing_of(store, shop.recorder, PinVault(b"p" * 32, CHEAP))
    shop.till.staffing.sign_in.by_badge(ANNA_BADGE)
    staffing.people.add("ANNA", "Anna", Role.MANAGER, ANNA_PIN)
    store.close()
    kept = (tmp_path / FILE).read_bytes()
    for _ in range(2):
        store = open_store(tmp_path, b"k" * 32)
        staffing = staffing_of(store, shop.recorder, PinVault(b"p" * 32, CHEAP))
        refused(staffing.sign_in.by_pin, "ANNA", WRONG)
        store.close()
        for path in tmp_path.glob(f"{FILE}-*"):
            path.unlink()
        (tmp_path / FILE).write_bytes(kept)
    store = open_store(tmp_path, b"k" * 32)
    staffing = staffing_of(store, shop.recorder, PinVault(b"p" * 32, CHEAP))
    assert refused(staffing.sign_in.by_pin, "ANNA", WRONG).code is RefusalCode.SIGN_IN_WRONG
    assert refused(staffing.sign_in.by_pin, "ANNA", ANNA_PIN).code is RefusalCode.SIGN_IN_WAIT
    store.close()


def test_a_seal_of_yesterdays_cost_is_renewed(shop: Shop) -> None:
    dearer = staffing_of(shop.store, shop.recorder, PinVault(b"p" * 32, Cost(2, 8)))
    before = shop.store.read(lambda book: book.staff.get("7"))
    dearer.sign_in.by_pin("7", CAS_PIN)
    after = shop.store.read(lambda book: book.staff.get("7"))
    assert before is not None
    assert after is not None
    assert before.sealed != after.sealed
    assert PinVault(b"p" * 32, Cost(2, 8)).is_current(after.sealed)
    assert dearer.sign_in.by_pin("7", CAS_PIN).code == "7"


def test_no_pin_and_no_badge_anywhere(
    tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """Every secret that was typed or scanned, right or wrong, is in no file, operation, log, event, repr or error."""
    folder = tmp_path_factory.mktemp("canary")
    shop = open_shop()
    store = open_store(folder, b"k" * 32)
    store.write(lambda book: book.settings.put_identity(shop.till.identity))
    said: list[str] = []
    secret = {ANNA_PIN, CAS_PIN, "480261", WRONG, ANNA_BADGE, CAS_BADGE, "STAFF-BADGE-OLD", "GOODS-0001"}
    with caplog.at_level(logging.DEBUG):
        staffing: Staffing = staffing_of(store, shop.recorder, PinVault(b"p" * 32, CHEAP))
        said.append(repr(staffing.people.add("ANNA", "Anna", Role.MANAGER, ANNA_PIN, ANNA_BADGE)))
        staffing.sign_in.by_badge(ANNA_BADGE)
        said.append(repr(staffing.people.add("7", "Cas", Role.CASHIER, CAS_PIN, "STAFF-BADGE-OLD")))
        staffing.people.set_badge("7", CAS_BADGE)
        staffing.people.set_pin("7", "480261")
        for call in (
            lambda: staffing.sign_in.by_pin("7", WRONG),
            lambda: staffing.sign_in.by_pin(CAS_PIN, CAS_PIN),
            lambda: staffing.sign_in.by_badge("GOODS-0001"),
            lambda: staffing.people.set_pin("7", "123123"),
            lambda: staffing.people.set_badge("ANNA", CAS_BADGE),
        ):
            refusal = refused(call)
            said += [str(refusal), repr(refusal), repr(refusal.__cause__), repr(refusal.__context__)]
        staffing.sign_in.by_pin("7", "480261")
        said += [repr(staffing), repr(store.read(lambda book: book.staff.all())), repr(shop.recorder.session)]
    operations = store.read(lambda book: [each.body.decode() for each in book.operations.all()])
    plain = store.database  # the decrypted content, not only what the cipher hides
    with plain.read() as connection:
        dump = [
            repr(row)
            for table in ("staff", "settings", "operations")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    store.close()
    files = [path.read_bytes() for path in folder.iterdir()]
    for each in secret | {"123123"}:
        assert each not in "\n".join([*said, *operations, *dump, caplog.text]), "a secret was written down"
        assert not any(each.encode() in data for data in files)

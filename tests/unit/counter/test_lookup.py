"""Finding products and customers with the central store there, gone, or refusing.

Must never hold up a sale.
"""

import json
from typing import Any

import pytest

from tests.builders import CARD, GBP, Counter, make_counter, make_line
from tests.shared_data import shared
from tests.unit.counter.faults import content
from urs_desktop.counter.store.book import SqlStore
from urs_desktop.counter.use_cases.lookup import Lookup
from urs_desktop.counter.values import Customer, Product
from urs_desktop.domain.money import parse_unit_price
from urs_desktop.domain.points import Points
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.tombstones import mark


@pytest.fixture
def counter() -> Counter:
    counter = make_counter()
    counter.central.add(Customer("C-1002", "Jonas Berg", "+46709876543"), 300)
    return counter


@pytest.fixture
def lookup(counter: Counter) -> Lookup:
    return Lookup(counter.store, counter.central)


def kept(counter: Counter) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of the counter."""
    assert isinstance(counter.store, SqlStore)
    return content(counter.store)


def code_of(work: object) -> RefusalCode:
    assert callable(work)
    with pytest.raises(Refusal) as caught:
        work()
    return caught.value.code


@pytest.mark.parametrize("code", ["MUG", " MUG\r", "mug", "5012345678900"])
def test_a_product_by_its_code_or_barcode(lookup: Lookup, code: str) -> None:
    assert lookup.product(code).description == "White metal mug"


@pytest.mark.parametrize("code", ["", " ", "MU", "4711", "\x00", "\U0001f642", "x" * 10_000, "'; DROP TABLE sales"])
def test_a_code_nobody_knows_is_refused_by_name(lookup: Lookup, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        lookup.product(code)
    assert caught.value.code is RefusalCode.PRODUCT_UNKNOWN
    assert caught.value.details == {"code": code.strip()[:64]}


@pytest.mark.parametrize(("kept", "scanned"), [("042100005264", "04252614"), ("04252614", "042100005264")])
def test_a_barcode_is_found_in_its_other_forms(counter: Counter, lookup: Lookup, kept: str, scanned: str) -> None:
    soup = Product("SOUP", "Soup", parse_unit_price("1", GBP), kept)
    counter.store.write(lambda book: book.catalogue.put(soup))
    assert lookup.product(scanned) == lookup.product(f"00{scanned}" if len(scanned) == 12 else scanned) == soup
    assert lookup.product("(01)00042100005264") == soup


def test_a_code_is_found_however_its_letters_are_composed(counter: Counter, lookup: Lookup) -> None:
    cafe = Product("CAF\u00c9", "x", parse_unit_price("1", GBP))
    counter.store.write(lambda book: book.catalogue.put(cafe))
    counter.store.write(lambda book: book.customers.put(Customer("K\u00c5RL", "Karl")))
    assert lookup.product("CAFE\u0301") == cafe
    karl = lookup.customer_here("KA\u030aRL")
    assert karl is not None
    assert karl.name == "Karl"


@pytest.mark.parametrize("text", ["\ud83d", "\ude42MUG", "MUG\udcff"])
def test_half_a_character_is_not_found_and_breaks_nothing(lookup: Lookup, text: str) -> None:
    assert code_of(lambda: lookup.product(text)) is RefusalCode.PRODUCT_UNKNOWN
    assert lookup.customer_here(text) is None
    assert lookup.customers(text, 5) == ()
    assert lookup.products(text, 5) in ((), lookup.products("mug", 5))
    assert code_of(lambda: lookup.customer(text)) is RefusalCode.CARD_MALFORMED


def test_a_character_in_two_halves_is_one(counter: Counter, lookup: Lookup) -> None:
    smile = Product("\U0001f642", "x", parse_unit_price("1", GBP))
    counter.store.write(lambda book: book.catalogue.put(smile))
    assert lookup.product("\ud83d\ude42") == smile


def test_naughty_strings_are_only_looked_for(lookup: Lookup) -> None:
    for text in json.loads(shared("vectors", "naughty_strings_50.json").read_text("utf-8")):
        assert lookup.products(text, 5) == ()
        assert lookup.customers(text, 5) == () or text in CARD
        assert lookup.customer_here(text) is None
        assert code_of(lambda text=text: lookup.product(text)) is RefusalCode.PRODUCT_UNKNOWN


def test_a_customer_comes_fresh_from_the_centre_and_is_remembered(counter: Counter, lookup: Lookup) -> None:
    counter.clock.advance(1000)
    counter.central.wallets[CARD] = 1300
    for text in (CARD, f" {CARD} ", "+46 70 123 45 67", "+46701234567"):
        customer = lookup.customer(text)
        assert (customer.card, customer.available, customer.as_of) == (CARD, 1300, counter.clock.now())
    assert lookup.customer_here(CARD) == lookup.customer(CARD)


def test_another_vendors_customer_is_shown_and_not_kept(counter: Counter, lookup: Lookup) -> None:
    assert lookup.customer("C-1002").name == "Jonas Berg"
    assert lookup.customer("+46 70 987 65 43").card == "C-1002"
    assert lookup.customer_here("C-1002") is None


def test_offline_the_counters_own_copy_stands(counter: Counter, lookup: Lookup) -> None:
    counter.central.online = False
    assert lookup.customer("+46 70 123 45 67").available == Points(1240)
    assert lookup.customer("C-9") == Customer("C-9")
    assert lookup.customer_here("C-9") is None


def test_a_card_nobody_knows_is_a_new_customer(lookup: Lookup) -> None:
    assert lookup.customer(" C-9 ") == Customer("C-9")


@pytest.mark.parametrize(("online", "text"), [(True, "+46 70 000 00 00"), (False, "+46 70 000 00 00")])
def test_a_phone_number_nobody_has_is_no_card(counter: Counter, lookup: Lookup, online: bool, text: str) -> None:
    counter.central.online = online
    assert code_of(lambda: lookup.customer(text)) is RefusalCode.CUSTOMER_UNKNOWN


@pytest.mark.parametrize("text", ["", "  ", "\x00", "x" * 65])
def test_what_is_neither_is_refused_without_asking(counter: Counter, lookup: Lookup, text: str) -> None:
    assert code_of(lambda: lookup.customer(text)) is RefusalCode.CARD_MALFORMED
    assert counter.central.calls == []


def test_a_refusal_of_another_kind_is_handed_on(counter: Counter, lookup: Lookup) -> None:
    counter.central.online = False
    counter.central.failure = Refusal(RefusalCode.COUNTER_REVOKED)  # type: ignore[assignment]
    assert code_of(lambda: lookup.customer(CARD)) is RefusalCode.COUNTER_REVOKED


def test_nothing_of_another_vendors_customer_is_kept_but_the_card_of_a_sale(counter: Counter, lookup: Lookup) -> None:
    for text in ("C-1002", "+46709876543"):
        assert lookup.customer(text).name == "Jonas Berg"
    said = repr(kept(counter))
    assert not [secret for secret in ("C-1002", "Jonas", "6709876543") if secret in said]
    counter.sell(make_line("20.00"), card="C-1002")
    said = repr(kept(counter))
    assert [secret for secret in ("C-1002", "Jonas", "709876543") if secret in said] == ["C-1002"]


def test_who_is_forgotten_is_not_kept_by_a_look_up(counter: Counter, lookup: Lookup) -> None:
    counter.store.write(lambda book: book.customers.forget(mark(CARD)))
    assert lookup.customer(CARD).name == "Maria Lindqvist"
    assert "Maria" not in repr(kept(counter))

"""The basket's laws: what is added, changed and voided, and that no change touches the basket it was made from.

Must never know a tender or a customer.
"""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.builders import GBP, JPY, make_basket, make_line, pounds
from urs_desktop.domain.basket import MAX_QUANTITY, Basket, LineItem, basket_of
from urs_desktop.domain.money import MAX_MINOR, UnitPrice
from urs_desktop.domain.pricing import Discount
from urs_desktop.domain.refusals import Refusal, RefusalCode

lines = st.builds(
    LineItem,
    sku=st.sampled_from(["A", "a", "B"]),
    description=st.sampled_from(["one", "two"]),
    quantity=st.integers(1, 50),
    unit_price=st.builds(UnitPrice, st.integers(0, 10_000), st.integers(0, 4), st.just(GBP)),
)


class BasketAgainstList(RuleBasedStateMachine):
    """Every change of a basket, beside a plain list that does the same by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.basket = Basket(GBP)
        self.model: list[LineItem] = []

    @rule(line=lines)
    def add(self, line: LineItem) -> None:
        before = self.basket
        self.basket = self.basket.add(line)
        for place, present in enumerate(self.model):
            if (present.sku, present.description, present.unit_price) == (line.sku, line.description, line.unit_price):
                self.model[place] = replace(present, quantity=present.quantity + line.quantity)
                break
        else:
            self.model.append(line)
        assert before.pieces == self.basket.pieces - line.quantity

    @rule(place=st.integers(-2, 6), quantity=st.integers(-1, 60))
    def change(self, place: int, quantity: int) -> None:
        if not 0 <= place < len(self.model):
            assert code_of(lambda: self.basket.with_quantity(place, quantity)) is RefusalCode.LINE_UNKNOWN
        elif quantity < 1:
            assert code_of(lambda: self.basket.with_quantity(place, quantity)) is RefusalCode.QUANTITY_OUT_OF_RANGE
        else:
            self.basket = self.basket.with_quantity(place, quantity)
            self.model[place] = replace(self.model[place], quantity=quantity)

    @rule(place=st.integers(-2, 6))
    def void(self, place: int) -> None:
        if not 0 <= place < len(self.model):
            assert code_of(lambda: self.basket.without(place)) is RefusalCode.LINE_UNKNOWN
        else:
            self.basket = self.basket.without(place)
            del self.model[place]

    @invariant()
    def agrees(self) -> None:
        assert list(self.basket.lines) == self.model
        assert self.basket.total.minor == sum(line.total.minor for line in self.model)
        assert self.basket.pieces == sum(line.quantity for line in self.model)


TestBasketAgainstList = BasketAgainstList.TestCase
TestBasketAgainstList.settings = settings(max_examples=40, stateful_step_count=30)


def code_of(change: object) -> RefusalCode:
    assert callable(change)
    with pytest.raises(Refusal) as caught:
        change()
    return caught.value.code


@given(st.lists(lines, max_size=12))
def test_the_total_does_not_depend_on_the_order_of_different_articles(items: list[LineItem]) -> None:
    distinct = list({(line.sku, line.description, line.unit_price): line for line in items}.values())
    backwards = list(reversed(distinct))
    assert basket_of(GBP, tuple(distinct)).total == basket_of(GBP, tuple(backwards)).total


def test_exact_duplicates_are_joined_by_a_cashier_and_kept_apart_by_a_journal() -> None:
    twice = make_basket(make_line(), make_line())
    assert [line.quantity for line in twice.lines] == [2]
    assert len(basket_of(GBP, (make_line(), make_line())).lines) == 2


def test_two_lines_joined_may_round_differently_from_each_alone() -> None:
    assert make_basket(make_line("0.005"), make_line("0.005")).total == pounds(1)
    assert basket_of(GBP, (make_line("0.005"), make_line("0.005"))).total == pounds(2)


def test_a_line_takes_no_more_than_its_most() -> None:
    full = make_basket(make_line(quantity=MAX_QUANTITY))
    assert code_of(lambda: full.add(make_line())) is RefusalCode.QUANTITY_OUT_OF_RANGE
    assert code_of(lambda: Basket(GBP).add(make_line(quantity=0))) is RefusalCode.QUANTITY_OUT_OF_RANGE
    assert code_of(lambda: Basket(GBP).add(make_line(quantity=-1))) is RefusalCode.QUANTITY_OUT_OF_RANGE


def test_a_price_below_zero_is_no_article() -> None:
    assert code_of(lambda: Basket(GBP).add(make_line("-0.01"))) is RefusalCode.PRICE_OUT_OF_RANGE


def test_another_currency_is_refused() -> None:
    yen = replace(make_line(), unit_price=UnitPrice(100, 0, JPY))
    assert code_of(lambda: Basket(GBP).add(yen)) is RefusalCode.CURRENCIES_MIXED


def test_no_basket_reaches_the_largest_amount() -> None:
    dear = UnitPrice(9_999_999_999, 0, GBP)
    line = replace(make_line(), unit_price=dear)
    basket = Basket(GBP).add(replace(line, quantity=999))
    assert basket.total.minor < MAX_MINOR
    assert code_of(lambda: basket.with_quantity(0, 1001)) is RefusalCode.AMOUNT_OUT_OF_RANGE
    assert code_of(lambda: basket.add(replace(line, sku="B", quantity=2))) is RefusalCode.AMOUNT_OUT_OF_RANGE


def test_the_last_line_takes_the_receipt_discount_with_it() -> None:
    cart = make_basket(make_line(), make_line(sku="B")).with_discount(Discount(basis_points=5000))
    left = cart.without(0)
    assert left.discount == cart.discount
    assert left.without(0) == Basket(GBP)

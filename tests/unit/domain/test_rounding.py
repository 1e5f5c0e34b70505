"""Rounding, against exact fractions.

Must never use the function it tests to say what is right.
"""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain import rounding

numerators = st.integers(-(10**24), 10**24)
denominators = st.integers(1, 10**12)


@given(numerators, denominators)
def test_half_up_is_the_nearest_integer_and_halves_go_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    rounded = rounding.half_up(numerator, denominator)
    assert abs(rounded - exact) <= Fraction(1, 2)
    if abs(rounded - exact) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@given(numerators, denominators)
def test_half_up_treats_both_signs_alike(numerator: int, denominator: int) -> None:
    assert rounding.half_up(-numerator, denominator) == -rounding.half_up(numerator, denominator)


@pytest.mark.parametrize(("numerator", "expected"), [(5, 1), (4, 0), (-5, -1), (-4, 0), (15, 2), (25, 3), (0, 0)])
def test_half_up_by_hand(numerator: int, expected: int) -> None:
    assert rounding.half_up(numerator, 10) == expected


@given(numerators, denominators)
def test_floor_goes_down(numerator: int, denominator: int) -> None:
    assert rounding.floor(numerator, denominator) == floor(Fraction(numerator, denominator))


weights = st.lists(st.integers(0, 10**15), max_size=40)


@given(st.integers(0, 10**14), weights)
def test_shares_add_up_and_each_is_its_fair_part_rounded_down_or_up(total: int, parts: list[int]) -> None:
    shares = rounding.largest_remainder(total, parts)
    assert len(shares) == len(parts)
    if not parts:
        return
    assert sum(shares) == total
    if sum(parts) == 0:
        assert shares[0] == total
        return
    for share, weight in zip(shares, parts, strict=True):
        assert 0 <= share - floor(Fraction(total * weight, sum(parts))) <= 1
        assert weight or not share


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=2, max_size=12))
def test_what_is_left_goes_to_the_largest_remainders(total: int, parts: list[int]) -> None:
    if sum(parts) == 0:
        return
    remainders = [Fraction(total * weight, sum(parts)) % 1 for weight in parts]
    shares = rounding.largest_remainder(total, parts)
    got_more = [share > floor(Fraction(total * w, sum(parts))) for share, w in zip(shares, parts, strict=True)]
    lucky = [
        (remainder, -place) for place, (remainder, more) in enumerate(zip(remainders, got_more, strict=True)) if more
    ]
    others = [(r, -place) for place, (r, more) in enumerate(zip(remainders, got_more, strict=True)) if not more]
    assert not lucky or not others or min(lucky) > max(others)


def test_ties_go_to_the_earlier_line() -> None:
    assert rounding.largest_remainder(1, [1, 1, 1]) == (1, 0, 0)
    assert rounding.largest_remainder(2, [5, 5, 5]) == (1, 1, 0)
    assert rounding.largest_remainder(7, [0, 0]) == (7, 0)
    assert rounding.largest_remainder(7, []) == ()

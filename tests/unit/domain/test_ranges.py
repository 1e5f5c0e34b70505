"""Ranges hold the numbers they were made of, and no others."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain.ranges import Range, ranges_of, without


def test_how_they_read() -> None:
    assert [str(each) for each in ranges_of([9, 4, 8, 7, 4])] == ["4", "7-9"]
    assert ranges_of([]) == ()
    assert [each.count for each in ranges_of([1, 2, 3, 7])] == [3, 1]


@given(st.sets(st.integers(-50, 50)))
def test_they_say_the_same_numbers_in_as_few_ranges_as_can_be(numbers: set[int]) -> None:
    found = ranges_of(numbers)
    assert [n for each in found for n in range(each.first, each.last + 1)] == sorted(numbers)
    assert all(one.last + 1 < other.first for one, other in pairwise(found))
    assert all(each == Range(each.first, each.first + each.count - 1) for each in found)


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_numbers_are_taken_out(numbers: set[int], others: set[int]) -> None:
    assert without(ranges_of(numbers), others) == ranges_of(numbers - others)

"""Numbers as the ranges they make, such as the receipts that are missing: 4, 7-9.

Must never lose or add a number.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """The whole numbers from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        """Return `7-9`, or `4` for one number."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def ranges_of(numbers: Iterable[int]) -> tuple[Range, ...]:
    """Return the ranges these numbers make, in order; what is named twice counts once."""
    found: list[Range] = []
    for number in sorted(set(numbers)):
        if found and found[-1].last == number - 1:
            found[-1] = Range(found[-1].first, number)
        else:
            found.append(Range(number, number))
    return tuple(found)


def without(ranges: Iterable[Range], numbers: Iterable[int]) -> tuple[Range, ...]:
    """Return the ranges, which are in order and apart, with these numbers taken out of them."""
    left: list[Range] = []
    taken = sorted(set(numbers))
    for each in ranges:
        first = each.first
        for number in taken:
            if first <= number <= each.last:
                left += [Range(first, number - 1)] if number > first else []
                first = number + 1
        left += [Range(first, each.last)] if first <= each.last else []
    return tuple(left)

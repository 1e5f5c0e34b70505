"""The only place where the programme rounds, by named modes, on integers.

Every mode states which way the lost part goes. Must never be bypassed with `//`, `%` or `round` on money elsewhere.
"""

from collections.abc import Sequence


def half_up(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded to the nearest integer, halves away from zero; denominator > 0."""
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def floor(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded down; denominator > 0."""
    return numerator // denominator


def largest_remainder(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share `total` >= 0 out by non-negative `weights` so that the shares add up to it exactly.

    Each share is the rounded-down proportional part; what is left goes one each to the largest remainders, the
    earlier one first where they tie. With no weight at all everything goes to the first share. Source: Hamilton's
    method.
    """
    if not weights:
        return ()
    whole = sum(weights)
    if whole == 0:
        return (total, *(0 for _ in weights[1:]))
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return tuple(shares)

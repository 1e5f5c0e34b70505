"""How points that go back are shared between the wallet they came from and the vendor that gave them."""

from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain.points import Points
from urs_desktop.domain.refund import to_wallet


@st.composite
def payments(draw: st.DrawFn) -> tuple[Points, Points]:
    """Points paid, and how many of them a lease covered."""
    paid = draw(st.integers(1, 10**6))
    return Points(paid), Points(draw(st.integers(0, paid)))


@given(payments(), st.data())
def test_both_parts_only_grow_and_end_whole(payment: tuple[Points, Points], data: st.DataObject) -> None:
    paid, redeemed = payment
    back = data.draw(st.integers(0, paid - 1))
    now, next_one = (to_wallet(Points(points), paid, redeemed) for points in (back, back + 1))
    assert 0 <= now <= min(back, redeemed)
    assert 0 <= back - now <= paid - redeemed
    assert (next_one - now) in {0, 1}
    assert to_wallet(paid, paid, redeemed) == redeemed
    assert to_wallet(Points(0), paid, redeemed) == 0


@given(st.integers(0, 100), st.integers(0, 100))
def test_no_more_goes_back_than_was_paid(paid: int, redeemed: int) -> None:
    """A hostile receipt says fewer points than its leases were charged."""
    assert to_wallet(Points(paid), Points(paid), Points(redeemed)) == min(paid, redeemed)

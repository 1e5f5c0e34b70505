"""The worlds that are searched: small enough to be exhausted, each with what the others leave out.

Must never shrink to make a violation go away.
"""

from typing import Final

from tests.model.state import Bounds

WORLDS: Final = {
    # Grants, spends of one or two leases, returns and reclaims of two counters that share a wallet.
    "leases": Bounds(3, 2, leases=(2, 1), sales=(1, 0), floors=(0, 0), restores=(0, 0), events=(0, 0, 0)),
    # What moves the wallet besides: earning, clawing back, expiry, points taken without a lease.
    "wallet": Bounds(3, 2, leases=(1, 1), sales=(1, 0), floors=(1, 0), restores=(0, 0), events=(1, 1, 1)),
    # A counter put back to an older state beside an honest one.
    "restored": Bounds(2, 2, leases=(1, 1), sales=(2, 1), floors=(0, 0), restores=(1, 0), events=(0, 0, 0)),
    # A counter put back twice, to whatever it was before.
    "restored twice": Bounds(2, 2, leases=(1,), sales=(2,), floors=(0,), restores=(2,), events=(0, 0, 0)),
}
"""In the suite: exhausted in seconds."""

LARGER: Final = {
    "both sell": Bounds(3, 2, leases=(2, 1), sales=(1, 1), floors=(0, 0), restores=(0, 0), events=(0, 0, 0)),
    "both sell, wallet": Bounds(3, 2, leases=(1, 1), sales=(1, 1), floors=(1, 0), restores=(0, 0), events=(1, 1, 1)),
    "more sales": Bounds(3, 2, leases=(2, 1), sales=(2, 1), floors=(0, 0), restores=(0, 0), events=(0, 0, 0)),
    "restored with two leases": Bounds(2, 2, leases=(2,), sales=(2,), floors=(0,), restores=(1,), events=(0, 0, 0)),
}
"""With the command alone."""

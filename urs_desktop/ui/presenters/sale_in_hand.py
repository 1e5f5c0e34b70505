"""The sale in hand as other rooms may touch it: whose it is, and giving it to somebody or to nobody.

Must never let a room see or change anything else of the sale.
"""

from collections.abc import Callable
from dataclasses import dataclass

from urs_desktop.counter.values import Customer


def _nobody() -> str | None:
    return None


def _refuse(_: Customer) -> None:
    """Do nothing: there is no sale."""


def _nothing() -> None:
    """Do nothing: there is no sale."""


@dataclass(frozen=True, slots=True)
class SaleInHand:
    """`card` says whose the sale is, None for nobody's; `attach` gives it to a customer, `detach` to nobody."""

    card: Callable[[], str | None] = _nobody
    attach: Callable[[Customer], None] = _refuse
    detach: Callable[[], None] = _nothing

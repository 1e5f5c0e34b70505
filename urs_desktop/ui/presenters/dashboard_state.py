"""What the dashboard shows, whole and frozen: bars as integers to draw, every figure as text beside them.

Must never hold anything a widget could change.
"""

from dataclasses import dataclass, field

from urs_desktop.counter.use_cases.dashboard import Span
from urs_desktop.ui.presenters.formatting import NO_AGE, Age
from urs_desktop.ui.presenters.notices import Notice


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of every chart: an interval, or a counter; `label` stands under it, `row` is its line in the table.

    `sales` are receipts, `issued` and `redeemed` points, `revenue` and `profit` minor units.
    """

    label: str
    row: tuple[str, ...]
    sales: int
    issued: int
    redeemed: int
    revenue: int
    profit: int


@dataclass(frozen=True, slots=True)
class Sums:
    """The figures of the whole time, as text."""

    sales: str = ""
    refunds: str = ""
    issued: str = ""
    redeemed: str = ""
    revenue: str = ""
    profit: str = ""


@dataclass(frozen=True, slots=True)
class BehindBar:
    """The receipts behind the chosen bar: what bar that is, a row of text each, and whether there are more."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class DashboardState:
    """Everything the dashboard shows.

    `everywhere` for all counters of the vendor; `by_counter` where a bar is a counter. `selected` is the place of the
    chosen bar; `behind` its receipts once they were asked for. `is_empty` where nothing was sold; `digits` are the
    decimals of the currency.
    """

    span: Span = Span.WEEK
    everywhere: bool = False
    by_counter: bool = False
    bars: tuple[Bar, ...] = ()
    selected: int | None = None
    sums: Sums = field(default_factory=Sums)
    products: tuple[tuple[str, ...], ...] = ()
    behind: BehindBar | None = None
    age: Age = NO_AGE
    is_empty: bool = True
    busy: bool = False
    notice: Notice | None = None
    digits: int = 2

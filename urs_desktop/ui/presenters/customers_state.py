"""What the customer room shows, whole and frozen: the widgets render it and know nothing else.

Figures are formatted text, words are codes. Must never hold anything a widget could change.
"""

from dataclasses import dataclass
from enum import StrEnum

from urs_desktop.counter.use_cases.statements import Reason
from urs_desktop.ui.presenters.formatting import NO_AGE, Age
from urs_desktop.ui.presenters.notices import Notice


class CustomersPage(StrEnum):
    """What stands beside the list: nobody, the chosen customer, the form for a new one, or the wallet card."""

    NOBODY = "nobody"
    CUSTOMER = "customer"
    FORM = "form"
    CARD = "card"


class FormField(StrEnum):
    """A field of the form for a new customer."""

    PHONE = "phone"
    NAME = "name"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class CustomerView:
    """The chosen customer; `points` is empty when no balance is known, `worth` what they are worth in money.

    `attached` while the sale in hand is theirs; `asking` while the central store is looking.
    """

    card: str
    name: str = ""
    phone: str = ""
    email: str = ""
    points: str = ""
    worth: str = ""
    age: Age = NO_AGE
    blocked: bool = False
    attached: bool = False
    asking: bool = False


@dataclass(frozen=True, slots=True)
class MovementView:
    """One line of the statement: when, why, how many points with their sign, and on which receipt.

    `elsewhere` where another vendor did it.
    """

    moment: str
    reason: Reason
    points: str
    number: str = ""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class StatementView:
    """The wallet's newest movements; not `is_whole` where they are this counter's receipts alone.

    `pending` and `owed` are points, empty when there are none.
    """

    lines: tuple[MovementView, ...] = ()
    is_whole: bool = True
    pending: str = ""
    owed: str = ""


@dataclass(frozen=True, slots=True)
class FormView:
    """What is typed about a new customer; `agreed` None until it was asked. `saving` while it is stored."""

    phone: str = ""
    name: str = ""
    email: str = ""
    agreed: bool | None = None
    saving: bool = False


@dataclass(frozen=True, slots=True)
class CustomersState:
    """Everything the customer room shows; `rows` are card, name, phone and points of those that were found."""

    page: CustomersPage = CustomersPage.NOBODY
    query: str = ""
    searched: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    selected: int | None = None
    customer: CustomerView | None = None
    statement: StatementView | None = None
    form: FormView = FormView()
    prints: bool = False
    notice: Notice | None = None

"""The frozen state of the customer room, made whole out of the draft each time.

Must never change the draft, nor hold foreign text that was not made fit for a line.
"""

from urs_desktop.counter.use_cases.statements import Line, WalletStatement
from urs_desktop.counter.values import Customer
from urs_desktop.domain.money import Money
from urs_desktop.ui.presenters.customers_draft import CustomersDesk, CustomersDraft
from urs_desktop.ui.presenters.customers_state import CustomersState, CustomerView, MovementView, StatementView
from urs_desktop.ui.presenters.formatting import Formats, plain


def customers_state(desk: CustomersDesk, sale: str | None, now: int) -> CustomersState:
    """Return what the room shows at `now` (milliseconds); `sale` is the card of the sale in hand, if it has one."""
    draft, formats = desk.draft, desk.formats
    customer = draft.customer
    return CustomersState(
        page=draft.page,
        query=draft.query,
        searched=plain(draft.searched),
        rows=tuple(_row(each, formats) for each in draft.found),
        selected=_place(draft),
        customer=None if customer is None else _customer(desk, customer, sale, now),
        statement=None if draft.statement is None else _statement(draft.statement, formats),
        form=draft.form,
        prints=draft.prints,
        notice=draft.notice,
    )


def _row(customer: Customer, formats: Formats) -> tuple[str, ...]:
    points = "" if customer.available is None else formats.number(customer.available)
    return (plain(customer.name), plain(customer.phone), plain(customer.card), points)


def _place(draft: CustomersDraft) -> int | None:
    cards = [each.card for each in draft.found]
    chosen = draft.customer
    return cards.index(chosen.card) if chosen is not None and chosen.card in cards else None


def _customer(desk: CustomersDesk, customer: Customer, sale: str | None, now: int) -> CustomerView:
    formats, points, own = desk.formats, customer.available, desk.till.identity.currency
    return CustomerView(
        card=plain(customer.card),
        name=plain(customer.name),
        phone=plain(customer.phone),
        email=plain(customer.email),
        points="" if points is None else formats.number(points),
        worth="" if points is None else formats.money(Money(points, own)),
        age=formats.age(customer.as_of, now),
        blocked=customer.blocked,
        attached=sale == customer.card,
        asking=desk.draft.asking,
    )


def _statement(statement: WalletStatement, formats: Formats) -> StatementView:
    number = formats.number
    return StatementView(
        lines=tuple(_line(line, formats) for line in statement.lines),
        is_whole=statement.is_whole,
        pending=number(statement.pending) if statement.pending else "",
        owed=number(statement.owed) if statement.owed else "",
    )


def _line(line: Line, formats: Formats) -> MovementView:
    sign = "+" if line.points > 0 else "\u2013" if line.points < 0 else ""
    return MovementView(
        moment=formats.moment(line.at),
        reason=line.reason,
        points=f"{sign}{formats.number(line.moved)}",
        number=line.number,
        elsewhere=not line.own,
    )

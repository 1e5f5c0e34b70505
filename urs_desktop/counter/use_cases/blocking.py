"""Whether a customer may redeem: one whom the office blocked may not, as far as this counter has heard of it.

Must never stop a sale or an earning: only points that pay are refused.
"""

from urs_desktop.counter.ports import Book
from urs_desktop.domain.refusals import Refusal, RefusalCode


def check_not_blocked(book: Book, card: str) -> None:
    """Raise Refusal(CUSTOMER_BLOCKED) for a customer known here to be blocked."""
    customer = book.customers.by_card(card)
    if customer is not None and customer.blocked:
        raise Refusal(RefusalCode.CUSTOMER_BLOCKED)

"""Points that a customer's phone brings while the central store cannot be asked: the request shown, the grant scanned.

Must never leave a request open that no payment waits for.
"""

import logging
from collections.abc import Callable
from functools import partial

from urs_desktop.counter.use_cases.redeem import Carried
from urs_desktop.domain.lease import Backing
from urs_desktop.domain.points import Points
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.reckoning import may_carry, most_points
from urs_desktop.ui.presenters.sale_draft import Desk
from urs_desktop.ui.presenters.sell_state import PayField, Phase

_log = logging.getLogger(__name__)


class PhoneDesk:
    """Has the customer's phone ask for the points of the payment being made."""

    def __init__(self, desk: Desk, granted: Callable[[int, Points, Backing], None]) -> None:
        """Take the desk the parts share and who uses what was brought for a sale: its number, the points wanted."""
        self._desk = desk
        self._granted = granted

    def show(self, wanted: Points) -> None:
        """Show the phone what to ask for: `wanted` points, or 0 for as many as the sale takes. The caller publishes."""
        draft = self._desk.draft
        customer = draft.customer.customer if draft.customer else None
        if draft.payment.carried is not None or customer is None or not may_carry(draft, self._desk.till.identity):
            return
        points = wanted or most_points(draft, self._desk.till.identity, by_phone=True)
        redeem, total = self._desk.till.redeem, draft.basket.total
        self._desk.run(lambda: redeem.carry(customer.card, points, total), partial(self._shown, draft.sale, points))

    def _shown(self, sale: int, points: Points, carried: Carried) -> None:
        draft, payment = self._desk.draft, self._desk.draft.payment
        if draft.sale != sale or draft.phase is not Phase.PAYING or payment.carried is not None:
            self._give_up(carried)
            return
        payment.carried, payment.carried_points = carried, points
        payment.field, payment.points_text, payment.replace_next = PayField.POINTS, "", False
        self._desk.say(NoticeCode.PHONE_ASKED)

    def scanned(self, text: str) -> None:
        """Take what the phone shows now. The caller publishes."""
        payment = self._desk.draft.payment
        payment.points_text = ""
        redeem, wanted = self._desk.till.redeem, payment.carried_points
        self._desk.run(lambda: redeem.accept_carried(text), partial(self._brought, self._desk.draft.sale, wanted))

    def _brought(self, sale: int, wanted: Points, backing: Backing) -> None:
        if self._desk.draft.sale == sale:
            self._desk.draft.payment.carried = None
        self._granted(sale, wanted, backing)

    def abandon(self) -> bool:
        """Give up what the phone was to ask for; returns whether there was anything."""
        carried, self._desk.draft.payment.carried = self._desk.draft.payment.carried, None
        if carried is not None:
            self._give_up(carried)
        return carried is not None

    def _give_up(self, carried: Carried) -> None:
        redeem = self._desk.till.redeem
        self._desk.run(partial(redeem.give_up, carried.lease_id), _given_up, _not_given_up)


def _given_up(_: None) -> None:
    _log.info("a request for a phone was given up")


def _not_given_up(error: Exception) -> None:
    _log.error("a request for a phone could not be given up; the next start does it", exc_info=error)

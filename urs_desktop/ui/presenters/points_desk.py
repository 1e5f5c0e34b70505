"""The points' part of a payment: asked for, granted, used, given back.

One grant serves one payment; whatever arrives for another goes back. Must never keep points that no payment uses.
"""

import logging
from functools import partial

from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.domain.lease import NO_BACKING, Backing
from urs_desktop.domain.points import NO_POINTS, Points, parse_points
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.carried import GRANT
from urs_desktop.ui.presenters.consent_desk import ConsentDesk
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.phone_desk import PhoneDesk
from urs_desktop.ui.presenters.reckoning import left_to_pay, most_points, why_no_points
from urs_desktop.ui.presenters.sale_draft import Desk
from urs_desktop.ui.presenters.sell_state import PayField, Phase

_log = logging.getLogger(__name__)

MAXIMUM = "max"


def _wanted(amount: int | str, maximum: Points) -> Points:
    if amount == MAXIMUM:
        return maximum
    return parse_points(amount.strip()) if isinstance(amount, str) else Points(amount)


class PointsDesk:
    """Gets points for the payment being made."""

    def __init__(self, desk: Desk, consent: ConsentDesk) -> None:
        """Take the desk the parts share and the part that asks the customer."""
        self._desk = desk
        self._consent = consent
        self._asks = 0
        self._in_flight = False
        self._phone = PhoneDesk(desk, self._brought)

    def enter(self) -> None:
        """Send the digits to the points, or say why none can pay; the caller publishes."""
        payment = self._desk.draft.payment
        reason = self._refused()
        if reason is not None:
            self._desk.say(reason, Severity.WARNING)
            return
        payment.field = PayField.POINTS
        payment.replace_next = bool(payment.points_text)

    def _refused(self) -> RefusalCode | None:
        return why_no_points(self._desk.draft, self._desk.till.identity)

    def edit(self, text: str) -> None:
        """Take over what the field holds; points granted for another number go back. The caller publishes."""
        payment = self._desk.draft.payment
        payment.points_text = text
        if payment.points and text != str(payment.points):
            self.let_go()

    def offer(self, amount: int | str) -> None:
        """Have points set aside: a number, its text, or MAXIMUM; zero takes them back. The caller publishes."""
        try:
            self._offer(amount)
        except Refusal as refusal:
            self._desk.fail(refusal)

    def by_phone(self) -> None:
        """Have the customer's phone ask for the points typed, or for as many as possible. The caller publishes."""
        text = self._desk.draft.payment.points_text.strip()
        try:
            self._phone.show(parse_points(text) if text else NO_POINTS)
        except Refusal as refusal:
            self._desk.fail(refusal)

    def _brought(self, sale: int, wanted: Points, backing: Backing) -> None:
        """Use what a phone brought for a sale, as far as nothing else has paid it meanwhile."""
        draft = self._desk.draft
        if draft.sale != sale or draft.phase is not Phase.PAYING:
            self._give_back(backing)
            return
        self.let_go()
        usable = Points(min(backing.rest, wanted, left_to_pay(draft).minor))
        if usable > 0:
            self._consent.agreed(wanted)
            self._use(backing, usable, wanted)
        else:
            self._desk.say(NoticeCode.POINTS_GIVEN_BACK)
            self._give_back(backing)

    def _offer(self, amount: int | str) -> None:
        draft = self._desk.draft
        if isinstance(amount, str) and amount.strip().startswith(GRANT):
            self._phone.scanned(amount)
            return
        maximum = most_points(draft, self._desk.till.identity)
        wanted = _wanted(amount, maximum)
        payment = draft.payment
        if wanted == 0 and amount != MAXIMUM:
            self._phone.abandon()
            payment.points_text, payment.field = "", PayField.CASH
            self.let_go()
            return
        reason = self._refused()
        if reason is not None:
            payment.points_text, payment.field = "", PayField.CASH
            raise Refusal(reason, category=self._desk.till.identity.category.value)
        payment.field, payment.replace_next = PayField.POINTS, True
        if not 0 < wanted <= maximum:
            payment.points_text = str(maximum)
            raise Refusal(RefusalCode.POINTS_OVER_CAP, points=wanted, cap=maximum)
        payment.points_text = str(wanted)
        self._obtain(wanted)

    def _obtain(self, wanted: Points) -> None:
        draft = self._desk.draft
        backing = draft.payment.backing
        if wanted <= backing.rest:
            self._ask_to_use(backing, wanted, wanted)
            return
        if self._in_flight:
            self._desk.say(NoticeCode.STILL_ASKING, Severity.WARNING)
            return
        self.let_go()
        customer = draft.customer.customer if draft.customer else None
        if customer is None:
            raise Refusal(RefusalCode.POINTS_WITHOUT_CUSTOMER)
        draft.phase = Phase.ASKING
        self._asks += 1
        self._in_flight = True
        till, total = self._desk.till, draft.basket.total
        self._desk.run(
            lambda: (till.setup.read(), till.redeem.obtain(customer.card, wanted, total)),
            partial(self._granted, self._asks, wanted),
            partial(self._not_granted, self._asks),
        )

    def _granted(self, ask: int, wanted: Points, answer: tuple[Preferences, Backing]) -> None:
        rule, backing = answer
        self._consent.follow(rule)
        self._in_flight = False
        if ask != self._asks or self._desk.draft.phase is not Phase.ASKING:
            self._give_back(backing)
            return
        self._desk.draft.phase = Phase.PAYING
        usable = Points(min(backing.rest, wanted))
        if usable > 0:
            self._ask_to_use(backing, usable, wanted)
        else:
            self._desk.draft.payment.points_text = ""
            self._desk.say(RefusalCode.POINTS_NOT_AVAILABLE, Severity.WARNING)
            self._give_back(backing)

    def _ask_to_use(self, backing: Backing, usable: Points, wanted: Points) -> None:
        """Keep the points for this payment, and use them once the customer agrees; they go back if not."""
        payment = self._desk.draft.payment
        payment.backing, payment.points = backing, NO_POINTS

        def then(yes: bool) -> None:  # noqa: FBT001 - yes or no is what an answer is
            if yes:
                self._use(backing, usable, wanted)
            else:
                payment.points_text, payment.field = "", PayField.CASH
                self.let_go()
                self._desk.say(NoticeCode.CONSENT_REFUSED, Severity.WARNING)

        self._consent.ask(usable, then)

    def _use(self, backing: Backing, usable: Points, wanted: Points) -> None:
        payment, formats = self._desk.draft.payment, self._desk.formats
        payment.backing, payment.points = backing, usable
        payment.points_text = str(usable)
        payment.field, payment.replace_next = PayField.CASH, False
        payment.cash_text = ""
        figures = {
            "granted": formats.number(usable),
            "wanted": formats.number(wanted),
            "due": formats.money(left_to_pay(self._desk.draft)),
        }
        if usable < wanted:
            self._desk.say(NoticeCode.GRANTED_LESS, Severity.WARNING, **figures)
        else:
            self._desk.say(NoticeCode.GRANTED, Severity.SUCCESS, **figures)

    def _not_granted(self, ask: int, error: Exception) -> None:
        self._in_flight = False
        if ask != self._asks or self._desk.draft.phase is not Phase.ASKING:
            return
        self._desk.draft.phase = Phase.PAYING
        self._desk.draft.payment.points_text = ""
        self._desk.draft.payment.field = PayField.CASH
        self._desk.fail(error)

    def let_go(self) -> None:
        """Give back what is set aside for this payment."""
        payment = self._desk.draft.payment
        backing, payment.backing, payment.points = payment.backing, NO_BACKING, NO_POINTS
        if backing.rest:
            self._give_back(backing)

    def abandon(self) -> bool:
        """Give back what is set aside and whatever is still on its way; returns whether there was anything."""
        self._asks += 1
        asked = self._phone.abandon()
        had_points = asked or self._desk.draft.payment.backing.rest > 0
        self.let_go()
        return had_points

    def _give_back(self, backing: Backing) -> None:
        redeem = self._desk.till.redeem
        self._desk.run(partial(redeem.give_back, backing), _given_back, _not_given_back)


def _given_back(_: None) -> None:
    _log.info("points were given back")


def _not_given_back(error: Exception) -> None:
    _log.error("points could not be given back; the next start does it", exc_info=error)

"""The customer's consent to pay with many points: asked on the customer display, or given by showing the card.

One question serves one payment; while it stands nothing can be typed and the sale cannot be finished. Must never take
silence, a cashier's key or somebody else's card for a yes.
"""

from collections.abc import Callable

from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.domain.points import Points, value_of
from urs_desktop.domain.text import as_stored, is_phone
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.sale_draft import Consent, Desk
from urs_desktop.ui.presenters.sell_state import Phase


def _no_answer(_: bool) -> None:  # noqa: FBT001 - yes or no is what an answer is
    """Do nothing with an answer: nobody asked."""


class ConsentDesk:
    """Asks the customer of the sale in hand."""

    def __init__(self, desk: Desk) -> None:
        """Take the desk the parts share."""
        self._desk = desk
        self._rule = Preferences()
        self._then: Callable[[bool], None] = _no_answer

    def follow(self, rule: Preferences) -> None:
        """Take above how many points to ask from now on, and whether there is a display to ask on."""
        self._rule = rule

    def agreed(self, points: Points) -> None:
        """Note that the customer wants to pay with so many points: their own phone asked for them."""
        payment = self._desk.draft.payment
        payment.consented = max(payment.consented, points)

    def ask(self, points: Points, then: Callable[[bool], None]) -> None:
        """Have `then` told whether the customer agrees; at once where nobody need be asked. The caller publishes."""
        draft = self._desk.draft
        above = self._rule.consent_above
        if not above or points <= max(above, draft.payment.consented):
            then(True)
            return
        draft.payment.consent = Consent(points, on_display=self._rule.customer_display)
        draft.phase = Phase.CONSENT
        self._then = then
        self._say(NoticeCode.CONSENT_ON_DISPLAY if self._rule.customer_display else NoticeCode.CONSENT_BY_CARD)

    def _say(self, code: NoticeCode) -> None:
        consent, formats = self._desk.draft.payment.consent, self._desk.formats
        if consent is not None:
            worth = formats.money(value_of(consent.points, self._desk.draft.basket.currency))
            self._desk.say(code, Severity.WARNING, points=formats.number(consent.points), worth=worth)

    def pressed(self, yes: bool) -> None:  # noqa: FBT001 - yes or no is what an answer is
        """Take the answer pressed on the customer display; without a question it means nothing."""
        consent = self._desk.draft.payment.consent
        if consent is not None and consent.on_display:
            self._answer(yes=yes)
        self._desk.publish()

    def card_shown(self, code: str) -> None:
        """Take a scanned code: the card of this sale's customer, which they showed for it, is a yes."""
        attached = self._desk.draft.customer
        customer = attached.customer if attached else None
        if self._desk.draft.payment.consent is not None and attached is not None and customer is not None:
            theirs = {customer.card} if is_phone(attached.text) else {customer.card, as_stored(attached.text)}
            if as_stored(code) in theirs:
                self._answer(yes=True)
            else:
                self._say(NoticeCode.CONSENT_OTHER_CARD)
        self._desk.publish()

    def decline(self) -> bool:
        """Take the question back as if the answer were no; returns whether there was one. The caller publishes."""
        asked = self._desk.draft.payment.consent is not None
        if asked:
            self._answer(yes=False)
        return asked

    def _answer(self, *, yes: bool) -> None:
        payment = self._desk.draft.payment
        consent, payment.consent = payment.consent, None
        then, self._then = self._then, _no_answer
        self._desk.draft.phase = Phase.PAYING
        self._desk.hush()
        if yes and consent is not None:
            self.agreed(consent.points)
        then(yes)

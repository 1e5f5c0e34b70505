"""The form for a new customer: phone alone is enough, the question whether they may be known has to be answered.

Must never enrol at a second press, nor take no answer for a yes.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from urs_desktop.counter.use_cases.enrolling import Enrolled, NewCustomer
from urs_desktop.domain.permissions import Permission
from urs_desktop.ui.presenters.customer_wallet import CustomerWallet
from urs_desktop.ui.presenters.customers_draft import CustomersDesk
from urs_desktop.ui.presenters.customers_state import CustomersPage, FormField, FormView
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.notices import NoticeCode, Severity

LONGEST: Final = 300
_ENROL: Final = "enrol"
_PHONE_CHARACTERS: Final = frozenset("+-() ./0123456789")


class CustomerForm:
    """Enrols customers."""

    def __init__(self, desk: CustomersDesk, wallet: CustomerWallet, gate: Gate, wording: Callable[[], str]) -> None:
        """Take the desk, what shows the one who was enrolled, permissions, and the question as it is read out."""
        self._desk = desk
        self._wallet = wallet
        self._gate = gate
        self._wording = wording

    def open(self) -> None:
        """Open the form, with the phone number that was searched for."""
        draft = self._desk.draft
        if draft.page is not CustomersPage.FORM:
            words = draft.query.strip()
            self._wallet.close()
            draft.form = FormView(phone=words if words and set(words) <= _PHONE_CHARACTERS else "")
            draft.page, draft.notice = CustomersPage.FORM, None
            self._desk.publish()

    def close(self) -> bool:
        """Put the form away; False where it is not open. One that is being stored stays."""
        draft = self._desk.draft
        if draft.page is not CustomersPage.FORM:
            return False
        if not draft.form.saving:
            draft.page, draft.form, draft.notice = CustomersPage.NOBODY, FormView(), None
            self._desk.publish()
        return True

    def fill(self, place: FormField, text: str) -> None:
        """Take over what is typed into a field."""
        self._change(**{place.value: text[:LONGEST]})

    def answer(self, agreed: bool) -> None:  # noqa: FBT001 - it is what the signal of two buttons carries
        """Note what the customer answered to the question."""
        self._change(agreed=agreed)

    def _change(self, **values: str | bool) -> None:
        draft = self._desk.draft
        if draft.page is CustomersPage.FORM and not draft.form.saving:
            draft.form = replace(draft.form, **values)  # type: ignore[arg-type]
            draft.notice = None
            self._desk.publish()

    def save(self) -> None:
        """Enrol the customer, once."""
        draft, form = self._desk.draft, self._desk.draft.form
        if draft.page is not CustomersPage.FORM or form.saving:
            return
        if form.agreed is None:
            self._desk.say(NoticeCode.CONSENT_NEEDED, Severity.WARNING)
            self._desk.publish()
            return
        told = NewCustomer(form.phone, form.name, form.email, agreed=form.agreed, wording=self._wording())
        self._gate.demand(Permission.ENROL_CUSTOMER, "", lambda _: self._save(form, told))

    def _save(self, form: FormView, told: NewCustomer) -> None:
        draft = self._desk.draft
        if draft.page is CustomersPage.FORM and draft.form is form:
            draft.form, draft.notice = replace(form, saving=True), None
            self._desk.publish()
            self._desk.ask(_ENROL, partial(self._desk.till.enrolling.enrol, told), self._enrolled, self._not_enrolled)

    def _enrolled(self, done: Enrolled) -> None:
        draft, customer = self._desk.draft, done.customer
        draft.form, draft.query, draft.found = FormView(), "", (customer,)
        draft.searched = customer.phone or customer.card
        self._wallet.open(customer)
        if done.is_new:
            self._desk.say(NoticeCode.CUSTOMER_ENROLLED, Severity.SUCCESS, card=customer.card)
        else:
            self._desk.say(NoticeCode.CUSTOMER_KNOWN, Severity.WARNING, card=customer.card)

    def _not_enrolled(self, error: Exception) -> None:
        self._desk.draft.form = replace(self._desk.draft.form, saving=False)
        self._desk.fail(error)

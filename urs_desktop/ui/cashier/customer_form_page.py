"""The form for a new customer: phone, perhaps name and e-mail, and the question that has to be answered.

Must never answer the question by itself.
"""

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSizePolicy

from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.presenters.customers import CustomersPresenter
from urs_desktop.ui.presenters.customers_state import CustomersState, FormField
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.digit_pad import DigitPad
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.style import set_variant


class CustomerFormPage(Card):
    """Takes what a new customer says."""

    def __init__(self, presenter: CustomersPresenter, vendor: str) -> None:
        """Take the presenter and the name of the vendor who asks."""
        super().__init__("customer_form")
        self._presenter = presenter
        self._vendor = vendor
        self._fields = {
            FormField.PHONE: Field("enrol_phone", self.tr("Phone number")),
            FormField.NAME: Field("enrol_name", self.tr("Name, if given")),
            FormField.EMAIL: Field("enrol_email", self.tr("E-mail, if given")),
        }
        for place, field in self._fields.items():
            field.setPlaceholderText(field.accessibleName())
            field.textEdited.connect(partial(presenter.form.fill, place))
            field.returnPressed.connect(partial(self._next, place))
        self._question = Text("enrol_question", wraps=True)
        self._question.setText(self.question())
        self._question.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        # However long the name of the vendor, the form keeps its height: there is place for five lines.
        self._question.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.yes = Button("enrol_yes", "choice", self.tr("Yes (F8)"), self.tr("The customer agrees"))
        self.no = Button("enrol_no", "choice", self.tr("No (F9)"), self.tr("The customer does not agree"))
        self.yes.clicked.connect(partial(presenter.form.answer, True))
        self.no.clicked.connect(partial(presenter.form.answer, False))
        self.pad = DigitPad("enrol_pad", "+")
        self.pad.typed.connect(presenter.press)
        self._save = Button("enrol_save", "save", self.tr("Enrol (Enter)"))
        self._save.clicked.connect(presenter.form.save)
        cancel = Button("enrol_cancel", "action", self.tr("Cancel (Esc)"))
        cancel.clicked.connect(self._cancel)
        beside = row(self._fields[FormField.NAME], self._fields[FormField.EMAIL])
        asked = row(gap=sizes().space_medium)
        asked.addWidget(self._question, 1)
        asked.addLayout(column(self.yes, self.no, gap=sizes().space_tiny))
        buttons = row(cancel, self._save)
        buttons.setStretch(1, 1)
        layout = column(self._fields[FormField.PHONE], beside, gap=sizes().space_tiny)
        layout.addLayout(asked, 1)
        layout.addWidget(self.pad)
        layout.addLayout(buttons)
        self.setLayout(padded(layout, sizes().space_small))

    def question(self) -> str:
        """Return the question as it is read out, which is kept with the answer."""
        words = self.tr(
            "May {vendor} keep your name, phone number and e-mail at its tills, to find your points? "
            "You can take it back at any time."
        )
        return words.format(vendor=self._vendor)

    @Slot()
    def _cancel(self) -> None:
        self._presenter.form.close()

    def _next(self, place: FormField) -> None:
        """Go on to the next empty field, or enrol."""
        form = self._presenter.state.form
        if place is FormField.PHONE and form.phone and not form.name and form.agreed is None:
            self._fields[FormField.NAME].setFocus()
        else:
            self._presenter.form.save()

    def take_focus(self) -> None:
        """Begin with the phone number."""
        self._fields[FormField.PHONE].setFocus()

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self.pad.dress(colours)

    def render_state(self, state: CustomersState) -> None:
        """Show this state."""
        form = state.form
        texts = {FormField.PHONE: form.phone, FormField.NAME: form.name, FormField.EMAIL: form.email}
        for place, field in self._fields.items():
            field.show_text(texts[place])
            field.setEnabled(not form.saving)
        set_variant(self.yes, "chosen", "yes" if form.agreed is True else "")
        set_variant(self.no, "chosen", "yes" if form.agreed is False else "")
        self._save.setEnabled(bool(form.phone.strip()) and not form.saving)
        self._save.show_text(self.tr("Saving") if form.saving else self.tr("Enrol (Enter)"))

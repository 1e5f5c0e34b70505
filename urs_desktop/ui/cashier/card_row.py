"""The card on the pay page: what the terminal took and its reference.

Must never ask for a card number, nor drive a terminal.
"""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import PayField, PayState
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Line, Text
from urs_desktop.ui.widgets.layouts import column, row


class CardRow(QWidget):
    """Takes what was paid by card."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__()
        self.setObjectName("card_row")
        self._presenter = presenter
        words = Text("card_words", "strong", wraps=True)
        words.setText(self.tr("By card: let the terminal take the amount, then type the reference it printed"))
        self.amount = Field("card_field", self.tr("Amount by card"), "amount")
        self.reference = Field("reference_field", self.tr("Reference of the card terminal"))
        self._take = Button("card_take", "action", self.tr("Take"), self.tr("Take this amount by card"))
        self.amount.textEdited.connect(self._amount_edited)
        self.reference.textEdited.connect(self._reference_edited)
        self.amount.entered.connect(self._to_amount)
        self.reference.entered.connect(self._to_reference)
        self._take.clicked.connect(self._go_on)
        fields = row(self.amount, self.reference, self._take)
        fields.setStretch(0, 1)
        fields.setStretch(1, 1)
        self.setLayout(column(words, fields))

    @Slot(str)
    def _amount_edited(self, text: str) -> None:
        self._presenter.pay.edit(PayField.CARD, text)

    @Slot(str)
    def _reference_edited(self, text: str) -> None:
        self._presenter.pay.edit(PayField.REFERENCE, text)

    @Slot()
    def _to_amount(self) -> None:
        self._presenter.pay.focus(PayField.CARD)

    @Slot()
    def _to_reference(self) -> None:
        self._presenter.pay.focus(PayField.REFERENCE)

    @Slot()
    def _go_on(self) -> None:
        self._presenter.pay.accept_card()

    def render_state(self, pay: PayState, *, open_now: bool) -> None:
        """Show this state."""
        asked = pay.field in (PayField.CARD, PayField.REFERENCE)
        self.setVisible(asked)
        possible = open_now and not pay.nothing_due
        self.amount.show_text(pay.card_text, replaces=pay.replaces and pay.field is PayField.CARD)
        self.amount.setPlaceholderText(pay.card_offer)
        self.reference.show_text(pay.reference_text)
        self.reference.setPlaceholderText(self.tr("Reference"))
        for widget in (self.amount, self.reference, self._take):
            widget.setEnabled(possible)
        self._take.show_text(self.tr("Next") if pay.field is PayField.CARD else self.tr("Take"))


class CardsTaken(QWidget):
    """What cards have paid of this sale so far, and the way to take the last of it out again."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__()
        self.setObjectName("cards")
        self._presenter = presenter
        self._taken = Line("cards_taken", "muted")
        self._drop = Button("card_drop", "quiet", self.tr("Remove card"), self.tr("Remove the last card payment"))
        self._drop.clicked.connect(self._remove)
        layout = row(self._taken, self._drop)
        layout.setStretch(0, 1)
        self.setLayout(layout)

    @Slot()
    def _remove(self) -> None:
        self._presenter.pay.remove_card()

    def render_state(self, pay: PayState, *, open_now: bool) -> None:
        """Show this state."""
        self.setVisible(bool(pay.cards))
        self._drop.setEnabled(open_now)
        taken = (f"{amount} ({reference})" if reference else amount for amount, reference in pay.cards)
        self._taken.show_text(self.tr("By card: {cards}").format(cards=", ".join(taken)))

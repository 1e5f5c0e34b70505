"""The first zone while paying: what is due, points, cash, change. A page of the window, never a dialog.

Must never reckon, nor finish a sale by a press that was meant for opening the payment.
"""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QVBoxLayout

from urs_desktop.ui.cashier.card_row import CardRow, CardsTaken
from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.cashier.phone_button import PhoneButton
from urs_desktop.ui.messages import sentence
from urs_desktop.ui.presenters.pay_desk import EXACT
from urs_desktop.ui.presenters.points_desk import MAXIMUM
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import PayField, PayState, Phase, SellState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button, FigureButton, Key
from urs_desktop.ui.widgets.labels import Figure, Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.qr_code import QrCode
from urs_desktop.ui.widgets.style import set_variant

_NOTES, _LONG_NOTES = 4, 2
_CODE_SIDE = 308
_LONGEST_OF_FOUR = 12


class PayPage(Card):
    """Shows the payment being made."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__("pay_page")
        self._presenter = presenter
        self._due_words, self._due = Text("due_words", "strong"), Figure("due", sizes().type_total)
        self._points_hint, self._taken = Text("points_hint", "muted", wraps=True), CardsTaken(presenter)
        self.points = Field("points_field", self.tr("Points to pay with"), "amount")
        self.cash = Field("cash_field", self.tr("Cash handed over"), "amount")
        self._change_words = Text("change_words", "strong")
        self._change = Figure("pay_change", sizes().type_total)
        self._use = Button("points_use", "action", self.tr("Use"), self.tr("Use these points"))
        self._most = Button("points_max", "action", self.tr("Max"), self.tr("Use as many points as possible"))
        self._drop = Button("points_drop", "action", self.tr("Remove"), self.tr("Give the points back"))
        self._phone = PhoneButton(presenter)
        self._card = CardRow(presenter)
        self._code = QrCode("carried_code", self.tr("Code for the customer's phone"), _CODE_SIDE)
        self._by_card = Button("card_button", "action", self.tr("Card (F5)"), self.tr("Pay by card"))
        self._exact = FigureButton("cash_exact", "action", sizes().type_strong)
        self._notes = tuple(Key(f"note_{place}", "", role="action") for place in range(_NOTES))
        self._back = Button("pay_back", "tall", self.tr("Back (Esc)"), self.tr("Back to the cart"))
        self._finish = FigureButton("finish_button", "finish", sizes().type_title)
        self._exact.show_text(self.tr("Exact"))
        self._finish.show_text(self.tr("Finish"))
        for not_yet in (self._code, self._card, self._taken):
            not_yet.hide()  # until it is needed its place is not either: the window has to fit on small screens
        self._connect()
        self.setLayout(padded(self._laid_out()))

    def _connect(self) -> None:
        self.points.textEdited.connect(self._points_edited)
        self.cash.textEdited.connect(self._cash_edited)
        self.points.entered.connect(self._to_points)
        self.cash.entered.connect(self._to_cash)
        self._use.clicked.connect(self._use_points)
        self._most.clicked.connect(self._use_most)
        self._drop.clicked.connect(self._drop_points)
        self._exact.clicked.connect(self._take_exact)
        self._by_card.clicked.connect(self._to_card)
        self._back.clicked.connect(self._go_back)
        self._finish.clicked.connect(self._complete)
        for note in self._notes:
            note.typed.connect(self._take_note)

    def _laid_out(self) -> QVBoxLayout:
        points_words, cash_words = Text("points_words", "strong"), Text("cash_words", "strong")
        points_words.setText(self.tr("Points (F4)"))
        points = row(self.points, self._use, self._most, self._phone, self._drop)
        points.setStretch(0, 1)
        cash = row(self.cash, self._exact, self._by_card)
        cash.setStretch(0, 1)
        notes = row(*self._notes)
        ends = row(self._back, self._finish)
        ends.setStretch(1, 1)
        due = row(self._due_words, self._due)
        change = row(self._change_words, self._change)
        self._cash_words = cash_words
        code = row(self._code)
        code.setAlignment(self._code, Qt.AlignmentFlag.AlignHCenter)
        of_points = (points_words, points, self._points_hint, code)
        parts = (due, self._taken, *of_points, self._card, cash_words, cash, notes, change)
        layout = column(*parts)
        layout.addStretch(1)
        layout.addLayout(ends)
        return layout

    @Slot(str)
    def _points_edited(self, text: str) -> None:
        self._presenter.pay.edit(PayField.POINTS, text)

    @Slot(str)
    def _cash_edited(self, text: str) -> None:
        self._presenter.pay.edit(PayField.CASH, text)

    @Slot()
    def _to_points(self) -> None:
        self._presenter.pay.focus(PayField.POINTS)

    @Slot()
    def _to_cash(self) -> None:
        self._presenter.pay.focus(PayField.CASH)

    @Slot()
    def _to_card(self) -> None:
        self._presenter.pay.focus(PayField.CARD)

    @Slot()
    def _use_points(self) -> None:
        pay = self._presenter.state.pay
        if pay is not None:
            self._presenter.pay.offer_points(pay.points_text)

    @Slot()
    def _use_most(self) -> None:
        self._presenter.pay.offer_points(MAXIMUM)

    @Slot()
    def _drop_points(self) -> None:
        self._presenter.pay.offer_points(0)

    @Slot()
    def _take_exact(self) -> None:
        self._presenter.pay.tender_cash(EXACT)

    @Slot(str)
    def _take_note(self, amount: str) -> None:
        self._presenter.pay.tender_cash(amount)

    @Slot()
    def _go_back(self) -> None:
        self._presenter.pay.cancel()

    @Slot()
    def _complete(self) -> None:
        self._presenter.pay.confirm()

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        pay = state.pay
        if pay is None:
            return
        open_now = state.phase is Phase.PAYING
        partly = bool(pay.points_applied or pay.cards)
        self._due_words.setText(self.tr("Left to pay") if partly else self.tr("To pay"))
        self._due.show_text(pay.due)
        self._taken.render_state(pay, open_now=open_now)
        self._render_points(pay, state.phase)
        self._render_cash(pay, open_now=open_now)
        self._back.setEnabled(state.phase is not Phase.COMPLETING)
        self._finish.setEnabled(open_now and pay.field not in (PayField.CARD, PayField.REFERENCE))
        self._finish.show_text(self._finishing(pay, state.phase))

    def _render_points(self, pay: PayState, phase: Phase) -> None:
        by_phone = bool(pay.carried)
        possible = phase is Phase.PAYING and (pay.points_refused is None or by_phone)
        self.points.show_text(pay.points_text, replaces=pay.replaces and pay.field is PayField.POINTS)
        self.points.setEnabled(possible)
        applied = bool(pay.points_applied)
        for button, shown in ((self._use, not applied), (self._most, not applied), (self._drop, applied)):
            button.setVisible(shown)
            button.setEnabled(possible or (shown and applied and phase is Phase.PAYING))
        self._use.setEnabled(possible and bool(pay.points_text))
        self._phone.render_state(pay, phase)
        self._code.show_text(pay.carried)
        of_cash = (self._cash_words, self.cash, self._exact, self._by_card, self._change_words, self._change)
        by_card = pay.field in (PayField.CARD, PayField.REFERENCE)
        if by_phone or by_card:  # first, or for a moment both are there and the window outgrows the screen
            for widget in (*of_cash, *self._notes):
                widget.hide()
        self._code.setVisible(by_phone)
        self._card.render_state(pay, open_now=phase is Phase.PAYING)
        for widget in of_cash:
            widget.setVisible(not by_phone and not by_card)
        self._points_hint.setText(self._about_points(pay, phase))

    def _about_points(self, pay: PayState, phase: Phase) -> str:
        if phase is Phase.ASKING:
            return self.tr("Asking the central store. Esc stops.")
        if pay.consent is not None:
            words = self.tr("Waiting for the customer: {points} points pay {worth}. Esc stops.")
            return words.format(points=pay.consent.points, worth=pay.consent.worth)
        if pay.carried:
            return self.tr("Scan here what the phone shows.")
        if pay.points_applied:
            return self.tr("{points} points pay {worth}.").format(points=pay.points_applied, worth=pay.points_worth)
        if pay.points_refused is not None:
            return sentence(pay.points_refused)
        return self.tr("This sale takes up to {points} points.").format(points=pay.points_maximum)

    def _render_cash(self, pay: PayState, *, open_now: bool) -> None:
        takes_cash = open_now and not pay.nothing_due
        self.cash.show_text(pay.cash_text, replaces=pay.replaces and pay.field is PayField.CASH)
        self.cash.setEnabled(takes_cash)
        in_cash = pay.rounded or pay.due
        self.cash.setPlaceholderText(in_cash)
        self._cash_words.setText(
            self.tr("Cash handed over, rounded to {amount}").format(amount=pay.rounded)
            if pay.rounded
            else self.tr("Cash handed over")
        )
        self._exact.setEnabled(open_now)
        self._by_card.setEnabled(takes_cash)
        self._exact.setAccessibleName(self.tr("Exact cash: finish with {due}").format(due=in_cash))
        are_long = any(len(words) > _LONGEST_OF_FOUR for _, words in pay.notes)
        offered = pay.notes[:_LONG_NOTES] if are_long else pay.notes
        for place, note in enumerate(self._notes):
            amount, words = offered[place] if place < len(offered) else ("", "")
            note.stand_for(amount, words)
            note.setVisible(bool(amount) and not pay.carried and pay.field not in (PayField.CARD, PayField.REFERENCE))
            note.setEnabled(takes_cash)
        self._change_words.setText(self.tr("Missing") if pay.missing else self.tr("Change"))
        set_variant(self._change_words, "role", "danger" if pay.missing else "strong")
        unknown = "?" if pay.unreadable else "\u2013"
        self._change.show_text(pay.missing or pay.change or unknown)

    def _finishing(self, pay: PayState, phase: Phase) -> str:
        if phase is Phase.COMPLETING:
            return self.tr("Saving")
        if phase is Phase.ASKING:
            return self.tr("Asking")
        if phase is Phase.CONSENT:
            return self.tr("Waiting for the customer")
        if pay.field in (PayField.CARD, PayField.REFERENCE):
            return self.tr("Card first: Enter takes it")
        if pay.cash_text and not pay.nothing_due:
            return self.tr("Finish (Enter)")
        return self.tr("Finish: exactly {due}").format(due=pay.rounded or pay.due)

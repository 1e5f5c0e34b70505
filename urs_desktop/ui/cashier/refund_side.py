"""What a refund gives and takes, and the one key that confirms it.

Must never reckon.
"""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from urs_desktop.ui.presenters.formatting import plain
from urs_desktop.ui.presenters.refund import RefundPresenter
from urs_desktop.ui.presenters.refund_state import QuoteView, RefundPhase, RefundState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button, FigureButton
from urs_desktop.ui.widgets.labels import Figure, Line, Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.style import set_variant


class RefundSide(Card):
    """Shows the sale that is refunded and what that comes to; `confirm` is laid out by the room."""

    def __init__(self, presenter: RefundPresenter) -> None:
        """Take the presenter."""
        super().__init__("refund_side")
        self._presenter = presenter
        self._sale, self._who = Line("refund_sale", "strong"), Line("refund_who", "muted")
        self._total = Figure("refund_total", sizes().type_total)
        self._effects = Text("refund_effects", wraps=True)
        self._effects.setAlignment(Qt.AlignmentFlag.AlignTop)
        # However long what is said, the room keeps its height: there is place for five lines.
        self._effects.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.confirm = FigureButton("refund_confirm", "pay", sizes().type_title)
        self.confirm.clicked.connect(self._press)
        self._known = Text("refund_certainty", "muted", wraps=True)
        said = column(self._sale, self._who, self._total, self._effects, self._known, gap=sizes().space_tiny)
        said.setStretch(3, 1)
        self.setLayout(padded(said))

    @Slot()
    def _press(self) -> None:
        self._presenter.submit()

    def render_state(self, state: RefundState) -> None:
        """Show this state."""
        self._sale.show_text(self.tr("Receipt {number}").format(number=state.number) if state.number else "")
        self._who.show_text(" \u00b7 ".join(part for part in (state.moment, state.customer) if part))
        if state.done is not None:
            done = state.done
            self._sale.show_text(
                self.tr("Refund {number} of {sale}").format(number=done.number, sale=done.sale_number or state.number)
            )
            self._total.show_text(done.total)
            self._effects.setText(self._gives(QuoteView(done.total, done.cash, done.card, done.points, done.clawed)))
        else:
            self._total.show_text(state.quote.total if state.quote else "")
            self._effects.setText(self._gives(state.quote) if state.quote else self._nothing(state))
        adds = state.phase is RefundPhase.GATHERING and bool(state.text)
        chosen = bool(state.quote) and state.phase in (RefundPhase.CHOOSING, RefundPhase.GATHERING)
        self.confirm.setEnabled(state.phase is RefundPhase.DONE or chosen or adds)
        self._known.setText(self._certainty(state))
        self._known.setVisible(bool(self._known.text()))
        set_variant(self._known, "role", "muted" if state.confirmed else "warning")
        self.confirm.show_text(self._words(state))

    def _certainty(self, state: RefundState) -> str:
        if state.phase is RefundPhase.GATHERING:
            return self.tr("Without a receipt somebody else has to allow it.")
        if state.phase is not RefundPhase.CHOOSING:
            return ""
        if state.confirmed:
            return self.tr("The central store confirmed what came back before.")
        return self.tr("Not confirmed: refunds at other counters may be missing.")

    def _words(self, state: RefundState) -> str:
        if state.phase is RefundPhase.DONE:
            return self.tr("Next refund (Enter)")
        if state.phase is RefundPhase.COMPLETING:
            return self.tr("Saving")
        if state.phase is RefundPhase.GATHERING and state.text:
            return self.tr("Add {code} (Enter)").format(code=plain(state.text))
        if state.quote is None:
            return self.tr("Refund")
        return self.tr("Refund {total} (Enter)").format(total=state.quote.total)

    def _nothing(self, state: RefundState) -> str:
        if state.phase is RefundPhase.CHOOSING:
            return self.tr("Nothing is chosen yet: + takes a piece back, A everything that is left.")
        if state.phase is RefundPhase.GATHERING:
            return self.tr("Nothing is scanned yet. Prices are those of the catalogue.")
        return ""

    def _gives(self, quote: QuoteView) -> str:
        said = []
        if quote.cash:
            said.append(self.tr("Give back in money: {cash}").format(cash=quote.cash))
        if quote.card:
            said.append(self.tr("Give back on the card terminal: {card}").format(card=quote.card))
        if quote.points:
            said.append(self.tr("Points go back to the wallet: {points}").format(points=quote.points))
        if quote.clawed:
            said.append(self.tr("Points earned are taken back: {points}").format(points=quote.clawed))
        if quote.owed:
            said.append(
                self.tr("Of these the customer no longer has {points}: owed, and repaid by the next points.").format(
                    points=quote.owed
                )
            )
        if quote.tax:
            said.append(self.tr("Tax in it: {tax}").format(tax=quote.tax))
        return "\n".join(said)


class RefundActions(QWidget):
    """Keys under the lines of the sale: pieces more and fewer, everything, another receipt."""

    def __init__(self, presenter: RefundPresenter) -> None:
        """Take the presenter."""
        super().__init__()
        self.setObjectName("refund_actions")
        self._presenter = presenter
        fewer = Button("refund_fewer", "action", "\u2013 1", self.tr("One piece fewer"))
        more = Button("refund_more", "action", "+ 1", self.tr("One piece more"))
        every = Button("refund_all", "action", self.tr("All (A)"), self.tr("Everything that is left"))
        self._other = Button("refund_other", "action", self.tr("Other receipt"), self.tr("Choose another receipt"))
        fewer.clicked.connect(self._fewer)
        more.clicked.connect(self._more)
        every.clicked.connect(self._all)
        self._other.clicked.connect(self._begin)
        self._card = Button("refund_by_card", "choice", self.tr("By card (C)"), self.tr("Give it back by the terminal"))
        self._card.clicked.connect(presenter.toggle_card)
        self._without = Button("refund_without", "action", self.tr("Goods without a receipt (F6)"))
        self._without.clicked.connect(presenter.without_receipt)
        self._on_lines, self._every = (fewer, more, every), every
        self.setLayout(row(*self._on_lines, self._card, self._other, self._without))

    @Slot()
    def _fewer(self) -> None:
        self._presenter.step(-1)

    @Slot()
    def _more(self) -> None:
        self._presenter.step(1)

    @Slot()
    def _all(self) -> None:
        self._presenter.take_all()

    @Slot()
    def _begin(self) -> None:
        self._presenter.begin()

    def render_state(self, state: RefundState) -> None:
        """Show this state."""
        choosing, done = state.phase is RefundPhase.CHOOSING, state.phase is RefundPhase.DONE
        gathering, looking = state.phase is RefundPhase.GATHERING, state.phase is RefundPhase.LOOKING
        self._without.setVisible(looking)
        self._other.setVisible(not looking)
        self._other.setEnabled(choosing or done or gathering)
        for button in self._on_lines:
            button.setVisible(not looking)
            button.setEnabled(choosing or (gathering and bool(state.lines)))
        self._every.setVisible(not looking and not gathering)
        self._card.setVisible(choosing and state.may_use_card)
        set_variant(self._card, "chosen", "yes" if state.by_card else "")

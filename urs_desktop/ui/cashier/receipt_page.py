"""The first zone after a sale: change to give, what was bought and paid, points, and one key to the next sale.

Shows what is on disk. Must never appear before it is.
"""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from urs_desktop.ui.messages import age_text
from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.outcome_texts import adjustment_text
from urs_desktop.ui.presenters.print_view import PrintStage, PrintView
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import ReceiptLine, ReceiptView, SellState
from urs_desktop.ui.printer_texts import paper_text
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Figure, Line, Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.style import set_variant
from urs_desktop.ui.widgets.tables import RowTable


class ReceiptPage(Card):
    """Shows the receipt of the sale just made."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__("receipt_page")
        self._presenter = presenter
        self._change_words, self._change = (
            Text("receipt_change_words", "title"),
            Figure("receipt_change", sizes().type_change),
        )
        self._vendor, self._number = Line("receipt_vendor", "strong"), Line("receipt_number", "muted")
        columns = (Column(self.tr("Item")), Column(self.tr("Qty and price"), True), Column(self.tr("Total"), True))
        self.model = RowsModel(columns)
        self.table = RowTable(
            "receipt_table",
            self.tr("Receipt lines"),
            self.model,
            stretched=0,
            row_height=sizes().touch_row - sizes().space_small,
        )
        self.table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.table.setSelectionMode(RowTable.SelectionMode.NoSelection)
        self._worked_on = Text("receipt_worked_on", "muted", wraps=True)
        self._total, self._tenders = Line("receipt_total", "strong"), Line("receipt_tenders")
        self._points, self._balance = (
            Text("receipt_points", "earns", wraps=True),
            Text("receipt_balance", "muted", wraps=True),
        )
        self._adjusted = Text("receipt_adjusted", "warning", wraps=True)
        for line in (self._worked_on, self._total, self._tenders):
            line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._paper = Text("receipt_paper", "muted", wraps=True)
        self._again = Button("print_again_button", "action", self.tr("Print again (F6)"), self.tr("Print the receipt"))
        self._save = Button("save_pdf_button", "action", self.tr("Save as PDF"))
        self._next = Button("next_sale_button", "primary", self.tr("Next sale (Enter)"))
        self._next.clicked.connect(self._begin)
        change = row(self._change_words, self._change)
        layout = column(
            *(change, self._vendor, self._number, self.table, self._worked_on, self._total, self._tenders),
            gap=sizes().space_tiny,
        )
        layout.setStretch(3, 1)
        layout.addSpacing(sizes().space_tiny)
        for widget in (self._points, self._balance, self._adjusted, self._paper, self._paper_actions(), self._next):
            layout.addWidget(widget)
        self.setLayout(padded(layout))

    def _paper_actions(self) -> QWidget:
        """Return the buttons for what one may want on paper, beside each other."""
        self._again.clicked.connect(self._print)
        self._save.clicked.connect(self._save_pdf)
        actions = QWidget()
        buttons = row(self._again, self._save)
        buttons.setContentsMargins(0, 0, 0, sizes().space_tiny)
        actions.setLayout(buttons)
        return actions

    @Slot()
    def _print(self) -> None:
        self._presenter.printing.again()

    @Slot()
    def _save_pdf(self) -> None:
        self._presenter.printing.save()

    @Slot()
    def _begin(self) -> None:
        self._presenter.new_sale()

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        receipt = state.receipt
        if receipt is None:
            return
        self._change_words.setText(self.tr("Change") if receipt.has_change else self.tr("No change"))
        self._change.show_text(receipt.change if receipt.has_change else "")
        self._vendor.show_text(" · ".join(part for part in (receipt.vendor, receipt.location) if part))
        self._number.show_text(
            self.tr("Receipt {number} · {moment}").format(number=receipt.number, moment=receipt.moment)
        )
        self.model.show_rows([(self._name(line), line.amount, line.total) for line in receipt.lines])
        worked_on = self._worked(receipt)
        self._worked_on.setText(" \u00b7 ".join(worked_on))
        self._worked_on.setVisible(bool(worked_on))
        self._total.show_text(self._sum(receipt))
        self._tenders.show_text(" · ".join(self._tender(kind, amount) for kind, amount in receipt.tenders))
        self._points.setText(self._earning(receipt))
        self._points.setVisible(bool(receipt.card))
        self._balance.setText(self._standing(receipt))
        self._adjusted.setText(self._told(receipt))
        self._adjusted.setVisible(bool(receipt.adjustments))
        self._render_paper(state.printing)

    def _render_paper(self, printing: PrintView) -> None:
        first = printing.stage is PrintStage.UNASKED
        self._again.show_text(self.tr("Print receipt (F6)") if first else self.tr("Print again (F6)"))
        self._again.setVisible(printing.stage is not PrintStage.NONE)
        self._again.setEnabled(printing.stage is not PrintStage.WAITING)
        self._paper.setText(paper_text(printing))
        self._paper.setVisible(bool(self._paper.text()))
        failed = printing.stage in (PrintStage.KEPT, PrintStage.UNKNOWN)
        set_variant(self._paper, "role", "warning" if failed else "muted")

    def _told(self, receipt: ReceiptView) -> str:
        """Return the first receipt that was posted otherwise and how many more there are: the page has room for one."""
        told = [adjustment_text(each) for each in receipt.adjustments[:1]]
        more = len(receipt.adjustments) - len(told)
        if more:
            told.append(self.tr("And {count} more; see the status of this counter.").format(count=more))
        return " ".join(told)

    def _name(self, line: ReceiptLine) -> str:
        """Return what was bought, with what was done to its price."""
        notes = (
            self.tr("instead of {price}").format(price=line.list_price) if line.list_price else "",
            self.tr("discount {amount}").format(amount=line.discount) if line.discount else "",
        )
        said = " \u00b7 ".join(note for note in notes if note)
        return f"{line.description}\n{said}" if said else line.description

    def _worked(self, receipt: ReceiptView) -> list[str]:
        said = [self.tr("Discount {amount}").format(amount=receipt.discount)] if receipt.discount else []
        for tax in receipt.taxes:
            words = self.tr("incl. {rate} tax {tax}") if tax.included else self.tr("plus {rate} tax {tax}")
            said.append(words.format(rate=tax.rate, tax=tax.tax))
        return said

    def _sum(self, receipt: ReceiptView) -> str:
        total = self.tr("Total {total}").format(total=receipt.total)
        return total + (self.tr(", rounded {amount}").format(amount=receipt.rounding) if receipt.rounding else "")

    def _tender(self, kind: str, amount: str) -> str:
        if kind == "points":
            return self.tr("Points {amount}").format(amount=amount)
        if kind == "card":
            return self.tr("Card {amount}").format(amount=amount)
        return self.tr("Cash {amount}").format(amount=amount)

    def _earning(self, receipt: ReceiptView) -> str:
        earned = self.tr("Earned {points} points").format(points=receipt.earned)
        if receipt.redeemed == "0":
            return earned
        return " · ".join((earned, self.tr("paid with {points} points").format(points=receipt.redeemed)))

    def _standing(self, receipt: ReceiptView) -> str:
        if not receipt.card:
            return self.tr("No customer, so nobody earned points.")
        name = receipt.customer or self.tr("Card {code}").format(code=receipt.card)
        if not receipt.balance:
            return self.tr("{name}: the balance is not known here.").format(name=name)
        words = self.tr("{name}: {points} points at the central store, updated {age}.")
        if receipt.balance_is_before:
            words = self.tr("{name}: {points} points without what this sale earned, updated {age}.")
        return words.format(name=name, points=receipt.balance, age=age_text(receipt.balance_age))

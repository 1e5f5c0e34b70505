"""What the cart comes to and the points it earns, large enough for both sides of the counter.

Must never reckon.
"""

from PySide6.QtCore import Slot

from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Overlay, SellState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Figure, Line, Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.style import set_variant


class TotalsPanel(Card):
    """Shows the total and the points to earn."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__("totals_panel")
        self._presenter = presenter
        self._count = Line("totals_count", "muted")
        self._total = Figure("total", sizes().type_total)
        self._earns = Text("earns", "earns", wraps=True)
        self._why = Button("why_button", "link", self.tr("Why?"), self.tr("Why this many points?"))
        keeps_its_place = self._why.sizePolicy()
        keeps_its_place.setRetainSizeWhenHidden(True)
        self._why.setSizePolicy(keeps_its_place)
        self._why.clicked.connect(self._explain)
        words = Text("total_words", "strong")
        words.setText(self.tr("Total"))
        earning = row(self._earns, self._why)
        earning.setStretch(0, 1)
        head = row(words, self._count)
        head.addStretch(1)
        layout = column(head, self._total, earning, gap=0)
        self.setLayout(padded(layout))

    @Slot()
    def _explain(self) -> None:
        self._presenter.show(Overlay.WHY)

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        totals = state.totals
        worked_on = bool(totals.discount or totals.tax)
        count = self.tr("Pieces {pieces}") if worked_on else self.tr("Pieces {pieces} · lines {lines}")
        parts = (
            count.format(pieces=totals.pieces, lines=totals.lines),
            self.tr("discount {amount}").format(amount=totals.discount) if totals.discount else "",
            self.tr("tax {amount}").format(amount=totals.tax) if totals.tax else "",
        )
        self._count.show_text(" \u00b7 ".join(part for part in parts if part))
        self._total.show_text(totals.total)
        self._earns.setText(self._earning(state))
        set_variant(self._earns, "role", "earns" if totals.earns_is_sure and totals.earns != "0" else "hint")
        self._why.setVisible(totals.has_policy and not totals.is_final)

    def _earning(self, state: SellState) -> str:
        totals = state.totals
        if not totals.has_policy:
            return self.tr("No reward policy: earns no points")
        if totals.is_final:
            return self.tr("Earned {points} points").format(points=totals.earns if totals.earns_is_sure else "0")
        if not totals.lines:
            return self.tr("Earns points above {threshold}").format(threshold=state.why.threshold)
        if totals.earns == "0":
            return self.tr("Earns no points yet")
        words = self.tr("Earns {points} points") if totals.earns_is_sure else self.tr("Would earn {points} points")
        return words.format(points=totals.earns)

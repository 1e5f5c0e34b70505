"""Explanations over the first zone: the list of keys, and why a cart earns the points it earns.

Must never take part in a sale: behind it everything is as it was.
"""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QScrollArea, QStackedLayout, QWidget

from urs_desktop.ui.key_words import BINDINGS_CHANGED, bindings
from urs_desktop.ui.presenters.key_bindings import Action
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Overlay, SellState, WhyView
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded


class InfoPage(Card):
    """Shows one page of explanations."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__("info_page")
        self._caps: list[tuple[Text, Action]] = []
        self._presenter = presenter
        self._title = Text("info_title", "title", wraps=True)
        self._why = Text("why_text", wraps=True)
        self._why.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._scrolled(self._key_list(), "keys_scroll"))
        self._pages.addWidget(self._scrolled(self._why, "why_scroll"))
        close = Button("info_close", "action", self.tr("Close (Esc)"))
        close.clicked.connect(self._close)
        BINDINGS_CHANGED.connect(self._show_caps)
        pages = QWidget()
        pages.setLayout(self._pages)
        layout = column(self._title, pages, close, gap=sizes().space_medium)
        layout.setStretch(1, 1)
        self.setLayout(padded(layout))

    def _scrolled(self, widget: QWidget, name: str) -> QScrollArea:
        area = QScrollArea()
        area.setObjectName(name)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(widget)
        return area

    def _key_list(self) -> QWidget:
        keys: tuple[tuple[Action | str, str], ...] = (
            (Action.HELP, self.tr("This list")),
            (Action.SEARCH, self.tr("Search: go to the entry field")),
            (Action.CUSTOMER, self.tr("Find the customer")),
            (Action.REDEEM, self.tr("Pay with points; again for the most")),
            (Action.QUANTITY, self.tr("Quantity of the chosen line; while paying: by card")),
            (Action.PRICE, self.tr("Price of the chosen line, or a discount: 10% or -1.50")),
            (Action.PRICE, self.tr("While paying offline: let the customer's phone ask for points")),
            (Action.PRICE, self.tr("After a sale: print the receipt, or print it again")),
            (Action.HOLD, self.tr("Hold this sale")),
            (Action.RECALL, self.tr("Recall a held sale")),
            (Action.REFUND, self.tr("Refund")),
            (Action.DRAWER, self.tr("Open the drawer without a sale")),
            (Action.MENU, self.tr("Menu: shift, customers, dashboard, settings")),
            (Action.PAY, self.tr("Pay")),
            (Action.SHIFT, self.tr("Shift: open, pay in and out, close")),
            (Action.LOCK, self.tr("Lock, or switch cashier; so does Ctrl+L")),
            (Action.THEME, self.tr("Light, dark, high contrast")),
            (Action.VOID, self.tr("Remove the chosen line")),
            ("Enter", self.tr("Accept; on an empty cash field: exact cash")),
            ("Esc", self.tr("Back")),
            (self.tr("Up, Down"), self.tr("Choose a line, or a match")),
            ("?", self.tr("Price check: scan or type a code, nothing is added")),
            ("3*CODE", self.tr("Three pieces of CODE")),
            ("3*", self.tr("Three pieces of whatever comes next")),
            ("*5", self.tr("Five pieces on the chosen line")),
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(sizes().space_medium)
        grid.setVerticalSpacing(sizes().space_small)
        padded(grid, 0)
        for line, (name, meaning) in enumerate(keys):
            cap, words = Text(f"key_cap_{line}", "key"), Text(f"key_meaning_{line}", wraps=True)
            if isinstance(name, Action):
                self._caps.append((cap, name))
            else:
                cap.setText(name)
            cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
            words.setText(meaning)
            grid.addWidget(cap, line, 0)
            grid.addWidget(words, line, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(keys), 1)
        self._show_caps()
        page = QWidget()
        page.setLayout(grid)
        return page

    @Slot()
    def _show_caps(self) -> None:
        for cap, action in self._caps:
            cap.setText(bindings().key(action))

    @Slot()
    def _close(self) -> None:
        self._presenter.show(Overlay.NONE)

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        if state.overlay is Overlay.WHY:
            self._title.setText(self.tr("Why {points} points?").format(points=state.totals.earns))
            self._why.setText(self._explanation(state.why))
            self._pages.setCurrentIndex(1)
        elif state.overlay is Overlay.KEYS:
            self._title.setText(self.tr("Keys"))
            self._pages.setCurrentIndex(0)

    def _explanation(self, why: WhyView) -> str:
        whose = self.tr("this vendor's own") if why.own_policy else self.tr("the vendor category's")
        policy = self.tr("Reward policy version {version} ({whose}), in force since {since}.").format(
            version=why.version, whose=whose, since=why.valid_from
        )
        rule = self.tr(
            "A purchase above {threshold} earns {rate} of all that is not paid with points, rounded down once. "
            "At or below {threshold} it earns nothing."
        ).format(threshold=why.threshold, rate=why.rate)
        return "\n\n".join((policy, rule, self._arithmetic(why), self._redemption(why)))

    def _arithmetic(self, why: WhyView) -> str:
        if not why.exceeds:
            return self.tr("{base} does not exceed {threshold}, so this purchase earns 0 points.").format(
                base=why.base, threshold=why.threshold
            )
        words = self.tr(
            "{base} exceeds {threshold}. {base} times {rate} is {product} points, rounded down: {earns} points."
        )
        said = words.format(base=why.base, threshold=why.threshold, rate=why.rate, product=why.product, earns=why.earns)
        if why.points_paid:
            said += " " + self.tr("({points} points pay the rest and earn nothing.)").format(points=why.points_paid)
        return said

    def _redemption(self, why: WhyView) -> str:
        if not why.redeems:
            return self.tr("Points are earned here, not redeemed.")
        return self.tr("Points may pay up to {share} of a purchase; one point is worth the smallest coin unit.").format(
            share=why.redeemable
        )

"""The pages of the customer display: welcome, the sale and its payment, the question, the thanks.

Must never decide which of them is shown.
"""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from urs_desktop.ui.customer_display.large import Large, LargeButton
from urs_desktop.ui.customer_display.lines import DisplayLines
from urs_desktop.ui.messages import age_text
from urs_desktop.ui.presenters.customer_display import DisplayState, Scene, Wallet
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.layouts import Card, column, padded, row, show_only
from urs_desktop.ui.widgets.qr_code import QrCode

_CENTRE = Qt.AlignmentFlag.AlignHCenter
_RIGHT = Qt.AlignmentFlag.AlignRight
_CODE_SIDE = 220
_LINES, _SIDE = 58, 42


class WelcomeScene(QWidget):
    """Nobody buys anything: the vendor's name and how to collect points."""

    def __init__(self) -> None:
        """Lay the page out."""
        super().__init__()
        self._vendor = Large("display_vendor", sizes().display_total, alignment=_CENTRE)
        self._welcome = Large("display_welcome", sizes().display_strong, "hint", _CENTRE)
        self._hint = Large("display_hint", sizes().display_body, "hint", _CENTRE)
        self._welcome.show_text(self.tr("Welcome"))
        self._hint.show_text(self.tr("Show your card to collect points"))
        layout = column(gap=sizes().space_large)
        layout.addStretch(3)
        for words in (self._welcome, self._vendor, self._hint):
            layout.addWidget(words)
        layout.addStretch(4)
        self.setLayout(padded(layout, 2 * sizes().space_large))

    def render_state(self, state: DisplayState) -> None:
        """Show this state."""
        self._vendor.show_text(state.vendor)


class WalletCard(Card):
    """The customer: a greeting, points, their worth, how fresh; or how to become one."""

    def __init__(self) -> None:
        """Lay the card out."""
        super().__init__("display_wallet")
        self._hello = Large("display_hello", sizes().display_body)
        self._points = Large("display_points", sizes().display_strong, "accent")
        self._age = Large("display_age", sizes().display_small, "hint")
        self.setLayout(padded(column(self._hello, self._points, self._age, gap=0)))

    def render_state(self, state: DisplayState) -> None:
        """Show this state."""
        wallet = state.wallet
        if wallet is None:
            self._hello.show_text(self.tr("Collecting points?"))
            self._points.show_text("")
            self._age.show_text(self.tr("Show your card before you pay."))
        else:
            self._hello.show_text(
                self.tr("Hello, {name}").format(name=wallet.first_name) if wallet.first_name else self.tr("Hello")
            )
            self._points.show_text(self._sum(wallet))
            self._age.show_text(self._freshness(wallet))
        self._points.setVisible(bool(self._points.text()))

    def _sum(self, wallet: Wallet) -> str:
        if not wallet.points:
            return ""
        return self.tr("{points} points = {worth}").format(points=wallet.points, worth=wallet.worth)

    def _freshness(self, wallet: Wallet) -> str:
        if wallet.points:
            return self.tr("updated {age}").format(age=age_text(wallet.age))
        if wallet.asking:
            return self.tr("Looking up your points")
        return self.tr("You collect points with this purchase.")


class _Sum(QWidget):
    """A row of the sum: what it is and how much."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__()
        self.setObjectName(name)
        words_label = Large(f"{name}_words", sizes().display_small, "hint")
        words_label.show_text(words)
        self.amount = Large(f"{name}_amount", sizes().display_body, alignment=_RIGHT)
        self.setLayout(row(words_label, self.amount))


def _less(amount: str) -> str:
    return f"\u2013{amount}" if amount else ""


class SaleScene(QWidget):
    """The sale while it is rung up and paid."""

    def __init__(self) -> None:
        """Lay the page out."""
        super().__init__()
        self.lines = DisplayLines()
        self._wallet = WalletCard()
        self._discount = _Sum("display_discount", self.tr("Discount"))
        self._tax = _Sum("display_tax", self.tr("Tax"))
        self._sum = _Sum("display_sum", self.tr("Total"))
        self._points = _Sum("display_paid_points", self.tr("Points"))
        self._card = _Sum("display_paid_card", self.tr("Card"))
        self._change = _Sum("display_change_row", self.tr("Change"))
        self._words = Large("display_total_words", sizes().display_body, "hint")
        self._total = Large("display_total", sizes().display_total, alignment=_RIGHT)
        self._earns = Large("display_earns", sizes().display_body, "good")
        self.setLayout(padded(self._laid_out(), sizes().space_large))

    def _laid_out(self) -> QHBoxLayout:
        list_card = Card("display_lines_card")
        list_card.setLayout(padded(column(self.lines), sizes().space_small))
        sums = Card("display_sums")
        parts = (self._discount, self._tax, self._sum, self._points, self._card)
        layout = column(*parts, self._words, self._total, self._change, self._earns, gap=0)
        layout.insertStretch(0, 1)
        sums.setLayout(padded(layout))
        side = column(self._wallet, sums, gap=sizes().space_medium)
        side.setStretch(1, 1)
        both = row(gap=sizes().space_medium)
        both.addWidget(list_card, _LINES)
        both.addLayout(side, _SIDE)
        return both

    def render_state(self, state: DisplayState) -> None:
        """Show this state."""
        paying = state.scene is Scene.PAYING
        paid = dict(state.paid)
        self.lines.show_lines(state.lines, state.newest)
        self._wallet.render_state(state)
        by_card = [amount for kind, amount in state.paid if kind == "card"]
        amounts = (
            (self._discount, state.discount),
            (self._tax, state.tax),
            (self._sum, state.total if paying and state.paid else ""),
            (self._points, _less(paid.get("points", ""))),
            (self._card, " ".join(_less(amount) for amount in by_card)),
            (self._change, state.change if paying else ""),
        )
        for part, amount in amounts:
            part.amount.show_text(amount)
        show_only([(part, bool(amount)) for part, amount in amounts])
        self._words.show_text(self.tr("To pay") if paying else self.tr("Total"))
        self._total.show_text(state.due if paying else state.total)
        self._earns.show_text(self._earning(state))

    def _earning(self, state: DisplayState) -> str:
        if not state.earns:
            return ""
        words = self.tr("You earn {points} points") if state.earns_is_sure else self.tr("Worth {points} points")
        return words.format(points=state.earns)


class ConsentScene(QWidget):
    """The question whether points may pay; `answered` carries yes or no."""

    answered = Signal(bool)

    def __init__(self) -> None:
        """Lay the page out."""
        super().__init__()
        self._who = Large("display_consent_who", sizes().display_body, "hint", _CENTRE)
        self._question = Large("display_consent", sizes().display_title, alignment=_CENTRE)
        self._hint = Large("display_consent_hint", sizes().display_small, "hint", _CENTRE)
        self._yes = LargeButton("display_yes", "consent_yes", self.tr("Yes"))
        self._no = LargeButton("display_no", "consent", self.tr("No"))
        self._yes.clicked.connect(self._say_yes)
        self._no.clicked.connect(self._say_no)
        self._hint.show_text(self.tr("Or show your card or the code in your wallet to the cashier."))
        buttons = row(self._no, self._yes, gap=2 * sizes().space_large)
        layout = column(gap=sizes().space_large)
        layout.addStretch(2)
        layout.addWidget(self._who)
        layout.addWidget(self._question)
        layout.addStretch(1)
        layout.addLayout(buttons)
        layout.addWidget(self._hint)
        layout.addStretch(2)
        self.setLayout(padded(layout, 3 * sizes().space_large))

    @Slot()
    def _say_yes(self) -> None:
        self.answered.emit(True)

    @Slot()
    def _say_no(self) -> None:
        self.answered.emit(False)

    def render_state(self, state: DisplayState) -> None:
        """Show this state."""
        if state.consent is None:
            return
        points, worth = state.consent
        self._question.show_text(self.tr("Pay with {points} points ({worth})?").format(points=points, worth=worth))
        wallet = state.wallet
        words = self.tr("{name}, your purchase comes to {total}.")
        if wallet is None or not wallet.first_name:
            words = self.tr("Your purchase comes to {total}.")
        self._who.show_text(words.format(name=wallet.first_name if wallet else "", total=state.total))


class ThanksScene(QWidget):
    """After the sale: thanks, the change, the points, and the card as a code for the customer's phone."""

    def __init__(self) -> None:
        """Lay the page out."""
        super().__init__()
        self._thanks = Large("display_thanks", sizes().display_title)
        self._total = Large("display_thanks_total", sizes().display_body, "hint")
        self._change = Large("display_change", sizes().display_total)
        self._earned = Large("display_earned", sizes().display_strong, "good")
        self._balance = Large("display_balance", sizes().display_body)
        self._age = Large("display_balance_age", sizes().display_small, "hint")
        self._code = QrCode("display_code", self.tr("Your card as a code"), _CODE_SIDE)
        self._code_words = Large("display_code_words", sizes().display_small, "hint", _CENTRE)
        self._code_words.show_text(self.tr("Your card for your phone"))
        self._code_card = Card("display_code_card")
        held = column(self._code, self._code_words)
        held.setAlignment(self._code, _CENTRE)
        self._code_card.setLayout(padded(held))
        self.setLayout(padded(self._laid_out(), 3 * sizes().space_large))

    def _laid_out(self) -> QHBoxLayout:
        words: QVBoxLayout = column(gap=sizes().space_small)
        words.addStretch(1)
        for label in (self._thanks, self._total, self._change, self._earned, self._balance, self._age):
            words.addWidget(label)
        words.addStretch(1)
        both = row(gap=2 * sizes().space_large)
        both.addLayout(words, 64)
        both.addWidget(self._code_card, 36, Qt.AlignmentFlag.AlignVCenter)
        return both

    def render_state(self, state: DisplayState) -> None:
        """Show this state."""
        wallet = state.wallet
        name = wallet.first_name if wallet else ""
        self._thanks.show_text(self.tr("Thank you, {name}!").format(name=name) if name else self.tr("Thank you!"))
        self._total.show_text(self.tr("You paid {total}.").format(total=state.total))
        self._change.show_text(self.tr("Change {change}").format(change=state.change) if state.change else "")
        self._earned.show_text(self.tr("+ {points} points").format(points=state.earned) if state.earned else "")
        known = wallet if wallet is not None and wallet.points else None
        self._balance.show_text(self._sum(known, state) if known else "")
        self._age.show_text(self.tr("updated {age}").format(age=age_text(known.age)) if known else "")
        for label in (self._change, self._earned, self._balance, self._age):
            label.setVisible(bool(label.text()))
        self._code.show_text(state.code)
        self._code_card.setVisible(bool(state.code))

    def _sum(self, wallet: Wallet, state: DisplayState) -> str:
        words = self.tr("Your points: {points} = {worth}")
        if state.earned:
            words = self.tr("{points} points = {worth}, the new ones not counted")
        return words.format(points=wallet.points, worth=wallet.worth)

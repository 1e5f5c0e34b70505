"""Over the first zone when the window is to be closed while anything waits: nothing is lost, and when it is sent.

Must never be a dialog of its own: the counter goes on behind it, and any key of the sale puts it away.
"""

from PySide6.QtCore import Qt, Slot

from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Link, Overlay, SellState, StatusLine
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded


class LeavePage(Card):
    """Says what waits, and asks whether to stay or to close anyway."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__("leave_page")
        self._presenter = presenter
        title, self._words = Text("leave_title", "title", wraps=True), Text("leave_text", wraps=True)
        title.setText(self.tr("Close the counter now?"))
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        stay = Button("stay_button", "primary", self.tr("Stay (Enter)"))
        leave = Button("leave_button", "action", self.tr("Close anyway"))
        stay.clicked.connect(self._stay)
        leave.clicked.connect(self._leave)
        layout = column(title, self._words, stay, leave, gap=sizes().space_medium)
        layout.setStretch(1, 1)
        self.setLayout(padded(layout))

    @Slot()
    def _stay(self) -> None:
        self._presenter.show(Overlay.NONE)

    @Slot()
    def _leave(self) -> None:
        self._presenter.leave.close_anyway()

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        self._words.setText("\n\n".join(self._said(state.status)))

    def _said(self, status: StatusLine) -> list[str]:
        said = []
        if status.waiting != "0":
            words = self.tr(
                "Nothing is lost: what waits to be sent ({count}) is stored on this machine and is sent when the "
                "counter is opened again and the central store answers."
            )
            if status.link is Link.ONLINE:
                words = self.tr(
                    "Nothing is lost: what is being sent just now ({count}) is stored on this machine; whatever does "
                    "not get through is sent when the counter is opened again."
                )
            said.append(words.format(count=status.waiting))
        if status.parked:
            words = self.tr(
                "What the central store set aside ({count}) is kept here and there, until the office has it retried or "
                "writes it off."
            )
            said.append(words.format(count=status.parked))
        return said or [self.tr("Everything has been sent.")]

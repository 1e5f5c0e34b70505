"""The customer display's window: one page for each scene, as large as its screen allows.

It never takes the focus and has no keys. Must never decide anything: a press is passed on.
"""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from urs_desktop.ui.customer_display.large import Large, LargeButton, percent_of
from urs_desktop.ui.customer_display.lines import DisplayLines
from urs_desktop.ui.customer_display.scenes import ConsentScene, SaleScene, ThanksScene, WelcomeScene
from urs_desktop.ui.presenters.customer_display import DisplayState, Scene

WIDTH: Final = 1024
HEIGHT: Final = 600
_LEAST_WIDTH: Final = 800
_LEAST_HEIGHT: Final = 480


class CustomerDisplay(QWidget):
    """Shows one counter's sale to the customer; `answered` carries yes or no to what was asked."""

    answered = Signal(bool)

    def __init__(self) -> None:
        """Make the window; it is not shown yet."""
        kind = Qt.WindowType
        # Without a close button: it is switched off in the settings.
        buttons = kind.CustomizeWindowHint | kind.WindowTitleHint | kind.WindowMinMaxButtonsHint
        super().__init__(None, kind.Window | kind.WindowDoesNotAcceptFocus | buttons)
        self.setObjectName("customer_display")
        self.setProperty("role", "display")
        self.setWindowTitle(self.tr("Customer display"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._ending = False
        self._welcome, self._sale, self._consent = WelcomeScene(), SaleScene(), ConsentScene()
        self._thanks = ThanksScene()
        self._consent.answered.connect(self._pass_on)
        self._pages = QStackedWidget()
        for page in (self._welcome, self._sale, self._consent, self._thanks):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.setMinimumSize(_LEAST_WIDTH, _LEAST_HEIGHT)
        self.resize(WIDTH, HEIGHT)

    @property
    def lines(self) -> DisplayLines:
        """Return the list of the sale's lines."""
        return self._sale.lines

    @Slot(bool)
    def _pass_on(self, yes: bool) -> None:  # noqa: FBT001 - a signal's value
        self.answered.emit(yes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        percent = percent_of(self)
        for words in self.findChildren(Large):
            words.grow(percent)
        for button in self.findChildren(LargeButton):
            button.grow(percent)
        self.lines.grow(percent)

    def render_state(self, state: DisplayState) -> None:
        """Show this state."""
        pages: dict[Scene, WelcomeScene | SaleScene | ConsentScene | ThanksScene] = {
            Scene.WELCOME: self._welcome,
            Scene.SALE: self._sale,
            Scene.PAYING: self._sale,
            Scene.CONSENT: self._consent,
            Scene.THANKS: self._thanks,
        }
        page = pages[state.scene]
        page.render_state(state)
        self._pages.setCurrentWidget(page)

    def end(self) -> None:
        """Close the window for good."""
        self._ending = True
        self.close()
        self.deleteLater()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._ending:
            super().closeEvent(event)
        else:
            event.ignore()

"""Who are you: everybody's name to touch, and beside them a number pad for the PIN or a badge.

Keys typed anywhere on the page come here. Must never show what is typed for a PIN or a badge: it does not know it.
"""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QSizePolicy, QWidget

from urs_desktop.ui.messages import notice_text
from urs_desktop.ui.permission_texts import role_text
from urs_desktop.ui.presenters.identity_pad import PadView, Tile
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.icons import pixmap
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Key
from urs_desktop.ui.widgets.labels import Line, Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.person_button import PersonButton
from urs_desktop.ui.widgets.style import set_variant

_DIGITS = (("7", "8", "9"), ("4", "5", "6"), ("1", "2", "3"))
_BESIDE = 3
_PAD_WIDTH = 380
ACCEPT = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class IdentityPanel(QWidget):
    """Shows a PadView; its signals are what hands do on it."""

    typed = Signal(str)
    deleted = Signal()
    accepted = Signal()
    chosen = Signal(str)

    def __init__(self, name: str) -> None:
        """Take the name that begins every object's name here."""
        super().__init__()
        self.setObjectName(f"{name}_identity")
        self._name = name
        self._tiles: tuple[Tile, ...] = ()
        self._buttons: dict[str, PersonButton] = {}
        self._colours: Colours | None = None
        self._empty = Text(f"{name}_nobody", "hint", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._grid = QGridLayout()
        self._grid.setSpacing(sizes().space_medium)
        layout = row(self._laid_out_people(), self._laid_out_pad(), gap=sizes().space_medium)
        layout.setStretch(0, 1)
        self.setLayout(layout)

    def _laid_out_people(self) -> QWidget:
        inner = QWidget()
        people = column(self._empty, self._grid)
        people.addStretch(1)
        inner.setLayout(padded(people, sizes().space_small))
        area = QScrollArea()
        area.setObjectName(f"{self._name}_people")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        card = Card(f"{self._name}_people_card")
        card.setLayout(padded(column(area), sizes().space_small))
        return card

    def _laid_out_pad(self) -> QWidget:
        self._prompt = Line(f"{self._name}_prompt", "strong")
        self._display = Line(f"{self._name}_typed", "typed")
        self._icon = Text(f"{self._name}_notice_icon")
        self._notice = Text(f"{self._name}_notice", wraps=True)
        self._notice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        said = row(self._icon, self._notice, gap=sizes().space_small)
        said.setStretch(1, 1)
        self._said = Card(f"{self._name}_notice_bar", "notice")
        self._said.setLayout(padded(said, sizes().space_small))
        self._said.setMinimumHeight(4 * sizes().type_title)
        card = Card(f"{self._name}_pad")
        card.setFixedWidth(_PAD_WIDTH)
        layout = column(self._prompt, self._display, self._keys(), self._said, gap=sizes().space_medium)
        layout.addStretch(1)
        card.setLayout(padded(layout))
        return card

    def _keys(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(sizes().space_small)
        padded(grid, 0)
        for line, digits in enumerate(_DIGITS):
            for place, digit in enumerate(digits):
                grid.addWidget(self._digit(digit), line, place)
        self._delete = Key(f"{self._name}_key_back", "", self.tr("Delete the last digit"), icon_name="backspace")
        self._delete.clicked.connect(self.deleted)
        enter = Key(f"{self._name}_key_enter", self.tr("Enter"), role="word")
        enter.clicked.connect(self.accepted)
        for place, key in enumerate((self._delete, self._digit("0"), enter)):
            grid.addWidget(key, len(_DIGITS), place)
        return grid

    def _digit(self, digit: str) -> Key:
        key = Key(f"{self._name}_key_{digit}", digit)
        key.typed.connect(self.typed)
        return key

    def take_key(self, event: QKeyEvent) -> bool:
        """Obey a key pressed anywhere on the page; False where it means nothing here."""
        commands = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if event.modifiers() & (commands | Qt.KeyboardModifier.MetaModifier):
            return False
        if event.key() in ACCEPT:
            if not event.isAutoRepeat():
                self.accepted.emit()
        elif event.key() == Qt.Key.Key_Backspace:
            self.deleted.emit()
        elif event.text() and event.text().isprintable():
            self.typed.emit(event.text())
        else:
            return False
        return True

    def render_view(self, view: PadView, prompt: str, nobody: str) -> None:
        """Show this view; `prompt` says what to do, `nobody` stands where there is nobody to choose."""
        if view.tiles != self._tiles:
            self._show_tiles(view.tiles)
        for code, button in self._buttons.items():
            button.show_chosen(chosen=view.chosen is not None and view.chosen.code == code)
            button.setEnabled(not view.busy)
        self._empty.setText(nobody)
        self._empty.setVisible(not view.tiles)
        self._prompt.show_text(prompt)
        self._display.show_text(self.tr("One moment") if view.busy else view.shown)
        set_variant(self._display, "hidden", "yes" if view.shown and not view.busy else "")
        self._display.setAccessibleName(self.tr("Typed characters: {count}").format(count=len(view.shown)))
        said = view.notice
        self._notice.setText("" if said is None else notice_text(said))
        set_variant(self._said, "severity", "" if said is None else said.severity.value)
        self._draw(view)

    def _show_tiles(self, tiles: tuple[Tile, ...]) -> None:
        for button in self._buttons.values():
            self._grid.removeWidget(button)
            button.deleteLater()
        self._tiles, self._buttons = tiles, {}
        for number, tile in enumerate(tiles):
            role = role_text(tile.role)
            note = self.tr("{role} \u00b7 {code}").format(role=role, code=tile.code)
            whole = self.tr("{name}, {role}, code {code}").format(name=tile.name, role=role, code=tile.code)
            button = PersonButton(f"{self._name}_person_{tile.code}", tile.name, note, whole)
            button.clicked.connect(partial(self.chosen.emit, tile.code))
            self._grid.addWidget(button, number // _BESIDE, number % _BESIDE)
            self._buttons[tile.code] = button
        for place in range(_BESIDE):
            self._grid.setColumnStretch(place, 1)

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self._colours = colours
        self._delete.dress(colours)

    def _draw(self, view: PadView) -> None:
        if self._colours is None or view.notice is None:
            self._icon.clear()
            return
        severity = view.notice.severity.value
        role = {"info": "accent", "error": "danger"}.get(severity, severity)
        self._icon.setPixmap(pixmap(severity, getattr(self._colours, role), sizes().type_title, 2))

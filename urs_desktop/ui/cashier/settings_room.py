"""The settings room: printer, scanner, display, keys, language and looks, each with a way to try it.

Must never decide what may be set.
"""

from functools import partial
from typing import Final

from PySide6.QtCore import QKeyCombination, Qt, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QLayout, QScrollArea, QWidget

from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.cashier.notice_bar import NoticeBar
from urs_desktop.ui.cashier.setting_words import choice_words, setting_words
from urs_desktop.ui.presenters.settings import SettingsPresenter
from urs_desktop.ui.presenters.settings_state import SettingKind, SettingsState, SettingView
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button, FigureButton
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row

_NAMES: Final = {Qt.Key.Key_PageUp: "PageUp", Qt.Key.Key_PageDown: "PageDown", Qt.Key.Key_ScrollLock: "ScrollLock"}


class SettingsRoom(Room):
    """Sets this counter up."""

    def __init__(self, context: RoomContext) -> None:
        """Take what the room may use."""
        super().__init__("settings_room", "", context)
        self._title.show_text(self.tr("Settings"))
        self.presenter = SettingsPresenter(context.till, context.runner, context.formats, context.apply)
        self._fields: dict[str, Field] = {}
        self._buttons: dict[str, Button] = {}
        self._scanned = Text("settings_scanned", "muted", wraps=True)
        self._notice = NoticeBar("settings_notice")
        self._save = FigureButton("settings_save", "primary", sizes().type_strong)
        self._save.clicked.connect(self.presenter.save)
        self._test = Button("settings_test_printer", "action", self.tr("Print a test page"))
        self._drawer = Button("settings_test_drawer", "action", self.tr("Open the drawer"))
        self._test.clicked.connect(self.presenter.test_printer)
        self._drawer.clicked.connect(self.presenter.test_drawer)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(sizes().space_medium)
        self._grid.setVerticalSpacing(sizes().space_small)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self.show_content(self._content())
        self.presenter.watch(self.render_state)

    def _content(self) -> QLayout:
        area = QScrollArea()
        area.setObjectName("settings_scroll")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setLayout(self._grid)
        area.setWidget(page)
        card = Card("settings_card")
        card.setLayout(padded(column(area), sizes().space_small))
        side = Card("settings_side")
        words = Text("settings_scan_words", "strong", wraps=True)
        words.setText(self.tr("Scan something to see what the scanner sends:"))
        said = column(self._test, self._drawer, words, self._scanned)
        said.addStretch(1)
        said.addWidget(self._save)
        side.setLayout(padded(said))
        body = row(gap=sizes().space_medium)
        body.addWidget(card, 66)
        body.addWidget(side, 34)
        whole = column(body, self._notice, gap=sizes().space_medium)
        whole.setStretch(0, 1)
        return whole

    def entered(self, about: str) -> None:
        """Read what is set."""
        del about
        self.presenter.begin()

    def dress(self, colours: Colours) -> None:
        """Draw the icon in the theme's colours."""
        self._notice.dress(colours)

    def scanned(self, code: str) -> bool:
        """Show what the scanner sent."""
        self.presenter.scanned(code)
        return True

    def pressed(self, key: int, text: str) -> bool:
        """Take the new key of an action that waits for one; False for every other key."""
        del text
        if not self.presenter.state.binding:
            return False
        self.presenter.bind(_key_name(key))
        return True

    @Slot()
    def back(self) -> None:
        """Stop waiting for a key, else go back to selling."""
        waiting = self.presenter.state.binding
        if waiting:
            self.presenter.ask_key(waiting)
        else:
            super().back()

    def render_state(self, state: SettingsState) -> None:
        """Show this state."""
        for place, setting in enumerate(state.settings):
            if setting.name not in self._fields and setting.name not in self._buttons:
                self._add(place, setting)
            self._show(setting, state.binding)
        self._scanned.setText(" ".join(state.scanned) or "\u2013")
        self._save.setEnabled(state.changed and not state.busy)
        self._save.show_text(self.tr("Save"))
        hint = self.tr("Change what you like, then save. Keys and language hold from the next start.")
        self._notice.say(state.notice, hint)

    def _add(self, place: int, setting: SettingView) -> None:
        label = Text(f"setting_{setting.name}_words", wraps=True)
        label.setText(setting_words(setting))
        if setting.kind is SettingKind.TEXT:
            control: QWidget = Field(f"setting_{setting.name}", setting_words(setting))
            assert isinstance(control, Field)  # noqa: S101 - made in the line above
            control.textEdited.connect(partial(self.presenter.edit, setting.name))
            self._fields[setting.name] = control
        else:
            control = Button(f"setting_{setting.name}", "action", accessible=setting_words(setting))
            act = self.presenter.cycle if setting.kind is SettingKind.CHOICE else self.presenter.ask_key
            control.clicked.connect(partial(act, setting.name))
            self._buttons[setting.name] = control
        self._grid.addWidget(label, place, 0)
        self._grid.addWidget(control, place, 1)

    def _show(self, setting: SettingView, binding: str) -> None:
        if setting.name in self._fields:
            self._fields[setting.name].show_text(setting.value)
            return
        button = self._buttons[setting.name]
        if setting.kind is SettingKind.CHOICE:
            button.show_text(choice_words(setting.value))
        else:
            button.show_text(self.tr("Press the new key") if setting.name == binding else setting.value)


def _key_name(key: int) -> str:
    """Return a key's name as bindings know it."""
    named = _NAMES.get(Qt.Key(key)) if key in set(Qt.Key) else None
    return named or QKeySequence(QKeyCombination(Qt.Key(key))).toString(QKeySequence.SequenceFormat.PortableText)

"""The settings room: printer, scanner, display, keys, language and looks, each with a way to try it.

Must never decide what may be set.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QLayout, QScrollArea, QWidget

from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.cashier.notice_bar import NoticeBar
from urs_desktop.ui.cashier.setting_words import choice_words, sections, setting_words
from urs_desktop.ui.presenters.scan_reader import Burst
from urs_desktop.ui.presenters.settings import SettingsPresenter
from urs_desktop.ui.presenters.settings_state import ScanView, SettingKind, SettingsState, SettingView
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button, FigureButton
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row

_NOT_ALONE: Final = ("", "Esc", "Shift", "Control", "Ctrl+Control", "Alt", "Ctrl+Alt", "Meta", "AltGr", "Ctrl+Shift")
"""What is pressed to go back, or with another key."""


class SettingsRoom(Room):
    """Sets this counter up."""

    def __init__(self, context: RoomContext) -> None:
        """Take what the room may use."""
        super().__init__("settings_room", "", context)
        self._title.show_text(self.tr("Settings"))
        self.presenter = SettingsPresenter(
            context.till, context.runner, context.formats, context.apply, context.hear, context.try_display
        )
        self._fields: dict[str, Field] = {}
        self._buttons: dict[str, Button] = {}
        self._scanned = Text("settings_scanned", "muted", wraps=True)
        self._speed = Text("settings_speed", "muted", wraps=True)
        self._notice = NoticeBar("settings_notice")
        self._save = FigureButton("settings_save", "primary", sizes().type_strong)
        self._save.clicked.connect(self.presenter.save)
        self._test = Button("settings_test_printer", "action", self.tr("Print a test page"))
        self._drawer = Button("settings_test_drawer", "action", self.tr("Open the drawer"))
        self._sounds = Button("settings_test_sounds", "action", self.tr("Play the sounds"))
        self._sounds.clicked.connect(self.presenter.test_sounds)
        self._display = Button("settings_test_display", "action", self.tr("Show the customer display"))
        self._display.clicked.connect(self._test_display)
        self._laid_out = False
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
        tries = Text("settings_try_words", "title")
        tries.setText(self.tr("Try it"))
        words = Text("settings_scan_words", "strong", wraps=True)
        words.setText(self.tr("Scan something to see what the scanner sends:"))
        said = column(tries, self._test, self._drawer, self._display, self._sounds, words, self._scanned, self._speed)
        said.addStretch(1)
        said.addWidget(self._save)
        side.setLayout(padded(said))
        body = row(gap=sizes().space_medium)
        body.addWidget(card, 66)
        body.addWidget(side, 34)
        whole = column(body, self._notice, gap=sizes().space_medium)
        whole.setStretch(0, 1)
        return whole

    @Slot()
    def _test_display(self) -> None:
        self.presenter.test_display(self.tr("Display test"))

    def entered(self, about: str) -> None:
        """Read what is set."""
        del about
        self.presenter.begin()

    def dress(self, colours: Colours) -> None:
        """Draw the icon in the theme's colours."""
        self._notice.dress(colours)

    def look(self, came: Burst) -> None:
        """Show what the scanner sent."""
        self.presenter.look(came)

    def scanned(self, code: str) -> bool:
        """Take a scan: it has been seen."""
        del code
        return True

    def takes_key(self, name: str) -> bool:
        """Take the new key of an action that waits for one; False where none does, and for Esc."""
        if not self.presenter.state.binding or name in _NOT_ALONE:
            return False
        self.presenter.bind(name)
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
        if state.settings and not self._laid_out:
            self._laid_out = True
            for title, settings in sections(state.settings):
                self._add_section(title, settings)
        for setting in state.settings:
            self._show(setting, state.binding)
        self._show_scan(state.scanned)
        self._save.setEnabled(state.changed and not state.busy)
        self._save.show_text(self.tr("Save"))
        self._notice.say(state.notice, self.tr("Change what you like, then save: all of it or nothing."))

    def _show_scan(self, scan: ScanView) -> None:
        self._scanned.setText(" ".join(scan.characters) or "\u2013")
        if not scan.characters:
            said = ""
        elif scan.is_scan:
            said = self.tr("A scan: {count} characters, at most {slowest} ms apart.")
        else:
            said = self.tr(
                "No scan: {count} characters, up to {slowest} ms apart. Scans have at least 4, or 8 figures, "
                "at most 35 ms apart, and Enter or Tab behind them."
            )
        self._speed.setText(said.format(count=scan.count, slowest=scan.slowest))

    def _add_section(self, title: str, settings: Sequence[SettingView]) -> None:
        place = self._grid.rowCount()
        heading = Text(f"settings_section_{place}", "title")
        heading.setText(title)
        self._grid.addWidget(heading, place, 0, 1, 2)
        for setting in settings:
            self._add(self._grid.rowCount(), setting)

    def _add(self, place: int, setting: SettingView) -> None:
        key = _key_of(setting)
        label = Text(f"{key}_words", wraps=True)
        label.setText(setting_words(setting))
        if setting.kind is SettingKind.TEXT:
            field = Field(key, setting_words(setting))
            field.textEdited.connect(partial(self.presenter.edit, setting.name))
            self._fields[key] = field
        else:
            button = Button(key, "action", accessible=setting_words(setting))
            act = self.presenter.cycle if setting.kind is SettingKind.CHOICE else self.presenter.ask_key
            button.clicked.connect(partial(act, setting.name))
            self._buttons[key] = button
        self._grid.addWidget(label, place, 0)
        self._grid.addWidget(self._fields.get(key) or self._buttons[key], place, 1)

    def _show(self, setting: SettingView, binding: str) -> None:
        key = _key_of(setting)
        if key in self._fields:
            field = self._fields[key]
            field.show_text(setting.value)
            if not field.hasFocus():
                field.setCursorPosition(0)
        elif setting.kind is SettingKind.CHOICE:
            self._buttons[key].show_text(choice_words(setting.value))
        else:
            waits = setting.name == binding
            self._buttons[key].show_text(self.tr("Press the new key") if waits else setting.value)


def _key_of(setting: SettingView) -> str:
    """Return the object name of what changes a setting: a theme is chosen, and there is a key for the next one."""
    return f"bind_{setting.name}" if setting.kind is SettingKind.KEY else f"setting_{setting.name}"

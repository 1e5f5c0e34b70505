"""The room of who is signed in: lock or switch, sign out, and take another PIN by the old one.

Must never show a PIN, nor keep one.
"""

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.cashier.notice_bar import NoticeBar
from urs_desktop.ui.permission_texts import role_text
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.notices import Notice, NoticeCode, Severity, notice, of_error
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.digit_pad import DigitPad
from urs_desktop.ui.widgets.labels import Line, Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row

_WIDTH = 480


class SignInRoom(Room):
    """Lets who is signed in go, or take another PIN."""

    def __init__(self, context: RoomContext) -> None:
        """Take what the room may use."""
        super().__init__("sign_in_room", "", context)
        self._title.show_text(self.tr("Switch cashier, lock"))
        self._said: Notice | None = None
        self._notice = NoticeBar("sign_in_notice")
        self._who, self._what = Line("own_name", "title"), Text("own_role", "hint", wraps=True)
        body = row(self._leaving(), self._own_pin(), gap=sizes().space_medium)
        body.addStretch(1)
        whole = column(body, self._notice, gap=sizes().space_medium)
        whole.setStretch(0, 1)
        self.show_content(whole)

    def _leaving(self) -> QWidget:
        self._lock = Button("own_lock", "primary", self.tr("Lock, or switch cashier (Pause)"))
        self._out = Button("own_sign_out", "tall", self.tr("Sign out"))
        self._set_up = Button("own_set_up", "primary", self.tr("Set up staff"))
        self._lock.clicked.connect(self.context.door.lock)
        self._out.clicked.connect(self.context.door.sign_out)
        self._set_up.clicked.connect(partial(self.context.navigator.go, Place.STAFF, ""))
        card = Card("own_leaving")
        card.setFixedWidth(_WIDTH)
        layout = column(self._who, self._what, self._lock, self._out, self._set_up, gap=sizes().space_medium)
        layout.addStretch(1)
        card.setLayout(padded(layout))
        return card

    def _own_pin(self) -> QWidget:
        title = Text("own_pin_title", "title")
        title.setText(self.tr("Take another PIN"))
        self._fields = (
            Field("own_pin_old", self.tr("Your PIN now")),
            Field("own_pin_new", self.tr("The new PIN, 6 to 12 digits")),
            Field("own_pin_again", self.tr("The new PIN again")),
        )
        layout = column(title, gap=sizes().space_small)
        for field in self._fields:
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setPlaceholderText(field.accessibleName())
            field.returnPressed.connect(self._next)
            layout.addWidget(field)
        self._pad = DigitPad("own_pad")
        self._pad.typed.connect(self._digit)
        self._save = Button("own_pin_save", "save", self.tr("Take it (Enter)"))
        self._save.clicked.connect(self._take)
        layout.addWidget(self._pad)
        layout.addWidget(self._save)
        layout.addStretch(1)
        self._pins = Card("own_pin")
        self._pins.setFixedWidth(_WIDTH)
        self._pins.setLayout(padded(layout))
        return self._pins

    def entered(self, about: str) -> None:
        """Show who is signed in."""
        del about
        self._show(None)
        session = self.context.till.session
        person = session.person
        for widget in (self._lock, self._out, self._pins):
            widget.setVisible(person is not None)
        self._set_up.setVisible(person is None)
        if person is None:
            self._who.show_text(self.tr("Nobody has to sign in"))
            words = self.tr("No staff is set up at this counter: everybody may do everything. Add a manager first.")
            self._what.setText(words)
        else:
            self._who.show_text(person.name)
            self._what.setText(self.tr("{role} · {code}").format(role=role_text(person.role), code=person.code))
        self._clear()

    def left(self) -> None:
        """Forget what was typed: nobody looks any more."""
        self._clear()

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self._notice.dress(colours)
        self._pad.dress(colours)

    def _clear(self) -> None:
        for field in self._fields:
            field.clear()

    def _show(self, said: Notice | None) -> None:
        self._notice.say(said, self.tr("Pause locks at once, from everywhere. Esc goes back to selling."))

    @Slot()
    def _next(self) -> None:
        empty = next((field for field in self._fields if not field.text()), None)
        if empty is None:
            self._take()
        else:
            empty.setFocus()

    @Slot(str)
    def _digit(self, typed: str) -> None:
        focused = next((field for field in self._fields if field.hasFocus()), None)
        field = focused or next((f for f in self._fields if not f.text()), self._fields[-1])
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        if typed == "back":
            field.backspace()
        elif typed.isdigit():
            field.insert(typed)

    @Slot()
    def _take(self) -> None:
        old, new, again = (field.text() for field in self._fields)
        self._clear()
        self._fields[0].setFocus()
        code = self.context.till.session.operator
        if code is None:
            return
        if new != again:
            self._failed(Refusal(RefusalCode.PINS_DIFFER))
            return
        change = partial(self.context.till.staffing.people.change_own_pin, code, old, new)
        self._save.setEnabled(False)
        self.context.runner.run(change, self._taken, self._failed)

    def _taken(self, _: None) -> None:
        self._save.setEnabled(True)
        self._show(notice(NoticeCode.PIN_TAKEN, Severity.SUCCESS))

    def _failed(self, error: Exception) -> None:
        self._save.setEnabled(True)
        self._show(of_error(error, self.context.formats, self.context.till.identity.currency))

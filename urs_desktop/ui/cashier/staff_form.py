"""The side of the staff room where something is typed: somebody new, a new PIN, a badge.

PINs are hidden while they are typed and gone from the fields as soon as they are taken. Must never keep one.
"""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QLineEdit

from urs_desktop.domain.permissions import Role
from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.permission_texts import role_text
from urs_desktop.ui.presenters.staff_desk import NewPerson, StaffDesk, StaffPage, StaffState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.digit_pad import DigitPad
from urs_desktop.ui.widgets.labels import Line
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.role_buttons import RoleButtons

_SECRET = QLineEdit.EchoMode.Password


class StaffForm(Card):
    """Takes what is typed about somebody."""

    def __init__(self, desk: StaffDesk) -> None:
        """Take the presenter."""
        super().__init__("staff_form")
        self._desk = desk
        self._page: StaffPage | None = None
        self._title = Line("staff_form_title", "title")
        self._fields = {
            "code": Field("staff_code", self.tr("Code")),
            "name": Field("staff_name", self.tr("Name")),
            "pin": Field("staff_pin", self.tr("PIN, 6 to 12 digits")),
            "again": Field("staff_again", self.tr("PIN again")),
            "badge": Field("staff_badge", self.tr("Badge: scan it")),
        }
        for name in ("pin", "again", "badge"):
            self._fields[name].setEchoMode(_SECRET)
        grid = QGridLayout()
        grid.setHorizontalSpacing(sizes().space_medium)
        grid.setVerticalSpacing(sizes().space_small)
        for number, (name, field) in enumerate(self._fields.items()):
            field.setPlaceholderText(field.accessibleName())
            field.returnPressed.connect(self._next)
            grid.addWidget(field, number // 2, number % 2, 1, 2 if name == "badge" else 1)
        self.roles = RoleButtons("staff_new_role", [(role, role_text(role)) for role in Role])
        self.roles.chosen.connect(desk.give_role)
        self.pad = DigitPad("staff_pad")
        self.pad.typed.connect(self._digit)
        self._save = Button("staff_save", "save", self.tr("Save (Enter)"))
        cancel = Button("staff_cancel", "action", self.tr("Cancel (Esc)"))
        self._save.clicked.connect(self.save)
        cancel.clicked.connect(self._cancel)
        buttons = row(cancel, self._save, gap=sizes().space_medium)
        buttons.setStretch(1, 1)
        self._cancel_button = cancel
        layout = column(self._title, grid, self.roles, self.pad, gap=sizes().space_medium)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setLayout(padded(layout))

    def _shown(self, page: StaffPage) -> tuple[str, ...]:
        return {
            StaffPage.NEW: ("code", "name", "pin", "again"),
            StaffPage.PIN: ("pin", "again"),
            StaffPage.BADGE: ("badge",),
        }.get(page, ())

    @Slot()
    def _next(self) -> None:
        """Go on to the next empty field; from the last one, save."""
        empty = [self._fields[name] for name in self._shown_now() if name != "badge" and not self._fields[name].text()]
        if empty:
            empty[0].setFocus()
        else:
            self.save()

    def _shown_now(self) -> tuple[str, ...]:
        return () if self._page is None else self._shown(self._page)

    @Slot(str)
    def _digit(self, typed: str) -> None:
        shown = [self._fields[name] for name in self._shown_now() if name != "badge"]
        field = next((f for f in shown if f.hasFocus()), shown[-1] if shown else None)
        if field is not None and typed == "back":
            field.backspace()
        elif field is not None and typed.isdigit():
            field.insert(typed)

    @Slot()
    def save(self) -> None:
        """Hand what was typed over; the secrets are gone from here then."""
        pin, again, badge = (self._fields[name].text() for name in ("pin", "again", "badge"))
        for name in ("pin", "again", "badge"):
            self._fields[name].clear()
        if self._page is StaffPage.NEW:
            self._desk.add(NewPerson(self._fields["code"].text(), self._fields["name"].text()), pin, again)
        elif self._page is StaffPage.PIN:
            self._desk.set_pin(pin, again)
        elif self._page is StaffPage.BADGE:
            self._desk.set_badge(badge)

    def take_badge(self, code: str) -> bool:
        """Hand a scanned badge over; False while none is asked for."""
        if self._page is not StaffPage.BADGE:
            return False
        self.clear()
        self._desk.set_badge(code)
        return True

    @Slot()
    def _cancel(self) -> None:
        self._desk.back()

    def clear(self) -> None:
        """Forget everything that was typed."""
        for field in self._fields.values():
            field.clear()

    def render_state(self, state: StaffState) -> None:
        """Show this state."""
        person = state.person
        titles = {
            StaffPage.NEW: self.tr("Somebody new") if state.people else self.tr("The first manager"),
            StaffPage.PIN: self.tr("New PIN of {name}").format(name=person.name if person else ""),
            StaffPage.BADGE: self.tr("Badge of {name}; empty takes it away").format(name=person.name if person else ""),
        }
        self._title.show_text(titles.get(state.page, ""))
        for name, field in self._fields.items():
            field.setVisible(name in self._shown(state.page))
        self.roles.setVisible(state.page is StaffPage.NEW and bool(state.people))
        self.roles.show_chosen(state.role)
        self.pad.setVisible(state.page in (StaffPage.NEW, StaffPage.PIN))
        self._save.setEnabled(not state.busy)
        self._cancel_button.setVisible(bool(state.people))
        if state.page is not self._page:
            self._page = state.page
            self.clear()
            shown = self._shown(state.page)
            if shown and self.isVisibleTo(self.window()):
                self._fields[shown[0]].setFocus()

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self.pad.dress(colours)

"""The staff room: who works here, and beside the list what can be done about one of them.

Must never decide who may do it: every change asks first.
"""

from functools import partial

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import QStackedWidget

from urs_desktop.domain.permissions import Role
from urs_desktop.ui.cashier.notice_bar import NoticeBar
from urs_desktop.ui.cashier.staff_form import StaffForm
from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.permission_texts import role_text
from urs_desktop.ui.presenters.staff_desk import MemberView, StaffDesk, StaffPage, StaffState
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Line, Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.role_buttons import RoleButtons
from urs_desktop.ui.widgets.tables import RowTable

_LEFT, _RIGHT = 58, 42


class StaffRoom(Room):
    """Keeps the people of the counter."""

    def __init__(self, context: RoomContext) -> None:
        """Take what the room may use."""
        super().__init__("staff_room", "", context)
        self._title.show_text(self.tr("Staff"))
        self.desk = StaffDesk(context.till, context.runner, context.formats, context.gate, context.door.look)
        columns = (Column(self.tr("Code")), Column(self.tr("Name")), Column(self.tr("Role")), Column(self.tr("State")))
        self._rows = RowsModel(columns)
        self.table = RowTable("staff_table", self.tr("People"), self._rows, stretched=1)
        self.table.clicked.connect(self._clicked)
        self.table.selectionModel().currentRowChanged.connect(self._moved)
        self._new = Button("staff_new", "action", self.tr("Add somebody (+)"))
        self._new.clicked.connect(partial(self.desk.turn, StaffPage.NEW))
        self._form = StaffForm(self.desk)
        self._side = QStackedWidget()
        self._side.addWidget(self._person())
        self._side.addWidget(self._form)
        self._notice = NoticeBar("staff_notice")
        left = Card("staff_list")
        inner = column(self.table, self._new, gap=sizes().space_small)
        inner.setStretch(0, 1)
        left.setLayout(padded(inner, sizes().space_small))
        body = row(gap=sizes().space_medium)
        body.addWidget(left, _LEFT)
        body.addWidget(self._side, _RIGHT)
        whole = column(body, self._notice, gap=sizes().space_medium)
        whole.setStretch(0, 1)
        self.show_content(whole)
        self.desk.watch(self.render_state)

    def _person(self) -> Card:
        self._name, self._what = Line("staff_person_name", "title"), Text("staff_person_state", "hint", wraps=True)
        self._roles = RoleButtons("staff_role", [(role, role_text(role)) for role in Role])
        self._roles.chosen.connect(self.desk.give_role)
        self._pin = Button("staff_new_pin", "tall", self.tr("New PIN"))
        self._badge = Button("staff_new_badge", "tall", self.tr("Badge"))
        self._reset = Button("staff_reset", "tall", self.tr("Forget wrong tries"))
        self._active = Button("staff_active", "tall", "", self.tr("No longer works here"))
        self._pin.clicked.connect(partial(self.desk.turn, StaffPage.PIN))
        self._badge.clicked.connect(partial(self.desk.turn, StaffPage.BADGE))
        self._reset.clicked.connect(self.desk.reset)
        self._active.clicked.connect(self.desk.toggle_active)
        card = Card("staff_person")
        layout = column(self._name, self._what, self._roles, gap=sizes().space_medium)
        for button in (self._pin, self._badge, self._reset, self._active):
            layout.addWidget(button)
        layout.addStretch(1)
        card.setLayout(padded(layout))
        return card

    def entered(self, about: str) -> None:
        """Begin with who works here now."""
        del about
        self.desk.begin()
        self.table.setFocus()

    def left(self) -> None:
        """Forget what was typed: nobody looks any more."""
        self._form.clear()

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self._notice.dress(colours)
        self._form.dress(colours)

    @Slot()
    def back(self) -> None:
        """Go back to the list, and from there to selling."""
        if self.desk.back():
            self.table.setFocus()
        else:
            super().back()

    def pressed(self, key: int, text: str) -> bool:
        """Begin somebody new with a plus."""
        del text
        if key == Qt.Key.Key_Plus:
            self.desk.turn(StaffPage.NEW)
            return True
        return False

    def scanned(self, code: str) -> bool:
        """Take a scanned badge while one is asked for."""
        return self._form.take_badge(code)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        self.desk.select(index.row())

    @Slot(QModelIndex, QModelIndex)
    def _moved(self, current: QModelIndex, _: QModelIndex) -> None:
        if self.table.hasFocus() and current.isValid() and current.row() != self.desk.state.selected:
            self.desk.select(current.row())

    def render_state(self, state: StaffState) -> None:
        """Show this state."""
        self._rows.show_rows([self._row(person) for person in state.people])
        self.table.show_selected(state.selected)
        person = state.person
        self._side.setCurrentIndex(0 if state.page is StaffPage.PERSON else 1)
        self._form.render_state(state)
        self._new.setEnabled(not state.busy)
        if person is not None:
            self._name.show_text(person.name)
            self._what.setText(self._state(person))
            words = self.tr("No longer works here") if person.active else self.tr("Let sign in again")
            self._active.show_text(words)
            self._active.setAccessibleName(words)
        self._roles.show_chosen(None if person is None else person.role)
        for button in (self._pin, self._badge, self._reset, self._active):
            button.setEnabled(person is not None and not state.busy)
        self._roles.set_enabled(enabled=person is not None and not state.busy)
        self._notice.say(state.notice, self._hint(state))

    def _row(self, person: MemberView) -> tuple[str, ...]:
        return (person.code, person.name, role_text(person.role), self._state(person))

    def _state(self, person: MemberView) -> str:
        if not person.active:
            return self.tr("Disabled")
        if person.locked:
            return self.tr("Locked out")
        return self.tr("PIN and badge") if person.has_badge else self.tr("PIN")

    def _hint(self, state: StaffState) -> str:
        if state.known and not state.people:
            return self.tr("Nobody is set up yet. The first person is a manager; from then on everybody signs in.")
        if state.page is StaffPage.PERSON:
            return self.tr("Choose somebody to change, or add somebody. Esc goes back to selling.")
        return self.tr("Enter goes to the next field and saves from the last one. Esc goes back.")

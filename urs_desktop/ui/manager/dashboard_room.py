"""The dashboard: three charts over one time, the same figures as a table, the best products, the receipts behind a bar.

By keys alone: left and right along the bars, Enter for the receipts behind one, Esc back. Must never reckon, nor wait
for anything.
"""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLayout, QStackedWidget, QWidget

from urs_desktop.counter.use_cases.dashboard import Span
from urs_desktop.ui.cashier.notice_bar import NoticeBar
from urs_desktop.ui.manager.chart_row import ChartRow
from urs_desktop.ui.manager.figure_files import save_picture, save_text
from urs_desktop.ui.manager.figure_tables import FiguresCard, SideCard
from urs_desktop.ui.messages import age_text
from urs_desktop.ui.presenters.dashboard import FILE_NAME, DashboardPresenter
from urs_desktop.ui.presenters.dashboard_state import DashboardState
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.role_buttons import RoleButtons

_HERE: Final = "here"
_EVERYWHERE: Final = "everywhere"
_BY_TIME: Final = "time"
_BY_COUNTER: Final = "counter"
_ACCEPT: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_FIGURES, _SIDE = 60, 40


class DashboardRoom(Room):
    """Shows what was sold."""

    def __init__(self, context: RoomContext) -> None:
        """Take what the room may use."""
        super().__init__("dashboard_room", "", context)
        self._title.show_text(self.tr("Dashboard"))
        self.presenter = DashboardPresenter(
            context.till, context.runner, context.clock, context.formats, context.navigator, save_text
        )
        spans = (
            (Span.TODAY.value, self.tr("Today")),
            (Span.WEEK.value, self.tr("7 days")),
            (Span.MONTH.value, self.tr("30 days")),
            (Span.QUARTER.value, self.tr("90 days")),
            (Span.ALL.value, self.tr("All")),
        )
        scopes = ((_HERE, self.tr("This counter")), (_EVERYWHERE, self.tr("All counters")))
        groups = ((_BY_TIME, self.tr("By time")), (_BY_COUNTER, self.tr("By counter")))
        self._spans, self._scope = RoleButtons("dashboard_span", spans), RoleButtons("dashboard_scope", scopes)
        self._group = RoleButtons("dashboard_group", groups)
        self._csv = Button("dashboard_csv", "action", "CSV", self.tr("Save the figures as a table (CSV)"))
        self._png = Button("dashboard_png", "action", "PNG", self.tr("Save the charts as a picture (PNG)"))
        self.charts, self.figures, self.side = ChartRow(context.formats), FiguresCard(), SideCard()
        self._empty = Text("dashboard_empty", "hint", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._notice = NoticeBar("dashboard_notice")
        self._connect()
        self.show_content(self._content())
        self.presenter.watch(self.render_state)

    def _connect(self) -> None:
        self._spans.chosen.connect(self._choose_span)
        self._scope.chosen.connect(self._choose_scope)
        self._group.chosen.connect(self._choose_group)
        self._csv.clicked.connect(self.presenter.save)
        self._png.clicked.connect(self._save_picture)
        self.charts.pressed.connect(self._open)
        self.figures.pressed.connect(self._open)
        self.figures.moved.connect(self.presenter.select)
        self.side.opened.connect(self.presenter.open_receipt)
        self.side.closed.connect(self.presenter.back)

    def _content(self) -> QLayout:
        controls = row(self._spans, self._scope, self._group, gap=sizes().space_large)
        controls.addStretch(1)
        controls.addWidget(self._csv)
        controls.addWidget(self._png)
        gap = sizes().space_medium
        below = row(gap=gap)
        below.addWidget(self.figures, _FIGURES)
        below.addWidget(self.side, _SIDE)
        sold, nothing = QWidget(), Card("dashboard_nothing")
        self._pages = QStackedWidget()
        self._pages.addWidget(sold)  # before there is anything in it: Qt styles all in it anew when it is added
        self._pages.addWidget(nothing)
        inside = column(self.charts, below, gap=gap)
        inside.setStretch(0, 1)
        inside.setStretch(1, 1)
        sold.setLayout(inside)
        nothing.setLayout(padded(column(self._empty)))
        content = column(controls, self._pages, self._notice, gap=gap)
        content.setStretch(1, 1)
        return content

    def entered(self, about: str) -> None:
        """Load the charts the first time, and ask for the figures."""
        del about
        self.charts.load(self.context.runner, self.presenter.fail)
        self.presenter.look()

    def dress(self, colours: Colours) -> None:
        """Draw everything that is not styled by the sheet in the theme's colours."""
        self._notice.dress(colours)
        self.charts.dress(colours)

    def pressed(self, key: int, text: str) -> bool:
        """Go along the bars by the arrows, behind one by Enter; Enter on a receipt is the table's."""
        del text
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.presenter.move(1 if key == Qt.Key.Key_Right else -1)
            return True
        if key in _ACCEPT and not self.side.table.hasFocus():
            self.presenter.drill()
            return True
        return False

    @Slot()
    def back(self) -> None:
        """Put the receipts away, else go back to selling."""
        if not self.presenter.back():
            super().back()

    @Slot(object)
    def _choose_span(self, value: str) -> None:
        self.presenter.choose_span(Span(value))

    @Slot(object)
    def _choose_scope(self, value: str) -> None:
        self.presenter.choose_scope(everywhere=value == _EVERYWHERE)

    @Slot(object)
    def _choose_group(self, value: str) -> None:
        self.presenter.group(by_counter=value == _BY_COUNTER)

    @Slot(object)
    def _open(self, place: int) -> None:
        self.presenter.select(place)
        self.presenter.drill()

    @Slot()
    def _save_picture(self) -> None:
        self.presenter.save_by(partial(save_picture, f"{FILE_NAME}.png", self.charts.picture()))

    def render_state(self, state: DashboardState) -> None:
        """Show this state."""
        self._spans.show_chosen(state.span.value)
        self._scope.show_chosen(_EVERYWHERE if state.everywhere else _HERE)
        self._group.show_chosen(_BY_COUNTER if state.by_counter else _BY_TIME)
        for part in (self.charts, self.figures, self.side):
            part.render_state(state)
        self._empty.setText(
            self.tr("Adding up") if state.busy else self.tr("Nothing was sold in this time. Choose a longer one above.")
        )
        self._pages.setCurrentIndex(1 if state.is_empty else 0)
        self._csv.setEnabled(not state.is_empty)
        self._png.setEnabled(not state.is_empty)
        self._notice.say(state.notice, self._hint(state))

    def _hint(self, state: DashboardState) -> str:
        if state.busy:
            return self.tr("Adding up. You can go on meanwhile.")
        whose = self.tr("All counters of the vendor") if state.everywhere else self.tr("This counter alone")
        words = self.tr("{whose}, as of {age}. Left and right choose a bar, Enter lists its receipts, Esc goes back.")
        return words.format(whose=whose, age=age_text(state.age))

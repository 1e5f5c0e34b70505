"""A line of foreign text: shortened where it does not fit, whole wherever somebody asks for it."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from urs_desktop.ui.customer_display.large import Large
from urs_desktop.ui.widgets.labels import Line

LONG = "A very long name of a hand-painted lantern with seventeen glass panes"


def shown(label: QLabel) -> str:
    """Return what Qt paints, which asks no method of Python's."""
    return QLabel.text(label)


@pytest.mark.parametrize("make", [lambda: Line("line"), lambda: Large("large", 20)])
def test_it_shows_what_fits_and_tells_the_whole(qtbot: QtBot, make: Callable[[], Line | Large]) -> None:
    line = make()
    qtbot.addWidget(line)
    line.resize(120, 40)
    line.show()
    line.show_text(LONG)
    assert shown(line).endswith("\u2026")
    assert line.fontMetrics().horizontalAdvance(shown(line)) <= line.contentsRect().width()
    assert (line.text(), line.accessibleName()) == (LONG, LONG)
    line.resize(2000, 40)
    assert shown(line) == LONG
    line.show_text("Short")
    assert shown(line) == "Short"


def test_it_takes_the_room_it_is_given_later(qtbot: QtBot) -> None:
    line, beside, whole = Line("line"), Line("beside"), QWidget()
    qtbot.addWidget(whole)
    layout = QHBoxLayout(whole)
    layout.addWidget(line)
    layout.addWidget(beside)
    beside.show_text("Beside")
    whole.resize(150, 40)
    whole.show()
    line.show_text(LONG)
    qtbot.waitUntil(lambda: shown(line).endswith("\u2026"))
    whole.resize(line.fontMetrics().horizontalAdvance(LONG + "Beside") + 100, 40)
    qtbot.waitUntil(lambda: (shown(line), shown(beside)) == (LONG, "Beside"))


def test_a_larger_font_shortens_it_anew(qtbot: QtBot) -> None:
    line = Line("line")
    qtbot.addWidget(line)
    line.show()
    line.show_text("Lantern")
    line.resize(line.fontMetrics().horizontalAdvance("Lantern") + 2, 60)
    assert shown(line) == "Lantern"
    font = line.font()
    font.setPixelSize(60)
    line.setFont(font)
    assert shown(line) != "Lantern"


@pytest.mark.parametrize("make", [lambda: Line("line"), lambda: Large("large", 20)])
def test_a_name_from_right_to_left_begins_where_the_others_do(qtbot: QtBot, make: Callable[[], Line | Large]) -> None:
    line = make()
    qtbot.addWidget(line)
    line.resize(400, 40)
    line.show()
    line.show_text("\u05e9\u05dc\u05d5\u05dd")
    picture = line.grab().toImage()
    ground = picture.pixel(399, 20)
    written = [x for x in range(400) if any(picture.pixel(x, y) != ground for y in range(40))]
    assert written
    assert max(written) < 200

"""A QR code on the screen: every module where the code has it, at every size."""

import pytest
import segno
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from urs_desktop.ui.widgets.qr_code import QrCode

QUIET = 4


@pytest.mark.parametrize("side", [60, 150, 241])
def test_every_module_is_shown_whole(qtbot: QtBot, side: int) -> None:
    text = "https://example.org/r/0193f7a2c4b57e0c"
    code = QrCode("code", "A code", side)
    qtbot.addWidget(code)
    code.show_text(text)
    code.resize(side, side)
    code.show()
    picture = code.grab().toImage()
    expected = [bytes(row) for row in segno.make(text, error="l", micro=False).matrix]
    count = len(expected) + 2 * QUIET
    size = side // count
    start = (side - size * count) // 2
    dots = [
        [picture.pixelColor(start + x, start + y) == QColor("black") for x in range(size * count)]
        for y in range(size * count)
    ]
    empty = bytes(count)
    rows = [*[empty] * QUIET, *(bytes(QUIET) + row + bytes(QUIET) for row in expected), *[empty] * QUIET]
    assert dots == [[bool(row[x // size]) for x in range(size * count)] for row in rows for _ in range(size)]


def test_no_text_shows_white(qtbot: QtBot) -> None:
    code = QrCode("code", "A code", 60)
    qtbot.addWidget(code)
    code.show_text("A")
    code.show_text("")
    code.resize(60, 60)
    code.show()
    picture = code.grab().toImage()
    assert {picture.pixelColor(x, y).name() for x in range(60) for y in range(60)} == {"#ffffff"}

"""The tokens: whole, and readable in every theme; the font has the letters it must have; icons and sheet draw."""

import ast
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontDatabase, QRawFont
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from urs_desktop import ui
from urs_desktop.system.resources import resource
from urs_desktop.ui.theme.apply import FONT_FILES, apply_theme, palette, register_fonts, style_sheet, tokens
from urs_desktop.ui.theme.icons import pixmap
from urs_desktop.ui.theme.tokens import TEXT_PAIRS, THEMES, TokenError, read_tokens
from urs_desktop.ui.widgets.buttons import FigureButton
from urs_desktop.ui.widgets.labels import Figure

LEAST_CONTRAST = 4.5
FONT_BYTES = 2 * 1024 * 1024


def characters_of_the_screens() -> set[str]:
    """Return every character of the texts in the package's screens."""
    found: set[str] = set()
    for path in Path(ui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(character for character in node.value if character.isprintable())
    return found


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    value = QColor(colour)
    return 0.2126 * linear(value.redF()) + 0.7152 * linear(value.greenF()) + 0.0722 * linear(value.blueF())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back"), TEXT_PAIRS)
def test_every_text_can_be_read(theme: str, front: str, back: str) -> None:
    colours = tokens().colours[theme]
    one, other = sorted((luminance(getattr(colours, front)), luminance(getattr(colours, back))))
    assert (other + 0.05) / (one + 0.05) >= LEAST_CONTRAST


@pytest.mark.parametrize("theme", THEMES)
def test_the_focus_can_be_seen(theme: str) -> None:
    colours = tokens().colours[theme]
    for back in (colours.window, colours.surface, colours.raised):
        one, other = sorted((luminance(colours.focus), luminance(back)))
        assert (other + 0.05) / (one + 0.05) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_sheet_and_palette_are_whole(theme: str, qapp: QApplication) -> None:
    colours = tokens().colours[theme]
    sheet = style_sheet(colours, tokens().sizes)
    assert "$" not in sheet
    assert palette(colours).window().color() == QColor(colours.window)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('window = "', 'windows = "'),
        ("#eef1f5", "#eef"),
        ("pay = 96", "pay = -1"),
        ("[dark]", "[dim]"),
        ("[light]", "["),
    ],
)
def test_a_token_file_that_is_not_whole_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text = resource("theme", "tokens.toml").read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "tokens.toml"
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TokenError):
        read_tokens(broken)


def test_the_font_is_free_small_and_has_latin_greek_and_cyrillic(qapp: QApplication) -> None:
    assert register_fonts() in QFontDatabase.families()
    assert "SIL OPEN FONT LICENSE" in resource("fonts", "OFL.txt").read_text(encoding="utf-8").upper()
    assert sum(resource("fonts", name).stat().st_size for name in FONT_FILES) < FONT_BYTES
    for name in FONT_FILES:
        font = QRawFont(str(resource("fonts", name)), 16)
        for letter in {*"AzÅłßñΓωΣςЖяЇё€£¥₹\u202f", *characters_of_the_screens()}:
            assert font.supportsCharacter(ord(letter)), (name, letter)


@pytest.mark.parametrize("path", sorted(resource("icons").glob("*.svg")), ids=lambda path: path.stem)
def test_every_icon_draws_in_the_colour_it_is_given(qapp: QApplication, path: Path) -> None:
    image = pixmap(path.stem, "#ff0000", 32).toImage()
    drawn = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() > 200]
    assert drawn
    assert all(colour.red() > 200 and colour.green() < 50 for colour in drawn)


def test_figures_stay_large_in_another_theme(qtbot: QtBot, qapp: QApplication) -> None:
    """A new style sheet sets every font anew, also that of a figure that had been fitted to its place."""
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    figure, button = Figure("total", 48), FigureButton("exact", "primary", 24)
    column.addWidget(figure)
    column.addWidget(button)
    figure.show_text("£12.50")
    button.show_text("Exact £12.50")
    window.resize(400, 200)
    window.show()
    for theme in ("dark", "light"):
        apply_theme(qapp, theme)
        qtbot.waitUntil(lambda: (figure.font().pixelSize(), button.font().pixelSize()) == (48, 24))

"""Dresses the application: font, palette and style sheet of one theme, whole and at once.

The only place where a style sheet is set. Must never run per event: switching the theme restyles every widget.
"""

from functools import cache
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from urs_desktop.system.resources import resource
from urs_desktop.ui.theme.tokens import Colours, Sizes, Tokens, read_tokens

FONT_FILES = ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf")
_APPLIED = "urs_theme"


@cache
def tokens() -> Tokens:
    """Return the program's tokens; raises TokenError when the file is not whole."""
    return read_tokens(resource("theme", "tokens.toml"))


def sizes() -> Sizes:
    """Return the distances and sizes all themes share."""
    return tokens().sizes


def register_fonts() -> str:
    """Make the bundled font known to Qt and return its family; raises FileNotFoundError when it is not there."""
    families = ""
    for name in FONT_FILES:
        path = resource("fonts", name)
        number = QFontDatabase.addApplicationFont(str(path))
        if number < 0:
            raise FileNotFoundError(path)
        families = QFontDatabase.applicationFontFamilies(number)[0]
    return families


def style_sheet(colours: Colours, measures: Sizes) -> str:
    """Return the style sheet of a theme; raises KeyError for a token the template names and nobody has."""
    template = Template(resource("theme", "app.qss").read_text(encoding="utf-8"))
    values: dict[str, object] = {name: getattr(colours, name) for name in Colours.__slots__}
    values.update({name: getattr(measures, name) for name in Sizes.__slots__})
    return template.substitute(values)


def palette(colours: Colours) -> QPalette:
    """Return the palette of a theme, for what no style sheet reaches."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, name in (
        (role.Window, colours.window),
        (role.WindowText, colours.text),
        (role.Base, colours.surface),
        (role.AlternateBase, colours.raised),
        (role.Text, colours.text),
        (role.Button, colours.raised),
        (role.ButtonText, colours.text),
        (role.Highlight, colours.selected),
        (role.HighlightedText, colours.on_selected),
        (role.PlaceholderText, colours.muted),
        (role.ToolTipBase, colours.surface),
        (role.ToolTipText, colours.text),
        (role.Link, colours.accent),
    ):
        made.setColor(which, QColor(name))
    for which in (role.Text, role.ButtonText, role.WindowText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.on_disabled))
    return made


def apply_theme(app: QApplication, theme: str) -> Colours:
    """Dress the application in a theme and return its colours; the theme it wears already costs nothing."""
    colours = tokens().colours[theme]
    if app.property(_APPLIED) != theme:
        font = QFont(register_fonts())
        font.setPixelSize(sizes().type_body)
        app.setFont(font)
        app.setPalette(palette(colours))
        for sheet in ("", style_sheet(colours, sizes())):  # replacing one by another takes Qt three times as long
            app.setStyleSheet(sheet)
        app.setProperty(_APPLIED, theme)
    return colours

"""The design tokens as checked values: colours by role for each theme, distances and sizes for all.

Must never fall back to a value of its own: a token file that is not whole is a fault of the build.
"""

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

THEMES: Final = ("light", "dark", "contrast")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class TokenError(ValueError):
    """The token file lacks a token, has one too many or holds a value that is none."""


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one theme by role, as `#rrggbb`."""

    window: str
    surface: str
    raised: str
    raised_hover: str
    outline: str
    disabled_outline: str
    border: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    selected: str
    on_selected: str
    focus: str
    success: str
    success_soft: str
    warning: str
    warning_soft: str
    danger: str
    danger_soft: str
    disabled: str
    on_disabled: str
    tile_1: str
    tile_2: str
    tile_3: str
    tile_4: str
    tile_5: str
    tile_6: str


TILE_COLOURS: Final = ("tile_1", "tile_2", "tile_3", "tile_4", "tile_5", "tile_6")
"""The roles that tell the categories of tiles apart; a letter says the same without colour."""

TEXT_PAIRS: Final[tuple[tuple[str, str], ...]] = (
    ("text", "window"),
    ("text", "surface"),
    ("text", "raised"),
    ("text", "raised_hover"),
    ("muted", "window"),
    ("muted", "surface"),
    ("muted", "raised"),
    ("accent", "surface"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_selected", "selected"),
    ("success", "surface"),
    ("success", "window"),
    ("success", "success_soft"),
    ("warning", "surface"),
    ("warning", "window"),
    ("warning", "warning_soft"),
    ("danger", "surface"),
    ("danger", "window"),
    ("danger", "danger_soft"),
    ("text", "success_soft"),
    ("text", "warning_soft"),
    ("text", "danger_soft"),
    ("on_disabled", "disabled"),
    *(("text", tile) for tile in TILE_COLOURS),
)
"""Every pair of roles in which the first is text on the second: their contrast is at least 4.5 in every theme."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Distances, radii, font sizes and least touch heights, in pixels at scale 1, by `group_name`."""

    space_tiny: int
    space_small: int
    space_medium: int
    space_large: int
    radius_small: int
    radius_card: int
    type_small: int
    type_body: int
    type_strong: int
    type_title: int
    type_total: int
    type_change: int
    touch_row: int
    touch_action: int
    touch_key: int
    touch_pay: int
    touch_tile: int
    display_small: int
    display_body: int
    display_strong: int
    display_title: int
    display_total: int
    display_row: int
    display_button: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """All tokens; `colours` by the names in THEMES."""

    colours: dict[str, Colours]
    sizes: Sizes


def read_tokens(path: Path) -> Tokens:
    """Return the checked tokens of a file; raises TokenError, or OSError when there is no file."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise TokenError(str(error)) from error
    sizes = {
        f"{group}_{name}": value
        for group in ("space", "radius", "type", "touch", "display")
        for name, value in document.pop(group, {}).items()
    }
    if set(document) != set(THEMES):
        raise TokenError(f"themes {sorted(document)} instead of {sorted(THEMES)}")
    return Tokens({name: _colours(name, document[name]) for name in THEMES}, _sizes(sizes))


def _colours(theme: str, values: dict[str, object]) -> Colours:
    _check_names(theme, values, {each.name for each in fields(Colours)})
    for role, value in values.items():
        if not isinstance(value, str) or _COLOUR.fullmatch(value) is None:
            raise TokenError(f"{theme}.{role} is no colour: {value!r}")
    return Colours(**{role: str(value) for role, value in values.items()})


def _sizes(values: dict[str, object]) -> Sizes:
    _check_names("sizes", values, {each.name for each in fields(Sizes)})
    sizes = {name: value for name, value in values.items() if isinstance(value, int) and value > 0}
    if len(sizes) != len(values):
        raise TokenError(f"sizes that are no positive number: {sorted(set(values) - set(sizes))}")
    return Sizes(**sizes)


def _check_names(what: str, values: dict[str, object], wanted: set[str]) -> None:
    if set(values) != wanted:
        raise TokenError(f"{what}: missing {sorted(wanted - set(values))}, unknown {sorted(set(values) - wanted)}")

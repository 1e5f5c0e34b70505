"""What the settings room shows, whole and frozen: the widgets render it and know nothing else.

Must never hold anything a widget could change.
"""

from dataclasses import dataclass
from enum import StrEnum

from urs_desktop.ui.presenters.notices import Notice


class SettingKind(StrEnum):
    """How a setting is changed: typed, gone through by touch, or by pressing the new key."""

    TEXT = "text"
    CHOICE = "choice"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class SettingView:
    """One setting by its name in the preferences; a choice's `value` is a code, a key's `name` is its action."""

    name: str
    kind: SettingKind
    value: str


@dataclass(frozen=True, slots=True)
class ScanView:
    """What the scanner sent last, character by character, by name where one cannot be seen, and how fast.

    `count` characters, at most `slowest` milliseconds apart; `is_scan` says whether that is taken for a scan.
    """

    characters: tuple[str, ...] = ()
    count: str = ""
    slowest: str = ""
    is_scan: bool = False


@dataclass(frozen=True, slots=True)
class SettingsState:
    """Everything the settings room shows.

    `binding` is the action that waits for its new key; `changed` where something is not saved yet.
    """

    settings: tuple[SettingView, ...] = ()
    binding: str = ""
    scanned: ScanView = ScanView()
    changed: bool = False
    busy: bool = False
    notice: Notice | None = None

"""The words of the settings room: a label for every setting, every action of a key, and every choice.

Must never show a code where there are words.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication

from urs_desktop.ui.presenters.settings_state import SettingKind, SettingView
from urs_desktop.ui.translation import QT_TRANSLATE_NOOP

_SETTINGS: Final[dict[str, str]] = {
    "printer": QT_TRANSLATE_NOOP(
        "settings", "Printer: virtual, tcp://HOST:9100, usb://VENDOR:PRODUCT, serial:///DEVICE, system:NAME"
    ),
    "columns": QT_TRANSLATE_NOOP("settings", "Characters in a line of paper"),
    "scanner_prefix": QT_TRANSLATE_NOOP("settings", "What the scanner puts before a code"),
    "scanner_suffix": QT_TRANSLATE_NOOP("settings", "What the scanner puts behind a code"),
    "scale_labels": QT_TRANSLATE_NOOP(
        "settings", "Labels of scales: 02 or 20 to 29, I article, P price or W grams, V its check digit, C check digit"
    ),
    "idle_lock": QT_TRANSLATE_NOOP("settings", "Lock after so many seconds without a hand (0: never)"),
    "consent_above": QT_TRANSLATE_NOOP(
        "settings", "Points from which the customer agrees on the display (0: never asks)"
    ),
    "print_receipts": QT_TRANSLATE_NOOP("settings", "Print receipts"),
    "opens_drawer": QT_TRANSLATE_NOOP("settings", "Open the drawer for cash"),
    "customer_display": QT_TRANSLATE_NOOP("settings", "Customer display"),
    "sounds": QT_TRANSLATE_NOOP("settings", "Sounds"),
    "prices_include_tax": QT_TRANSLATE_NOOP("settings", "New prices include the tax"),
    "theme": QT_TRANSLATE_NOOP("settings", "Theme"),
    "language": QT_TRANSLATE_NOOP("settings", "Language of figures and receipts"),
}
_SECTIONS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        QT_TRANSLATE_NOOP("settings", "Printer and drawer"),
        ("printer", "columns", "print_receipts", "opens_drawer"),
    ),
    (
        QT_TRANSLATE_NOOP("settings", "Scanner and scale"),
        ("scanner_prefix", "scanner_suffix", "scale_labels", "sounds"),
    ),
    (QT_TRANSLATE_NOOP("settings", "Screens"), ("theme", "language", "customer_display")),
    (QT_TRANSLATE_NOOP("settings", "Selling"), ("idle_lock", "consent_above", "prices_include_tax")),
)
_KEYS: Final = QT_TRANSLATE_NOOP("settings", "Keys")
_ACTIONS: Final[dict[str, str]] = {
    "help": QT_TRANSLATE_NOOP("settings", "List of keys"),
    "search": QT_TRANSLATE_NOOP("settings", "Search"),
    "customer": QT_TRANSLATE_NOOP("settings", "Customer"),
    "redeem": QT_TRANSLATE_NOOP("settings", "Points"),
    "quantity": QT_TRANSLATE_NOOP("settings", "Quantity; card while paying"),
    "price": QT_TRANSLATE_NOOP("settings", "Price or discount; print after a sale"),
    "hold": QT_TRANSLATE_NOOP("settings", "Hold"),
    "recall": QT_TRANSLATE_NOOP("settings", "Recall"),
    "refund": QT_TRANSLATE_NOOP("settings", "Refund"),
    "drawer": QT_TRANSLATE_NOOP("settings", "Drawer"),
    "menu": QT_TRANSLATE_NOOP("settings", "Menu"),
    "pay": QT_TRANSLATE_NOOP("settings", "Pay"),
    "shift": QT_TRANSLATE_NOOP("settings", "Shift"),
    "void": QT_TRANSLATE_NOOP("settings", "Remove the chosen line"),
    "lock": QT_TRANSLATE_NOOP("settings", "Lock, or switch cashier"),
    "theme": QT_TRANSLATE_NOOP("settings", "Next theme"),
}
_CHOICES: Final[dict[str, str]] = {
    "yes": QT_TRANSLATE_NOOP("settings", "Yes"),
    "no": QT_TRANSLATE_NOOP("settings", "No"),
    "always": QT_TRANSLATE_NOOP("settings", "Always"),
    "ask": QT_TRANSLATE_NOOP("settings", "When asked for"),
    "never": QT_TRANSLATE_NOOP("settings", "Never"),
    "light": QT_TRANSLATE_NOOP("settings", "Light"),
    "dark": QT_TRANSLATE_NOOP("settings", "Dark"),
    "contrast": QT_TRANSLATE_NOOP("settings", "High contrast"),
    "en_GB": QT_TRANSLATE_NOOP("settings", "English (United Kingdom)"),
    "en_US": QT_TRANSLATE_NOOP("settings", "English (United States)"),
    "de_DE": QT_TRANSLATE_NOOP("settings", "German"),
    "es_ES": QT_TRANSLATE_NOOP("settings", "Spanish"),
    "fr_FR": QT_TRANSLATE_NOOP("settings", "French"),
    "hi_IN": QT_TRANSLATE_NOOP("settings", "Hindi"),
    "ar_EG": QT_TRANSLATE_NOOP("settings", "Arabic"),
}


def sections(settings: Sequence[SettingView]) -> list[tuple[str, list[SettingView]]]:
    """Return the settings in sections, each with its heading, those of keys last."""
    typed = {setting.name: setting for setting in settings if setting.kind is not SettingKind.KEY}
    translated = [(QCoreApplication.translate("settings", title), names) for title, names in _SECTIONS]
    found = [(title, [typed[name] for name in names]) for title, names in translated]
    keys = [setting for setting in settings if setting.kind is SettingKind.KEY]
    return [*found, (QCoreApplication.translate("settings", _KEYS), keys)]


def setting_words(setting: SettingView) -> str:
    """Return the label of a setting."""
    of = _ACTIONS if setting.kind is SettingKind.KEY else _SETTINGS
    return QCoreApplication.translate("settings", of[setting.name])


def choice_words(code: str) -> str:
    """Return a choice in words."""
    return QCoreApplication.translate("settings", _CHOICES.get(code, code))

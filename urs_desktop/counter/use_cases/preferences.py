"""How this counter is set up: its devices, keys, language and looks, kept in its store as one document.

What is missing or unreadable takes its default, so that no setting can keep a till from selling. Must never hold a
secret or a rule of the programme.
"""

import logging
from typing import Final

import msgspec

from urs_desktop.counter.ports import Book, Store

_NAME: Final = "preferences"
_log = logging.getLogger(__name__)

SCALE_LABELS: Final = ("02IIIIIPPPPPC", "21IIIIIPPPPPC", "22IIIIIPPPPPC", "23IIIIIWWWWWC")
"""Labels as most scales print them where nobody says otherwise: five digits of article, five of price or of grams."""


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """Everything somebody may set.

    `printer` is where receipts go: empty for none, `virtual`, `tcp://HOST:PORT`, `usb://VENDOR:PRODUCT`,
    `serial:///DEVICE?baud=N`, `file:///DEVICE`, `system:NAME`; with `?model=epson` behind it
    a printer with all of Epson's code pages, with `?model=text` one that prints letters alone. `print_receipts` is
    `always`, `ask` or `never`.
    `columns` are the characters in a line of a receipt. `scanner_prefix` and `scanner_suffix` are what the scanner
    adds. `keys` maps an action to the key that does it, where it is not the default. `idle_lock` in seconds, 0 for
    never (PCI DSS 8.2.8: at most 15 minutes). `consent_above` points a redemption needs the customer's consent on the
    display. `prices_include_tax` says whether catalogue prices hold the tax already. `scale_labels` are the patterns
    of the labels that scales print: 13 characters, 02 or 20 to 29, I for the article, V for the value's own check
    digit, P for a price in the smallest coin or W for grams, C for the check digit.
    """

    language: str = "en_GB"
    theme: str = "light"
    printer: str = ""
    columns: int = 42
    print_receipts: str = "always"
    opens_drawer: bool = True
    customer_display: bool = False
    scanner_prefix: str = ""
    scanner_suffix: str = ""
    sounds: bool = True
    keys: dict[str, str] = {}
    idle_lock: int = 900
    consent_above: int = 0
    prices_include_tax: bool = True
    scale_labels: tuple[str, ...] = SCALE_LABELS


class Setup:
    """Reads and keeps a counter's preferences."""

    def __init__(self, store: Store) -> None:
        """Take the counter's store."""
        self._store = store

    def read(self) -> Preferences:
        """Return the preferences; defaults where nothing was kept or it cannot be read."""
        return self._store.read(preferences_in)

    def choose_theme(self, theme: str) -> None:
        """Keep this theme for the next start, everything else as it is."""

        def choose(book: Book) -> None:
            kept = msgspec.structs.replace(preferences_in(book), theme=theme)
            book.settings.put(_NAME, msgspec.json.encode(kept).decode())

        self._store.write(choose)

    def keep(self, preferences: Preferences) -> None:
        """Keep these preferences; on disk when this returns."""
        text = msgspec.json.encode(preferences).decode()
        self._store.write(lambda book: book.settings.put(_NAME, text))


def preferences_in(book: Book) -> Preferences:
    """Return the preferences a book holds; defaults where nothing was kept or it cannot be read."""
    text = book.settings.get(_NAME)
    if text is None:
        return Preferences()
    try:
        return msgspec.json.decode(text, type=Preferences)
    except (msgspec.DecodeError, UnicodeDecodeError):
        _log.exception("the preferences cannot be read; the defaults hold")
        return Preferences()

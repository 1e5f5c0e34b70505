"""The settings room's presenter: devices, keys, language and looks, changed in a draft and saved whole or not at all.

Must never save half a change, nor a printer's address that means nothing.
"""

import unicodedata
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from urs_desktop.counter.use_cases.events import EventKind
from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.counter.use_cases.scale_labels import check_pattern
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.customer_display import DisplayState, sample
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.key_bindings import Action, KeyBindings
from urs_desktop.ui.presenters.notices import Notice, NoticeCode, Severity, notice, of_error
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.scan_reader import Burst
from urs_desktop.ui.presenters.sell import THEMES
from urs_desktop.ui.presenters.settings_state import ScanView, SettingKind, SettingsState, SettingView
from urs_desktop.ui.presenters.sounds import Sound
from urs_desktop.ui.presenters.watched import Watched

LANGUAGES: Final = ("en_GB", "en_US", "de_DE", "es_ES", "fr_FR", "hi_IN", "ar_EG")
"""The languages figures and receipts can be written in."""

_HEARD: Final = {
    Sound.FOUND: NoticeCode.SOUND_FOUND,
    Sound.UNKNOWN: NoticeCode.SOUND_UNKNOWN,
    Sound.REFUSED: NoticeCode.SOUND_REFUSED,
}
_YES_NO: Final = ("yes", "no")
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "print_receipts": ("always", "ask", "never"),
    "opens_drawer": _YES_NO,
    "customer_display": _YES_NO,
    "sounds": _YES_NO,
    "prices_include_tax": _YES_NO,
    "theme": THEMES,
    "language": LANGUAGES,
}
"""What can be chosen, in the order in which touching goes through it."""

_TEXTS: Final = (
    *("printer", "columns", "scanner_prefix", "scanner_suffix"),
    *("scale_labels", "idle_lock", "consent_above"),
)
_RANGES: Final = {"columns": (24, 96), "idle_lock": (0, 86_400), "consent_above": (0, 10**9)}
_SCHEMES: Final = ("tcp", "usb", "serial", "file", "system", "virtual")
_LONGEST: Final = 200
_NAMED: Final = {"\x1d": "<GS>", " ": "<SPACE>"}


@dataclass(slots=True)
class _Draft:
    kept: Preferences = field(default_factory=Preferences)
    texts: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    binding: str = ""
    scanned: ScanView = field(default_factory=ScanView)
    busy: bool = False
    notice: Notice | None = None


class SettingsPresenter(Watched[SettingsState]):
    """Presents the settings of one counter."""

    def __init__(
        self,
        till: Till,
        runner: Runner,
        formats: Formats,
        applied: Callable[[Preferences], None],
        hear: Callable[[Sound], None],
        try_display: Callable[[DisplayState], None],
    ) -> None:
        """Take the use cases, the runner, the formats, who is told of what was saved, what is heard and displayed."""
        super().__init__(SettingsState())
        self._till = till
        self._runner = runner
        self._formats = formats
        self._applied = applied
        self._hear = hear
        self._try_display = try_display
        self._sounds = deque(Sound)
        self._draft = _Draft()

    def begin(self) -> None:
        """Read what is set; what was changed and not saved is gone."""
        self._draft = _Draft(busy=True)
        self._run(self._till.setup.read, self._read)

    def _read(self, kept: Preferences) -> None:
        self._draft = _Draft(kept)
        self._draft.texts = _texts(kept)
        self._draft.chosen = {name: _code(getattr(kept, name), of) for name, of in CHOICES.items()}
        self._draft.keys = dict(kept.keys)

    def _run(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        def finish(result: Any) -> None:  # noqa: ANN401 - whatever the work returns
            self._draft.busy = False
            done(result)
            self._publish()

        def stumble(error: Exception) -> None:
            self._draft.busy = False
            self._fail(error)

        self._publish()
        self._runner.run(work, finish, stumble)

    def edit(self, name: str, text: str) -> None:
        """Take over what is in a field."""
        if name in _TEXTS:
            self._draft.texts[name] = text[:_LONGEST]
            self._draft.notice = None
            self._publish()

    def cycle(self, name: str) -> None:
        """Go on to the next choice of a setting."""
        choices = CHOICES[name]
        self._draft.chosen[name] = choices[(choices.index(self._draft.chosen[name]) + 1) % len(choices)]
        self._draft.notice = None
        self._publish()

    def ask_key(self, action: str) -> None:
        """Wait for the new key of an action; asking again stops waiting."""
        self._draft.binding = "" if self._draft.binding == action else action
        self._draft.notice = notice(NoticeCode.PRESS_KEY) if self._draft.binding else None
        self._publish()

    def bind(self, key: str) -> None:
        """Give the action that waits this key."""
        waiting, self._draft.binding = self._draft.binding, ""
        if waiting:
            try:
                self._draft.keys = KeyBindings(self._draft.keys).with_key(Action(waiting), key)
                self._draft.notice = None
            except Refusal as refusal:
                self._fail(refusal)
                return
        self._publish()

    def look(self, came: Burst) -> None:
        """Show what the scanner sent, character by character, or what was typed."""
        if came.text:
            number = self._formats.number
            names = tuple(_name(character) for character in came.text)
            self._draft.scanned = ScanView(names, number(len(names)), number(came.slowest), is_scan=came.is_scan)
            self._publish()

    def save(self) -> None:
        """Save everything that was changed, or say what cannot be."""
        try:
            wanted = self._wanted()
        except Refusal as refusal:
            self._fail(refusal)
            return
        if self._draft.busy:
            return
        self._draft.busy = True
        self._run(partial(self._keep, wanted), self._kept)

    def _keep(self, wanted: Preferences) -> Preferences:
        before = self._till.setup.read()
        changed = [name for name in Preferences.__struct_fields__ if getattr(before, name) != getattr(wanted, name)]
        self._till.setup.keep(wanted)
        if changed:
            self._till.events.note(EventKind.SETTINGS_CHANGED, ",".join(changed))
        return wanted

    def _kept(self, kept: Preferences) -> None:
        later = kept.language != self._draft.kept.language
        self._read(kept)
        code = NoticeCode.SETTINGS_SAVED_LANGUAGE if later else NoticeCode.SETTINGS_SAVED
        self._draft.notice = notice(code, Severity.SUCCESS)
        self._applied(kept)

    def _wanted(self) -> Preferences:
        """Return what is in the draft; raises Refusal(SETTING_MALFORMED, PRINTER_MALFORMED)."""
        draft = self._draft
        numbers = {name: _number(draft.texts[name], *limits) for name, limits in _RANGES.items()}
        texts = {name: text.strip() for name, text in draft.texts.items() if name not in _RANGES}
        _check_printer(texts["printer"])
        labels = tuple(texts.pop("scale_labels").upper().split())
        for pattern in labels:
            check_pattern(pattern)
        chosen: dict[str, Any] = {
            name: value == _YES_NO[0] if CHOICES[name] == _YES_NO else value for name, value in draft.chosen.items()
        }
        return msgspec.structs.replace(
            draft.kept, **texts, **numbers, **chosen, scale_labels=labels, keys=dict(draft.keys)
        )

    def test_printer(self) -> None:
        """Print a test page on the printer that is saved."""
        self._test(self._till.printing.print_test_page, NoticeCode.TEST_PRINTING)

    def test_drawer(self) -> None:
        """Open the drawer, which is signed."""
        self._test(partial(self._till.printing.open_drawer, "test"), NoticeCode.TEST_PRINTING)

    def test_display(self, word: str) -> None:
        """Show the customer display for a moment, on or not, with this word on it."""
        identity = self._till.identity
        self._try_display(sample(plain(identity.vendor_name), word, self._formats, identity.currency))
        self._draft.notice = notice(NoticeCode.TEST_DISPLAY)
        self._publish()

    def test_sounds(self) -> None:
        """Have the three sounds heard one after the other, a press each; they are off where they are saved so."""
        sound = self._sounds[0]
        self._sounds.rotate(-1)
        self._draft.notice = notice(_HEARD[sound])
        self._hear(sound)
        self._publish()

    def _test(self, work: Callable[[], object], said: NoticeCode) -> None:
        if _is_changed(self._draft):
            self._draft.notice = notice(NoticeCode.SAVE_FIRST, Severity.WARNING)
            self._publish()
            return

        def done(_: object) -> None:
            self._draft.notice = notice(said)

        self._run(work, done)

    def _fail(self, error: Exception) -> None:
        self._draft.notice = of_error(error, self._formats, self._till.identity.currency)
        self._publish()

    def _publish(self) -> None:
        draft, bindings = self._draft, KeyBindings(self._draft.keys)
        texts = tuple(SettingView(name, SettingKind.TEXT, draft.texts.get(name, "")) for name in _TEXTS)
        choices = tuple(SettingView(name, SettingKind.CHOICE, draft.chosen.get(name, "")) for name in CHOICES)
        keys = tuple(SettingView(action.value, SettingKind.KEY, bindings.key(action)) for action in Action)
        self._show(
            SettingsState(
                settings=(*texts, *choices, *keys),
                binding=draft.binding,
                scanned=draft.scanned,
                changed=_is_changed(draft),
                busy=draft.busy,
                notice=draft.notice,
            )
        )


def _is_changed(draft: _Draft) -> bool:
    """Return whether the draft says other than what is kept."""
    chosen = {name: _code(getattr(draft.kept, name), of) for name, of in CHOICES.items()}
    kept = (_texts(draft.kept), chosen, dict(draft.kept.keys))
    return bool(draft.texts) and (draft.texts, draft.chosen, draft.keys) != kept


def _texts(kept: Preferences) -> dict[str, str]:
    """Return the settings that are typed, as they are typed."""
    return {**{name: str(getattr(kept, name)) for name in _TEXTS}, "scale_labels": " ".join(kept.scale_labels)}


def _code(value: object, choices: tuple[str, ...]) -> str:
    """Return a value as the code of a choice; what is none of them is the first."""
    if isinstance(value, bool):
        return _YES_NO[0] if value else _YES_NO[1]
    return str(value) if value in choices else choices[0]


def _number(text: str, least: int, most: int) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
        raise Refusal(RefusalCode.SETTING_MALFORMED, text=text[:40], fewest=str(least), most=str(most))
    return int(text)


def _check_printer(address: str) -> None:
    """Refuse what no printer can be reached by; whether one answers the test page says."""
    try:
        parts = urlsplit(address)
        named = parts.scheme or address
        fits = not address or (named in _SCHEMES and (named == "virtual" or bool(parts.netloc or parts.path)))
        fits = fits and (parts.scheme != "tcp" or bool(parts.hostname and (parts.port or 0) >= 0))
    except ValueError:
        fits = False
    if not fits:
        raise Refusal(RefusalCode.PRINTER_MALFORMED, text=address[:40])


def _name(character: str) -> str:
    """Return a character as it is shown, or the name of one that cannot be."""
    if character.isprintable() and not character.isspace():
        return character
    named = _NAMED.get(character)
    return unicodedata.name(character, f"U+{ord(character):04X}") if named is None else named

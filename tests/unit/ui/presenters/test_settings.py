"""The settings room's presenter: changed in a draft, saved whole or not at all, tried once saved."""

import pytest

from tests.fakes.runners import ImmediateRunner
from tests.fakes.shop import Shop
from urs_desktop.counter.use_cases.preferences import SCALE_LABELS, Preferences
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import EventBody
from urs_desktop.ui.presenters.customer_display import DisplayState, Scene
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.key_bindings import Action
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.scan_reader import Burst
from urs_desktop.ui.presenters.settings import CHOICES, SettingsPresenter
from urs_desktop.ui.presenters.settings_state import ScanView
from urs_desktop.ui.presenters.sounds import Sound


def _unheard(_: Sound) -> None:
    """Hear nothing."""


def _unseen(_: DisplayState) -> None:
    """See nothing."""


@pytest.fixture
def applied() -> list[Preferences]:
    return []


@pytest.fixture
def room(shop: Shop, applied: list[Preferences]) -> SettingsPresenter:
    presenter = SettingsPresenter(shop.till, ImmediateRunner(), Formats(), applied.append, _unheard, _unseen)
    presenter.begin()
    return presenter


def said(room: SettingsPresenter) -> object:
    return room.state.notice.code if room.state.notice else None


def value(room: SettingsPresenter, name: str) -> str:
    return next(setting.value for setting in room.state.settings if setting.name == name)


def events(shop: Shop) -> list[tuple[str, str]]:
    bodies = [decode_body(o.kind, o.schema, o.body) for o in shop.store.read(lambda book: book.operations.all())]
    return [(body.what, body.subject) for body in bodies if isinstance(body, EventBody)]


def test_what_is_set_is_shown(room: SettingsPresenter) -> None:
    assert (value(room, "columns"), value(room, "theme"), value(room, "sounds")) == ("42", "light", "yes")
    assert (value(room, "pay"), value(room, "help")) == ("F12", "F1")
    assert not room.state.changed


def test_everything_is_saved_at_once_and_signed(
    shop: Shop, room: SettingsPresenter, applied: list[Preferences]
) -> None:
    room.edit("printer", " tcp://printer.example:9100 ")
    room.edit("idle_lock", "300")
    room.cycle("theme")
    room.cycle("opens_drawer")
    room.ask_key("pay")
    room.bind("End")
    assert room.state.changed
    room.save()
    assert (said(room), room.state.changed) == (NoticeCode.SETTINGS_SAVED, False)
    kept = shop.till.setup.read()
    assert (kept.printer, kept.idle_lock, kept.theme, kept.opens_drawer, kept.keys) == (
        "tcp://printer.example:9100",
        300,
        "dark",
        False,
        {"pay": "End"},
    )
    assert applied == [kept]
    assert events(shop) == [("settings_changed", "theme,printer,opens_drawer,keys,idle_lock")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("columns", "23"),
        ("columns", "wide"),
        ("columns", ""),
        ("idle_lock", "-1"),
        ("consent_above", "1.5"),
        ("consent_above", "\u0663"),
        ("printer", "ftp://printer"),
        ("printer", "tcp://"),
        ("printer", "tcp://printer:99999"),
        ("printer", "tcp://[half"),
        ("printer", "the one in the corner"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_saved(shop: Shop, room: SettingsPresenter, name: str, text: str) -> None:
    room.cycle("theme")
    room.edit(name, text)
    room.save()
    assert said(room) is (RefusalCode.PRINTER_MALFORMED if name == "printer" else RefusalCode.SETTING_MALFORMED)
    values = dict(room.state.notice.values) if room.state.notice else {}
    assert values.keys() == ({"text"} if name == "printer" else {"text", "fewest", "most"})
    assert shop.till.setup.read() == Preferences()
    assert value(room, name) == text, "what was typed can be corrected"
    assert events(shop) == []


@pytest.mark.parametrize(
    "printer", ["", "virtual", "usb://04b8:0e15", "serial:///dev/ttyS0?baud=9600", "system:Office"]
)
def test_addresses_of_printers(shop: Shop, room: SettingsPresenter, printer: str) -> None:
    room.edit("printer", printer)
    room.save()
    assert shop.till.setup.read().printer == printer


def test_choices_go_round(room: SettingsPresenter) -> None:
    for name, choices in CHOICES.items():
        before = value(room, name)
        seen = set()
        for _ in choices:
            room.cycle(name)
            seen.add(value(room, name))
        assert (seen, value(room, name)) == (set(choices), before)


def test_a_key_that_is_taken_and_one_that_is_none(room: SettingsPresenter) -> None:
    room.ask_key(Action.PAY)
    assert (said(room), room.state.binding) == (NoticeCode.PRESS_KEY, "pay")
    room.bind("F1")
    assert (said(room), value(room, "pay"), room.state.binding) == (RefusalCode.KEY_TAKEN, "F12", "")
    room.ask_key(Action.PAY)
    room.bind("A")
    assert said(room) is RefusalCode.KEY_NOT_BINDABLE
    room.ask_key(Action.PAY)
    room.ask_key(Action.PAY)
    room.bind("End")
    assert value(room, "pay") == "F12", "nothing waited for a key any more"


def test_the_scanner_shows_what_it_sends(room: SettingsPresenter) -> None:
    room.look(Burst("4\x1d \u0661\x02", 7, is_scan=True))
    assert room.state.scanned == ScanView(("4", "<GS>", "<SPACE>", "\u0661", "U+0002"), "5", "7", is_scan=True)
    room.look(Burst("", 0, is_scan=False))
    assert room.state.scanned.count == "5", "an Enter alone is nothing to look at"


def test_the_three_sounds_one_after_the_other(shop: Shop) -> None:
    heard: list[Sound] = []
    room = SettingsPresenter(shop.till, ImmediateRunner(), Formats(), lambda _: None, heard.append, _unseen)
    room.begin()
    notices = []
    for _ in range(4):
        room.test_sounds()
        notices.append(said(room))
    assert heard == [Sound.FOUND, Sound.UNKNOWN, Sound.REFUSED, Sound.FOUND]
    assert len(set(notices)) == 3


def test_labels_of_scales(shop: Shop, room: SettingsPresenter) -> None:
    assert value(room, "scale_labels") == " ".join(SCALE_LABELS)
    room.edit("scale_labels", "  29iiiiivppppc  ")
    room.save()
    assert shop.till.setup.read().scale_labels == ("29IIIIIVPPPPC",)
    room.edit("scale_labels", "29IIIIIVPPPPC 30IIIIIPPPPPC")
    room.save()
    assert said(room) is RefusalCode.LABEL_PATTERN_MALFORMED
    assert shop.till.setup.read().scale_labels == ("29IIIIIVPPPPC",)
    room.edit("scale_labels", "")
    room.save()
    assert shop.till.setup.read().scale_labels == ()


def test_a_language_holds_from_the_next_start(room: SettingsPresenter) -> None:
    room.cycle("language")
    room.save()
    assert said(room) is NoticeCode.SETTINGS_SAVED_LANGUAGE


def test_devices_are_tried_as_they_are_saved(shop: Shop, room: SettingsPresenter) -> None:
    room.edit("printer", "virtual")
    room.test_printer()
    assert said(room) is NoticeCode.SAVE_FIRST
    room.save()
    room.test_printer()
    assert said(room) is NoticeCode.TEST_PRINTING
    room.edit("printer", "")
    room.save()
    room.test_drawer()
    assert said(room) is RefusalCode.NO_PRINTER


def test_what_was_not_saved_is_gone(room: SettingsPresenter) -> None:
    room.cycle("theme")
    room.begin()
    assert (value(room, "theme"), room.state.changed) == ("light", False)


def test_the_display_is_tried_out_with_a_sale_that_is_none(shop: Shop) -> None:
    shown: list[DisplayState] = []
    room = SettingsPresenter(shop.till, ImmediateRunner(), Formats(), lambda _: None, _unheard, shown.append)
    room.begin()
    room.test_display("Test")
    (state,) = shown
    assert (state.scene, state.vendor, state.total) == (Scene.SALE, "Lindqvist & Daughters", "£25.68")
    assert [(line.description, line.total) for line in state.lines] == [("Test", "£1.00"), ("Test", "£24.68")]
    assert room.state.notice is not None
    assert room.state.notice.code is NoticeCode.TEST_DISPLAY

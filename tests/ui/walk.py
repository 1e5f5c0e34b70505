"""A walk past every screen of the counter, and what to look for on each: clipped words, widgets without a name.

Must never know a single widget: what is new is looked at by itself.
"""

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QLineEdit, QWidget

from tests.fakes.shop import Shop
from tests.ui.conftest import Cashier
from urs_desktop.counter.values import Customer
from urs_desktop.domain.points import Points
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.sell_state import Overlay, PayField, Phase
from urs_desktop.ui.rooms import ROOMS
from urs_desktop.ui.widgets.buttons import Key
from urs_desktop.ui.widgets.labels import Figure, Line

KEY = Qt.Key
LONG: Final = "Handgeschöpftes Büttenpapier mit Wasserzeichen und Goldschnitt, 250 Blatt im Schuber aus Nussbaumholz"
CARD: Final = "C-LONG"
_LOOKS_AGAIN_MS: Final = 30
"""A screen that looks the same after so long is laid out."""

_ROUNDING: Final = 2
"""Pixels by which measuring a text may be off."""


def furnish(shop: Shop) -> None:
    """Give a shop what is hard to show: long names and large figures."""
    shop.stock("LONG-0000000000000000000000000001", LONG, "99999.99")
    shop.know(Customer(CARD, LONG, "+441632960999", "someone.with.a.long.name@mail.example", Points(99_999_999)))
    shop.prefer(printer="virtual")


def screens(cashier: Cashier) -> Iterator[str]:
    """Go past every screen; yields the name of each while it is shown."""
    window, presenter = cashier.window, cashier.window.presenter

    def settled(name: str) -> str:
        before: list[tuple[str, QRect]] = []
        now = _places(window)
        while before != now:
            cashier.qtbot.wait(_LOOKS_AGAIN_MS)
            before, now = now, _places(window)
        return name

    yield settled("empty")
    presenter.entry.submit("4006381333948")
    yield settled("unknown")
    presenter.back()
    presenter.entry.search("LONG")
    yield settled("results")
    presenter.entry.submit("99*LONG-0000000000000000000000000001")
    presenter.entry.submit("MUG")
    presenter.entry.submit(CARD)
    cashier.until(lambda: cashier.state.customer is not None)
    yield settled("cart")
    for overlay in (Overlay.KEYS, Overlay.WHY):
        presenter.show(overlay)
        yield settled(overlay.value)
        presenter.show(Overlay.NONE)
    presenter.begin_pay()
    cashier.until_phase(Phase.PAYING)
    yield settled("cash")
    for field in (PayField.POINTS, PayField.CARD):
        presenter.pay.focus(field)
        yield settled(field.value)
    presenter.pay.focus(PayField.CASH)
    presenter.accept()
    cashier.until_phase(Phase.RECEIPT)
    yield settled("receipt")
    presenter.new_sale()
    for place in ROOMS:
        window.navigator.go(place)
        yield settled(f"{place.value} room")
        window.navigator.back()
    assert window.navigator.state.place is Place.SELL


def _places(window: QWidget) -> list[tuple[str, QRect]]:
    return [(each.objectName(), each.geometry()) for each in window.findChildren(QWidget) if each.isVisible()]


def shown(window: QWidget) -> list[QWidget]:
    """Return every widget of which something can be seen."""
    return [each for each in window.findChildren(QWidget) if each.isVisible() and not each.visibleRegion().isEmpty()]


def clipped(window: QWidget) -> list[str]:
    """Say whose words are larger than their place."""
    return [said for each in shown(window) if (said := _clipped(each))]


def _clipped(widget: QWidget) -> str:
    metrics, room = widget.fontMetrics(), widget.contentsRect()
    if isinstance(widget, QLabel) and widget.text():
        words = widget.text()
        if widget.wordWrap():
            needed = widget.heightForWidth(widget.width())
            if needed > widget.height() + _ROUNDING:
                return f"{widget.objectName()} needs {needed} of {widget.height()} in height: {words!r}"
            widest = max(metrics.horizontalAdvance(word) for word in words.split())
            wide = widest > room.width() + _ROUNDING
        else:
            wide = not isinstance(widget, Line) and metrics.horizontalAdvance(words) > room.width() + _ROUNDING
        high = metrics.height() > room.height() + _ROUNDING and not isinstance(widget, Figure)
        return f"{widget.objectName()} at {room.width()}x{room.height()}: {words!r}" if wide or high else ""
    if isinstance(widget, QAbstractButton) and widget.text():
        words = widget.text().replace("&&", "&")
        icon = 0 if widget.icon().isNull() else widget.iconSize().width()
        if metrics.horizontalAdvance(words) + icon > room.width() + _ROUNDING or metrics.height() > room.height():
            return f"{widget.objectName()} at {room.width()}x{room.height()}: {words!r}"
    return ""


def interactive(window: QWidget) -> list[QWidget]:
    """Return everything that hands can work on now."""
    kinds = (QAbstractButton, QLineEdit, QAbstractItemView)
    found = [each for each in shown(window) if isinstance(each, kinds) and each.isEnabled()]
    return [each for each in found if not _is_part(each)]


def _is_part(widget: QWidget) -> bool:
    """Return whether a widget is a part of another one that stands for it."""
    parent = widget.parentWidget()
    return isinstance(parent, QAbstractItemView) or type(widget).__module__.startswith("PySide6")


def unnamed(window: QWidget) -> list[str]:
    """Say what has no name for screen readers, or none for us."""
    return [
        each.objectName() or type(each).__name__
        for each in interactive(window)
        if not each.objectName() or not (each.accessibleName() or (isinstance(each, QAbstractButton) and each.text()))
    ]


def by_tab(window: QWidget) -> set[QWidget]:
    """Return what Tab reaches, by the order in which Qt would give it the focus."""
    reached, each = set(), window.nextInFocusChain()
    while each is not None and each not in reached and each is not window:
        reached.add(each)
        each = each.nextInFocusChain()
    return {each for each in reached if each.focusPolicy() & Qt.FocusPolicy.TabFocus}


def unreachable(window: QWidget) -> list[str]:
    """Say what Tab does not reach; the number pad's keys are on the keyboard."""
    reached = by_tab(window)
    return [each.objectName() for each in interactive(window) if not isinstance(each, Key) and each not in reached]

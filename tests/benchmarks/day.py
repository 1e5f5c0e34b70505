"""Figure 14: the longest time the window's thread is blocked while a day is rung up.

Meanwhile the counter syncs, searches, prints every receipt, shows the sale on the customer display, and somebody looks
into the cashier's rooms. The central store is a real process over HTTPS; the counter is the real window. Must never
slow the day down to look good: the script goes on as soon as the screen does.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.benchmarks import data
from tests.benchmarks.figures import NS_PER_MS, Figure, Series
from tests.benchmarks.hands import Hands, Heart, at_window
from tests.end_to_end.processes import Forker, Processes
from tests.end_to_end.shop import Shop, prepare
from urs_desktop.counter.use_cases.preferences import Preferences, Setup
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.room import Room
from urs_desktop.ui.rooms import ROOMS
from urs_desktop.ui.tour import Until
from urs_desktop.wiring import open_counter

_SALES: Final = 150
_LINES: Final = 6
_CUSTOMERS: Final = 40
_LONGEST_NS: Final = 30 * NS_PER_MS
_WORST: Final = 5
_VISITED: Final = (Place.MENU, Place.REFUND, Place.CUSTOMER, Place.RECEIPTS, Place.SHIFT)
_STAY_SECONDS: Final = 0.2


def measure(size: data.Size, *, sales: int = _SALES) -> Figure:
    """Ring up sales: a customer at every second, points at every tenth, words searched at every third.

    After every fiftieth somebody looks into the rooms.
    """
    forker = Forker()
    with data.workplace() as folder:
        processes = Processes(Path(folder) / "said", forker)
        try:
            shop = Shop(Path(folder), prepare(Path(folder), processes), processes)
            shop.central.serve()
            busy, idle = _played(shop, size, sales)
        finally:
            processes.close()
            forker.close()
    meanwhile = "with sync, searches, printing, the customer display and the rooms"
    what = f"longest block of the window's thread, {sales} sales {meanwhile}, {size.products} products"
    where = "".join(f"; {count}x at {where}" for where, count in _ranked(busy.long)[:_WORST])
    note = f"at most {busy.worked.milliseconds(100)} ms of it its own work{where}"
    reference = "the same window left alone, with sync"
    return Figure(14, what, reference, busy.gaps, idle.gaps, "<= 30 ms", _never_blocks, note)


def _never_blocks(ours: Series, theirs: Series) -> bool:
    del theirs
    return ours.percentile(100) <= _LONGEST_NS


def _ranked(long: list[str]) -> list[tuple[str, int]]:
    return sorted(((where, long.count(where)) for where in set(long)), key=lambda each: -each[1])


def _played(shop: Shop, size: data.Size, sales: int) -> tuple[Heart, Heart]:
    chance = random.Random(data.SEED)
    busy, idle = Heart(), Heart()

    def script(hands: Hands) -> Iterator[Until]:
        presenter = hands.presenter
        yield from _sale(hands, chance, size, -1)  # what is loaded at the first sale is the start's
        yield lambda: len(hands.window.findChildren(Room)) == len(ROOMS)  # and so are the rooms
        busy.start()
        for number in range(sales):
            yield from _sale(hands, chance, size, number)
            if number % 50 == 0:
                yield from _rooms(hands)
        busy.stop()
        idle.start()
        started = len(idle.gaps.wall)
        yield lambda: len(idle.gaps.wall) - started > sales * 10
        idle.stop()
        presenter.new_sale()

    counter = shop.counter("medium")
    opened = open_counter(counter.folder, counter.passphrase)
    try:
        data.fill(opened.store, size)
        paper = shop.folder / "paper"
        paper.touch()
        Setup(opened.store).keep(Preferences(printer=f"file://{paper}", customer_display=True))
        with at_window(opened) as work:
            work(script)
    finally:
        opened.store.close()
    assert paper.stat().st_size, "receipts were printed meanwhile"
    return busy, idle


def _rooms(hands: Hands) -> Iterator[Until]:
    for place in _VISITED:
        hands.window.navigator.go(place)
        yield lambda: hands.window.room() is not None
        yield hands.seconds(_STAY_SECONDS)
        hands.window.navigator.back()
        yield lambda: hands.window.room() is None


def _sale(hands: Hands, chance: random.Random, size: data.Size, number: int) -> Iterator[Until]:
    presenter = hands.presenter
    if number % 2 == 0:
        presenter.customer.find(data.card(chance.randrange(_CUSTOMERS)))
        yield lambda: presenter.state.customer is not None and not presenter.state.customer.asking
    for line, product in enumerate(chance.sample(range(size.products), _LINES)):  # twice the same is one line
        if line == 1 and number % 3 == 0:
            for length in range(1, 5):
                presenter.entry.search("lantern"[:length])
                yield lambda: bool(presenter.state.results.rows)
            presenter.entry.search("")
        presenter.entry.submit(data.barcode(product))
        yield lambda: True  # no scanner sends two codes as one event
    yield lambda: presenter.state.totals.lines >= _LINES
    presenter.begin_pay()
    yield hands.is_in(Phase.PAYING)
    if number % 10 == 0:
        presenter.redeem()
        presenter.redeem()
        yield hands.is_in(Phase.PAYING)
    presenter.pay.confirm()
    yield hands.is_in(Phase.RECEIPT)
    presenter.new_sale()
    yield hands.is_in(Phase.SELLING)

"""Figures 10 and 11: the dashboard's figures of any time over many sales, and how long a chart takes to be drawn anew.

The sales are added by the table, with the triggers that ship. Must never time the adding.
"""

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from tests.benchmarks.data import SEED, enrol
from tests.benchmarks.figures import NS_PER_MS, Figure, Series
from tests.fakes.central import FakeCentralStore
from tests.fakes.shop import FakeClock
from urs_desktop.counter.store import schema
from urs_desktop.counter.store.book import SqlStore, open_store
from urs_desktop.counter.use_cases.dashboard import Dashboard, Span
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.ui.app import make_application
from urs_desktop.ui.manager.charts import BarChart
from urs_desktop.ui.manager.charts import Series as Bars
from urs_desktop.ui.theme.apply import tokens

_DAY_MS: Final = 86_400_000
_NOW: Final = 1_800_000_000_000
_YEARS: Final = 3
_LINES: Final = 4
_PRODUCTS: Final = 5_000
_BATCH: Final = 2_000
_LONGEST_MS: Final = 200
_FRAME_MS: Final = 17
_BARS: Final = 92


def measure(folder: Path, *, sales: int, rounds: int) -> Iterator[Figure]:
    """Ask for every time there is, over so many sales of three years."""
    store = open_store(folder, bytes(range(32)))
    enrol(store)
    _fill(store, sales)
    identity = store.read(lambda book: book.settings.identity())
    if identity is None:
        raise ValueError("the counter is not enrolled")
    clock = FakeClock(_NOW)
    dashboard = Dashboard(store, clock, FakeCentralStore(SigningKey(b"k" * 32), identity, clock))
    for span in Span:
        ours, theirs = Series(), Series()
        sold = 0
        for _ in range(rounds):
            with ours.timed():
                overview = dashboard.here(span)
            with theirs.timed():
                sold = _scan(store, overview.intervals[0].start, overview.intervals[-1].end)
            if sold != overview.total.revenue:
                message = f"{overview.total.revenue} in the dashboard, {sold} in the rows"
                raise ValueError(message)
        yield Figure(
            10,
            f"dashboard over {sales} sales, {span.value}: figures, top products",
            "adding up the same sales row by row, without products",
            ours,
            theirs,
            f"<= {_LONGEST_MS} ms",
            _is_fast_enough,
        )
    store.close()


def _is_fast_enough(ours: Series, theirs: Series) -> bool:
    del theirs
    return ours.percentile(100) <= _LONGEST_MS * NS_PER_MS


def _scan(store: SqlStore, start: int, end: int) -> int:
    sales = schema.sales.c
    sums = sa.select(sa.func.coalesce(sa.func.sum(sales.total), 0), sa.func.sum(sales.earned), sa.func.count())
    with store.database.read() as connection:
        row = connection.execute(sums.where(sales.happened_at >= start, sales.happened_at < end)).one()
    return int(row[0])


def _fill(store: SqlStore, count: int) -> None:
    chance = random.Random(SEED)
    rows = _sales(chance, count)
    while batch := list(islice(rows, _BATCH)):
        with store.database.write() as connection:
            connection.execute(sa.insert(schema.operations), [operation for operation, _, _ in batch])
            connection.execute(sa.insert(schema.sales), [sale for _, sale, _ in batch])
            connection.execute(sa.insert(schema.sale_lines), [line for _, _, lines in batch for line in lines])


def _sales(chance: random.Random, count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]]:
    for number in range(1, count + 1):
        at = _NOW - _YEARS * 365 * _DAY_MS + number * _YEARS * 365 * _DAY_MS // count
        totals = [chance.randrange(100, 5_000) for _ in range(_LINES)]
        lines: list[dict[str, Any]] = [
            {
                "receipt": number,
                "n": n,
                "sku": f"S{int(_PRODUCTS * chance.random() ** 2):06}",
                "description": "Something",
                "quantity": chance.randrange(1, 4),
                "price": 500,
                "scale": 2,
                "total": totals[n - 1],
                "earned": 0,
            }
            for n in range(1, _LINES + 1)
        ]
        total = sum(totals)
        operation = {
            "seq": number,
            "op_id": number.to_bytes(16, "big"),
            "kind": "sale",
            "schema": 1,
            "body": b"{}",
            "prev": b"",
            "hash": b"",
            "sig": b"",
        }
        sale = {
            "receipt": number,
            "seq": number,
            "happened_at": at,
            "recorded_at": at,
            "card": None,
            "total": total,
            "points_paid": 0,
            "earned": total // 20,
            "journal": None,
            "invoice": None,
        }
        yield operation, sale, lines


def redraw(*, rounds: int) -> Figure:
    """Draw a chart with other bars, and the same bars as bare rectangles."""
    make_application(["bench"])
    chart, picture = BarChart("chart", "chart"), QImage(440, 220, QImage.Format.Format_RGB32)
    chart.resize(picture.size())
    chart.dress(tokens().colours["light"])
    chart.show()
    chance = random.Random(SEED)
    labels = tuple(str(place) for place in range(_BARS))
    ours, theirs = Series(), Series()
    for _ in range(rounds):
        values = [tuple(chance.randrange(1_000_000) for _ in labels) for _ in range(2)]
        with ours.timed():
            chart.show_bars(labels, (Bars(values[0], "success"), Bars(values[1], "warning")), 5)
            chart.grab()
        with theirs.timed():
            _rectangles(picture, values)
    chart.hide()  # its own close() takes the viewport away and crashes
    return Figure(
        11,
        f"drawing a chart of {_BARS} days with two bars each anew",
        "the same bars as bare rectangles",
        ours,
        theirs,
        "p50 within a frame of 16.7 ms",
        _is_within_a_frame,
    )


def _is_within_a_frame(ours: Series, theirs: Series) -> bool:
    del theirs
    return ours.percentile(50) <= _FRAME_MS * NS_PER_MS


def _rectangles(picture: QImage, values: list[tuple[int, ...]]) -> None:
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), QColor("white"))
    for kind, bars in enumerate(values):
        for place, value in enumerate(bars):
            height = value * picture.height() // 1_000_000
            painter.fillRect(QRect(4 * place + 2 * kind, picture.height() - height, 2, height), QColor("green"))
    painter.end()

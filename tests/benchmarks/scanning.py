"""Figure 2: from a scan's Enter until the product's row is painted, in the real window over the real store.

Without a screen, so that no compositor's beat is in it. Must never time the typing of the code.
"""

import random
from collections.abc import Iterator
from typing import Final

from tests.benchmarks import data
from tests.benchmarks.figures import NS_PER_MS, Figure, Series
from tests.benchmarks.hands import Hands, at_window
from urs_desktop.ui.tour import Until

_CARTS: Final = 20
_LINES: Final = 30
_FRAME_NS: Final = 50 * NS_PER_MS // 3
_WARM: Final = 1


def measure(till: data.Till, *, carts: int = _CARTS) -> Figure:
    """Fill carts of thirty lines with scans; the first cart is not measured."""
    ours = Series()
    chance = random.Random(data.SEED)

    def script(hands: Hands) -> Iterator[Until]:
        for cart in range(carts + _WARM):
            for number in chance.sample(range(till.size.products), _LINES):
                yield from hands.scan(data.barcode(number))
                if cart >= _WARM and hands.watch.took is not None:
                    ours.wall.append(hands.watch.took)
            for _ in range(2):  # asked once and confirmed
                hands.presenter.cart.void_sale()
            yield lambda: not hands.presenter.state.lines

    counter = till.opened()
    try:
        with at_window(counter) as work:
            work(script)
    finally:
        counter.store.close()
    frame = Series([_FRAME_NS])
    what = f"scan's Enter -> cart row painted, {till.size.products} products, {_LINES} lines"
    return Figure(2, what, "one frame at 60 Hz", ours, frame, "p99 <= 1 frame", _is_within_a_frame)


def _is_within_a_frame(ours: Series, frame: Series) -> bool:
    return ours.percentile(99) <= frame.percentile(50)

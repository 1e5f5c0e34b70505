"""The command line of the benchmarks: `python3 dev.py bench [--quick] [--only NUMBER ...] [--json FILE]`.

Prints every figure beside its reference, both measured in turns in this run. Must never fail a build: it reports.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.benchmarks import closing, data, day, finding, looking, pay, scanning, starting
from tests.benchmarks.figures import Figure
from tests.end_to_end.screen import NoScreenError

_SALES, _QUICK_SALES = 2_000, 300
_ROUNDS, _QUICK_ROUNDS = 20, 3
_STARTS, _QUICK_STARTS = 9, 3
_CARTS, _QUICK_CARTS = 20, 4
_DAY_SALES, _QUICK_DAY_SALES = 300, 60
_SHIFT, _QUICK_SHIFT = 10_000, 1_000
_LOOKED_AT, _QUICK_LOOKED_AT = 500_000, 20_000
_DAY: Final = data.Size(200_000, 100_000)


def _look_ups(*, quick: bool) -> Iterator[Figure]:
    yield from finding.look_ups(_till(quick=quick), rounds=_QUICK_ROUNDS if quick else _ROUNDS)


def _searches(*, quick: bool) -> Iterator[Figure]:
    yield finding.searches(_till(quick=quick), rounds=_QUICK_ROUNDS if quick else _ROUNDS)


def _pays(*, quick: bool) -> Iterator[Figure]:
    with data.workplace() as folder:
        yield pay.measure(Path(folder), sales=_QUICK_SALES if quick else _SALES)


def _starts(*, quick: bool) -> Iterator[Figure]:
    try:
        yield starting.measure(_till(quick=quick), rounds=_QUICK_STARTS if quick else _STARTS)
    except NoScreenError as error:
        print(f"figure 1 is left out, there is no screen to be had: {error}")


def _scans(*, quick: bool) -> Iterator[Figure]:
    yield scanning.measure(_till(quick=quick), carts=_QUICK_CARTS if quick else _CARTS)


def _days(*, quick: bool) -> Iterator[Figure]:
    yield day.measure(data.QUICK if quick else _DAY, sales=_QUICK_DAY_SALES if quick else _DAY_SALES)


def _closings(*, quick: bool) -> Iterator[Figure]:
    sales, rounds = (_QUICK_SHIFT, 2) if quick else (_SHIFT, 3)
    with data.workplace() as folder:
        yield closing.measure(Path(folder), sales=sales, rounds=rounds)


def _looks(*, quick: bool) -> Iterator[Figure]:
    with data.workplace() as folder:
        sales, rounds = (_QUICK_LOOKED_AT, 3) if quick else (_LOOKED_AT, 10)
        yield from looking.measure(Path(folder), sales=sales, rounds=rounds)


def _redraws(*, quick: bool) -> Iterator[Figure]:
    yield looking.redraw(rounds=_QUICK_ROUNDS if quick else 5 * _ROUNDS)


FIGURES: Final[dict[int, Callable[..., Iterator[Figure]]]] = {
    1: _starts,
    2: _scans,
    3: _look_ups,
    4: _searches,
    5: _pays,
    10: _looks,
    11: _redraws,
    12: _closings,
    14: _days,
}
"""What measures each figure there is so far."""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("dev.py bench", description="Measure the figures that are built so far.")
    parser.add_argument("--quick", action="store_true", help="small data, done in two minutes")
    parser.add_argument("--only", type=int, nargs="+", choices=FIGURES, default=list(FIGURES), help="these figures")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as JSON too")
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    measured = []
    for number in options.only:
        for figure in FIGURES[number](quick=options.quick):
            _tell(figure)
            measured.append(figure)
    document = [figure.document() for figure in measured]
    if options.json:
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    else:
        print(json.dumps(document))
    return 0


def _till(*, quick: bool) -> data.Till:
    return data.till(data.QUICK if quick else data.WHOLE)


def _tell(figure: Figure) -> None:
    told = figure.document()
    print(f"figure {figure.number}: {figure.what}")
    for name, label in (("ours", "counter"), ("theirs", "reference")):
        row = told[name]
        print(
            f"  {label:10} {row['per_second']:>7}/s  p50 {row['p50_ms']:>9} ms  p99 {row['p99_ms']:>9} ms  "
            f"most {row['most_ms']:>9} ms  processor {row['processor_ms_each']:>9} ms each"
        )
    print(f"  reference: {figure.reference}")
    print(f"  {told['times_as_long']}x as long, rate {told['rate_ratio']}x, processor {told['processor_ratio']}x")
    if figure.note:
        print(f"  {figure.note}")
    print(f"  goal: {figure.goal}: {'met' if figure.met else 'NOT met'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

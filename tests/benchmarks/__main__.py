"""The command line of the benchmarks: `python3 dev.py bench [--quick] [--json FILE]`.

Prints every figure beside its reference, both measured in turns in this run. Must never fail a build: it reports.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import pay
from tests.benchmarks.figures import Figure

_SALES, _QUICK_SALES = 2_000, 300


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("dev.py bench", description="Measure the figures that are built so far.")
    parser.add_argument("--quick", action="store_true", help="small data, done in two minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as JSON too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        figures = [pay.measure(Path(folder), sales=_QUICK_SALES if options.quick else _SALES)]
    for figure in figures:
        _tell(figure)
    document = [figure.document() for figure in figures]
    if options.json:
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    else:
        print(json.dumps(document))
    return 0


def _tell(figure: Figure) -> None:
    told = figure.document()
    print(f"figure {figure.number}: {figure.what}")
    for name, label in (("ours", "counter"), ("theirs", "reference")):
        row = told[name]
        print(
            f"  {label:10} {row['per_second']:>7}/s  p50 {row['p50_ms']:>7} ms  p99 {row['p99_ms']:>7} ms  "
            f"processor {row['processor_ms_each']:>7} ms each"
        )
    print(f"  reference: {figure.reference}")
    print(f"  rate {told['rate_ratio']}x, processor {told['processor_ratio']}x; goal: {figure.goal}")


if __name__ == "__main__":
    sys.exit(main())

"""The command line of the outage: `python -m tests.outage [--sales 5000] [--database sqlite|postgresql]`.

Prints one JSON document; ends with a traceback where anything is lost.
"""

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.outage.week import Week, on_file
from tests.postgresql.databases import Databases
from tests.postgresql.server import running


def main() -> int:
    """Let one week pass."""
    parser = argparse.ArgumentParser("tests.outage", description="A week without the central store, then one sync.")
    parser.add_argument("--sales", type=int, default=5000, metavar="N")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    with ExitStack() as end:
        folder = Path(end.enter_context(tempfile.TemporaryDirectory()))
        if options.database == "sqlite":
            database = on_file(folder)
            end.callback(database.close)
        else:
            database = end.enter_context(Databases(end.enter_context(running())).ready())
        report = Week(folder, database, options.sales).play()
    sys.stdout.write(f"{json.dumps({'database': options.database, **report.document()}, indent=2)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

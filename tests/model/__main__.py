"""The command line of the search: `python -m tests.model [--larger] [--mutant NAME|list]`.

Exits 1 when something is violated, and prints the shortest way to it; a mutant is expected to.
"""

import argparse
import sys
from itertools import chain

from tests.model.moves import World
from tests.model.mutants import MUTANTS
from tests.model.search import Found, search
from tests.model.worlds import LARGER, WORLDS


def main() -> int:
    """Search the worlds that were asked for."""
    parser = argparse.ArgumentParser("tests.model", description="Search small worlds of leases for a violation.")
    parser.add_argument("--larger", action="store_true", help="worlds that take minutes as well")
    parser.add_argument("--mutant", metavar="NAME|list", help="break one rule; `list` names them")
    options = parser.parse_args()
    if options.mutant == "list":
        _tell("\n".join(MUTANTS))
        return 0
    if options.mutant is not None:
        if options.mutant not in MUTANTS:
            parser.error(f"no mutant {options.mutant}; --mutant list names them")
        with MUTANTS[options.mutant]() as world:
            return _report(options.mutant, search(world))
    worlds = chain(WORLDS.items(), LARGER.items() if options.larger else ())
    return max(_report(name, search(World(bounds))) for name, bounds in worlds)


def _report(name: str, found: Found) -> int:
    _tell(f"{name}: {found}")
    return 1 if found.violated else 0


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

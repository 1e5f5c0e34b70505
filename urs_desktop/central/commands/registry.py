"""What a command is, and how it gets its name, its options and an opened store.

Must never know a command.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from urs_desktop.central import bootstrap
from urs_desktop.central.bootstrap import Central, Place
from urs_desktop.domain.money import BASIS_POINTS

_MS: Final = 1000
_GROUPS: Final = {
    "adjust": "points given or taken by hand, by two operators",
    "counter": "counters of the vendors",
    "customer": "customers of the programme",
    "lease": "points kept ready at counters",
    "operator": "people who run the programme",
    "parked": "operations of counters that could not be applied",
    "policy": "reward policies",
    "vendor": "vendors of the programme",
}
"""What the first word of a command of two words is about; a group that is not here has no summary."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says: text for people, a document for programs, and its exit status."""

    text: str
    document: Any
    status: int = 0


Command = Callable[[Central, argparse.Namespace], Answer]
"""A command over an opened store; what it raises and central.cli knows becomes one sentence."""


class Registry:
    """The commands of a program; options common to all are taken before and after the command."""

    def __init__(self, program: str, description: str) -> None:
        self.root = argparse.ArgumentParser(prog=program, description=description)
        _add_common(self.root, below=False)
        self._commands = self.root.add_subparsers(required=True, metavar="COMMAND")
        self._groups: dict[str, Any] = {}

    def add(self, name: str, summary: str, command: Command) -> argparse.ArgumentParser:
        """Add a command over an opened store, such as `verify` or `vendor add`; return where its options go."""

        def run(where: Place, options: argparse.Namespace) -> Answer:
            with bootstrap.opened(where) as central:
                return command(central, options)

        return self.add_without_store(name, summary, run)

    def add_without_store(
        self, name: str, summary: str, run: Callable[[Place, argparse.Namespace], Answer]
    ) -> argparse.ArgumentParser:
        """Add a command that opens the data folder by itself, or makes it; return where its options go."""
        group, _, last = name.rpartition(" ")
        commands = self._group(group) if group else self._commands
        command: argparse.ArgumentParser = commands.add_parser(last, help=summary, description=summary)
        _add_common(command, below=True)
        command.set_defaults(run=run)
        return command

    def _group(self, name: str) -> Any:  # noqa: ANN401 - argparse names the type of a set of commands only privately
        if name not in self._groups:
            summary = _GROUPS.get(name, "")
            group = self._commands.add_parser(name, help=summary, description=summary)
            _add_common(group, below=True)
            self._groups[name] = group.add_subparsers(required=True, metavar="COMMAND")
        return self._groups[name]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as lines of `name=value`, tabs between: for people, and for cut and grep."""
    return "\n".join("\t".join(f"{name}={_cell(value)}" for name, value in row.items()) for row in rows)


def decimal(minor: int, digits: int) -> str:
    """Return an amount as people write it, such as 10.00 or -0.05."""
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole}" + (f".{rest:0{digits}}" if digits else "")


def percentage(basis_points: int) -> str:
    """Return basis points as people write a percentage, such as 2.5."""
    whole, rest = divmod(basis_points, BASIS_POINTS // 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")


def date(text: str) -> int:
    """Read a date such as 2026-01-31 as its midnight in UTC, in milliseconds; raises ValueError."""
    day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    return int(day.timestamp()) * _MS


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _add_common(to: argparse.ArgumentParser, *, below: bool) -> None:
    """Add the options every command takes; `below` the root without defaults, which would undo what stood before."""
    nothing = argparse.SUPPRESS if below else None
    to.add_argument("--data-dir", type=Path, metavar="DIR", default=nothing)
    to.add_argument("--passphrase-file", type=Path, metavar="F", default=nothing)
    to.add_argument("--json", action="store_true", default=argparse.SUPPRESS if below else False)

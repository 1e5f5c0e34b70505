"""Commands about points given or taken by hand: one operator proposes, another one decides.

Must never move points at the word of one person.
"""

import argparse
from typing import Any

from urs_desktop.central import adjustments, inspection
from urs_desktop.central.adjustments import Adjustment
from urs_desktop.central.bootstrap import Central
from urs_desktop.central.commands.operators import add_sign_in, signed_in
from urs_desktop.central.commands.registry import Answer, Registry, table
from urs_desktop.domain.points import parse_points


def add_to(commands: Registry) -> None:
    """Add these commands and their options."""
    propose = commands.add("adjust propose", "propose to give or take points and print the id", _propose)
    propose.add_argument("--customer", required=True, metavar="CODE-OR-PHONE")
    propose.add_argument("--points", required=True, metavar="N", help="to give, or to take if below zero")
    propose.add_argument("--reason", required=True, metavar="TEXT", help="kept for ever: it must name no person")
    add_sign_in(propose)
    approve = commands.add("adjust approve", "agree to what another operator proposed, and move the points", _approve)
    reject = commands.add("adjust reject", "decide against what another operator proposed", _reject)
    for decide in (approve, reject):
        decide.add_argument("adjustment", metavar="ID")
        add_sign_in(decide)
    commands.add("adjust list", "list what was proposed and what was decided", _list)


def _propose(central: Central, options: argparse.Namespace) -> Answer:
    points = _points(options.points)
    maker = signed_in(central, options)
    with central.database.write() as connection:
        adjustment_id = adjustments.propose(
            connection, options.customer, points, options.reason, maker, central.clock.now(), central.randomness
        )
    return Answer(adjustment_id, {"adjustment_id": adjustment_id})


def _approve(central: Central, options: argparse.Namespace) -> Answer:
    checker = signed_in(central, options)
    with central.database.write() as connection:
        done = adjustments.approve(connection, options.adjustment, checker, central.clock.now())
    said = f"{abs(done.points)} points are {'given' if done.points > 0 else 'taken'}."
    return Answer(said, {"adjustment_id": done.adjustment_id, "decision": adjustments.APPROVED, "points": done.points})


def _reject(central: Central, options: argparse.Namespace) -> Answer:
    checker = signed_in(central, options)
    with central.database.write() as connection:
        done = adjustments.reject(connection, options.adjustment, checker, central.clock.now())
    document = {"adjustment_id": done.adjustment_id, "decision": adjustments.REJECTED, "points": 0}
    return Answer("The adjustment is rejected.", document)


def _list(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        rows = [_row(adjustment) for adjustment in adjustments.every(connection)]
    return Answer(table(rows), rows)


def _row(adjustment: Adjustment) -> dict[str, Any]:
    return {
        "adjustment_id": adjustment.adjustment_id,
        "code": adjustment.card,
        "points": adjustment.points,
        "reason": adjustment.reason,
        "made_by": adjustment.maker,
        "made_at": inspection.time_text(adjustment.made_at),
        "decision": adjustment.decision or "open",
        "checked_by": adjustment.checker or None,
        "checked_at": inspection.time_text(adjustment.checked_at),
    }


def _points(text: str) -> int:
    """Read a number of points, below zero with a minus; raises Refusal(POINTS_MALFORMED)."""
    size = parse_points(text.strip().removeprefix("-"))
    return -size if text.strip().startswith("-") else size

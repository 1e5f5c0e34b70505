"""Commands about operations that were parked: what they are and why, and one of them tried once more.

Must never write one off: that is its counter's, where the receipt is.
"""

import argparse
from typing import Any

from urs_desktop.central import ingest, inspection, parked
from urs_desktop.central.bootstrap import Central
from urs_desktop.central.commands.operators import add_sign_in, signed_in
from urs_desktop.central.commands.registry import Answer, Registry, table
from urs_desktop.central.origin import PARKED
from urs_desktop.central.parked import ParkedRecord
from urs_desktop.domain.refusals import Refusal, RefusalCode


def add_to(commands: Registry) -> None:
    """Add these commands and their options."""
    commands.add("parked list", "list the operations that are parked still, and why", _list)
    retry = commands.add("parked retry", "apply a parked operation once more, such as after an upgrade", _retry)
    retry.add_argument("operation", metavar="OP", help="the operation's id in the list")
    add_sign_in(retry)


def _list(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        rows = [_row(record) for record in parked.every(connection)]
    return Answer(table(rows), rows)


def _retry(central: Central, options: argparse.Namespace) -> Answer:
    who = signed_in(central, options)
    op_id = _op_id(options.operation)
    with central.database.write() as connection:
        became = ingest.retry_parked(connection, op_id, who, central.clock.now(), central.randomness)
    document = {"operation": op_id.hex(), "result": became.result, "code": became.code}
    why = f" ({became.code})" if became.code else ""
    if became.result == PARKED:
        return Answer(f"The operation stays parked{why}.", document, status=1)
    return Answer(f"The operation is {became.result}{why}.", document)


def _op_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Refusal(RefusalCode.OPERATION_NOT_PARKED, operation=ascii(text[:40])) from None


def _row(record: ParkedRecord) -> dict[str, Any]:
    return {
        "operation": record.op_id.hex(),
        "vendor": record.vendor,
        "counter": record.number,
        "seq": record.seq,
        "kind": record.kind,
        "reason": record.reason,
        "detail": record.detail,
        "parked_at": inspection.time_text(record.parked_at),
    }

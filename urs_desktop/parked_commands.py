"""The command line's words about operations the central store set aside: listed, retried, repaired, written off.

Every answer is one document and one text with the same figures. Must never reckon or print.
"""

import argparse
from collections.abc import Callable
from typing import Any, Final

from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.use_cases.parked import Resolving, SetAside
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.domain.refusals import Refusal
from urs_desktop.status_commands import Answer
from urs_desktop.ui.messages import sentence
from urs_desktop.ui.outcome_texts import reason_text
from urs_desktop.ui.presenters.formatting import plain
from urs_desktop.wiring import OpenCounter

_Act = Callable[[Resolving, argparse.Namespace], None]


def _retry(resolving: Resolving, options: argparse.Namespace) -> None:
    resolving.retry(options.seq, options.operator)


def _write_off(resolving: Resolving, options: argparse.Namespace) -> None:
    resolving.write_off(options.seq, Override(options.by, options.reason), options.operator)


def _repair(resolving: Resolving, options: argparse.Namespace) -> None:
    resolving.repair(options.seq, options.card, options.operator)


_ACTS: Final[dict[str, _Act]] = {"retry": _retry, "write-off": _write_off, "repair": _repair}


def parked(counter: OpenCounter, options: argparse.Namespace) -> Answer:
    """List the operations set aside, or record what shall become of one and send it at once if that can be.

    Raises Refusal as Resolving does.
    """
    resolving = Resolving(counter.store, counter.recorder)
    if options.action == "list":
        return _list(resolving)
    _ACTS[options.action](resolving, options)
    trouble = _send(counter)
    left = next((each for each in resolving.every() if each.seq == options.seq), None)
    document: dict[str, Any] = {"seq": options.seq, "action": options.action, "sent": not trouble, "parked": bool(left)}
    if trouble:
        return Answer(document, f"Recorded; it is sent with the next sync ({trouble}). Nothing is lost.")
    if left is not None:
        return Answer(document, f"{_sentence(left)} It was tried again and stays set aside; everything else goes on.")
    done = "written off" if options.action == "write-off" else "applied"
    return Answer(document, f"Operation {options.seq} is {done}.")


def _send(counter: OpenCounter) -> str:
    """Send what waits; return why that could not be, or nothing."""
    link = counter.link()
    try:
        link.push_all()
    except CentralUnavailableError as error:
        return str(error)
    except Refusal as refusal:
        return sentence(refusal.code)
    finally:
        link.close()
    return ""


def _list(resolving: Resolving) -> Answer:
    found = resolving.every()
    document = [
        {
            "seq": each.seq,
            "kind": each.kind,
            "code": each.code,
            "reason": reason_text(each.code),
            "receipt": each.receipt or None,
            "repairable": each.repairable,
        }
        for each in found
    ]
    text = "\n".join(map(_sentence, found)) or "The central store has set nothing aside."
    return Answer({"parked": document}, text)


def _sentence(each: SetAside) -> str:
    receipt = f", receipt {each.receipt}" if each.receipt else ""
    return f"Operation {each.seq} ({plain(each.kind)}{receipt}) is set aside: {reason_text(each.code)}"

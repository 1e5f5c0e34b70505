"""The command line's words about the people of a counter: listed, added, disabled, let in again, given a new PIN.

Whoever may open the data folder may do this, so that a counter whose managers are all locked out is not lost. A PIN and
a badge come from files, never from the command line, where others could read them. Must never reckon or print.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from urs_desktop.counter.use_cases.people import People
from urs_desktop.counter.values import StaffMember
from urs_desktop.domain.permissions import Role
from urs_desktop.domain.staffing import MOST_FAILURES, staff_code
from urs_desktop.status_commands import Answer
from urs_desktop.ui.permission_texts import role_text
from urs_desktop.ui.presenters.formatting import plain
from urs_desktop.wiring import OpenCounter


def _add(people: People, options: argparse.Namespace) -> str:
    badge = _secret(options.badge_file) if options.badge_file else ""
    people.add(options.code, options.name, Role(options.role), _secret(options.pin_file), badge)
    return "{code} is added and may sign in."


def _disable(people: People, options: argparse.Namespace) -> str:
    people.disable(options.code)
    return "{code} may no longer sign in."


def _reset(people: People, options: argparse.Namespace) -> str:
    people.reset(options.code)
    return "{code} may try again at once."


def _pin(people: People, options: argparse.Namespace) -> str:
    people.set_pin(options.code, _secret(options.pin_file))
    return "{code} has a new PIN."


_ACTS: Final[dict[str, Callable[[People, argparse.Namespace], str]]] = {
    "add": _add,
    "disable": _disable,
    "reset": _reset,
    "pin": _pin,
}


def staff(counter: OpenCounter, options: argparse.Namespace) -> Answer:
    """List the people of this counter, or change something about one; raises Refusal as People does, and OSError."""
    people = counter.staff_on_command_line().people
    if options.action == "list":
        everybody = people.all()
        text = "\n".join(map(_sentence, everybody)) or "Nobody is set up: everybody may sell at this counter."
        return Answer({"staff": [_document(member) for member in everybody]}, text)
    said = _ACTS[options.action](people, options)
    code = staff_code(options.code)
    member = next(each for each in people.all() if each.code == code)
    return Answer(_document(member), said.format(code=code))


def _secret(path: Path) -> str:
    """Return the PIN or badge in a file without its line end; what cannot be one is refused where it is used."""
    return path.read_bytes().decode("utf-8", "replace").strip()


def _document(member: StaffMember) -> dict[str, Any]:
    return {
        "code": member.code,
        "name": member.name,
        "role": member.role.value,
        "active": member.active,
        "badge": member.badge is not None,
        "locked": member.failures >= MOST_FAILURES,
    }


def _sentence(member: StaffMember) -> str:
    said = [f"{member.code}: {plain(member.name)}, {role_text(member.role).lower()}"]
    said += ["with a badge"] if member.badge else []
    said += [] if member.active else ["no longer works here"]
    said += ["locked after wrong tries"] if member.failures >= MOST_FAILURES else []
    return ", ".join(said) + "."

"""Whether the person at the counter may do something, asked before it is done; another person may allow it once.

Presenters demand a permission here and go on in `act`, at once or after somebody has allowed it. Must never do the act
without either.
"""

from collections.abc import Callable
from typing import Protocol

from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.domain.permissions import Permission

Act = Callable[[Override | None], None]
"""What is to be done; it is told who allowed it, or None when nobody had to."""


class Gate(Protocol):
    """Asks for permission."""

    def demand(self, permission: Permission, subject: str, act: Act) -> None:
        """Call `act` at once where the person may; else once another person has allowed it; else never.

        `subject` says what it is about (a receipt, an SKU, a room), for the journal.
        """


class OpenGate:
    """A gate that stands open: a counter without staff asks nobody."""

    def demand(self, permission: Permission, subject: str, act: Act) -> None:
        """Do it."""
        del permission, subject
        act(None)

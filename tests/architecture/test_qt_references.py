"""PySide6 must not lose references to None, True and False.

6.12.0 does on Python 3.10 and 3.11, about one for each signal emitted, until the interpreter aborts: the till
would die after a few hundred scans. pyproject.toml keeps it out; this test would see it come back.
"""

import sys

import pytest
from PySide6.QtCore import QObject, Signal

CALLS = 400
# What else the interpreter may do with them meanwhile; one lost for each call is far above it.
NOISE = 40


class Emitter(QObject):
    """Sends what it is given."""

    sent = Signal(object)


@pytest.mark.parametrize("constant", [None, True, False])
def test_calls_into_qt_lose_no_reference(*, constant: bool | None) -> None:
    emitter = Emitter()
    received: list[object] = []
    emitter.sent.connect(received.append)

    before = sys.getrefcount(constant)
    for _ in range(CALLS):
        emitter.sent.emit(constant)
        received.clear()
        emitter.setObjectName("till")
        emitter.blockSignals(False)
        emitter.signalsBlocked()
    assert abs(sys.getrefcount(constant) - before) < NOISE

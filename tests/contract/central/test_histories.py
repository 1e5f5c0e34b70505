"""Random histories of the ledger: store and model agree, and every invariant holds after every step.

A share of them is played here; more with `URS_HISTORIES=1000` (histories) in the environment. Must never leave out a
history that once failed.
"""

import os
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contract.central.histories.machine import Histories

HISTORIES: Final = int(os.environ.get("URS_HISTORIES", "40"))
STEPS: Final = 30


def test_histories_hold() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )

"""The use cases about the people of a counter, put together: they share who is who and how guesses are limited.

Must never hold a rule of its own.
"""

from dataclasses import dataclass

from urs_desktop.counter.ports import Store
from urs_desktop.counter.use_cases.identifying import Identifying
from urs_desktop.counter.use_cases.overriding import Overriding
from urs_desktop.counter.use_cases.people import People
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.sign_in import SignIn
from urs_desktop.system.pin_vault import PinVault


@dataclass(frozen=True, slots=True)
class Staffing:
    """What a screen may ask about people."""

    sign_in: SignIn
    overriding: Overriding
    people: People


def staffing_of(store: Store, recorder: Recorder, vault: PinVault) -> Staffing:
    """Return the use cases of one counter; whether it has staff is known from now on."""
    identifying = Identifying(store, recorder, vault)
    sign_in = SignIn(store, recorder, identifying)
    sign_in.start()
    return Staffing(sign_in, Overriding(store, recorder, identifying), People(store, recorder, identifying, vault))

"""The use cases of one counter, bundled for the screens.

Must never hold a screen, a socket or a table: it only names what a sell screen can ask for.
"""

from dataclasses import dataclass

from urs_desktop.counter.use_cases.dashboard import Dashboard
from urs_desktop.counter.use_cases.enrolling import Enrolling
from urs_desktop.counter.use_cases.events import Events
from urs_desktop.counter.use_cases.holding import Holding
from urs_desktop.counter.use_cases.lookup import Lookup
from urs_desktop.counter.use_cases.preferences import Setup
from urs_desktop.counter.use_cases.printing import Printing
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.refund import Refunding
from urs_desktop.counter.use_cases.reporting import Reporting
from urs_desktop.counter.use_cases.ring_up import RingUp
from urs_desktop.counter.use_cases.session import Session
from urs_desktop.counter.use_cases.shifts import Shifts
from urs_desktop.counter.use_cases.staffing import Staffing
from urs_desktop.counter.use_cases.statements import WalletStatements
from urs_desktop.counter.use_cases.stocking import Stocking
from urs_desktop.counter.values import Identity


@dataclass(frozen=True, slots=True)
class Till:
    """What a sell screen may ask of its counter; every call may take a while and belongs on the pool."""

    identity: Identity
    ring_up: RingUp
    redeem: Redeem
    lookup: Lookup
    reporting: Reporting
    refunding: Refunding
    holding: Holding
    events: Events
    setup: Setup
    shifts: Shifts
    stocking: Stocking
    session: Session
    staffing: Staffing
    printing: Printing
    enrolling: Enrolling
    statements: WalletStatements
    dashboard: Dashboard

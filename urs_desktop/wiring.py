"""How a counter's parts are put together: its data folder opened, and its threads and links running.

Shared by the window, the command line and the demo. Must never hold a rule or a screen.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from urs_desktop.counter.devices.printers import MachinePrinters, VirtualRoll
from urs_desktop.counter.devices.worker import PrintWorker
from urs_desktop.counter.executors import LaneStore, Pool, Priority, WriteLane
from urs_desktop.counter.ports import CentralDistrustedError, CentralUnavailableError, Store
from urs_desktop.counter.secrets import Secrets, open_secrets
from urs_desktop.counter.store.book import SqlStore, open_store
from urs_desktop.counter.sync.engine import SyncEngine
from urs_desktop.counter.sync.enrol import enrol
from urs_desktop.counter.sync.handing_over import drain
from urs_desktop.counter.sync.link import CentralLink
from urs_desktop.counter.sync.transport import Transport
from urs_desktop.counter.sync.workers import FeedWorker, LinkState, PushWorker
from urs_desktop.counter.use_cases.dashboard import Dashboard
from urs_desktop.counter.use_cases.enrolling import Enrolling, PersonRecords
from urs_desktop.counter.use_cases.events import Events
from urs_desktop.counter.use_cases.holding import Holding
from urs_desktop.counter.use_cases.lines import Lines
from urs_desktop.counter.use_cases.lookup import Lookup
from urs_desktop.counter.use_cases.preferences import Setup
from urs_desktop.counter.use_cases.printing import Printing
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.refund import Refunding
from urs_desktop.counter.use_cases.reporting import Reporting
from urs_desktop.counter.use_cases.ring_up import RingUp, identity_of
from urs_desktop.counter.use_cases.shifts import Shifts
from urs_desktop.counter.use_cases.spooling import Spooling
from urs_desktop.counter.use_cases.staffing import Staffing, staffing_of
from urs_desktop.counter.use_cases.statements import WalletStatements
from urs_desktop.counter.use_cases.stocking import Stocking
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.counter.values import Identity
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.system.clock import SystemClock
from urs_desktop.system.ids import SystemRandomness
from urs_desktop.system.pin_vault import PinVault
from urs_desktop.ui.presenters.stationery import PaperStationery


@dataclass(frozen=True, slots=True)
class OpenCounter:
    """A counter's data folder, opened: its secrets, its store and what makes its operations."""

    secrets: Secrets
    store: SqlStore
    recorder: Recorder

    def identity(self) -> Identity:
        """Return who this counter is; raises Refusal(NOT_ENROLLED)."""
        return self.store.read(identity_of)

    def link(self, store: Store | None = None) -> CentralLink:
        """Return a new way to the central store, for one thread, writing to `store`; nothing is sent yet.

        Raises Refusal(NOT_ENROLLED).
        """
        identity = self.identity()
        writing = store or self.store
        engine = SyncEngine(writing, self.secrets.signing_key(), SystemClock(), SystemRandomness())
        transport = Transport(identity.central_url, identity.ca_certificate)
        lines, records = Lines(writing, self.recorder), PersonRecords(writing)
        return CentralLink(transport, engine, identity.device_id, lines, records)

    def staffing(self, store: Store | None = None) -> Staffing:
        """Return what concerns the counter's people, kept in `store`."""
        return staffing_of(store or self.store, self.recorder, PinVault(self.secrets.pin_pepper()))

    def staff_on_command_line(self) -> Staffing:
        """Return what concerns the counter's people for who has the data folder open and need not sign in."""
        staffing = self.staffing()
        self.recorder.session.trust()
        return staffing


def open_counter(folder: Path, passphrase_file: Path | None) -> OpenCounter:
    """Open a counter's data folder, made on first use.

    Raises SecretsError, SealedFileError, DatabaseFileError, SchemaError, OSError.
    """
    secrets = open_secrets(folder, passphrase_file)
    store = open_store(folder, secrets.database_key())
    return OpenCounter(secrets, store, Recorder(secrets.signing_key(), SystemClock(), SystemRandomness()))


def enrol_counter(counter: OpenCounter, central_url: str, code: str) -> Identity:
    """Enrol a counter and do its first fill.

    Raises Refusal (ALREADY_ENROLLED among them) and CentralUnavailableError; if the fill alone fails, the counter is
    enrolled all the same.
    """
    known = counter.store.read(lambda book: book.settings.identity())
    if known is not None:
        raise Refusal(RefusalCode.ALREADY_ENROLLED, vendor=known.vendor_name)
    try:
        identity = enrol(central_url, code, counter.secrets.signing_key().public_key)
    except CentralDistrustedError:
        raise
    except CentralUnavailableError as error:
        raise CentralUnavailableError(
            f"This counter is not enrolled ({error}); check the address and try again with the same code."
        ) from error
    counter.store.write(lambda book: book.settings.put_identity(identity))
    link = counter.link()
    try:
        drain(link)
    except CentralUnavailableError as error:
        raise CentralUnavailableError(
            f"This counter is enrolled, but the first fill did not end ({error}); run sync --once to go on."
        ) from error
    finally:
        link.close()
    return identity


@dataclass(frozen=True, slots=True)
class RunningCounter:
    """A counter at work: its use cases, and the pool on which the screens call them."""

    till: Till
    pool: Pool


def _to_send(reporting: Reporting) -> int:
    """Return how much the push thread has to do: what waits, and to rejoin where the history is in doubt."""
    connection = reporting.connection()
    return connection.waiting + connection.fenced


@contextmanager
def running(counter: OpenCounter) -> Iterator[RunningCounter]:
    """Start a counter's threads and stop them in their order at the end: network, pool, then the write lane.

    What a Pay that was cut off left set aside is given back at the start and at the end. Raises Refusal(NOT_ENROLLED).
    """
    identity = counter.identity()
    state = LinkState()
    with ExitStack() as shut_down:
        lane = WriteLane()
        shut_down.callback(lane.close)
        for_cashier = LaneStore(counter.store, lane, Priority.CASHIER)
        for_sync = LaneStore(counter.store, lane, Priority.SYNC)
        reporting = Reporting(for_cashier, SystemClock(), lambda: state.online)
        lines, records = Lines(for_sync, counter.recorder), PersonRecords(for_sync)

        def waiting() -> int:
            return _to_send(reporting) + lines.urgent() + records.waiting()

        push = PushWorker(counter.link(for_sync), waiting, state, SystemRandomness())
        feed = FeedWorker(counter.link(for_sync), state, SystemRandomness())
        redeem = Redeem(for_cashier, counter.recorder, push)
        redeem.give_back_all()
        shut_down.callback(redeem.give_back_all)
        pool = Pool()
        shut_down.callback(pool.close)
        feed.start()
        shut_down.callback(feed.close)
        push.start()
        shut_down.callback(push.close)
        ring_up = RingUp(for_cashier, counter.recorder)
        refunding = Refunding(for_cashier, counter.recorder, push)
        holding = Holding(for_cashier, SystemClock())
        holding.release()
        setup, roll = Setup(for_cashier), VirtualRoll()
        spooling = Spooling(for_sync, SystemClock(), MachinePrinters(roll), setup)
        printer = PrintWorker(spooling)
        printer.start()
        shut_down.callback(printer.close)
        printing = Printing(for_cashier, counter.recorder, setup, PaperStationery(), spooling, printer.wake, roll)
        lookup = Lookup(for_cashier, push)
        till = Till(
            identity=identity,
            ring_up=ring_up,
            redeem=redeem,
            lookup=lookup,
            reporting=reporting,
            refunding=refunding,
            holding=holding,
            events=Events(for_cashier, counter.recorder),
            session=counter.recorder.session,
            staffing=counter.staffing(for_cashier),
            setup=setup,
            shifts=Shifts(for_cashier, counter.recorder),
            stocking=Stocking(for_cashier, counter.recorder),
            printing=printing,
            enrolling=Enrolling(for_cashier, counter.recorder, lookup, SystemRandomness()),
            statements=WalletStatements(for_cashier, push),
            dashboard=Dashboard(for_cashier, SystemClock(), push),
        )
        yield RunningCounter(till, pool)

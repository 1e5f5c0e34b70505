"""A counter on files with a virtual clock, and a wire to the central store that can be cut.

The parts are those of urs_desktop.wiring, without its threads, so that a week passes in seconds. Must never keep
anything in memory that a restart has to bring back.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from tests.simulation.central_node import CentralNode
from tests.simulation.chance import SeededBytes
from tests.simulation.network import SimulatedTransport
from tests.simulation.world import World, WorldClock
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.store.book import SqlStore, open_store
from urs_desktop.counter.sync.engine import SyncEngine
from urs_desktop.counter.sync.handing_over import drain
from urs_desktop.counter.sync.link import CentralLink
from urs_desktop.counter.use_cases.lines import Lines
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.refund import Refunding
from urs_desktop.counter.use_cases.ring_up import RingUp
from urs_desktop.counter.values import Identity
from urs_desktop.domain.currency import currency
from urs_desktop.domain.policy import Category
from urs_desktop.protocol.signatures import SigningKey

GBP: Final = currency("GBP")


class Wire(SimulatedTransport):
    """The way to the central store, which is there or not."""

    def __init__(self, world: World, central: CentralNode, name: str, device: bytes) -> None:
        """Take the two ends; the wire is whole."""
        super().__init__(world, central, name, device)
        self.whole = True
        self.messages = 0

    def _exchange(self, *arguments: Any) -> Any:  # noqa: ANN401 - passed on as they are
        if not self.whole:
            message = "the wire is cut"
            raise CentralUnavailableError(message)
        self.messages += 1
        answer: msgspec.Struct = super()._exchange(*arguments)
        return answer


class Till:
    """One counter of a medium vendor."""

    def __init__(self, world: World, central: CentralNode, name: str, vendor_id: str, folder: Path) -> None:
        """Enrol a counter whose store is in a folder, which is made."""
        self._world = world
        self._randomness = SeededBytes(world.chance.of("till", name))
        self.key = SigningKey(self._randomness.token_bytes(32))
        self._secret = self._randomness.token_bytes(32)
        self._folder = folder
        folder.mkdir()
        reply = central.enrol(vendor_id, self.key.public_key)
        self.device = reply.device_id
        self.wire = Wire(world, central, name, reply.device_id)
        identity = Identity(
            reply.device_id,
            reply.number,
            reply.epoch,
            reply.nonce,
            vendor_id,
            name,
            Category.MEDIUM,
            GBP,
            "",
            "https://in-this-process",
            reply.central_key,
            b"",
        )
        self.store: SqlStore = open_store(folder, self._secret)
        self.store.write(lambda book: book.settings.put_identity(identity))
        self._open()

    def restart(self) -> None:
        """End the program and start it again, which gives unfinished grants back."""
        self.store.close()
        self.store = open_store(self._folder, self._secret)
        self._open()
        self.redeem.give_back_all()

    def _open(self) -> None:
        clock = WorldClock(self._world)
        recorder = Recorder(self.key, clock, self._randomness)
        engine = SyncEngine(self.store, self.key, clock, self._randomness)
        wire: Any = self.wire
        self._link = CentralLink(wire, engine, self.device, Lines(self.store, recorder))
        self.redeem = Redeem(self.store, recorder, self._link)
        self.ring_up = RingUp(self.store, recorder)
        self.refunding = Refunding(self.store, recorder, self._link, self._link.push_all)

    def sync(self) -> int:
        """Push what waits and read the feed; return how many operations were acknowledged."""
        return drain(self._link)

    def waiting(self) -> int:
        """Return how many operations wait to be acknowledged."""
        head = self.store.read(lambda book: book.operations.head())
        return head.seq - head.acknowledged

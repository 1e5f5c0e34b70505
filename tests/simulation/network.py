"""The network between a counter and the central store: loses, delays and doubles messages, and is cut at times.

Must never change a message: what arrives is what was sent.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from tests.simulation.central_node import CentralNode
from tests.simulation.world import World
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.protocol.codec import decode, encode

_T = TypeVar("_T", bound=msgspec.Struct)


class SimulatedTransport:
    """The network between one counter and the central store, as urs_desktop.counter.sync.transport.Transport."""

    def __init__(self, world: World, central: CentralNode, name: str, device: bytes) -> None:
        """Take the two ends; `name` is the counter's."""
        self._world = world
        self._central = central
        self._name = name
        self._device = device

    def post(self, path: str, message: msgspec.Struct | None, reply: type[_T], token: str | None = None) -> _T:
        """Send a message and return the answer, if the network lets both through."""
        return self._exchange(path, b"" if message is None else encode(message), {}, reply, token or "")

    def get(self, path: str, query: dict[str, str | int], reply: type[_T], token: str, seconds: int) -> _T:
        """Ask for something."""
        del seconds
        return self._exchange(path, b"", query, reply, token)

    def healthy(self) -> bool:
        """Return whether the world has healed."""
        return self._world.healed

    def close(self) -> None:
        """Do nothing: there is no socket."""

    def _exchange(self, path: str, body: bytes, query: dict[str, str | int], reply: type[_T], token: str) -> _T:
        world = self._world
        endpoint = path.replace(self._device.hex(), "{device}")
        what = endpoint.rsplit("/", 1)[-1]

        def deliver() -> msgspec.Struct:
            return self._central.handle(endpoint, self._device, body, query, token)

        if world.is_in_bad_stretch("partition", self._name, world.faults.partition_length):
            raise self._lost(f"{what} -> centre: no connection")
        if world.strikes("drop"):
            raise self._lost(f"{what} -> centre: LOST")
        if world.strikes("late"):
            self._later(what, deliver)
            raise self._lost(f"{what} -> centre: LATE, nobody waits for the answer")
        if world.strikes("duplicate"):
            self._later(what, deliver)
            world.note(self._name, f"{what} -> centre: DOUBLED")
        answer = deliver()
        if world.strikes("lose_reply"):
            raise self._lost(f"{what} <- centre: REPLY LOST")
        return decode(encode(answer), reply)

    def _lost(self, story: str) -> CentralUnavailableError:
        self._world.note(self._name, story)
        return CentralUnavailableError("the network lost it")

    def _later(self, what: str, deliver: Callable[[], msgspec.Struct]) -> None:
        def arrive() -> None:
            try:
                deliver()
            except CentralUnavailableError:
                story = "comes to nothing"
            except Exception as error:  # noqa: BLE001 - nobody waits for this answer any more
                story = f"is refused: {type(error).__name__} {error}"
            else:
                story = "arrives"
            self._world.note(self._name, f"late copy of {what} {story}")

        delay = self._world.fate("delay").randrange(1, self._world.faults.longest_delay)
        self._world.later(delay, "late", arrive)

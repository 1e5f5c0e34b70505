"""The shops of a run: a central store, the vendors' counters, and the world they are in.

Must never act by itself: actions do.
"""

from pathlib import Path
from typing import Any, Final

from tests.simulation.central_node import CentralNode
from tests.simulation.counter_node import CounterNode
from tests.simulation.world import World
from urs_desktop.domain.policy import Category

TILLS: Final = {"medium-1": Category.MEDIUM, "medium-2": Category.MEDIUM, "small-1": Category.SMALL}
"""The counters that may take part, by name; what stands before the dash is their vendor."""

CARDS: Final = ("C1", "C2", "C3")

FLOORS: Final = ((0, 0), (0, 0), (200, 300), (5_000, 6_000))
"""What a vendor may let its counters take without a lease, from one customer and in all."""


class Shop:
    """A central store with counters."""

    def __init__(self, world: World, tills: tuple[str, ...], folder: Path | None = None) -> None:
        """Make the central store; `open` enrols the counters. On files if there is a folder for them."""
        self.world = world
        self.central = CentralNode(world, folder)
        self.tills = tills
        self.folder = folder
        self.foreign_keys = True
        self.all_counters: dict[str, CounterNode] = {}
        self.backups: dict[str, Any] = {}

    @property
    def counters(self) -> list[CounterNode]:
        """The counters that are not lost."""
        return [counter for counter in self.all_counters.values() if not counter.is_lost]

    def open(self) -> None:
        """Enrol the counters, and let each sync once before anything goes wrong."""
        self.world.because(("opening",))
        vendors: dict[str, str] = {}
        for name in self.tills:
            vendor, category = name.partition("-")[0], TILLS[name]
            if vendor not in vendors:
                vendors[vendor] = self.central.add_vendor(vendor, category)
                self.central.set_limits(vendors[vendor], *self.world.chance.of("floor", vendor).choice(FLOORS))
            counter = CounterNode(self.world, self.central, name, vendors[vendor], category, self.folder)
            if not self.foreign_keys:
                counter.forget_foreign_keys()
            self.all_counters[name] = counter
        healed, self.world.healed = self.world.healed, True
        for counter in self.counters:
            counter.sync()
        self.world.healed = healed

    def close(self) -> None:
        """Give the machines up."""
        for counter in self.all_counters.values():
            counter.machine.close()
        self.central.machine.close()

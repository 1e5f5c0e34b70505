"""One run: a world from a seed, a day of cashiers at work, then healing, with checks after every event.

Must never hide a violation: it is raised with the story that led to it.
"""

from collections.abc import Callable
from typing import Final

from tests.simulation import checks
from tests.simulation.central_node import CentralNode
from tests.simulation.chance import Chance
from tests.simulation.counter_node import CounterNode, basket_of
from tests.simulation.world import DAY, HOUR, MINUTE, Faults, Violation, World
from urs_desktop.domain.lease import Backing
from urs_desktop.domain.policy import Category

ACTIONS: Final = 50
_CARDS: Final = ("C1", "C2", "C3")
_PAUSES: Final = (4 * MINUTE, 4 * MINUTE, 2 * HOUR, 12 * HOUR)
_HEALING_ROUNDS: Final = 8


class Run:
    """One simulated history."""

    def __init__(self, seed: int) -> None:
        """Make the world of a seed; nothing has happened in it yet."""
        chance = Chance(seed)
        self._pause = chance.of("pause").choice(_PAUSES)
        self.world = World(chance, Faults.drawn(chance))
        self.central = CentralNode(self.world)
        self.counters: list[CounterNode] = []
        self.foreign_keys = True

    def open_shops(self) -> None:
        """Enrol two counters of a medium vendor and one of a small one."""
        for vendor, category, tills in (("medium", Category.MEDIUM, 2), ("small", Category.SMALL, 1)):
            vendor_id = self.central.add_vendor(vendor, category)
            for till in range(1, tills + 1):
                name = f"{vendor}-{till}"
                counter = CounterNode(self.world, self.central, name, vendor_id, category)
                if not self.foreign_keys:
                    counter.forget_foreign_keys()
                self.counters.append(counter)
        self.world.healed = True
        for counter in self.counters:
            counter.sync()
        self.world.healed = False

    def play(self) -> None:
        """Let everything happen, heal the world, and check; raises Violation."""
        self.open_shops()
        for number in range(ACTIONS):
            self._plan(number)
        while self.world.step():
            checks.after_event(self.central, self.counters)
        self._heal()
        checks.after_healing(self.world, self.central, self.counters)

    def _plan(self, number: int) -> None:
        choice = self.world.chance.of("action", number)
        counter = choice.choice(self.counters)
        card = choice.choice(_CARDS)
        basket = basket_of(choice.choice((400, 1_000, 1_001, 5_000, 20_000, 99_999)))
        when = self.world.now + number * self._pause // 4 + choice.randrange(self._pause)
        kind = choice.choices(
            ("sell", "redeem", "refund", "sync", "poison", "reclaim"), weights=(30, 22, 14, 30, 3, 8)
        )[0]
        plans: dict[str, Callable[[], None]] = {
            "sell": lambda: counter.act(
                "sell", lambda: counter.sell(basket, choice.choice((card, None, card))), number
            ),
            "redeem": lambda: self._redeem(counter, number, card),
            "refund": lambda: counter.act("refund", lambda: self._refund(counter, number), number),
            "sync": lambda: counter.act("sync", counter.sync, number),
            "poison": lambda: counter.act("write poison", counter.poison, number),
            "reclaim": self.central.reclaim,
        }
        self.world.at(when, plans[kind])

    def _redeem(self, counter: CounterNode, number: int, card: str) -> None:
        """Ask for points now; pay, pay with fewer, or walk away some time later."""
        choice = self.world.chance.of("redeem", number)
        basket = basket_of(choice.choice((1_000, 5_000, 20_000)))
        most = basket.total.minor // 2
        want = choice.choice((1, 20, 300, most, most, most + 1))
        leases: list[Backing | None] = []

        def ask() -> None:
            leases.append(counter.ask_points(basket, card, want))

        def finish() -> None:
            lease = leases[0] if leases else None
            if lease is not None and choice.random() < 0.25:
                counter.redeem.give_back(lease)
                return
            counter.pay_with(lease, basket, card, use=choice.choice((want, want, max(1, want // 2))))

        counter.act("ask for points", ask, number)
        pause = choice.choice((1_000, 30_000, 4 * MINUTE, 6 * MINUTE))
        self.world.after(pause, lambda: counter.act("pay with points", finish, 100_000 + number))

    def _refund(self, counter: CounterNode, number: int) -> None:
        """Bring goods back to a counter, with a receipt of the same vendor, if there is one."""
        choice = self.world.chance.of("refund", number)
        vendor = counter.name.partition("-")[0]
        receipts = [receipt for receipt in self.world.printed if receipt.counter.startswith(vendor)]
        if receipts:
            counter.refund(choice.choice(receipts).number, choice.choice((1, 1, 2, 5)))

    def _heal(self) -> None:
        """Lift every fault, restart every counter, and give them time."""
        self.world.healed = True
        for counter in self.counters:
            counter.start()
            counter.redeem.give_back_all()
        for _ in range(_HEALING_ROUNDS):
            self.world.now += MINUTE
            for counter in self.counters:
                counter.act("sync", counter.sync, 0)
            while self.world.step():
                pass
        checks.after_event(self.central, self.counters)
        checks.nothing_is_locked(self.central)
        self.world.now += DAY + MINUTE
        self.central.reclaim()


def play(run: Run) -> Violation | None:
    """Play a run to its end and return what it violated, if anything."""
    try:
        run.play()
    except Violation as violation:
        return violation
    return None

"""What people do in a run, as values: a cashier sells, a customer pays with points, a counter is lost for ever.

An action can be left out, made smaller or moved without changing what becomes of the others. A new one is a function
here and its row in KINDS. Must never draw a chance but by the identity of the action.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.simulation.chance import Chance
from tests.simulation.counter_node import CounterNode, basket_of
from tests.simulation.damage import look_at_damaged_copies
from tests.simulation.faults import DAY, HOUR, MINUTE
from tests.simulation.shop import CARDS, Shop
from urs_desktop.central.troubles import TroubleError
from urs_desktop.domain.lease import Backing
from urs_desktop.domain.refusals import Refusal

ACTIONS: Final = 50
"""What happens in a run that was not shrunk."""

_PAUSES: Final = (4 * MINUTE, 2 * HOUR, 12 * HOUR, DAY)
_AMOUNTS: Final = (400, 1_000, 1_001, 5_000, 20_000, 99_999)
_WANTED: Final = (1, 20, 300)
_AT: Final = ("medium-1", "medium-1", "medium-2", "medium-2", "small-1")


@dataclass(frozen=True, slots=True)
class Action:
    """Something somebody does `at` milliseconds after the opening; `number` is its identity.

    `amount` is in minor units, `points` those asked for, `used` those paid with, `pieces` those brought back, `pause`
    the milliseconds from asking to paying, `pick` (0 to 1) says which of what there is.
    """

    number: int
    at: int
    kind: str
    counter: str
    card: str | None = None
    amount: int = 1_000
    points: int = 1
    used: int = 1
    pieces: int = 1
    pause: int = 1_000
    pick: float = 0.0

    def __str__(self) -> str:
        """Tell it in words."""
        tells: dict[str, str] = {
            "sell": f"{self.amount} for {self.card}",
            "redeem": f"{self.amount} for {self.card}, wants {self.points}, pays {self.used} after {self.pause} ms",
            "refund": f"{self.pieces} pieces",
        }
        return f"{self.counter}: {self.kind} {tells.get(self.kind, '')}".strip()


Play = Callable[[Shop, CounterNode, Action], None]


def drawn(chance: Chance) -> tuple[Action, ...]:
    """Return the actions of a seed: first customers earn what they will pay with, then whatever comes."""
    pause = chance.of("pause").choice(_PAUSES)
    kinds = [kind for kind in KINDS if chance.share("kind", kind, "present") < KINDS[kind].often]
    return (*_opening(), *(_action(chance, number, pause, kinds) for number in range(1 + len(CARDS), ACTIONS)))


def _opening() -> Iterator[Action]:
    for number, card in enumerate(CARDS):
        yield Action(number, number * MINUTE, "sell", "medium-1", card, amount=99_999)
    yield Action(len(CARDS), len(CARDS) * MINUTE, "sync", "medium-1")


def _action(chance: Chance, number: int, pause: int, kinds: list[str]) -> Action:
    choice = chance.of("action", number)
    amount = choice.choice(_AMOUNTS)
    most = amount // 2
    points = choice.choice((*(min(most, wanted) for wanted in _WANTED), most, most, most + 1))
    return Action(
        number=number,
        at=number * pause // 4 + choice.randrange(pause),
        kind=min(kinds, key=lambda kind: -math.log(1 - chance.share("kind", number, kind)) / KINDS[kind].weight),
        counter=choice.choice(_AT),
        card=choice.choice((choice.choice(CARDS), choice.choice(CARDS), None)),
        amount=amount,
        points=points,
        used=choice.choice((0, points, points, points, max(1, points // 2))),
        pieces=choice.choice((1, 1, 2, 5)),
        pause=choice.choice((1_000, 30_000, 4 * MINUTE, 6 * MINUTE)),
        pick=choice.random(),
    )


def _sell(_: Shop, counter: CounterNode, action: Action) -> None:
    counter.act("sell", lambda: counter.sell(basket_of(action.amount), action.card))


def _redeem(shop: Shop, counter: CounterNode, action: Action) -> None:
    """Ask for points now; pay, pay with fewer, or walk away (0 used) some time later."""
    basket, card = basket_of(action.amount), action.card or CARDS[0]
    leases: list[Backing | None] = []

    def ask() -> None:
        leases.append(counter.ask_points(basket, card, action.points))

    def finish() -> None:
        lease = leases[0] if leases else None
        if lease is not None and not action.used:
            counter.redeem.give_back(lease)
            shop.world.note(counter.name, f"{card} walks away without paying")
            return
        counter.pay_with(lease, basket, card, use=action.used)

    counter.act("ask for points", ask)
    shop.world.later(action.pause, "pay", lambda: counter.act("pay with points", finish))


def _refund(shop: Shop, counter: CounterNode, action: Action) -> None:
    """Bring goods back to a counter, with a receipt of the same vendor, if there is one."""
    vendor = counter.name.partition("-")[0]
    receipts = [receipt for receipt in shop.world.printed if receipt.counter.partition("-")[0] == vendor]
    if receipts:
        receipt = receipts[int(action.pick * len(receipts))]
        counter.act("refund", lambda: counter.refund(receipt.number, action.pieces))


def _sync(_: Shop, counter: CounterNode, action: Action) -> None:
    counter.act("sync", counter.sync)


def _poison(_: Shop, counter: CounterNode, action: Action) -> None:
    counter.act("write poison", counter.poison)


def _reclaim(shop: Shop, counter: CounterNode, action: Action) -> None:
    shop.central.reclaim()


def _policy(shop: Shop, counter: CounterNode, action: Action) -> None:
    """The programme changes a category's reward while counters are offline."""
    shop.central.set_policy(counter.category, reward_bp=300 + int(action.pick * 5) * 100)
    shop.world.note("centre", f"{counter.category.value} vendors have a new policy")


def _checkpoint(shop: Shop, counter: CounterNode, action: Action) -> None:
    (shop.central if action.pick < 1 / 3 else counter).machine.checkpoint()


def _lose(shop: Shop, counter: CounterNode, action: Action) -> None:
    """The counter burns down, with what it had not sent yet; there is always one left."""
    if len(shop.counters) > 1:
        counter.is_lost = True
        shop.world.note(counter.name, "IS LOST for ever")


def _damage(shop: Shop, counter: CounterNode, action: Action) -> None:
    look_at_damaged_copies(counter, action.pick)


def _back_up(shop: Shop, counter: CounterNode, action: Action) -> None:
    shop.backups[counter.name] = counter.machine.copy()
    shop.world.note(counter.name, "is backed up")


def _put_back(shop: Shop, counter: CounterNode, action: Action) -> None:
    """Somebody copies an old database over the counter's, or a whole disk; where there is no copy, one is made."""
    backup = shop.backups.get(counter.name)
    if backup is None:
        _back_up(shop, counter, action)
        return
    counter.was_put_back = True
    counter.machine.put_back(backup)
    if action.pick < 1 / 3:
        counter.lost_sentinel = True
        counter.sentinel.mark = None
    counter.restart()
    shop.world.note(counter.name, f"IS PUT BACK to its backup{' and has no sentinel' * (action.pick < 1 / 3)}")


def _merge(shop: Shop, counter: CounterNode, action: Action) -> None:
    """Somebody finds out that two cards are one person's."""
    card, into = action.card or CARDS[0], CARDS[int(action.pick * len(CARDS))]
    _decide(shop, f"{card} is merged into {into}", lambda: shop.central.merge(card, into))


def _block(shop: Shop, counter: CounterNode, action: Action) -> None:
    card, blocked = action.card or CARDS[0], action.pick < 1 / 2
    words = "is blocked" if blocked else "may redeem again"
    _decide(shop, f"{card} {words}", lambda: shop.central.block(card, blocked=blocked))


def _erase(shop: Shop, counter: CounterNode, action: Action) -> None:
    card = action.card or CARDS[0]
    _decide(shop, f"{card} IS ERASED", lambda: shop.central.erase(card))


def _decide(shop: Shop, what: str, decision: Callable[[], None]) -> None:
    try:
        decision()
    except (Refusal, TroubleError) as reason:
        shop.world.note("centre", f"no: {what}: {reason}")
    else:
        shop.world.note("centre", what)


@dataclass(frozen=True, slots=True)
class Kind:
    """How often a kind of action is drawn, what it does, and in which share of the runs it is there at all."""

    weight: float
    play: Play
    often: float = 1.0


KINDS: Final = {
    "sell": Kind(24, _sell),
    "redeem": Kind(30, _redeem),
    "refund": Kind(14, _refund),
    "sync": Kind(30, _sync),
    "poison": Kind(3, _poison),
    "reclaim": Kind(8, _reclaim),
    "checkpoint": Kind(3, _checkpoint),
    "damage": Kind(1, _damage),
    "policy": Kind(1.5, _policy),
    "lose": Kind(0.3, _lose),
    "back_up": Kind(2, _back_up),
    "put_back": Kind(4, _put_back, often=0.4),
    "merge": Kind(0.5, _merge),
    "block": Kind(1.5, _block),
    "erase": Kind(0.3, _erase),
}
"""Every kind of action by name. Adding one changes only those actions it takes the place of."""


def play(shop: Shop, action: Action) -> None:
    """Let an action happen, if its counter takes part and is still there."""
    counter = shop.all_counters.get(action.counter)
    if counter is None or counter.is_lost:
        return
    _set_clock(shop, counter)
    KINDS[action.kind].play(shop, counter, action)


def _set_clock(shop: Shop, counter: CounterNode) -> None:
    """Somebody may set a counter's clock wrong, or right again."""
    if shop.world.strikes("clock_jump"):
        counter.clock.ahead = shop.world.fate("clock").choice((-DAY, 0, DAY))
        shop.world.note(counter.name, f"its clock is {counter.clock.ahead // HOUR:+} h wrong from now")

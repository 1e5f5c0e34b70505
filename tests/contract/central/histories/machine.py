"""Draws histories: sales, grants, refunds, returns, late pushes, time and policies in any order.

Must never leave out what a till could do because the store might not like it.
"""

from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.contract.central.histories.world import CARDS, TILLS, Bought, Granted, World
from urs_desktop.domain.policy import Category

REDEEMING: Final = tuple(till for till in TILLS if till != "small")
_LINES = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from([1, 7, 333, 1000, 1001, 2500, 9999])), min_size=1, max_size=3
)
_PIECES = st.dictionaries(st.integers(1, 3), st.integers(1, 5), min_size=1, max_size=3)
_DATES = st.sampled_from([(0, 0), (0, 0), (0, 2), (0, 5), (1, 0), (2, 6)])
_ANY_CARD = st.sampled_from([*CARDS, *CARDS, CARDS[0], None])
_SHARES = st.sampled_from([1, 2, 3, 4, 4, 4, 5])


class Histories(RuleBasedStateMachine):
    """One history; the world says after each step what does not hold."""

    watches: frozenset[str] = frozenset({"model", "sql", "verify", "refusal"})

    def __init__(self) -> None:
        """Begin with an empty programme."""
        super().__init__()
        self.world = World(self.watches)

    def teardown(self) -> None:
        """Let the database go."""
        self.world.close()

    @initialize(dates=_DATES)
    def begin(self, dates: tuple[int, int]) -> None:
        """Begin with points in hand, under policies that may vest and expire."""
        for category in Category:
            self.world.change_policy(category, 2000, 1000, *dates)
        for card in CARDS:
            self.world.sell("medium 1", card, [(2, 5000)])
        self.world.push("medium 1")

    @rule(where=st.sampled_from(TILLS), card=_ANY_CARD, lines=_LINES, now=st.booleans(), old=st.booleans())
    def sell(self, where: str, card: str | None, lines: list[tuple[int, int]], now: bool, old: bool) -> None:
        """Sell for money."""
        self.world.sell(where, card, lines, old_policy=old)
        if now:
            self.world.push(where)

    @rule(
        where=st.sampled_from(REDEEMING),
        card=st.sampled_from(CARDS),
        lines=_LINES,
        want=st.integers(1, 700),
        parts=st.tuples(_SHARES, _SHARES),
        now=st.booleans(),
    )
    def redeem(
        self,
        where: str,
        card: str,
        lines: list[tuple[int, int]],
        want: int,
        parts: tuple[int, int],
        now: bool,
    ) -> None:
        """Pay with a grant: all of it, part, or more than it was; the rest goes back with the sale, or stays."""
        granted = self.world.ask(where, card, want)
        if granted is not None:
            self._spend(granted, lines, parts)
            if now:
                self.world.push(where)

    @rule(where=st.sampled_from(REDEEMING), card=st.sampled_from(CARDS), want=st.integers(1, 700))
    def lose_a_grant(self, where: str, card: str, want: int) -> None:
        """Ask for points and forget the answer, for now."""
        self.world.ask(where, card, want)

    @precondition(lambda self: self.world.granted)
    @rule(data=st.data(), lines=_LINES, parts=st.tuples(_SHARES, _SHARES))
    def spend_late(self, data: st.DataObject, lines: list[tuple[int, int]], parts: tuple[int, int]) -> None:
        """Pay with a grant that may be over by now."""
        self._spend(data.draw(st.sampled_from(self.world.granted)), lines, parts)

    @precondition(lambda self: self.world.granted)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        """Give a grant back, maybe after it was taken back."""
        granted = data.draw(st.sampled_from(self.world.granted))
        self.world.granted.remove(granted)
        self.world.give_back(granted)

    @rule(where=st.sampled_from(REDEEMING), card=_ANY_CARD, lines=_LINES, points=st.integers(1, 400))
    def give_points_nobody_covers(
        self, where: str, card: str | None, lines: list[tuple[int, int]], points: int
    ) -> None:
        """Take points that no lease holds."""
        total = sum(amount for _, amount in lines)
        self.world.sell(where, card, lines, points=min(points, total))

    @precondition(lambda self: self.world.bought)
    @rule(data=st.data(), where=st.sampled_from(TILLS), pieces=_PIECES, now=st.booleans())
    def refund(self, data: st.DataObject, where: str, pieces: dict[int, int], now: bool) -> None:
        """Take goods back: some, all or more than there were, at any till, maybe before the sale has arrived."""
        bought: Bought = data.draw(st.sampled_from(self.world.bought))
        if data.draw(st.integers(0, 3)):
            where = next(name for name, place in self.world.places.items() if place is bought.place)
        self.world.refund(bought, where, pieces)
        if now:
            self.world.push(where)

    @precondition(lambda self: self.world.bought)
    @rule(data=st.data(), where=st.sampled_from(TILLS[:2]))
    def refund_all(self, data: st.DataObject, where: str) -> None:
        """Take everything of a sale back."""
        bought: Bought = data.draw(st.sampled_from(self.world.bought))
        self.world.refund(bought, where, {n: pieces for n, (pieces, _) in enumerate(bought.lines, 1)})
        self.world.push(where)

    @rule(where=st.sampled_from(TILLS), again=st.booleans())
    def push(self, where: str, again: bool) -> None:
        """Push what waits, or everything once more."""
        self.world.push(where, again=again)

    @rule(hours=st.sampled_from([1, 23, 25, 48, 72, 150]), tidy=st.booleans())
    def pass_time(self, hours: int, tidy: bool) -> None:
        """Let time pass, with or without the upkeep."""
        self.world.pass_time(hours, tidy=tidy)

    @rule(
        category=st.sampled_from(list(Category)),
        reward_bp=st.sampled_from([0, 1, 333, 2500, 10_000]),
        threshold=st.sampled_from([0, 999, 1000, 5000]),
        dates=_DATES,
    )
    def change_policy(self, category: Category, reward_bp: int, threshold: int, dates: tuple[int, int]) -> None:
        """Publish a new version of a policy."""
        self.world.change_policy(category, reward_bp, threshold, *dates)

    @rule(card=st.sampled_from(CARDS), points=st.integers(-300, 300).filter(bool))
    def adjust(self, card: str, points: int) -> None:
        """Give or take points by hand."""
        self.world.adjust(card, points)

    @rule(old=st.sampled_from(CARDS), new=st.sampled_from(CARDS), really=st.integers(0, 5))
    def merge(self, old: str, new: str, really: int) -> None:
        """Let a customer turn out to be another, now and then."""
        if not really:
            self.world.merge(old, new)

    @rule(card=st.sampled_from(CARDS), really=st.integers(0, 7))
    def erase(self, card: str, really: int) -> None:
        """Let a customer be forgotten, now and then."""
        if not really:
            self.world.erase(card)

    def _spend(self, granted: Granted, lines: list[tuple[int, int]], parts: tuple[int, int]) -> None:
        self.world.granted.remove(granted)
        total = sum(amount for _, amount in lines)
        points = min(total, max(1, granted.points * parts[0] // 4))
        returned = max(0, granted.points - points) * parts[1] // 4
        where = next(name for name, place in self.world.places.items() if place is granted.place)
        self.world.sell(where, granted.card, lines, granted=granted, points=points, returned=returned)

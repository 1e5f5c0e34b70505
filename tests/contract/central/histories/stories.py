"""Short histories with a plot, one for each rule that random ones come by only now and then.

Each plays on a world that looks after every step. Must never assert anything by itself: the world says what is wrong.
"""

from collections.abc import Callable
from typing import Final

from tests.contract.central.histories.world import Bought, World
from urs_desktop.domain.policy import Category

ONE: Final = "C-1"
TWO: Final = "C-2"
THREE: Final = "C-3"
DAY: Final = 24


def _sold(world: World, where: str, card: str | None, *lines: tuple[int, int]) -> Bought:
    bought = world.sell(where, card, list(lines))
    world.push(where)
    return bought


def _paid(world: World, where: str, card: str, points: int, *lines: tuple[int, int], returned: int = 0) -> Bought:
    granted = world.ask(where, card, points + returned)
    assert granted is not None
    bought = world.sell(where, card, list(lines), granted=granted, points=points, returned=returned)
    world.push(where)
    return bought


def _refunded(world: World, bought: Bought, where: str, *all_pieces: dict[int, int]) -> None:
    for pieces in all_pieces:
        world.refund(bought, where, pieces)
        world.push(where)


def _merged(world: World, old: str, new: str) -> None:
    world.merge(old, new)
    assert world.model.merged[old] == new


def rounding(world: World) -> None:
    """Totals at and just above the threshold, and odd ones that come back a piece at a time."""
    for total in (999, 1000, 1001, 1010, 1019, 1020, 2999):
        _sold(world, "medium 1", ONE, (1, total))
    bought = _sold(world, "medium 1", ONE, (3, 3331), (4, 1777))
    _refunded(world, bought, "medium 2", {1: 1}, {2: 1}, {2: 2}, {1: 1}, {2: 1}, {1: 1})


def paid_with_points(world: World) -> None:
    """A sale paid from lots that expire at different times comes back in parts, and time passes in between."""
    world.change_policy(Category.MEDIUM, 1000, 0, 0, 4)
    _sold(world, "medium 1", ONE, (1, 1110))
    world.change_policy(Category.MEDIUM, 1000, 0, 0, 9)
    _sold(world, "medium 1", ONE, (1, 1230))
    world.change_policy(Category.MEDIUM, 500, 1000)
    _sold(world, "medium 1", ONE, (1, 2000))
    bought = _paid(world, "medium 2", ONE, 231, (3, 900), (2, 5001), returned=20)
    _refunded(world, bought, "medium 1", {1: 1}, {2: 1})
    world.pass_time(5 * DAY, tidy=True)
    _refunded(world, bought, "medium 2", {1: 1}, {2: 1})
    world.pass_time(5 * DAY, tidy=True)
    _refunded(world, bought, "medium 1", {1: 1})


def given_by_the_vendor(world: World) -> None:
    """Points that no lease covered, all of them or a part, come back to nobody."""
    _sold(world, "medium 1", ONE, (1, 3000))
    bought = world.sell("medium 1", ONE, [(7, 707)], points=70)
    world.push("medium 1")
    _refunded(world, bought, "medium 1", {1: 2}, {1: 5})
    granted = world.ask("medium 1", ONE, 20)
    assert granted is not None
    bought = world.sell("medium 1", ONE, [(7, 70)], granted=granted, points=30)
    world.push("medium 1")
    _refunded(world, bought, "medium 2", *[{1: 1}] * 7)


def debts(world: World) -> None:
    """Two vendors are owed, the older first; earnings elsewhere, returns, vesting and gifts repay them."""
    first = _sold(world, "medium 1", ONE, (1, 4000))
    second = _sold(world, "other", ONE, (1, 5000))
    _paid(world, "large", ONE, 450, (1, 901))
    _refunded(world, first, "medium 2", {1: 1})
    world.pass_time(1, tidy=False)
    _refunded(world, second, "other", {1: 1})
    _sold(world, "large", ONE, (1, 5100))
    world.change_policy(Category.LARGE, 500, 1000, 1)
    _sold(world, "large", ONE, (1, 3000))
    world.pass_time(DAY, tidy=True)
    world.adjust(ONE, 30)
    third = _sold(world, "medium 1", TWO, (1, 4000))
    world.ask("large", TWO, 120)
    _refunded(world, third, "medium 1", {1: 1})
    world.pass_time(2 * DAY, tidy=True)
    _sold(world, "small", TWO, (1, 90_000))


def pending(world: World) -> None:
    """Points that have not vested are taken back, the sale's own first."""
    _sold(world, "medium 1", ONE, (1, 2400))
    world.change_policy(Category.MEDIUM, 500, 1000, 2)
    bought = _sold(world, "medium 1", ONE, (2, 4000))
    _sold(world, "medium 1", ONE, (1, 3000))
    _refunded(world, bought, "medium 1", {1: 1})
    world.pass_time(2 * DAY, tidy=True)
    _paid(world, "medium 1", ONE, 200, (1, 900))
    _sold(world, "medium 1", ONE, (1, 3000))
    _refunded(world, bought, "medium 2", {1: 1})


def held(world: World) -> None:
    """What a lease holds neither expires nor is taken back before it returns."""
    world.change_policy(Category.MEDIUM, 1000, 0, 0, 3)
    _sold(world, "medium 1", ONE, (1, 1000))
    world.change_policy(Category.MEDIUM, 500, 1000)
    bought = _sold(world, "medium 1", ONE, (1, 2000))
    world.pass_time(2 * DAY + 1, tidy=True)
    world.ask("other", ONE, 50)
    granted = world.ask("medium 1", ONE, 130)
    assert granted is not None
    _refunded(world, bought, "medium 1", {1: 1})
    world.pass_time(DAY, tidy=True)
    world.give_back(granted)
    world.push("medium 1")
    world.pass_time(2 * DAY, tidy=True)


def honoured(world: World) -> None:
    """A lease spent after its lots were over is paid for; spent after it was taken back, the vendor gave it."""
    world.change_policy(Category.MEDIUM, 1000, 0, 0, 3)
    _sold(world, "medium 1", ONE, (1, 4000))
    world.pass_time(3 * DAY - 1, tidy=True)
    in_time, too_late = world.ask("medium 1", ONE, 100), world.ask("medium 2", ONE, 100)
    assert in_time is not None
    assert too_late is not None
    world.pass_time(2, tidy=True)
    first = world.sell("medium 1", ONE, [(2, 1100)], granted=in_time, points=90, returned=5)
    second = world.sell("medium 2", ONE, [(2, 1100)], granted=too_late, points=100)
    world.push("medium 1")
    world.pass_time(2 * DAY, tidy=True)
    world.push("medium 2")
    _refunded(world, first, "medium 2", {1: 1}, {1: 1})
    _refunded(world, second, "medium 1", {1: 2})


def out_of_order(world: World) -> None:
    """Refunds before their sale, of another vendor's, of too much, and everything sent twice."""
    early = world.sell("medium 1", ONE, [(2, 3000), (1, 1500)])
    _refunded(world, early, "medium 2", {1: 1})
    _refunded(world, early, "other", {1: 1, 2: 1})
    world.push("medium 1")
    bought = _sold(world, "medium 1", ONE, (2, 4444))
    _refunded(world, bought, "other", {1: 1})
    _refunded(world, bought, "medium 1", {1: 1})
    _refunded(world, bought, "medium 2", {1: 1})
    _refunded(world, bought, "medium 2", {1: 5, 3: 1})
    for where in world.places:
        world.push(where, again=True)


def own_lot_first(world: World) -> None:
    """A refund takes from the sale's own lot, though others are over sooner."""
    world.change_policy(Category.MEDIUM, 500, 1000, 0, 3)
    _sold(world, "medium 1", ONE, (1, 2000))
    world.change_policy(Category.MEDIUM, 500, 1000)
    bought = _sold(world, "medium 1", ONE, (2, 4000))
    world.change_policy(Category.MEDIUM, 2500, 0, 0, 3)
    _sold(world, "medium 1", ONE, (1, 2000))
    _refunded(world, bought, "medium 1", {1: 1}, {1: 1})
    world.pass_time(3 * DAY, tidy=True)


def refilled_lots_last(world: World) -> None:
    """What a refund gave back it takes last: otherwise which lots are left would depend on how it was split."""
    world.change_policy(Category.MEDIUM, 1000, 0, 0, 4)
    _sold(world, "medium 1", ONE, (1, 2000))
    world.change_policy(Category.MEDIUM, 1000, 0)
    bought = _paid(world, "medium 1", ONE, 200, (4, 3200))
    _paid(world, "large", ONE, 300, (1, 601))
    _sold(world, "medium 1", ONE, (1, 2500))
    _refunded(world, bought, "medium 2", {1: 1}, {1: 3})
    world.pass_time(4 * DAY, tidy=True)


def merged(world: World) -> None:
    """Who was merged has leases open, points pending and a debt; what comes back later moves on, with either card."""
    world.change_policy(Category.MEDIUM, 1000, 0, 3, 20)
    waiting = _sold(world, "medium 1", TWO, (2, 3000))
    world.change_policy(Category.MEDIUM, 1000, 0, 0, 9)
    early = _sold(world, "medium 1", TWO, (2, 6000))
    _sold(world, "other", ONE, (1, 4000))
    paid = _paid(world, "medium 2", TWO, 150, (3, 600))
    with_old, with_new = world.ask("medium 1", TWO, 40), world.ask("medium 2", TWO, 30)
    given_back, forgotten = world.ask("large", TWO, 50), world.ask("other", TWO, 20)
    assert with_old is not None
    assert with_new is not None
    assert given_back is not None
    assert forgotten is not None
    _merged(world, TWO, ONE)
    world.sell("medium 1", TWO, [(1, 90)], granted=with_old, points=25, returned=15)
    bought = world.sell("medium 2", ONE, [(2, 90)], granted=with_new, points=30)
    world.give_back(given_back)
    for where in ("medium 1", "medium 2", "large"):
        world.push(where)
    _refunded(world, bought, "medium 1", {1: 1}, {1: 1})
    _refunded(world, paid, "medium 2", {1: 1}, {1: 2})
    _refunded(world, waiting, "medium 1", {1: 1})
    world.pass_time(3 * DAY, tidy=True)
    _refunded(world, early, "medium 2", {1: 2})
    _sold(world, "other", TWO, (1, 4000))
    world.adjust(TWO, 7)
    world.pass_time(20 * DAY, tidy=True)


def merged_in_debt(world: World) -> None:
    """Debts are owed by the other from now, those of both repaid in the order in which the other got them."""
    first = _sold(world, "medium 1", TWO, (1, 4000))
    _paid(world, "large", TWO, 200, (1, 401))
    _refunded(world, first, "medium 2", {1: 1})
    second = _sold(world, "other", ONE, (1, 5000))
    spent = _paid(world, "large", ONE, 240, (2, 481))
    _merged(world, TWO, ONE)
    world.pass_time(1, tidy=False)
    _refunded(world, second, "other", {1: 1})
    _sold(world, "small", THREE, (1, 100))
    _merged(world, ONE, THREE)
    _sold(world, "large", TWO, (1, 3000))
    _refunded(world, spent, "large", {1: 1}, {1: 1})
    _sold(world, "medium 1", THREE, (1, 9000))
    world.pass_time(2 * DAY, tidy=True)


def merged_with_lots_that_end(world: World) -> None:
    """What a lease of the old customer gives back after its lot is over moves to nobody."""
    world.change_policy(Category.MEDIUM, 1000, 0, 0, 2)
    _sold(world, "medium 1", TWO, (1, 2000))
    bought = _paid(world, "medium 1", TWO, 90, (3, 181))
    granted = world.ask("medium 1", TWO, 110)
    assert granted is not None
    _sold(world, "medium 1", THREE, (1, 3000))
    _merged(world, TWO, THREE)
    world.pass_time(2 * DAY, tidy=False)
    world.give_back(granted)
    world.push("medium 1")
    _refunded(world, bought, "medium 2", {1: 2}, {1: 1})
    world.pass_time(DAY, tidy=True)


def erased(world: World) -> None:
    """Who was erased has leases open and points pending: they settle, come back or vest, and the rest is breakage."""
    world.change_policy(Category.MEDIUM, 1000, 0, 3)
    waiting = _sold(world, "medium 1", TWO, (2, 3000))
    world.change_policy(Category.MEDIUM, 1000, 0)
    early = _sold(world, "medium 1", TWO, (2, 6000))
    paid = _paid(world, "medium 2", TWO, 150, (3, 600))
    granted, given_back = world.ask("medium 1", TWO, 40), world.ask("large", TWO, 50)
    assert granted is not None
    assert given_back is not None
    world.ask("other", TWO, 20)
    _sold(world, "other", ONE, (1, 4000))
    _merged(world, ONE, TWO)
    world.erase(ONE)
    assert world.model.erased == {ONE, TWO}
    bought = world.sell("medium 1", TWO, [(2, 90)], granted=granted, points=25, returned=10)
    world.give_back(given_back)
    for where in ("medium 1", "large"):
        world.push(where)
    _refunded(world, bought, "medium 1", {1: 1}, {1: 1})
    _refunded(world, paid, "medium 2", {1: 1}, {1: 2})
    _refunded(world, waiting, "medium 1", {1: 1})
    _sold(world, "other", ONE, (1, 5000))
    world.pass_time(3 * DAY, tidy=True)
    _refunded(world, early, "medium 2", {1: 2})
    world.pass_time(DAY, tidy=True)


def erased_one_after_the_other(world: World) -> None:
    """Two who have nothing to do with each other are forgotten."""
    for card in (ONE, TWO):
        _sold(world, "medium 1", card, (1, 5000))
    world.erase(ONE)
    world.erase(TWO)
    assert world.model.erased == {ONE, TWO}
    world.pass_time(DAY, tidy=True)


STORIES: Final[dict[str, Callable[[World], None]]] = {
    story.__name__: story
    for story in (
        rounding,
        paid_with_points,
        given_by_the_vendor,
        debts,
        pending,
        held,
        honoured,
        out_of_order,
        own_lot_first,
        refilled_lots_last,
        merged,
        merged_in_debt,
        merged_with_lots_that_end,
        erased,
        erased_one_after_the_other,
    )
}
"""Every story by name."""

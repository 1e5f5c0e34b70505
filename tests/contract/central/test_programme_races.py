"""Two people decide, change or book at the same moment on PostgreSQL: the second waits and sees what the first did."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.contract.central.people import operator
from tests.contract.central.shop import Shop, open_shop
from tests.contract.central.till import NOW
from urs_desktop.central import adjustments, due, feed, locks, policies, proposals, settlement, vendors
from urs_desktop.central.policies import Limits, Terms
from urs_desktop.central.schema import adjustment_decisions, policy_decisions, reward_policies
from urs_desktop.central.vendors import Changes
from urs_desktop.database.engine import Database
from urs_desktop.domain.policy import DAY_MS, Category

Work = Callable[[sa.Connection], object]

_WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
_STEP_SECONDS = 0.02
_MOST_STEPS = 500


@pytest.fixture
def shop(postgresql_database: Database) -> Shop:
    """A store on PostgreSQL."""
    return open_shop(postgresql_database)


def beside(
    shop: Shop,
    first: Work,
    second: Work,
    *,
    before_its_commit: Callable[[], None] | None = None,
    then: Work | None = None,
) -> str:
    """Do one thing, and another that begins before the first is committed; return what the second says to that.

    When the second waits for the first, or has not had to, the first does what it does `then` and commits; what is to
    be done before the commit of the second comes after that of the first.
    """
    said: list[str] = []
    done, ready, committed = threading.Event(), threading.Event(), threading.Event()

    def run() -> None:
        try:
            with shop.database.write() as connection:
                second(connection)
                ready.set()
                committed.wait()
                if before_its_commit is not None:
                    before_its_commit()
        except Exception as error:  # noqa: BLE001 - what is said is what the test is about
            said.append(f"{type(error).__name__}: {error}")
        finally:
            done.set()

    thread = threading.Thread(target=run)
    try:
        with shop.database.write() as connection:
            first(connection)
            thread.start()
            for _ in range(_MOST_STEPS):
                if done.is_set() or ready.wait(_STEP_SECONDS) or waits(shop):
                    break
            if then is not None:
                then(connection)
    finally:
        committed.set()
    thread.join()
    return said[0] if said else ""


def waits(shop: Shop) -> bool:
    with shop.database.read() as connection:
        return bool(connection.execute(_WAITING).scalar())


def put(
    shop: Shop, terms: Terms, category: Category = Category.MEDIUM, vendor_id: str | None = None
) -> Callable[[sa.Connection], object]:
    def work(connection: sa.Connection) -> object:
        return policies.add_version(connection, category, vendor_id, "GBP", terms, NOW, shop.randomness)

    return work


@pytest.mark.parametrize("own", [False, True])
def test_two_versions_count_on(shop: Shop, own: bool) -> None:
    work = put(shop, Terms(0, 1, 0, NOW), vendor_id=shop.vendor_id if own else None)
    assert beside(shop, work, work) == ""
    rows = [row for row in shop.rows(reward_policies) if (row["vendor_id"] is None) is not own]
    assert [row["version"] for row in rows] == ([1, 2] if own else [1, 2, 3])
    assert len({row["policy_id"] for row in rows}) == 1
    assert shop.findings() == []


def test_a_vendors_policy_sees_limits_of_the_same_moment(shop: Shop) -> None:
    tight = put(shop, Terms(1000, 500, 5000, NOW, limits=Limits(max_reward_bp=10)))
    own = put(shop, Terms(0, 11, 0, NOW), vendor_id=shop.vendor_id)
    assert "reward percentage" in beside(shop, tight, own)
    assert shop.findings() == []


def test_a_version_that_came_first_keeps_the_time_that_says_so(shop: Shop) -> None:
    """The one that waited read the clock before; verify would take it for made under the older limits."""
    loose = Terms(1000, 500, 9000, NOW)

    def first(connection: sa.Connection) -> None:
        policies.add_version(connection, Category.MEDIUM, None, "GBP", loose, NOW + 50, shop.randomness)

    def second(connection: sa.Connection) -> None:
        terms = Terms(0, 1, 9000, NOW)
        policies.add_version(connection, Category.MEDIUM, shop.vendor_id, "GBP", terms, NOW, shop.randomness)

    assert beside(shop, first, second) == ""
    assert shop.findings() == []


def test_a_proposal_is_approved_once(shop: Shop) -> None:
    ann = operator(shop)
    with shop.database.write() as connection:
        wanted = proposals.propose(connection, shop.vendor_id, Terms(0, 1, 0, NOW), "x", NOW, shop.randomness)

    def approve(connection: sa.Connection) -> None:
        proposals.approve(connection, wanted, ann, NOW, shop.randomness)

    def reject(connection: sa.Connection) -> None:
        proposals.reject(connection, wanted, ann, NOW)

    assert "approved before" in beside(shop, approve, approve)
    assert "approved before" in beside(shop, lambda _: None, reject)
    assert (len(shop.rows(policy_decisions)), len(shop.rows(reward_policies))) == (1, 2)
    assert shop.findings() == []


@pytest.mark.parametrize("policy_first", [False, True])
def test_a_vendor_that_changes_misses_no_policy(shop: Shop, policy_first: bool) -> None:
    with shop.database.write() as connection:
        cursor = feed.read(connection, shop.till.device_id, "", 100, NOW).cursor
    new = put(shop, Terms(0, 1, 0, NOW), Category.LARGE)

    def change(connection: sa.Connection) -> None:
        vendors.change(connection, shop.vendor_id, Changes(category=Category.LARGE), NOW)

    seen: list[str] = []

    def read() -> None:
        nonlocal cursor
        with shop.database.write() as connection:
            reply = feed.read(connection, shop.till.device_id, cursor, 100, NOW)
        cursor = reply.cursor
        seen.extend(item.policy.category for item in reply.items if item.policy)

    first, second = (new, change) if policy_first else (change, new)
    assert beside(shop, first, second, before_its_commit=read) == ""
    read()
    assert seen == ["large"]
    assert shop.findings() == []


def test_no_two_wait_for_each_other(shop: Shop) -> None:
    """A vendor's row comes before the programme: so does a share of the breakage take them."""

    def change(connection: sa.Connection) -> None:
        vendors.change(connection, shop.vendor_id, Changes(category=Category.LARGE), NOW)

    assert beside(shop, lambda c: locks.vendor(c, shop.vendor_id), change, then=locks.programme) == ""


def adjusting(shop: Shop, *points: int) -> list[Work]:
    """Return what approves an adjustment of each number of points."""
    ann, bob = operator(shop), operator(shop, "Bob")
    with shop.database.write() as connection:
        ids = [adjustments.propose(connection, "C-1", n, "x", ann, NOW, shop.randomness) for n in points]
    return [lambda connection, id_=id_: adjustments.approve(connection, id_, bob, NOW) for id_ in ids]  # type: ignore[misc]


def test_an_adjustment_is_booked_once(shop: Shop) -> None:
    shop.earn(100)
    (approve,) = adjusting(shop, 40)
    assert "approved before" in beside(shop, approve, approve)
    assert shop.wallet() == (140, 0)
    assert len(shop.rows(adjustment_decisions)) == 1
    assert shop.findings() == []


def test_two_adjustments_take_no_more_than_is_there(shop: Shop) -> None:
    shop.earn(100)
    first, second = adjusting(shop, -60, -50)
    assert "40 points available" in beside(shop, first, second)
    assert shop.wallet() == (40, 0)
    assert shop.findings() == []


def test_the_breakage_is_shared_once(shop: Shop) -> None:
    other = shop.another_vendor()
    with shop.database.write() as connection:
        terms = Terms(0, 500, 5000, NOW, expires_after=1)
        short = policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, NOW, shop.randomness)
    shop.push(shop.till.sale(2000, policy=short))
    with shop.database.write() as connection:
        due.everybody(connection, NOW + DAY_MS)

    def share(vendor_id: str) -> Work:
        return lambda connection: settlement.share(connection, vendor_id, 60, NOW, shop.randomness)

    assert "breakage" in beside(shop, share(shop.vendor_id), share(other))
    assert shop.findings() == []


def test_a_fee_is_given_back_once(shop: Shop) -> None:
    with shop.database.write() as connection:
        settlement.fee(connection, shop.vendor_id, 100, NOW, shop.randomness)

    def give_back(connection: sa.Connection) -> None:
        settlement.fee(connection, shop.vendor_id, -100, NOW, shop.randomness)

    assert "charged in fees" in beside(shop, give_back, give_back)
    assert shop.findings() == []

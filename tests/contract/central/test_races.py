"""What two transactions at once must not do to each other, on a server that lets both write.

The first is held open until the second waits for it or is through, so that they meet for certain.
"""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop, open_shop
from tests.contract.central.till import CENTRAL_KEY, NOW, CountedRandomness, Till
from tests.postgresql.databases import Databases
from urs_desktop.central import accounts, customer_import, feed, leases, policies, rejoining
from urs_desktop.central.accounts import SessionOverError
from urs_desktop.central.policies import Terms
from urs_desktop.central.schema import counters, customer_records, dirty_customers, feed_items
from urs_desktop.database.engine import Database
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import EnrolReply, EnrolRequest, GrantReply
from urs_desktop.protocol.signatures import SigningKey

KEYS = [SigningKey(bytes([number]) * 32).public_key for number in (0x31, 0x32)]
SECRETS = [b"0123456789", b"9876543210"]
SEEDS = itertools.count(1000)
Work = Callable[[sa.Connection], Any]
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
_MOST_LOOKS = 1000


def fan_out(connection: sa.Connection) -> int:
    return feed.fan_out(connection, NOW)


@dataclass(slots=True)
class Meeting:
    """Runs two pieces of work at once; `second_waited` of the last two."""

    database: Database
    server: Databases
    pool: ThreadPoolExecutor
    second_waited: bool = False

    def of(self, first: Work, second: Work) -> tuple[Any, "Future[Any]"]:
        """Return what the first gave, committed once the second waits for it or is through, and the second's end."""
        with self.database.write() as connection:
            one = first(connection)
            other = self.pool.submit(self._in_transaction, second)
            self.second_waited = self._waits(other)
        other.exception()
        return one, other

    def _in_transaction(self, work: Work) -> Any:  # noqa: ANN401 - whatever the work gives
        with self.database.write() as connection:
            return work(connection)

    def _waits(self, other: "Future[Any]") -> bool:
        pause = threading.Event()
        for _ in range(_MOST_LOOKS):
            if other.done():
                return False
            if self.server.server.execute(_WAITING, values=(self.database.engine.url.database,)) != [(0,)]:
                return True
            pause.wait(0.005)
        raise AssertionError("the second neither waits nor ends")


@pytest.fixture
def shop(postgresql_database: Database) -> Shop:
    """A central store with one medium vendor, its policy and a counter."""
    return open_shop(postgresql_database)


@pytest.fixture
def meeting(shop: Shop, postgresql: Databases) -> Iterator[Meeting]:
    """Two transactions of this test's store."""
    with ThreadPoolExecutor(8) as pool:
        yield Meeting(shop.database, postgresql, pool)


class TestEnrolment:
    """A code lets one counter in, and every counter of a vendor has a number of its own."""

    @pytest.fixture(autouse=True)
    def codes(self, shop: Shop) -> None:
        """Two codes of one vendor."""
        with shop.database.write() as connection:
            for secret in SECRETS:
                accounts.add_code(connection, shop.vendor_id, secret, NOW)

    def enrolling(self, code: int, key: int) -> Work:
        """Return the work of enrolling with one of the codes and keys."""
        request = EnrolRequest(secret=SECRETS[code], public_key=KEYS[key], name="Till")

        def enrol(connection: sa.Connection) -> EnrolReply:
            return accounts.enrol(connection, request, NOW, CountedRandomness(100 + 10 * code + key), b"")

        return enrol

    def test_two_counters_of_a_vendor(self, meeting: Meeting, shop: Shop) -> None:
        first, second = meeting.of(self.enrolling(0, 0), self.enrolling(1, 1))
        assert (first.number, second.result().number) == (2, 3)
        assert meeting.second_waited
        assert sorted(row["number"] for row in shop.rows(counters)) == [1, 2, 3]  # type: ignore[type-var]

    def test_one_counter_that_asks_twice(self, meeting: Meeting, shop: Shop) -> None:
        first, second = meeting.of(self.enrolling(0, 0), self.enrolling(0, 0))
        assert second.result() == first
        assert len(shop.rows(counters)) == 2

    def test_two_counters_with_one_code(self, meeting: Meeting, shop: Shop) -> None:
        _, second = meeting.of(self.enrolling(0, 0), self.enrolling(0, 1))
        refusal = second.exception()
        assert isinstance(refusal, Refusal)
        assert refusal.code is RefusalCode.ENROLMENT_CODE_SPENT
        assert len(shop.rows(counters)) == 2


def test_a_hello_is_worth_nothing_twice(meeting: Meeting, shop: Shop) -> None:
    till = shop.till
    with shop.database.write() as connection:
        greeting = till.greeting(accounts.challenge(connection, till.device_id, NOW, till.randomness).challenge)

    def hello(connection: sa.Connection) -> str:
        return accounts.hello(connection, till.device_id, greeting, NOW, CountedRandomness(next(SEEDS))).token

    first, second = meeting.of(hello, hello)
    assert first
    assert isinstance(second.exception(), SessionOverError)


class TestRejoining:
    """Whatever meets a rejoin comes wholly before it or wholly after it."""

    def rejoining(self, shop: Shop, nonce: bytes) -> Work:
        """Return the work of ending the first epoch by a wish with this nonce."""
        with shop.database.write() as connection:
            given = accounts.challenge(connection, shop.till.device_id, NOW, shop.randomness).challenge
        wish = shop.till.wish(given, 1, nonce)
        seed = next(SEEDS)
        return lambda c: rejoining.rejoin(c, shop.till.device_id, wish, NOW, CountedRandomness(seed))

    def test_two_wishes_end_one_epoch(self, meeting: Meeting, shop: Shop) -> None:
        first, second = meeting.of(self.rejoining(shop, b"1" * 32), self.rejoining(shop, b"2" * 32))
        assert meeting.second_waited
        assert (first.verdict, first.epoch) == ("joined", 2)
        assert (second.result().verdict, second.result().epoch) == ("epoch", 2)

    def test_one_wish_twice_is_answered_alike(self, meeting: Meeting, shop: Shop) -> None:
        first, second = meeting.of(self.rejoining(shop, b"1" * 32), self.rejoining(shop, b"1" * 32))
        assert second.result() == first

    @pytest.mark.parametrize("grant_first", [True, False])
    def test_a_grant_is_closed_or_refused(self, meeting: Meeting, shop: Shop, *, grant_first: bool) -> None:
        shop.earn(400)
        request = shop.request(100)

        def grant(connection: sa.Connection) -> GrantReply:
            return leases.grant(connection, shop.till.device_id, request, NOW, shop.randomness, CENTRAL_KEY)

        wish = self.rejoining(shop, b"1" * 32)
        _, second = meeting.of(*((grant, wish) if grant_first else (wish, grant)))
        assert meeting.second_waited
        assert isinstance(second.exception(), SessionOverError) is not grant_first
        assert shop.wallet() == (400, 0)
        assert shop.findings() == []

    @pytest.mark.parametrize("push_first", [True, False])
    def test_a_push_is_before_it_or_of_another_epoch(self, meeting: Meeting, shop: Shop, *, push_first: bool) -> None:
        shop.till.sale(5000, policy=shop.policy)

        def push(connection: sa.Connection) -> str:
            return shop.till.push(connection).verdict

        wish = self.rejoining(shop, b"1" * 32)
        one, other = meeting.of(*((push, wish) if push_first else (wish, push)))
        assert (one if push_first else other.result()) == ("ok" if push_first else "epoch")
        shop.till.begin(other.result() if push_first else one)
        assert shop.push().results[0].result == ("duplicate" if push_first else "applied")
        assert shop.wallet() == (250, 0)
        assert shop.findings() == []


def test_two_policies_are_two_versions(meeting: Meeting, shop: Shop) -> None:
    def setting(seed: int) -> Work:
        terms = Terms(seed, 100, 0, NOW)
        return lambda connection: policies.add_version(
            connection, Category.MEDIUM, None, "GBP", terms, NOW, CountedRandomness(seed)
        )

    first, second = meeting.of(setting(1), setting(2))
    assert (first.version, second.result().version) == (2, 3)
    assert first.policy_id == second.result().policy_id == shop.policy.policy_id


def test_two_first_policies_are_one_policy(meeting: Meeting) -> None:
    def setting(seed: int) -> Work:
        terms = Terms(seed, 100, 0, NOW)
        return lambda connection: policies.add_version(
            connection, Category.LARGE, None, "GBP", terms, NOW, CountedRandomness(seed)
        )

    first, second = meeting.of(setting(1), setting(2))
    assert (first.version, second.result().version) == (1, 2)
    assert first.policy_id == second.result().policy_id


class TestFeed:
    """However marks and fan-outs meet, each change is told once and none is lost."""

    def marked(self, shop: Shop, cards: int = 4) -> list[str]:
        """Return the ids of customers who have changed."""
        for number in range(cards):
            shop.till.sale(5000, f"C-{number}", policy=shop.policy)
        shop.push()
        shop.agree()
        return sorted(str(row["customer_id"]) for row in shop.rows(dirty_customers))

    def published(self, shop: Shop) -> list[str]:
        """Return the customers in the vendor's stream, in the order of their positions."""
        rows = [row for row in shop.rows(feed_items) if row["kind"] == "customer"]
        positions = [row["position"] for row in rows]
        assert len(set(positions)) == len(positions)
        return [str(row["key"]) for row in sorted(rows, key=lambda row: int(str(row["position"])))]

    def test_two_fan_outs_share_the_work(self, meeting: Meeting, shop: Shop) -> None:
        customers = self.marked(shop)
        first, second = meeting.of(lambda connection: feed.fan_out(connection, NOW, 2), fan_out)
        assert (first, second.result()) == (2, 2)
        assert meeting.second_waited, "both write to the vendor's stream"
        assert self.published(shop) == customers
        assert shop.rows(dirty_customers) == []

    def test_a_second_fan_out_of_the_same_customers_does_nothing(self, meeting: Meeting, shop: Shop) -> None:
        self.marked(shop)
        first, second = meeting.of(fan_out, fan_out)
        assert (first, second.result()) == (4, 0)
        assert not meeting.second_waited

    def test_a_change_during_a_fan_out_is_told_by_the_next(self, meeting: Meeting, shop: Shop) -> None:
        customers = self.marked(shop, 1)
        meeting.of(fan_out, lambda connection: feed.mark_customer(connection, customers[0]))
        assert meeting.second_waited
        assert [row["customer_id"] for row in shop.rows(dirty_customers)] == customers
        before = shop.rows(feed_items)
        with shop.database.write() as connection:
            assert fan_out(connection) == 1
        assert shop.rows(feed_items) != before

    def test_a_change_not_committed_is_left_to_the_next(self, meeting: Meeting, shop: Shop) -> None:
        customers = self.marked(shop, 2)
        _, second = meeting.of(lambda connection: feed.mark_customer(connection, customers[0]), fan_out)
        assert second.result() == 1
        assert [row["customer_id"] for row in shop.rows(dirty_customers)] == customers[:1]

    def test_two_changes_in_one_stream_are_two_positions(self, meeting: Meeting, shop: Shop) -> None:
        stream = feed.vendor_stream(shop.vendor_id)

        def publishing(sku: str) -> Work:
            return lambda connection: feed.publish(connection, stream, "product", [sku])

        meeting.of(publishing("A"), publishing("B"))
        assert meeting.second_waited
        rows = {row["key"]: row["position"] for row in shop.rows(feed_items) if row["kind"] == "product"}
        assert rows == {"A": 1, "B": 2}


class TestNewCustomers:
    """A card that appears in two places at once is one customer."""

    def importing(self, folder: Path, *cards: str) -> Work:
        """Return the work of importing these cards."""
        file = folder / f"{cards[0]}.csv"
        file.write_text("card,name\n" + "".join(f"{card},Somebody\n" for card in cards))
        return lambda connection: customer_import.import_file(connection, file, NOW, CountedRandomness(next(SEEDS)))

    def selling(self, till: Till, *cards: str) -> Work:
        """Return the work of pushing a sale to each of these cards."""
        for card in cards:
            till.sale(5000, card)
        return till.push

    @pytest.mark.parametrize("import_first", [True, False])
    def test_in_an_import_and_a_sale(self, meeting: Meeting, shop: Shop, tmp_path: Path, import_first: bool) -> None:
        work = [self.importing(tmp_path, "N-1", "N-2", "N-3"), self.selling(shop.till, "N-3", "N-2", "N-1")]
        _, second = meeting.of(*(work if import_first else reversed(work)))
        second.result()
        assert meeting.second_waited
        records = shop.rows(customer_records)
        assert sorted((row["card_code"], row["name"]) for row in records) == [
            (f"N-{number}", "Somebody") for number in (1, 2, 3)
        ]
        assert shop.findings() == []

    def test_in_two_imports(self, meeting: Meeting, shop: Shop, tmp_path: Path) -> None:
        first, second = meeting.of(
            self.importing(tmp_path, "N-1", "N-2", "N-3"), self.importing(tmp_path, "N-3", "N-2", "N-1", "N-0")
        )
        assert (first.added, second.result().added) == (3, 1)
        assert len(shop.rows(customer_records)) == 4

    def test_known_ones_in_an_import_and_a_sale(self, meeting: Meeting, shop: Shop, tmp_path: Path) -> None:
        for card in ("N-1", "N-2", "N-3"):
            shop.till.sale(5000, card, policy=shop.policy)
        shop.push()
        other = shop.another_till()
        _, second = meeting.of(self.importing(tmp_path, "N-2", "N-1"), self.selling(other, "N-3", "N-1", "N-2"))
        assert [result.result for result in second.result().results] == ["applied"] * 3
        assert shop.wallet("N-1") == (250, 0)
        assert shop.findings() == []


def test_many_counters_sell_to_the_same_customers_in_every_order(meeting: Meeting, shop: Shop, tmp_path: Path) -> None:
    """Nobody is refused, nobody waits in a circle, and the store proves itself: sales, grants, imports, fan-outs."""
    tills = [shop.till, *(shop.another_till() for _ in range(3))]
    cards = [f"C-{number}" for number in range(6)]
    file = tmp_path / "customers.csv"
    file.write_text("card,name\n" + "".join(f"{card},Somebody\n" for card in reversed(cards)))
    start = threading.Barrier(len(tills) + 2)

    def sell(number: int) -> int:
        till = tills[number]
        start.wait()
        for turn in range(5):
            ordered = cards if (number + turn) % 2 else cards[::-1]
            new = [till.sale(5000, card, policy=shop.policy) for card in ordered]
            reply = shop.push(*new, till=till)
            assert [result.result for result in reply.results] == ["applied"] * len(cards)
        return 5 * len(cards)

    def look_after(work: Work) -> None:
        start.wait()
        for _ in range(10):
            with shop.database.write() as connection:
                work(connection)

    sold = [meeting.pool.submit(sell, number) for number in range(len(tills))]
    rest = [
        meeting.pool.submit(look_after, fan_out),
        meeting.pool.submit(
            look_after, lambda c: customer_import.import_file(c, file, NOW, CountedRandomness(next(SEEDS)))
        ),
    ]
    assert sum(each.result() for each in sold) == 120
    for each in rest:
        each.result()
    assert [shop.wallet(card) for card in cards] == [(20 * 250, 0)] * len(cards)
    assert shop.findings() == []

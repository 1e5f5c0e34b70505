"""A counter in doubt gets an epoch of its own, once, and what it held is free: on both databases."""

import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop
from tests.contract.central.tampering import Tampering
from tests.contract.central.till import NOW, forged
from urs_desktop.central import accounts, checking, ingest, rejoining, standing
from urs_desktop.central.accounts import SessionOverError
from urs_desktop.central.proof import chains
from urs_desktop.central.schema import counter_changes, counters, ended_epochs, leases, operations, transactions
from urs_desktop.domain.policy import DAY_MS
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import chain
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import RejoinReply
from urs_desktop.protocol.operations import SaleSpend

NONCE = b"n" * 32
HOUR = DAY_MS // 24


def rejoin(shop: Shop, seen_epoch: int | None = None, nonce: bytes | None = None, now: int = NOW) -> RejoinReply:
    with shop.database.write() as connection:
        return shop.till.rejoin(connection, seen_epoch, nonce, now)


def row(shop: Shop) -> dict[str, object]:
    return next(row for row in shop.rows(counters) if row["device_id"] == shop.till.device_id)


class TestEpochs:
    """Only this store allocates epochs, and each belongs to the one wish that ended the epoch before."""

    def test_the_next_epoch_begins_with_nothing_known(self, shop: Shop) -> None:
        shop.till.sale()
        shop.push()
        reply = rejoin(shop)
        assert (reply.verdict, reply.epoch, reply.receipt) == ("joined", 2, 1)
        here = row(shop)
        assert (here["epoch"], here["last_seq"], here["checked_seq"]) == (2, 0, 0)
        assert here["head"] == chain.genesis(shop.till.device_id, 2, reply.nonce)
        assert shop.findings() == []

    def test_the_same_wish_gets_the_same_answer(self, shop: Shop) -> None:
        first = rejoin(shop, nonce=NONCE)
        assert rejoin(shop, nonce=NONCE) == first
        assert row(shop)["epoch"] == 2

    def test_a_wish_that_saw_an_epoch_which_is_over_is_told_the_current_one(self, shop: Shop) -> None:
        rejoin(shop, nonce=NONCE)
        late = rejoin(shop, seen_epoch=1)
        assert (late.verdict, late.epoch, late.nonce) == ("epoch", 2, b"")
        assert row(shop)["epoch"] == 2
        assert rejoin(shop, seen_epoch=2).epoch == 3
        assert (rejoin(shop, seen_epoch=1, nonce=NONCE).verdict, row(shop)["epoch"]) == ("epoch", 3)

    def test_a_late_copy_of_the_very_message_burns_no_epoch(self, shop: Shop) -> None:
        with shop.database.write() as connection:
            given = accounts.challenge(connection, shop.till.device_id, NOW, shop.randomness)
            wish = shop.till.wish(given.challenge)
            rejoining.rejoin(connection, shop.till.device_id, wish, NOW, shop.randomness)
        with shop.database.write() as connection, pytest.raises(SessionOverError):
            rejoining.rejoin(connection, shop.till.device_id, wish, NOW, shop.randomness)
        assert row(shop)["epoch"] == 2

    def test_a_store_put_back_gives_an_epoch_nobody_has_had(self, shop: Shop) -> None:
        assert rejoin(shop, seen_epoch=7).epoch == 8
        assert [(row["epoch"], row["next_epoch"]) for row in shop.rows(ended_epochs)] == [(1, 8)]
        assert shop.findings() == []

    @pytest.mark.parametrize(("seen", "nonce"), [(0, NONCE), (2**62, NONCE), (1, b"short")])
    def test_nonsense_is_refused(self, shop: Shop, seen: int, nonce: bytes) -> None:
        with pytest.raises(MalformedError):
            rejoin(shop, seen, nonce)
        assert row(shop)["epoch"] == 1

    def test_only_the_counter_itself_can_ask(self, shop: Shop) -> None:
        other = shop.another_till()
        with shop.database.write() as connection:
            given = accounts.challenge(connection, shop.till.device_id, NOW, shop.randomness)
            wish = other.wish(given.challenge)
        with shop.database.write() as connection, pytest.raises(SessionOverError):
            rejoining.rejoin(connection, shop.till.device_id, wish, NOW, shop.randomness)

    def test_sessions_of_the_epoch_are_over(self, shop: Shop) -> None:
        with shop.database.write() as connection:
            token = shop.till.hello(connection).token
            accounts.check_session(connection, shop.till.device_id, token, NOW)
        rejoin(shop)
        with shop.database.read() as connection, pytest.raises(SessionOverError):
            accounts.check_session(connection, shop.till.device_id, token, NOW)


class TestOperations:
    """What was known stays applied once; what was not is applied."""

    def test_all_is_pushed_again_and_applied_once(self, shop: Shop) -> None:
        shop.till.sale(50_000, policy=shop.policy)
        shop.till.sale()
        shop.push()
        before = shop.wallet(), shop.rows(transactions)
        shop.till.begin(rejoin(shop))
        reply = shop.push()
        assert [result.result for result in reply.results] == ["duplicate", "duplicate"]
        assert (shop.wallet(), shop.rows(transactions)) == before
        shop.till.sale(50_000, policy=shop.policy)
        assert shop.push().results[-1].result == "applied"
        assert shop.findings() == []

    def test_two_lives_of_one_machine_may_use_a_receipt_number_twice(self, shop: Shop) -> None:
        shop.till.sale(1000)
        shop.push()
        shop.till.operations.clear()
        shop.till.receipt = 0
        shop.till.sale(2000)
        assert shop.push().verdict == "fork"
        shop.till.begin(rejoin(shop))
        assert shop.push().results[-1].result == "applied"
        assert sorted(int(str(row["total"])) for row in shop.rows(transactions)) == [1000, 2000]
        assert shop.findings() == []

    def test_a_push_of_the_epoch_that_is_over_is_told_so(self, shop: Shop) -> None:
        shop.till.sale()
        request = shop.till.request()
        rejoin(shop)
        with shop.database.write() as connection:
            reply = ingest.push(connection, shop.till.device_id, request, NOW, shop.randomness)
        assert (reply.verdict, reply.epoch) == ("epoch", 2)
        assert shop.rows(transactions) == []

    def test_a_known_operation_with_another_body_is_a_fork_in_every_epoch(self, shop: Shop) -> None:
        first = shop.till.sale(1000)
        shop.push()
        shop.till.operations.clear()
        shop.till.begin(rejoin(shop))
        shop.till.make_raw(first.kind, first.schema, first.body.replace(b"1000", b"9000"), first.op_id)
        assert shop.push().verdict == "fork"

    def test_the_highest_receipt_is_that_of_all_epochs_and_of_what_was_parked(self, shop: Shop) -> None:
        for _ in range(3):
            shop.till.sale()
        shop.push()
        shop.till.operations.clear()
        shop.till.begin(rejoin(shop))
        shop.till.sale(receipt=2)
        shop.push()
        assert rejoin(shop).receipt == 3
        shop.till.begin(rejoin(shop, seen_epoch=3))
        shop.till.sale(receipt=9, points_paid=2**60)
        assert shop.push().results[-1].result == "parked"
        assert rejoin(shop).receipt == 9


class TestLeases:
    """What the counter held is the customers' again; what it still spends of it is its vendor's."""

    def test_every_open_lease_is_closed(self, shop: Shop) -> None:
        shop.earn(400)
        shop.earn(300, "C-2")
        grants = [shop.grant(100), shop.grant(50), shop.grant(200, card="C-2")]
        rejoin(shop)
        assert (shop.wallet(), shop.wallet("C-2")) == ((400, 0), (300, 0))
        assert {row["state"] for row in shop.rows(leases)} == {"closed"}
        with pytest.raises(SessionOverError):
            shop.grant(10, lease_id=grants[0].lease_id)
        assert shop.findings() == []

    def test_a_lease_of_another_counter_stays_open(self, shop: Shop) -> None:
        shop.earn(400)
        other = shop.another_till()
        shop.grant(100, till=other)
        rejoin(shop)
        assert shop.wallet() == (300, 100)

    def test_a_spend_that_comes_after_it_is_late(self, shop: Shop) -> None:
        shop.earn(400)
        grant = shop.grant(100)
        shop.till.sale(points_paid=100, policy=shop.policy, spends=(SaleSpend(grant.lease_id, 100, 0),))
        shop.till.begin(rejoin(shop))
        shop.push()
        assert shop.booked()["LATE"] == 100
        assert "REDEEM" not in shop.booked()
        assert shop.findings() == []


class TestQuarantine:
    """A counter that rejoins again and again may be two machines: it sells and syncs, and gets no points."""

    def test_more_than_five_times_a_day(self, shop: Shop) -> None:
        shop.earn(400)
        for turn in range(5):
            shop.till.begin(rejoin(shop, now=NOW + turn * HOUR))
            assert row(shop)["state"] == "active"
        shop.till.begin(rejoin(shop, now=NOW + 5 * HOUR))
        assert row(shop)["state"] == "quarantined"
        with shop.database.write() as connection:
            assert shop.till.hello(connection).verdict == "hi"
        shop.till.sale(50_000, policy=shop.policy)
        assert shop.push().results[-1].result == "applied"
        with pytest.raises(Refusal) as refusal:
            shop.grant(10)
        assert refusal.value.code is RefusalCode.COUNTER_QUARANTINED
        assert shop.findings() == []

    def test_not_if_it_takes_its_time(self, shop: Shop) -> None:
        for turn in range(9):
            shop.till.begin(rejoin(shop, now=NOW + turn * 5 * HOUR))
        assert row(shop)["state"] == "active"

    def test_a_signature_that_fails_later_un_posts_nothing(self, shop: Shop) -> None:
        first = shop.till.sale(50_000, policy=shop.policy)
        shop.till.operations[0] = forged(first, sig=b"\x01" * 64)
        shop.till.sale()
        assert shop.push().verdict == "ok"
        before = shop.wallet()
        with shop.database.read() as connection:
            checked = checking.look(connection)
        assert checked is not None
        assert checked.bad == (1,)
        with shop.database.write() as connection:
            checking.note(connection, checked, NOW)
        assert (row(shop)["state"], row(shop)["checked_seq"]) == ("quarantined", 2)
        assert [row["reason"] for row in shop.rows(counter_changes)] == ["bad_signature"]
        assert shop.wallet() == before
        assert any("not signed" in finding for finding in shop.findings())

    def test_good_signatures_are_looked_at_once(self, shop: Shop) -> None:
        for _ in range(3):
            shop.till.sale()
        shop.push()
        with shop.database.write() as connection:
            checked = checking.look(connection)
            assert checked is not None
            checking.note(connection, checked, NOW)
            assert checking.look(connection) is None
        assert (row(shop)["state"], row(shop)["checked_seq"]) == ("active", 3)

    def test_what_was_not_looked_at_is_before_its_epoch_ends(self, shop: Shop) -> None:
        first = shop.till.sale()
        shop.till.operations[0] = forged(first, sig=b"\x01" * 64)
        shop.till.sale()
        shop.push()
        rejoin(shop)
        assert row(shop)["state"] == "quarantined"


class TestOutOfService:
    """A counter that is lost or revoked gets nothing more; what it sends is kept for people to look at."""

    def test_a_lost_counter_leaves_its_customers_whole(self, shop: Shop) -> None:
        shop.earn(400)
        shop.grant(100)
        grant = shop.grant(150)
        with shop.database.write() as connection:
            loss = standing.lose(connection, shop.till.device_id, NOW)
        assert (loss.leases, loss.points, loss.late) == (2, 250, 250)
        assert shop.wallet() == (400, 0)
        shop.till.sale(points_paid=100, policy=shop.policy, spends=(SaleSpend(grant.lease_id, 100, 0),))
        assert shop.push().results[-1].code == "counter_revoked"
        assert shop.wallet() == (400, 0)
        with shop.database.write() as connection:
            again = standing.lose(connection, shop.till.device_id, NOW)
        assert (again.leases, again.points, again.late) == (0, 0, 250)
        assert shop.findings() == []

    def test_what_came_late_already_cannot_come_again(self, shop: Shop) -> None:
        shop.earn(400)
        grant = shop.grant(150)
        shop.till.sale(points_paid=100, policy=shop.policy, spends=(SaleSpend(grant.lease_id, 100, 0),))
        shop.till.begin(rejoin(shop))
        shop.push()
        with shop.database.write() as connection:
            assert standing.lose(connection, shop.till.device_id, NOW).late == 50

    def test_a_revoked_counter_is_let_in_nowhere(self, shop: Shop) -> None:
        shop.earn(400)
        with shop.database.write() as connection:
            token = shop.till.hello(connection).token
            standing.revoke(connection, shop.till.device_id, NOW)
        with shop.database.read() as connection, pytest.raises(SessionOverError):
            accounts.check_session(connection, shop.till.device_id, token, NOW)
        for ask in (shop.till.hello, shop.till.rejoin):
            with shop.database.write() as connection, pytest.raises(Refusal) as refusal:
                ask(connection)
            assert refusal.value.code is RefusalCode.COUNTER_REVOKED
        with pytest.raises(Refusal) as refusal:
            shop.grant(10)
        assert refusal.value.code is RefusalCode.COUNTER_REVOKED

    def test_its_operations_are_kept_and_posted_nowhere(self, shop: Shop) -> None:
        shop.earn(400)
        before = shop.wallet(), shop.booked(), shop.rows(transactions)
        with shop.database.write() as connection:
            standing.revoke(connection, shop.till.device_id, NOW)
        shop.till.sale(50_000, policy=shop.policy)
        shop.till.enrolment("C-7")
        reply = shop.push()
        assert (reply.verdict, reply.seq) == ("ok", 3)
        assert [(r.result, r.code) for r in reply.results[1:]] == [("parked", "counter_revoked")] * 2
        kept = [row["body"] for row in shop.rows(operations)]
        assert {operation.body for operation in shop.till.operations} == set(kept)
        assert (shop.wallet(), shop.booked(), shop.rows(transactions)) == before
        assert shop.findings() == []

    def test_a_counter_nobody_knows(self, shop: Shop) -> None:
        with shop.database.write() as connection, pytest.raises(Refusal) as refusal:
            standing.lose(connection, b"?" * 16, NOW)
        assert refusal.value.code is RefusalCode.COUNTER_UNKNOWN


class TestProof:
    """Whoever takes an epoch away, moves its end or changes a state by hand is named."""

    def test_the_chain_of_an_ended_epoch(self, shop: Shop, tampering: Tampering) -> None:
        shop.till.sale()
        shop.till.sale()
        shop.push()
        shop.till.begin(rejoin(shop))
        shop.push()
        with tampering() as connection:
            connection.execute(sa.update(ended_epochs).values(last_seq=1))
            findings = list(chains.check(connection))
        assert any("epoch 1: the chain ends at operation 2" in finding for finding in findings)

    def test_a_state_without_a_reason(self, shop: Shop) -> None:
        with shop.database.write() as connection:
            connection.execute(sa.update(counters).values(state="revoked"))
        assert any("its last change" in finding for finding in shop.findings())

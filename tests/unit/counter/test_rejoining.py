"""Starting anew: what is signed, what is dropped, what is asked for and how often."""

import pytest

from tests.builders import CARD, COUNTER_KEY, DAY_MS, Counter, make_basket, make_counter, make_line
from tests.fakes.shop import CountingRandomness
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.sync import rejoining as module
from urs_desktop.counter.sync.rejoining import OFTEN, PAUSE_MS, Rejoining
from urs_desktop.counter.use_cases.reporting import Reporting
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.counter.values import CounterState
from urs_desktop.domain.points import Points
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import sessions
from urs_desktop.protocol.messages import RejoinReply
from urs_desktop.wiring import _to_send

CHALLENGE = b"c" * 32


def joined(epoch: int, receipt: int = 0, verdict: str = "joined") -> RejoinReply:
    return RejoinReply(verdict=verdict, epoch=epoch, nonce=bytes([epoch]) * 32, receipt=receipt, server_time=1)


@pytest.fixture
def counter() -> Counter:
    made = make_counter()
    for _ in range(3):
        made.sell(make_line("20.00"))
    made.store.write(lambda book: book.operations.fence())
    return made


@pytest.fixture
def rejoining(counter: Counter) -> Rejoining:
    return Rejoining(counter.store, COUNTER_KEY, counter.clock, CountingRandomness(500))


def findings(counter: Counter) -> list[str]:
    return verify(counter.store, COUNTER_KEY.public_key)


def test_the_same_wish_until_it_is_answered(counter: Counter, rejoining: Rejoining) -> None:
    first, second = rejoining.request(CHALLENGE), rejoining.request(b"d" * 32)
    assert (first.nonce, first.seen_epoch) == (second.nonce, second.seen_epoch)
    assert sessions.is_authentic_rejoin(COUNTER_KEY.public_key, counter.identity.device_id, second)
    other = Rejoining(counter.store, COUNTER_KEY, counter.clock, CountingRandomness(900))
    assert other.request(CHALLENGE).nonce != first.nonce


def test_everything_is_signed_anew_and_nothing_is_lost(counter: Counter, rejoining: Rejoining) -> None:
    before = counter.operations()
    rejoining.request(CHALLENGE)
    assert rejoining.accept(joined(2))
    after = counter.operations()
    assert [(each.seq, each.op_id, each.body) for each in after] == [(e.seq, e.op_id, e.body) for e in before]
    head = counter.read(lambda book: book.operations.head())
    assert (head.state, head.acknowledged) == (CounterState.OPEN, 0)
    counter.sell()
    assert findings(counter) == []


def test_what_is_sold_while_it_signs_is_signed_too(
    counter: Counter, rejoining: Rejoining, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    signed = rejoining._signed

    def sell_meanwhile(*given: object) -> object:
        links = signed(*given)  # type: ignore[arg-type]
        for _ in range(3):
            counter.sell()
        return links

    monkeypatch.setattr(rejoining, "_signed", sell_meanwhile)
    rejoining.request(CHALLENGE)
    assert rejoining.accept(joined(2))
    assert counter.read(lambda book: book.operations.head()).receipt == 6
    assert findings(counter) == []


def test_receipt_numbers_go_on_above_the_centres(counter: Counter, rejoining: Rejoining) -> None:
    rejoining.request(CHALLENGE)
    rejoining.accept(joined(2, receipt=40))
    counter.sell()
    assert counter.read(lambda book: book.sales.latest(1))[0].receipt == 41
    assert findings(counter) == []


def test_points_in_hand_are_dropped_without_an_operation() -> None:
    counter = make_counter()
    lease = counter.redeem.obtain(CARD, Points(100), make_line("20.00").total)
    before = len(counter.operations())
    rejoining = Rejoining(counter.store, COUNTER_KEY, counter.clock, CountingRandomness(500))
    rejoining.request(CHALLENGE)
    rejoining.accept(joined(2))
    assert len(counter.operations()) == before
    assert not counter.read(lambda book: book.leases.unfinished())
    order = SaleOrder(make_basket(make_line("20.00")), card=CARD, points=Points(100), backing=lease)
    with pytest.raises(Refusal) as caught:
        counter.ring_up.complete(order)
    assert caught.value.code is RefusalCode.GRANT_EXCEEDED


def test_an_epoch_that_is_over_is_asked_for_no_more(counter: Counter, rejoining: Rejoining) -> None:
    first = rejoining.request(CHALLENGE)
    assert not rejoining.accept(joined(6, verdict="epoch"))
    second = rejoining.request(CHALLENGE)
    assert second.seen_epoch == 6
    assert second.nonce != first.nonce
    assert rejoining.accept(joined(7))
    assert not rejoining.accept(joined(8)), "nobody asked"
    assert [each.epoch for each in counter.read(lambda book: book.epochs.all())] == [1, 7]


@pytest.mark.parametrize("reply", [joined(1), joined(1, verdict="epoch"), joined(0, verdict="?")], ids=str)
def test_an_answer_nobody_can_give_changes_nothing(counter: Counter, rejoining: Rejoining, reply: RejoinReply) -> None:
    before = counter.operations()
    rejoining.request(CHALLENGE)
    with pytest.raises(CentralUnavailableError):
        rejoining.accept(reply)
    assert counter.operations() == before
    assert counter.read(lambda book: book.operations.head()).state is CounterState.FENCED


def test_an_answer_for_an_epoch_left_in_the_meantime_changes_nothing(counter: Counter, rejoining: Rejoining) -> None:
    other = Rejoining(counter.store, COUNTER_KEY, counter.clock, CountingRandomness(900))
    rejoining.request(CHALLENGE)
    other.request(CHALLENGE)
    assert other.accept(joined(2))
    rejoining.accept(joined(3))
    assert [each.epoch for each in counter.read(lambda book: book.epochs.all())] == [1, 2]
    assert findings(counter) == []


def test_a_counter_in_doubt_has_something_to_do_though_nothing_waits(counter: Counter) -> None:
    reporting = Reporting(counter.store, counter.clock)
    counter.store.write(lambda book: book.operations.acknowledge(book.operations.head().seq, ()))
    assert (reporting.connection().waiting, _to_send(reporting)) == (0, 1)
    rejoining = Rejoining(counter.store, COUNTER_KEY, counter.clock, CountingRandomness(500))
    rejoining.request(CHALLENGE)
    rejoining.accept(joined(2))
    assert _to_send(reporting) == reporting.connection().waiting == 3


def test_who_rejoins_again_and_again_waits_in_between(counter: Counter, rejoining: Rejoining) -> None:
    for epoch in range(2, OFTEN + 3):
        counter.clock.advance(1)
        rejoining.request(CHALLENGE)
        assert rejoining.accept(joined(epoch))
    with pytest.raises(Refusal) as caught:
        rejoining.request(CHALLENGE)
    assert caught.value.code is RefusalCode.COUNTER_FENCED
    counter.clock.advance(PAUSE_MS)
    rejoining.request(CHALLENGE)
    assert rejoining.accept(joined(OFTEN + 3))
    counter.clock.advance(DAY_MS)
    rejoining.request(CHALLENGE)

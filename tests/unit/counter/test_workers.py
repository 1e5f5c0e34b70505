"""The two network threads against a link that answers, refuses, breaks or hangs.

Must never wait longer than a test's own grace.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from tests.fakes.shop import CountingRandomness
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.sync import backoff, workers
from urs_desktop.counter.sync.link import CentralLink
from urs_desktop.counter.sync.workers import FeedWorker, LinkState, PushWorker, attempt
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.figures import FiguresReply, FiguresRequest, ReceiptsReply, ReceiptsRequest
from urs_desktop.protocol.messages import CustomerReply, CustomerRequest, SaleReply, SaleRequest

GRACE = 10
ASKED = CustomerRequest(card="C")
FOUND = CustomerReply(card="C", name="", phone="", email="", available=1, as_of=1)
WANTED = SaleRequest(counter=1, receipt=2)
SOLD = cast("SaleReply", object())


class FakeLink:
    """A link whose every call raises `error` if there is one; `go` closed makes it hang."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.go = threading.Event()
        self.go.set()
        self.called, self.closed = threading.Semaphore(0), threading.Event()
        self.gave_way: bool | None = None
        self.waits: list[int] = []
        self.lines: list[bool] = []
        self.records = None

    def _do(self) -> None:
        self.called.release()
        assert self.go.wait(GRACE)
        if self.error is not None:
            raise self.error

    def customer(self, request: CustomerRequest) -> CustomerReply:
        assert request == ASKED
        self._do()
        return FOUND

    def sale(self, request: SaleRequest) -> SaleReply:
        assert request == WANTED
        self._do()
        return SOLD

    def ask(self, endpoint: str, message: object, reply: object) -> object:
        self._do()
        return endpoint, message, reply

    def push_all(self, give_way: Callable[[], bool]) -> int:
        self._do()
        self.gave_way = give_way()
        return 1

    def keep_lines(self, give_way: Callable[[], bool]) -> None:
        self.lines.append(give_way())

    def read_feed(self, wait: int) -> bool:
        self.waits.append(wait)
        self.go.wait(GRACE)
        self._do()
        self.go.clear()
        return False

    def close(self) -> None:
        self.closed.set()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "POLL_MS", 5)
    monkeypatch.setattr(backoff, "FIRST_MS", 100 * GRACE * 1000)
    monkeypatch.setattr(backoff, "LONGEST_MS", 100 * GRACE * 1000)


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


class Push:
    """A running push worker and what it is told waits."""

    def __init__(self, link: FakeLink) -> None:
        self.link, self.state = link, LinkState()
        self.waiting: Any = 0
        self.worker = PushWorker(cast("CentralLink", link), self._waiting, self.state, CountingRandomness())
        self.worker.start()

    def _waiting(self) -> int:
        if isinstance(self.waiting, Exception):
            raise self.waiting
        return int(self.waiting)


@pytest.fixture
def push(link: FakeLink) -> Iterator[Push]:
    running = Push(link)
    yield running
    link.go.set()
    running.worker.close()
    assert link.closed.wait(GRACE)


def test_a_question_is_answered(push: Push) -> None:
    assert push.worker.customer(ASKED) == FOUND
    assert push.worker.customer(ASKED) == FOUND


def test_a_sale_is_asked_for_like_a_customer(push: Push, link: FakeLink) -> None:
    assert push.worker.sale(WANTED) is SOLD
    link.error = Refusal(RefusalCode.RECEIPT_UNKNOWN)
    with pytest.raises(Refusal) as caught:
        push.worker.sale(WANTED)
    assert caught.value.code is RefusalCode.RECEIPT_UNKNOWN


def test_what_the_vendor_sold_is_asked_for_like_a_customer(push: Push, link: FakeLink) -> None:
    figures, receipts = FiguresRequest(edges=(1, 2)), ReceiptsRequest(start=1, end=2)
    told: list[object] = [push.worker.figures(figures), push.worker.receipts(receipts)]
    assert told == [(endpoints.FIGURES, figures, FiguresReply), (endpoints.RECEIPTS, receipts, ReceiptsReply)]
    link.error = CentralUnavailableError("gone")
    with pytest.raises(CentralUnavailableError):
        push.worker.figures(figures)


def test_a_refusal_reaches_the_cashier_and_the_thread_lives(push: Push, link: FakeLink) -> None:
    link.error = Refusal(RefusalCode.CUSTOMER_UNKNOWN)
    with pytest.raises(Refusal) as caught:
        push.worker.customer(ASKED)
    assert caught.value.code is RefusalCode.CUSTOMER_UNKNOWN
    link.error = None
    assert push.worker.customer(ASKED) == FOUND


@pytest.mark.parametrize("error", [CentralUnavailableError("gone"), ValueError("a bug")], ids=repr)
def test_what_breaks_reaches_the_cashier_and_the_thread_lives(push: Push, link: FakeLink, error: Exception) -> None:
    link.error = error
    with pytest.raises(type(error)):
        push.worker.customer(ASKED)
    link.error = None
    assert push.worker.customer(ASKED) == FOUND
    assert push.state.back.wait(GRACE)
    assert push.state.online


def test_a_central_store_that_hangs_is_given_up_and_the_late_answer_dropped(
    push: Push, link: FakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "ANSWER_SECONDS", 0.05)
    link.go.clear()
    with pytest.raises(CentralUnavailableError, match="no answer"):
        push.worker.customer(ASKED)
    link.go.set()
    monkeypatch.setattr(workers, "ANSWER_SECONDS", GRACE)
    assert push.worker.customer(ASKED) == FOUND


def test_closing_answers_open_questions_and_takes_no_more(push: Push, link: FakeLink) -> None:
    link.go.clear()
    errors: list[Exception] = []

    def ask() -> None:
        try:
            push.worker.customer(ASKED)
        except CentralUnavailableError as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert link.called.acquire(timeout=GRACE)
    closing = threading.Thread(target=push.worker.close)
    closing.start()
    asking.join(GRACE)
    assert len(errors) == 1
    link.go.set()
    closing.join(GRACE)
    with pytest.raises(CentralUnavailableError, match="closing"):
        push.worker.customer(ASKED)


def test_what_waits_is_pushed(push: Push, link: FakeLink) -> None:
    push.waiting = 1
    assert link.called.acquire(timeout=GRACE)
    assert push.state.back.wait(GRACE)
    assert link.lines[0] is False


def test_a_push_gives_way_to_a_cashier(push: Push, link: FakeLink) -> None:
    link.go.clear()
    push.waiting = 1
    assert link.called.acquire(timeout=GRACE)
    asking = threading.Thread(target=push.worker.customer, args=(ASKED,))
    asking.start()
    while push.worker._questions.empty():
        assert asking.is_alive()
    link.go.set()
    asking.join(GRACE)
    assert link.gave_way is True


def test_after_a_failure_only_the_feed_or_the_back_off_wakes_the_push(push: Push, link: FakeLink) -> None:
    link.error = CentralUnavailableError("gone")
    push.waiting = 1
    assert link.called.acquire(timeout=GRACE)
    assert not link.called.acquire(timeout=0.1)
    link.error = None
    push.state.reached()
    assert link.called.acquire(timeout=GRACE)


def test_a_store_that_cannot_be_read_does_not_end_the_thread(push: Push, link: FakeLink) -> None:
    push.waiting = OSError("disk full")
    assert link.called.acquire(timeout=GRACE)
    push.waiting = 0
    assert push.worker.customer(ASKED) == FOUND


def test_a_worker_that_never_started_closes(link: FakeLink) -> None:
    PushWorker(cast("CentralLink", link), lambda: 0, LinkState(), CountingRandomness()).close()
    FeedWorker(cast("CentralLink", link), LinkState(), CountingRandomness()).close()


def test_the_feed_is_read_at_once_after_an_outage_and_then_waits_for_news(link: FakeLink) -> None:
    state = LinkState()
    feed = FeedWorker(cast("CentralLink", link), state, CountingRandomness())
    feed.start()
    assert link.called.acquire(timeout=GRACE)
    assert state.back.wait(GRACE)
    link.go.set()
    assert link.called.acquire(timeout=GRACE)
    feed._stopping.set()
    link.go.set()
    feed.close()
    assert link.waits[:2] == [0, workers.FEED_WAIT_SECONDS]


def test_a_feed_that_fails_backs_off_until_the_other_thread_is_through(link: FakeLink) -> None:
    state = LinkState()
    link.error = CentralUnavailableError("gone")
    feed = FeedWorker(cast("CentralLink", link), state, CountingRandomness())
    feed.start()
    assert link.called.acquire(timeout=GRACE)
    assert not link.called.acquire(timeout=0.1)
    state.reached()
    assert link.called.acquire(timeout=GRACE)
    feed.close()


def test_nobody_waits_out_a_back_off_once_the_counter_is_closing() -> None:
    state = LinkState()
    state.close()
    state.failed()
    assert state.back.wait(0)


@pytest.mark.parametrize(
    "error", [Refusal(RefusalCode.COUNTER_FENCED), CentralUnavailableError("x"), ValueError("x")], ids=repr
)
def test_an_attempt_says_how_it_went_and_never_raises(error: Exception) -> None:
    state = LinkState()
    assert attempt(lambda: 1, state)
    assert seen(state) == (True, True)

    def fail() -> None:
        raise error

    assert not attempt(fail, state)
    assert seen(state) == (False, False)


def seen(state: LinkState) -> tuple[bool, bool]:
    """Return whether the link is up and whether it wakes who waits."""
    return state.online, state.back.is_set()

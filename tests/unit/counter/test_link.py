"""One thread's conversation with the central store, against a script of its answers.

Must never ask the same thing for ever.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, cast

import msgspec
import pytest

from tests.builders import COUNTER_KEY
from tests.fakes.shop import CountingRandomness
from tests.unit.counter.test_sync_engine import ITEMS, Till, page
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.sync.handing_over import drain
from urs_desktop.counter.sync.link import CentralLink
from urs_desktop.counter.sync.rejoining import Rejoining
from urs_desktop.counter.sync.transport import SessionOverError, Transport
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.chain import genesis
from urs_desktop.protocol.messages import (
    Challenge,
    CustomerReply,
    CustomerRequest,
    HelloReply,
    PushReply,
    PushRequest,
    RejoinReply,
    RejoinRequest,
    SaleReply,
    SaleRequest,
)

MOST = 100
Answer = Callable[[Any], Any]


class Script:
    """The central store as a script: what each endpoint answers, in order, the last answer for ever."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.asked: list[str] = []
        self.tokens: list[str | None] = []
        self.answers: dict[str, deque[Answer]] = {
            "challenge": deque([lambda _: Challenge(challenge=b"c" * 32)]),
            "hello": deque([lambda _: till.hello_reply(till.acknowledged)]),
            "push": deque([self.accept]),
            "feed": deque([lambda _: page("end")]),
        }

    def accept(self, request: PushRequest) -> PushReply:
        return self.till.reply(request, request.operations[-1].seq)

    def says(self, endpoint: str, *answers: Answer) -> None:
        """Set what an endpoint answers."""
        self.answers[endpoint] = deque(answers)

    def _next(self, path: str, message: object, token: str | None) -> msgspec.Struct:
        endpoint = path.rpartition("/")[2]
        self.asked.append(endpoint)
        self.tokens.append(token)
        assert len(self.asked) < MOST, "asked for ever"
        answers = self.answers[endpoint]
        answer = answers.popleft() if len(answers) > 1 else answers[0]
        return cast("msgspec.Struct", answer(message))

    def post(self, path: str, message: object, reply: type, token: str | None = None) -> msgspec.Struct:
        return self._next(path, message, token)

    def get(self, path: str, query: object, reply: type, token: str, seconds: int) -> msgspec.Struct:
        return self._next(path, query, token)


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def script(till: Till) -> Script:
    return Script(till)


@pytest.fixture
def link(till: Till, script: Script) -> CentralLink:
    return CentralLink(cast("Transport", script), till.engine, till.counter.identity.device_id)


def over(_: object) -> msgspec.Struct:
    raise SessionOverError("the session is over")


def gone(_: object) -> msgspec.Struct:
    raise CentralUnavailableError("gone")


def test_everything_that_waits_is_pushed_in_one_session(till: Till, script: Script, link: CentralLink) -> None:
    script.says("push", lambda request: till.reply(request, 2), script.accept)
    assert link.push_all() == 3
    assert script.asked == ["challenge", "hello", "push", "push"]
    assert till.acknowledged == 3
    assert link.push_all() == 0


def test_a_backlog_gives_way_between_two_pushes(till: Till, script: Script, link: CentralLink) -> None:
    script.says("push", lambda request: till.reply(request, 1), script.accept)
    assert link.push_all(give_way=lambda: True) == 1
    assert link.push_all() == 2


def test_a_gap_is_followed_by_a_hello_and_the_rest(till: Till, script: Script, link: CentralLink) -> None:
    script.says("push", lambda request: till.reply(request, 0, verdict="gap"), script.accept)
    assert link.push_all() == 3
    assert script.asked == ["challenge", "hello", "push", "challenge", "hello", "push"]


def test_a_centre_that_lost_what_it_confirmed_is_not_asked_for_ever(
    till: Till, script: Script, link: CentralLink
) -> None:
    """A central store restored from an older backup: it knows less than it acknowledged, and says gap each time."""
    link.push_all()
    till.counter.sell()
    till.chain = till.counter.operations()
    script.says("hello", lambda _: till.hello_reply(1))
    script.says("push", lambda request: till.reply(request, 1, verdict="gap"))
    with pytest.raises(CentralUnavailableError, match="disagree"):
        link.push_all()
    assert not till.fenced
    assert script.asked.count("push") == 3


@pytest.mark.parametrize("changed", [{"verdict": "fork", "head": b""}, {"verdict": "epoch", "epoch": 2}], ids=str)
def test_a_doubted_history_rejoins_and_sends_all_again(
    till: Till, script: Script, link: CentralLink, changed: dict[str, Any]
) -> None:
    script.says("hello", lambda _: till.hello_reply(0, **changed), lambda _: in_epoch(till, 2))
    script.says("rejoin", lambda _: joined(2))
    script.says("push", lambda request: acknowledged(till, request))
    assert link.push_all() == 3
    assert script.asked == ["challenge", "hello", "challenge", "rejoin", "challenge", "hello", "push"]
    assert (till.fenced, till.acknowledged) == (False, 3)


def test_a_wish_that_saw_an_epoch_which_is_over_is_made_once_more(
    till: Till, script: Script, link: CentralLink
) -> None:
    till.counter.store.write(lambda book: book.operations.fence())
    seen: list[int] = []

    def answer(wish: RejoinRequest) -> RejoinReply:
        seen.append(wish.seen_epoch)
        return joined(5) if wish.seen_epoch == 4 else over_already(4)

    script.says("rejoin", answer)
    script.says("hello", lambda _: in_epoch(till, 5))
    script.says("push", lambda request: acknowledged(till, request))
    assert link.push_all() == 3
    assert seen == [1, 4]


def test_a_counter_that_gets_no_epoch_pushes_nothing_and_does_not_ask_for_ever(
    till: Till, script: Script, link: CentralLink
) -> None:
    till.counter.store.write(lambda book: book.operations.fence())
    script.says("rejoin", lambda wish: over_already(wish.seen_epoch + 1))
    with pytest.raises(Refusal) as caught:
        link.push_all()
    assert caught.value.code is RefusalCode.COUNTER_FENCED
    assert till.fenced
    assert "push" not in script.asked
    script.says("rejoin", lambda _: joined(1))
    with pytest.raises(CentralUnavailableError, match="over"):
        link.push_all()


def test_the_feed_alone_never_rejoins(till: Till, script: Script, link: CentralLink) -> None:
    """The two threads of a counter must not end each other's epochs."""
    script.says("hello", lambda _: till.hello_reply(0, verdict="epoch", epoch=2))
    with pytest.raises(Refusal):
        link.read_feed(0)
    assert till.fenced
    assert script.asked == ["challenge", "hello"]


def test_a_hello_that_a_rejoin_overtook_is_said_again(till: Till, script: Script, link: CentralLink) -> None:
    def late(_: object) -> HelloReply:
        rejoined = Rejoining(till.counter.store, COUNTER_KEY, till.counter.clock, CountingRandomness(77))
        rejoined.request(b"c" * 32)
        assert rejoined.accept(joined(2))
        return till.hello_reply(0)

    script.says("hello", late, lambda _: in_epoch(till, 2))
    assert link.read_feed(0) is False
    assert not till.fenced


def test_a_counter_out_of_service_sends_what_it_has_and_says_so(till: Till, script: Script, link: CentralLink) -> None:
    def refuse(_: object) -> msgspec.Struct:
        raise Refusal(RefusalCode.COUNTER_REVOKED)

    script.says("hello", refuse)
    with pytest.raises(Refusal) as caught:
        link.push_all()
    assert caught.value.code is RefusalCode.COUNTER_REVOKED
    assert (till.acknowledged, till.fenced) == (3, False)


START = b"s" * 32


def joined(epoch: int, receipt: int = 0) -> RejoinReply:
    return RejoinReply(verdict="joined", epoch=epoch, nonce=START, receipt=receipt, server_time=1)


def over_already(epoch: int) -> RejoinReply:
    return RejoinReply(verdict="epoch", epoch=epoch, nonce=b"", receipt=0, server_time=1)


def in_epoch(till: Till, epoch: int) -> HelloReply:
    head = genesis(till.counter.identity.device_id, epoch, START)
    return till.hello_reply(0, epoch=epoch, head=head)


def acknowledged(till: Till, request: PushRequest) -> PushReply:
    last = request.operations[-1]
    return till.reply(request, last.seq, epoch=request.epoch, head=last.hash)


def overtaken(till: Till) -> HelloReply:
    return till.hello_reply(3, verdict="fork", token="")


def test_an_overtaken_hello_is_said_again(till: Till, script: Script, link: CentralLink) -> None:
    script.says("hello", lambda _: overtaken(till), lambda _: till.hello_reply(3))
    assert link.read_feed(0) is False
    assert script.asked == ["challenge", "hello", "challenge", "hello", "feed"]
    assert not till.fenced


def test_a_hello_that_is_always_overtaken_is_given_up(till: Till, script: Script, link: CentralLink) -> None:
    script.says("hello", lambda _: overtaken(till))
    with pytest.raises(CentralUnavailableError):
        link.read_feed(0)
    assert script.asked.count("hello") == 3


def test_a_session_that_is_over_is_opened_again_once(till: Till, script: Script, link: CentralLink) -> None:
    script.says("feed", over, lambda _: page("one", *ITEMS, more=True))
    assert link.read_feed(0)
    assert script.asked == ["challenge", "hello", "feed", "challenge", "hello", "feed"]
    found = CustomerReply(card="C", name="", phone="", email="", available=0, as_of=0)
    script.says("customer", over, lambda _: found)
    assert link.customer(CustomerRequest(card="C")) == found


def test_a_sale_is_asked_for_in_a_session(till: Till, script: Script, link: CentralLink) -> None:
    till.counter.sell()
    sale = till.counter.read(lambda book: book.sales.latest(1))[0]
    reply = SaleReply(op_id=sale.op_id, sale=sale.body, policy=None, refunds=())
    asked: list[object] = []

    def answer(request: object) -> SaleReply:
        asked.append(request)
        return reply

    script.says("sale", over, answer)
    wanted = SaleRequest(counter=2, receipt=7)
    assert link.sale(wanted) == reply
    assert (asked, script.asked) == ([wanted], ["challenge", "hello", "sale", "challenge", "hello", "sale"])
    assert script.tokens[-1] == "token"


def test_sessions_that_are_always_over_are_the_centres_fault(till: Till, script: Script, link: CentralLink) -> None:
    for endpoint, work in (
        ("feed", lambda: link.read_feed(0)),
        ("customer", lambda: link.customer(CustomerRequest(card="C"))),
        ("push", link.push_all),
        ("hello", link.push_all),
        ("challenge", link.push_all),
    ):
        fresh = CentralLink(cast("Transport", script), till.engine, till.counter.identity.device_id)
        assert fresh.close is not None
        script.says(endpoint, over)
        with pytest.raises(CentralUnavailableError):
            work()
        script.asked.clear()
        link._token = None


def test_an_unreachable_centre_changes_nothing(till: Till, script: Script, link: CentralLink) -> None:
    script.says("push", gone)
    with pytest.raises(CentralUnavailableError, match="gone"):
        link.push_all()
    assert (till.acknowledged, till.fenced) == (0, False)
    script.says("push", script.accept)
    assert link.push_all() == 3


def test_draining_reads_the_feed_to_its_end(till: Till, script: Script, link: CentralLink) -> None:
    script.says(
        "feed", lambda _: page("one", more=True), lambda _: page("two", *ITEMS, more=True), lambda _: page("two")
    )
    assert drain(link) == 3
    assert script.asked.count("feed") == 3
    assert till.engine.cursor() == "two"
    assert set(script.tokens) == {None, "token"}

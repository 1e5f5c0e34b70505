"""Requests no honest counter sends: with another's token or device, or for points a vendor may not redeem."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec import structs

from tests.end_to_end import books
from tests.end_to_end.shop import Shop
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.sync.transport import SessionOverError, Transport
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.ring_up import policy_now
from urs_desktop.counter.values import Identity
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import Points
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import endpoints, sessions
from urs_desktop.protocol.messages import (
    Challenge,
    CustomerReply,
    CustomerRequest,
    FeedReply,
    GrantReply,
    GrantRequest,
    HelloReply,
    PushReply,
    PushRequest,
)
from urs_desktop.wiring import OpenCounter, open_counter

CARD = "C-9"


@contextmanager
def opened(shop: Shop, name: str) -> Iterator[OpenCounter]:
    """Open a counter's data folder in this process."""
    counter = open_counter(shop.folder / name, shop.passphrase)
    try:
        yield counter
    finally:
        counter.store.close()


class Stranger:
    """Sends what it likes to the central store with one counter's keys."""

    def __init__(self, counter: OpenCounter) -> None:
        """Take an opened counter."""
        self.counter = counter
        self.identity: Identity = counter.identity()
        self.transport = Transport(self.identity.central_url, self.identity.ca_certificate)

    def hello(self, device: bytes) -> HelloReply:
        """Say hello as some counter, with this one's key."""
        path = endpoints.CHALLENGE.format(device=device.hex())
        challenge = self.transport.post(path, None, Challenge).challenge
        head = self.counter.store.read(lambda book: book.operations.head())
        message = sessions.hello(
            self.counter.secrets.signing_key(),
            device,
            epoch=self.identity.epoch,
            seq=head.seq,
            head=head.head,
            receipt=head.receipt,
            challenge=challenge,
            wall=0,
        )
        return self.transport.post(endpoints.HELLO.format(device=device.hex()), message, HelloReply)

    @property
    def token(self) -> str:
        """A fresh token of this counter."""
        return self.hello(self.identity.device_id).token

    def grant_request(self, want: int = 5) -> GrantRequest:
        """Return a request for points such as this counter could send."""
        policy = self.counter.store.read(lambda book: policy_now(book, self.identity, self.counter.recorder.now()))
        assert policy is not None
        return GrantRequest(
            lease_id=self.counter.recorder.new_id(),
            epoch=self.identity.epoch,
            card=CARD,
            want=want,
            total=10_000,
            policy_id=policy.policy_id,
            policy_version=policy.version,
        )

    def grant(self, request: GrantRequest, device: bytes, token: str) -> GrantReply:
        """Ask for points as some counter."""
        return self.transport.post(endpoints.GRANT.format(device=device.hex()), request, GrantReply, token)


@pytest.fixture
def sold(shop: Shop) -> Shop:
    """Return a shop in which one customer has points from a medium vendor."""
    counter = shop.counter("medium")
    shop.processes.run("pay", counter.folder, counter.passphrase, CARD, "400.00", "0").expect()
    counter.ask("sync", "--once")
    return shop


def test_with_another_counters_token(sold: Shop) -> None:
    with opened(sold, "medium") as medium, opened(sold, "large") as large:
        own, other = Stranger(medium), Stranger(large)
        token, victim = own.token, other.identity.device_id
        customer = CustomerRequest(card=CARD)
        with pytest.raises(SessionOverError):
            own.grant(own.grant_request(), victim, token)
        with pytest.raises(SessionOverError):
            own.transport.post(endpoints.CUSTOMER.format(device=victim.hex()), customer, CustomerReply, token)
        with pytest.raises(SessionOverError):
            own.transport.get(endpoints.FEED.format(device=victim.hex()), {}, FeedReply, token, 5)
        for wrong in ("", token[:-1], token.upper(), "x"):
            with pytest.raises(SessionOverError):
                own.grant(own.grant_request(), own.identity.device_id, wrong)
        own.transport.close()
        other.transport.close()
    assert books.wallets(sold.central) == {CARD: 2000}


def test_as_another_counter(sold: Shop) -> None:
    """Neither its key's hello nor its operations are taken, and the victim goes on as if nothing had been."""
    with opened(sold, "medium") as medium, opened(sold, "second") as second:
        own, victim = Stranger(medium), second.identity().device_id
        before = books.operations(sold.central)
        with pytest.raises(SessionOverError):
            own.hello(victim)
        operations = tuple(medium.store.read(lambda book: book.operations.all()))
        push = PushRequest(request_id=b"r" * 16, epoch=1, operations=operations)
        reply = own.transport.post(endpoints.PUSH.format(device=victim.hex()), push, PushReply)
        assert reply.verdict in ("fork", "bad_sig")
        assert (reply.seq, books.operations(sold.central)) == (0, before)
        own.transport.close()
    second_counter = sold.counter("second")
    sold.processes.run("pay", second_counter.folder, second_counter.passphrase, CARD, "400.00", "0").expect()
    assert second_counter.ask("sync", "--once")["acknowledged"] > 0
    assert sold.central.ask("verify")["ok"]


def test_as_a_counter_nobody_enrolled(sold: Shop) -> None:
    with opened(sold, "medium") as medium:
        own = Stranger(medium)
        for device in (bytes(16), b"", b"short"):
            with pytest.raises((Refusal, CentralUnavailableError)):
                own.hello(device)
        own.transport.close()


def test_a_recorded_hello(sold: Shop) -> None:
    """The same hello a second time opens nothing: its challenge is spent."""
    with opened(sold, "medium") as medium:
        own = Stranger(medium)
        device, head = own.identity.device_id, medium.store.read(lambda book: book.operations.head())
        path = endpoints.CHALLENGE.format(device=device.hex())
        message = sessions.hello(
            medium.secrets.signing_key(),
            device,
            epoch=1,
            seq=head.seq,
            head=head.head,
            receipt=head.receipt,
            challenge=own.transport.post(path, None, Challenge).challenge,
            wall=0,
        )
        assert own.transport.post(endpoints.HELLO.format(device=device.hex()), message, HelloReply).token
        with pytest.raises(SessionOverError):
            own.transport.post(endpoints.HELLO.format(device=device.hex()), message, HelloReply)
        own.transport.close()


def test_a_small_vendors_counter_asks_for_points(sold: Shop) -> None:
    """The counter refuses by itself; the central store refuses a request made by hand, also with another's policy."""
    with opened(sold, "small") as small, opened(sold, "medium") as medium:
        own = Stranger(small)
        link = small.link()
        redeem, total = Redeem(small.store, small.recorder, link), Money(10_000, own.identity.currency)
        with pytest.raises(Refusal) as refused:
            redeem.obtain(CARD, Points(5), total)
        assert refused.value.code is RefusalCode.POINTS_NOT_REDEEMED_HERE
        foreign = Stranger(medium)
        borrowed = foreign.grant_request()
        for request in (own.grant_request(), structs.replace(borrowed, lease_id=small.recorder.new_id())):
            with pytest.raises(Refusal) as refused:
                own.grant(request, own.identity.device_id, own.token)
            assert refused.value.code is RefusalCode.POINTS_NOT_REDEEMED_HERE
        for transport in (own.transport, foreign.transport, link):
            transport.close()
    assert books.wallets(sold.central) == {CARD: 2000}
    assert sold.central.ask("verify")["ok"]


def test_more_points_than_the_policy_allows(sold: Shop) -> None:
    with opened(sold, "medium") as medium:
        own = Stranger(medium)
        token = own.token
        for want, code in ((5001, "points_over_cap"), (0, "points_over_cap"), (-5, "points_over_cap")):
            with pytest.raises(Refusal) as refused:
                own.grant(own.grant_request(want), own.identity.device_id, token)
            assert refused.value.code == code
        granted = own.grant(own.grant_request(5000), own.identity.device_id, token)
        assert granted.granted == 2000
        own.transport.close()

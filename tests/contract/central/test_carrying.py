"""A grant that a phone carries is an exact grant, proved by the counter's own signature."""

import msgspec
import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import CENTRAL_KEY, NOW, Till
from urs_desktop.central import carrying
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import carried, grants
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import GrantReply, GrantRequest
from urs_desktop.protocol.operations import SaleSpend


def request(shop: Shop, want: int = 100, epoch: int = 1) -> GrantRequest:
    return GrantRequest(
        lease_id="P",
        epoch=epoch,
        card="C-1",
        want=want,
        total=10_000,
        policy_id=shop.policy.policy_id,
        policy_version=shop.policy.version,
    )


def text_of(shop: Shop, asked: GrantRequest, till: Till | None = None) -> str:
    counter = till or shop.till
    return carried.request_text(counter.key, counter.device_id, asked)


def bring(shop: Shop, text: str) -> GrantReply:
    with shop.database.write() as connection:
        return carrying.grant(connection, text, NOW, shop.randomness, CENTRAL_KEY)


def refused(shop: Shop, text: str) -> RefusalCode:
    with pytest.raises(Refusal) as refusal:
        bring(shop, text)
    return refusal.value.code


def test_a_carried_request_gets_an_exact_grant_once(shop: Shop) -> None:
    shop.earn(300)
    text = text_of(shop, request(shop))
    reply = bring(shop, text)
    assert bring(shop, text) == reply
    assert shop.wallet() == (200, 100)
    assert carried.read_grant(carried.grant_text(reply)) == reply
    assert grants.is_authentic(CENTRAL_KEY.public_key, shop.till.device_id, reply)
    shop.till.sale(900, points_paid=100, spends=(SaleSpend("P", 100, 0),), policy=shop.policy)
    assert shop.push().results[-1].result == "applied"
    assert shop.findings() == []


def test_only_what_its_counter_signed(shop: Shop) -> None:
    shop.earn(300)
    read = carried.read_request(text_of(shop, request(shop)))
    more = msgspec.structs.replace(read, request=request(shop, 200))
    text = carried.request_text(shop.till.key, shop.till.device_id, request(shop))
    for forged in (
        more,
        msgspec.structs.replace(read, sig=bytes(64)),
        msgspec.structs.replace(read, device_id=bytes(16)),
    ):
        assert refused(shop, carried._text(forged)) is RefusalCode.COUNTER_UNKNOWN
    stranger = shop.another_till()
    assert (
        refused(shop, carried.request_text(stranger.key, shop.till.device_id, request(shop)))
        is RefusalCode.COUNTER_UNKNOWN
    )
    assert shop.wallet() == (300, 0)
    assert bring(shop, text).granted == 100


def test_what_is_no_request(shop: Shop) -> None:
    for text in ("", "abc", "%%%", "A" * 2000, "ÄÖÜ", text_of(shop, request(shop))[:-8]):
        with pytest.raises(MalformedError):
            bring(shop, text)


def test_an_epoch_that_is_over(shop: Shop) -> None:
    shop.earn(300)
    assert refused(shop, text_of(shop, request(shop, epoch=2))) is RefusalCode.GRANT_OVER


def test_the_page_shows_the_grant_and_refusals_are_harmless(shop: Shop) -> None:
    shop.earn(300)
    page = carrying.page(bring(shop, text_of(shop, request(shop))))
    assert "<svg" in page
    assert "100 points" in page
    assert "<b>" not in carrying.refusal_page("no <b>points</b>")

"""U+0000 in a receipt: PostgreSQL cannot hold it in a text, and a sale is never refused for one."""

import msgspec
import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import forged
from urs_desktop.central.schema import operations, parked_operations, tenders, transaction_lines, transactions
from urs_desktop.protocol.codec import MalformedError

NUL = "a\x00b"


def test_a_sale_with_it_is_stored_and_proved(shop: Shop) -> None:
    body = shop.till.sale_body(5000, "C-1", policy=shop.policy)
    odd = msgspec.structs.replace(
        body,
        operator=NUL,
        lines=tuple(msgspec.structs.replace(line, sku=NUL, description=NUL) for line in body.lines),
        tenders=tuple(msgspec.structs.replace(tender, kind=NUL) for tender in body.tenders),
    )
    shop.till.make(odd)
    shop.till.sale(5000, "C-1", policy=shop.policy)
    assert [result.result for result in shop.push().results] == ["applied", "applied"]
    assert [row["operator"] for row in shop.rows(transactions)] == ["a\ufffdb", None]
    assert {row["sku"] for row in shop.rows(transaction_lines)} >= {"a\ufffdb"}
    assert {row["kind"] for row in shop.rows(tenders)} == {"a\ufffdb", "cash"}
    assert shop.wallet() == (500, 0)
    assert shop.findings() == []


def test_a_currency_with_it(shop: Shop) -> None:
    shop.till.sale(5000, "C-1", currency="GB\x00")
    assert [result.result for result in shop.push().results] in (["applied"], ["adjusted"])
    assert shop.findings() == []


def test_a_lease_a_policy_and_a_card_with_it(shop: Shop) -> None:
    body = shop.till.sale_body(5000, "C\x00", policy=shop.policy)
    assert body.policy
    shop.till.make(msgspec.structs.replace(body, policy=msgspec.structs.replace(body.policy, policy_id=NUL)))
    shop.till.give_back(NUL, 0)
    assert [result.result for result in shop.push().results] == ["adjusted", "parked"]
    assert shop.findings() == []


def test_an_operation_of_a_kind_with_it_cannot_be_one(shop: Shop) -> None:
    operation = shop.till.sale()
    shop.till.operations[:] = [forged(operation, kind=NUL)]
    with pytest.raises(MalformedError):
        shop.push()
    assert shop.rows(operations) == []


def test_the_reason_of_a_parked_one_may_hold_it(shop: Shop) -> None:
    shop.till.make_raw("sale", 1, b'{"\x00":1}')
    assert [result.result for result in shop.push().results] == ["parked"]
    assert len(shop.rows(parked_operations)) == 1
    assert shop.findings() == []

"""The bytes that are signed for ever, against vectors made once and against a second implementation written by hand.

The second one knows nothing of the package: it builds preimages with hashlib and signs with Ed25519 directly. Must
never be brought into line with the code: a difference means that the code broke every signature ever made.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.protocol import chain, grants, sessions
from urs_desktop.protocol.codec import decode_body, encode, encode_body
from urs_desktop.protocol.enrolment_code import EnrolmentCode, from_text, to_text
from urs_desktop.protocol.messages import PushRequest
from urs_desktop.protocol.operations import KINDS, Operation
from urs_desktop.protocol.signatures import SigningKey

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("golden.json").read_text("utf-8"))
DEVICE = bytes.fromhex(GOLDEN["device_id"])
EPOCH: int = GOLDEN["epoch"]
OPERATIONS: list[dict[str, Any]] = GOLDEN["operations"]
WITH_REFUNDS: list[dict[str, Any]] = [*OPERATIONS, *GOLDEN["refund_operations"]]
WITH_RESOLVES: list[dict[str, Any]] = [*WITH_REFUNDS, *GOLDEN["resolve_operations"]]
EVERY: list[dict[str, Any]] = [*WITH_RESOLVES, *GOLDEN["day_operations"]]
"""All vectors, one chain: those of each later release follow those before it."""


def framed(*parts: bytes) -> bytes:
    """Return SHA-256 over the parts, each behind its length in four bytes, written out by hand."""
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def number(value: int) -> bytes:
    return value.to_bytes(8, "big")


def sign(seed: str, data: bytes) -> str:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)).sign(data).hex()


def test_the_genesis_by_hand_and_by_the_package() -> None:
    nonce = bytes.fromhex(GOLDEN["nonce"])
    by_hand = framed(b"URS genesis 1", DEVICE, number(EPOCH), nonce)
    assert by_hand.hex() == GOLDEN["genesis"] == chain.genesis(DEVICE, EPOCH, nonce).hex()


@pytest.mark.parametrize("vector", EVERY, ids=lambda vector: f"{vector['seq']} {vector['kind']}")
def test_every_operation_by_hand(vector: dict[str, Any]) -> None:
    body = vector["body"].encode()
    digest = framed(
        b"URS operation 1",
        DEVICE,
        number(EPOCH),
        number(vector["seq"]),
        bytes.fromhex(vector["op_id"]),
        vector["kind"].encode(),
        number(vector["schema"]),
        framed(b"URS body 1", body),
        bytes.fromhex(vector["prev"]),
    )
    assert digest.hex() == vector["hash"]
    assert sign(GOLDEN["counter_seed"], digest) == vector["sig"]
    fields = json.loads(body)
    assert vector["body"] == json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize("vector", EVERY, ids=lambda vector: f"{vector['seq']} {vector['kind']}")
def test_every_operation_by_the_package(vector: dict[str, Any]) -> None:
    body = decode_body(vector["kind"], vector["schema"], vector["body"].encode())
    assert body is not None
    kind, schema, data = encode_body(body)
    assert (kind, schema, data.decode()) == (vector["kind"], vector["schema"], vector["body"])
    draft = Operation(vector["seq"], bytes.fromhex(vector["op_id"]), kind, schema, data, bytes.fromhex(vector["prev"]))
    sealed = chain.seal(SigningKey(bytes.fromhex(GOLDEN["counter_seed"])), DEVICE, EPOCH, draft)
    assert (sealed.hash.hex(), sealed.sig.hex()) == (vector["hash"], vector["sig"])
    assert chain.is_signed(bytes.fromhex(GOLDEN["counter_key"]), sealed)


def test_the_vectors_are_one_chain_and_hold_every_kind() -> None:
    previous = GOLDEN["genesis"]
    for place, vector in enumerate(EVERY, 1):
        assert (vector["seq"], vector["prev"]) == (place, previous)
        previous = vector["hash"]
    assert {(vector["kind"], vector["schema"]) for vector in EVERY} == set(KINDS)


@pytest.mark.parametrize(
    ("vectors", "expected"),
    [
        (OPERATIONS, "push_sha256"),
        (WITH_REFUNDS, "refund_push_sha256"),
        (WITH_RESOLVES, "resolve_push_sha256"),
        (EVERY, "day_push_sha256"),
    ],
)
def test_a_push_on_the_wire(vectors: list[dict[str, Any]], expected: str) -> None:
    operations = tuple(
        Operation(
            vector["seq"],
            bytes.fromhex(vector["op_id"]),
            vector["kind"],
            vector["schema"],
            vector["body"].encode(),
            bytes.fromhex(vector["prev"]),
            bytes.fromhex(vector["hash"]),
            bytes.fromhex(vector["sig"]),
        )
        for vector in vectors
    )
    data = encode(PushRequest(request_id=b"r" * 16, epoch=EPOCH, operations=operations))
    assert hashlib.sha256(data).hexdigest() == GOLDEN[expected]
    names = msgspec.msgpack.decode(data)["operations"][0]
    assert list(names) == ["seq", "op_id", "kind", "schema", "body", "prev", "hash", "sig"]


def test_a_grant_by_hand_and_by_the_package() -> None:
    vector = GOLDEN["grant"]
    digest = framed(
        b"URS grant 1",
        DEVICE,
        vector["lease_id"].encode(),
        number(vector["epoch"]),
        vector["card"].encode(),
        number(vector["granted"]),
        number(vector["spend_until"]),
    )
    assert sign(GOLDEN["central_seed"], digest) == vector["sig"]
    key = SigningKey(bytes.fromhex(GOLDEN["central_seed"]))
    fields = {name: vector[name] for name in ("lease_id", "epoch", "card", "granted", "spend_until")}
    assert grants.grant(key, DEVICE, **fields).sig.hex() == vector["sig"]


def test_a_hello_by_hand_and_by_the_package() -> None:
    vector = GOLDEN["hello"]
    head, challenge = bytes.fromhex(vector["head"]), bytes.fromhex(vector["challenge"])
    digest = framed(
        b"URS hello 2",
        DEVICE,
        number(vector["epoch"]),
        number(vector["seq"]),
        head,
        number(vector["receipt"]),
        challenge,
        number(vector["wall"]),
    )
    assert sign(GOLDEN["counter_seed"], digest) == vector["sig"]
    message = sessions.hello(
        SigningKey(bytes.fromhex(GOLDEN["counter_seed"])),
        DEVICE,
        epoch=vector["epoch"],
        seq=vector["seq"],
        head=head,
        receipt=vector["receipt"],
        challenge=challenge,
        wall=vector["wall"],
    )
    assert message.sig.hex() == vector["sig"]


def test_a_rejoin_by_hand_and_by_the_package() -> None:
    vector = GOLDEN["rejoin"]
    nonce, challenge = bytes.fromhex(vector["nonce"]), bytes.fromhex(vector["challenge"])
    epoch, wall = vector["seen_epoch"], vector["wall"]
    digest = framed(b"URS rejoin 1", DEVICE, number(epoch), nonce, challenge, number(wall))
    assert sign(GOLDEN["counter_seed"], digest) == vector["sig"]
    key = SigningKey(bytes.fromhex(GOLDEN["counter_seed"]))
    message = sessions.rejoin(key, DEVICE, seen_epoch=epoch, nonce=nonce, challenge=challenge, wall=wall)
    assert message.sig.hex() == vector["sig"]
    public_key = bytes.fromhex(GOLDEN["counter_key"])
    assert sessions.is_authentic_rejoin(public_key, DEVICE, message)
    assert not sessions.is_authentic_rejoin(public_key, DEVICE, msgspec.structs.replace(message, seen_epoch=epoch + 1))
    assert not sessions.is_authentic_rejoin(public_key, DEVICE, msgspec.structs.replace(message, seen_epoch=-1))


def test_a_policy_by_hand_and_by_the_package() -> None:
    vector = GOLDEN["policy"]
    fields = dict(vector["fields"])
    document = json.dumps({"tag": "URS policy 1", **fields}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(document.encode()).hexdigest() == vector["digest"]
    policy = RewardPolicy(**{**fields, "category": Category(fields["category"])})
    assert policy.digest().hex() == vector["digest"]


def test_a_policy_with_an_end_by_hand_and_by_the_package() -> None:
    vector = GOLDEN["dated_policy"]
    fields = dict(vector["fields"])
    assert {"valid_until", "vests_after", "expires_after"} <= set(fields)
    document = json.dumps({"tag": "URS policy 2", **fields}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(document.encode()).hexdigest() == vector["digest"]
    policy = RewardPolicy(**{**fields, "category": Category(fields["category"])})
    assert policy.digest().hex() == vector["digest"]


def test_refunds_name_a_sale_or_who_allowed_them() -> None:
    bodies = [json.loads(vector["body"]) for vector in EVERY if vector["kind"] == "refund"]
    sales = {vector["op_id"] for vector in EVERY if vector["kind"] == "sale"}
    assert [body["sale"] in sales for body in bodies] == [True, True, False]
    assert [body["override"] is None for body in bodies] == [True, True, False]
    assert all(body["total"] == body["cash_back"] + body["points_back"] for body in bodies)


def test_an_enrolment_code_by_hand_and_by_the_package() -> None:
    vector = GOLDEN["enrolment_code"]
    secret, fingerprint = bytes.fromhex(vector["secret"]), bytes.fromhex(vector["fingerprint"])
    check = hashlib.sha256(b"URS enrolment code 1" + secret + fingerprint).digest()[:2]
    value = int.from_bytes(secret + fingerprint + check, "big")
    characters = ""
    while value:
        value, digit = divmod(value, 32)
        characters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[digit] + characters
    assert vector["text"].replace("-", "") == characters.rjust(45, "0")
    assert to_text(EnrolmentCode(secret, fingerprint)) == vector["text"]
    assert from_text(vector["text"]) == EnrolmentCode(secret, fingerprint)

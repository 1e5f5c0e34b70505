"""Preimages, the hash chain and signatures: nothing can be changed, moved or taken from another counter unseen.

Must never sign with a key that is used elsewhere.
"""

import hashlib
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import CENTRAL_KEY, COUNTER_KEY
from urs_desktop.protocol import chain, grants, sessions
from urs_desktop.protocol.messages import GrantReply, HelloRequest
from urs_desktop.protocol.operations import Operation
from urs_desktop.protocol.preimage import digest
from urs_desktop.protocol.signatures import SigningKey, new_seed, verify

DEVICE, OTHER_DEVICE = b"d" * 16, b"e" * 16
parts = st.lists(st.binary(max_size=8) | st.text(max_size=8) | st.integers(0, 2**64 - 1), max_size=5)


def by_hand(tag: str, values: list[bytes | str | int]) -> bytes:
    """Return the digest as the description of the preimage says it."""
    data = b""
    for value in (tag, *values):
        if isinstance(value, int):
            raw = value.to_bytes(8, "big")
        else:
            raw = value.encode() if isinstance(value, str) else value
        data += len(raw).to_bytes(4, "big") + raw
    return hashlib.sha256(data).digest()


@given(st.text(max_size=10), parts)
def test_the_preimage_is_a_tag_and_parts_behind_their_lengths(tag: str, values: list[bytes | str | int]) -> None:
    assert digest(tag, *values) == by_hand(tag, values)


@given(st.lists(st.binary(max_size=3), max_size=4), st.lists(st.binary(max_size=3), max_size=4))
def test_no_two_lists_of_parts_share_a_preimage(one: list[bytes], other: list[bytes]) -> None:
    assert (digest("t", *one) == digest("t", *other)) == (one == other)


@pytest.mark.parametrize("number", [-1, 2**64])
def test_a_number_that_has_no_place_in_a_preimage_is_an_error(number: int) -> None:
    with pytest.raises(OverflowError):
        digest("t", number)


def operation(seq: int = 1, prev: bytes = b"p" * 32, body: bytes = b"{}") -> Operation:
    draft = Operation(seq=seq, op_id=b"o" * 16, kind="sale", schema=1, body=body, prev=prev)
    return chain.seal(COUNTER_KEY, DEVICE, 1, draft)


def test_a_sealed_operation_is_signed_over_its_place_identity_and_body() -> None:
    sealed = operation()
    assert sealed.hash == chain.operation_hash(DEVICE, 1, sealed)
    assert chain.is_signed(COUNTER_KEY.public_key, sealed)
    assert not chain.is_signed(CENTRAL_KEY.public_key, sealed)
    assert (len(sealed.hash), len(sealed.sig)) == (32, 64)


changes = {
    "seq": 2,
    "op_id": b"x" * 16,
    "kind": "enrol",
    "schema": 2,
    "body": b"{} ",
    "prev": b"q" * 32,
}


@pytest.mark.parametrize("name", sorted(changes))
def test_any_change_of_an_operation_changes_its_hash(name: str) -> None:
    sealed = operation()
    changed = msgspec.structs.replace(sealed, **{name: changes[name]})
    assert chain.operation_hash(DEVICE, 1, changed) != sealed.hash
    assert set(changes) | {"hash", "sig"} == set(Operation.__struct_fields__)


def test_an_operation_belongs_to_one_counter_and_one_epoch() -> None:
    sealed = operation()
    assert chain.operation_hash(OTHER_DEVICE, 1, sealed) != sealed.hash
    assert chain.operation_hash(DEVICE, 2, sealed) != sealed.hash
    assert chain.genesis(DEVICE, 1, b"n") != chain.genesis(DEVICE, 2, b"n")
    assert chain.genesis(DEVICE, 1, b"n") != chain.genesis(OTHER_DEVICE, 1, b"n")
    assert chain.genesis(DEVICE, 1, b"n") != chain.genesis(DEVICE, 1, b"m")


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_bodies_are_compared_by_their_hash(one: bytes, other: bytes) -> None:
    assert (chain.body_hash(one) == chain.body_hash(other)) == (one == other)


@given(st.integers(0, 63), st.integers(1, 255))
def test_a_signature_with_any_byte_changed_is_none(place: int, flip: int) -> None:
    signature = bytearray(COUNTER_KEY.sign(b"x" * 32))
    signature[place] ^= flip
    assert not verify(COUNTER_KEY.public_key, b"x" * 32, bytes(signature))


@given(st.binary(max_size=70), st.binary(max_size=40), st.binary(max_size=70))
def test_garbage_is_no_signature_and_no_error(key: bytes, message: bytes, signature: bytes) -> None:
    assert not verify(key, message, signature)


def test_keys_are_their_seed_and_never_show_it() -> None:
    seed = new_seed()
    assert len(seed) == 32
    assert seed != new_seed()
    assert SigningKey(seed).public_key == SigningKey(seed).public_key
    assert seed.hex() not in repr(SigningKey(seed))
    with pytest.raises(ValueError, match="32"):
        SigningKey(seed[:31])


@dataclass(frozen=True)
class Forgery:
    """One field of a signed message changed."""

    name: str
    value: object


def signed_grant() -> GrantReply:
    return grants.grant(CENTRAL_KEY, DEVICE, lease_id="l", epoch=1, card="c", granted=10, spend_until=99)


GRANT_FORGERIES = [
    *(Forgery("granted", value) for value in (11, 9, -1, 2**64)),
    *(Forgery("spend_until", value) for value in (100, -1, 2**70)),
    *(Forgery("epoch", value) for value in (2, -1)),
    Forgery("lease_id", "m"),
    Forgery("card", "d"),
    Forgery("sig", b""),
    Forgery("sig", b"\x00" * 64),
]


@pytest.mark.parametrize("forgery", GRANT_FORGERIES, ids=str)
def test_a_grant_holds_only_as_it_was_signed(forgery: Forgery) -> None:
    reply = signed_grant()
    assert grants.is_authentic(CENTRAL_KEY.public_key, DEVICE, reply)
    forged = msgspec.structs.replace(reply, **{forgery.name: forgery.value})
    assert not grants.is_authentic(CENTRAL_KEY.public_key, DEVICE, forged)


def test_a_grant_is_for_one_counter_from_one_centre() -> None:
    assert not grants.is_authentic(CENTRAL_KEY.public_key, OTHER_DEVICE, signed_grant())
    assert not grants.is_authentic(COUNTER_KEY.public_key, DEVICE, signed_grant())


def signed_hello() -> HelloRequest:
    return sessions.hello(COUNTER_KEY, DEVICE, epoch=1, seq=2, head=b"h" * 32, receipt=7, challenge=b"c" * 32, wall=5)


HELLO_FORGERIES = [
    *(Forgery("epoch", value) for value in (2, -1)),
    *(Forgery("seq", value) for value in (3, -1, 2**64)),
    *(Forgery("receipt", value) for value in (8, -1, 2**64)),
    *(Forgery("wall", value) for value in (6, -1)),
    Forgery("head", b"i" * 32),
    Forgery("challenge", b"d" * 32),
    Forgery("sig", b"\x00" * 64),
]


@pytest.mark.parametrize("forgery", HELLO_FORGERIES, ids=str)
def test_a_hello_holds_only_as_it_was_signed(forgery: Forgery) -> None:
    message = signed_hello()
    assert sessions.is_authentic(COUNTER_KEY.public_key, DEVICE, message)
    forged = msgspec.structs.replace(message, **{forgery.name: forgery.value})
    assert not sessions.is_authentic(COUNTER_KEY.public_key, DEVICE, forged)
    assert not sessions.is_authentic(COUNTER_KEY.public_key, OTHER_DEVICE, message)
    assert not sessions.is_authentic(CENTRAL_KEY.public_key, DEVICE, message)


def test_a_part_moved_from_one_field_to_the_next_is_another_message() -> None:
    one = grants.grant(CENTRAL_KEY, DEVICE, lease_id="ab", epoch=1, card="c", granted=1, spend_until=1)
    moved = msgspec.structs.replace(one, lease_id="a", card="bc")
    assert not grants.is_authentic(CENTRAL_KEY.public_key, DEVICE, moved)

"""Messages and bodies to bytes and back; whatever else arrives is MalformedError and nothing else.

Must never accept what it cannot fully read.
"""

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_data import shared
from urs_desktop.protocol import messages
from urs_desktop.protocol.codec import MAX_SAFE_INTEGER, MalformedError, decode, decode_body, encode, encode_body
from urs_desktop.protocol.operations import (
    KIND_OF,
    KINDS,
    SCHEMA,
    Body,
    EnrolBody,
    Operation,
    ProductItem,
    ProductsBody,
    ReturnBody,
    SaleBody,
    SaleLine,
    SalePolicy,
    SaleSource,
    SaleSpend,
    SaleTender,
)

MESSAGES = sorted(
    (kind for kind in vars(messages).values() if isinstance(kind, type) and issubclass(kind, messages.Message)),
    key=lambda kind: kind.__name__,
)
WIRE: list[type[msgspec.Struct]] = [Operation, *(kind for kind in MESSAGES if kind is not messages.Message)]

safe = st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
words = st.text(max_size=20)
lines = st.builds(SaleLine, words, words, safe, safe, safe, safe, safe)
moments: dict[str, Any] = {"hlc": safe, "recorded_at": safe, "operator": st.none() | words}
sales = st.builds(
    SaleBody,
    receipt=safe,
    happened_at=safe,
    currency=words,
    total=safe,
    points_paid=safe,
    earned=safe,
    lines=st.lists(lines, max_size=4).map(tuple),
    tenders=st.lists(st.builds(SaleTender, words, safe, safe), max_size=3).map(tuple),
    card=st.none() | words,
    policy=st.none() | st.builds(SalePolicy, words, safe, words),
    spends=st.lists(st.builds(SaleSpend, words, safe, safe), max_size=2).map(tuple),
    engine=safe,
    source=st.none() | st.builds(SaleSource, words, words, words),
    **moments,
)
items = st.builds(ProductItem, words, words, safe, safe, words, words)
bodies = st.one_of(
    sales,
    st.builds(EnrolBody, card=words, customer_id=words, person=st.none() | words, **moments),
    st.builds(ProductsBody, items=st.lists(items, max_size=3).map(tuple), **moments),
    st.builds(ReturnBody, lease=words, points=safe, **moments),
)


def struct_values(kind: type[msgspec.Struct]) -> st.SearchStrategy[msgspec.Struct]:
    """Return values of any message, its parts drawn by the types of its fields."""
    return st.builds(kind, **{field.name: values(field.type) for field in msgspec.structs.fields(kind)})


def values(annotation: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - an annotation is anything
    """Return values of an annotated type."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return struct_values(annotation)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        int: st.integers(-(2**63), 2**64 - 1),
        str: words,
        bytes: st.binary(max_size=40),
        type(None): st.none(),
        bool: st.booleans(),
        dict[str, str | int]: st.dictionaries(words, words | safe, max_size=3),
    }
    if annotation in plain:
        return plain[annotation]
    parts = get_args(annotation)
    if parts[-1] is Ellipsis:
        return st.lists(values(parts[0]), max_size=3).map(tuple)
    return st.one_of(*(values(part) for part in parts))


messages_of_all_kinds = st.one_of(*(struct_values(kind) for kind in WIRE))


@given(messages_of_all_kinds)
def test_every_message_comes_back_as_it_was(message: msgspec.Struct) -> None:
    assert decode(encode(message), type(message)) == message


@given(messages_of_all_kinds, st.integers(0, 10**6))
def test_a_message_cut_short_is_malformed(message: msgspec.Struct, place: int) -> None:
    data = encode(message)
    with pytest.raises(MalformedError):
        decode(data[: place % len(data)], type(message))
    with pytest.raises(MalformedError):
        decode(data + b"\x00", type(message))


@given(messages_of_all_kinds, st.integers(0, 10**6), st.integers(1, 255))
def test_a_damaged_message_is_read_or_malformed(message: msgspec.Struct, place: int, flip: int) -> None:
    data = bytearray(encode(message))
    data[place % len(data)] ^= flip
    try:
        decode(bytes(data), type(message))
    except MalformedError:
        return


@given(st.sampled_from(WIRE), st.binary(max_size=80))
def test_any_bytes_are_read_or_malformed(kind: type[msgspec.Struct], data: bytes) -> None:
    try:
        decode(data, kind)
    except MalformedError:
        return


@pytest.mark.parametrize("kind", WIRE, ids=lambda kind: kind.__name__)
def test_unknown_fields_and_nesting_without_end_are_refused(kind: type[msgspec.Struct]) -> None:
    with pytest.raises(MalformedError):
        decode(msgspec.msgpack.encode({"no_such_field": 1}), kind)
    with pytest.raises(MalformedError):
        decode(b"\x81\xa1x" + b"\x91" * 200_000, kind)
    with pytest.raises(MalformedError):
        decode(b"\x81\xa1\xff\x01", kind)


@given(bodies)
def test_every_body_comes_back_as_it_was(body: Body) -> None:
    kind, schema, data = encode_body(body)
    assert (kind, schema) == KIND_OF[type(body)]
    assert decode_body(kind, schema, data) == body


@given(bodies)
def test_a_body_is_canonical_json(body: Body) -> None:
    data = encode_body(body)[2]
    plain = msgspec.to_builtins(body)
    assert data.decode() == json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=60))
def test_any_bytes_are_a_body_or_malformed(kind: tuple[str, int], data: bytes) -> None:
    try:
        decode_body(*kind, data)
    except MalformedError:
        return


@given(bodies, st.integers(0, 10**6), st.integers(1, 255))
def test_a_damaged_body_is_read_or_malformed(body: Body, place: int, flip: int) -> None:
    kind, schema, whole = encode_body(body)
    data = bytearray(whole)
    data[place % len(data)] ^= flip
    try:
        decode_body(kind, schema, bytes(data))
    except MalformedError:
        return


def with_field(name: str, value: object) -> bytes:
    """Return the body of a lease's return with one field set to anything."""
    body = msgspec.to_builtins(ReturnBody(hlc=1, recorded_at=1, lease="x", points=1))
    return json.dumps({**body, name: value}).encode()


@pytest.mark.parametrize(
    ("name", "value"),
    [("points", 1.0), ("points", 1e3), ("points", "1"), ("points", True), ("points", None), ("lease", 1), ("more", 1)],
)
def test_a_body_of_other_types_is_malformed(name: str, value: object) -> None:
    assert decode_body("lease.return", SCHEMA, with_field("points", 7)) is not None
    with pytest.raises(MalformedError):
        decode_body("lease.return", SCHEMA, with_field(name, value))


@pytest.mark.parametrize("kind", [("sale", 3), ("refund", 2), ("", 0), ("sale", -1)])
def test_a_kind_from_the_future_is_unknown_not_malformed(kind: tuple[str, int]) -> None:
    assert decode_body(*kind, b"{}") is None
    assert decode_body(*kind, b"\xff") is None


def could_be_a_body(value: object) -> bool:
    """Whether a document has only whole numbers, and names that UTF-8 and UTF-16 sort alike, as all of a body's."""
    if isinstance(value, dict):
        return all(max(name, default="") < "\ud800" and could_be_a_body(part) for name, part in value.items())
    if isinstance(value, list):
        return all(could_be_a_body(part) for part in value)
    return not isinstance(value, float)


def test_the_encoder_agrees_with_the_vectors_of_rfc_8785() -> None:
    vectors = json.loads(shared("vectors", "json_canonicalization_rfc8785.json").read_text("utf-8"))
    encoder = msgspec.json.Encoder(order="sorted")
    tried = set()
    for document in vectors["documents"]:
        value = json.loads(document["input"])
        if could_be_a_body(value):
            assert encoder.encode(value).decode() == document["canonical"], document["name"]
            tried.add(document["name"])
    assert {"arrays", "french"} <= tried


def test_text_is_escaped_as_rfc_8785_says() -> None:
    body = ReturnBody(hlc=1, recorded_at=1, lease="\u20ac$\x0f\nA'B\"\\/\x7f\u2028\U0001f600", points=0)
    data = encode_body(body)[2].decode()
    assert '"lease":"\u20ac$\\u000f\\nA\'B\\"\\\\/\x7f\u2028\U0001f600"' in data


def test_the_greatest_integer_is_the_greatest_a_double_holds() -> None:
    assert MAX_SAFE_INTEGER == 2**53 - 1

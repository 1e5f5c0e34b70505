"""Bytes to structs and back: MessagePack for messages, canonical JSON for the bodies of operations.

Decoding checks types, lengths and unknown fields in one pass. Must never accept what it cannot fully read.
"""

from typing import Final, TypeVar

import msgspec

from urs_desktop.protocol.operations import KIND_OF, KINDS, Body

MEDIA_TYPE: Final = "application/msgpack"
MAX_SAFE_INTEGER: Final = 2**53 - 1

_T = TypeVar("_T", bound=msgspec.Struct)
_json_encoder = msgspec.json.Encoder(order="sorted")
_wire_encoder = msgspec.msgpack.Encoder()
_body_decoders = {name: msgspec.json.Decoder(body) for name, body in KINDS.items()}


class MalformedError(Exception):
    """Bytes that are not what they should be; `str` says where."""


def encode(message: msgspec.Struct) -> bytes:
    """Return a message as MessagePack."""
    return _wire_encoder.encode(message)


def decode(data: bytes, kind: type[_T]) -> _T:
    """Return the message of this kind; raises MalformedError."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(str(error)) from error


def encode_body(body: Body) -> tuple[str, int, bytes]:
    """Return kind, schema and canonical JSON (RFC 8785: sorted keys, no spaces, UTF-8, integers) of a body."""
    kind, schema = KIND_OF[type(body)]
    return kind, schema, _json_encoder.encode(body)


def decode_body(kind: str, schema: int, data: bytes) -> Body | None:
    """Return a body, or None if this program does not know the kind and schema; raises MalformedError."""
    decoder = _body_decoders.get((kind, schema))
    if decoder is None:
        return None
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(str(error)) from error

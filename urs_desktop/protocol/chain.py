"""The hash chain of a counter's operations and the signature over each link.

Each hash covers everything before it, so the last signature of a batch proves the whole batch. Source: sync.md 2.1; the
same idea as the receipt chain of Austria's RKSV section 4. Signed for ever: must never change but under a new tag.
"""

from urs_desktop.protocol.operations import Operation
from urs_desktop.protocol.preimage import digest
from urs_desktop.protocol.signatures import SigningKey, verify

_GENESIS_TAG = "URS genesis 1"
_OPERATION_TAG = "URS operation 1"


def genesis(device_id: bytes, epoch: int, nonce: bytes) -> bytes:
    """Return the hash that the first operation of an epoch follows; the nonce is the central store's."""
    return digest(_GENESIS_TAG, device_id, epoch, nonce)


def operation_hash(device_id: bytes, epoch: int, operation: Operation) -> bytes:
    """Return the hash an operation must carry: over its place in the chain, its identity and its raw body."""
    return digest(
        _OPERATION_TAG,
        device_id,
        epoch,
        operation.seq,
        operation.op_id,
        operation.kind,
        operation.schema,
        body_hash(operation.body),
        operation.prev,
    )


def body_hash(body: bytes) -> bytes:
    """Return the hash by which a body is compared: a known op_id with another body hash is a fork, never a copy."""
    return digest("URS body 1", body)


def seal(key: SigningKey, device_id: bytes, epoch: int, draft: Operation) -> Operation:
    """Return the draft with its hash and signature filled in."""
    link = operation_hash(device_id, epoch, draft)
    return Operation(
        seq=draft.seq,
        op_id=draft.op_id,
        kind=draft.kind,
        schema=draft.schema,
        body=draft.body,
        prev=draft.prev,
        hash=link,
        sig=key.sign(link),
    )


def is_signed(public_key: bytes, operation: Operation) -> bool:
    """Return whether the operation's signature over its own hash is the counter's."""
    return verify(public_key, operation.hash, operation.sig)

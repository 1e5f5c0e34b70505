"""How a counter proves itself: the signed hello that opens a session, the signed rejoin that starts an epoch.

Must never sign without the centre's challenge, so that a recorded message is worth nothing.
"""

import msgspec

from urs_desktop.protocol.messages import HelloRequest, RejoinRequest
from urs_desktop.protocol.preimage import digest
from urs_desktop.protocol.signatures import SigningKey, verify

_TAG = "URS hello 2"
_REJOIN_TAG = "URS rejoin 1"


def hello(
    key: SigningKey, device_id: bytes, *, epoch: int, seq: int, head: bytes, receipt: int, challenge: bytes, wall: int
) -> HelloRequest:
    """Return the signed hello of a counter whose chain stands at `seq` with hash `head`.

    `receipt` is the number of its newest receipt, 0 before the first; `wall` its clock.
    """
    draft = HelloRequest(epoch=epoch, seq=seq, head=head, receipt=receipt, challenge=challenge, wall=wall, sig=b"")
    return msgspec.structs.replace(draft, sig=key.sign(_digest(device_id, draft)))


def is_authentic(public_key: bytes, device_id: bytes, message: HelloRequest) -> bool:
    """Return whether a hello was signed by the counter's key over the challenge it names."""
    try:
        signed = _digest(device_id, message)
    except OverflowError:  # a number no hello can have, so nobody signed it
        return False
    return verify(public_key, signed, message.sig)


def rejoin(
    key: SigningKey, device_id: bytes, *, seen_epoch: int, nonce: bytes, challenge: bytes, wall: int
) -> RejoinRequest:
    """Return the signed wish of a counter for a new epoch after `seen_epoch`; `wall` is its clock."""
    signature = key.sign(digest(_REJOIN_TAG, device_id, seen_epoch, nonce, challenge, wall))
    return RejoinRequest(seen_epoch=seen_epoch, nonce=nonce, challenge=challenge, wall=wall, sig=signature)


def is_authentic_rejoin(public_key: bytes, device_id: bytes, message: RejoinRequest) -> bool:
    """Return whether a rejoin was signed by the counter's key over the challenge it names."""
    try:
        parts = (message.seen_epoch, message.nonce, message.challenge, message.wall)
        signed = digest(_REJOIN_TAG, device_id, *parts)
    except OverflowError:  # a number no rejoin can have, so nobody signed it
        return False
    return verify(public_key, signed, message.sig)


def _digest(device_id: bytes, said: HelloRequest) -> bytes:
    return digest(_TAG, device_id, said.epoch, said.seq, said.head, said.receipt, said.challenge, said.wall)

"""The signed hello by which a counter proves itself and opens a session.

Must never sign without the centre's challenge, so that a recorded hello is worth nothing.
"""

import msgspec

from urs_desktop.protocol.messages import HelloRequest
from urs_desktop.protocol.preimage import digest
from urs_desktop.protocol.signatures import SigningKey, verify

_TAG = "URS hello 2"


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


def _digest(device_id: bytes, said: HelloRequest) -> bytes:
    return digest(_TAG, device_id, said.epoch, said.seq, said.head, said.receipt, said.challenge, said.wall)

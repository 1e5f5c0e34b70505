"""The signed hello by which a counter proves itself and opens a session.

Must never sign without the centre's challenge, so that a recorded hello is worth nothing.
"""

from urs_desktop.protocol.messages import HelloRequest
from urs_desktop.protocol.preimage import digest
from urs_desktop.protocol.signatures import SigningKey, verify

_TAG = "URS hello 1"


def hello(
    key: SigningKey, device_id: bytes, *, epoch: int, seq: int, head: bytes, challenge: bytes, wall: int
) -> HelloRequest:
    """Return the signed hello of a counter whose chain stands at `seq` with hash `head`; `wall` is its clock."""
    signature = key.sign(digest(_TAG, device_id, epoch, seq, head, challenge, wall))
    return HelloRequest(epoch=epoch, seq=seq, head=head, challenge=challenge, wall=wall, sig=signature)


def is_authentic(public_key: bytes, device_id: bytes, message: HelloRequest) -> bool:
    """Return whether a hello was signed by the counter's key over the challenge it names."""
    try:
        signed = digest(_TAG, device_id, message.epoch, message.seq, message.head, message.challenge, message.wall)
    except OverflowError:  # a number no hello can have, so nobody signed it
        return False
    return verify(public_key, signed, message.sig)

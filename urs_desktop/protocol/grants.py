"""The centre's signature over a grant, by which a counter knows points to be set aside without a connection.

Bound to one counter, one epoch and one lease, with absolute numbers: a copy or a replay adds nothing.
"""

from urs_desktop.protocol.messages import GrantReply
from urs_desktop.protocol.preimage import digest
from urs_desktop.protocol.signatures import SigningKey, verify

_TAG = "URS grant 1"


def grant(
    key: SigningKey,
    device_id: bytes,
    *,
    lease_id: str,
    epoch: int,
    card: str,
    granted: int,
    spend_until: int,
    lasts: int = 0,
) -> GrantReply:
    """Return the signed grant of `granted` points of the card's wallet to a counter; `lasts` is not signed."""
    signature = key.sign(digest(_TAG, device_id, lease_id, epoch, card, granted, spend_until))
    return GrantReply(
        lease_id=lease_id,
        epoch=epoch,
        card=card,
        granted=granted,
        spend_until=spend_until,
        sig=signature,
        lasts=lasts,
    )


def is_authentic(central_key: bytes, device_id: bytes, reply: GrantReply) -> bool:
    """Return whether the central store signed this grant for this counter."""
    try:
        signed = digest(_TAG, device_id, reply.lease_id, reply.epoch, reply.card, reply.granted, reply.spend_until)
    except OverflowError:  # a number no grant can have, so nobody signed it
        return False
    return verify(central_key, signed, reply.sig)

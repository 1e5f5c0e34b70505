"""Grants that a customer's phone carries while the counter has no connection, as texts for QR codes.

The counter shows its request, signed; the phone takes it to the central store on its own data plan and shows the
answer, which is signed too and bound to this counter, this lease and these points. The phone is a wire and nothing
more: what it changes, keeps or shows twice is worth nothing. Must never carry a personal field.
"""

import base64
import binascii
from typing import Final

import msgspec

from urs_desktop.protocol.codec import MalformedError, decode, encode
from urs_desktop.protocol.messages import GrantReply, GrantRequest, Message
from urs_desktop.protocol.preimage import digest
from urs_desktop.protocol.signatures import SigningKey, verify

GRANT: Final = "URSG1."
"""How the text of a grant begins, by which a counter tells it from other codes."""

MOST_TEXT: Final = 1_500
"""No request or grant is longer: what is, is not even looked at."""

_TAG: Final = "URS carried request 1"
_PADDING: Final = 4


class CarriedRequest(Message, frozen=True, kw_only=True):
    """A counter's request for an exact grant, signed so that anybody may bring it."""

    device_id: bytes
    request: GrantRequest
    sig: bytes


def request_text(key: SigningKey, device_id: bytes, request: GrantRequest) -> str:
    """Return a counter's signed request as text: base64url without padding, good as part of a path."""
    signature = key.sign(_signed(device_id, request))
    return _text(CarriedRequest(device_id=device_id, request=request, sig=signature))


def read_request(text: str) -> CarriedRequest:
    """Return the request a text carries; raises MalformedError."""
    return decode(_data(text), CarriedRequest)


def is_authentic(public_key: bytes, carried: CarriedRequest) -> bool:
    """Return whether the counter it names signed this request."""
    try:
        signed = _signed(carried.device_id, carried.request)
    except OverflowError:  # a number no request can have, so nobody signed it
        return False
    return verify(public_key, signed, carried.sig)


def grant_text(reply: GrantReply) -> str:
    """Return a grant as text."""
    return GRANT + _text(reply)


def read_grant(text: str) -> GrantReply:
    """Return the grant a text carries, whoever made it; raises MalformedError."""
    if not text.startswith(GRANT):
        raise MalformedError("this is no grant")
    return decode(_data(text.removeprefix(GRANT)), GrantReply)


def _signed(device_id: bytes, request: GrantRequest) -> bytes:
    numbers = (request.epoch, request.want, request.total, request.policy_version)
    return digest(_TAG, device_id, request.lease_id, request.card, request.policy_id, *numbers)


def _text(message: msgspec.Struct) -> str:
    return base64.urlsafe_b64encode(encode(message)).decode().rstrip("=")


def _data(text: str) -> bytes:
    if len(text) > MOST_TEXT:
        raise MalformedError("a carried text is never so long")
    try:
        return base64.b64decode(text + "=" * (-len(text) % _PADDING), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("this is not a carried text") from error

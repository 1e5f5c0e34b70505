"""Enrolling a counter: spend the one-time code, keep the identity, end with the first fill.

Asking again after a lost reply gets the same identity, because the key is the same. Must never trust a certificate the
code does not vouch for.
"""

import platform

from urs_desktop.counter.sync.transport import Transport, fetch_ca
from urs_desktop.counter.values import Identity
from urs_desktop.domain.currency import currency
from urs_desktop.domain.policy import Category
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.enrolment_code import from_text
from urs_desktop.protocol.messages import EnrolReply, EnrolRequest

_LONGEST_NAME = 64


def enrol(central_url: str, code_text: str, public_key: bytes) -> Identity:
    """Spend an enrolment code and return who this counter is now.

    Raises Refusal with the centre's reason, CentralDistrustedError when another store answers, and
    CentralUnavailableError when none does.
    """
    code = from_text(code_text)
    certificate = fetch_ca(central_url, code)
    transport = Transport(central_url, certificate)
    try:
        request = EnrolRequest(
            secret=code.secret, public_key=public_key, name=platform.node()[:_LONGEST_NAME] or "counter"
        )
        reply = transport.post(endpoints.ENROL, request, EnrolReply)
    finally:
        transport.close()
    vendor = reply.vendor
    return Identity(
        device_id=reply.device_id,
        number=reply.number,
        epoch=reply.epoch,
        nonce=reply.nonce,
        vendor_id=vendor.vendor_id,
        vendor_name=vendor.name,
        category=Category(vendor.category),
        currency=currency(vendor.currency),
        location=vendor.location,
        central_url=central_url,
        central_key=reply.central_key,
        ca_certificate=certificate,
    )

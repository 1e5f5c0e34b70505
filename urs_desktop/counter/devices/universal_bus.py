"""A printer on USB, by its vendor's and product's number, without the system's driver.

Needs libusb on the machine. Must never keep the printer between two jobs: another program may want it.
"""

import errno
import threading
from collections.abc import Callable
from typing import Any, Final

import usb.core
import usb.util

from urs_desktop.counter.devices import pacing
from urs_desktop.counter.print_ports import PrinterError, Trouble

_WRITE_MS: Final = 2_000
_TIMED_OUT: Final = frozenset({errno.ETIMEDOUT, 10060})
Find = Callable[..., Any]


def deliver(
    vendor: int,
    product: int,
    data: bytes,
    stop: threading.Event,
    find: Find = usb.core.find,
    still_s: float = pacing.STILL_S,
) -> None:
    """Give the printer all of `data`; raises PrinterError."""
    try:
        device = find(idVendor=vendor, idProduct=product)
    except usb.core.NoBackendError as error:
        raise PrinterError(Trouble.SYSTEM, reached=False, detail=str(error)) from error
    if device is None:
        raise PrinterError(Trouble.NOT_FOUND, reached=False)
    try:
        outlet, interface = _outlet(device)
    except OSError as error:  # usb.core.USBError is one
        trouble = pacing.trouble_of(error, Trouble.REFUSED)
        raise PrinterError(trouble, reached=False, detail=str(error)) from error
    if outlet is None:
        raise PrinterError(Trouble.NOT_FOUND, reached=False, detail="no bulk endpoint to write to")
    try:
        pacing.hand_over(lambda piece: _write(outlet, piece), data, stop, still_s)
    finally:
        usb.util.release_interface(device, interface)
        usb.util.dispose_resources(device)


def _outlet(device: Any) -> tuple[Any, Any]:  # noqa: ANN401 - pyusb is not typed
    """Return the endpoint to write to and its interface, claimed; raises USBError."""
    configuration = device.get_active_configuration()
    for interface in configuration:
        outlet = usb.util.find_descriptor(interface, custom_match=_takes_bulk)
        if outlet is not None:
            number = interface.bInterfaceNumber
            try:
                if device.is_kernel_driver_active(number):
                    device.detach_kernel_driver(number)
            except NotImplementedError:
                pass  # this system has no driver that would hold it
            usb.util.claim_interface(device, interface)
            return outlet, interface
    return None, None


def _takes_bulk(endpoint: Any) -> bool:  # noqa: ANN401 - pyusb is not typed
    outwards = usb.util.endpoint_direction(endpoint.bEndpointAddress) == usb.util.ENDPOINT_OUT
    return bool(outwards and usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK)


def _write(outlet: Any, piece: bytes) -> int:  # noqa: ANN401 - pyusb is not typed
    try:
        return int(outlet.write(piece, _WRITE_MS))
    except usb.core.USBTimeoutError as error:  # some of the piece may be out, and nobody says how much
        raise PrinterError(Trouble.STALLED, reached=True, detail=str(error)) from error

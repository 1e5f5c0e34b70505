"""The one-time code that enrols a counter: a secret and the fingerprint of the central store's CA, to read or paste.

Carrying the fingerprint means there is no moment in which a stranger's certificate is trusted. Must never be shorter
than what makes a second CA with the same fingerprint infeasible (128 bits).
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from urs_desktop.domain.refusals import Refusal, RefusalCode

SECRET_BYTES: Final = 10
FINGERPRINT_BYTES: Final = 16
_CHECK_BYTES: Final = 2
_GROUP: Final = 5
_BITS_PER_CHARACTER: Final = 5
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U; what people read as them is taken for 1, 1 and 0."""
_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A one-time secret (10 bytes) and the first 16 bytes of SHA-256 over the CA certificate (DER)."""

    secret: bytes
    fingerprint: bytes

    def matches(self, ca_certificate: bytes) -> bool:
        """Return whether the code was made for this CA certificate (DER)."""
        return secrets.compare_digest(fingerprint(ca_certificate), self.fingerprint)


def fingerprint(ca_certificate: bytes) -> bytes:
    """Return the 16-byte fingerprint of a certificate in DER."""
    return hashlib.sha256(ca_certificate).digest()[:FINGERPRINT_BYTES]


def new_code(ca_certificate: bytes) -> EnrolmentCode:
    """Return a fresh code for a central store with this CA certificate (DER)."""
    return EnrolmentCode(secrets.token_bytes(SECRET_BYTES), fingerprint(ca_certificate))


def to_text(code: EnrolmentCode) -> str:
    """Return the code as groups of five letters and digits, its last characters a check sum."""
    payload = code.secret + code.fingerprint
    number = int.from_bytes(payload + _check(payload), "big")
    length = -(-(len(payload) + _CHECK_BYTES) * 8 // _BITS_PER_CHARACTER)
    text = "".join(_ALPHABET[number >> _BITS_PER_CHARACTER * place & 31] for place in reversed(range(length)))
    return "-".join(text[start : start + _GROUP] for start in range(0, length, _GROUP))


def from_text(text: str) -> EnrolmentCode:
    """Read a code as people copy it (spaces, dashes, case and I/L/O forgiven).

    Raises Refusal(ENROLMENT_CODE_MALFORMED) when the check sum does not fit.
    """
    characters = "".join(c for c in text.upper().translate(_MISREAD) if c not in "- \t\r\n")
    size = SECRET_BYTES + FINGERPRINT_BYTES + _CHECK_BYTES
    if len(characters) != -(-size * 8 // _BITS_PER_CHARACTER) or any(c not in _ALPHABET for c in characters):
        raise Refusal(RefusalCode.ENROLMENT_CODE_MALFORMED)
    number = 0
    for character in characters:
        number = number << _BITS_PER_CHARACTER | _ALPHABET.index(character)
    if number >> size * 8:
        raise Refusal(RefusalCode.ENROLMENT_CODE_MALFORMED)
    data = number.to_bytes(size, "big")
    payload = data[:-_CHECK_BYTES]
    if data[-_CHECK_BYTES:] != _check(payload):
        raise Refusal(RefusalCode.ENROLMENT_CODE_MALFORMED)
    return EnrolmentCode(payload[:SECRET_BYTES], payload[SECRET_BYTES:])


def _check(payload: bytes) -> bytes:
    return hashlib.sha256(b"URS enrolment code 1" + payload).digest()[:_CHECK_BYTES]

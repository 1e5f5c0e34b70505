"""A small secret for each person that only their PIN opens, and marks by which badges are known.

The PIN is never compared and never kept: Argon2id over HMAC(pepper, id, PIN) gives a key, and AES-GCM says whether it
fits. The pepper is not in the database, so a stolen row alone is worth nothing, and the id is authenticated, so one's
own row put in the place of somebody else's opens nothing. Must never log, return or raise a PIN or a badge.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from urs_desktop.system.envelope import (
    KEY_BYTES,
    SALT_BYTES,
    USUAL,
    Cost,
    DamagedError,
    WrongSecretError,
    close,
    cost_of,
    derive,
    opened,
)

_TAG: Final = b"URS pin/1\x00"
_BADGE_TAG: Final = b"URS badge/1\x00"


@dataclass(frozen=True, slots=True)
class PinVault:
    """Seals and opens people's secrets with a pepper (32 bytes) that is kept outside the database."""

    pepper: bytes = field(repr=False)
    cost: Cost = USUAL

    def seal(self, identifier: str, pin: str) -> bytes:
        """Return a fresh secret of this person's, sealed so that this PIN opens it; takes as long as a guess does."""
        return close(self._peppered(identifier, pin), secrets.token_bytes(KEY_BYTES), _label(identifier), self.cost)

    def opens(self, identifier: str, pin: str, sealed: bytes) -> bool:
        """Return whether this PIN opens what was sealed for this person; a damaged seal is opened by none."""
        try:
            opened(self._peppered(identifier, pin), sealed, _label(identifier))
        except (WrongSecretError, DamagedError, OverflowError, ValueError):  # or what is tried could be nobody's PIN
            return False
        return True

    def is_current(self, sealed: bytes) -> bool:
        """Return whether a guess at this seal costs what one should cost now."""
        return cost_of(sealed) == self.cost

    def waste(self) -> None:
        """Take as long as a guess at somebody's PIN, so that nobody learns who there is by the time it takes."""
        derive(self._peppered("", ""), bytes(SALT_BYTES), self.cost)

    def badge_mark(self, badge: str) -> bytes:
        """Return the mark (32 bytes) by which a badge is known; without the pepper it says nothing about the badge."""
        return hmac.digest(self.pepper, _BADGE_TAG + badge.encode(), sha256)

    def _peppered(self, identifier: str, pin: str) -> bytes:
        name = identifier.encode()
        return hmac.digest(self.pepper, _TAG + len(name).to_bytes(2, "big") + name + pin.encode(), sha256)


def _label(identifier: str) -> bytes:
    return _TAG + identifier.encode()

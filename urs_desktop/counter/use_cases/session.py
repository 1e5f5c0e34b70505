"""Who is signed in at a counter now, and what they may do.

A counter without staff asks nobody: everything is allowed. As soon as there is staff, nobody signed in means nothing is
allowed. Must never be kept on disk: after a start everybody signs in anew.
"""

from dataclasses import dataclass

from urs_desktop.domain.permissions import ALLOWED, Permission, Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works at this counter, as others may see them."""

    code: str
    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Return whether their role allows it."""
        return permission in ALLOWED[self.role]


class Session:
    """Who is signed in at one counter; every question is answered at once, from any thread."""

    def __init__(self) -> None:
        """Begin with nobody, at a counter that is not known to have staff."""
        self._staffed = False
        self._person: Person | None = None
        self._last: Person | None = None

    @property
    def staffed(self) -> bool:
        """Return whether this counter has staff, so that somebody has to sign in."""
        return self._staffed

    @property
    def person(self) -> Person | None:
        """Return who is signed in."""
        return self._person

    @property
    def last(self) -> Person | None:
        """Return who is signed in, or was last without having signed out: the sale in hand is theirs."""
        return self._person or self._last

    @property
    def operator(self) -> str | None:
        """Return the code that operations are signed with; None while nobody is signed in."""
        person = self._person
        return None if person is None else person.code

    @property
    def is_locked(self) -> bool:
        """Return whether somebody has to sign in before anything else."""
        return self._staffed and self._person is None

    def may(self, permission: Permission) -> bool:
        """Return whether who is signed in may do this by themselves."""
        person = self._person
        return not self._staffed if person is None else person.may(permission)

    def know_staff(self) -> None:
        """Note that the counter has staff; that never ends."""
        self._staffed = True

    def trust(self) -> None:
        """Ask nobody to sign in in this process: its commands are given by who may open the data folder."""
        self._staffed = False

    def enter(self, person: Person) -> None:
        """Note who signed in."""
        self._staffed = True
        self._person, self._last = person, person

    def lock(self) -> Person | None:
        """Note that nobody is signed in for now, and return who was; whose sale is in hand stays known."""
        person, self._person = self._person, None
        return person

    def leave(self) -> Person | None:
        """Note that who was signed in, or was last, is gone, and return who was signed in."""
        person, self._person, self._last = self._person, None, None
        return person

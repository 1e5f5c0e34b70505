"""Which key does what: one table of actions, each with its key, some of them bound otherwise at this counter.

Must never leave an action without a key, nor a key with two.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from urs_desktop.domain.refusals import Refusal, RefusalCode


class Action(StrEnum):
    """What a key can do while selling; stored with the preferences, so a name keeps its meaning."""

    HELP = "help"
    SEARCH = "search"
    CUSTOMER = "customer"
    REDEEM = "redeem"
    QUANTITY = "quantity"
    PRICE = "price"
    HOLD = "hold"
    RECALL = "recall"
    REFUND = "refund"
    DRAWER = "drawer"
    MENU = "menu"
    PAY = "pay"
    SHIFT = "shift"


DEFAULTS: Final[dict[Action, str]] = {
    **{action: f"F{number}" for number, action in enumerate(Action, 1)},
    Action.SHIFT: "Insert",
}
"""The key of every action where nobody chose another: F1 to F12 in the order of the actions, then what is left."""

KEYS: Final = (
    *(f"F{number}" for number in range(1, 25)),
    *("Insert", "Home", "End", "PageUp", "PageDown", "ScrollLock", "Print", "Menu", "Help"),
)
"""The keys that can be bound: none that types, edits or moves."""


class KeyBindings:
    """The keys of one counter."""

    def __init__(self, chosen: Mapping[str, str]) -> None:
        """Take what was chosen, action to key; what is unknown, or would leave two on one key, keeps its default."""
        keys = dict(DEFAULTS)
        for name, key in chosen.items():
            if name in set(Action) and key in KEYS:
                keys[Action(name)] = key
        if len(set(keys.values())) < len(keys):
            keys = dict(DEFAULTS)
        self._keys = keys

    def key(self, action: Action) -> str:
        """Return the name of the key that does this."""
        return self._keys[action]

    def action(self, key: str) -> Action | None:
        """Return what this key does, or None."""
        return next((action for action, bound in self._keys.items() if bound == key), None)

    def with_key(self, action: Action, key: str) -> dict[str, str]:
        """Return what is chosen once this action has this key, action to key, defaults left out.

        Raises Refusal(KEY_NOT_BINDABLE), or KEY_TAKEN by another action.
        """
        if key not in KEYS:
            raise Refusal(RefusalCode.KEY_NOT_BINDABLE, key=key)
        other = self.action(key)
        if other is not None and other is not action:
            raise Refusal(RefusalCode.KEY_TAKEN, key=key)
        keys = {**self._keys, action: key}
        return {each.value: bound for each, bound in keys.items() if bound != DEFAULTS[each]}

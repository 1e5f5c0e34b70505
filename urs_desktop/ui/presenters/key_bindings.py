"""Which key does what: one table of actions, each with its key, some of them bound otherwise at this counter.

Enter, Esc, Tab, the arrows, `*` and `?` keep their meaning everywhere. Must never leave an action without a key, nor a
key with two.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from urs_desktop.domain.refusals import Refusal, RefusalCode


class Action(StrEnum):
    """What a key can do; stored with the preferences, so a name keeps its meaning."""

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
    VOID = "void"
    LOCK = "lock"
    THEME = "theme"


_FUNCTION_KEYS: Final = 12

DEFAULTS: Final[dict[Action, str]] = {
    **{action: f"F{number}" for number, action in enumerate(tuple(Action)[:_FUNCTION_KEYS], 1)},
    Action.SHIFT: "Insert",
    Action.VOID: "Delete",
    Action.LOCK: "Pause",
    Action.THEME: "Ctrl+T",
}
"""The key of every action where nobody chose another: F1 to F12, in the order of the actions, and four more."""

KEYS: Final = (
    *(f"F{number}" for number in range(1, 25)),
    *("Insert", "Delete", "Home", "End", "PageUp", "PageDown", "Pause", "ScrollLock", "Print", "Menu", "Help"),
    *(f"Ctrl+{letter}" for letter in "BDEFGHIJKMNOPQRSTUW"),
)
"""The keys that can be bound: none that types or moves; those of letters that edit a text (A C V X Y Z) stay theirs."""

_MARKED: Final = re.compile(rf"\(({'|'.join(re.escape(key) for key in DEFAULTS.values())})\)")


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
        self._actions = {key: action for action, key in keys.items()}

    def key(self, action: Action) -> str:
        """Return the name of the key that does this."""
        return self._keys[action]

    def action(self, key: str) -> Action | None:
        """Return what this key does, or None."""
        return self._actions.get(key)

    def meant(self, key: str) -> str:
        """Return the key that stands for the same where keys have their defaults: what screens are written for.

        Empty for a default that does nothing here any more, because its action has another key.
        """
        action = self._actions.get(key)
        if action is not None:
            return DEFAULTS[action]
        return "" if key in _OF_DEFAULT else key

    def words(self, text: str) -> str:
        """Return a text with the keys in brackets that do here what it says: `Pay (F12)` may become `Pay (End)`."""
        return _MARKED.sub(lambda found: f"({self._keys[_OF_DEFAULT[found[1]]]})", text)

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


_OF_DEFAULT: Final = {key: action for action, key in DEFAULTS.items()}

"""Which key does what: defaults, choices, and choices that cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.key_bindings import DEFAULTS, KEYS, Action, KeyBindings

choices = st.dictionaries(
    st.sampled_from([*(action.value for action in Action), "unknown"]), st.sampled_from([*KEYS, "A", "Return", ""])
)


def test_f1_to_f12_in_the_order_of_the_actions_and_four_more() -> None:
    bindings = KeyBindings({})
    assert [bindings.key(action) for action in Action] == [f"F{n}" for n in range(1, 13)] + [
        "Insert",
        "Delete",
        "Pause",
        "Ctrl+T",
    ]
    assert (bindings.key(Action.HELP), bindings.key(Action.PAY)) == ("F1", "F12")
    assert bindings.key(Action.SHIFT) == "Insert"


@given(choices)
def test_whatever_was_kept_every_action_has_a_key_of_its_own(chosen: dict[str, str]) -> None:
    bindings = KeyBindings(chosen)
    keys = [bindings.key(action) for action in Action]
    assert len(set(keys)) == len(Action)
    assert set(keys) <= set(KEYS)
    for action in Action:
        assert bindings.action(bindings.key(action)) is action


def test_another_key() -> None:
    chosen = KeyBindings({}).with_key(Action.PAY, "End")
    assert chosen == {"pay": "End"}
    bindings = KeyBindings(chosen)
    assert (bindings.key(Action.PAY), bindings.action("F12")) == ("End", None)
    assert bindings.with_key(Action.PAY, DEFAULTS[Action.PAY]) == {}


@pytest.mark.parametrize(
    ("key", "code"),
    [("F1", RefusalCode.KEY_TAKEN), ("A", RefusalCode.KEY_NOT_BINDABLE), ("Return", RefusalCode.KEY_NOT_BINDABLE)],
)
def test_what_cannot_be_bound(key: str, code: RefusalCode) -> None:
    with pytest.raises(Refusal) as refused:
        KeyBindings({}).with_key(Action.PAY, key)
    assert refused.value.code is code


def test_what_a_key_stands_for() -> None:
    bindings = KeyBindings({"pay": "End", "hold": "F12"})
    assert [bindings.meant(key) for key in ("End", "F12", "F7", "F8", "A", "")] == ["F12", "F7", "", "F8", "A", ""]


def test_words_name_the_key_that_is_bound() -> None:
    bindings = KeyBindings({"pay": "End", "hold": "F12", "theme": "Ctrl+D"})
    assert bindings.words("Pay (F12), hold (F7), recall (F8)") == "Pay (End), hold (F12), recall (F8)"
    assert bindings.words("F7 (F13) (Esc) (Ctrl+T)") == "F7 (F13) (Esc) (Ctrl+D)"


@given(choices)
def test_every_action_is_meant_by_its_key(chosen: dict[str, str]) -> None:
    bindings = KeyBindings(chosen)
    for action in Action:
        assert bindings.meant(bindings.key(action)) == DEFAULTS[action]
        assert bindings.words(f"({DEFAULTS[action]})") == f"({bindings.key(action)})"

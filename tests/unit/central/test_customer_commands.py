"""What is done to single customers on the command line: blocked, forgotten by counters, merged, erased."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from urs_desktop.central import cli
from urs_desktop.protocol.tombstones import mark

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The commands over a store with the operator boss and the customers C-1 (Ann) and C-2 (Bob)."""

    def call(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["--data-dir", str(tmp_path / "store"), *arguments])
        output = capsys.readouterr()
        return status, output.out.strip(), output.err.strip()

    password, people = tmp_path / "password", tmp_path / "people.csv"
    password.write_text("a good password\n")
    people.write_text("code,name,phone\nC-1,Ann,0113 4960001\nC-2,Bob,0113 4960002\n")
    said(call("init", "--admin", "boss", "--admin-password-file", str(password)))
    said(call("customer", "import", str(people)))
    return call


def said(answer: tuple[int, str, str]) -> str:
    status, out, err = answer
    assert (status, err) == (0, "")
    return out


def refused(answer: tuple[int, str, str]) -> str:
    status, out, err = answer
    assert (status, out) == (1, "")
    assert err.endswith(".")
    assert len(err.splitlines()) == 1
    return err


def document(store: Run, *command: str) -> Any:  # noqa: ANN401 - a JSON document
    return json.loads(said(store(*command, "--json")))


def test_block_and_unblock(store: Run) -> None:
    assert said(store("customer", "block", "C-1")) == "The customer is blocked."
    assert document(store, "customer", "block", "C-1") == {"code": "C-1", "blocked": True, "changed": False}
    assert document(store, "customer", "show", "C-1")["blocked"] is True
    assert said(store("customer", "unblock", "C-1")) == "The customer is no longer blocked."
    assert document(store, "customer", "show", "C-1")["blocked"] is False
    assert "no customer" in refused(store("customer", "block", "C-9"))


def test_consent_is_withdrawn_once(store: Run) -> None:
    assert said(store("customer", "withdraw", "C-1")) == "The consent is withdrawn."
    assert said(store("customer", "withdraw", "C-1")) == "There was no consent."
    assert document(store, "customer", "show", "C-1")["name"] == "Ann"


def test_the_window(store: Run) -> None:
    assert said(store("customer", "window")) == "180"
    assert document(store, "customer", "window", "30") == {"days": 30}
    assert said(store("customer", "window")) == "30"
    assert "1 to 3650" in refused(store("customer", "window", "0"))


def test_merge(store: Run) -> None:
    merge = ("customer", "merge", "C-1", "C-2", "--reason", "enrolled twice")
    assert "no operator eve" in refused(store(*merge, "--by", "eve"))
    assert said(store(*merge, "--by", "boss")) == "The customers are merged."
    assert document(store, "customer", "show", "C-1")["code"] == "C-2"
    assert "merged before" in refused(store(*merge, "--by", "boss"))
    assert store("verify")[0] == 0


def test_erase_and_erase_again_in_a_restored_store(store: Run, tmp_path: Path) -> None:
    number = document(store, "customer", "show", "C-1")["customer_id"]
    assert "no operator eve" in refused(store("customer", "erase", "C-1", "--by", "eve"))
    assert document(store, "customer", "erase", "C-1", "--by", "boss") == {"erased": [number]}
    assert "erased" in refused(store("customer", "show", "C-1"))
    listed = document(store, "customer", "erasures")
    assert [line["customer_id"] for line in listed] == [number]
    assert "C-1" not in json.dumps(listed)
    file = tmp_path / "erasures.json"
    file.write_text(json.dumps(listed))
    assert document(store, "customer", "erasures", "--apply", str(file)) == {"erased": 0}
    bob = document(store, "customer", "show", "C-2")["customer_id"]
    file.write_text(json.dumps([{**listed[0], "customer_id": bob, "mark": mark("C-2")}]))
    assert document(store, "customer", "erasures", "--apply", str(file)) == {"erased": 1}
    assert "erased" in refused(store("customer", "show", "C-2"))
    assert store("verify")[0] == 0


@pytest.mark.parametrize("content", ["", "[1]", '[{"customer_id": "x"}]', "{}"])
def test_a_file_that_is_no_list(store: Run, tmp_path: Path, content: str) -> None:
    file = tmp_path / "erasures.json"
    file.write_text(content)
    assert "no list of erasures" in refused(store("customer", "erasures", "--apply", str(file)))
    assert str(file) in refused(store("customer", "erasures", "--apply", str(file)))

"""`urs-desktop staff` on a data folder of its own, at the real cost of a PIN; and no PIN in any of its files."""

import json
from pathlib import Path

import pytest

from tests.builders import make_identity
from urs_desktop.desktop import main
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.wiring import open_counter

PIN, OTHER, BADGE = "284619", "730514", "STAFF-BADGE-ANNA"


class Folder:
    """A counter's data folder and what its command line says."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self._capsys = path / "data", capsys
        self._secrets = path
        self.path.mkdir()
        self.passphrase = self.file("passphrase", "four words of a passphrase")

    def file(self, name: str, text: str) -> Path:
        path = self._secrets / name
        path.write_text(f"{text}\n", encoding="utf-8")
        return path

    def run(self, *arguments: str | Path, status: int = 0) -> str:
        """Run `staff` with these arguments and return what it said."""
        given = ["--data-dir", self.path, "--passphrase-file", self.passphrase, "staff", *arguments]
        assert main([str(each) for each in given]) == status
        out, err = self._capsys.readouterr()
        return (err if status else out).strip()


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    folder = Folder(tmp_path, capsys)
    counter = open_counter(folder.path, folder.passphrase)
    counter.store.write(lambda book: book.settings.put_identity(make_identity()))
    counter.store.close()
    return folder


def test_from_nobody_to_a_counter_where_people_sign_in(folder: Folder) -> None:
    pin, other, badge = folder.file("pin", PIN), folder.file("other", OTHER), folder.file("badge", BADGE)
    assert folder.run("list").startswith("Nobody is set up")
    cashier = ("add", "7", "--name", "Cas", "--role", "cashier", "--pin-file", other)
    assert "has to be a manager" in folder.run(*cashier, status=1)
    manager = ("add", "anna", "--name", "Anna L", "--role", "manager", "--pin-file", pin, "--badge-file", badge)
    assert folder.run(*manager) == "ANNA is added and may sign in."
    assert folder.run(*cashier) == "7 is added and may sign in."
    assert "somebody else's" in folder.run(*cashier, status=1)
    assert folder.run("list") == "7: Cas, cashier.\nANNA: Anna L, manager, with a badge."
    counter = open_counter(folder.path, folder.passphrase)
    staffing = counter.staffing()
    assert counter.recorder.session.is_locked
    assert not counter.recorder.session.may(Permission.SELL)
    assert staffing.sign_in.by_badge(BADGE).code == "ANNA"
    assert staffing.sign_in.by_pin("7", OTHER).code == "7"
    with pytest.raises(Refusal) as refused:
        staffing.people.reset("ANNA")
    assert refused.value.code is RefusalCode.NOT_ALLOWED
    counter.store.close()
    assert folder.run("pin", "7", "--pin-file", pin) == "7 has a new PIN."
    assert folder.run("disable", "7") == "7 may no longer sign in."
    assert folder.run("reset", "7") == "7 may try again at once."
    assert "no manager but Anna L" in folder.run("disable", "ANNA", status=1)
    document = json.loads(folder.run("list", "--json"))
    assert document["staff"][0] == {
        "code": "7",
        "name": "Cas",
        "role": "cashier",
        "active": False,
        "badge": False,
        "locked": False,
    }
    for path in folder.path.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not any(secret.encode() in data for secret in (PIN, OTHER, BADGE)), path


@pytest.mark.parametrize(("text", "said"), [("", "6 to 12 digits"), ("123456", "easy to guess"), ("\xff", "6 to 12")])
def test_a_pin_file_that_holds_none(folder: Folder, text: str, said: str) -> None:
    pin = folder.file("pin", text)
    assert said in folder.run("add", "A", "--name", "A", "--role", "manager", "--pin-file", pin, status=1)
    assert folder.run("list").startswith("Nobody")


def test_a_pin_file_that_is_not_there(folder: Folder) -> None:
    said = folder.run("pin", "A", "--pin-file", folder.path / "none", status=1)
    assert "No such file" in said
    assert "Nobody at this counter" in folder.run("reset", "A", status=1)


def test_a_pin_is_never_taken_from_the_command_line(folder: Folder) -> None:
    with pytest.raises(SystemExit) as ended:
        folder.run("pin", "A", "--pin", PIN)
    assert ended.value.code == 2

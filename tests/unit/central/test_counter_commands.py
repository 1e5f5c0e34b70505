"""Taking a counter out of service from the command line: what is said, and what is so afterwards."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.central.till import NOW, CountedRandomness
from urs_desktop.central import accounts, bootstrap, cli, origin, standing
from urs_desktop.protocol.enrolment_code import from_text
from urs_desktop.protocol.messages import EnrolRequest
from urs_desktop.protocol.signatures import SigningKey

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A store with one vendor, answering commands that succeed."""

    def call(*arguments: str) -> str:
        assert cli.main(["--data-dir", str(tmp_path / "store"), *arguments]) == 0
        return capsys.readouterr().out.strip()

    password = tmp_path / "password"
    password.write_text("a good password\n")
    call("init", "--admin", "boss", "--admin-password-file", str(password))
    return call


@pytest.fixture
def counter(run: Run, tmp_path: Path) -> str:
    """The id of an enrolled counter."""
    vendor = run("vendor", "add", "--name", "Shop", "--category", "medium")
    code = from_text(run("counter", "code", "--vendor", vendor))
    request = EnrolRequest(secret=code.secret, public_key=SigningKey(b"k" * 32).public_key, name="Till")
    with bootstrap.opened(bootstrap.place(tmp_path / "store", None)) as central, central.database.write() as connection:
        return accounts.enrol(connection, request, NOW, CountedRandomness(), b"c" * 32).device_id.hex()


def test_a_counter_is_revoked(run: Run, counter: str) -> None:
    assert json.loads(run("counter", "revoke", counter, "--json"))["state"] == "revoked"
    assert json.loads(run("counter", "list", "--json"))[0]["state"] == "revoked"
    run("verify")


def test_a_quarantined_counter_is_released(run: Run, counter: str, tmp_path: Path) -> None:
    release = ("counter", "release", counter, "--by", "boss", "--reason", "one machine was taken away")
    assert run(*release) == "Counter 1 of Shop was not quarantined."
    with bootstrap.opened(bootstrap.place(tmp_path / "store", None)) as central, central.database.write() as connection:
        till = origin.counter(connection, bytes.fromhex(counter), locked=True)
        standing.quarantine(connection, till, standing.REJOINED_TOO_OFTEN, "6 times", NOW)
    assert json.loads(run("counter", "list", "--json"))[0]["state"] == "quarantined"
    assert run(*release) == "Counter 1 of Shop is released from quarantine."
    assert json.loads(run("counter", "list", "--json"))[0]["state"] == "active"
    run("verify")


def test_a_revoked_counter_is_not_released(run: Run, counter: str, tmp_path: Path) -> None:
    run("counter", "revoke", counter)
    release = ["counter", "release", counter, "--by", "boss", "--reason", "found"]
    assert cli.main(["--data-dir", str(tmp_path / "store"), *release]) == 1
    assert json.loads(run("counter", "list", "--json"))[0]["state"] == "revoked"


def test_a_lost_counter_is_reported_with_what_it_held(run: Run, counter: str) -> None:
    said = run("counter", "lost", counter)
    assert said.startswith("Counter 1 of Shop is revoked. 0 points it held in 0 leases are their customers' again.")
    document = json.loads(run("counter", "lost", counter, "--json"))
    assert (document["device"], document["state"]) == (counter, "revoked")
    figures = ("leases_reclaimed", "points_reclaimed", "points_late_at_most")
    assert [document[name] for name in figures] == [0, 0, 0]
    run("verify")

"""How the commands are called: help, exit statuses, options on either side, one JSON document, ids that stand alone."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end import books
from tests.end_to_end.processes import CENTRAL, DESKTOP, Processes, eventually
from tests.end_to_end.reckoning import invented, written
from tests.end_to_end.shop import Shop

COMMANDS = {
    DESKTOP: ("", "demo", "enrol", "import-products", "replay", "sync", "status", "verify", "parked", "parked retry"),
    CENTRAL: (
        *("", "init", "serve", "verify", "vendor", "vendor add", "vendor list", "policy", "policy set", "policy list"),
        *("counter", "counter code", "counter list", "customer", "customer import", "customer show"),
        *("parked", "parked list", "parked retry"),
    ),
}
WRONG = {
    DESKTOP: (
        *("nonsense", "sync", "enrol", "enrol --code x", "replay", "replay a.csv", "replay --report out.json"),
        *("import-products", "status extra", "--nonsense", "status --data-dir", "sync --once --twice"),
    ),
    CENTRAL: (
        *("", "nonsense", "init", "init --admin a", "vendor", "vendor add", "vendor add --name x", "policy set"),
        *("serve --port many", "serve --port 65536", "serve --port -1", "serve --workers 0", "counter code"),
        *("policy set --category small --threshold 1 --reward-percentage 1", "customer show", "customer import"),
        "policy set --category small --threshold 1 --reward-percentage 1 --redeemable-percentage 0 --from 2026-13-01",
    ),
}
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.mark.parametrize("program", COMMANDS)
def test_every_command_has_help(processes: Processes, program: str) -> None:
    for command in COMMANDS[program]:
        done = processes.run(program, *command.split(), "--help").expect()
        assert done.out.startswith(f"usage: {Path(program).name}")
        assert not done.err
        for option in ("--data-dir", "--passphrase-file", "--json"):
            assert option in done.out, (command, option)


@pytest.mark.parametrize("program", WRONG)
def test_wrong_usage(processes: Processes, program: str) -> None:
    for command in WRONG[program]:
        done = processes.run(program, *command.split()).expect(2)
        assert not done.out
        assert done.err.startswith("usage: "), command


@pytest.mark.parametrize("command", [(DESKTOP,), (sys.executable, "-m", "urs_desktop")])
def test_as_installed(command: tuple[str, ...], tmp_path: Path) -> None:
    """The program itself and not its function; without --data-dir its data is where the platform keeps data."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("secret")
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    done = subprocess.run(
        [*command, "status", "--json", "--passphrase-file", str(passphrase)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["enrolled"] is False
    if sys.platform == "linux":
        (folder,) = (tmp_path / "data").iterdir()
        assert (folder.name, folder.stat().st_mode & 0o777) == ("urs-desktop", 0o700)


def test_central_store_as_installed(closed_shop: Shop) -> None:
    command = [CENTRAL, "vendor", "list", "--json", "--data-dir", str(closed_shop.central.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [vendor["category"] for vendor in json.loads(done.stdout)] == ["small", "medium", "large"]


def test_options_before_and_after_the_command(shop: Shop) -> None:
    counter, central = shop.counter("medium"), shop.central
    ours: list[str | Path] = ["--data-dir", counter.folder, "--passphrase-file", counter.passphrase, "--json"]
    theirs: list[str | Path] = ["--data-dir", central.folder, "--json"]
    documents = [
        done.expect().document
        for done in shop.processes.together(
            [DESKTOP, *ours, "status"],
            [DESKTOP, "status", *ours],
            [DESKTOP, *ours[:2], "status", *ours[2:]],
        )
    ]
    assert documents[0] == documents[1] == documents[2]
    documents = [
        done.expect().document
        for done in shop.processes.together(
            [CENTRAL, *theirs, "vendor", "list"],
            [CENTRAL, "vendor", *theirs, "list"],
            [CENTRAL, "vendor", "list", *theirs],
            [CENTRAL, *theirs[:2], "vendor", "list", "--json"],
        )
    ]
    assert documents[0] == documents[1] == documents[2] == documents[3]


def test_ids_stand_alone(shop: Shop) -> None:
    central = shop.central
    vendor = central.try_to("vendor", "add", "--name", "New", "--category", "small").expect().out
    assert re.fullmatch(rf"{UUID}\n", vendor)
    terms = ("--threshold", "1.50", "--reward-percentage", "2.5", "--redeemable-percentage", "0")
    policy = central.try_to("policy", "set", "--category", "small", "--vendor", vendor.strip(), *terms).expect().out
    assert re.fullmatch(rf"{UUID}\n", policy)
    code = central.try_to("counter", "code", "--vendor", vendor.strip()).expect().out
    assert re.fullmatch(r"[0-9A-Z]{5}(-[0-9A-Z]{1,5})+\n", code)
    device = shop.counter("late").try_to("enrol", "--central", central.url, "--code", code.strip()).expect().out
    assert re.fullmatch(r"[0-9a-f]{32}\n", device)
    listed = {counter["device"]: counter for counter in central.ask("counter", "list")}
    assert listed[device.strip()]["vendor_id"] == vendor.strip()


def test_documents_have_what_is_promised(shop: Shop) -> None:
    counter, central = shop.counter("medium"), shop.central
    journal = written(invented(30), shop.folder / "journal.csv")
    assert "purchases" in counter.ask("replay", journal, "--report", shop.folder / "out.json")
    assert {"acknowledged", "waiting", "parked"} <= counter.ask("sync", "--once").keys()
    promised = {"enrolled", "online", "waiting", "parked", "last_sync", "receipts", "acknowledged", "missing"}
    assert promised <= counter.ask("status").keys()
    assert counter.ask("verify") == {"ok": True, "receipts": counter.ask("status")["receipts"], "findings": []}
    assert central.ask("verify") == {"ok": True, "findings": []}
    customers = shop.file("customers.csv", "code,name,phone\nC0001,Ada Lovelace,+44 20 7946 0958\n")
    assert central.ask("customer", "import", customers)["rows_stored"] == 1
    for name in ("C0001", "+442079460958"):
        shown = central.ask("customer", "show", name)
        assert {"code", "wallet_balance", "available", "held", "lots", "entries"} <= shown.keys()
        assert (shown["code"], shown["name"]) == ("C0001", "Ada Lovelace")
    assert len(central.ask("policy", "list")) == 3
    assert len(central.ask("counter", "list")) == 4


def test_refusals_with_json_are_sentences_too(shop: Shop) -> None:
    assert "not enrolled" in shop.counter("late").try_to("sync", "--once", "--json").refusal()
    assert shop.central.try_to("customer", "show", "nobody", "--json").refusal()


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (("10.001", "5", "50"), "decimals"),
        (("ten", "5", "50"), "amount"),
        (("10.00", "101", "50"), "percentage"),
        (("10.00", "5.005", "50"), "percentage"),
        (("10.00", "-5", "50"), ""),
        (("10.00", "5", "50"), "must be 0"),
    ],
)
def test_policies_that_cannot_be(closed_shop: Shop, terms: tuple[str, str, str], said: str) -> None:
    central = closed_shop.central
    before = books.central_contents(central)
    names = ("--threshold", "--reward-percentage", "--redeemable-percentage")
    options = [f"{name}={value}" for name, value in zip(names, terms, strict=True)]
    assert said in central.try_to("policy", "set", "--category", "small", *options).refusal()
    assert central.try_to("policy", "set", "--category", "huge", *options).refusal()
    assert books.central_contents(central) == before


def test_setting_up_twice(closed_shop: Shop) -> None:
    central = closed_shop.central
    before = books.central_contents(central)
    init = ("init", "--admin", "boss", "--admin-password-file", closed_shop.folder / "admin-password")
    assert "nothing was changed" in central.try_to(*init).refusal()
    assert books.central_contents(central) == before


def test_setting_up_killed(closed_shop: Shop) -> None:
    """Cut off anywhere, the same command goes on, or the store is there."""
    for moment in (
        "keys",
        "keys/ca.key.pem",
        "keys/ca.pem",
        "keys/signing.key.pem",
        "central.sqlite",
        "central.sqlite-wal",
    ):
        folder = closed_shop.folder / f"cut-{moment.replace('/', '-')}"
        password = closed_shop.folder / "admin-password"
        init = (CENTRAL, "--data-dir", folder, "init", "--admin", "boss", "--admin-password-file", password)
        process = closed_shop.processes.start(*init)
        eventually(lambda path=folder / moment, init=process: path.exists() or not init.runs, moment)  # type: ignore[misc]
        process.kill()
        again = closed_shop.processes.run(*init)
        assert again.status == 0 or "already holds" in again.refusal()
        closed_shop.processes.run(CENTRAL, "--data-dir", folder, "verify").expect()

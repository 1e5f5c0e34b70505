"""Data folders that cannot be used: in use, damaged, newer than the program, or locked with another passphrase."""

import json
import random
import signal
from pathlib import Path

import pytest

from tests.end_to_end import books
from tests.end_to_end.processes import eventually
from tests.end_to_end.reckoning import invented, reckon, written
from tests.end_to_end.shop import POLICIES, Counter, Shop
from urs_desktop.counter.secrets import open_secrets

READING = (("status",), ("verify",))
WRITING = (("sync", "--once"), ("import-products", "p.csv"), ("replay", "journal.csv", "--report", "out.json"))


def flipped(path: Path, at: int, count: int = 64) -> None:
    """Flip bytes of a file."""
    data = bytearray(path.read_bytes())
    for place in range(at, min(at + count, len(data))):
        data[place] ^= 0xFF
    path.write_bytes(data)


def test_two_programs_on_one_folder(shop: Shop) -> None:
    """The second one is refused; reading commands are not; the first one goes on undisturbed."""
    counter = shop.counter("medium")
    rows = invented(600)
    report = shop.folder / "out.json"
    first = counter.start("replay", written(rows, shop.folder / "journal.csv"), "--report", report)
    eventually(lambda: "10 %" in first.so_far(), "the replay has begun")
    first.signal(signal.SIGSTOP)
    assert first.runs
    for done in shop.processes.together(
        *(counter.command(*command) for command in (*WRITING, ("enrol", "--central", "x", "--code", "y")))
    ):
        assert "is open in another window or command" in done.refusal()
    assert counter.ask("status")["receipts"] > 0
    assert counter.ask("verify")["ok"]
    first.signal(signal.SIGCONT)
    first.end().expect()
    assert json.loads(report.read_text())["invoices"] == [s.document for s in reckon(rows, POLICIES["medium"]).sales]


@pytest.mark.parametrize("content", [b"another passphrase", b"", b"\n", bytes(range(256)), None])
def test_a_wrong_passphrase(closed_shop: Shop, content: bytes | None) -> None:
    counter = closed_shop.counter("medium")
    before = books.contents(counter)
    wrong = closed_shop.folder / "wrong"
    if content is not None:
        wrong.write_bytes(content)
    with_wrong = Counter(counter.folder, wrong, closed_shop.processes)
    for command in (*READING, WRITING[0]):
        assert "passphrase" in with_wrong.try_to(*command).refusal()
    assert books.contents(counter) == before


def test_no_passphrase_where_one_is_needed(closed_shop: Shop) -> None:
    folder = closed_shop.counter("medium").folder
    done = closed_shop.processes.run("urs-desktop", "--data-dir", folder, "status")
    assert "--passphrase-file" in done.refusal()
    done = closed_shop.central.try_to("vendor", "list", "--passphrase-file", closed_shop.passphrase)
    assert "leave --passphrase-file out" in done.refusal()


def test_a_damaged_key(closed_shop: Shop) -> None:
    counter = closed_shop.counter("medium")
    key, note = counter.folder / "counter.key", counter.folder / "key-source.json"
    whole, data = key.read_bytes(), (counter.folder / "counter.sqlite").read_bytes()
    flipped(key, 20, 4)
    counter.try_to("status").refusal()
    key.write_bytes(whole)
    flipped(note, 20, 4)
    counter.try_to("status").refusal()
    note.unlink()  # an interrupted first start leaves the key without its note
    assert counter.ask("status")["enrolled"]
    key.unlink()
    counter.try_to("status").refusal()
    assert (counter.folder / "counter.sqlite").read_bytes() == data


@pytest.fixture
def filled(shop: Shop) -> Counter:
    """Return a counter with some sales that were synced."""
    counter = shop.counter("medium")
    counter.ask("replay", written(invented(200), shop.folder / "journal.csv"), "--report", shop.folder / "out.json")
    counter.ask("sync", "--once")
    return counter


def test_a_damaged_first_page(filled: Counter) -> None:
    file = filled.folder / "counter.sqlite"
    flipped(file, 0)
    damaged = file.read_bytes()
    for command in (*READING, WRITING[0]):
        assert "damaged" in filled.try_to(*command).refusal()
    assert file.read_bytes() == damaged


def test_damage_anywhere_is_named(filled: Counter) -> None:
    """Whatever a command meets, it says one sentence and never a traceback; verify names the damage."""
    file = filled.folder / "counter.sqlite"
    whole = file.read_bytes()
    for _ in range(4):
        file.write_bytes(whole)
        flipped(file, random.randrange(4096, len(whole) - 64))
        (filled.folder / "counter.sqlite-wal").unlink(missing_ok=True)
        verified = filled.try_to("verify")
        assert verified.status == 1
        assert "damaged" in verified.out + verified.err
        assert "Traceback" not in verified.err
        for command in (("status",), ("sync", "--once")):
            done = filled.try_to(*command)
            assert done.status == 0 or "damaged" in done.refusal()


def test_a_cut_off_file(filled: Counter) -> None:
    file = filled.folder / "counter.sqlite"
    file.write_bytes(file.read_bytes()[: 4096 * 5])
    for command in (*READING, WRITING[0]):
        done = filled.try_to(*command)
        assert done.status == 1
        assert "damaged" in done.out + done.err
        assert "Traceback" not in done.err


def test_a_damaged_central_store(shop: Shop, filled: Counter) -> None:
    shop.central.stop()
    file = shop.central.database
    whole = file.read_bytes()
    for place in (0, *(random.randrange(4096, len(whole) - 64) for _ in range(5))):
        file.write_bytes(whole)
        flipped(file, place, 2000)
        for command in (("verify",), ("vendor", "list"), ("customer", "show", "C0001")):
            done = shop.central.try_to(*command)
            assert "Traceback" not in done.err
            assert done.status in (0, 1)
            if done.status and not done.out:
                done.refusal()
        if place == 0:
            assert "damaged" in shop.central.try_to("serve", "--port", "0").refusal()


def test_a_newer_schema(closed_shop: Shop) -> None:
    counter, newer = closed_shop.counter("medium"), "UPDATE alembic_version SET version_num = '9999_future'"
    key = open_secrets(counter.folder, counter.passphrase).database_key()
    books.altered(counter.folder / "counter.sqlite", newer, key)
    before = books.contents(counter)
    for command in (*READING, WRITING[0]):
        sentence = counter.try_to(*command).refusal()
        assert "newer version" in sentence
        assert "9999_future" in sentence
    assert books.contents(counter) == before
    central = closed_shop.central
    books.altered(central.database, newer)
    before = books.central_contents(central)
    on_server = (("vendor", "list"), ("verify",), ("serve", "--port", "0"))
    for arguments in on_server:
        assert "newer version" in central.try_to(*arguments).refusal()
    assert books.central_contents(central) == before

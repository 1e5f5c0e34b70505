"""Copies of the counter's database: whole, opened by its key alone, and put back without losing what they replace."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.builders import COUNTER_KEY, make_counter, make_line
from tests.fakes.shop import NOON
from urs_desktop.counter.store.backups import BackupError, back_up, restore
from urs_desktop.counter.store.book import FILE, SENTINEL, SqlStore, open_store
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.counter.values import CounterState
from urs_desktop.database.engine import Database, sqlite_engine

KEY = bytes(range(32))


def opened(folder: Path) -> SqlStore:
    return open_store(folder, KEY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with three sales; `backups` holds a copy made after two of them."""
    folder = tmp_path / "data"
    folder.mkdir()
    store = opened(folder)
    counter = make_counter(store)
    for _ in range(2):
        counter.sell(make_line("20.00"))
    back_up(store, tmp_path / "backups", NOON)
    counter.sell(make_line("20.00"))
    store.close()
    return folder


@pytest.fixture
def copy(folder: Path) -> Path:
    found = list((folder.parent / "backups").iterdir())
    assert len(found) == 1
    return found[0]


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def receipts(path: Path) -> int:
    database = Database(sqlite_engine(path, KEY))
    try:
        with database.read() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM sales").scalar_one())
    finally:
        database.close()


def test_a_backup_is_whole_encrypted_named_by_time_and_its_owners_alone(copy: Path) -> None:
    assert copy.name.startswith("counter-20")
    assert copy.name.endswith("Z.sqlite")
    assert receipts(copy) == 2
    assert copy.stat().st_mode & 0o777 == 0o600
    assert b"SQLite format" not in copy.read_bytes()[:100]
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(copy).execute("SELECT * FROM sqlite_master").fetchall()


def test_a_backup_is_not_written_over(folder: Path, copy: Path) -> None:
    before = copy.read_bytes()
    store = opened(folder)
    with pytest.raises(BackupError, match="there already"):
        back_up(store, copy.parent, NOON)
    assert copy.read_bytes() == before
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    store.close()


def test_a_backup_can_be_made_while_a_sale_is_being_written(folder: Path, tmp_path: Path) -> None:
    store, other = opened(folder), opened(folder)
    with store.database.write() as connection:
        connection.exec_driver_sql("UPDATE settings SET value = value")
        target = back_up(other, tmp_path / "more", NOON)
    assert receipts(target) == 3
    store.close()
    other.close()


def test_what_is_put_back_is_in_doubt_and_what_it_replaced_is_kept(folder: Path, copy: Path) -> None:
    restored = restore(folder, KEY, copy, NOON + 1000)
    assert (restored.head.seq, restored.head.receipt) == (2, 2)
    assert restored.replaced is not None
    assert receipts(restored.replaced) == 3
    store = opened(folder)
    head = store.read(lambda book: book.operations.head())
    assert (head.seq, head.receipt, head.state) == (2, 3, CounterState.FENCED)
    assert verify(store, COUNTER_KEY.public_key) == []
    assert store.check() == []
    store.close()
    assert not list(folder.glob("*.restoring*"))


def test_what_was_committed_and_is_still_in_the_log_is_kept_too(folder: Path, copy: Path, tmp_path: Path) -> None:
    """As after a power cut: the database's file lags behind its write-ahead log."""
    store = opened(folder)
    make_counter(store).sell(make_line("30.00"))
    crashed = tmp_path / "crashed"
    shutil.copytree(folder, crashed)
    store.close()
    assert (crashed / f"{FILE}-wal").stat().st_size > 0
    restored = restore(crashed, KEY, copy, NOON)
    assert restored.replaced is not None
    assert not restored.replaced.with_name(f"{restored.replaced.name}-wal").exists()
    assert receipts(restored.replaced) == 4
    assert receipts(crashed / FILE) == 2


def test_a_damaged_database_is_replaced_and_kept_as_it_is(folder: Path, copy: Path) -> None:
    (folder / FILE).write_bytes(b"\x00" * 8192)
    restored = restore(folder, KEY, copy, NOON)
    assert restored.replaced is not None
    assert restored.replaced.read_bytes() == b"\x00" * 8192
    assert receipts(folder / FILE) == 2


def test_a_data_folder_without_a_database(folder: Path, copy: Path) -> None:
    (folder / FILE).unlink()
    (folder / SENTINEL).unlink()
    assert restore(folder, KEY, copy, NOON).replaced is None
    assert receipts(folder / FILE) == 2


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(byte ^ 0xFF for byte in data[middle : middle + 64]) + data[middle + 64 :]


@pytest.mark.parametrize("bad", ["no file", "text", "empty", "damaged", "cut off", "another key", "itself", "newer"])
def test_a_bad_file_is_one_sentence_and_nothing_is_changed(folder: Path, copy: Path, tmp_path: Path, bad: str) -> None:
    file, key, said = copy, KEY, "nothing was changed"
    whole = copy.read_bytes()
    if bad == "no file":
        file = tmp_path / "none"
    elif bad == "itself":
        file = folder / FILE
    elif bad == "another key":
        key = bytes(32)
    elif bad == "newer":
        database = Database(sqlite_engine(copy, KEY))
        with database.change_schema() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        database.close()
        said = "newer version"
    else:
        content = {"text": b"hello", "empty": b"", "damaged": flipped(whole), "cut off": whole[: len(whole) // 2]}[bad]
        copy.write_bytes(content)
    before = everything(folder)
    with pytest.raises(BackupError, match=said) as caught:
        restore(folder, key, file, NOON)
    assert len(str(caught.value).splitlines()) == 1
    assert everything(folder) == before


def test_a_changed_byte_in_any_page_is_found(folder: Path, copy: Path) -> None:
    whole, before = copy.read_bytes(), everything(folder)
    for place in range(2048, len(whole), 4096):
        copy.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(BackupError):
            restore(folder, KEY, copy, NOON)
    assert everything(folder) == before


def test_another_counters_backup_is_refused_even_with_the_same_key(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    store = opened(other)
    make_counter(store).sell()
    store.close()
    driver = sqlite_engine(other / FILE, KEY)
    with driver.connect() as connection:
        connection.exec_driver_sql("UPDATE identity SET device_id = x'00112233445566778899aabbccddeeff'")
        connection.commit()
    driver.dispose()
    before = everything(folder)
    with pytest.raises(BackupError, match="another counter"):
        restore(folder, KEY, other / FILE, NOON)
    assert everything(folder) == before


def test_a_database_that_was_never_enrolled_is_no_backup(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    opened(other).close()
    with pytest.raises(BackupError, match="not enrolled"):
        restore(folder, KEY, other / FILE, NOON)

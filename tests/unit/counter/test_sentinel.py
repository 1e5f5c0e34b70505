"""What remembers the chain outside the database: an older file put back is seen, and a broken memory stops nobody."""

import logging
import os
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders import make_basket, make_counter, make_line
from urs_desktop.counter.ports import Book
from urs_desktop.counter.store.book import FILE, SENTINEL, SqlStore, open_store
from urs_desktop.counter.store.sentinel import Mark, Sentinel
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.values import CounterState

KEY = bytes(range(32))
MARK = Mark(b"d" * 16, 3, 17, b"h" * 32, 9)


def opened(folder: Path) -> SqlStore:
    return open_store(folder, KEY)


def state(store: SqlStore) -> CounterState:
    return store.read(lambda book: book.operations.head()).state


@pytest.fixture
def sold(tmp_path: Path) -> Path:
    """A data folder with three sales, and beside its database a copy made after the first two."""
    store = opened(tmp_path)
    counter = make_counter(store)
    for _ in range(2):
        counter.sell(make_line("20.00"))
    store.database.copy_to(tmp_path / "copy")
    counter.sell(make_line("20.00"))
    store.close()
    return tmp_path


def put_back(folder: Path) -> None:
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(folder / "copy", folder / FILE)


def test_a_mark_is_read_as_it_was_written_last(tmp_path: Path) -> None:
    sentinel = Sentinel(tmp_path / "mark")
    assert sentinel.read() is None
    for mark in (MARK, Mark(b"d" * 16, 4, 1, b"i" * 32, 10)):
        sentinel.write(mark)
        assert Sentinel(tmp_path / "mark").read() == mark
    sentinel.close()
    assert (tmp_path / "mark").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", ["torn", "a bit", "empty", "longer", "text"])
def test_a_damaged_one_counts_as_none_and_is_logged(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "mark"
    sentinel = Sentinel(file)
    sentinel.write(MARK)
    sentinel.close()
    whole = file.read_bytes()
    file.write_bytes(
        {
            "torn": whole[:40] + b"\x00" * 40,
            "a bit": whole[:20] + bytes([whole[20] ^ 1]) + whole[21:],
            "empty": b"",
            "longer": whole + b"\x00",
            "text": b"hello",
        }[damage]
    )
    assert Sentinel(file).read() is None
    assert "damaged" in caplog.text


def test_what_cannot_be_written_is_logged_once_and_raises_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "mark").mkdir()
    sentinel = Sentinel(tmp_path / "mark")
    with caplog.at_level(logging.WARNING):
        sentinel.write(MARK)
        sentinel.write(MARK)
    assert caplog.text.count("cannot be written") == 1
    assert sentinel.read() is None


def test_an_older_database_put_back_is_fenced_and_numbers_go_on(sold: Path) -> None:
    put_back(sold)
    store = opened(sold)
    assert state(store) is CounterState.FENCED
    counter = make_counter(store)
    counter.sell()
    assert store.read(lambda book: book.operations.head()).receipt == 4
    store.close()
    again = opened(sold)
    assert state(again) is CounterState.FENCED
    again.close()


def test_put_back_twice_to_the_same_copy_numbers_still_go_on(sold: Path) -> None:
    for _ in range(2):
        put_back(sold)
        store = opened(sold)
        assert state(store) is CounterState.FENCED
        store.close()
    store = opened(sold)
    make_counter(store).sell()
    assert store.read(lambda book: book.operations.head()).receipt == 4
    store.close()


def test_an_open_and_a_restart_fence_nobody(sold: Path) -> None:
    for _ in range(3):
        store = opened(sold)
        assert state(store) is CounterState.OPEN
        make_counter(store).sell()
        store.close()


def test_another_history_of_the_same_length_is_fenced(sold: Path) -> None:
    kept = (sold / SENTINEL).read_bytes()
    put_back(sold)
    (sold / SENTINEL).unlink()
    store = opened(sold)
    make_counter(store).sell(make_line("30.00"))
    store.close()
    (sold / SENTINEL).write_bytes(kept)
    store = opened(sold)
    assert state(store) is CounterState.FENCED
    store.close()


def test_one_that_lags_behind_is_believed_as_far_as_it_goes(sold: Path) -> None:
    kept = (sold / SENTINEL).read_bytes()
    store = opened(sold)
    make_counter(store).sell()
    store.close()
    (sold / SENTINEL).write_bytes(kept)
    store = opened(sold)
    assert state(store) is CounterState.OPEN
    store.close()


@pytest.mark.parametrize("what", ["absent", "damaged", "another counter's"])
def test_without_it_nothing_is_seen_and_nothing_stops(sold: Path, what: str) -> None:
    put_back(sold)
    if what == "absent":
        (sold / SENTINEL).unlink()
    elif what == "damaged":
        os.truncate(sold / SENTINEL, 10)
    else:
        other = Sentinel(sold / SENTINEL)
        other.write(Mark(b"x" * 16, 9, 99, b"h" * 32, 99))
        other.close()
    store = opened(sold)
    assert state(store) is CounterState.OPEN
    store.close()


def test_a_later_epoch_than_the_database_knows_is_fenced(sold: Path) -> None:
    store = opened(sold)
    identity = store.read(lambda book: book.settings.identity())
    assert identity is not None
    store.close()
    later = Sentinel(sold / SENTINEL)
    later.write(Mark(identity.device_id, identity.epoch + 1, 1, b"h" * 32, 1))
    later.close()
    store = opened(sold)
    assert state(store) is CounterState.FENCED
    store.close()


def test_a_transaction_that_fails_leaves_the_mark_alone(sold: Path) -> None:
    store = opened(sold)
    before = (sold / SENTINEL).read_bytes()
    counter = make_counter(store)

    def sell_and_fail(book: Book) -> None:
        counter.ring_up.complete_in(book, SaleOrder(make_basket(make_line("20.00"))))
        raise KeyError("after all was written")

    with pytest.raises(KeyError):
        store.write(sell_and_fail)
    assert (sold / SENTINEL).read_bytes() == before
    store.close()


def test_a_commit_that_fails_leaves_the_mark_alone(sold: Path) -> None:
    store = opened(sold)
    before = (sold / SENTINEL).read_bytes()
    counter = make_counter(store)

    def full(_: object) -> None:
        raise OSError("the disk is full")

    sa.event.listen(store.database.engine, "commit", full)
    with pytest.raises(OSError, match="full"):
        counter.sell()
    sa.event.remove(store.database.engine, "commit", full)
    assert (sold / SENTINEL).read_bytes() == before
    store.close()

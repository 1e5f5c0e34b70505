"""Folders, files, ids, the clock and the log.

Must never write outside the folder a test is given.
"""

import logging
import stat
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.shop import CountingRandomness
from urs_desktop.system import paths
from urs_desktop.system.clock import SystemClock
from urs_desktop.system.ids import SystemRandomness, uuid7
from urs_desktop.system.logs import log_to
from urs_desktop.system.paths import DataFolderInUseError, check_writable, data_folder, hold, write_atomically
from urs_desktop.system.resources import resource


class Given:
    """Randomness a test chose."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def token_bytes(self, count: int) -> bytes:
        assert count == len(self.data)
        return self.data


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_a_uuid_has_the_layout_of_rfc_9562(milliseconds: int, tail: bytes) -> None:
    made = uuid7(milliseconds, Given(tail))
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert int.from_bytes(made.bytes[:6], "big") == milliseconds
    assert made.bytes[6] & 0x0F == tail[0] & 0x0F
    assert made.bytes[7] == tail[1]
    assert made.bytes[8] & 0x3F == tail[2] & 0x3F
    assert made.bytes[9:] == tail[3:]


def test_later_uuids_sort_later_and_none_comes_twice() -> None:
    draw = CountingRandomness()
    made = [uuid7(milliseconds, draw) for milliseconds in range(1000, 1100)]
    assert [str(each) for each in made] == sorted(str(each) for each in made)
    system = SystemRandomness()
    assert len({uuid7(1, system) for _ in range(1000)}) == 1000


def test_the_clock_counts_milliseconds_since_1970() -> None:
    assert 1_700_000_000_000 < SystemClock().now() < 10_000_000_000_000


def test_a_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder = data_folder(tmp_path / "one" / "two", "urs-desktop")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert data_folder(folder, "urs-desktop") == folder


def test_without_a_choice_the_platform_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = data_folder(None, "urs-desktop")
    assert folder.is_dir()
    assert tmp_path in folder.parents


def test_a_file_is_written_whole_and_private_whatever_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old and longer")
    path.chmod(0o644)
    path.with_name("file.new").write_bytes(b"left by a crash")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.with_name("file.new").mkdir()
    with pytest.raises(OSError, match=r"file\.new"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_what_cannot_be_written_is_known_before(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    check_writable(path)
    check_writable(tmp_path / "new")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"old"
    for impossible in (tmp_path, tmp_path / "none" / "file", path / "below"):
        with pytest.raises(OSError, match="directory"):
            check_writable(impossible)


def test_one_program_at_a_time_holds_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "_LOCK_SECONDS", 0.01)
    with hold(tmp_path):
        with pytest.raises(DataFolderInUseError, match="another window"), hold(tmp_path):
            pytest.fail("two programs held it")
        with pytest.raises(DataFolderInUseError), hold(tmp_path):
            pytest.fail("the refusal let go of it")
    with hold(tmp_path):
        pass


def test_a_log_has_one_line_an_event(tmp_path: Path) -> None:
    root = logging.getLogger()
    level = root.level
    handler = log_to(tmp_path, "counter")
    try:
        logging.getLogger("test").warning("one\ntwo\r%s", "three")
        try:
            int("a\nb")
        except ValueError:
            logging.getLogger("test").exception("failed")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    lines = (tmp_path / "counter.log").read_text("utf-8").splitlines()
    assert len(lines) == 2
    assert "Z WARNING test one\\ntwo\\rthree" in lines[0]


def test_resources_are_beside_the_package() -> None:
    assert resource("fonts").parent.name == "resources"
    assert (resource().parent / "urs_desktop").is_dir()

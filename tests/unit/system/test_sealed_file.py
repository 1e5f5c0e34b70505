"""The sealed key file: opened by its passphrase alone, refused with a sentence in every other case.

Must never be made cheap to open for a test: what ships is what is tried.
"""

import stat
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from urs_desktop.system.sealed_file import SealedFileError, read_passphrase, seal, unseal

SECRET, PASSPHRASE = bytes(range(64)), b"correct horse battery staple"


@dataclass(frozen=True)
class Sealed:
    """A sealed file and its bytes."""

    path: Path
    data: bytes


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    path = tmp_path_factory.mktemp("sealed") / "counter.key"
    seal(path, PASSPHRASE, SECRET)
    return Sealed(path, path.read_bytes())


def refused(path: Path, passphrase: bytes = PASSPHRASE) -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(SealedFileError) as caught:
        unseal(path, passphrase)
    sentence = str(caught.value)
    assert sentence.endswith((".", ")"))
    assert "\n" not in sentence
    assert PASSPHRASE.decode() not in sentence
    return sentence


def test_the_passphrase_opens_it_and_nobody_else_may_read_it(sealed: Sealed) -> None:
    assert unseal(sealed.path, PASSPHRASE) == SECRET
    assert stat.S_IMODE(sealed.path.stat().st_mode) == 0o600
    assert SECRET[:16] not in sealed.data
    assert PASSPHRASE not in sealed.data
    assert [file.name for file in sealed.path.parent.iterdir()] == ["counter.key"]


@pytest.mark.parametrize("passphrase", [b"", b"correct horse battery stapl", PASSPHRASE + b" ", b"\xff"])
def test_another_passphrase_is_refused_and_changes_nothing(sealed: Sealed, passphrase: bytes) -> None:
    assert "does not open" in refused(sealed.path, passphrase)
    assert sealed.path.read_bytes() == sealed.data


def test_a_flipped_bit_anywhere_is_refused(sealed: Sealed, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for place in [*range(0, 40, 8), *range(40, len(sealed.data), 29), len(sealed.data) - 1]:
        damaged = bytearray(sealed.data)
        damaged[place] ^= 1 << place % 8
        copy.write_bytes(damaged)
        refused(copy)


def test_a_file_cut_short_is_refused(sealed: Sealed, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for length in (0, 1, 17, 18, 19, 60, len(sealed.data) - 1):
        copy.write_bytes(sealed.data[:length])
        refused(copy)


MAGIC = b"URS sealed file 1\n"


@pytest.mark.parametrize(
    "changed",
    [
        {"time_cost": 0},
        {"time_cost": -1},
        {"time_cost": 2**40},
        {"time_cost": 65},
        {"memory_kib": 0},
        {"memory_kib": -8},
        {"memory_kib": 2**31},
        {"salt": b""},
        {"salt": b"short"},
        {"nonce": b""},
        {"ciphertext": b""},
        {"more": 1},
        {"salt": "text"},
    ],
    ids=str,
)
def test_figures_nobody_would_have_written_are_refused(
    sealed: Sealed, tmp_path: Path, changed: dict[str, object]
) -> None:
    envelope = msgspec.msgpack.decode(sealed.data.removeprefix(MAGIC))
    copy = tmp_path / "copy"
    copy.write_bytes(MAGIC + msgspec.msgpack.encode({**envelope, **changed}))
    refused(copy)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "none")
    assert "cannot be read" in refused(tmp_path)


def test_the_same_secret_twice_gives_other_bytes(sealed: Sealed, tmp_path: Path) -> None:
    again = tmp_path / "again"
    seal(again, PASSPHRASE, SECRET)
    assert again.read_bytes() != sealed.data


@pytest.mark.parametrize("written", [PASSPHRASE, PASSPHRASE + b"\n", PASSPHRASE + b"\r\n"])
def test_a_passphrase_file_may_end_with_a_line_end(tmp_path: Path, written: bytes) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(written)
    assert read_passphrase(file) == PASSPHRASE


@pytest.mark.parametrize("written", [b"", b"\n", b"\r\n\r\n"])
def test_an_empty_passphrase_file_is_refused(tmp_path: Path, written: bytes) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(written)
    with pytest.raises(SealedFileError, match="is empty"):
        read_passphrase(file)
    with pytest.raises(SealedFileError, match="cannot be read"):
        read_passphrase(tmp_path / "none")

"""Private keys are readable by their owner alone and, with a passphrase, by nobody without it."""

import os
from pathlib import Path

import pytest

from tests.contract.central.till import NOW
from urs_desktop.central.keys import Keys, KeysError, is_sealed, make_keys, open_keys
from urs_desktop.system.ids import SystemRandomness
from urs_desktop.system.sealed_file import SealedFileError


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "store"
    made.mkdir()
    return made


def make(folder: Path, passphrase: Path | None = None) -> Keys:
    return make_keys(folder, passphrase, SystemRandomness(), NOW)


def test_without_a_passphrase(folder: Path) -> None:
    keys = make(folder)
    assert keys.database_key() is None
    keys.server_chain(("localhost",), NOW)
    with keys.server_key() as file:
        assert file == folder / "keys" / "server.key.pem"
    assert open_keys(folder, None).signing_key().public_key == keys.signing_key().public_key


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_every_key_file_is_its_owners(folder: Path) -> None:
    make(folder).server_chain(("localhost",), NOW)
    assert {file.stat().st_mode & 0o777 for file in (folder / "keys").iterdir()} == {0o600}
    assert (folder / "keys").stat().st_mode & 0o777 == 0o700


def test_with_a_passphrase_everything_is_locked(folder: Path, passphrase: Path) -> None:
    keys = make(folder, passphrase)
    keys.server_chain(("localhost",), NOW)
    assert len(keys.database_key() or b"") == 32
    with keys.server_key() as file:
        assert b"BEGIN PRIVATE KEY" in file.read_bytes()
        assert not [name for name in (folder / "keys").iterdir() if b"BEGIN PRIVATE" in name.read_bytes()]
    assert not file.exists()
    for file in (folder / "keys").glob("*.key.pem"):
        assert b"ENCRYPTED" in file.read_bytes()
    again = open_keys(folder, passphrase)
    assert again.database_key() == keys.database_key()
    assert again.signing_key().public_key == keys.signing_key().public_key


def test_the_passphrase_is_asked_for(folder: Path, passphrase: Path, tmp_path: Path) -> None:
    make(folder, passphrase)
    with pytest.raises(KeysError, match="--passphrase-file"):
        open_keys(folder, None)
    wrong = tmp_path / "wrong"
    wrong.write_text("battery staple")
    with pytest.raises(SealedFileError, match="does not open"):
        open_keys(folder, wrong)


def test_a_passphrase_too_many(folder: Path, passphrase: Path) -> None:
    make(folder)
    with pytest.raises(KeysError, match="without a passphrase"):
        open_keys(folder, passphrase)
    with pytest.raises(KeysError):
        make(folder, passphrase)


@pytest.mark.parametrize("lost", ["ca.pem", "signing.key.pem"])
def test_an_interrupted_set_up_is_taken_up(folder: Path, lost: str) -> None:
    first = make(folder)
    kept = first.signing_key().public_key
    (folder / "keys" / lost).unlink()
    again = make(folder)
    assert (again.signing_key().public_key == kept) == (lost == "ca.pem")
    assert again.server_chain(("localhost",), NOW).exists()


@pytest.mark.parametrize("name", ["ca.pem", "signing.key.pem"])
def test_a_damaged_file_is_named(folder: Path, name: str) -> None:
    keys = make(folder)
    (folder / "keys" / name).write_bytes(b"garbage")
    read = keys.authority if name == "ca.pem" else keys.signing_key
    with pytest.raises(KeysError, match=name):
        read()


def test_the_server_certificate_is_kept_until_its_hosts_change(folder: Path) -> None:
    keys = make(folder)
    first = keys.server_chain(("localhost",), NOW).read_bytes()
    assert keys.server_chain(("localhost",), NOW + 1).read_bytes() == first
    assert keys.server_chain(("localhost", "other.example"), NOW).read_bytes() != first


def test_a_chain_without_its_key_is_issued_anew(folder: Path) -> None:
    keys = make(folder)
    before = keys.server_chain(("localhost",), NOW).read_bytes()
    keys._write_key("server.key.pem", keys._read_key("ca.key.pem"))
    assert keys.server_chain(("localhost",), NOW).read_bytes() != before


def test_no_secret_in_a_repr(folder: Path, passphrase: Path) -> None:
    keys = make(folder, passphrase)
    assert (keys.database_key() or b"").hex() not in repr(keys)


class TestSealing:
    """Other secrets are kept by the same keys, with a passphrase and without."""

    @pytest.fixture(params=[True, False], ids=["passphrase", "none"])
    def locked(self, request: pytest.FixtureRequest, passphrase: Path) -> Path | None:
        """The file with the passphrase, or None."""
        return passphrase if request.param else None

    def test_a_secret_comes_back_and_is_nowhere_in_clear(self, folder: Path, locked: Path | None) -> None:
        make(folder, locked).seal("word", b"a secret of ours", SystemRandomness())
        assert open_keys(folder, locked).unseal("word") == b"a secret of ours"
        assert is_sealed(folder, "word")
        assert not any(b"secret of ours" in file.read_bytes() for file in (folder / "keys").iterdir())

    def test_what_is_not_there(self, folder: Path, locked: Path | None) -> None:
        keys = make(folder, locked)
        assert keys.unseal("word") is None
        keys.forget("word")
        keys.seal("word", b"x", SystemRandomness())
        keys.forget("word")
        assert not is_sealed(folder, "word")

    def test_the_same_secret_is_never_written_alike(self, folder: Path, locked: Path | None) -> None:
        keys, file, written = make(folder, locked), folder / "keys" / "word.sealed", []
        for _ in range(2):
            keys.seal("word", b"x", SystemRandomness())
            written.append(file.read_bytes())
        assert written[0] != written[1]

    @pytest.mark.parametrize("damage", ["cut", "flipped", "another name", "another store"])
    def test_a_damaged_one_is_named(self, folder: Path, locked: Path | None, damage: str, tmp_path: Path) -> None:
        keys, file = make(folder, locked), folder / "keys" / "word.sealed"
        keys.seal("word", b"a secret of ours", SystemRandomness())
        data = file.read_bytes()
        if damage == "another name":
            keys.seal("other", b"a secret of ours", SystemRandomness())
            data = (folder / "keys" / "other.sealed").read_bytes()
        elif damage == "another store":
            (tmp_path / "other").mkdir()
            make(tmp_path / "other", locked).seal("word", b"a secret of ours", SystemRandomness())
            data = (tmp_path / "other" / "keys" / "word.sealed").read_bytes()
        file.write_bytes({"cut": data[:5], "flipped": data[:-1] + bytes([data[-1] ^ 1])}.get(damage, data))
        with pytest.raises(KeysError, match=r"word\.sealed"):
            keys.unseal("word")

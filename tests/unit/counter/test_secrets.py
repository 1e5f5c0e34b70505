"""Where the counter's key is kept: an encrypted keyring by name, or a sealed file; anything else is refused.

The keyrings here are fakes under the names of the real ones. Must never ask the machine's own keyring.
"""

import base64
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest

from urs_desktop.counter.secrets import Secrets, SecretsError, open_secrets
from urs_desktop.system.sealed_file import SealedFileError

SECRET_SERVICE = "keyring.backends.SecretService"
ALLOWED = ("keyring.backends.Windows", "keyring.backends.macOS", SECRET_SERVICE, "keyring.backends.kwallet")


class FakeKeyring(keyring.backend.KeyringBackend):
    """A keyring in memory; what it keeps belongs to the class, as a real one's to the user."""

    kept: dict[tuple[str, str], str]
    broken: Exception | None
    forgets: bool
    priority = 5

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.broken:
            raise self.broken
        if not self.forgets:
            self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        if self.broken:
            raise self.broken
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError
        del self.kept[service, username]


def install(patch: pytest.MonkeyPatch, name: str = SECRET_SERVICE, kind: str = "Keyring") -> type[FakeKeyring]:
    """Put a keyring of its own under a real backend's name."""
    made: type[FakeKeyring] = type(kind, (FakeKeyring,), {"kept": {}, "broken": None, "forgets": False})
    module = ModuleType(name)
    setattr(module, kind, made)
    patch.setitem(sys.modules, name, module)
    return made


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every allowed backend of this machine away."""
    for name in ALLOWED:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> type[FakeKeyring]:
    return install(monkeypatch)


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n", "utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    return made


def refused(folder: Path, passphrase_file: Path | None = None) -> str:
    """Return the sentence with which secrets are refused, after seeing that nothing was made."""
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises((SecretsError, SealedFileError)) as caught:
        open_secrets(folder, passphrase_file)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_the_keyring_keeps_the_key_and_the_folder_only_says_which(folder: Path, service: type[FakeKeyring]) -> None:
    made = open_secrets(folder, None)
    assert open_secrets(folder, None) == made
    assert [file.name for file in folder.iterdir()] == ["key-source.json"]
    note = json.loads((folder / "key-source.json").read_text("utf-8"))
    assert (note["source"], note["backend"]) == ("keyring", f"{SECRET_SERVICE}.Keyring")
    assert list(service.kept) == [("urs-desktop", note["name"])]
    assert base64.b64decode(next(iter(service.kept.values()))) == made.to_bytes()


def test_two_counters_on_one_machine_have_keys_of_their_own(tmp_path: Path, service: type[FakeKeyring]) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for each in folders:
        each.mkdir()
    one, two = (open_secrets(each, None) for each in folders)
    assert one.root != two.root
    assert one.database_key() != two.database_key()
    assert len(service.kept) == 2


@pytest.mark.parametrize(
    "backend",
    [keyring.backends.null.Keyring, keyring.backends.fail.Keyring, keyring.backends.chainer.ChainerBackend],
    ids=lambda backend: backend.__module__.rpartition(".")[2],
)
def test_backends_that_keep_nothing_or_pass_it_on_are_not_used(
    folder: Path, backend: Callable[[], keyring.backend.KeyringBackend]
) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(backend())
    try:
        assert "--passphrase-file" in refused(folder)
    finally:
        keyring.set_keyring(before)


class PlaintextKeyring(FakeKeyring):
    """What keyrings.alt would be: it writes what it is given to a file anybody can read."""

    priority = 99


def test_a_plain_file_of_higher_priority_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = PlaintextKeyring
    plain.kept, plain.broken, plain.forgets = {}, None, False
    for name in ("keyrings", "keyrings.alt", "keyrings.alt.file"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setattr(sys.modules["keyrings.alt.file"], "PlaintextKeyring", plain, raising=False)
    before = keyring.get_keyring()
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    keyring.core.init_backend()
    try:
        assert isinstance(keyring.get_keyring(), plain)
        assert "no keyring" in refused(folder)
    finally:
        keyring.set_keyring(before)
    assert plain.kept == {}


def test_a_keyring_that_forgets_or_fails_is_not_used(folder: Path, service: type[FakeKeyring]) -> None:
    service.forgets = True
    assert "no keyring" in refused(folder)
    service.forgets, service.broken = False, keyring.errors.InitError("locked")
    assert "no keyring" in refused(folder)
    service.broken, service.priority = None, 0
    assert "no keyring" in refused(folder)


def test_the_probe_leaves_nothing_behind(folder: Path, service: type[FakeKeyring]) -> None:
    open_secrets(folder, None)
    assert not any("probe" in name for _, name in service.kept)


def test_a_key_that_is_gone_is_an_error_and_nothing_new_is_made(
    folder: Path, service: type[FakeKeyring], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_secrets(folder, None)
    kept = dict(service.kept)
    service.kept.clear()
    assert "nothing was changed" in refused(folder)
    assert service.kept == {}
    service.kept.update(kept)
    service.broken = keyring.errors.KeyringLocked("locked")
    assert "nothing was changed" in refused(folder)
    service.broken = None
    other = install(monkeypatch, "keyring.backends.kwallet", "DBusKeyring")
    monkeypatch.setitem(sys.modules, SECRET_SERVICE, None)
    assert SECRET_SERVICE in refused(folder)
    assert other.kept == {}


@pytest.mark.parametrize("stored", ["", "not base64!", "AAAA", base64.b64encode(b"x" * 65).decode(), "A"])
def test_a_key_that_was_damaged_is_an_error(folder: Path, service: type[FakeKeyring], stored: str) -> None:
    open_secrets(folder, None)
    for key in service.kept:
        service.kept[key] = stored
    assert "damaged" in refused(folder)


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"source":"sealed","more":1}', b"\xff\xfe", b'{"source":1}'])
def test_a_damaged_note_is_an_error(folder: Path, service: type[FakeKeyring], passphrase: Path, note: bytes) -> None:
    (folder / "key-source.json").write_bytes(note)
    assert "damaged" in refused(folder)
    assert "damaged" in refused(folder, passphrase)


def test_a_note_that_names_another_backend_does_not_load_it(folder: Path, service: type[FakeKeyring]) -> None:
    note = {"source": "keyring", "backend": "keyring.backends.null.Keyring", "name": "x"}
    (folder / "key-source.json").write_text(json.dumps(note), "utf-8")
    assert "keyring.backends.null.Keyring" in refused(folder)


def test_a_passphrase_seals_the_key_in_a_file(folder: Path, passphrase: Path) -> None:
    made = open_secrets(folder, passphrase)
    assert open_secrets(folder, passphrase) == made
    assert sorted(file.name for file in folder.iterdir()) == ["counter.key", "key-source.json"]
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0
        for secret in (made.root, made.signing_seed):
            assert secret not in file.read_bytes()
            assert secret.hex().encode() not in file.read_bytes()


def test_the_sealed_file_wants_its_own_passphrase(folder: Path, passphrase: Path, service: type[FakeKeyring]) -> None:
    open_secrets(folder, passphrase)
    assert "--passphrase-file" in refused(folder)
    passphrase.write_text("wrong", "utf-8")
    assert "does not open" in refused(folder, passphrase)
    passphrase.write_text("", "utf-8")
    assert "empty" in refused(folder, passphrase)
    (folder / "counter.key").unlink()
    passphrase.write_text("correct horse", "utf-8")
    with pytest.raises(SealedFileError, match="cannot be read"):
        open_secrets(folder, passphrase)
    assert service.kept == {}


def test_a_crash_between_the_file_and_the_note_makes_no_second_key(folder: Path, passphrase: Path) -> None:
    made = open_secrets(folder, passphrase)
    (folder / "key-source.json").unlink()
    assert open_secrets(folder, passphrase) == made


def test_without_the_note_no_second_key_is_made_for_data_that_is_there(
    folder: Path, passphrase: Path, service: type[FakeKeyring]
) -> None:
    open_secrets(folder, None)
    (folder / "key-source.json").unlink()
    (folder / "counter.sqlite").write_bytes(b"x")
    kept = dict(service.kept)
    assert "is missing" in refused(folder)
    assert "is missing" in refused(folder, passphrase)
    assert service.kept == kept


def test_a_sealed_file_without_its_note_is_not_passed_over_for_the_keyring(
    folder: Path, passphrase: Path, service: type[FakeKeyring]
) -> None:
    open_secrets(folder, passphrase)
    (folder / "key-source.json").unlink()
    assert "--passphrase-file" in refused(folder)
    assert service.kept == {}


def test_no_secret_shows_in_a_repr_or_the_log(folder: Path, passphrase: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        made = open_secrets(folder, passphrase)
        seen = repr(made) + str(made) + repr(made.signing_key()) + caplog.text
    for secret in (made.root, made.signing_seed, made.database_key()):
        assert secret.hex() not in seen
        assert repr(secret)[2:-1] not in seen


def test_each_key_is_its_own() -> None:
    made = Secrets(bytes(32), b"\x01" * 32)
    assert made.database_key() == Secrets(bytes(32), b"\x02" * 32).database_key() != made.root
    assert made.database_key() != Secrets(b"\x01" * 32, bytes(32)).database_key()
    assert Secrets.from_bytes(made.to_bytes()) == made
    assert Secrets.new() != Secrets.new()
    for wrong in (b"", bytes(63), bytes(65)):
        with pytest.raises(SecretsError, match="damaged"):
            Secrets.from_bytes(wrong)

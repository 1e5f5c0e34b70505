"""The command line: what stands alone on standard output, what is refused and how."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from urs_desktop.central import bootstrap, cli, operators

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("a good password\n")
    return file


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["--data-dir", str(tmp_path / "store"), *arguments])
        output = capsys.readouterr()
        return status, output.out.strip(), output.err.strip()

    return call


@pytest.fixture
def store(run: Run, password: Path) -> Run:
    assert run("init", "--admin", "boss", "--admin-password-file", str(password))[0] == 0
    return run


def refused(answer: tuple[int, str, str]) -> str:
    status, out, err = answer
    assert (status, out) == (1, "")
    assert err.endswith(".")
    assert len(err.splitlines()) == 1
    return err


def vendor(store: Run, category: str = "medium", *more: str) -> str:
    status, out, err = store("vendor", "add", "--name", "Shop", "--category", category, *more)
    assert (status, err) == (0, "")
    return out


TERMS = ("--threshold", "10.00", "--reward-percentage", "5", "--redeemable-percentage", "50")


class TestSetUp:
    """A data folder holds one store, set up once and to the end."""

    def test_every_command_needs_a_store(self, run: Run, tmp_path: Path) -> None:
        assert "urs-central init" in refused(run("vendor", "list"))
        assert "urs-central init" in refused(run("serve"))

    def test_init_twice(self, store: Run, password: Path) -> None:
        answer = store("init", "--admin", "boss", "--admin-password-file", str(password))
        assert "already holds" in refused(answer)

    def test_an_interrupted_init_is_taken_up(self, run: Run, password: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(operators, "add", interrupt)
            assert refused(run("init", "--admin", "boss", "--admin-password-file", str(password))) == "Interrupted."
        assert "interrupted" in refused(run("vendor", "list"))
        assert run("init", "--admin", "boss", "--admin-password-file", str(password))[0] == 0
        assert run("verify")[0] == 0

    @pytest.mark.parametrize(
        "url",
        [
            *("", "nonsense", "sqlite:///x", "mysql://user:geheim@host/urs", "postgresql://user:geheim@host"),
            *("postgresql://host:port/urs", "postgresql://host/urs?user=x", "postgresql://host/urs?password=geheim"),
            *("postgresql://user:geheim@127.0.0.1:1/urs", "postgresql://user:geheim@127.0.0.1:1/urs?nonsense=1"),
        ],
    )
    def test_a_database_that_is_none_is_refused(self, run: Run, password: Path, url: str, tmp_path: Path) -> None:
        answer = run("init", "--database-url", url, "--admin", "boss", "--admin-password-file", str(password))
        assert "geheim" not in refused(answer)
        assert not list((tmp_path / "store").iterdir())

    def test_a_file_upgrades_itself(self, store: Run) -> None:
        said = refused(store("upgrade", "--database-url", "postgresql://user@127.0.0.1:1/urs"))
        assert "by itself" in said

    def test_upgrade_needs_a_store(self, run: Run) -> None:
        assert "urs-central init" in refused(run("upgrade", "--database-url", "postgresql://user@127.0.0.1:1/urs"))

    @pytest.mark.parametrize("content", ["", "short\n", None, b"\xff\xfe\xff"])
    def test_a_password_that_will_not_do(self, run: Run, password: Path, content: str | bytes | None) -> None:
        if content is None:
            password.unlink()
        else:
            password.write_bytes(content.encode() if isinstance(content, str) else content)
        assert "password" in refused(run("init", "--admin", "boss", "--admin-password-file", str(password)))

    def test_the_password_is_stored_as_argon2id(self, store: Run, tmp_path: Path) -> None:
        data = b"".join(file.read_bytes() for file in (tmp_path / "store").glob("central.sqlite*"))
        assert b"$argon2id$" in data
        assert b"a good password" not in data

    def test_a_passphrase_locks_the_store(self, run: Run, password: Path, tmp_path: Path) -> None:
        phrase = tmp_path / "phrase"
        phrase.write_text("correct horse")
        locked = ("--passphrase-file", str(phrase))
        assert run("init", "--admin", "boss", "--admin-password-file", str(password), *locked)[0] == 0
        assert "--passphrase-file" in refused(run("vendor", "list"))
        assert run(*locked, "vendor", "add", "--name", "Shop", "--category", "small")[0] == 0
        assert "Shop" in run("vendor", "list", *locked)[1]
        data = b"".join(file.read_bytes() for file in (tmp_path / "store").glob("central.sqlite*"))
        assert b"SQLite format" not in data
        assert b"Shop" not in data
        phrase.write_text("wrong")
        assert "does not open" in refused(run("vendor", "list", *locked))

    def test_the_database_is_its_owners(self, store: Run, tmp_path: Path) -> None:
        vendor(store)
        assert {f.stat().st_mode & 0o77 for f in (tmp_path / "store").glob("central.sqlite*")} == {0}


class TestProgramme:
    """Vendors, policies and codes: ids alone, decimals as people write them."""

    def test_ids_stand_alone(self, store: Run) -> None:
        vendor_id = vendor(store)
        assert len(vendor_id.split()) == 1
        assert json.loads(store("vendor", "list", "--json")[1])[0]["vendor_id"] == vendor_id
        status, policy_id, _ = store("policy", "set", "--category", "medium", *TERMS)
        assert (status, len(policy_id.split())) == (0, 1)
        code = store("counter", "code", "--vendor", vendor_id)[1]
        assert len(code.split("-")) == 9

    def test_json_before_or_after_the_command(self, store: Run) -> None:
        vendor(store)
        before = store("--json", "vendor", "list")
        assert before == store("vendor", "--json", "list") == store("vendor", "list", "--json")
        assert json.loads(before[1])

    def test_json_of_what_makes_an_id(self, store: Run) -> None:
        out = store("vendor", "add", "--name", "Shop", "--category", "large", "--json")[1]
        assert set(json.loads(out)) == {"vendor_id"}

    def test_versions_of_a_policy(self, store: Run) -> None:
        first = store("policy", "set", "--category", "medium", *TERMS)[1]
        assert store("policy", "set", "--category", "medium", *TERMS, "--from", "2030-01-31")[1] == first
        listed = json.loads(store("policy", "list", "--json")[1])
        assert [(row["version"], row["threshold"], row["reward_percentage"]) for row in listed] == [
            (1, "10.00", "5"),
            (2, "10.00", "5"),
        ]
        assert listed[1]["valid_from"] == "2030-01-31T00:00:00+00:00"

    def test_a_vendors_own_policy_is_in_its_currency(self, store: Run) -> None:
        yen = vendor(store, "medium", "--currency", "jpy")
        own = ("policy", "set", "--category", "medium", "--vendor", yen)
        assert "more decimals" in refused(store(*own, *TERMS[:1], "10.01", *TERMS[2:]))
        assert store(*own, *TERMS[:1], "1000", *TERMS[2:])[0] == 0
        assert json.loads(store("policy", "list", "--json")[1])[0]["threshold"] == "1000"
        assert "JPY" in refused(store(*own, *TERMS, "--currency", "GBP"))

    @pytest.mark.parametrize(
        "arguments",
        [
            ("vendor", "add", "--name", "Shop", "--category", "huge"),
            ("vendor", "add", "--name", "", "--category", "small"),
            ("vendor", "add", "--name", "Shop", "--category", "small", "--currency", "XXX"),
            ("policy", "set", "--category", "small", *TERMS),
            ("policy", "set", "--category", "medium", "--threshold", "1,50", *TERMS[2:]),
            ("policy", "set", "--category", "medium", "--threshold", "-1", *TERMS[2:]),
            ("policy", "set", "--category", "medium", *TERMS[:3], "101", *TERMS[4:]),
            ("policy", "set", "--category", "medium", *TERMS[:5], "-1"),
            ("policy", "set", "--category", "medium", *TERMS, "--vendor", "nobody"),
            ("policy", "set", "--category", "medium", *TERMS, "--currency", "pounds"),
            ("counter", "code", "--vendor", "nobody"),
            ("counter", "lost", "nobody"),
            ("counter", "revoke", "00ff"),
            ("customer", "show", "nobody"),
            ("customer", "import", "/no/such/file.csv"),
        ],
    )
    def test_refusals_are_one_sentence(self, store: Run, arguments: tuple[str, ...]) -> None:
        refused(store(*arguments))

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("vendor",),
            ("dance",),
            ("vendor", "add", "--name", "Shop"),
            ("policy", "set", "--category", "medium", *TERMS, "--from", "31.01.2030"),
            ("policy", "set", "--category", "medium", *TERMS, "--from", "2030-02-30"),
            ("serve", "--port", "70000"),
            ("serve", "--workers", "0"),
        ],
    )
    def test_wrong_usage(self, run: Run, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stop:
            run(*arguments)
        assert stop.value.code == 2
        assert capsys.readouterr().out == ""

    def test_customers(self, store: Run, tmp_path: Path) -> None:
        file = tmp_path / "customers.csv"
        file.write_text("CustomerID,name\nC-1,Ann\n,Bob\n")
        status, out, _ = store("customer", "import", str(file))
        assert (status, out.splitlines()) == (0, ["1 of 2 rows stored, 1 customers new.", "line 3: card_malformed"])
        document = json.loads(store("customer", "show", "C-1", "--json")[1])
        assert {"code", "wallet_balance", "available", "held", "lots", "entries"} <= set(document)
        assert "wallet_balance: 0" in store("customer", "show", "C-1")[1]

    def test_verify(self, store: Run, tmp_path: Path) -> None:
        assert json.loads(store("verify", "--json")[1]) == {"ok": True, "findings": []}
        where = bootstrap.place(tmp_path / "store", None)
        with bootstrap.opened(where) as central, central.database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO customer_records VALUES ('i', 'c', '', '', '', NULL, NULL, 0, NULL)"
            )
            connection.exec_driver_sql("INSERT INTO wallets VALUES ('i', 0, 5, 0, 0)")
        status, out, _ = store("verify")
        assert status == 1
        assert "wallet i says (0, 5, 0, 0)" in out


BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"PySide6", "pyqtgraph", "keyring", "requests", "shiboken6"}:
            raise ImportError(name)

sys.meta_path.insert(0, Block())
import urs_desktop.central.cli
heavy = {"litestar", "granian", "alembic"} & set(sys.modules)
assert not heavy, heavy
"""


def test_it_starts_without_qt_keyring_and_requests_and_without_the_server() -> None:
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

"""Policies, proposals, operators, adjustments, bookings and explanations on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.central.till import enrolled
from urs_desktop.central import bootstrap, cli, due, policies
from urs_desktop.domain.policy import DAY_MS, Category, RewardPolicy

Run = Callable[..., tuple[int, str, str]]
PASSWORD = "a good password"
TERMS = ("--threshold", "10.00", "--reward-percentage", "5", "--redeemable-percentage", "50")
MEDIUM = ("policy", "set", "--category", "medium")


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    return file


@pytest.fixture
def store(tmp_path: Path, password: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The commands over a store with the operators boss (an admin) and ann."""

    def call(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["--data-dir", str(tmp_path / "store"), *arguments])
        output = capsys.readouterr()
        return status, output.out.strip(), output.err.strip()

    assert call("init", "--admin", "boss", "--admin-password-file", str(password))[0] == 0
    said(call("operator", "add", "--name", "ann", "--role", "programme", "--password-file", str(password)))
    return call


def said(answer: tuple[int, str, str]) -> str:
    status, out, err = answer
    assert (status, err) == (0, "")
    return out


def refused(answer: tuple[int, str, str]) -> str:
    status, out, err = answer
    assert (status, out) == (1, "")
    assert err.endswith(".")
    assert len(err.splitlines()) == 1
    return err


def listed(store: Run, *command: str) -> Any:  # noqa: ANN401 - a JSON document
    return json.loads(said(store(*command, "--json")))


def vendor(store: Run, category: str = "medium") -> str:
    return said(store("vendor", "add", "--name", "Shop", "--category", category))


def by(name: str, password: Path) -> tuple[str, ...]:
    return ("--operator", name, "--password-file", str(password))


class TestPolicies:
    """Versions with dates, limits, and everything of them in the list."""

    def test_a_version_with_everything(self, store: Run) -> None:
        dates = ("--from", "2030-01-31", "--until", "2030-03-01", "--vests-after", "2", "--expires-after", "365")
        most = ("--max-threshold", "30.00", "--max-reward-percentage", "7.5", "--max-redeemable-percentage", "60")
        said(store(*MEDIUM, *TERMS, *dates, *most, "--min-reward-percentage", "1"))
        (row,) = listed(store, "policy", "list")
        digest, created_at = row.pop("digest"), row.pop("created_at")
        assert (len(digest), created_at[:3]) == (64, "202")
        assert {name: value for name, value in row.items() if name != "policy_id"} == {
            "version": 1,
            "category": "medium",
            "vendor_id": None,
            "currency": "GBP",
            "threshold": "10.00",
            "reward_percentage": "5",
            "redeemable_percentage": "50",
            "valid_from": "2030-01-31T00:00:00+00:00",
            "valid_until": "2030-03-01T00:00:00+00:00",
            "vests_after": 2,
            "expires_after": 365,
            "max_threshold": "30.00",
            "min_reward_percentage": "1",
            "max_reward_percentage": "7.5",
            "max_redeemable_percentage": "60",
            "approved_by": None,
        }

    def test_what_is_not_said_is_not_there(self, store: Run) -> None:
        said(store(*MEDIUM, *TERMS))
        (row,) = listed(store, "policy", "list")
        assert (row["valid_until"], row["vests_after"], row["expires_after"]) == (None, 0, 0)
        limits = ("max_threshold", "min_reward_percentage", "max_reward_percentage", "max_redeemable_percentage")
        assert {row[name] for name in limits} == {None}
        assert "max_threshold=\t" in said(store("policy", "list"))

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--from", "2030-01-31", "--until", "2030-01-31"),
            ("--until", "1999-01-01"),
            ("--vests-after", "-1"),
            ("--expires-after", "5", "--vests-after", "5"),
            ("--expires-after", "99999999"),
            ("--max-threshold", "-1"),
            ("--max-threshold", "much"),
            ("--max-reward-percentage", "101"),
            ("--min-reward-percentage", "2", "--max-reward-percentage", "1"),
        ],
    )
    def test_terms_that_will_not_do(self, store: Run, arguments: tuple[str, ...]) -> None:
        refused(store(*MEDIUM, *TERMS, *arguments))
        assert listed(store, "policy", "list") == []

    @pytest.mark.parametrize("arguments", [("--vests-after", "soon"), ("--until", "31.01.2030")])
    def test_wrong_usage(self, store: Run, arguments: tuple[str, ...]) -> None:
        with pytest.raises(SystemExit) as stop:
            store(*MEDIUM, *TERMS, *arguments)
        assert stop.value.code == 2

    def test_a_vendors_own_within_the_limits(self, store: Run) -> None:
        own = (*MEDIUM, "--vendor", vendor(store))
        said(store(*MEDIUM, *TERMS, "--max-threshold", "20.00"))
        assert "threshold" in refused(store(*own, "--threshold", "20.01", *TERMS[2:]))
        assert "whole category" in refused(store(*own, *TERMS, "--max-threshold", "1"))
        said(store(*own, "--threshold", "20.00", *TERMS[2:]))
        assert [row["approved_by"] for row in listed(store, "policy", "list")] == [None, None]


class TestProposals:
    """A vendor proposes, an operator decides."""

    def test_from_wish_to_version(self, store: Run, password: Path) -> None:
        shop = vendor(store)
        said(store(*MEDIUM, *TERMS))
        propose = ("policy", "propose", "--vendor", shop, *TERMS, "--by", "the shop's owner")
        first, second = said(store(*propose)), said(store(*propose, "--expires-after", "30"))
        assert [row["decision"] for row in listed(store, "policy", "proposals")] == ["open", "open"]
        assert len(listed(store, "policy", "list")) == 1
        policy_id = said(store("policy", "approve", first, *by("ann", password)))
        assert "rejected" in said(store("policy", "reject", second, *by("boss", password)))
        rows = {row["proposal_id"]: row for row in listed(store, "policy", "proposals")}
        assert (rows[first]["decision"], rows[first]["decided_by"]) == ("approved", "ann")
        assert (rows[first]["policy_id"], rows[first]["version"]) == (policy_id, 1)
        assert (rows[second]["decision"], rows[second]["decided_by"], rows[second]["expires_after"]) == (
            "rejected",
            "boss",
            30,
        )
        assert rows[second]["proposed_by"] == "the shop's owner"
        own = listed(store, "policy", "list")[1]
        assert (own["policy_id"], own["vendor_id"], own["approved_by"]) == (policy_id, shop, "ann")
        assert "before" in refused(store("policy", "approve", second, *by("ann", password)))
        said(store("verify"))

    def test_json_of_each(self, store: Run, password: Path) -> None:
        shop = vendor(store)
        propose = ("policy", "propose", "--vendor", shop, "--category", "medium", *TERMS, "--by", "x")
        proposals = [listed(store, *propose)["proposal_id"] for _ in range(2)]
        approved = listed(store, "policy", "approve", proposals[0], *by("ann", password))
        assert set(approved) == {"policy_id", "version"}
        rejected = listed(store, "policy", "reject", proposals[1], *by("ann", password))
        assert rejected == {"proposal_id": proposals[1], "decision": "rejected"}

    def test_what_is_refused(self, store: Run, password: Path, tmp_path: Path) -> None:
        shop = vendor(store)
        propose = ("policy", "propose", "--vendor", shop, *TERMS, "--by", "x")
        assert "medium" in refused(store(*propose, "--category", "large"))
        refused(store("policy", "propose", "--vendor", "nobody", *TERMS, "--by", "x"))
        refused(store("policy", "propose", "--vendor", shop, *TERMS, "--by", ""))
        proposal = said(store(*propose))
        assert "no proposal" in refused(store("policy", "approve", "none", *by("ann", password)))
        wrong = tmp_path / "wrong"
        wrong.write_text("another password")
        assert "wrong" in refused(store("policy", "approve", proposal, *by("ann", wrong)))
        assert "wrong" in refused(store("policy", "approve", proposal, *by("nobody", password)))
        assert "password" in refused(store("policy", "approve", proposal, *by("ann", tmp_path / "none")))
        assert [row["decision"] for row in listed(store, "policy", "proposals")] == ["open"]


class TestOperators:
    """Who runs the programme."""

    def test_the_list_shows_no_password(self, store: Run) -> None:
        rows = listed(store, "operator", "list")
        assert [(row["name"], row["role"]) for row in rows] == [("boss", "admin"), ("ann", "programme")]
        assert "argon2" not in said(store("operator", "list"))
        assert {name for row in rows for name in row} == {"operator_id", "name", "role", "created_at"}

    def test_who_is_refused(self, store: Run, password: Path, tmp_path: Path) -> None:
        add = ("operator", "add", "--role", "programme", "--password-file")
        assert "already" in refused(store(*add, str(password), "--name", "ann"))
        short = tmp_path / "short"
        short.write_text("short")
        assert "short" in refused(store(*add, str(short), "--name", "bob"))
        king = ("operator", "add", "--role", "king", "--password-file", str(password), "--name", "bob")
        assert "admin or programme" in refused(store(*king))
        assert len(listed(store, "operator", "list")) == 2


@pytest.fixture
def customer(store: Run, tmp_path: Path) -> str:
    file = tmp_path / "customers.csv"
    file.write_text("CustomerID,name\nC-1,Ann\n")
    said(store("customer", "import", str(file)))
    return "C-1"


class TestAdjustments:
    """Points by hand, by two people."""

    def test_two_people_move_points(self, store: Run, password: Path, customer: str) -> None:
        propose = ("adjust", "propose", "--customer", customer, "--reason", "till was down", *by("ann", password))
        given = said(store(*propose, "--points", "40"))
        taken = listed(store, *propose, "--points", "-15")["adjustment_id"]
        too_many = said(store(*propose, "--points=-100"))
        assert "another person" in refused(store("adjust", "approve", given, *by("ann", password)))
        assert "given" in said(store("adjust", "approve", given, *by("boss", password)))
        approved = listed(store, "adjust", "approve", taken, *by("boss", password))
        assert approved == {"adjustment_id": taken, "decision": "approved", "points": -15}
        assert "25 points" in refused(store("adjust", "approve", too_many, *by("boss", password)))
        assert "rejected" in said(store("adjust", "reject", too_many, *by("boss", password)))
        rows = listed(store, "adjust", "list")
        assert [(row["code"], row["points"], row["made_by"], row["decision"], row["checked_by"]) for row in rows] == [
            ("C-1", 40, "ann", "approved", "boss"),
            ("C-1", -15, "ann", "approved", "boss"),
            ("C-1", -100, "ann", "rejected", "boss"),
        ]
        assert listed(store, "customer", "show", customer)["available"] == 25
        said(store("verify"))

    @pytest.mark.parametrize("points", ["0", "-0", "many", "1.5", "--5", ""])
    def test_numbers_that_will_not_do(self, store: Run, password: Path, customer: str, points: str) -> None:
        propose = ("adjust", "propose", "--customer", customer, "--reason", "x", f"--points={points}")
        refused(store(*propose, *by("ann", password)))
        assert listed(store, "adjust", "list") == []

    def test_who_is_refused(self, store: Run, password: Path, customer: str, tmp_path: Path) -> None:
        wrong = tmp_path / "wrong"
        wrong.write_text("another password")
        propose = ("adjust", "propose", "--points", "5", "--reason", "x")
        refused(store(*propose, "--customer", customer, *by("ann", wrong)))
        refused(store(*propose, "--customer", "nobody", *by("ann", password)))
        assert listed(store, "adjust", "list") == []
        adjustment = said(store(*propose, "--customer", customer, *by("ann", password)))
        refused(store("adjust", "approve", adjustment, *by("boss", wrong)))
        assert listed(store, "adjust", "list")[0]["decision"] == "open"

    def test_help_says_that_the_reason_is_kept(self, store: Run, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            store("adjust", "propose", "--help")
        assert "must name no person" in " ".join(capsys.readouterr().out.split())


class TestVendors:
    """A vendor changes, and is charged, credited and paid."""

    def test_set(self, store: Run) -> None:
        shop = vendor(store)
        assert "large" in said(store("vendor", "set", shop, "--category", "large"))
        row = listed(store, "vendor", "set", shop, "--name", "Corner", "--location", "Leeds")
        assert row == listed(store, "vendor", "list")[0]
        assert (row["name"], row["category"], row["location"], row["currency"]) == ("Corner", "large", "Leeds", "GBP")
        refused(store("vendor", "set", shop, "--category", "huge"))
        refused(store("vendor", "set", shop, "--name", ""))
        refused(store("vendor", "set", "nobody", "--name", "x"))

    def test_bookings_and_the_account(self, store: Run, password: Path) -> None:
        shop, sign_in = vendor(store), by("ann", password)
        assert bytes.fromhex(said(store("vendor", "fee", shop, "12.50", *sign_in))).startswith(b"fee/")
        entry = listed(store, "vendor", "settle", shop, "-7.45", *sign_in)
        assert set(entry) == {"entry_id"}
        assert "breakage" in refused(store("vendor", "share", shop, "0.01", *sign_in))
        assert "zero" in refused(store("vendor", "settle", shop, "0", *sign_in))
        assert "amount" in refused(store("vendor", "fee", shop, "lots", *sign_in))
        assert listed(store, "vendor", "account", shop) == {
            "vendor_id": shop,
            "currency": "GBP",
            "due": "-5.05",
            "redeemed": 0,
            "issued": 0,
            "exposure": 0,
            "fees": "12.50",
            "shares": "0.00",
            "settled": "-7.45",
        }
        assert "due: -5.05" in said(store("vendor", "account", shop)).splitlines()
        refused(store("vendor", "account", "nobody"))
        said(store("verify"))

    def test_nobody_books_without_a_password(self, store: Run, password: Path, tmp_path: Path) -> None:
        shop, wrong = vendor(store), tmp_path / "wrong"
        wrong.write_text("another password")
        refused(store("vendor", "fee", shop, "1", *by("ann", wrong)))
        assert listed(store, "vendor", "account", shop)["fees"] == "0.00"

    def test_a_share_of_what_expired(self, store: Run, password: Path, tmp_path: Path) -> None:
        shop = vendor(store)
        with bootstrap.opened(bootstrap.place(tmp_path / "store", None)) as central:
            now = central.clock.now()
            with central.database.write() as connection:
                till = enrolled(connection, shop, now=now)
                terms = policies.Terms(0, 500, 0, now - DAY_MS, expires_after=1)
                policy = policies.add_version(
                    connection, Category.MEDIUM, None, "GBP", terms, now - DAY_MS, central.randomness
                )
                till.sale(10_000, policy=policy)
                till.push(connection, now=now - DAY_MS)
                assert due.everybody(connection, now) == 1
        said(store("vendor", "share", shop, "4.20", *by("ann", password)))
        found = listed(store, "vendor", "account", shop)
        assert (found["issued"], found["shares"], found["due"]) == (500, "4.20", "-0.80")
        said(store("verify"))


class TestExplain:
    """Why so many points."""

    @pytest.fixture
    def sold(self, store: Run, tmp_path: Path) -> tuple[str, RewardPolicy, bytes, bytes]:
        """A sale of 25.99 and a refund of its second line; the vendor, the policy and the two operations."""
        shop = vendor(store)
        with (
            bootstrap.opened(bootstrap.place(tmp_path / "store", None)) as central,
            central.database.write() as connection,
        ):
            now = central.clock.now()
            till = enrolled(connection, shop, now=now)
            terms = policies.Terms(1000, 500, 5000, now)
            policy = policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, now, central.randomness)
            sale = till.sale(2599, policy=policy)
            back = till.refund(sale, {2: 1}, policy=policy)
            till.push(connection, now=now)
        return shop, policy, sale.op_id, back.op_id

    def test_inputs_arithmetic_and_entries(self, store: Run, sold: tuple[str, RewardPolicy, bytes, bytes]) -> None:
        shop, policy, sale, back = sold
        found = listed(store, "explain", "--vendor", shop, "--counter", "1", "--receipt", "1")
        assert found == listed(store, "explain", "--operation", sale.hex())
        assert found == listed(store, "explain", "--operation", back.hex())
        signed = found["signed"]
        assert (signed["total"], signed["points_paid"], signed["points_promised"]) == ("25.99", 0, 129)
        assert (signed["policy_id"], signed["version"], signed["hash"]) == (policy.policy_id, 1, policy.digest().hex())
        assert (found["policy"]["threshold"], found["policy"]["reward_percentage"]) == ("10.00", "5")
        assert found["policy"]["digest"] == signed["hash"]
        assert found["earning"] == {
            "base": "25.99",
            "exceeds": True,
            "product": 2599 * 500,
            "divisor": 10_000,
            "points": 129,
        }
        (refund,) = found["refunds"]
        assert (refund["operation"], refund["value"], refund["cash_back"]) == (back.hex(), "8.66", "8.66")
        assert (refund["still_earned"]["points"], refund["taken_back"]) == (86, 43)
        assert sorted((entry["kind"], entry["points"]) for entry in found["entries"]) == [
            ("CLAWBACK", 43),
            ("EARN", 129),
        ]
        assert sum(p["amount"] for entry in found["entries"] for p in entry["postings"]) == 0

    def test_in_words(self, store: Run, sold: tuple[str, RewardPolicy, bytes, bytes]) -> None:
        text = said(store("explain", "--operation", sold[2].hex()))
        for words in (
            "signed: total 25.99 GBP, 0 points paid, 129 points promised",
            "rules: 25.99 exceeds 10.00: 2599 * 500 / 10000, rounded down, is 129 points",
            "booked: 129 points",
            "taken back: 129 less what is still earned is 43 so far, 43 by this refund",
            "CLAWBACK 43: AVAIL -43, ISSUE +43, POOL -43, DUE +43",
        ):
            assert words in text.splitlines()

    def test_what_is_not_there(self, store: Run, sold: tuple[str, RewardPolicy, bytes, bytes]) -> None:
        shop = sold[0]
        refused(store("explain", "--vendor", shop, "--counter", "1", "--receipt", "9"))
        refused(store("explain", "--vendor", shop, "--counter", "2", "--receipt", "1"))
        refused(store("explain", "--operation", "00"))
        refused(store("explain", "--operation", "no hex"))

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("--vendor", "v", "--counter", "1"),
            ("--operation", "00", "--receipt", "1"),
            ("--vendor", "v", "--counter", "one", "--receipt", "1"),
        ],
    )
    def test_wrong_usage(self, store: Run, arguments: tuple[str, ...]) -> None:
        with pytest.raises(SystemExit) as stop:
            store("explain", *arguments)
        assert stop.value.code == 2

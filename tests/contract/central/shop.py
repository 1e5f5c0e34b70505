"""A central store with vendors, policies and counters, ready to be pushed to."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from tests.contract.central.till import CENTRAL_KEY, NOW, CountedRandomness, Till, enrolled
from urs_desktop.central import due, feed, leases, policies, vendors
from urs_desktop.central.schema import METADATA, VIEWS, customer_records, entries, lots, postings, wallets
from urs_desktop.central.schema.guards import guards
from urs_desktop.central.verification import verify
from urs_desktop.database.engine import Database
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.protocol.messages import GrantReply, GrantRequest, PushReply
from urs_desktop.protocol.operations import Operation


@dataclass(slots=True)
class Shop:
    """One medium vendor with a policy (5 % above 10.00, half may be paid with points) and one counter."""

    database: Database
    vendor_id: str
    policy: RewardPolicy
    till: Till
    randomness: CountedRandomness
    seeds: int = field(default=1)

    def push(self, *operations: Operation, till: Till | None = None, now: int = NOW) -> PushReply:
        """Push operations of a counter, or all it has, in a transaction of their own."""
        with self.database.write() as connection:
            return (till or self.till).push(connection, *operations, now=now)

    def grant(
        self, want: int, *, card: str = "C-1", till: Till | None = None, now: int = NOW, **more: int | str
    ) -> GrantReply:
        """Ask for points for a sale of 100.00, in a transaction of its own."""
        request = self.request(want, card=card, till=till, **more)
        with self.database.write() as connection:
            device = (till or self.till).device_id
            return leases.grant(connection, device, request, now, self.randomness, CENTRAL_KEY)

    def request(self, want: int, *, card: str = "C-1", till: Till | None = None, **more: int | str) -> GrantRequest:
        """Return the question for points towards a sale of 100.00; `more` replaces its fields."""
        source = till or self.till
        values: dict[str, int | str] = {
            "lease_id": f"lease-{self.randomness.token_bytes(8).hex()}",
            "epoch": source.identity.epoch,
            "card": card,
            "want": want,
            "total": 10_000,
            "policy_id": self.policy.policy_id,
            "policy_version": self.policy.version,
            **more,
        }
        return GrantRequest(**values)  # type: ignore[arg-type]

    def earn(self, points: int, card: str = "C-1", till: Till | None = None) -> None:
        """Give a customer points by a sale that earns exactly so many."""
        source = till or self.till
        total = points * 20
        assert self.policy.threshold < total, "too few points to be earned by one sale"
        reply = self.push(source.sale(total, card, policy=self.policy), till=source)
        assert reply.results[-1].result == "applied"

    def agree(self, *cards: str, at: int | None = NOW) -> None:
        """Let customers, all of them unless some are named, agree that their vendors see them; or not, at None."""
        chosen = customer_records.c.card_code.in_(cards) if cards else sa.true()
        with self.database.write() as connection:
            connection.execute(sa.update(customer_records).where(chosen).values(consent_at=at))
            found = connection.execute(sa.select(customer_records.c.customer_id).where(chosen)).scalars()
            feed.mark_customers(connection, found)

    def wallet(self, card: str = "C-1") -> tuple[int, int]:
        """Return what a customer has available and held."""
        statement = (
            sa.select(wallets.c.available, wallets.c.held)
            .select_from(wallets.join(customer_records, customer_records.c.customer_id == wallets.c.customer_id))
            .where(customer_records.c.card_code == card)
        )
        with self.database.read() as connection:
            row = connection.execute(statement).one()
        return row.available, row.held

    def balances(self, card: str = "C-1") -> tuple[int, int, int, int]:
        """Return what a customer has pending, available and held, and what the customer owes."""
        statement = (
            sa.select(wallets.c.pending, wallets.c.available, wallets.c.held, wallets.c.owed)
            .select_from(wallets.join(customer_records, customer_records.c.customer_id == wallets.c.customer_id))
            .where(customer_records.c.card_code == card)
        )
        with self.database.read() as connection:
            row = connection.execute(statement).one()
        return row.pending, row.available, row.held, row.owed

    def lots(self, card: str = "C-1") -> dict[bytes, tuple[int, int, int]]:
        """Return what each lot of a customer has pending, available and held, the oldest first."""
        statement = (
            sa.select(lots)
            .select_from(lots.join(customer_records, customer_records.c.customer_id == lots.c.customer_id))
            .where(customer_records.c.card_code == card)
            .order_by(lots.c.created_at, lots.c.lot_id)
        )
        with self.database.read() as connection:
            return {row.lot_id: (row.pending, row.available, row.held) for row in connection.execute(statement)}

    def accounts(self) -> dict[tuple[str, str], int]:
        """Return the sum of every account that is not zero, by kind and owner."""
        statement = sa.select(
            postings.c.account, postings.c.owner, sa.func.sum(postings.c.amount).label("amount")
        ).group_by(postings.c.account, postings.c.owner)
        with self.database.read() as connection:
            return {(r.account, r.owner): int(r.amount) for r in connection.execute(statement) if r.amount}

    def booked(self) -> dict[str, int]:
        """Return the points of all entries by kind."""
        statement = sa.select(entries.c.kind, sa.func.sum(entries.c.points).label("points")).group_by(entries.c.kind)
        with self.database.read() as connection:
            return {row.kind: int(row.points) for row in connection.execute(statement)}

    def change_policy(self, now: int = NOW, **terms: Any) -> RewardPolicy:  # noqa: ANN401 - any field of the terms
        """Return a new version of the category's policy, which says what the first does but for `terms`."""
        figures = policies.Terms(
            **{"threshold": 1000, "reward_bp": 500, "redeemable_bp": 5000, "valid_from": now} | terms
        )
        with self.database.write() as connection:
            self.policy = policies.add_version(connection, Category.MEDIUM, None, "GBP", figures, now, self.randomness)
        return self.policy

    def tidy(self, now: int) -> None:
        """Do what the store does by itself: leases come back, points vest and expire."""
        with self.database.write() as connection:
            leases.reclaim_due(connection, now)
        did = 1
        while did:
            with self.database.write() as connection:
                did = due.everybody(connection, now)

    def rows(self, table: sa.Table | str) -> list[dict[str, object]]:
        """Return all rows of a table or a view."""
        statement = sa.text(f"SELECT * FROM {table}") if isinstance(table, str) else sa.select(table)
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def findings(self) -> list[str]:
        """Return what verify finds."""
        with self.database.read() as connection:
            return verify(connection)

    def another_till(self, vendor_id: str | None = None) -> Till:
        """Return one more counter, of the same vendor unless another is named."""
        self.seeds += 1
        with self.database.write() as connection:
            return enrolled(connection, vendor_id or self.vendor_id, self.seeds)

    def another_vendor(self, category: Category = Category.MEDIUM, currency: str = "GBP") -> str:
        """Return the id of one more vendor."""
        with self.database.write() as connection:
            return vendors.add(connection, "Other", category, currency, "Hull", NOW, self.randomness)


def empty_shop(database: Database) -> None:
    """Make the tables, views and triggers in an empty database, as its owner."""
    with database.change_schema() as connection:
        METADATA.create_all(connection)
        for view in VIEWS.values():
            connection.execute(sa.text(view))
        for statement in guards(connection.dialect.name):
            connection.exec_driver_sql(statement)


def open_shop(database: Database) -> Shop:
    """Fill a database with one vendor, its policy and a counter."""
    randomness = CountedRandomness(1000)
    with database.write() as connection:
        vendor_id = vendors.add(connection, "Shop", Category.MEDIUM, "GBP", "Leeds", NOW, randomness)
        terms = policies.Terms(1000, 500, 5000, NOW - 1000)
        policy = policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, NOW - 1000, randomness)
        till = enrolled(connection, vendor_id)
    return Shop(database, vendor_id, policy, till, randomness)

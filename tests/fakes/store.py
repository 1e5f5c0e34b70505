"""The counter's store in dictionaries: transactions that commit whole or not at all, readers that see the last commit.

Held to the same contract as the SQLite store. Must never keep anything a failed transaction did.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from tests.fakes import shelves
from tests.fakes.epochs import FakeEpochs, current
from tests.fakes.figures import FakeAnalytics
from tests.fakes.held import FakeHeldSales
from tests.fakes.leases import FakeLeases
from tests.fakes.outcomes import FakeOutcomes
from tests.fakes.people import FakePeople
from tests.fakes.prints import FakePrints
from tests.fakes.shifts import FakeShifts
from tests.fakes.staff import FakeStaff
from tests.fakes.tables import Table, Tables
from urs_desktop.counter.ports import Book as BookPort
from urs_desktop.counter.values import (
    ChainHead,
    CounterState,
    Customer,
    Epoch,
    Identity,
    ParkedOperation,
    Product,
    ReplayedReturns,
    StoredRefund,
    StoredSale,
)
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.text import national_digits, phone_digits
from urs_desktop.protocol.chain import genesis
from urs_desktop.protocol.operations import Operation
from urs_desktop.protocol.tombstones import mark

T = TypeVar("T")


class FakeCatalogue(Table):
    def find(self, code: str) -> Product | None:
        products = self.tables.products
        if code in products:
            return products[code]
        by_barcode = [p for p in products.values() if p.barcode and p.barcode == code]
        if by_barcode:
            return by_barcode[0]
        folded = code.casefold()
        alike = [p for p in products.values() if folded in (p.sku.casefold(), p.barcode.casefold())]
        return alike[0] if folded and len(alike) == 1 else None

    def has(self, sku: str) -> bool:
        return sku in self.tables.products

    def search(self, text: str, limit: int) -> Sequence[Product]:
        words = text.casefold().split()
        if not words:
            return []

        def matches(product: Product) -> bool:
            tokens = f"{product.sku} {product.description}".casefold().split()
            return all(any(token.startswith(word) for token in tokens) for word in words)

        found = [product for product in self.tables.products.values() if matches(product)]
        return sorted(found, key=lambda p: (p.sku.casefold() != text.casefold(), p.description, p.sku))[:limit]

    def categories(self, limit: int) -> Sequence[str]:
        return shelves.categories(self.tables.products, limit)

    def shelf(self, category: str, limit: int) -> Sequence[Product]:
        return shelves.shelf(self.tables.products, self.tables.sales, category, limit)

    def put(self, product: Product) -> None:
        products = self._write().products
        known = products.get(product.sku)
        if known is None or product.hlc >= known.hlc:
            products[product.sku] = product

    def count(self) -> int:
        return len(self.tables.products)


class FakeCustomers(Table):
    def by_card(self, card: str) -> Customer | None:
        return self.tables.customers.get(card)

    def by_phone(self, phone: str) -> Customer | None:
        found = [c for c in self.tables.customers.values() if c.phone and phone_digits(c.phone) == phone]
        national = "" if found else national_digits(phone)
        if national:
            found = [c for c in self.tables.customers.values() if phone_digits(c.phone).startswith("+")]
            found = [c for c in found if phone_digits(c.phone).endswith(national)]
        return found[0] if len(found) == 1 else None

    def search(self, text: str, limit: int) -> Sequence[Customer]:
        wanted = text.strip().casefold()
        if not wanted:
            return []
        customers = sorted(self.tables.customers.values(), key=lambda c: (c.name.casefold(), c.card))
        found = [c for c in customers if any(wanted in p.casefold() for p in (c.name, c.phone, c.email, c.card))]
        return found[:limit]

    def put(self, customer: Customer) -> None:
        customers = self._write().customers
        known = customers.get(customer.card)
        customers[customer.card] = customer if known is None else _merged(known, customer)

    def forget(self, gone: str) -> None:
        customers = self._write().customers
        for card in [card for card in customers if mark(card) == gone]:
            del customers[card]

    def overdrawn(self) -> Sequence[str]:
        customers = self.tables.customers.values()
        return sorted(c.card for c in customers if c.available is not None and c.available < 0)


def _merged(known: Customer, told: Customer) -> Customer:
    newer = told.as_of is not None and (known.as_of is None or told.as_of >= known.as_of)
    return replace(
        known,
        name=told.name or known.name,
        phone=told.phone or known.phone,
        email=told.email or known.email,
        available=told.available if newer else known.available,
        as_of=told.as_of if newer else known.as_of,
        blocked=told.blocked if newer else known.blocked,
    )


class FakePolicies(Table):
    def all(self) -> Sequence[RewardPolicy]:
        return list(self.tables.policies.values())

    def put(self, policy: RewardPolicy) -> None:
        self._write().policies.setdefault((policy.policy_id, policy.version), policy)

    def altered(self) -> Sequence[RewardPolicy]:
        return []


class FakeSales(Table):
    def put(self, sale: StoredSale) -> None:
        sales = self._write().sales
        source = sale.body.source
        if sale.receipt in sales or (source is not None and self.by_source(source.journal, source.invoice)):
            raise ValueError(f"receipt {sale.receipt} is there already")
        sales[sale.receipt] = sale

    def by_receipt(self, receipt: int) -> StoredSale | None:
        return self.tables.sales.get(receipt)

    def by_operation(self, op_id: bytes) -> StoredSale | None:
        return next((sale for sale in self.tables.sales.values() if sale.op_id == op_id), None)

    def of_customer(self, card: str, sku: str, until: int) -> Sequence[StoredSale]:
        found = [sale for sale in self.tables.sales.values() if sale.body.card == card]
        found = [sale for sale in found if any(line.sku == sku for line in sale.body.lines)]
        found = [sale for sale in found if sale.body.happened_at <= until]
        return sorted(found, key=lambda sale: (sale.body.happened_at, sale.receipt))

    def by_source(self, journal: str, invoice: str) -> StoredSale | None:
        for sale in self.tables.sales.values():
            source = sale.body.source
            if source is not None and (source.journal, source.invoice) == (journal, invoice):
                return sale
        return None

    def agrees(self, sale: StoredSale) -> bool:
        return self.tables.sales.get(sale.receipt) == sale

    def latest(self, limit: int) -> Sequence[StoredSale]:
        return [self.tables.sales[number] for number in sorted(self.tables.sales, reverse=True)[:limit]]

    def floor_taken(self, card: str | None = None) -> int:
        acknowledged = self.tables.head[0].acknowledged
        sales = [sale for sale in self.tables.sales.values() if sale.seq > acknowledged]
        bodies = [sale.body for sale in sales if card is None or sale.body.card == card]
        return sum(spend.points for body in bodies for spend in body.spends if not spend.lease)

    def count(self) -> int:
        return len(self.tables.sales)


class FakeRefunds(Table):
    def put(self, refund: StoredRefund) -> None:
        refunds = self._write().refunds
        if refund.receipt in refunds:
            raise ValueError(f"receipt {refund.receipt} is there already")
        refunds[refund.receipt] = refund

    def by_receipt(self, receipt: int) -> StoredRefund | None:
        return self.tables.refunds.get(receipt)

    def _where(self, fits: Callable[[StoredRefund], bool]) -> list[StoredRefund]:
        return [refund for _, refund in sorted(self.tables.refunds.items()) if fits(refund)]

    def by_source(self, journal: str, invoice: str) -> Sequence[StoredRefund]:
        def fits(refund: StoredRefund) -> bool:
            source = refund.body.source
            return source is not None and (source.journal, source.invoice) == (journal, invoice)

        return self._where(fits)

    def of_sale(self, sale: bytes) -> Sequence[StoredRefund]:
        return self._where(lambda refund: refund.body.sale == sale.hex())

    def agrees(self, refund: StoredRefund) -> bool:
        return self.tables.refunds.get(refund.receipt) == refund

    def count(self) -> int:
        return len(self.tables.refunds)

    def put_returns(self, returns: ReplayedReturns) -> None:
        key = (returns.journal, returns.invoice)
        if key in self._write().returns:
            raise ValueError(f"the returns of {returns.invoice} are there already")
        self.tables.returns[key] = returns

    def returns_of(self, journal: str, invoice: str) -> ReplayedReturns | None:
        return self.tables.returns.get((journal, invoice))


class FakeOperations(Table):
    def head(self) -> ChainHead:
        return self.tables.head[0]

    def append(self, operation: Operation, hlc: int, receipt: int) -> None:
        tables, head = self._write(), self.head()
        if operation.seq != head.seq + 1 or operation.prev != head.head:
            raise ValueError(f"operation {operation.seq} does not follow {head.seq}")
        tables.operations.append(operation)
        if receipt:
            tables.receipt_seqs[receipt] = operation.seq
        tables.head[0] = replace(head, seq=operation.seq, head=operation.hash, hlc=hlc, receipt=receipt or head.receipt)

    def waiting(self, limit: int, limit_bytes: int) -> Sequence[Operation]:
        chosen: list[Operation] = []
        size = 0
        for operation in current(self.tables)[self.head().acknowledged :][:limit]:
            size += len(operation.body)
            if chosen and size > limit_bytes:
                break
            chosen.append(operation)
        return chosen

    def at(self, seq: int) -> Operation | None:
        return current(self.tables)[seq - 1] if 1 <= seq <= len(self.tables.operations) else None

    def acknowledge(self, seq: int, parked: Sequence[ParkedOperation]) -> None:
        tables, head = self._write(), self.head()
        tables.head[0] = replace(head, acknowledged=max(head.acknowledged, seq))
        tables.parked.update({operation.seq: operation for operation in parked})

    def rewind(self, seq: int) -> None:
        tables, head = self._write(), self.head()
        tables.head[0] = replace(head, acknowledged=min(head.acknowledged, seq))

    def parked(self) -> Sequence[ParkedOperation]:
        return [self.tables.parked[seq] for seq in sorted(self.tables.parked) if seq not in self.tables.resolved]

    def resolve(self, seq: int, result: str, code: str) -> None:
        self._write().resolved.setdefault(seq, (result, code))

    def receipts_waiting(self) -> Sequence[int]:
        acknowledged = self.head().acknowledged
        return sorted(receipt for receipt, seq in self.tables.receipt_seqs.items() if seq > acknowledged)

    def fence(self) -> None:
        self._write().head[0] = replace(self.head(), state=CounterState.FENCED)

    def all(self) -> Sequence[Operation]:
        return list(current(self.tables))


class FakeSettings(Table):
    def identity(self) -> Identity | None:
        return self.tables.identity[0] if self.tables.identity else None

    def put_identity(self, identity: Identity) -> None:
        tables = self._write()
        if tables.identity:
            known = tables.identity[0]
            tables.identity[0] = replace(
                known,
                vendor_name=identity.vendor_name,
                category=identity.category,
                currency=identity.currency,
                location=identity.location,
            )
        else:
            tables.identity.append(identity)
            start = genesis(identity.device_id, identity.epoch, identity.nonce)
            tables.head[0] = replace(tables.head[0], head=start)
            tables.epochs.append(Epoch(identity.epoch, identity.nonce, 1, 0))

    def move(self, central_url: str) -> None:
        identities = self._write().identity
        identities[:] = [replace(identity, central_url=central_url) for identity in identities]

    def get(self, name: str) -> str | None:
        return self.tables.settings.get(name)

    def put(self, name: str, value: str) -> None:
        self._write().settings[name] = value


class FakeBook:
    """The book over one state."""

    def __init__(self, tables: Tables, *, writable: bool) -> None:
        self.catalogue = FakeCatalogue(tables, writable=writable)
        self.customers = FakeCustomers(tables, writable=writable)
        self.policies = FakePolicies(tables, writable=writable)
        self.sales = FakeSales(tables, writable=writable)
        self.refunds = FakeRefunds(tables, writable=writable)
        self.operations = FakeOperations(tables, writable=writable)
        self.epochs = FakeEpochs(tables, writable=writable)
        self.outcomes = FakeOutcomes(tables.adjusted, tables.notes, writable=writable)
        self.held = FakeHeldSales(tables.held, writable=writable)
        self.shifts = FakeShifts(tables.shifts, tables.operations, writable=writable)
        self.people = FakePeople(tables, writable=writable)
        self.analytics = FakeAnalytics(tables.sales, tables.refunds, tables.products)
        self.staff = FakeStaff(tables.staff, writable=writable)
        self.prints = FakePrints(tables.jobs, tables.sales, tables.refunds, tables.customers, writable=writable)
        self.leases = FakeLeases(tables, writable=writable)
        self.settings = FakeSettings(tables, writable=writable)


class FakeStore:
    """Opens transactions on a book in memory.

    `before_commit` and `after_commit` are called inside every writing transaction and may raise: what the first raises
    rolls back, what the second raises comes after everything is kept, as when the answer of a commit is lost.
    """

    def __init__(self) -> None:
        self._tables = Tables()
        self._writing = threading.Lock()
        self.before_commit: Callable[[], Any] = _nothing
        self.after_commit: Callable[[], Any] = _nothing
        self.before_read: Callable[[], Any] = _nothing

    def write(self, work: Callable[[BookPort], T]) -> T:
        """Do `work` on a copy and keep it only if nothing was raised; transactions do not nest."""
        if not self._writing.acquire(timeout=10):
            raise TimeoutError("a writing transaction is open already")
        try:
            tables = self._tables.copy()
            result = work(FakeBook(tables, writable=True))
            self.before_commit()
            self._tables = tables
        finally:
            self._writing.release()
        self.after_commit()
        return result

    def read(self, work: Callable[[BookPort], T]) -> T:
        """Do `work` on the last committed state, which a later commit does not change under it."""
        self.before_read()
        return work(FakeBook(self._tables, writable=False))


def _nothing() -> None:
    """Fail at nothing."""

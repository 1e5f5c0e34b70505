"""Replaying a journal: every receipt of another till's record rung up here once, whatever happens in between.

The key of a receipt is (this counter, journal name, invoice): a second run changes nothing, a run after a crash goes on
where the last one was cut off. Must never judge what was sold: a journal is a record, not an opinion.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from urs_desktop.counter.ports import Book, CentralUnavailableError, Store
from urs_desktop.counter.use_cases.catalogue import put_products
from urs_desktop.counter.use_cases.journal import Invoice, Journal
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder, identity_of, policy_now
from urs_desktop.domain.basket import Basket, basket_of
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.purchase import redemption_cap
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import ProductItem, SaleBody, SaleSource

_BATCH: Final = 20
"""Receipts without points that share a transaction."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The journal's state after a run: `document` is the report, `points_refused` why points did not pay this time."""

    document: dict[str, Any]
    points_refused: dict[str, int]


class Replay:
    """Rings up journals on one counter."""

    def __init__(self, store: Store, recorder: Recorder, redeem: Redeem, push: Callable[[], object]) -> None:
        """Take the store, the recorder, the way to points, and `push`, which sends what waits before points are asked.

        `push` raises CentralUnavailableError or Refusal; the receipts are rung up all the same.
        """
        self._store = store
        self._recorder = recorder
        self._ring_up = RingUp(store, recorder)
        self._redeem = redeem
        self._push = push
        self._refused: dict[str, str] = {}
        self._points_refused: Counter[str] = Counter()

    def run(self, journal: Journal, progress: Callable[[int, int], None]) -> Replayed:
        """Ring up what is not stored yet and report the whole journal; `progress` gets (receipts done, of all)."""
        done = 0
        malformed = sum(invoice.points_malformed for invoice in journal.invoices)
        self._points_refused = Counter({RefusalCode.POINTS_MALFORMED.value: malformed} if malformed else {})
        for batch in _batches(journal.invoices):
            if batch[0].points:
                self._ring_up_with_points(journal.name, batch[0])
            else:
                self._ring_up_batch(journal.name, batch)
            done += len(batch)
            progress(done, len(journal.invoices))
        document = self._store.read(lambda book: self._report(book, journal))
        return Replayed(document, dict(self._points_refused))

    def _ring_up_batch(self, name: str, batch: Sequence[Invoice]) -> None:
        """Ring receipts up in one transaction; if one is refused, each in its own, so that it takes none with it."""

        def together(book: Book) -> None:
            for invoice in batch:
                self._ring_up_one(book, name, invoice)

        try:
            self._store.write(together)
        except Refusal:
            for invoice in batch:
                self._ring_up_alone(name, invoice)

    def _ring_up_alone(self, name: str, invoice: Invoice) -> None:
        try:
            self._store.write(lambda book: self._ring_up_one(book, name, invoice))
        except Refusal as refusal:
            self._refused[invoice.number] = refusal.code.value

    def _ring_up_one(
        self,
        book: Book,
        name: str,
        invoice: Invoice,
        points: Points = NO_POINTS,
        lease_id: str | None = None,
    ) -> None:
        if not invoice.lines or book.sales.by_source(name, invoice.number) is not None:
            return
        basket = basket_of(identity_of(book).currency, tuple(invoice.lines))
        self._learn_products(book, basket)
        order = SaleOrder(
            basket,
            card=invoice.customer,
            points=points,
            lease_id=lease_id,
            happened_at=invoice.happened_at,
            source=SaleSource(name, invoice.number, invoice.digest),
        )
        self._ring_up.complete_in(book, order)

    def _learn_products(self, book: Book, basket: Basket) -> None:
        """Put stock codes this counter has never seen into its catalogue, with their first description and price."""
        unknown: dict[str, ProductItem] = {}
        for line in basket.lines:
            if line.sku not in unknown and not book.catalogue.has(line.sku):
                price = line.unit_price
                unknown[line.sku] = ProductItem(line.sku, line.description, price.units, price.scale, learned=True)
        put_products(book, self._recorder, tuple(unknown.values()))

    def _ring_up_with_points(self, name: str, invoice: Invoice) -> None:
        if not invoice.lines or self._store.read(lambda book: book.sales.by_source(name, invoice.number)):
            return
        points, lease_id = self._obtain(invoice)
        try:
            self._store.write(lambda book: self._ring_up_one(book, name, invoice, points, lease_id))
        except Refusal as refusal:
            if points:
                self._points_refused[refusal.code.value] += 1
            self._ring_up_alone(name, invoice)
        if lease_id is not None:
            self._redeem.give_back(lease_id)

    def _obtain(self, invoice: Invoice) -> tuple[Points, str | None]:
        """Ask for as many of the wanted points as the rules and the wallet allow; none is an answer too."""
        try:
            total, want = self._store.read(lambda book: _allowed(book, invoice, self._recorder.now()))
            if not want or invoice.customer is None:
                self._points_refused[RefusalCode.POINTS_NOT_REDEEMED_HERE.value] += 1
                return NO_POINTS, None
            self._push()
            lease = self._redeem.obtain(invoice.customer, want, total)
        except Refusal as refusal:
            self._points_refused[refusal.code.value] += 1
        except CentralUnavailableError:
            self._points_refused[RefusalCode.POINTS_NEED_CONNECTION.value] += 1
        else:
            return lease.rest, lease.lease_id
        return NO_POINTS, None

    def _report(self, book: Book, journal: Journal) -> dict[str, Any]:
        """Return the state of the whole journal: what is stored of it, and what is not with the code why."""
        stored = 0
        invoices: list[dict[str, Any]] = []
        reported: list[dict[str, Any]] = []
        for invoice in journal.invoices:
            codes = Counter(invoice.reported)
            sale = book.sales.by_source(journal.name, invoice.number) if invoice.lines else None
            if sale is None:
                codes[self._refused.get(invoice.number, "not_stored")] += len(invoice.lines)
            else:
                invoices.append(_as_stored(invoice, sale.body))
                if sale.body.source is not None and sale.body.source.digest == invoice.digest:
                    stored += len(invoice.lines)
                else:
                    codes["invoice_changed"] += len(invoice.lines)
            reported += [{"invoice": invoice.number, "code": c, "rows": n} for c, n in sorted(codes.items()) if n]
        reasons: Counter[str] = Counter()
        for entry in reported:
            reasons[entry["code"]] += entry["rows"]
        return {
            "journal": journal.name,
            "rows_read": journal.rows,
            "rows_stored": stored,
            "rows_reported": sum(reasons.values()),
            "reasons": dict(sorted(reasons.items())),
            "purchases": len(invoices),
            "refunds": 0,
            "invoices": invoices,
            "reported": reported,
        }


def _as_stored(invoice: Invoice, body: SaleBody) -> dict[str, Any]:
    return {
        "invoice": invoice.number,
        "customer": body.card,
        "gross_minor": body.total,
        "points_earned": body.earned,
        "points_redeemed": body.points_paid,
    }


def _batches(invoices: Sequence[Invoice]) -> Iterator[Sequence[Invoice]]:
    """Yield receipts in order: a few without points at a time, each one with points alone."""
    batch: list[Invoice] = []
    for invoice in invoices:
        if invoice.points or len(batch) == _BATCH:
            if batch:
                yield batch
            batch = []
        if invoice.points:
            yield [invoice]
        else:
            batch.append(invoice)
    if batch:
        yield batch


def _allowed(book: Book, invoice: Invoice, now: int) -> tuple[Money, Points]:
    """Return what the receipt comes to and how many of the wanted points the policy lets pay for it."""
    identity = identity_of(book)
    total = basket_of(identity.currency, tuple(invoice.lines)).total
    policy = policy_now(book, identity, now)
    return total, redemption_cap(total, identity.category, policy, invoice.points)

"""Replaying a journal: every receipt of another till's record rung up or refunded here once, whatever happens.

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
from urs_desktop.counter.use_cases.returns import refund_returns
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder, identity_of, policy_now
from urs_desktop.counter.values import ReplayedReturns, StoredRefund, StoredSale
from urs_desktop.domain.basket import Basket, basket_of
from urs_desktop.domain.lease import NO_BACKING, Backing
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.purchase import redemption_cap
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import ProductItem, SaleSource

_BATCH: Final = 20
"""Invoices without points that share a transaction."""

_WITHOUT_SALE: Final = "return_without_sale"
_EXCEEDING: Final = "return_exceeds_sale"
_CHANGED: Final = "invoice_changed"
_NOT_STORED: Final = "not_stored"


@dataclass(frozen=True, slots=True)
class Replayed:
    """The journal's state after a run: `document` is the report, `points_refused` why points did not pay this time."""

    document: dict[str, Any]
    points_refused: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the book has of one invoice."""

    sale: StoredSale | None
    refunds: Sequence[StoredRefund]
    returns: ReplayedReturns | None

    def is_of(self, invoice: Invoice) -> bool:
        """Whether it was stored from the very rows the invoice has now."""
        source = self.sale.body.source if self.sale else None
        digests = {source.digest if source else None, self.returns.digest if self.returns else None}
        return digests <= {None, invoice.digest}

    def lets_sell(self, invoice: Invoice) -> bool:
        """Whether the invoice's sale is still to be rung up."""
        return self.sale is None and self.is_of(invoice)

    def lets_refund(self, invoice: Invoice) -> bool:
        """Whether the invoice's returns are still to be dealt with."""
        return self.returns is None and self.is_of(invoice)


def _stored(book: Book, journal: str, invoice: Invoice) -> _Stored:
    returns = book.refunds.returns_of(journal, invoice.number)
    refunds = book.refunds.by_source(journal, invoice.number) if returns else ()
    return _Stored(book.sales.by_source(journal, invoice.number), refunds, returns)


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
        self._returns_refused: dict[str, str] = {}
        self._known: set[str] = set()
        self._points_refused: Counter[str] = Counter()

    def run(self, journal: Journal, progress: Callable[[int, int], None]) -> Replayed:
        """Ring up what is not stored yet and report the whole journal; `progress` gets (receipts done, of all)."""
        done = 0
        malformed = sum(invoice.points_malformed for invoice in journal.invoices)
        self._points_refused = Counter({RefusalCode.POINTS_MALFORMED.value: malformed} if malformed else {})
        for batch in _batches(journal.invoices):
            if batch[0].points:
                self._take_with_points(journal.name, batch[0])
            else:
                self._take_batch(journal.name, batch)
            done += len(batch)
            progress(done, len(journal.invoices))
        document = self._store.read(lambda book: self._report(book, journal))
        return Replayed(document, dict(self._points_refused))

    def _write(self, work: Callable[[Book], None]) -> None:
        """Do `work` in a transaction; what was learned in one that failed is forgotten with it."""
        try:
            self._store.write(work)
        except BaseException:
            self._known.clear()
            raise

    def _take_batch(self, name: str, batch: Sequence[Invoice]) -> None:
        """Take invoices in one transaction; if one is refused, each in its own, so that it takes none with it."""

        def together(book: Book) -> None:
            for invoice in batch:
                self._take(book, name, invoice)

        try:
            self._write(together)
        except Refusal:
            for invoice in batch:
                self._take_alone(name, invoice)

    def _take_alone(self, name: str, invoice: Invoice) -> None:
        """Take one invoice; if it is refused, its sale and its returns each by itself."""
        try:
            self._write(lambda book: self._take(book, name, invoice))
        except Refusal:
            try:
                self._write(lambda book: self._ring_up_one(book, name, invoice))
            except Refusal as refusal:
                self._refused[invoice.number] = refusal.code.value
            try:
                self._write(lambda book: self._refund_one(book, name, invoice))
            except Refusal as refusal:
                self._returns_refused[invoice.number] = refusal.code.value

    def _take(
        self,
        book: Book,
        name: str,
        invoice: Invoice,
        points: Points = NO_POINTS,
        backing: Backing = NO_BACKING,
    ) -> None:
        """Ring up an invoice's sale, then deal with its returns, inside the caller's transaction."""
        self._ring_up_one(book, name, invoice, points, backing)
        self._refund_one(book, name, invoice)

    def _ring_up_one(
        self,
        book: Book,
        name: str,
        invoice: Invoice,
        points: Points = NO_POINTS,
        backing: Backing = NO_BACKING,
    ) -> None:
        if not invoice.lines or not _stored(book, name, invoice).lets_sell(invoice):
            return
        basket = basket_of(identity_of(book).currency, tuple(invoice.lines))
        self._learn_products(book, basket)
        order = SaleOrder(
            basket,
            card=invoice.customer,
            points=points,
            backing=backing,
            happened_at=invoice.happened_at,
            source=SaleSource(name, invoice.number, invoice.digest),
        )
        self._ring_up.complete_in(book, order)

    def _refund_one(self, book: Book, name: str, invoice: Invoice) -> None:
        if invoice.returns and _stored(book, name, invoice).lets_refund(invoice):
            refund_returns(book, self._recorder, name, invoice)

    def _learn_products(self, book: Book, basket: Basket) -> None:
        """Put stock codes this counter has never seen into its catalogue, with their first description and price."""
        unknown: dict[str, ProductItem] = {}
        for line in basket.lines:
            if line.sku in self._known:
                continue
            self._known.add(line.sku)
            if not book.catalogue.has(line.sku):
                price = line.unit_price
                unknown[line.sku] = ProductItem(line.sku, line.description, price.units, price.scale, learned=True)
        put_products(book, self._recorder, tuple(unknown.values()))

    def _take_with_points(self, name: str, invoice: Invoice) -> None:
        stored = self._store.read(lambda book: _stored(book, name, invoice))
        if not stored.lets_sell(invoice):
            self._take_alone(name, invoice)
            return
        points, backing = self._obtain(invoice)
        try:
            self._write(lambda book: self._take(book, name, invoice, points, backing))
        except Refusal as refusal:
            if points:
                self._points_refused[refusal.code.value] += 1
            self._take_alone(name, invoice)
        self._redeem.give_back(backing)

    def _obtain(self, invoice: Invoice) -> tuple[Points, Backing]:
        """Ask for as many of the wanted points as the rules and the wallet allow; none is an answer too."""
        try:
            total, want = self._store.read(lambda book: _allowed(book, invoice, self._recorder.now()))
            if not want or invoice.customer is None:
                self._points_refused[RefusalCode.POINTS_NOT_REDEEMED_HERE.value] += 1
                return NO_POINTS, NO_BACKING
            self._push()
            backing = self._redeem.obtain(invoice.customer, want, total)
        except Refusal as refusal:
            self._points_refused[refusal.code.value] += 1
        except CentralUnavailableError:
            self._points_refused[RefusalCode.POINTS_NEED_CONNECTION.value] += 1
        else:
            return backing.rest, backing
        return NO_POINTS, NO_BACKING

    def _report(self, book: Book, journal: Journal) -> dict[str, Any]:
        """Return the state of the whole journal: what is stored of it, and what is not with the code why."""
        rows, purchases, refunds = 0, 0, 0
        invoices: list[dict[str, Any]] = []
        reported: list[dict[str, Any]] = []
        for invoice in journal.invoices:
            stored = _stored(book, journal.name, invoice)
            codes = Counter(invoice.reported) + self._unstored(invoice, stored)
            rows += len(invoice.reported) + len(invoice.lines) + len(invoice.returns) - codes.total()
            purchases += stored.sale is not None
            refunds += len(stored.refunds)
            if stored.sale is not None or stored.refunds:
                invoices.append(_as_stored(invoice, stored))
            reported += [{"invoice": invoice.number, "code": c, "rows": n} for c, n in sorted(codes.items())]
        reasons: Counter[str] = Counter()
        for entry in reported:
            reasons[entry["code"]] += entry["rows"]
        return {
            "journal": journal.name,
            "rows_read": journal.rows,
            "rows_stored": rows,
            "rows_reported": sum(reasons.values()),
            "reasons": dict(sorted(reasons.items())),
            "purchases": purchases,
            "refunds": refunds,
            "invoices": invoices,
            "reported": reported,
        }

    def _unstored(self, invoice: Invoice, stored: _Stored) -> Counter[str]:
        """Return how many well-formed rows of an invoice are not stored, by the code why."""
        if not stored.is_of(invoice):
            return +Counter({_CHANGED: len(invoice.lines) + len(invoice.returns)})
        codes: Counter[str] = Counter()
        if stored.sale is None:
            codes[self._refused.get(invoice.number, _NOT_STORED)] += len(invoice.lines)
        if stored.returns is None:
            codes[self._returns_refused.get(invoice.number, _NOT_STORED)] += len(invoice.returns)
        else:
            codes[_WITHOUT_SALE] += stored.returns.without_sale
            codes[_EXCEEDING] += stored.returns.exceeding
        return +codes


def _as_stored(invoice: Invoice, stored: _Stored) -> dict[str, Any]:
    """Return what an invoice came to: its sale less its refunds."""
    sale = stored.sale.body if stored.sale else None
    back = [refund.body for refund in stored.refunds]
    return {
        "invoice": invoice.number,
        "customer": sale.card if sale else back[0].card,
        "gross_minor": (sale.total if sale else 0) - sum(refund.total for refund in back),
        "points_earned": (sale.earned if sale else 0) - sum(refund.clawed for refund in back),
        "points_redeemed": (sale.points_paid if sale else 0) - sum(refund.points_back for refund in back),
    }


def _batches(invoices: Sequence[Invoice]) -> Iterator[Sequence[Invoice]]:
    """Yield invoices in order: a few without points at a time, each one with points alone."""
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

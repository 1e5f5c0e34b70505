"""The counter's catalogue: products put in by hand, by a file or by a journal, and sent to the vendor's other counters.

Must never store a product without its operation: both stand or fall together.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.journal import FileRefusedError, read_rows
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.values import Product
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import UnitPrice, parse_percentage, parse_unit_price
from urs_desktop.domain.pricing import NO_TAX, TaxRate
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import MAX_CODE, clean_text, product_code
from urs_desktop.protocol.operations import ProductItem, ProductsBody, TaxedItem, TaxedProductsBody

_ITEMS: Final = 80
"""Products in one operation: 80 of the longest ones stay below an operation's largest size."""

_BATCH: Final = 1000
"""Products stored in one transaction of an import."""

_NAMES: Final = {
    "sku": ("sku", "code", "stockcode", "stock_code"),
    "description": ("description", "name"),
    "price": ("price", "unitprice", "unit_price"),
    "barcode": ("barcode", "gtin", "ean", "upc"),
    "category": ("category", "department"),
    "tax": ("tax", "tax_rate", "taxrate", "vat"),
    "tax_included": ("tax_included", "taxincluded", "vat_included"),
}
"""The column names an import understands, whatever their case."""

_INCLUDED: Final = {"": True, "yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
"""How a file says whether the price includes the tax."""

_NEEDED: Final = ("sku", "description", "price")


@dataclass(slots=True)
class Imported:
    """What an import did: rows read, products stored, and the rows reported as (row number from 1, code)."""

    rows: int = 0
    stored: int = 0
    reported: list[tuple[int, str]] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows were reported with each code."""
        return dict(sorted(Counter(code for _, code in self.reported).items()))


def put_products(book: Book, recorder: Recorder, items: Sequence[ProductItem]) -> None:
    """Store products and the operations that carry them to the central store, inside the caller's transaction."""
    currency = identity_of(book).currency
    for start in range(0, len(items), _ITEMS):
        chunk = tuple(items[start : start + _ITEMS])
        stamp = recorder.stamp(book)
        # Above what is stored, so that a price another till wrote with a fast clock can be put right here;
        # a learned product is one this counter has just found it does not know.
        hlc = max([stamp.hlc, *(_stored_hlc(book, item.sku) + 1 for item in chunk if not item.learned)])
        recorder.append(book, _body(chunk, hlc, stamp.now))
        for item in chunk:
            price = UnitPrice(item.price, item.scale, currency)
            newness = 0 if item.learned else hlc
            tax = TaxRate(item.tax_rate, included=item.tax_included) if isinstance(item, TaxedItem) else NO_TAX
            book.catalogue.put(Product(item.sku, item.description, price, item.barcode, item.category, newness, tax))


def _body(items: Sequence[ProductItem], hlc: int, now: int) -> ProductsBody:
    """Return the body that carries products: of schema 2 only where one of them has a tax."""
    if not any(isinstance(item, TaxedItem) for item in items):
        return ProductsBody(hlc=hlc, recorded_at=now, items=tuple(items))
    taxed = tuple(item if isinstance(item, TaxedItem) else TaxedItem(**msgspec.structs.asdict(item)) for item in items)
    return TaxedProductsBody(hlc=hlc, recorded_at=now, items=taxed)


def _stored_hlc(book: Book, sku: str) -> int:
    known = book.catalogue.find(sku)
    return known.hlc if known is not None and known.sku == sku else 0


def import_products(
    store: Store, recorder: Recorder, path: Path, progress: Callable[[int], None] = lambda _: None
) -> Imported:
    """Import a CSV of products (columns sku, description, price; barcode and category where present).

    Bad rows are reported, good ones stored. Raises FileRefusedError with nothing stored when the file as a whole is
    not what it should be.
    """
    currency = store.read(identity_of).currency
    rows = list(read_rows(path, ()))
    columns = _columns(path, rows[0])
    result = Imported(rows=len(rows))
    items: dict[str, ProductItem] = {}
    for number, row in enumerate(rows, 1):
        try:
            item = _item(row, columns, currency)
            items[item.sku] = item
            result.stored += 1
        except Refusal as refusal:
            result.reported.append((number, refusal.code.value))
    wanted = tuple(items.values())
    for start in range(0, len(wanted), _BATCH):
        chunk = wanted[start : start + _BATCH]
        store.write(lambda book, chunk=chunk: put_products(book, recorder, chunk))  # type: ignore[misc]
        progress(start + len(chunk))
    return result


def _columns(path: Path, row: dict[str, str]) -> dict[str, str]:
    by_name = {name.strip().lower(): name for name in row}
    columns = {field_name: by_name[name] for field_name, names in _NAMES.items() for name in names if name in by_name}
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        message = (
            f"{path.name} has no column {', '.join(missing)}; nothing was taken from it. "
            "Its first line must name the columns sku, description and price."
        )
        raise FileRefusedError(message)
    return columns


def _item(row: dict[str, str], columns: dict[str, str], currency: Currency) -> ProductItem:
    def cell(name: str) -> str:
        return row.get(columns.get(name, ""), "")

    price = parse_unit_price(cell("price"), currency)
    if price.units < 0:
        raise Refusal(RefusalCode.PRICE_OUT_OF_RANGE, text=cell("price")[:40])
    item = ProductItem(
        product_code(cell("sku")),
        clean_text(cell("description")),
        price.units,
        price.scale,
        clean_text(cell("barcode"), MAX_CODE),
        clean_text(cell("category"), MAX_CODE),
    )
    rate = parse_percentage(cell("tax") or "0")
    included = _INCLUDED.get(cell("tax_included").strip().lower())
    if included is None:
        raise Refusal(RefusalCode.TEXT_MALFORMED, text=ascii(cell("tax_included")[:40]), maximum=MAX_CODE)
    if not rate:
        return item
    return TaxedItem(**msgspec.structs.asdict(item), tax_rate=rate, tax_included=included)

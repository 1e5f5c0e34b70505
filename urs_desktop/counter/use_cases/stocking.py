"""Adding a product at the counter: what was scanned and nobody knew, with name and price, for all the vendor's tills.

Must never change a product that is there, nor store one without its operation.
"""

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.barcodes import read_barcode
from urs_desktop.counter.use_cases.catalogue import put_products
from urs_desktop.counter.use_cases.preferences import preferences_in
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.scale_labels import read_label
from urs_desktop.counter.values import Product
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import clean_text, product_code
from urs_desktop.protocol.operations import ProductItem


class Stocking:
    """Adds products to the catalogue of one counter."""

    def __init__(self, store: Store, recorder: Recorder) -> None:
        """Take the counter's store and the recorder of its operations."""
        self._store = store
        self._recorder = recorder

    def add(self, code: str, description: str, price: UnitPrice) -> Product:
        """Add a product under what was scanned or typed; on disk when this returns. A barcode becomes its GTIN.

        Of a scale's label only the article is kept; what is returned is the piece with that label.

        Raises Refusal(TEXT_MALFORMED) for a code or a name that is none, PRICE_OUT_OF_RANGE below nothing, or
        PRODUCT_KNOWN when another one has come under this code meanwhile; nothing is kept then.
        """
        name, gtin = clean_text(description), _gtin(code)
        label = self._store.read(lambda book: read_label(gtin, preferences_in(book).scale_labels)) if gtin else None
        barcode = label.names[0] if label else gtin
        sku = product_code(barcode or code)
        if not name:
            raise Refusal(RefusalCode.TEXT_MALFORMED, text="''", maximum=1)
        if price.units < 0:
            raise Refusal(RefusalCode.PRICE_OUT_OF_RANGE, text=str(price.units))
        item = ProductItem(sku, name, price.units, price.scale, barcode)

        def put(book: Book) -> Product:
            if book.catalogue.find(sku) is not None:
                raise Refusal(RefusalCode.PRODUCT_KNOWN, code=sku)
            put_products(book, self._recorder, [item])
            added = book.catalogue.find(sku) or Product(sku, name, price, barcode)
            return label.of(added) if label else added

        return self._store.write(put)


def _gtin(code: str) -> str:
    """Return the GTIN a barcode holds; empty for a code that is none."""
    try:
        return read_barcode(code).gtin
    except Refusal:
        return ""

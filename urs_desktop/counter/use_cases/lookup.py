"""Finding products and customers: in the counter's own copy first, at the central store when that does not know them.

Must never hold up a sale: without a connection the local answer stands.
"""

from collections.abc import Sequence

from urs_desktop.counter.ports import Book, CentralStore, CentralUnavailableError, Store
from urs_desktop.counter.use_cases.barcodes import read_barcode
from urs_desktop.counter.use_cases.preferences import preferences_in
from urs_desktop.counter.use_cases.scale_labels import read_label
from urs_desktop.counter.values import Customer, Product
from urs_desktop.domain.points import Points
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import as_stored, card_code, is_phone, new_card_code, phone_digits
from urs_desktop.protocol.messages import CustomerReply, CustomerRequest

_FEWEST_PHONE_DIGITS = 5
_SHOPS_OWN = ("02", "2")
"""How every barcode begins that a shop may give out itself."""


class Lookup:
    """Looks products and customers up."""

    def __init__(self, store: Store, central: CentralStore) -> None:
        """Take the store and the way to the central store."""
        self._store = store
        self._central = central

    def product(self, code: str) -> Product:
        """Return the product with this SKU or barcode, in whichever form that was scanned.

        The label of a scale gives the product it names at the price the label says, or for the weight. Raises
        Refusal(PRODUCT_UNKNOWN), LABEL_MISREAD or LABEL_EMPTY.
        """
        wanted = as_stored(code)
        product = self._store.read(lambda book: _product(book, wanted))
        if product is None:
            raise Refusal(RefusalCode.PRODUCT_UNKNOWN, code=wanted[:64])
        return product

    def products(self, text: str, limit: int) -> Sequence[Product]:
        """Return up to `limit` products that match the words of `text`."""
        return self._store.read(lambda book: book.catalogue.search(as_stored(text), limit))

    def categories(self, limit: int) -> Sequence[str]:
        """Return up to `limit` categories that have products, by name."""
        return self._store.read(lambda book: book.catalogue.categories(limit))

    def shelf(self, category: str, limit: int) -> Sequence[Product]:
        """Return up to `limit` products of a category; with an empty one those that sell most often of late."""
        return self._store.read(lambda book: book.catalogue.shelf(category, limit))

    def customers(self, text: str, limit: int) -> Sequence[Customer]:
        """Return up to `limit` known customers whose name, phone or card contains `text`."""
        return self._store.read(lambda book: book.customers.search(as_stored(text), limit))

    def customer_here(self, text: str) -> Customer | None:
        """Return the customer with this card code or phone number as this counter knows one, or None."""
        return self._store.read(lambda book: _known(book, text))

    def customer(self, text: str) -> Customer:
        """Return a customer by card code or phone, fresh from the central store when it answers; waits for it.

        A card nobody knows is returned as a new customer, who can earn by it. Raises Refusal(CUSTOMER_UNKNOWN) for a
        phone number nobody has, Refusal(CARD_MALFORMED) for text that is neither.
        """
        here = self.customer_here(text)
        card = here.card if here else card_code(text)
        try:
            fresh = self._ask(card, text)
        except CentralUnavailableError:
            fresh = None
        except Refusal as refusal:
            if refusal.code is not RefusalCode.CUSTOMER_UNKNOWN:
                raise
            fresh = None
        if fresh is not None:
            return self._keep(fresh)
        if here is None and is_phone(text):
            raise Refusal(RefusalCode.CUSTOMER_UNKNOWN)
        return here or Customer(new_card_code(text))

    def by_phone(self, phone: str) -> Customer:
        """Return the customer with this phone number, as the central store says.

        Raises Refusal(CUSTOMER_UNKNOWN) and CentralUnavailableError.
        """
        return self._keep(self._central.customer(CustomerRequest(phone=phone_digits(phone))))

    def _ask(self, card: str, text: str) -> CustomerReply:
        try:
            return self._central.customer(CustomerRequest(card=card))
        except Refusal as refusal:
            if refusal.code is not RefusalCode.CUSTOMER_UNKNOWN or not _looks_like_phone(text):
                raise
        return self._central.customer(CustomerRequest(phone=phone_digits(text)))

    def _keep(self, reply: CustomerReply) -> Customer:
        """Remember the points of a customer this counter knows; other vendors' customers are only shown."""
        customer = customer_of(reply)
        self._store.write(lambda book: _refresh(book, customer))
        return customer


def _product(book: Book, code: str) -> Product | None:
    found = book.catalogue.find(code)
    if found is not None:
        return found
    try:
        read = read_barcode(code)
    except Refusal:
        return None
    product = next(filter(None, map(book.catalogue.find, read.forms)), None)
    return product or _labelled(book, read.gtin)


def _labelled(book: Book, gtin: str) -> Product | None:
    """Return the piece with this label of a scale; a customer's card is none, whatever it begins with."""
    if not gtin.startswith(_SHOPS_OWN) or book.customers.by_card(gtin) is not None:
        return None
    label = read_label(gtin, preferences_in(book).scale_labels)
    product = label and next(filter(None, map(book.catalogue.find, label.names)), None)
    return label.of(product) if label and product else None


def customer_of(reply: CustomerReply) -> Customer:
    """Return the counter's view of a customer the central store described."""
    points = Points(reply.available + reply.held)
    return Customer(reply.card, reply.name, reply.phone, reply.email, points, reply.as_of, reply.blocked)


def _known(book: Book, text: str) -> Customer | None:
    known = book.customers.by_card(as_stored(text))
    if known is None and _looks_like_phone(text):
        return book.customers.by_phone(phone_digits(text))
    return known


def _refresh(book: Book, customer: Customer) -> None:
    if book.customers.by_card(customer.card) is not None:
        book.customers.put(customer)


def _looks_like_phone(text: str) -> bool:
    allowed = all(c.isdigit() or c in "+-() ./" for c in text.strip())
    return allowed and len(phone_digits(text)) >= _FEWEST_PHONE_DIGITS

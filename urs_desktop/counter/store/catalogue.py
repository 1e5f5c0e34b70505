"""Products, customers and policies of the counter, in SQL.

Searching and ranking happen in SQLite, never in Python. Must never decide a rule.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects.sqlite import insert

from urs_desktop.counter.store import schema
from urs_desktop.counter.store.search import SHORTEST, quoted
from urs_desktop.counter.values import Customer, Product
from urs_desktop.domain.currency import Currency, currency
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.pricing import TaxRate
from urs_desktop.domain.text import national_digits
from urs_desktop.protocol.tombstones import mark

_WORD = re.compile(r"\w+", re.UNICODE)

_p = schema.products.c
_PRODUCT = select(
    _p.sku, _p.description, _p.price, _p.scale, _p.barcode, _p.category, _p.hlc, _p.tax_rate, _p.tax_included
)
_TWO: sa.ColumnElement[int] = sa.literal_column(
    "2", sa.Integer()
)  # not as a parameter: binding it costs as much as SQLite's part of the look-up
_BY_CODE = _PRODUCT.where(or_(_p.sku == bindparam("code"), _p.barcode == bindparam("code")))
_HAS_SKU = select(_p.product_id).where(_p.sku == bindparam("code"))
_BY_FOLDED = _PRODUCT.where(_p.sku_folded == bindparam("code")).limit(_TWO)
_SEARCH = _PRODUCT.where(
    _p.product_id.in_(
        sa.text("SELECT rowid FROM products_search WHERE products_search MATCH :words LIMIT :limit").bindparams(
            bindparam("words", type_=sa.Text()), bindparam("limit", type_=sa.Integer())
        )
    )
).order_by(_p.description, _p.sku)
_CATEGORIES = select(_p.category).where(_p.category != "").distinct().order_by(_p.category).limit(bindparam("limit"))
_OF_CATEGORY = (
    _PRODUCT.where(_p.category == bindparam("of_category")).order_by(_p.description, _p.sku).limit(bindparam("limit"))
)
_line = schema.sale_lines.c
OF_LATE: Final = 2000
"""What sells is looked for among so many newest receipts, however many there are."""

_SOLD = (
    select(_line.sku, sa.func.count().label("times"))
    .where(_line.receipt > select(sa.func.max(schema.sales.c.receipt) - OF_LATE).scalar_subquery())
    .group_by(_line.sku)
    .order_by(sa.text("times DESC"), _line.sku)
    .limit(bindparam("limit"))
    .subquery()
)
_BEST = _PRODUCT.join(_SOLD, _SOLD.c.sku == _p.sku).order_by(_SOLD.c.times.desc(), _p.sku)
_FIRST = _PRODUCT.order_by(_p.product_id).limit(bindparam("limit"))
_new_product = insert(schema.products)
_PUT_PRODUCT = _new_product.on_conflict_do_update(
    index_elements=["sku"],
    set_={
        name: _new_product.excluded[name]
        for name in ("description", "price", "scale", "barcode", "category", "hlc", "tax_rate", "tax_included")
    },
    where=_new_product.excluded.hlc >= _p.hlc,
)
_COUNT_PRODUCTS = select(sa.func.count()).select_from(schema.products)

_c = schema.customers.c
_CUSTOMER = select(_c.card, _c.name, _c.phone, _c.email, _c.available, _c.as_of, _c.blocked)
_BY_CARD = _CUSTOMER.where(_c.card == bindparam("card"))
_BY_PHONE = _CUSTOMER.where(_c.phone == bindparam("phone")).limit(_TWO)
_BY_NATIONAL_PHONE = _CUSTOMER.where(
    _c.phone.like(bindparam("like", type_=sa.Text())),
    _c.customer_id.in_(
        sa.text("SELECT rowid FROM customers_search WHERE customers_search MATCH :digits").bindparams(
            bindparam("digits", type_=sa.Text())
        )
    ),
).limit(_TWO)
_LIMIT = bindparam("limit", type_=sa.Integer())
_LIKE = bindparam("like", type_=sa.Text())
_PARTS = sa.text("SELECT rowid FROM customers_search WHERE customers_search MATCH :part LIMIT :limit").bindparams(
    bindparam("part", type_=sa.Text()), _LIMIT
)
_SEARCH_CUSTOMERS = _CUSTOMER.where(_c.customer_id.in_(_PARTS)).order_by(_c.name, _c.card)
_SHORT_PARTS = (
    select(_c.customer_id)
    .where(
        or_(
            _c.card.like(_LIKE, escape="\\"),
            _c.name.like(_LIKE, escape="\\"),
            _c.phone.like(_LIKE, escape="\\"),
            _c.email.like(_LIKE, escape="\\"),
        )
    )
    .limit(_LIMIT)
)
_SEARCH_SHORT = _CUSTOMER.where(_c.customer_id.in_(_SHORT_PARTS)).order_by(_c.name, _c.card)
_PUT_CUSTOMER = insert(schema.customers)
_REPLACE_CUSTOMER = _PUT_CUSTOMER.on_conflict_do_update(
    index_elements=["card"],
    set_={name: _PUT_CUSTOMER.excluded[name] for name in ("name", "phone", "email", "available", "as_of", "blocked")},
)
_FORGET_CUSTOMER = sa.delete(schema.customers).where(_c.mark == bindparam("gone"))

_OVERDRAWN = select(_c.card).where(_c.available < 0).order_by(_c.card)

_POLICIES = select(*(schema.policies.c[name] for name in RewardPolicy.__slots__), schema.policies.c.digest)
_PUT_POLICY = insert(schema.policies).on_conflict_do_nothing()


class SqlCatalogue:
    """The products, as counter.ports.Catalogue."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def find(self, code: str) -> Product | None:
        """Return the product with this SKU or barcode; else the only one whose SKU differs in case; else None."""
        if not code:
            return None
        found = self._matching(_BY_CODE, code)
        if len(found) > 1:
            found = [row for row in found if row.sku == code]
        found = found or self._matching(_BY_FOLDED, code.casefold())
        return _product(self._connection, found[0]) if len(found) == 1 else None

    def _matching(self, statement: sa.Select[Any], code: str) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        return self._connection.execute(statement, {"code": code}).all()

    def has(self, sku: str) -> bool:
        """Return whether there is a product with exactly this SKU."""
        return self._connection.execute(_HAS_SKU, {"code": sku}).first() is not None

    def search(self, text: str, limit: int) -> Sequence[Product]:
        """Return up to `limit` products that hold every word of `text` (the beginnings of words count)."""
        words = _WORD.findall(text)
        if not words:
            return ()
        match = " ".join(f'"{word}"*' for word in words)
        rows = self._connection.execute(_SEARCH, {"words": match, "limit": limit})
        return tuple(_product(self._connection, row) for row in rows)

    def categories(self, limit: int) -> Sequence[str]:
        """Return up to `limit` categories that have products, by name."""
        return tuple(self._connection.execute(_CATEGORIES, {"limit": limit}).scalars())

    def shelf(self, category: str, limit: int) -> Sequence[Product]:
        """Return products of a category by description; with an empty one what sold of late, then the first."""
        if category:
            rows = self._connection.execute(_OF_CATEGORY, {"of_category": category, "limit": limit}).all()
            return tuple(_product(self._connection, row) for row in rows)
        rows = [*self._connection.execute(_BEST, {"limit": limit}), *self._connection.execute(_FIRST, {"limit": limit})]
        found = {row.sku: _product(self._connection, row) for row in rows}
        return tuple(found.values())[:limit]

    def put(self, product: Product) -> None:
        """Add the product, or replace it if it is not older than the stored one."""
        self._connection.execute(
            _PUT_PRODUCT,
            {
                "sku": product.sku,
                "sku_folded": product.sku.casefold(),
                "description": product.description,
                "price": product.unit_price.units,
                "scale": product.unit_price.scale,
                "barcode": product.barcode,
                "category": product.category,
                "hlc": product.hlc,
                "tax_rate": product.tax.basis_points,
                "tax_included": int(product.tax.included),
            },
        )

    def count(self) -> int:
        """Return the number of products."""
        return self._connection.execute(_COUNT_PRODUCTS).scalar_one()


def _product(connection: sa.Connection, row: sa.Row[*tuple[Any, ...]]) -> Product:
    sku, description, price, scale, barcode, category, hlc, rate, included = row
    unit_price = UnitPrice(price, scale, own_currency(connection))
    return Product(sku, description, unit_price, barcode, category, hlc, TaxRate(rate, included=bool(included)))


def own_currency(connection: sa.Connection) -> Currency:
    """Return the currency of this counter's prices, read once for each connection."""
    code = connection.info.get("currency")
    if code is None:
        code = connection.execute(select(schema.identity.c.currency)).scalar_one()
        connection.info["currency"] = code
    return currency(code)


class SqlCustomers:
    """The customers, as counter.ports.Customers."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def by_card(self, card: str) -> Customer | None:
        """Return the customer with this card code."""
        row = self._connection.execute(_BY_CARD, {"card": card}).one_or_none()
        return None if row is None else _customer(row)

    def by_phone(self, phone: str) -> Customer | None:
        """Return the customer with this phone number, or None when there is none or not just one."""
        rows = self._connection.execute(_BY_PHONE, {"phone": phone}).all() if phone else []
        national = "" if rows else national_digits(phone)
        if national:
            ends = {"like": f"+%{national}", "digits": f"phone : {quoted(national)}"}
            rows = self._connection.execute(_BY_NATIONAL_PHONE, ends).all()
        return _customer(rows[0]) if len(rows) == 1 else None

    def search(self, text: str, limit: int) -> Sequence[Customer]:
        """Return up to `limit` customers whose name, phone, e-mail or card contains `text`."""
        part = text.strip()
        if len(part) >= SHORTEST:
            rows = self._connection.execute(_SEARCH_CUSTOMERS, {"part": quoted(part), "limit": limit})
        elif part:
            escaped = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            rows = self._connection.execute(_SEARCH_SHORT, {"like": f"%{escaped}%", "limit": limit})
        else:
            return ()
        return tuple(_customer(row) for row in rows)

    def put(self, customer: Customer) -> None:
        """Add or replace the customer; empty fields and an older `as_of` never overwrite what is known."""
        known = self.by_card(customer.card) or Customer(customer.card)
        fresher = customer.as_of is not None and (known.as_of is None or customer.as_of >= known.as_of)
        self._connection.execute(
            _REPLACE_CUSTOMER,
            {
                "card": customer.card,
                "name": customer.name or known.name,
                "phone": customer.phone or known.phone,
                "email": customer.email or known.email,
                "available": customer.available if fresher else known.available,
                "as_of": customer.as_of if fresher else known.as_of,
                "blocked": customer.blocked if fresher else known.blocked,
                "mark": mark(customer.card),
            },
        )

    def forget(self, gone: str) -> None:
        """Remove the customer whose card has this mark, if there is one, with all that is known."""
        self._connection.execute(_FORGET_CUSTOMER, {"gone": gone})

    def overdrawn(self) -> Sequence[str]:
        """Return the cards whose points are said to be below zero."""
        return tuple(self._connection.execute(_OVERDRAWN).scalars())


def _customer(row: sa.Row[*tuple[Any, ...]]) -> Customer:
    card, name, phone, email, available, as_of, blocked = row
    points = None if available is None else Points(available)
    return Customer(card, name, phone, email, points, as_of, bool(blocked))


class SqlPolicies:
    """The reward policies, as counter.ports.Policies."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection
        self._all: tuple[RewardPolicy, ...] | None = None

    def all(self) -> Sequence[RewardPolicy]:
        """Return every version of every policy; read once in a transaction."""
        if self._all is None:
            self._all = tuple(policy for policy, _ in self._stored())
        return self._all

    def _stored(self) -> Iterator[tuple[RewardPolicy, bytes]]:
        for *fields, digest in self._connection.execute(_POLICIES):
            named = dict(zip(RewardPolicy.__slots__, fields, strict=True))
            yield RewardPolicy(**{**named, "category": Category(named["category"])}), digest

    def put(self, policy: RewardPolicy) -> None:
        """Add one version with its digest; one that is there already stays as it is."""
        fields = {name: getattr(policy, name) for name in RewardPolicy.__slots__}
        row = {**fields, "category": policy.category.value, "digest": policy.digest()}
        self._connection.execute(_PUT_POLICY, row)
        self._all = None

    def altered(self) -> Sequence[RewardPolicy]:
        """Return the versions that no longer have the digest with which they were added."""
        return tuple(policy for policy, digest in self._stored() if policy.digest() != digest)

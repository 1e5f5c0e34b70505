"""What a feed item says, read from the tables at the moment it is sent.

A customer whom the vendor's counters may not hold any more is sent as a mark to forget. Must never show name, phone or
e-mail of a customer without consent, nor anything of another vendor's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import visibility
from urs_desktop.central.origin import Counter
from urs_desktop.central.schema import (
    customer_records,
    customer_vendors,
    erasures,
    leases,
    products,
    reward_policies,
    vendors,
    wallets,
)
from urs_desktop.protocol import tombstones
from urs_desktop.protocol.messages import CustomerReply, FeedItem, FeedPolicy, FeedProduct
from urs_desktop.protocol.operations import TaxedItem

_POLICIES = sa.select(reward_policies).where(
    reward_policies.c.policy_id.in_(sa.bindparam("keys", expanding=True)),
    # Its vendor's category of this moment: it may have changed since the counter was read.
    reward_policies.c.category
    == sa.select(vendors.c.category).where(vendors.c.vendor_id == sa.bindparam("vendor_id")).scalar_subquery(),
    reward_policies.c.currency == sa.bindparam("currency"),
)
_PRODUCTS = sa.select(products).where(
    products.c.vendor_id == sa.bindparam("vendor_id"), products.c.sku.in_(sa.bindparam("keys", expanding=True))
)
_CUSTOMERS = (
    sa.select(customer_records, wallets.c.available, wallets.c.held, customer_vendors.c.seen_at)
    .select_from(
        customer_records.join(wallets, wallets.c.customer_id == customer_records.c.customer_id).join(
            customer_vendors, customer_vendors.c.customer_id == customer_records.c.customer_id
        )
    )
    .where(
        customer_vendors.c.vendor_id == sa.bindparam("vendor_id"),
        customer_records.c.customer_id.in_(sa.bindparam("keys", expanding=True)),
    )
)
_RECALLS = sa.select(leases.c.lease_id).where(
    leases.c.lease_id.in_(sa.bindparam("keys", expanding=True)),
    leases.c.device_id == sa.bindparam("device"),
    leases.c.state == sa.literal_column("'open'"),
)
_ERASED = sa.select(erasures.c.customer_id, erasures.c.mark).where(
    erasures.c.customer_id.in_(sa.bindparam("keys", expanding=True))
)
_SEPARATOR: Final = "/"


@dataclass(frozen=True, slots=True)
class Key:
    """Names the thing that changed: `policy` (id/version), `product` (sku), `customer` (id) or `recall` (lease id)."""

    kind: str
    key: str


def policy_key(policy_id: str, version: int) -> str:
    """Return the key of one version of a policy."""
    return f"{policy_id}{_SEPARATOR}{version}"


def contents(connection: sa.Connection, till: Counter, keys: Iterable[Key], now: int) -> dict[Key, FeedItem]:
    """Return what these things are now, as far as this counter may know them."""
    wanted: dict[str, list[str]] = {}
    for key in keys:
        wanted.setdefault(key.kind, []).append(key.key)
    found: dict[Key, FeedItem] = {}
    for kind, names in wanted.items():
        found.update(_LOADERS[kind](connection, till, names, now))
    return found


def customer_reply(
    row: sa.Row[*tuple[object, ...]], now: int, *, whole: bool = True, named: bool = True
) -> CustomerReply:
    """Return what a counter may know of a customer: with consent and if `named` the name, if `whole` the rest too."""
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    agreed = named and values["consent_at"] is not None
    return CustomerReply(
        card=values["card_code"],
        name=values["name"] if agreed else "",
        phone=values["phone"] if agreed and whole else "",
        email=values["email"] if agreed and whole else "",
        available=values["available"],
        as_of=now,
        held=values["held"],
        blocked=values["blocked_at"] is not None,
    )


def _policies(connection: sa.Connection, till: Counter, names: list[str], now: int) -> dict[Key, FeedItem]:
    del now
    ids = sorted({name.rpartition(_SEPARATOR)[0] for name in names})
    rows = connection.execute(_POLICIES, {"keys": ids, "vendor_id": till.vendor_id, "currency": till.vendor.currency})
    return {
        Key("policy", policy_key(row.policy_id, row.version)): FeedItem(
            policy=FeedPolicy(
                policy_id=row.policy_id,
                version=row.version,
                category=row.category,
                vendor_id=row.vendor_id,
                currency=row.currency,
                threshold=row.threshold,
                reward_bp=row.reward_percentage,
                redeemable_bp=row.redeemable_percentage,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                vests_after=row.vests_after,
                expires_after=row.expires_after,
            )
        )
        for row in rows
    }


def _products(connection: sa.Connection, till: Counter, names: list[str], now: int) -> dict[Key, FeedItem]:
    del now
    rows = connection.execute(_PRODUCTS, {"keys": names, "vendor_id": till.vendor_id})
    return {
        Key("product", row.sku): FeedItem(
            product=FeedProduct(
                item=TaxedItem(
                    sku=row.sku,
                    description=row.description,
                    price=row.price,
                    scale=row.scale,
                    barcode=row.barcode,
                    category=row.category,
                    tax_rate=row.tax_rate,
                    tax_included=bool(row.tax_included),
                ),
                hlc=row.hlc,
            )
        )
        for row in rows
    }


def _customers(connection: sa.Connection, till: Counter, names: list[str], now: int) -> dict[Key, FeedItem]:
    since = visibility.seen_since(connection, now)
    rows = connection.execute(_CUSTOMERS, {"keys": names, "vendor_id": till.vendor_id})
    found = {Key("customer", row.customer_id): _customer(row, visibility.shown(row, since), now) for row in rows}
    # A tombstone has no link to a vendor left: that it is in the vendor's stream says that it had one.
    for row in connection.execute(_ERASED, {"keys": names}) if len(found) < len(names) else ():
        found[Key("customer", row.customer_id)] = FeedItem(gone=row.mark)
    return found


def _customer(row: sa.Row[*tuple[Any, ...]], shown: int, now: int) -> FeedItem:
    """Return what a customer is now: whoever may not be held with a name is to be forgotten, blocked or not."""
    if shown == visibility.WHOLE:
        return FeedItem(customer=customer_reply(row, now))
    bare = customer_reply(row, now, named=False) if shown == visibility.CARD_ONLY else None
    return FeedItem(gone=tombstones.mark(row.card_code), customer=bare)


def _recalls(connection: sa.Connection, till: Counter, names: list[str], now: int) -> dict[Key, FeedItem]:
    """Return the leases that are still to come back."""
    del now
    rows = connection.execute(_RECALLS, {"keys": names, "device": till.device_id})
    return {Key("recall", row.lease_id): FeedItem(recall=row.lease_id) for row in rows}


_Loader = Callable[[sa.Connection, Counter, list[str], int], dict[Key, FeedItem]]
_LOADERS: Final[dict[str, _Loader]] = {
    "policy": _policies,
    "product": _products,
    "customer": _customers,
    "recall": _recalls,
}

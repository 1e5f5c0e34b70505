"""Customers from a CSV: good rows are kept, bad ones reported by line and code, all in one transaction.

Who imports names, phones and e-mails answers for the customers' consent to it. Must never guess an encoding or a
column, nor leave half a file behind.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

import sqlalchemy as sa

from urs_desktop.central import customers, erased, feed, locks, merged, vendors
from urs_desktop.central.schema import customer_records, customer_vendors, wallets
from urs_desktop.central.troubles import TroubleError
from urs_desktop.central.upserts import insert_or_move_on
from urs_desktop.central.visibility import HIDDEN
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import card_code, clean_text, phone_digits
from urs_desktop.protocol.tombstones import mark
from urs_desktop.system.ids import Randomness

ROW_MALFORMED: Final = "row_malformed"
"""A row has more cells than the header, or quotes that do not end."""

_COLUMNS: Final = {
    "card": ("cardcode", "card", "code", "customerid", "customercode"),
    "name": ("name", "customername", "fullname"),
    "phone": ("phone", "phonenumber", "telephone", "mobile"),
    "email": ("email", "emailaddress", "mail"),
    "vendor": ("vendor", "vendorid", "vendorname"),
}
"""Header names for each field, in the order in which they are preferred; case, spaces and `_-` do not matter."""

_CHUNK: Final = 500
_MOST_REPORTED: Final = 10_000

_KNOWN = sa.select(customer_records.c.card_code, customer_records.c.customer_id).where(
    customer_records.c.card_code.in_(sa.bindparam("cards", expanding=True))
)
_LINK = insert_or_move_on(customer_vendors, ["customer_id", "vendor_id"], "seen_at", 1)
_UPDATE = (
    sa.update(customer_records)
    .where(customer_records.c.customer_id == sa.bindparam("customer"))
    .values(
        {
            **{
                name: sa.func.coalesce(sa.func.nullif(sa.bindparam(f"new_{name}"), ""), customer_records.c[name])
                for name in ("name", "phone", "email")
            },
            "consent_at": sa.func.coalesce(customer_records.c.consent_at, sa.bindparam("agreed_at")),
        }
    )
)


class FileRefusedError(TroubleError):
    """The file as a whole is not one that can be imported; `str` is one sentence."""


@dataclass(frozen=True, slots=True)
class _Row:
    card: str
    name: str = ""
    phone: str = ""
    email: str = ""
    vendor_ids: tuple[str, ...] = ()

    def after(self, earlier: "_Row") -> "_Row":
        """Return this row on top of an earlier one of the same customer: what it leaves empty stays."""
        return _Row(
            self.card,
            self.name or earlier.name,
            self.phone or earlier.phone,
            self.email or earlier.email,
            (*earlier.vendor_ids, *self.vendor_ids),
        )


@dataclass(slots=True)
class Imported:
    """What became of a file's rows: how many were read, stored, and reported by line with a code."""

    read: int = 0
    stored: int = 0
    added: int = 0
    reported: list[tuple[int, str]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def report(self, line: int, code: str) -> None:
        """Note a row that was not stored; only the first ones by line, all by their code."""
        self.reasons[code] += 1
        if len(self.reported) < _MOST_REPORTED:
            self.reported.append((line, code))


def import_file(connection: sa.Connection, path: Path, now: int, randomness: Randomness) -> Imported:
    """Import a CSV of customers, an upsert by card code; empty cells leave what is known.

    Raises FileRefusedError for a file that is no UTF-8, has nothing in it or no column of card codes, and OSError.
    """
    locks.merges_stand(connection)
    imported, gone = Imported(), erased.marks(connection)
    rows: dict[str, _Row] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in _rows(csv.reader(file, strict=True), _VendorNames(connection), gone, imported):
                rows[row.card] = row.after(rows[row.card]) if row.card in rows else row
                imported.stored += 1
    except UnicodeDecodeError as error:
        raise FileRefusedError(f"{path} is no UTF-8 text; nothing was imported.") from error
    if not imported.read:
        raise FileRefusedError(f"{path} holds no customers; nothing was imported.")
    imported.added = _store(connection, rows, now, randomness)
    return imported


class _Reader(Protocol):
    """The part of csv's reader that is used: it has no public name."""

    line_num: int

    def __next__(self) -> list[str]: ...


class _VendorNames:
    """Finds a vendor by its id or by a name only one vendor has."""

    def __init__(self, connection: sa.Connection) -> None:
        known = vendors.every(connection)
        names = Counter(vendor.name.casefold() for vendor in known)
        self._ids = {vendor.name.casefold(): vendor.vendor_id for vendor in known if names[vendor.name.casefold()] == 1}
        self._ids.update({vendor.vendor_id: vendor.vendor_id for vendor in known})

    def find(self, text: str) -> tuple[str, ...]:
        """Return the vendor's id, nothing for empty text; raises Refusal(VENDOR_UNKNOWN)."""
        wanted = text.strip()
        if not wanted:
            return ()
        try:
            return (self._ids[wanted.casefold()],)
        except KeyError:
            raise Refusal(RefusalCode.VENDOR_UNKNOWN, vendor=wanted[:80]) from None


def _rows(reader: _Reader, names: _VendorNames, gone: frozenset[str], imported: Imported) -> Iterator[_Row]:
    header = _next(reader)
    if not header:
        return
    columns = _columns(header)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            imported.read += 1
            imported.report(reader.line_num, ROW_MALFORMED)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        imported.read += 1
        try:
            row = _row(cells, len(header), columns, names)
            if gone and mark(row.card) in gone:
                raise Refusal(RefusalCode.CUSTOMER_ERASED)  # noqa: TRY301 - reported as any other row that will not do
            yield row
        except Refusal as refusal:
            imported.report(reader.line_num, refusal.code)
        except csv.Error:
            imported.report(reader.line_num, ROW_MALFORMED)


def _next(reader: _Reader) -> list[str]:
    try:
        return next(reader)
    except StopIteration:
        return []
    except csv.Error as error:
        raise FileRefusedError(f"The header cannot be read ({error}); nothing was imported.") from error


def _columns(header: list[str]) -> dict[str, int]:
    plain = ["".join(c for c in name.casefold() if c not in " _-\t") for name in header]
    found = {
        wanted: next((plain.index(name) for name in names if name in plain), -1) for wanted, names in _COLUMNS.items()
    }
    if found["card"] < 0:
        raise FileRefusedError(
            "The header names no column of card codes (code, card, card_code or CustomerID); nothing was imported."
        )
    return {name: place for name, place in found.items() if place >= 0}


def _row(cells: list[str], width: int, columns: dict[str, int], names: _VendorNames) -> _Row:
    if len(cells) > width:
        raise csv.Error("too many cells")
    values = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
    return _Row(
        card=card_code(values["card"]),
        name=clean_text(values.get("name", "")),
        phone=phone_digits(clean_text(values.get("phone", ""))),
        email=clean_text(values.get("email", "")),
        vendor_ids=names.find(values.get("vendor", "")),
    )


def _store(connection: sa.Connection, rows: dict[str, _Row], now: int, randomness: Randomness) -> int:
    """Store rows by their card and return how many customers are new.

    The whole file is read before, so that counters' pushes meet it only here, and all locks are taken in their order.
    """
    locks.new_customers(connection)
    found: dict[str, str] = {}
    for cards in _chunks(rows):
        known = connection.execute(_KNOWN, {"cards": cards})
        found.update({row.card_code: merged.end(connection, row.customer_id) for row in known})
    for customers_of_chunk in _chunks(sorted(found.values())):
        locks.wallets_of(connection, customers_of_chunk)
    ids = {card: found.get(card) or customers.new_id(now, randomness) for card in rows}
    for cards in _chunks(rows):
        _insert(connection, [(ids[card], rows[card]) for card in cards if card not in found], now)
        _update(connection, [(ids[card], rows[card]) for card in cards if card in found], now)
        links = [
            {"customer_id": ids[card], "vendor_id": vendor_id, "since": now, "seen_at": now, "shown": HIDDEN}
            for card in cards
            for vendor_id in rows[card].vendor_ids
        ]
        if links:
            connection.execute(_LINK, links)
    for customers_of_chunk in _chunks(sorted(ids.values())):
        feed.mark_customers(connection, customers_of_chunk)
    return len(rows) - len(found)


def _chunks(items: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(items)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _insert(connection: sa.Connection, fresh: list[tuple[str, _Row]], now: int) -> None:
    if not fresh:
        return
    records = [
        {
            "customer_id": customer_id,
            "card_code": row.card,
            "name": row.name,
            "phone": row.phone,
            "email": row.email,
            "consent_at": _agreed(row, now),
            "person": None,
            "created_at": now,
        }
        for customer_id, row in fresh
    ]
    connection.execute(sa.insert(customer_records), records)
    connection.execute(
        sa.insert(wallets), [{"customer_id": customer_id, **customers.EMPTY_WALLET} for customer_id, _ in fresh]
    )


def _update(connection: sa.Connection, known: list[tuple[str, _Row]], now: int) -> None:
    changes = [
        {
            "customer": customer_id,
            "new_name": row.name,
            "new_phone": row.phone,
            "new_email": row.email,
            "agreed_at": _agreed(row, now),
        }
        for customer_id, row in known
    ]
    if changes:
        connection.execute(_UPDATE, changes)


def _agreed(row: _Row, now: int) -> int | None:
    return now if row.name or row.phone or row.email else None

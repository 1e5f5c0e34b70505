"""Reading a journal: a CSV of what another till sold, grouped into receipts, every row accounted for.

The whole file is read and checked before anything is stored. Must never drop a row silently: a row is sold, returned or
reported with a code.
"""

import calendar
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from urs_desktop.domain.basket import LineItem, parse_quantity
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import parse_unit_price
from urs_desktop.domain.points import NO_POINTS, Points, parse_points
from urs_desktop.domain.refusals import Refusal
from urs_desktop.domain.text import MAX_CODE, card_code, clean_text, product_code

COLUMNS: Final = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")
POINTS_COLUMN: Final = "Points"

_MOST_BYTES: Final = 2 * 1024**3
_DATE_FORMATS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %H:%M")
_MS: Final = 1000


class FileRefusedError(Exception):
    """The file as a whole is not what it should be; `str` is one sentence, and nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A row of goods that came back: `quantity` >= 1 pieces at `happened_at` (milliseconds), of a customer or nobody.

    What they are worth says the purchase they come from, so the row's own price counts for nothing.
    """

    sku: str
    quantity: int
    happened_at: int
    customer: str | None


@dataclass(slots=True)
class Invoice:
    """One receipt of a journal: the lines that are sold, the rows that came back, the codes of the others.

    `customer` and `happened_at` are those of the lines.
    """

    number: str
    customer: str | None = None
    happened_at: int = 0
    points: Points = NO_POINTS
    points_malformed: bool = False
    lines: list[LineItem] = field(default_factory=list)
    returns: list[ReturnedRow] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as read: its name, its number of rows and its receipts in the order of their first rows."""

    name: str
    rows: int
    invoices: Sequence[Invoice]


def read_text(path: Path) -> str:
    """Return the text of a .csv or .csv.gz in UTF-8; raises FileRefusedError with the line that is not UTF-8."""
    try:
        with path.open("rb") as raw:
            data = raw.read(_MOST_BYTES)
        if path.suffix == ".gz":
            data = gzip.decompress(data)
    except OSError as error:
        message = f"{path.name} cannot be read ({error.strerror or error}); nothing was taken from it."
        raise FileRefusedError(message) from error
    except (EOFError, zlib.error) as error:
        message = f"{path.name} is no complete gzip file; nothing was taken from it."
        raise FileRefusedError(message) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = (
            f"{path.name} is not UTF-8 text (line {line}); nothing was taken from it. Save it as UTF-8 and try again."
        )
        raise FileRefusedError(message) from error


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV that must have `columns`; raises FileRefusedError for any other header or no rows."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=False)
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            message = (
                f"{path.name} has no column {', '.join(missing)}; nothing was taken from it. "
                f"Its first line must name the columns {', '.join(columns)}."
            )
            raise FileRefusedError(message)
        found, blank = False, dict.fromkeys(header, "")
        for cells in reader:
            if cells:
                found = True
                yield {**blank, **dict(zip(header, cells, strict=False))}
    except csv.Error as error:
        message = f"{path.name} is no CSV (line {reader.line_num}: {error}); nothing was taken from it."
        raise FileRefusedError(message) from error
    if not found:
        message = f"{path.name} holds no rows; nothing was taken from it."
        raise FileRefusedError(message)


def read_journal(path: Path, currency: Currency) -> Journal:
    """Read a whole journal in the counter's currency; raises FileRefusedError."""
    invoices: dict[str, Invoice] = {}
    digests: dict[str, hashlib._Hash] = {}
    rows = 0
    for row in read_rows(path, COLUMNS):
        rows += 1
        number = _cell(row, "InvoiceNo")
        invoice = invoices.setdefault(number, Invoice(number))
        digest = digests.setdefault(number, hashlib.sha256())
        digest.update("\x1f".join(_cell(row, name) for name in (*COLUMNS, POINTS_COLUMN)).encode() + b"\x1e")
        code = _take_row(invoice, row, currency)
        if code is not None:
            invoice.reported.append(code)
    for number, invoice in invoices.items():
        invoice.digest = digests[number].hexdigest()
    name = _journal_name(path)
    return Journal(name, rows, tuple(invoices.values()))


def _journal_name(path: Path) -> str:
    """Return the name that is part of every receipt's key; raises FileRefusedError for one that cannot be stored."""
    try:
        return clean_text(path.name.removesuffix(".gz").removesuffix(".csv"), MAX_CODE)
    except Refusal as refusal:
        raise FileRefusedError(
            f"The name of this journal cannot be stored (at most {MAX_CODE} characters of text); nothing was taken "
            "from it. Rename the file and try again."
        ) from refusal


def _cell(row: dict[str, str], name: str) -> str:
    return row.get(name, "").strip()


def _take_row(invoice: Invoice, row: dict[str, str], currency: Currency) -> str | None:
    """Add a sold or returned row to its invoice, or return the code by which it is reported."""
    try:
        number = clean_text(invoice.number, 64)
        quantity = parse_quantity(_cell(row, "Quantity"))
        price = parse_unit_price(_cell(row, "UnitPrice"), currency)
        happened_at = _milliseconds(_cell(row, "InvoiceDate"))
        if not number:
            return "invoice_missing"
        if happened_at is None:
            return "date_malformed"
        is_return = quantity < 0 and (number.upper().startswith("C") or price.units > 0)
        unsold = None if is_return else _unsold(quantity, price.units)
        if unsold is not None:
            return unsold
        customer = card_code(_cell(row, "CustomerID")) if _cell(row, "CustomerID") else None
        sku, description = product_code(_cell(row, "StockCode")), clean_text(_cell(row, "Description"))
        if is_return:
            invoice.returns.append(ReturnedRow(sku, -quantity, happened_at, customer))
            return None
        line = LineItem(sku, description, quantity, price)
        _ = line.total  # refuses a line beyond any amount
    except Refusal as refusal:
        return refusal.code.value
    if not invoice.lines:
        invoice.happened_at = happened_at
    invoice.lines.append(line)
    invoice.customer = invoice.customer or customer
    _want_points(invoice, _cell(row, POINTS_COLUMN))
    return None


def _want_points(invoice: Invoice, text: str) -> None:
    """Note the points the customer wants to pay with; text that is no number keeps no row from being sold."""
    try:
        invoice.points = Points(max(invoice.points, parse_points(text or "0")))
    except Refusal:
        invoice.points_malformed = True


def _unsold(quantity: int, price: int) -> str | None:
    """Return why a well-formed row that is no return is no sale: a stock movement or an article that costs nothing."""
    if quantity == 0:
        return "quantity_zero"
    if quantity < 0:
        return "stock_movement"
    if price == 0:
        return "price_zero"
    return "price_negative" if price < 0 else None


@lru_cache(maxsize=1024)  # the rows of a receipt have one time, and strptime is slow
def _milliseconds(text: str) -> int | None:
    """Return a journal's time as milliseconds since the epoch, taken as UTC, or None."""
    for form in _DATE_FORMATS:
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return calendar.timegm(moment.timetuple()) * _MS
    return None

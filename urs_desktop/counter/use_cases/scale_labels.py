"""What the label of a scale says: the article, and what this piece costs or weighs, in one barcode of the shop's own.

Such codes begin with 02 or 20 to 29; how their digits are shared out is agreed in each shop, so it is a setting, one
pattern for each kind of label. Must never read a code that no pattern of the counter fits.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from urs_desktop.counter.values import Product
from urs_desktop.domain import rounding
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import MAX_TEXT
from urs_desktop.later import later

if TYPE_CHECKING:
    from biip import checksums
else:
    checksums = later("biip.checksums")

LENGTH: Final = 13
"""A label's code has so many digits; a UPC-A has one less and a nought before them."""

_PATTERN: Final = re.compile(r"(?P<prefix>02|2[0-9])(?P<item>I{4,6})(?P<inner>V?)(?P<value>P{4,5}|W{4,5})C")
_PRICE: Final = "P"
_GRAMS_OF_A_KILOGRAM: Final = 1000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says: `code` as it was scanned, `price` in minor units or `grams`, the other is None.

    `names` are the ways in which the article may be kept, the surest first: the first is the code whose value is
    nought, under which a new article is kept.
    """

    code: str
    names: tuple[str, ...]
    price: int | None = None
    grams: int | None = None

    def of(self, product: Product) -> Product:
        """Return the piece with this label: the product at the label's price, or at its price for the weight.

        Raises Refusal(LABEL_EMPTY) for a label without price and weight.
        """
        if not (self.price or self.grams):
            raise Refusal(RefusalCode.LABEL_EMPTY, code=self.code, name=product.description)
        each = product.unit_price
        currency = each.currency
        if self.grams is None:
            return replace(product, unit_price=UnitPrice(self.price or 0, currency.digits, currency))
        minor = rounding.half_up(each.units * self.grams * 10**currency.digits, 10**each.scale * _GRAMS_OF_A_KILOGRAM)
        weight = f" {self.grams // _GRAMS_OF_A_KILOGRAM}.{self.grams % _GRAMS_OF_A_KILOGRAM:03} kg"
        described = product.description[: MAX_TEXT - len(weight)] + weight
        return replace(product, description=described, unit_price=UnitPrice(minor, currency.digits, currency))


def check_pattern(pattern: str) -> None:
    """Refuse what is no pattern of a label; raises Refusal(LABEL_PATTERN_MALFORMED)."""
    if len(pattern) != LENGTH or _PATTERN.fullmatch(pattern) is None:
        raise Refusal(RefusalCode.LABEL_PATTERN_MALFORMED, text=pattern[:40])


def read_label(code: str, patterns: Iterable[str]) -> Label | None:
    """Return what a code says by the first of the patterns that fits; None where none does.

    `code` is a GTIN whose check digit is right, of 12 or 13 digits. Raises Refusal(LABEL_MISREAD) where the check digit
    of the price or weight is wrong.
    """
    whole = code.zfill(LENGTH)
    if len(whole) != LENGTH:
        return None
    for pattern in patterns:
        form = _PATTERN.fullmatch(pattern)
        if form is None or len(pattern) != LENGTH:
            _log.warning("no pattern of a label: %r", pattern)
        elif whole.startswith(form["prefix"]):
            return _read(whole, form)
    return None


def _read(code: str, form: re.Match[str]) -> Label:
    prefix, item, value = (code[slice(*form.span(part))] for part in ("prefix", "item", "value"))
    inner = code[slice(*form.span("inner"))]
    if inner and inner != str(checksums.gs1_price_weight_check_digit(value)):
        raise Refusal(RefusalCode.LABEL_MISREAD, code=code)
    empty = (prefix + item).ljust(LENGTH - 1, "0")
    stored = f"{empty}{checksums.gs1_standard_check_digit(empty)}"
    as_upc = [stored[1:]] if stored.startswith("0") else []
    short = item.lstrip("0")  # the scale fills up a number such as 4011
    names = (stored, *as_upc, f"{empty}0", prefix + item, item, *([short] if short else []))
    figure = int(value)
    is_price = form["value"].startswith(_PRICE)
    return Label(
        code, tuple(dict.fromkeys(names)), price=figure if is_price else None, grams=None if is_price else figure
    )

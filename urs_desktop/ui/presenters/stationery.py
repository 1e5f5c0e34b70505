"""Receipts, reports and the test page as sheets of paper, in the words and the order of a language's template.

Must never know a printer, nor how wide the paper is.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from babel import UnknownLocaleError

from urs_desktop.counter.paper.document import Block, Code, Document, Row, Rule, Side
from urs_desktop.counter.use_cases.printing import AnyReceipt, Look
from urs_desktop.counter.use_cases.receipts import Receipt, RefundReceipt
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.receipt_sheets import RefundSheet, SaleSheet, Sheet
from urs_desktop.ui.presenters.templates import Template, alphabets, template


@cache
def _formats(language: str) -> Formats:
    try:
        return Formats(language)
    except (UnknownLocaleError, ValueError):
        return Formats("en_GB")


class PaperStationery:
    """Makes sheets, as counter.use_cases.printing.Stationery."""

    def receipt(self, receipt: AnyReceipt, look: Look) -> Document:
        """Return the receipt of a sale or refund."""
        words, formats = template(look.language), _formats(look.language)
        sheet: Sheet[Receipt] | Sheet[RefundReceipt]
        if isinstance(receipt, Receipt):
            sheet, order = SaleSheet(words, formats, look, receipt), words.sale
        else:
            sheet, order = RefundSheet(words, formats, look, receipt), words.refund
        return Document(tuple(block for name in order for block in sheet.block(name)), words.mirrored)

    def report(self, title: str, lines: Sequence[tuple[str, str]], look: Look) -> Document:
        """Return a report of labels and figures; a pair of empty texts is a line across the paper."""
        words = template(look.language)
        head = (*_head(look), Row(title, side=Side.MIDDLE, bold=True), *_where(words, _formats(look.language), look))
        body = tuple(Row(label, figure) if label or figure else Rule() for label, figure in lines)
        return Document((*head, Rule(), *body, Rule()), words.mirrored)

    def card(self, code: str, name: str, look: Look) -> Document:
        """Return a customer's card."""
        words = template(look.language)
        named = (Row(plain(name), side=Side.MIDDLE, bold=True),) if plain(name) else ()
        title = Row(words.words["card_code"], side=Side.MIDDLE)
        blocks = (*_head(look), title, Rule(), *named, Code(code), Row(code, side=Side.MIDDLE, bold=True), Rule())
        return Document(blocks, words.mirrored)

    def test_page(self, look: Look) -> Document:
        """Return a page that shows whether the printer prints everything a receipt may need."""
        words = template(look.language)
        named = words.words
        blocks: tuple[Block, ...] = (
            *_head(look),
            Row(named["test"], side=Side.MIDDLE, bold=True),
            *_where(words, _formats(look.language), look),
            Rule(),
            Row(named["test_words"]),
            Rule(),
            *(Row(letters, f"{number}.00") for number, letters in enumerate(alphabets(), 1)),
            Row(named["total"], "10.00", bold=True, large=True),
            Rule(),
            Code(f"{look.identity.number}-000000"),
        )
        return Document(blocks, words.mirrored)


def _head(look: Look) -> Iterator[Block]:
    yield Row(look.identity.vendor_name, side=Side.MIDDLE, bold=True, large=True)
    if look.identity.location:
        yield Row(look.identity.location, side=Side.MIDDLE)


def _where(words: Template, formats: Formats, look: Look) -> Iterator[Block]:
    yield Row(words.words["counter"], str(look.identity.number))
    yield Row(words.words["report"], formats.moment(look.now))

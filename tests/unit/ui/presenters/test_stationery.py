"""What receipts say: every figure of the sale or refund, in the words of the language, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as changed

from tests.builders import GBP, make_identity
from tests.fakes.shop import NOON
from urs_desktop.counter.paper.document import Code, Document, Row, Side
from urs_desktop.counter.paper.layout import Line, lay_out
from urs_desktop.counter.use_cases.printing import Look
from urs_desktop.counter.use_cases.receipts import Adjustment, PointsMoved, Receipt, RefundReceipt
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import Points
from urs_desktop.protocol.operations import (
    PaidTender,
    PricedLine,
    PricedSaleBody,
    RefundBody,
    RefundLine,
    SaleBody,
    SaleLine,
    SaleTender,
)
from urs_desktop.system.resources import resource
from urs_desktop.ui.presenters import receipt_sheets
from urs_desktop.ui.presenters.stationery import PaperStationery
from urs_desktop.ui.presenters.templates import BLOCKS, WORDS, TemplateError, template

LANGUAGES = sorted(path.stem for path in resource("receipts").glob("*.toml"))
COLUMNS = 56
RULE = "-" * COLUMNS
LOOK = Look("en_GB", NOON + 60_000, make_identity())

BODY = SaleBody(
    hlc=1,
    recorded_at=NOON,
    receipt=12,
    happened_at=NOON,
    currency="GBP",
    total=2755,
    points_paid=0,
    earned=137,
    lines=(SaleLine("LANTERN", "Hanging lantern", 2, 125, 1, 2500, 125), SaleLine("MUG", "", 1, 255, 2, 255, 12)),
    tenders=(SaleTender("cash", 2755, 3000),),
    card="C-1001",
    policy=None,
    spends=(),
    engine=1,
)
RECEIPT = Receipt(
    number="1-000012",
    sale=BODY,
    vendor_name="Lindqvist & Daughters",
    location="Harbour Street 4",
    currency=GBP,
    total=Money(2755, GBP),
    change=Money(245, GBP),
    balance=Points(1240),
    as_of=NOON - 3_600_000,
)
PRICED = PricedSaleBody(
    **{
        **{name: getattr(BODY, name) for name in SaleBody.__struct_fields__},
        "total": 2310,
        "lines": (
            PricedLine("TEA", "Green tea", 3, 400, 2, 1080, 5, 120, 180, 2000, True, 450, 2, "last day"),
            PricedLine("BOOK", "A book", 1, 1000, 2, 1080, 5, 0, 80, 800, False),
            PricedLine("BAG", "Bag", 1, 150, 2, 150, 0),
        ),
        "tenders": (PaidTender("points", 500, 500), PaidTender("card", 1808, 1808, "AUTH 0042")),
        "points_paid": 500,
        "rounding": -2,
    }
)
REFUND = RefundReceipt(
    number="1-000013",
    refund=RefundBody(
        hlc=2,
        recorded_at=NOON,
        receipt=13,
        happened_at=NOON,
        currency="GBP",
        sale="ab" * 16,
        total=2500,
        cash_back=2000,
        points_back=500,
        clawed=125,
        lines=(RefundLine(1, "LANTERN", "Hanging lantern", 2, 2500),),
        tenders=(SaleTender("points", 500, 500), SaleTender("cash", 2000, 2000)),
        card="C-1001",
        policy=None,
        engine=1,
    ),
    sale_number="1-000012",
    vendor_name="Lindqvist & Daughters",
    location="",
    currency=GBP,
    total=Money(2500, GBP),
    cash_back=Money(2000, GBP),
    balance=None,
    as_of=None,
)


def lines(document: Document, columns: int = COLUMNS) -> list[str]:
    laid = [each.text() for each in lay_out(document, columns) if isinstance(each, Line)]
    return [" ".join(line.split()) for line in laid if line.strip()]


def receipt(of: Receipt | RefundReceipt = RECEIPT, look: Look = LOOK) -> list[str]:
    return lines(PaperStationery().receipt(of, look))


class TestSale:
    def test_it_says_everything_in_order(self) -> None:
        said = receipt(look=replace(LOOK, customer="Maria"))
        assert said == [
            *("Lindqvist & Daughters", "Harbour Street 4", "Receipt", "Number 1-000012", said[4]),
            *("Customer Maria", "Card C-1001", RULE),
            *("Hanging lantern 25.00", "2 \u00d7 12.50", "MUG 2.55", RULE),
            *("TOTAL \u00a327.55", "Cash 30.00", "Change 2.45", RULE),
            *("Points earned +137", "Balance before these points 1,240", said[18]),
            *("Thank you for your purchase", "Show this code to return goods"),
        ]
        assert said[4].startswith("Date ")
        assert said[18].startswith("as of ")

    def test_its_code_is_its_number(self) -> None:
        assert [each for each in PaperStationery().receipt(RECEIPT, LOOK).blocks if isinstance(each, Code)] == [
            Code("1-000012")
        ]

    def test_discounts_taxes_references_and_rounding(self) -> None:
        said = receipt(replace(RECEIPT, sale=PRICED, total=Money(2310, GBP), change=Money(0, GBP)))
        start, end = said.index(RULE), said.index("Points used -500")
        assert said[start + 1 : end - 1] == [
            *("Green tea 12.00", "3 \u00d7 4.00", "instead of 4.50", "Discount -1.20", "A book 10.00", "Bag 1.50"),
            *(RULE, "Subtotal 22.30", "Tax 8 % on 10.00 0.80", "TOTAL \u00a323.10"),
            *("Paid with points 5.00", "Card payment 18.08", "Reference AUTH 0042", "Rounding -0.02"),
            "Tax 20 % in 10.80 1.80",
        ]

    def test_the_balance_is_no_longer_without_these_points(self) -> None:
        assert "Points balance 1,240" in receipt(replace(RECEIPT, as_of=NOON + 1))

    def test_an_unknown_balance_is_said_to_be_unknown(self) -> None:
        assert "The balance is not known here at the moment." in receipt(replace(RECEIPT, balance=None, as_of=None))

    def test_without_a_customer_nothing_is_said_of_points(self) -> None:
        assert not [line for line in receipt(replace(RECEIPT, sale=changed(BODY, card=None))) if "oint" in line]

    def test_a_copy_says_so_and_when(self) -> None:
        said = receipt(look=replace(LOOK, is_copy=True))
        assert said[0] == "* COPY *"
        assert said[1].startswith("Copy printed ")
        assert "* COPY *" not in receipt()

    def test_what_was_posted_otherwise_is_told(self) -> None:
        adjusted = Adjustment("1-000012", False, PointsMoved(137), PointsMoved(100), 0, "policy")
        earlier = Adjustment("1-000007", False, PointsMoved(5), PointsMoved(5), 30, "late")
        back = Adjustment("1-000009", True, PointsMoved(0, 50, 5), PointsMoved(0, 40, 4), 0, "policy")
        said = " ".join(receipt(replace(RECEIPT, adjusted=adjusted, notes=(earlier, back))))
        assert "Receipt 1-000012 promised 137 points; 100 were posted." in said
        assert "Receipt 1-000007: the shop pays for 30 points." in said
        assert "Refund 1-000009: 40 points given back and 4 taken back." in said

    def test_an_unknown_tender_keeps_its_name(self) -> None:
        voucher = changed(BODY, tenders=(SaleTender("voucher", 2755, 2755),))
        assert "voucher 27.55" in receipt(replace(RECEIPT, sale=voucher))


class TestRefund:
    def test_it_says_everything(self) -> None:
        said = receipt(REFUND)
        assert said == [
            *(
                "Lindqvist & Daughters",
                "Refund",
                "Number 1-000013",
                said[3],
                "For receipt 1-000012",
                "Card C-1001",
                RULE,
            ),
            *("Hanging lantern 25.00", "2 \u00d7", RULE, "REFUNDED \u00a325.00"),
            *("Paid with points 5.00", "Cash 20.00", RULE),
            *("Points given back +500", "Points taken back -125", "The balance is not known here at the moment."),
        ]

    def test_cash_is_rounded_to_the_smallest_coin(self) -> None:
        tenders = (SaleTender("cash", 2498, 2500),)
        said = receipt(replace(REFUND, refund=changed(REFUND.refund, tenders=tenders)))
        assert said[said.index("Cash 25.00") + 1] == "Rounding 0.02"

    def test_without_a_receipt(self) -> None:
        bare = replace(REFUND, refund=changed(REFUND.refund, sale=None), sale_number="")
        assert "Without a receipt" in receipt(bare)


@pytest.mark.parametrize("language", LANGUAGES)
class TestLanguages:
    def test_every_sheet_can_be_made(self, language: str) -> None:
        look = replace(LOOK, language=language, is_copy=True, customer="Maria")
        stationery = PaperStationery()
        for sheet in (
            stationery.receipt(replace(RECEIPT, sale=PRICED), look),
            stationery.receipt(REFUND, look),
            stationery.report("Z 3", [("A", "1"), ("", "")], look),
            stationery.test_page(look),
        ):
            said = "".join(lines(sheet))
            assert "{" not in said
            assert "1-0000" in said or "Z 3" in said or len(said) > 100

    def test_the_language_runs_as_it_is_written(self, language: str) -> None:
        assert PaperStationery().receipt(RECEIPT, replace(LOOK, language=language)).mirrored is (language == "ar")

    def test_its_figures_are_in_the_words(self, language: str) -> None:
        english, words = template("en").words, template(language).words
        for name in WORDS:
            placeholders = {part.partition("}")[0] for part in english[name].split("{")[1:]}
            assert placeholders == {part.partition("}")[0] for part in words[name].split("{")[1:]}, name

    def test_no_word_is_left_in_english(self, language: str) -> None:
        if language != "en":
            same = [name for name in WORDS if template(language).words[name] == template("en").words[name]]
            assert len(same) <= 3, same


def test_there_are_the_languages_of_the_screens() -> None:
    assert {"ar", "en", "es", "fr", "hi"} <= set(LANGUAGES)


def test_every_block_is_on_some_sheet() -> None:
    for block in BLOCKS:
        assert hasattr(receipt_sheets.SaleSheet, block) or hasattr(receipt_sheets.RefundSheet, block), block


@pytest.mark.parametrize("language", ["tlh", "", "../en", "en_XX", "12"])
def test_a_language_nobody_wrote_is_printed_in_english(language: str) -> None:
    title = PaperStationery().receipt(RECEIPT, replace(LOOK, language=language)).blocks[2]
    assert title == Row("Receipt", side=Side.MIDDLE)


def test_a_file_that_lacks_a_word_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "xx.toml"
    path.write_text(resource("receipts", "en.toml").read_text(encoding="utf-8").replace('change = "Change"\n', ""))
    monkeypatch.setattr("urs_desktop.ui.presenters.templates.resource", lambda *_: path)
    template.cache_clear()
    with pytest.raises(TemplateError, match="change"):
        template("xx")
    template.cache_clear()

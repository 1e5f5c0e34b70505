"""Every code of the central store has words, and every adjusted receipt its sentence."""

import pytest

from urs_desktop.central import ingest, refunds, sales
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.outcome_texts import REASONS, adjustment_text, reason_text
from urs_desktop.ui.presenters.sell_state import AdjustmentView

OF_SALES = {value for name, value in vars(sales).items() if name.isupper() and isinstance(value, str)} - {"adjusted"}
OF_REFUNDS = {value for name, value in vars(refunds).items() if name.isupper() and isinstance(value, str)} - {
    "adjusted"
}
PARKING = {ingest.KIND_UNKNOWN, ingest.BODY_MALFORMED, ingest.BODY_TOO_LARGE, ingest.CONSTRAINT, ingest.INTERNAL}

REFUND = (
    "Receipt 3-000013, a refund, promised 10 points given back and 26 taken back; 0 and 0 were posted: "
    "the sale it refunds is another shop's."
)


def test_there_is_something_to_test() -> None:
    assert {"points_differ", "points_late", "spends_inconsistent"} < OF_SALES
    assert {"sale_unknown", "refund_differs"} < OF_REFUNDS


@pytest.mark.parametrize("code", sorted(OF_SALES | OF_REFUNDS | PARKING))
def test_every_code_of_the_central_store_has_words_of_its_own(code: str) -> None:
    assert code in REASONS


@pytest.mark.parametrize("code", sorted({*REASONS, *RefusalCode, "from_the_future"}))
def test_a_reason_is_the_end_of_a_sentence(code: str) -> None:
    said = reason_text(code)
    assert said[0].islower()
    assert said[-1] in ".…!?"
    assert "{" not in said


def test_a_code_newer_than_this_program_is_shown() -> None:
    assert reason_text("from_the_future\n") == "the central store gave the reason “from_the_future”."


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (
            AdjustmentView("3-000012", "points_differ", "40", "35"),
            f"Receipt 3-000012 promised 40 points; 35 were posted: {REASONS['points_differ']}",
        ),
        (
            AdjustmentView("3-000012", "points_late", "40", "40", late="300"),
            "Receipt 3-000012: this shop pays for 300 points: points it was paid with were no longer set aside for it.",
        ),
        (
            AdjustmentView("3-000012", "lines_inconsistent", "40", "40"),
            "Receipt 3-000012: its points are as promised, but its lines do not add up to its total.",
        ),
        (
            AdjustmentView("3-000013", "sale_of_other_vendor", "10", "0", "", True, "26", "0"),
            REFUND,
        ),
    ],
)
def test_an_adjusted_receipt_in_a_sentence(view: AdjustmentView, text: str) -> None:
    assert adjustment_text(view) == text

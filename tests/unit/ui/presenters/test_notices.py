"""Failures sorted into what they ask of the cashier."""

import sqlite3

import pytest

from urs_desktop.counter.ports import CentralDistrustedError, CentralUnavailableError
from urs_desktop.domain.currency import currency
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.notices import NoticeCode, Severity, of_error, trouble_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(28, "No space left on device"), NoticeCode.DISK_FULL),
        (OSError(5, "Input/output error"), NoticeCode.DISK_TROUBLE),
        (sqlite3.OperationalError("database or disk is full"), NoticeCode.DISK_FULL),
        (sqlite3.DatabaseError("database disk image is malformed"), NoticeCode.DATABASE_TROUBLE),
        (CentralUnavailableError("no route"), NoticeCode.CENTRAL_UNAVAILABLE),
        (CentralDistrustedError("another certificate"), NoticeCode.CENTRAL_DISTRUSTED),
        (KeyError("x"), NoticeCode.BUG),
    ],
)
def test_troubles(error: Exception, code: NoticeCode) -> None:
    assert trouble_of(error) is code


def test_figures_of_a_refusal_are_formatted() -> None:
    said = of_error(Refusal(RefusalCode.PAYMENT_SHORT, missing=123456), Formats("en_GB"), currency("GBP"))
    assert said.values == (("missing", "£1,234.56"),)
    assert said.severity is Severity.WARNING
    said = of_error(Refusal(RefusalCode.POINTS_OVER_CAP, points=5000, cap=10), Formats("en_GB"), currency("GBP"))
    assert said.values == (("points", "5,000"), ("cap", "10"))


def test_foreign_text_in_a_refusal_is_one_line() -> None:
    said = of_error(Refusal(RefusalCode.AMOUNT_MALFORMED, text="a\nb\u202e"), Formats("en_GB"), currency("GBP"))
    assert said.values == (("text", "a b"),)

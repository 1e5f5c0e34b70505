"""Labels of scales: price or weight in the barcode, the article found however it is kept, misread ones refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.shop import Shop, open_shop
from tests.unit.counter.test_barcodes import with_check_digit
from urs_desktop.counter.use_cases.preferences import SCALE_LABELS
from urs_desktop.counter.use_cases.scale_labels import check_pattern, read_label
from urs_desktop.counter.values import Customer
from urs_desktop.domain.basket import LineItem
from urs_desktop.domain.money import parse_unit_price
from urs_desktop.domain.refusals import Refusal, RefusalCode

INNER = ("21IIIIVPPPPPC", "02IIIIIVPPPPC")


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def label(digits: str) -> str:
    return with_check_digit(digits)


def sold(shop: Shop, code: str) -> tuple[str, str, int]:
    """Return what one piece with this code is, and costs in the smallest coin."""
    product = shop.till.lookup.product(code)
    line = LineItem(product.sku, product.description, 1, product.unit_price)
    return product.sku, product.description, line.total.minor


def refused(shop: Shop, code: str) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        shop.till.lookup.product(code)
    return caught.value.code


@pytest.mark.parametrize("kept", ["12345", "2112345", "2112345000000", label("211234500000")])
@pytest.mark.parametrize("as_barcode", [False, True])
def test_the_article_is_found_however_it_is_kept(shop: Shop, kept: str, *, as_barcode: bool) -> None:
    sku = "CHEESE" if as_barcode else kept
    shop.stock(sku, "Cheese", "15.00", kept if as_barcode else "")
    assert sold(shop, label("211234501250")) == (sku, "Cheese", 1250)


def test_a_short_number_is_filled_up_by_the_scale(shop: Shop) -> None:
    shop.stock("4011", "Bananas", "1.49")
    assert sold(shop, label("230401100852")) == ("4011", "Bananas 0.852 kg", 127), "1.26948 is rounded once"


def test_a_weight_is_sold_at_the_price_of_a_kilogram(shop: Shop) -> None:
    shop.stock("12345", "Apples", "3.20")
    assert sold(shop, label("231234501250")) == ("12345", "Apples 1.250 kg", 400)


@pytest.mark.parametrize("code", [label("20123450125"), "0" + label("20123450125"), "00" + label("20123450125")])
def test_a_upc_that_begins_with_two_is_one_that_begins_with_02(shop: Shop, code: str) -> None:
    shop.prefer(scale_labels=("02IIIIIPPPPPC",))
    shop.stock("01234", "Ham", "9.99")
    assert sold(shop, code) == ("01234", "Ham", 50125)


def test_the_very_code_goes_before_a_pattern(shop: Shop) -> None:
    shop.stock("12345", "Cheese", "15.00")
    shop.stock("KEYRING", "Key ring", "2.00", label("211234501250"))
    assert sold(shop, label("211234501250")) == ("KEYRING", "Key ring", 200)


def test_a_customers_card_is_no_label(shop: Shop) -> None:
    shop.stock("12345", "Cheese", "15.00")
    shop.know(Customer(label("211234501250"), "Ada"))
    assert refused(shop, label("211234501250")) is RefusalCode.PRODUCT_UNKNOWN


def test_no_pattern_no_label(shop: Shop) -> None:
    shop.stock("12345", "Cheese", "15.00")
    assert refused(shop, label("291234501250")) is RefusalCode.PRODUCT_UNKNOWN
    shop.prefer(scale_labels=())
    assert refused(shop, label("211234501250")) is RefusalCode.PRODUCT_UNKNOWN


def test_a_label_without_price_sells_nothing(shop: Shop) -> None:
    shop.stock("12345", "Cheese", "15.00")
    for code in (label("211234500000"), label("231234500000")):
        assert refused(shop, code) is RefusalCode.LABEL_EMPTY


def test_the_check_digit_of_the_price(shop: Shop) -> None:
    """The examples of the general specifications, 7.9.3 and 7.9.4."""
    shop.prefer(scale_labels=INNER)
    shop.stock("1234", "Cheese", "15.00")
    shop.stock("12345", "Ham", "15.00")
    assert sold(shop, label("211234614685"))[2] == 14685
    assert sold(shop, label("021234592875"))[2] == 2875
    assert refused(shop, label("211234714685")) is RefusalCode.LABEL_MISREAD
    assert refused(shop, label("021234582875")) is RefusalCode.LABEL_MISREAD


def test_yen_have_no_decimals() -> None:
    yen = open_shop(code="JPY")
    yen.stock("12345", "Tuna", "3000")
    assert sold(yen, label("211234501250")) == ("12345", "Tuna", 1250)
    assert sold(yen, label("231234500333")) == ("12345", "Tuna 0.333 kg", 999)


def test_an_unknown_label_is_added_as_its_article(shop: Shop) -> None:
    price = parse_unit_price("4", shop.till.identity.currency)
    piece = shop.till.stocking.add(label("231234501500"), "Pears", price)
    assert (piece.description, piece.unit_price.times(1).minor) == ("Pears 1.500 kg", 600)
    assert sold(shop, label("231234500500")) == (label("231234500000"), "Pears 0.500 kg", 200)


@given(st.sampled_from(SCALE_LABELS), st.integers(0, 99_999), st.integers(0, 99_999))
def test_what_was_printed_is_read(pattern: str, item: int, value: int) -> None:
    code = label(f"{pattern[:2]}{item:05}{value:05}")
    read = read_label(code, SCALE_LABELS)
    assert read is not None
    assert (read.price, read.grams) == ((None, value) if "W" in pattern else (value, None))
    assert f"{item:05}" in read.names
    assert read.names[0] == label(f"{pattern[:2]}{item:05}00000")
    assert "" not in read.names


@pytest.mark.parametrize("pattern", SCALE_LABELS + INNER)
def test_patterns(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "21IIIIIPPPPPCC",
        "21IIIIIPPPPC",
        "31IIIIIPPPPPC",
        "21IIIIIPPWWWC",
        "21PPPPPIIIIIC",
        "\u0662\u0661IIIIIPPPPPC",
    ],
)
def test_what_is_no_pattern_is_refused_and_never_read(pattern: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_pattern(pattern)
    assert caught.value.code is RefusalCode.LABEL_PATTERN_MALFORMED
    assert read_label(label("211234501250"), (pattern,)) is None

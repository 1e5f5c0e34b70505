"""Importing a catalogue: good rows stored with the operation that carries them, bad ones named.

Must never store a product that no operation carries.
"""

from pathlib import Path

import pytest

from tests.builders import GBP, Counter, make_counter
from tests.unit.counter.faults import PowerCutError, content, counted, cut_at
from urs_desktop.counter.store.book import SqlStore
from urs_desktop.counter.use_cases.catalogue import Imported, import_products
from urs_desktop.counter.use_cases.journal import FileRefusedError
from urs_desktop.counter.values import Product
from urs_desktop.domain.money import MAX_PRICE_UNITS, UnitPrice
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import MAX_BODY_BYTES, ProductsBody


@pytest.fixture
def counter() -> Counter:
    return make_counter()


def imported(counter: Counter, folder: Path, *rows: str, header: str = "sku,description,price") -> Imported:
    path = folder / "products.csv"
    path.write_text("\n".join([header, *rows, ""]), "utf-8", newline="")
    result = import_products(counter.store, counter.recorder, path)
    assert result.rows == result.stored + len(result.reported)
    return result


def found(counter: Counter, sku: str) -> Product:
    product = counter.read(lambda book: book.catalogue.find(sku))
    assert product is not None
    return product


def carried(counter: Counter) -> list[str]:
    """Return the SKUs that operations carry to the central store."""
    bodies = [decode_body(o.kind, o.schema, o.body) for o in counter.operations()]
    return [item.sku for body in bodies if isinstance(body, ProductsBody) for item in body.items]


def test_good_rows_are_stored_and_carried(counter: Counter, tmp_path: Path) -> None:
    result = imported(counter, tmp_path, "A,Apple,0.333", " B , Bread ,2")
    assert (result.rows, result.stored, result.reported) == (2, 2, [])
    assert carried(counter) == ["A", "B"]
    assert found(counter, "A").unit_price == UnitPrice(333, 3, GBP)
    assert found(counter, "B").description == "Bread"
    assert [product.sku for product in counter.read(lambda book: book.catalogue.search("bre", 5))] == ["B"]


def test_columns_by_their_names_whatever_their_case_and_order(counter: Counter, tmp_path: Path) -> None:
    header = "UnitPrice,GTIN,StockCode,Name,Department,Colour"
    imported(counter, tmp_path, "1.00,4006381333931,PEN,Pencil,Office,red", header=header)
    pencil = found(counter, "4006381333931")
    assert (pencil.sku, pencil.description, pencil.barcode, pencil.category) == (
        "PEN",
        "Pencil",
        "4006381333931",
        "Office",
    )


def test_bad_rows_are_named_and_the_good_ones_stored(counter: Counter, tmp_path: Path) -> None:
    result = imported(
        counter,
        tmp_path,
        "A,Apple,1.00",
        'B,Bread,"1,50"',
        ",nothing,1",
        "C,Cheese,-1",
        "D,Dear,99999999999999",
        "E,Exact,9007199.254740991",
        "F",
        "G,Beyond,9007199.254740992",
        f"{'x' * 65},Long,1",
    )
    assert result.reported == [
        (2, "price_malformed"),
        (3, "text_malformed"),
        (4, "price_out_of_range"),
        (5, "price_out_of_range"),
        (7, "price_malformed"),
        (8, "price_out_of_range"),
        (9, "text_malformed"),
    ]
    assert result.reasons == {"price_malformed": 2, "price_out_of_range": 3, "text_malformed": 2}
    assert carried(counter) == ["A", "E"]
    assert found(counter, "E").unit_price.units == MAX_PRICE_UNITS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no rows"),
        ("sku,description,price\n", "no rows"),
        ("sku,description\nA,Apple\n", "no column price"),
        ("A,Apple,1.00\n", "no rows"),
        ("a;b;c\nA;Apple;1\n", "no column sku, description, price"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_whole(counter: Counter, tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "products.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(FileRefusedError, match=reason):
        import_products(counter.store, counter.recorder, path)
    assert counter.operations() == []


def test_a_file_with_bytes_that_are_no_utf_8_stores_nothing(counter: Counter, tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes(b"sku,description,price\nA,Apple,1\nB,Br\xf6tchen,1\n")
    with pytest.raises(FileRefusedError, match="line 3"):
        import_products(counter.store, counter.recorder, path)
    assert counter.operations() == []


def test_the_last_row_of_a_code_counts_and_a_second_import_replaces(counter: Counter, tmp_path: Path) -> None:
    assert imported(counter, tmp_path, "A,Apple,1", "a,small,1", "A,Apple,2").stored == 3
    assert carried(counter) == ["A", "a"]
    assert found(counter, "A").unit_price == UnitPrice(2, 0, GBP)
    counter.clock.advance(-1_000_000)
    imported(counter, tmp_path, "A,Pear,3")
    assert found(counter, "A").description == "Pear"


def test_the_longest_texts_fit_into_operations(counter: Counter, tmp_path: Path) -> None:
    wide = "\U0001f642"
    price = "9007199.254740991"
    rows = [f"{n:03d}{wide * 61},{n:03d}{wide * 497},{price},{wide * 64},{wide * 64}" for n in range(250)]
    result = imported(counter, tmp_path, *rows, header="sku,description,price,barcode,category")
    assert (result.stored, len(carried(counter))) == (250, 250)
    largest = max(len(operation.body) for operation in counter.operations())
    assert MAX_BODY_BYTES // 2 < largest <= MAX_BODY_BYTES


def test_a_crash_leaves_no_product_without_its_operation(tmp_path: Path) -> None:
    rows = [f"S{n},Thing {n},1.00" for n in range(1200)]
    whole = make_counter()
    assert isinstance(whole.store, SqlStore)
    with counted(whole.store) as statements:
        imported(whole, tmp_path, *rows)
    for number in range(5, len(statements), 157):
        counter = make_counter()
        assert isinstance(counter.store, SqlStore)
        with pytest.raises(PowerCutError), cut_at(counter.store, number):
            imported(counter, tmp_path, *rows)
        stored = {product[1] for product in content(counter.store)["products"]} - {"MUG"}
        assert stored == set(carried(counter))
        imported(counter, tmp_path, *rows)
        assert counter.read(lambda book: book.catalogue.count()) == 1201

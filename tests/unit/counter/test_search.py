"""The full-text index of customers on the disk: what is forgotten is gone from it, and points change nothing in it."""

from urs_desktop.counter.store.book import SqlStore, store_in_memory
from urs_desktop.counter.values import Customer
from urs_desktop.domain.points import Points
from urs_desktop.protocol.tombstones import mark


def index_of(store: SqlStore) -> bytes:
    """Return all that the index keeps."""
    with store.database.read() as connection:
        return b"".join(connection.exec_driver_sql("SELECT block FROM customers_search_data ORDER BY id").scalars())


def test_no_part_of_a_forgotten_customer_is_left_in_the_index() -> None:
    store = store_in_memory()
    store.write(lambda book: book.customers.put(Customer("C-1", "Maria Lindqvist")))
    store.write(lambda book: book.customers.put(Customer("C-2", "Zyxw")))
    assert b"qvi" in index_of(store)
    store.write(lambda book: book.customers.forget(mark("C-2")))
    assert b"yxw" not in index_of(store)
    store.write(lambda book: book.customers.put(Customer("C-1", "Maria Berg")))
    assert b"qvi" not in index_of(store)
    store.close()


def test_new_points_leave_the_index_as_it_is() -> None:
    store = store_in_memory()
    store.write(lambda book: book.customers.put(Customer("C-1", "Maria Lindqvist", "+4670123", "m@example.com")))
    before = index_of(store)
    store.write(lambda book: book.customers.put(Customer("C-1", available=Points(5), as_of=1)))
    assert index_of(store) == before
    store.close()


def test_the_index_fits_its_table_after_anything() -> None:
    """SQLite compares the two itself, and refuses when they differ."""
    store = store_in_memory()
    for number in range(20):
        customer = Customer(f"C-{number % 7}", f"Name {number}", phone=f"+46{number:09}")
        store.write(lambda book, customer=customer: book.customers.put(customer))  # type: ignore[misc]
        store.write(lambda book, number=number: book.customers.forget(mark(f"C-{number % 3}")))  # type: ignore[misc]
    with store.database.write() as connection:
        connection.exec_driver_sql("INSERT INTO customers_search(customers_search, rank) VALUES ('integrity-check', 1)")
    store.close()

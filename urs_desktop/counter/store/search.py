"""The full-text indexes of the counter's store: words of products, any part of what is known of customers.

An index holds no text of its own, so triggers keep it in step with its table. Must never keep a word of a customer who
was forgotten: that index overwrites what it deletes.
"""

from typing import Final

INDEXES: Final = (
    """
CREATE VIRTUAL TABLE products_search USING fts5(
    sku, description, content='products', content_rowid='product_id',
    tokenize='unicode61 remove_diacritics 2', prefix='2 3')
""",
    """
CREATE VIRTUAL TABLE customers_search USING fts5(
    card, name, phone, email, content='customers', content_rowid='customer_id', tokenize='trigram')
""",
)

SETTINGS: Final = ("INSERT INTO customers_search(customers_search, rank) VALUES ('secure-delete', 1)",)
"""What an index is told once, when it is made."""

SHORTEST: Final = 3
"""The index of customers knows parts of so many characters, and none that are shorter."""

TRIGGERS: Final = (
    """
CREATE TRIGGER products_search_insert AFTER INSERT ON products BEGIN
    INSERT INTO products_search(rowid, sku, description) VALUES (new.product_id, new.sku, new.description);
END
""",
    """
CREATE TRIGGER products_search_update AFTER UPDATE OF sku, description ON products BEGIN
    INSERT INTO products_search(products_search, rowid, sku, description)
    VALUES ('delete', old.product_id, old.sku, old.description);
    INSERT INTO products_search(rowid, sku, description) VALUES (new.product_id, new.sku, new.description);
END
""",
    """
CREATE TRIGGER customers_search_insert AFTER INSERT ON customers BEGIN
    INSERT INTO customers_search(rowid, card, name, phone, email)
    VALUES (new.customer_id, new.card, new.name, new.phone, new.email);
END
""",
    """
CREATE TRIGGER customers_search_update AFTER UPDATE OF card, name, phone, email ON customers
WHEN (old.card, old.name, old.phone, old.email) IS NOT (new.card, new.name, new.phone, new.email) BEGIN
    INSERT INTO customers_search(customers_search, rowid, card, name, phone, email)
    VALUES ('delete', old.customer_id, old.card, old.name, old.phone, old.email);
    INSERT INTO customers_search(rowid, card, name, phone, email)
    VALUES (new.customer_id, new.card, new.name, new.phone, new.email);
END
""",
    """
CREATE TRIGGER customers_search_delete AFTER DELETE ON customers BEGIN
    INSERT INTO customers_search(customers_search, rowid, card, name, phone, email)
    VALUES ('delete', old.customer_id, old.card, old.name, old.phone, old.email);
END
""",
)
"""What keeps the indexes in step with their tables; points change often, and change no index."""


def quoted(text: str) -> str:
    """Return a text as one phrase of a full-text query: no sign of it means anything."""
    return '"' + text.replace('"', '""').replace("\0", "") + '"'

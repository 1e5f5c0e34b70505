"""What a counter does for its cashier: ring up, redeem, look up, keep the catalogue, replay a journal.

Speaks to the outside through counter.ports alone; must never name SQL, HTTP or Qt.
"""

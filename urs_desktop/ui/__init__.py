"""The counter's screens; the only package that imports Qt.

Must never touch SQL, HTTP or the store: it sees use cases and ports alone.
"""

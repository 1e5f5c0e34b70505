"""The till without its screens: what a cashier can do, what it stores, and how it syncs.

Must never import the central store or Qt.
"""

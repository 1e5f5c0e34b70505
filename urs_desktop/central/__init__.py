"""The central store: the points ledger all vendors share, served over HTTPS.

Must never import the counter, Qt, pyqtgraph or keyring.
"""

"""A counter without its central store for a week of virtual time: thousands of sales, then one sync.

Stores are files, use cases, sync and ingest the ones that ship; only clock and wire are the tests'. Must never wait for
time to pass.
"""

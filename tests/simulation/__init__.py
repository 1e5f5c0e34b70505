"""The simulator: counters and a central store in one process, with a virtual clock and a hostile network.

Runs the sync, ingest and lease code that ships, not a model of it. Must never depend on the wall clock or on one stream
of random numbers: every choice is drawn from the seed and the identity of what it is about.
"""

"""Several real parts together in one process: store, sync, central store, loopback sockets.

Must never leave the machine.
"""

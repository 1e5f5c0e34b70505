"""Messages, operations, chain and signatures, proved on bytes.

Must never open a socket or a store.
"""

"""Each module by itself, in folders that mirror the package.

Must never need a socket, a display or a clock.
"""

"""The counter's use cases, store, sync and secrets, each at the lowest layer that can show a fault.

Must never speak to anything but loopback.
"""

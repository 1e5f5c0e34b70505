"""Every released schema, frozen, opened and upgraded for ever.

A frozen database must never be changed once it is released.
"""

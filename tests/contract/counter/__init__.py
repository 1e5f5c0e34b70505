"""What every store of the counter promises.

Must never know which store it runs against.
"""

"""The cashier's sell screen: widgets that render the presenter's state and hand it what is pressed.

Must never decide, reckon, or read themselves back to learn what is so.
"""

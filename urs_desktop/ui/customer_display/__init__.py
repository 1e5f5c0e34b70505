"""The customer's screen: a second window that shows the sale to whom it concerns, and asks for their consent.

Must never take the focus or a key from the cashier's window, nor show what its presenter's state does not hold.
"""

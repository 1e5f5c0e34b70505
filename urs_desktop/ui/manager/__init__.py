"""The manager's screens: what was sold, in charts and tables.

Must never be loaded at the start: pyqtgraph and numpy take their time, and most days begin with selling.
"""

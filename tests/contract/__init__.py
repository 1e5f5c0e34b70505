"""One suite for each port, run against the fake and against every real implementation.

Must never know which of them it runs against.
"""

"""A PostgreSQL server of the tests' own, and databases on it that cost a test next to nothing.

Must never be imported by what is shipped.
"""

"""The SQL kernel, on real encrypted files.

Must never know a table of either program.
"""

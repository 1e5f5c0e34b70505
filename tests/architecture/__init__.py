"""The rules of the code, as tests: sizes, docstrings, directions, banned calls, what may lie in the tree.

Must never test what the programs do, only how they are built.
"""

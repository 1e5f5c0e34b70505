"""Everything the two programs promise, checked. `fakes` and `builders` serve all the other folders.

Must never be imported by the package.
"""

"""The parts of `verify`: what was signed, what was booked, what is stored, and what is shown of it.

Each check recomputes from a lower layer and yields one sentence for each row that does not fit. Must never repair
anything: what is wrong is evidence.
"""

"""What can stop a command and is no refusal of the programme: something about files, keys, ports or wrong terms.

Must never be raised where a counter is answered: counters get codes.
"""


class TroubleError(Exception):
    """Something the person at the machine can mend; `str` is one sentence about it."""

"""How long to wait after failures: doubling from one second to ten minutes, with jitter so that no tills march in step.

A pure function of the number of failures and a random number. Must never wait when a cashier asks.
"""

from typing import Final

FIRST_MS: Final = 1_000
LONGEST_MS: Final = 600_000
_JITTER_STEPS: Final = 256


def delay(failures: int, random_byte: int) -> int:
    """Return the milliseconds to wait after `failures` failures in a row; `random_byte` 0 to 255 sets the jitter.

    The full delay is FIRST_MS doubled per further failure up to LONGEST_MS; the result lies in its upper half.
    """
    if failures <= 0:
        return 0
    full = min(LONGEST_MS, FIRST_MS << min(failures - 1, 20))
    return full // 2 + full // 2 * random_byte // (_JITTER_STEPS - 1)

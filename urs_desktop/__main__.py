"""`python -m urs_desktop` is the counter, as the command `urs-desktop` is.

Must never do anything of its own.
"""

import sys

from urs_desktop.desktop import main

if __name__ == "__main__":
    sys.exit(main())

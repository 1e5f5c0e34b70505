"""`python -m urs_desktop` is the counter, as the command `urs-desktop` is, and this file starts a built one.

Must never do anything of its own.
"""

import sys

from urs_desktop.desktop import main
from urs_desktop.system.programs import keep_libraries_to_itself

if __name__ == "__main__":
    keep_libraries_to_itself()
    sys.exit(main())

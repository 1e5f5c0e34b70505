"""The program's log: one rotating file in the data folder, one line an event, times in UTC.

Must never hold a key, a passphrase or a personal field.
"""

import logging
import logging.handlers
import time
from pathlib import Path

_BYTES = 1_000_000
_FILES = 5


class _OneLine(logging.Formatter):
    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")


def log_to(folder: Path, name: str) -> logging.Handler:
    """Send the log to `folder`/`name`.log and return the handler, for the caller to close; raises OSError."""
    handler = logging.handlers.RotatingFileHandler(
        folder / f"{name}.log", maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(_OneLine("%(asctime)sZ %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler

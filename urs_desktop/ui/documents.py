"""The program's folders among the person's documents, for what somebody saves from a screen.

Must never make a folder: whoever writes into one does.
"""

from pathlib import Path

from PySide6.QtCore import QStandardPaths


def documents(folder: str) -> Path:
    """Return this folder among the person's documents, or in their home where the machine knows no documents."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place or Path.home()) / folder

"""The dashboard's figures as files among the person's documents: a table as CSV, the charts as a picture.

Safe on any thread. Must never leave half a file.
"""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QImage, QImageWriter

from urs_desktop.ui.documents import documents

FOLDER: Final = "URS figures"


def save_text(name: str, text: str, folder: Path | None = None) -> Path:
    """Write a text (UTF-8, with the mark by which spreadsheets know it) and return the file.

    One of the same name is replaced. Raises OSError with nothing written under that name.
    """
    path, unfinished = _places(name, folder)
    unfinished.write_text(text, encoding="utf-8-sig", newline="")
    return unfinished.replace(path)


def save_picture(name: str, picture: QImage, folder: Path | None = None) -> Path:
    """Write a picture as PNG and return the file; as `save_text`."""
    path, unfinished = _places(name, folder)
    if not QImageWriter(str(unfinished), QByteArray(b"png")).write(picture):
        raise OSError(f"cannot write {path}")
    return unfinished.replace(path)


def _places(name: str, folder: Path | None) -> tuple[Path, Path]:
    place = folder or documents(FOLDER)
    place.mkdir(parents=True, exist_ok=True)
    return place / name, place / f"{name}.part"

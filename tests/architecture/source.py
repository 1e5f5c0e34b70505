"""The tree as the rules see it: its files, and its modules already parsed.

Must never need git: the tests also run where there is only an unpacked tree.
"""

import ast
import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "urs_desktop"

# Folders of tools and editors begin with a dot; of those only these are the project's.
OWN_DOT_FOLDERS = frozenset({".ci", ".github"})


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root with forward slashes, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def of(cls, path: str, text: str) -> Self:
        """Parse `text` as the file at `path`."""
        return cls(path, text, ast.parse(text, path))

    @property
    def is_shipped(self) -> bool:
        """Whether it is part of the package, not of its tests or tools."""
        return self.is_under(PACKAGE)

    @property
    def is_migration(self) -> bool:
        """Whether it is a schema step, which is long because a schema is."""
        return "/migrations/" in self.path and self.is_shipped

    def is_under(self, *folders: str) -> bool:
        """Whether the file lies in one of `folders` at any depth."""
        return any(self.path.startswith(f"{folder}/") for folder in folders)


def ignored_names() -> list[str]:
    """Return the patterns of .gitignore, which here are plain names."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return [line.rstrip("/") for line in lines if line and not line.startswith("#")]


def files() -> Iterator[Path]:
    """Yield every file that belongs to the project, as its path from the root."""
    ignored = ignored_names()
    for folder, names, file_names in os.walk(ROOT):
        names[:] = [
            name
            for name in names
            if not any(fnmatch(name, pattern) for pattern in ignored)
            and (not name.startswith(".") or name in OWN_DOT_FOLDERS)
        ]
        for name in file_names:
            if name != ".git" and not any(fnmatch(name, pattern) for pattern in ignored):
                yield (Path(folder) / name).relative_to(ROOT)


@functools.cache
def modules() -> tuple[Module, ...]:
    """Return every Python file of the project, parsed once."""
    paths = sorted(path for path in files() if path.suffix == ".py")
    return tuple(Module.of(path.as_posix(), (ROOT / path).read_text(encoding="utf-8")) for path in paths)

"""A player that makes no sound and remembers what it was given."""

from pathlib import Path


class SilentPlayer:
    """Keeps the names of the files in order."""

    def __init__(self) -> None:
        self.played: list[str] = []
        self.closed = False

    def play(self, sound: Path) -> None:
        assert sound.is_file()
        self.played.append(sound.stem)

    def close(self) -> None:
        self.closed = True
